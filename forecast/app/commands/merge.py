"""`runoff merge`: the shards of a run put together, to the digest of one run."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("folder", type=_words.path, metavar="DIR", help="where `runoff shard --out` put them")
    words.add_argument("--out", type=_words.path, metavar="DIR", help="folder for the run's tables (default: DIR)")
    _words.add_json(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Merge, print, and say where."""
    from runoff.app.commands import _answers
    from runoff.app.shards.folders import merge
    from runoff.errors import visible

    run, finished = merge(options.folder, options.folder if options.out is None else options.out)
    if options.json:
        _answers.print_json(_answers.document(run.phase, finished.tables, finished.directory))
    elif not options.quiet:
        _answers.print_page(run.phase.page(finished.tables))
        already = " (they stood there already, with the same bits)" if finished.stood else ""
        print(f"tables: {visible(str(finished.directory))}{already}")
    return 0
