"""A run in shards: ranges of its trials, drawn anywhere, put together to the digest of one run.

A trial is a function of seed, stream and trial, and tallies are whole numbers that add up in any order.  A shard is a
folder that appears whole or not at all; one that stands is left alone, so that a job array which was killed goes on
when it is submitted again.  The first carries what the run was drawn from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runoff import __version__
from runoff.app.shards.part import Part, fit, refuse, source
from runoff.app.shards.ranges import RANGED
from runoff.errors import InputError, MissingFileError, OutputError, Problem, RunExistsError, RunoffError, visible
from runoff.files import Files
from runoff.output import inputs, kept, store
from runoff.output.schemas.shard import SHARD, TALLIES
from runoff.phases import pipeline
from runoff.phases.base import Made
from runoff.phases.pipeline import Finished, Opened
from runoff.phases.settings import Options
from runoff.race import Row
from runoff.runfile.load import loads_any
from runoff.simulate.driver import DETAIL_TRIALS, Entries

_NAME = re.compile(r"[0-9a-f]{12}\.shard-([0-9]{1,7})-of-([0-9]{1,7})")
_TOLD = 5  # shards that a message names


def shard(run: Opened, part: Part, on_progress: Callable[[int, int], None] | None = None) -> tuple[Path, bool]:
    """Draw one shard into the run's --out folder; returns its folder, and whether it stood there already.

    Raises
    ------
    UsageError : the run cannot be drawn in shards.
    OutputError : the folder cannot be written.
    """
    refuse(run)
    name, out = part.name(run.run_id), run.settings.out
    if _stands(out / name):
        return out / name, True
    span = part.range(run.settings.trials)
    found, ranged = fit(run), RANGED[run.phase.name]
    drawn = ranged.draw(run, found, span, run.settings.threads, on_progress)
    try:
        with store.staged(out, name) as stage:
            head = _head(run, part, drawn, name)
            footer = {"digest": str(head["digest"])}
            stage.write({SHARD.name: [head]}, {SHARD.name: SHARD}, footer)
            keys = {"run_id": name, "race_id": run.data.case.run_file.race.id}
            tallies = ranged.entries(run, drawn, span)
            stage.pieces(TALLIES, footer, keys, ({"tally": name, "place": p, "value": v} for name, p, v in tallies))
            if part.shard == 1:
                case = run.data.case
                stage.inputs(inputs.Inputs(case.text, Path(case.path).name, run.files.read, run.asked))
            return stage.commit("shard", str(head["digest"])), False
    except RunExistsError:  # another job was faster, or something else lies there
        if _stands(out / name):
            return out / name, True
        raise


def _stands(folder: Path) -> bool:
    """Whether a shard stands in a folder, whole."""
    try:
        kept.read_run(folder, only=lambda _: ())
        kept.checked(folder, TALLIES.name)
    except (RunoffError, OSError):
        return False
    return True


def _head(run: Opened, part: Part, drawn: Any, name: str) -> Row:
    first, last = part.range(run.settings.trials)
    return {
        "run_id": name,
        "race_id": run.data.case.run_file.race.id,
        "of_run": run.run_id,
        "shard": part.shard,
        "shards": part.shards,
        "first": first,
        "last": last,
        "trials": run.settings.trials,
        "detail_trials": min(DETAIL_TRIALS, run.settings.trials),
        "weighted": RANGED[run.phase.name].weighted(drawn),
        "seconds": drawn.seconds,
        "digest": run.phase.digest(drawn),
        "version": __version__,
        "source": source(),
    }


def merge(folder: Path, out: Path | None = None) -> tuple[Opened, Finished]:
    """Put all shards of a folder together; out : where the run goes, by default where its run file says.

    Raises
    ------
    MissingFileError : no shards there.
    InputError : shards that are unlike, overlap, or are missing, by name.
    """
    heads = _read(folder)
    _complete(folder, [head for head, _ in heads])
    path = _first(heads)
    carried = inputs.read(path)
    case = loads_any(carried.text, Files(given=carried.files), carried.name)
    asked = Options.of(carried.asked)
    run = pipeline.opened(case, asked if out is None else replace(asked, out=out))
    head = heads[0][0]
    if run.run_id != head["of_run"]:
        rule = f"this program, version {__version__}, would draw {run.run_id} from what the first shard carries"
        raise InputError.single(
            str(path), "not the shards of a run of this program", rule=rule, got=str(head["of_run"])
        )
    found = fit(run)
    seconds = sum(float(str(row["seconds"])) for row, _ in heads)
    numbers = _entries([path for _, path in heads])
    try:
        drawn = replace(RANGED[run.phase.name].added(run, found, numbers), seconds=seconds)
    except ValueError as problem:
        raise InputError.single(str(folder), f"a shard is damaged: {problem}") from None
    tables = run.phase.summarize(run.data, found, drawn, Made(run.settings, seconds))
    tables = pipeline.stamped(tables, run.run_id, case.run_file.race.id)
    return run, pipeline.put(run, pipeline.Drawn(tables, run.phase.digest(drawn), run.settings.trials))


def _entries(paths: Sequence[Path]) -> Iterator[Entries]:
    """The tallies of shards, piece by piece."""
    from runoff.output import arrow

    for path in paths:
        for tally, (places, values) in arrow.read_pieces(path / f"{TALLIES.name}.parquet", "tally", ("place", "value")):
            yield tally, places, values


def _read(folder: Path) -> list[tuple[Row, Path]]:
    """The row and the folder of each shard, in order of trials; all files are as their manifests say."""
    try:
        paths = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    except OSError as cause:
        if isinstance(cause, FileNotFoundError):
            raise MissingFileError(f"{visible(str(folder))}: no such folder\n  fix:  name the shards' --out") from None
        raise OutputError(f"{visible(str(folder))}: cannot read: {cause.strerror}") from None
    if not paths:
        raise MissingFileError(
            f"{visible(str(folder))}: no shards there\n  fix:  name the folder of `runoff shard --out`"
        )
    heads, problems = [], list[Problem]()
    for path in paths:
        try:
            heads.append((kept.read_run(path, only=lambda _: ()).tables[SHARD.name][0], path))
            kept.checked(path, TALLIES.name)
        except InputError as error:
            problems += error.problems
        except OSError as cause:
            raise OutputError(f"{visible(str(path))}: cannot read: {cause.strerror or cause}") from None
    if problems:
        raise InputError(problems)
    return sorted(heads, key=lambda pair: int(str(pair[0]["first"])))


def _complete(folder: Path, heads: Sequence[Row]) -> None:
    """Refuse shards of several runs, several divisions, or with gaps."""
    runs = sorted({str(head["of_run"]) for head in heads})
    ways = sorted({int(str(head["shards"])) for head in heads})
    where = str(folder)
    if len(runs) > 1:
        rule, fix = "all shards of a folder are of one run", "give each run a folder of its own"
        raise InputError.single(where, "shards of several runs", rule=rule, got=", ".join(runs[:_TOLD]), fix=fix)
    if len(ways) > 1:
        got, fix = ", ".join(f"of {n}" for n in ways[:_TOLD]), "take those of one division away"
        raise InputError.single(where, "shards that overlap", rule="a run is divided in one way", got=got, fix=fix)
    _one_program(where, heads)
    there = {int(str(head["shard"])) for head in heads}
    missing = [number for number in range(1, ways[0] + 1) if number not in there]
    if missing:
        some = ", ".join(str(number) for number in missing[:_TOLD]) + (" ..." if len(missing) > _TOLD else "")
        fix = f"runoff shard FILE --shard {missing[0]}/{ways[0]} --out {where}"
        rule = f"a run of {ways[0]} shards has all of them"
        raise InputError.single(where, f"{len(missing)} shards are missing", rule=rule, got=some, fix=fix)


def _one_program(where: str, heads: Sequence[Row]) -> None:
    """Refuse shards that another program drew than this one: a version in work may draw otherwise from day to day."""
    others = sorted({str(head.get("source"))[:12] for head in heads} - {source()[:12]})
    if others:
        rule = f"shards are put together by the program that drew them, here sources {source()[:12]}"
        fix = "merge them where they were drawn, or draw them again"
        raise InputError.single(where, "shards of another program", rule=rule, got=", ".join(others[:_TOLD]), fix=fix)


def _first(heads: Sequence[tuple[Row, Path]]) -> Path:
    """The folder of the first shard, which carries the run's inputs."""
    return next(path for head, path in heads if head["shard"] == 1)
