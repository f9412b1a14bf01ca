"""`runoff trial`: one trial of a kept run again, exactly."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("run", type=_words.run, metavar="RUN", help="a run's folder, or one of its tables")
    words.add_argument("number", type=_words.number, metavar="N", help="the trial's number, from 0")
    words.add_argument("--units", action="store_true", help="each unit's votes too")
    words.add_argument("--threads", type=_words.threads, metavar="T", help="threads (default: every core)")
    _words.add_unchecked(words)
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Print the trial."""
    from runoff.app.after.trial import trial
    from runoff.app.commands import _answers
    from runoff.app.progress import Bar

    with Bar("trial", quiet=False) as bar:
        found = trial(
            options.run,
            options.number,
            units=options.units,
            unchecked=options.unchecked,
            threads=options.threads,
            progress=bar.progress,
        )
    if options.json:
        _answers.print_json(found.document())
    else:
        _answers.print_page(found.page())
    return 0
