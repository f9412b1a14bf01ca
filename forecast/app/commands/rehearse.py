"""`runoff rehearse`: a finished race replayed as nights, scored."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from runoff.race import Tables


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("file", metavar="FILE", help="the race's run file, with first-round results by unit")
    words.add_argument(
        "result", type=_words.path, nargs="?", metavar="RESULT", help="table of the runoff's votes by unit"
    )
    words.add_argument(
        "--counts", type=_words.path, metavar="DIR", help="instead of RESULT: play the counts that `run --counts` kept"
    )
    words.add_argument(
        "--speed", type=_words.seconds, default=1.0, metavar="X", help="with --counts: so many times as fast as then"
    )
    words.add_argument(
        "--history", type=_words.path, metavar="TABLE", help="with --counts: add a row for each run (CSV, Parquet)"
    )
    words.add_argument(
        "--orders",
        metavar="LIST",
        help="random, small, large, first, second (whose strongholds report first), region (default: all)",
    )
    words.add_argument(
        "--counted", metavar="LIST", help="per cent of the votes in; 0: units, total given (default: 0,10,30,60)"
    )
    words.add_argument("--trials", type=_words.trials, metavar="N")
    words.add_argument("--seed", type=_words.seed, metavar="S")
    words.add_argument("--threads", type=_words.threads, metavar="T")
    words.add_argument(
        "--out", type=_words.path, metavar="DIR", help="write the tables into a folder of their own there"
    )
    _words.add_json(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Replay, print, and write where --out names a place."""
    from pathlib import Path

    from runoff.app.progress import Bar
    from runoff.app.rehearse import COUNTED, ORDERS, rehearse
    from runoff.errors import UsageError
    from runoff.runfile.load import load

    if (options.result is None) == (options.counts is None):
        raise UsageError("a rehearsal needs RESULT, or --counts DIR, and not both")
    if options.counts is not None:
        return _played(options)
    orders = (
        ORDERS
        if options.orders is None
        else tuple(part.strip().lower() for part in options.orders.split(",") if part.strip())
    )
    counted = COUNTED if options.counted is None else _shares(options.counted)
    with Bar(options.file, quiet=options.quiet) as bar:
        found = rehearse(
            load(Path(options.file)),
            options.result,
            orders=orders,
            counted=counted,
            trials=options.trials,
            seed=options.seed,
            threads=options.threads,
            progress=bar.progress,
        )
    folder = None if options.out is None else found.save(options.out)
    if options.json or not options.quiet:
        show(found.tables, json=options.json)
    if folder is not None and not options.json and not options.quiet:
        print(f"tables: {folder}")
    return 0


def _played(options: Namespace) -> int:
    """A night's kept counts, played again through `run`."""
    from runoff.app.cli import parser
    from runoff.app.commands import run

    words = ["run", options.file, "--results", str(options.counts), "--speed", str(options.speed)]
    for name in ("trials", "seed", "threads", "out", "history"):
        if getattr(options, name) is not None:
            words += [f"--{name}", str(getattr(options, name))]
    words += [f"--{name}" for name in ("json", "quiet") if getattr(options, name)]
    return run.carry_out(parser().parse_args(words))


def show(tables: Tables, *, json: bool) -> None:
    """Print a rehearsal, as text or as one JSON document."""
    from runoff.app import rehearsal_page
    from runoff.app.commands import _answers

    if json:
        _answers.print_json(rehearsal_page.document(tables))
    else:
        _answers.print_page(rehearsal_page.page(tables))


def _shares(text: str) -> tuple[float, ...]:
    from runoff.errors import UsageError

    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--counted {text}: shares are numbers with commas between them, as in 10,30,60") from None
