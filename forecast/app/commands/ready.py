"""`runoff ready`: everything that can fail on a night, tried before it."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from runoff.app.feed.source import Source


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("file", metavar="FILE", help="the night's run file")
    words.add_argument(
        "--results",
        type=_words.feed,
        metavar="TABLE",
        help="where counts will come from, as for run: a file, an https address, or a folder of kept counts",
    )
    words.add_argument("--trials", type=_words.trials, metavar="N", help="trials of each forecast, as for run")
    words.add_argument("--out", type=_words.path, metavar="DIR", help="folder for the night's tables (default: runs)")
    words.add_argument("--history", type=_words.path, metavar="TABLE", help="the night's curve, as run will keep it")
    words.add_argument("--lock", type=_words.path, metavar="FILE", help="the night's model, as run will keep it")
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Try it all, and print what was found."""
    from pathlib import Path

    from runoff.app.commands import _answers
    from runoff.app.feed import ready
    from runoff.errors import visible
    from runoff.phases.settings import Options
    from runoff.runfile.load import load

    asked = Options(out=options.out, trials=options.trials)
    beside = ready.Beside(options.history, options.lock, visible(str(options.results)))
    checks = ready.ready(lambda: load(Path(options.file)), asked, lambda: _source(options.results), beside)
    if options.json:
        told = [{"check": check.name, "code": check.code, "said": check.said} for check in checks]
        _answers.print_json({"code": ready.code(checks), "checks": told})
    else:
        _answers.print_page(ready.page(checks))
    return ready.code(checks)


def _source(results: object) -> Source | None:
    import time
    from pathlib import Path

    from runoff.app.feed.counts import kept_counts
    from runoff.app.feed.source import FileSource, PlayedSource, UrlSource

    if isinstance(results, str):
        return UrlSource(results)
    if isinstance(results, Path) and results.is_dir():
        return PlayedSource(kept_counts(results), 1.0, time.monotonic)
    return FileSource(results) if isinstance(results, Path) else None
