"""`runoff run`: forecasts drawn and put on disk; with --watch, again whenever a night's table changes."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

    from runoff.phases.pipeline import Finished, Opened
    from runoff.phases.settings import Options
    from runoff.race import Tables
    from runoff.runfile.load import AnyCase
    from runoff.simulate.driver import Progress


def add(words: ArgumentParser) -> None:
    """The command's words."""
    add_run(words)
    _words.add_scheduler(words)


def add_run(words: ArgumentParser) -> None:
    """The words that `shard` has too."""
    words.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="run files (TOML), - for standard input; or a run's folder, to repeat",
    )
    _add_draws(words)
    _add_tables(words)
    _words.add_feed(words)
    _words.add_json(words)
    _words.add_quiet(words)


def _add_draws(words: ArgumentParser) -> None:
    words.add_argument("--trials", type=_words.trials, metavar="N", help="trials to draw (over the run file)")
    words.add_argument("--seed", type=_words.seed, metavar="S", help="seed, a whole number from 0 (over the run file)")
    words.add_argument(
        "--target-se",
        type=_words.target_se,
        metavar="E",
        help="stop once each win probability's standard error is at most E; --trials is then the most drawn",
    )
    words.add_argument("--threads", type=_words.threads, metavar="T", help="threads (default: every core)")


def _add_tables(words: ArgumentParser) -> None:
    words.add_argument(
        "--out",
        type=_words.target,
        metavar="DIR",
        help="folder for the run's tables, or s3://, gs://, az:// (default: runs)",
    )
    words.add_argument("--report", type=_words.path, metavar="FILE", help="write the run as an HTML page too")
    words.add_argument("--trials-table", action="store_true", default=None, help="write each trial's votes too")
    words.add_argument(
        "--no-inputs", dest="inputs", action="store_false", default=None, help="do not keep what was read with the run"
    )
    words.add_argument("--as-of", type=_words.day, metavar="DAY", help="last day of which is known (over the run file)")
    words.add_argument("--totals-only", action="store_true", help="no units table: many units at the price of one")


def carry_out(options: Namespace) -> int:
    """Read all files, then draw run by run."""
    from runoff.app.commands._answers import print_json
    from runoff.errors import UsageError

    _check_feed(options)
    _words.one_file(options)
    if options.scheduler is not None and options.results is not None:
        raise UsageError("--scheduler: a night's trials are weighed against each other\n  fix:  leave it out")
    if options.report is not None:
        from runoff.app.commands._report_file import look

        if len(options.files) != 1:
            raise UsageError(f"--report goes with one run file, got {len(options.files)}")
        look(options.report)  # before anything is drawn
    cases = [_case(options, name) for name in options.files]  # all files are read before any is drawn
    if options.results is not None and (options.watch or options.counts is not None or _is_feed(options.results)):
        from runoff.app.commands._watching import watch
        from runoff.runfile.load import one_race

        case, asked = cases[0]
        return watch(options, one_race(case), asked, opened=_opened, drawn=drawn)
    runs = [_opened(options, *case) for case in cases]
    documents = []
    for number, run in enumerate(runs):
        if number and not options.quiet and not options.json:
            print()
        documents += drawn(options, run)
    if documents:
        print_json(documents[0] if len(documents) == 1 else documents)
    return 0


def _check_feed(options: Namespace) -> None:
    """Refuse words of a night without one."""
    from runoff.errors import UsageError

    alone = (options.history, options.counts, options.lock)
    if options.results is None and (options.watch or any(word is not None for word in alone)):
        raise UsageError(
            "--watch, --history, --counts and --lock go with --results\n  fix:  name the table of the votes so far"
        )


def _is_feed(results: object) -> bool:
    """Whether --results is an address, or a folder of counts."""
    return isinstance(results, str) or bool(results.is_dir())  # type: ignore[attr-defined]  # a path


