"""`runoff check`: what was understood of run files; nothing is drawn."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("files", nargs="+", metavar="FILE", help="run files (TOML); - for standard input")
    _words.add_results(words)
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Print a page a file, or one JSON document."""
    import sys

    from runoff.app.commands._answers import print_json
    from runoff.phases import pipeline
    from runoff.phases.settings import Options
    from runoff.report import terminal
    from runoff.runfile.load import load_any

    _words.one_file(options)
    asked = Options(results=options.results)
    pages = [pipeline.check(load_any(_words.source(name)), asked) for name in options.files]
    if options.json:
        documents = [page.document() for page in pages]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        width = terminal.width(sys.__stdout__)
        print("\n\n".join(page.text(width) for page in pages))
    return 0
