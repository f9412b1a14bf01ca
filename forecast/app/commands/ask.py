"""`runoff ask`: what a kept run's trials say of an event, of one given another, and of margin brackets."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("run", type=_words.run, metavar="RUN", help="a run's folder, or one of its tables")
    words.add_argument("events", nargs="*", metavar="EVENT", help="events, as in 'turnout > 0.55 and margin < 0'")
    words.add_argument("--given", metavar="EVENT", help="only trials in which this is so")
    words.add_argument("--brackets", metavar="EDGES", help="who wins, and by how many points: 0,2.5,5,7.5")
    words.add_argument("--threads", type=_words.threads, metavar="T", help="threads (default: every core)")
    _words.add_unchecked(words)
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Print the answer."""
    from runoff.app.ask.ask import ask
    from runoff.app.commands import _answers
    from runoff.app.progress import Bar

    with Bar("ask", quiet=False) as bar:
        found = ask(
            options.run,
            *options.events,
            given=options.given,
            brackets=options.brackets,
            unchecked=options.unchecked,
            threads=options.threads,
            progress=bar.progress,
        )
    if options.json:
        _answers.print_json(found.document())
    else:
        _answers.print_page(found.page())
    return 0
