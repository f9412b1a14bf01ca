"""`runoff report`: a run on disk as one HTML page with pictures, from its tables alone."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("path", type=_words.run, metavar="RUN", help="a run's folder, or one of its tables")
    words.add_argument(
        "-o",
        dest="out",
        default="report.html",
        metavar="FILE",
        help="the page (default: report.html), - for standard output",
    )
    words.add_argument(
        "--history",
        type=_words.path,
        metavar="TABLE",
        help="of a runoff's night: its curve, as --history of run wrote it",
    )
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Read the run, and put its page where it was asked for."""
    import sys
    from pathlib import Path

    from runoff.app.commands._report_file import page_of, put
    from runoff.errors import visible
    from runoff.output import store
    from runoff.report import terminal

    kept = store.found(options.path)
    text = page_of(kept.phase, kept.tables, options.history)
    if options.out == "-":
        plain = text.encode("ascii", "xmlcharrefreplace").decode()  # the same document, for streams that lack signs
        sys.stdout.write(text if terminal.spells_everything() else plain)
        return 0
    put(Path(options.out), text)
    if not options.quiet:
        print(f"report: {visible(options.out)}")
    return 0
