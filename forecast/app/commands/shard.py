"""`runoff shard`: one range of a run's trials, for a job array; `runoff merge` puts them together."""

from __future__ import annotations

from runoff.app.commands import _words, run

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words: those of `run`, and which shard."""
    run.add_run(words)
    words.add_argument("--shard", required=True, metavar="I/N", help="which shard, from 1, of how many: 17/1000")


def carry_out(options: Namespace) -> int:
    """Draw the shard, unless it stands."""
    from runoff.app.commands import _answers
    from runoff.app.progress import Bar
    from runoff.app.shards.folders import shard
    from runoff.errors import UsageError, visible

    if isinstance(options.out, str):
        raise UsageError(
            "--out: shards stand on this machine\n  fix:  name a folder, and copy what `merge` makes of them"
        )
    _words.one_file(options)
    part = _words.part(options.shard)
    opened = run.opened(options, options.files[0])
    with Bar(opened.data.case.run_file.race.name, quiet=options.quiet) as bar:
        folder, stood = shard(opened, part, bar.progress)
    first, last = part.range(opened.settings.trials)
    if options.json:
        document = {"run_id": opened.run_id, "shard": part.shard, "shards": part.shards, "first": first, "last": last}
        _answers.print_json({**document, "stood": stood, "tables": str(folder)})
    elif not options.quiet:
        print(
            f"shard {part.shard} of {part.shards}: trials {first:,} to {last:,}" + " (it stood there already)" * stood
        )
        print(f"tables: {visible(str(folder))}")
    return 0
