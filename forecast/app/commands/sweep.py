"""`runoff sweep`: a run file under many settings, with the same random numbers."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("file", metavar="FILE", help="run file (TOML), of a runoff that is ahead")
    words.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUES",
        help="'rates.blocs.R.turnout.mean=0.7:0.95:0.05': a key of the run file, and low:high:step or values with "
        "commas; several --set make a grid",
    )
    words.add_argument("--trials", type=_words.trials, metavar="N", help="trials a scenario (default: 100,000)")
    words.add_argument("--seed", type=_words.seed, metavar="S")
    words.add_argument("--threads", type=_words.threads, metavar="T")
    _words.add_scheduler(words)
    words.add_argument("--as-of", type=_words.day, metavar="DAY", help="last day whose polls count (over the run file)")
    words.add_argument("--units", action="store_true", help="draw units too, and say which are safe, lean, or decide")
    words.add_argument(
        "--out",
        type=_words.path,
        metavar="DIR",
        help="write the tables into a folder of their own there; a sweep that was ended goes on where it was",
    )
    words.add_argument("--report", type=_words.path, metavar="FILE", help="write it as one HTML page with pictures too")
    _words.add_json(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Draw, print, and write where --out names a place."""
    from runoff.app.commands import _answers, _report_file
    from runoff.app.progress import Bar
    from runoff.app.shards.cluster import at_scheduler
    from runoff.app.sweep.sweep import sweep
    from runoff.errors import visible
    from runoff.phases.settings import Options
    from runoff.runfile.load import load

    if options.report is not None:
        _report_file.look(options.report)
    case = load(_words.source(options.file))
    said = Options(
        trials=options.trials, seed=options.seed, threads=options.threads, as_of=options.as_of, units=options.units
    )
    with at_scheduler(options.scheduler) as executor, Bar(options.file, quiet=options.quiet) as bar:
        found = sweep(case, options.settings, said, out=options.out, progress=bar.progress, executor=executor)
    if options.report is not None:
        _report_file.put(options.report, found.report().html())
    if options.json:
        _answers.print_json(
            found.document() if found.folder is None else {**found.document(), "tables": str(found.folder)}
        )
    elif not options.quiet:
        _answers.print_page(found.page())
        if found.folder is not None:
            print(f"tables: {visible(str(found.folder))}" + ("" if found.drawn else " (stood there already)"))
        if options.report is not None:
            print(f"report: {visible(str(options.report))}")
    return 0
