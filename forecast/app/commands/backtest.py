"""`runoff backtest`: past races forecast as if they were to come, and scored."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument(
        "--archive", type=_words.path, metavar="DIR", help="races to forecast (default: the shipped ones)"
    )
    words.add_argument(
        "--fit-on", type=_words.path, metavar="DIR", help="races to learn from (default: the shipped ones)"
    )
    way = words.add_mutually_exclusive_group()
    way.add_argument("--chronological", action="store_true", help="learn only from what was over by the first round")
    way.add_argument("--same-day", action="store_true", help="learn from the other races of the day as well")
    words.add_argument("--chambers", action="store_true", help="whole Assemblies: seats, districts, half a night")
    words.add_argument("--election", metavar="ID", help="only this election's races")
    words.add_argument("--level", metavar="LEVEL", help="only races of this level")
    words.add_argument("--country", metavar="NAME", help="only races of this country")
    words.add_argument("--trials", type=_words.trials, metavar="N", help="trials a race (default: 100,000)")
    words.add_argument("--seed", type=_words.seed, metavar="S")
    words.add_argument("--threads", type=_words.threads, metavar="T")
    _words.add_scheduler(words)
    words.add_argument(
        "--out", type=_words.path, metavar="DIR", help="write the tables into a folder of their own there"
    )
    _words.add_json(words)
    _words.add_quiet(words)


def carry_out(options: Namespace) -> int:
    """Forecast, score, print, and write where --out names a place."""
    from runoff.app.backtest.backtest import Backtest, backtest
    from runoff.app.backtest.chambers.whole import ChamberBacktest, chamber_backtest
    from runoff.app.commands import _answers
    from runoff.app.commands.archive import chosen
    from runoff.app.progress import Bar
    from runoff.app.shards.cluster import at_scheduler
    from runoff.data.archive.archive import Archive
    from runoff.errors import UsageError
    from runoff.phases.settings import usable_cores

    if options.chambers and options.same_day:
        raise UsageError("--same-day has no part in --chambers\n  fix:  leave it out: half a night is scored anyway")
    races = Archive.load() if options.archive is None else Archive.read(options.archive)
    races = chosen(races, {name: getattr(options, name) or "" for name in ("country", "level", "election")})
    past = None if options.fit_on is None else Archive.read(options.fit_on)
    if options.chambers and options.scheduler is not None:
        raise UsageError("--scheduler: whole Assemblies are drawn on this machine\n  fix:  leave it out")
    with at_scheduler(options.scheduler) as executor, Bar("backtest", quiet=options.quiet) as bar:
        found: Backtest | ChamberBacktest = (
            chamber_backtest(
                races,
                past,
                chronological=options.chronological,
                trials=options.trials or 20_000,
                seed=options.seed or 0,
                threads=options.threads or usable_cores(),
                progress=bar.progress,
            )
            if options.chambers
            else backtest(
                races,
                past,
                way="chronological" if options.chronological else "same_day" if options.same_day else "usual",
                trials=options.trials or 100_000,
                seed=options.seed or 0,
                threads=options.threads or usable_cores(),
                progress=bar.progress,
                executor=executor,
            )
        )
    folder = None if options.out is None else found.save(options.out)
    if options.json:
        _answers.print_json(found.document() if folder is None else {**found.document(), "tables": str(folder)})
    elif not options.quiet:
        _answers.print_page(found.page())
        if folder is not None:
            print(f"tables: {folder}")
    return 0
