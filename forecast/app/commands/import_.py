"""`runoff import`: a public format of results, as our tables and a run file that runs."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runoff.data.formats.imported import Asked, Imported
    from runoff.data.formats.written import Days
    from runoff.errors import InputError

FORMATS = ("openelections", "medsl", "clarity", "france")
_OFFICES = {  # words in the names of offices of the United States, the narrowest first
    "state_legislative": ("state house", "state senate", "state senator", "state representative", "state assembly"),
    "us_house": ("u s house", "us house", "u s representative", "us representative", "congress"),
    "statewide": (
        *("u s senate", "us senate", "u s senator", "us senator", "governor", "lieutenant governor"),
        *("attorney general", "secretary of state", "state treasurer", "state superintendent"),
    ),
}
_APART = {"openelections": 28, "medsl": 28, "clarity": 28, "france": 7}  # days between rounds, where nobody says them


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("format", choices=FORMATS, metavar="FORMAT", help="openelections, medsl, clarity or france")
    words.add_argument("files", nargs="+", type=_words.path, metavar="FILE", help="files of one race")
    words.add_argument("-o", "--out", type=_words.path, required=True, metavar="DIR", help="folder to write")
    words.add_argument("--office", default="", metavar="O", help="office or contest, as the files have it")
    words.add_argument("--district", default="", metavar="D", help="district or constituency, as in 6 or 01-3")
    words.add_argument(
        "--where", action="append", default=[], metavar="C=V", help="rows with this value of a column; may be repeated"
    )
    words.add_argument("--first-round", type=_words.day, metavar="DAY", help="day of the first round")
    words.add_argument("--runoff", type=_words.day, metavar="DAY", help="day of the runoff")
    words.add_argument("--name", default="", metavar="TEXT", help="the race's name, as people say it")
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Read, write, and say what was read, what was left out and why."""
    from runoff.app.commands import _answers
    from runoff.data.formats import written
    from runoff.data.formats.imported import Asked

    asked = Asked(options.office, options.district, tuple(_pair(text) for text in options.where))
    found = _reader(options.format)(options.files, asked)
    final, duel = not any(row.status for row in found.rows), len(_people(found)) < 3
    contents = {written.RESULTS: written.results_table(found)}
    roll = written.roll_table(found)
    if roll:
        contents[written.ROLL] = roll
    if final and not duel:
        days = _days(found, options)
        prior = told_of_kind(options.format, found.race, district=bool(options.district))
        contents[written.RUN_FILE] = written.run_file(found, days, options.name, roll=bool(roll), prior=prior)
        if days.guessed:
            found.notes.append(f"the day of the runoff is not in the files: {days.runoff} is written; --runoff says it")
    paths = written.write(options.out, contents)
    wrong = _wrong(options.out / written.RUN_FILE, found) if written.RUN_FILE in contents else None
    if options.json:
        _answers.print_json(_document(found, paths))
    else:
        _print(found, paths, _next(options.out, final, duel))
    if wrong is not None:
        raise wrong
    return 0


def _reader(name: str) -> Callable[[Sequence[Path], Asked], Imported]:
    """The reader of a format."""
    from runoff.data.formats import clarity, france, medsl, openelections

    readers: dict[str, Callable[[Sequence[Path], Asked], Imported]] = {
        "openelections": openelections.read,
        "medsl": medsl.read,
        "clarity": clarity.read,
        "france": france.read,
    }
    return readers[name]


def told_of_kind(of: str, race: str, *, district: bool) -> list[tuple[str, str]]:
    """Country and level of [prior], as far as a format and the race's name say them; past races then speak of its kind.

    district : whether one district was asked for.
    """
    from runoff import names

    if of == "france":  # of a race without constituencies nobody says whether it is a president's or a region's
        return [("country", "France"), *([("level", "national_district")] if district else [])]
    said = f" {names.alike(race)} "
    levels = [level for level, words in _OFFICES.items() if any(f" {word} " in said for word in words)]
    return [("country", "United States"), *([("level", levels[0])] if levels else [])]


def _pair(text: str) -> tuple[str, str]:
    """A column and its value.

    Raises
    ------
    UsageError : without an equals sign.
    """
    from runoff.errors import UsageError

    column, sign, value = text.partition("=")
    if not sign or not column.strip():
        raise UsageError(f"--where {text}: a column and its value\n  fix:  write it as in --where stage=GEN")
    return column.strip(), value.strip()


def _people(found: Imported) -> list[str]:
    """Candidates who are on the ballot paper."""
    from runoff import names

    return [name for name in found.candidates if "write in" not in names.alike(name)]


def _days(found: Imported, options: Namespace) -> Days:
    """The days of the run file.

    Raises
    ------
    UsageError : the first round's is neither said nor in the files, or the runoff's is not after it.
    """
    import datetime as dt

    from runoff.data.formats.written import Days
    from runoff.errors import UsageError

    first = options.first_round or found.day
    if first is None:
        raise UsageError("the files do not say the day of the first round\n  fix:  say it: --first-round 2017-04-18")
    runoff = options.runoff
    if runoff is not None and runoff <= first:
        raise UsageError(f"the runoff, {runoff}, is not after the first round, {first}\n  fix:  mend the days")
    return Days(first, runoff or first + dt.timedelta(_APART[options.format]), runoff is None)


def _wrong(path: Path, found: Imported) -> InputError | None:
    """What is wrong with the run file that was written, or None; its notes join the others."""
    from runoff.errors import InputError
    from runoff.runfile.load import load

    try:
        found.notes += load(path).warnings
    except InputError as error:
        return error
    return None


def _next(folder: Path, final: bool, duel: bool) -> str:
    """What may be called next."""
    from runoff.data.formats.written import RESULTS, RUN_FILE
    from runoff.errors import visible

    if final and not duel:
        return f"next: runoff run {visible(str(folder / RUN_FILE))}"
    why = "two candidates, a runoff" if duel else "not all of it has reported"
    return f"no run file ({why}); a night of it: runoff run RUN.toml --results {visible(str(folder / RESULTS))}"


def _document(found: Imported, paths: Sequence[Path]) -> dict[str, object]:
    return {
        "race": found.race,
        "candidates": len(found.candidates),
        "units": len(found.units),
        "modes": sorted({row.mode for row in found.rows} - {""}),
        "votes": found.total,
        "left_out": {why: rows for why, rows in found.left_out.items() if rows},
        "notes": found.notes,
        "files": [str(path) for path in paths],
    }


def _print(found: Imported, paths: Sequence[Path], then: str) -> None:
    from runoff.app.commands._answers import note
    from runoff.errors import visible

    modes = sorted({row.mode for row in found.rows} - {""})
    by_mode = f", {len(modes)} modes ({', '.join(modes)})" if modes else ""
    said = f"{len(found.candidates)} candidates, {len(found.units):,} units{by_mode}, {found.total:,} votes"
    print(visible(f"{found.race}: {said}" if found.race else said))
    for why, rows in found.left_out.items():
        if rows:
            print(visible(f"left out: {rows:,} {why}"))
    for text in found.notes:
        note(text)
    for path in paths:
        print(f"written: {visible(str(path))}")
    print(then)
