"""The command `runoff rehearse`: its words, and what it does."""

from __future__ import annotations

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runoff.race import Tables

_WIDEST = 100  # characters: longer lines are hard to read


def add(words: ArgumentParser, path: Callable[[str], Path], whole: Mapping[str, Callable[[str], int]]) -> None:
    """The command's grammar; whole : reads a number of trials, a seed or a number of threads, by its name."""
    words.add_argument("file", metavar="FILE", help="the race's run file, with first-round results by unit")
    words.add_argument("result", type=path, metavar="RESULT", help="table of the runoff's votes by unit")
    words.add_argument(
        "--orders",
        metavar="LIST",
        help="random, small, large, first, second (whose strongholds report first), region (default: all)",
    )
    words.add_argument(
        "--counted", metavar="LIST", help="per cent of the votes in; 0: units, total given (default: 0,10,30,60)"
    )
    for name, letter in (("trials", "N"), ("seed", "S"), ("threads", "T")):
        words.add_argument(f"--{name}", type=whole[name], metavar=letter)
    words.add_argument("--out", type=path, metavar="DIR", help="write the tables into a folder of their own there")
    words.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    words.add_argument("--quiet", action="store_true", help="print nothing but errors")


def carry_out(options: Namespace) -> int:
    """Replay, print, and write where --out names a place."""
    from pathlib import Path

    from runoff.app.progress import Bar
    from runoff.app.rehearse import COUNTED, ORDERS, rehearse
    from runoff.runfile.load import load

    orders = (
        ORDERS
        if options.orders is None
        else tuple(part.strip().lower() for part in options.orders.split(",") if part.strip())
    )
    counted = COUNTED if options.counted is None else _shares(options.counted)
    with Bar(options.file, quiet=options.quiet) as bar:
        found = rehearse(
            load(Path(options.file)), options.result, orders=orders, counted=counted, trials=options.trials,
            seed=options.seed, threads=options.threads, progress=bar.progress,
        )  # fmt: skip
    folder = None if options.out is None else found.save(options.out)
    if options.json or not options.quiet:
        show(found.tables, json=options.json)
    if folder is not None and not options.json and not options.quiet:
        print(f"tables: {folder}")
    return 0


def show(tables: Tables, *, json: bool) -> int:
    """Print a rehearsal, as text or as one JSON document."""
    import shutil

    from runoff.app.rehearsal_page import document, page
    from runoff.report.layout import json_text

    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
    print(json_text(document(tables)) if json else page(tables).text(width))
    return 0


def _shares(text: str) -> tuple[float, ...]:
    from runoff.errors import UsageError

    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--counted {text}: shares are numbers with commas between them, as in 10,30,60") from None
