"""`runoff estimate`: where people went between two rounds, from both rounds' tables by unit."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from runoff.app.flows.estimate import Asked


def add(words: ArgumentParser) -> None:
    """The command's words."""
    table = "a row a unit and a column an option, or columns unit, candidate, votes"
    words.add_argument(
        "file", nargs="?", metavar="FILE", help="run file: its first round, and the runoff that [estimate] second names"
    )
    words.add_argument("--first", type=_words.path, metavar="TABLE", help=f"without FILE, the first round: {table}")
    words.add_argument("--second", type=_words.path, metavar="TABLE", help="the second round, likewise")
    words.add_argument("--name", default="", metavar="NAME", help="what the race is called")
    words.add_argument(
        "--weight",
        type=_words.weight,
        metavar="W",
        help="weight of what is known before any result: own voters stay, blocs go home (default: 1, 0 for none)",
    )
    words.add_argument(
        "--draws", type=_words.draws, default=1000, metavar="N", help="draws of the matrix (default: 1,000)"
    )
    words.add_argument("--seed", type=_words.seed, default=1, metavar="S")
    words.add_argument("--threads", type=_words.threads, metavar="T")
    words.add_argument("--units", action="store_true", help="also write each unit's table")
    words.add_argument(
        "--out", type=_words.path, metavar="DIR", help="write the tables into a folder of their own there"
    )
    words.add_argument("--report", type=_words.path, metavar="FILE", help="write the page with its picture as HTML")
    _words.add_json(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Estimate, print, and write where --out and --report name places."""
    from runoff.app.commands import _answers
    from runoff.app.commands._report_file import look, put
    from runoff.app.flows.estimate import flows
    from runoff.errors import visible

    if options.report is not None:
        look(options.report)
    found = flows(_asked(options))
    folder = None if options.out is None else found.save(options.out)
    if options.report is not None:
        put(options.report, found.report().html())
    if options.json:
        _answers.print_json(found.document() if folder is None else {**found.document(), "tables": str(folder)})
    elif not options.quiet:
        _answers.print_page(found.page())
        if folder is not None:
            print(f"tables: {visible(str(folder))}")
        if options.report is not None:
            print(f"report: {visible(str(options.report))}")
    return 0


def _asked(options: Namespace) -> Asked:
    """What the words mean: a run file, or two tables."""
    import os

    from runoff.app.flows.estimate import Asked
    from runoff.errors import UsageError
    from runoff.estimate.ecological.transfers import Settings
    from runoff.model.flows.rounds import first_round
    from runoff.runfile.load import load

    first, second, name, weight = options.first, options.second, options.name, options.weight
    if (options.file is None) == (first is None):
        said = "a run file and --first both" if first is not None else "neither a run file nor --first"
        raise UsageError(
            f"{said} say where the first round stands\n  fix:  runoff estimate --first A.csv --second B.csv"
        )
    if options.file is not None:
        case = load(_words.source(options.file))
        section = case.run_file.estimate
        first, name = first_round(case), name or case.run_file.race.name
        if section is not None:
            second = second or case.folder / section.second
            weight = section.weight if weight is None else weight
    if second is None:
        raise UsageError(
            'where are the second round\'s votes?\n  fix:  add --second TABLE, or [estimate] second = "..."'
        )
    weight = 1.0 if weight is None else weight
    settings = Settings(weight, options.draws, options.seed, options.threads or os.cpu_count() or 1)
    return Asked(first, second, name, settings, options.units)