def _case(options: Namespace, name: str) -> tuple[AnyCase, Options]:
    """The case of a run file, or of a run's folder with what was asked for then; and what is asked for now."""
    from runoff.errors import MissingFileError, visible
    from runoff.runfile.load import load_any

    path, asked = _words.source(name), _asked(options)
    if path is None or not path.is_dir():
        return load_any(path), asked
    from runoff.output import kept

    if not any(path.glob(kept.MANIFEST)) and not any(path.glob(f"*/{kept.MANIFEST}")):
        raise MissingFileError(
            f"{visible(name)}: a folder, and not that of a run\n  fix:  name a run file in it, or a run's folder"
        )
    from runoff.app.after.again import kept_any

    case, before = kept_any(path)
    return case, asked.over(before)


def opened(options: Namespace, name: str) -> Opened:
    """The run of one file or folder as the words ask for it, settled and not drawn."""
    return _opened(options, *_case(options, name))


def _asked(options: Namespace) -> Options:
    """What the command line says over the run file."""
    from dataclasses import fields

    from runoff.phases.settings import Options

    said = {field.name: getattr(options, field.name, None) for field in fields(Options) if field.name != "units"}
    if isinstance(said["out"], str):
        said["out"] = None  # an address: the run is put together here first
    if isinstance(said["results"], str):
        said["results"] = None  # an address: what is read is the count that came from it
    return Options(**said, units=False if options.totals_only else None)


def _opened(options: Namespace, case: AnyCase, asked: Options) -> Opened:
    from runoff.app.commands._answers import note
    from runoff.errors import UsageError
    from runoff.phases import pipeline

    run = pipeline.opened(case, asked)
    if run.phase.name == "chamber" and (options.watch or options.history is not None):
        raise UsageError("--watch and --history go with one race's night\n  fix:  run the chamber again by hand")
    if getattr(options, "lock", None) is not None:
        from runoff.app.feed.lock import held

        run = held(options.lock, run)
    if options.totals_only and run.phase.totals_only:
        note(f"{case.path}: {run.phase.totals_only}")
    return run


def drawn(options: Namespace, run: Opened) -> list[dict[str, object]]:
    """Draw a run and put it on disk (of a watched table only where --out is given); print it, or return a document."""
    from runoff.app.commands import _answers
    from runoff.app.progress import Bar
    from runoff.errors import visible
    from runoff.phases import pipeline

    place: Path | str | None = None
    with Bar(run.data.case.run_file.race.name, quiet=options.quiet, told=not options.json) as bar:
        if options.watch and options.out is None:
            tables = pipeline.draw(run, bar.progress).tables
        else:
            tables, place, stood = _kept(options, run, bar.progress)
    if options.history is not None:
        from runoff.output.history import append_history, history_row

        append_history(options.history, history_row(tables))
    if options.report is not None:
        from runoff.app.commands._report_file import page_of, put

        put(options.report, page_of(run.phase.name, tables, options.history))
    if options.quiet:
        return []
    if options.json:
        return [_answers.document(run.phase, tables, place)]
    _answers.print_page(run.phase.page(tables))
    if place is not None:
        print(f"tables: {visible(str(place))}{' (they stood there already, with the same bits)' if stood else ''}")
    if options.report is not None:
        print(f"report: {visible(str(options.report))}")
    return []


def _kept(options: Namespace, run: Opened, progress: Progress | None) -> tuple[Tables, Path | str, bool]:
    """Put a run on disk or into object storage: its tables, where they are, and whether they had stood there."""
    if not isinstance(options.out, str):
        finished = _on_disk(options, run, progress)
        return finished.tables, finished.directory, finished.stood
    from runoff.app.stored.bucket import Bucket
    from runoff.app.stored.latest import LATEST
    from runoff.app.stored.runs import put, staged

    bucket = Bucket(options.out)
    bucket.read(LATEST)  # whoever does not answer is told before anything is drawn
    with staged(run) as here:
        finished = _on_disk(options, here, progress)
        stored = put(finished.directory, bucket)
    return finished.tables, stored.address, stored.stood


def _on_disk(options: Namespace, run: Opened, progress: Progress | None) -> Finished:
    """A run on disk, drawn here or on a cluster."""
    from runoff.phases import pipeline

    if options.scheduler is None:
        return pipeline.keep(run, progress)
    from runoff.app.shards.cluster import cluster
    from runoff.app.shards.executor import spread

    with cluster(options.scheduler) as executor:
        return pipeline.put(run, spread(run, executor, threads=options.threads or 1, on_progress=progress))
