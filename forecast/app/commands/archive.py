"""`runoff archive`: past two-round races, checked, listed, and put together with one's own."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

    from runoff.data.archive.archive import Archive


def add(words: ArgumentParser) -> None:
    """The words of check, list and add."""
    actions = words.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, what: str) -> ArgumentParser:
        return actions.add_parser(name, help=what, allow_abbrev=False, formatter_class=words.formatter_class)

    check = action("check", "check an archive's tables: every problem at once")
    _add_folder(check)
    _words.add_json(check)
    listed = action("list", "count an archive's races by country and level, or list them")
    _add_folder(listed)
    listed.add_argument(
        "--country", default="", metavar="C", help="races of a country, or of a part: 'Chile (Coquimbo)'"
    )
    listed.add_argument("--level", default="", metavar="L", help="races of a level: national, us_house ...")
    listed.add_argument("--contest", default="", metavar="K", help="open, primary_D, primary_R or nonpartisan")
    listed.add_argument("--election", default="", metavar="ID", help="races of one election")
    listed.add_argument(
        "--before", type=_words.day, metavar="DAY", help="races whose runoff was over when the day began"
    )
    listed.add_argument("--races", action="store_true", help="a row a race")
    _words.add_json(listed)
    more = action("add", "write the shipped archive and folders' races together, as one folder")
    more.add_argument(
        "folders",
        nargs="*",
        type=_words.path,
        metavar="FOLDER",
        help="has races.csv, candidates.csv, perhaps polls.csv",
    )
    more.add_argument(
        "-o", "--out", type=_words.path, required=True, metavar="DIR", help="folder to write, which is new"
    )
    more.add_argument("--csv", action="store_true", help="write CSV, not Parquet")
    more.add_argument("--alone", action="store_true", help="the folders' races without the shipped ones")


def _add_folder(words: ArgumentParser) -> None:
    words.add_argument(
        "folder", nargs="?", type=_words.path, metavar="FOLDER", help="an archive's folder (default: the shipped one)"
    )


def carry_out(options: Namespace) -> int:
    """Check, list or add."""
    if options.action == "add":
        return _add(options)
    from runoff.app.commands import _answers, _archive_page

    if options.action == "check":
        answer = _archive_page.checked(_read(options.folder), options.folder)
    else:
        asked = {name: getattr(options, name) for name in ("country", "level", "contest", "election")}
        archive = chosen(_known(options.folder), asked)
        archive = archive if options.before is None else archive.before(options.before)
        answer = _archive_page.races(archive) if options.races else _archive_page.levels(archive)
    if options.json:
        _answers.print_json(answer.document)
    else:
        _answers.print_page(answer.page)
    return 0


def _read(folder: Path | None) -> Archive:
    """The archive of a folder, or the shipped one, read from its tables and checked."""
    from runoff.data.archive.archive import Archive, shipped_tables

    with shipped_tables() as shipped:
        return Archive.read(shipped if folder is None else folder)


def _known(folder: Path | None) -> Archive:
    """The archive of a folder, checked; the shipped one was, when it was made."""
    from runoff.data.archive.archive import Archive

    return Archive.load() if folder is None else Archive.read(folder)


def chosen(archive: Archive, asked: dict[str, str]) -> Archive:
    """The races that words choose: of country, level, contest and election, '' for any.

    Raises
    ------
    UsageError : a word that no race of the archive has.
    """
    from runoff import names
    from runoff.errors import UsageError, suggestion

    known = {
        "country": {place for race in archive.races for place in (race.country, race.nation)},
        "level": {race.level for race in archive.races},
        "contest": {race.contest for race in archive.races},
        "election": set(archive.elections),
    }
    problems = []
    for name, said in asked.items():
        if said and names.alike(said) not in {names.alike(word) for word in known[name]}:
            few = "one of " + names.listed(sorted(known[name]), 8) if known[name] else "of an archive with races"
            problems.append(f"--{name}: no race has {said!r}\n  fix:  {suggestion(said, known[name]) or few}")
    if problems:
        raise UsageError("\n".join(problems))
    return archive.where(**asked)


def _add(options: Namespace) -> int:
    """Write the archives together, and say where."""
    from functools import reduce

    from runoff.app.commands._answers import note
    from runoff.data.archive.archive import Archive
    from runoff.data.archive.write import write_folder
    from runoff.errors import UsageError, visible

    if options.alone and not options.folders:
        raise UsageError("--alone goes with a FOLDER\n  fix:  name the folder whose races are to stand alone")
    theirs = [Archive.read(folder) for folder in options.folders]
    archive = reduce(Archive.joined, theirs if options.alone else [Archive.load(), *theirs])
    write_folder(archive, options.out, as_csv=options.csv)
    for text in (text for found in theirs for text in found.notes):
        note(text)
    added = sum(len(found.races) for found in theirs)
    print(f"{len(archive.races):,} races, {added:,} of them added; sha256 {archive.sha256}")
    print(f"tables: {visible(str(options.out))}")
    return 0
