"""`runoff compare`: why a probability moved between two kept runs of a race."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("before", type=_words.run, metavar="A", help="the earlier run's folder")
    words.add_argument("after", type=_words.run, metavar="B", help="the later run's folder")
    words.add_argument(
        "--trials", type=_words.trials, metavar="N", help="trials of each forecast in between (default: those of A)"
    )
    words.add_argument("--threads", type=_words.threads, metavar="T", help="threads (default: every core)")
    _words.add_json(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Draw what lies between, and print it."""
    from runoff.app.after.compare import compare
    from runoff.app.commands import _answers
    from runoff.app.progress import Bar

    with Bar("compare", quiet=options.quiet) as bar:
        found = compare(
            options.before, options.after, trials=options.trials, threads=options.threads, progress=bar.progress
        )
    if options.json:
        _answers.print_json(found.document())
    elif not options.quiet:
        _answers.print_page(found.page())
    return 0
