"""A sweep's scenarios in batches, for an executor: who draws one opens the same run file, and keeps it for the next."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Any

from runoff.app.shards.part import source
from runoff.app.shards.tasks import answers, executor_of, same_program
from runoff.app.sweep.scenario import Scenario, Studio
from runoff.errors import UsageError
from runoff.files import Files
from runoff.phases.settings import Options
from runoff.runfile.load import loads

if TYPE_CHECKING:
    from runoff.phases.pipeline import Opened

BATCH = 200  # scenarios a task, at most
_TASKS = 8  # a worker's, at least, where there are as many scenarios


@dataclass(frozen=True, slots=True)
class Batch:
    """Some scenarios of a sweep, by number; source : hash of the program that asks for them."""

    run_id: str
    text: str
    name: str
    files: Mapping[str, bytes]
    asked: Mapping[str, object]
    said: tuple[str, ...]
    numbers: tuple[int, ...]
    source: str


def spread(
    executor: Executor, base: Opened, said: Sequence[str], numbers: Sequence[int]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Entries of scenarios, by number, in the order in which they come.

    Raises
    ------
    UsageError : that is no executor, or a worker has another version.
    OutputError : the executor lost its workers.
    """
    case, workers = base.data.case, getattr(executor_of(executor), "_max_workers", 0) or 4
    size = max(1, min(BATCH, len(numbers) // (_TASKS * workers)))
    batches = (
        Batch(
            run_id=base.run_id,
            text=case.text,
            name=Folder(case.path).name,
            files=base.files.read,
            asked=base.asked,
            said=tuple(said),
            numbers=tuple(numbers[first : first + size]),
            source=source(),
        )
        for first in range(0, len(numbers), size)
    )
    for found in answers(executor, entries_of, batches):
        yield from found


_KEPT: dict[tuple[str, tuple[str, ...]], tuple[Studio, Scenario, list[Any]]] = {}  # the last sweep of this process
_ONE = threading.Lock()


def entries_of(batch: Batch) -> list[tuple[int, dict[str, Any]]]:
    """Draw a batch's scenarios, here.

    Raises
    ------
    UsageError : this program is another than the one that asks.
    """
    from runoff.app.sweep.sweep import entry

    same_program(batch.source)
    with _ONE:  # a studio keeps arrays of its own between scenarios
        studio, before, planned = _opened(batch)
        return [
            (number, entry(number, planned[number - 1][1], studio.draw(planned[number - 1][0]), before))
            for number in batch.numbers
        ]


def _opened(batch: Batch) -> tuple[Studio, Scenario, list[Any]]:
    """The studio of a batch, the race as it is, and all scenarios; those of the last batch are kept."""
    from runoff.app.sweep.sweep import opened

    key = batch.run_id, batch.said
    if key not in _KEPT:
        case = loads(batch.text, Files(given=batch.files), batch.name)
        options = Options.of(batch.asked)
        base, studio, planned = opened(case, batch.said, Options(threads=1).over(options))
        if base.run_id != batch.run_id:
            raise UsageError(f"this worker opens {base.run_id} where {batch.run_id} was asked for")
        _KEPT.clear()
        _KEPT[key] = studio, studio.draw({}), planned
    return _KEPT[key]
