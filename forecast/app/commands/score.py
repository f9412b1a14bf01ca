"""`runoff score`: a kept run held against what came."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("run", type=_words.run, metavar="RUN", help="a run's folder, or one of its tables")
    words.add_argument(
        "result", type=_words.path, metavar="RESULT", help="table of the runoff's votes, by unit or in one unit"
    )
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Print the scores."""
    from runoff.app.after.score import score
    from runoff.app.commands import _answers

    found = score(options.run, options.result)
    if options.json:
        _answers.print_json(found.document())
    else:
        _answers.print_page(found.page())
    return 0
