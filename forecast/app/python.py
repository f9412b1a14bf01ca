"""The Python interface: what the command line does, as functions and values; nothing is printed or written unasked."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff.errors import InputError, UsageError
from runoff.files import Files
from runoff.phases import pipeline
from runoff.phases.registry import phase_named
from runoff.phases.settings import Options
from runoff.report.page import WIDTH, Page
from runoff.runfile.chamber import ChamberCase
from runoff.runfile.load import AnyCase, Case
from runoff.runfile.load import load as _load
from runoff.runfile.load import load_any as _load_any
from runoff.runfile.load import loads as _loads

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pyarrow as pa

    from runoff.output.trials import Block
    from runoff.race import Tables
    from runoff.simulate.driver import Progress


def load(path: str | Path) -> Case:
    """Read and check a run file and all that it names.

    Raises
    ------
    InputError : with every problem found, in `problems`.
    MissingFileError : the run file or a table is not there.

    """
    return _load(Path(path))


def load_chamber(path: str | Path) -> ChamberCase:
    """Read and check the run file of a whole chamber, and its tables.

    Raises
    ------
    InputError : with every problem found; or it is of one race.
    MissingFileError : the run file or a table is not there.

    """
    case = _load_any(Path(path))
    if isinstance(case, ChamberCase):
        return case
    rule, fix = "a chamber's run file has a [chamber]", "runoff.load reads this one"
    raise InputError.single(str(path), "a run file of one race", rule=rule, fix=fix)


def loads(run_file: str | Mapping[str, Any], folder: str | Path = ".") -> Case:
    """Check a run file that is text, or a dict of its sections; the paths of its tables start in `folder`.

    Raises
    ------
    InputError, MissingFileError : as told by `load`.
    TypeError : a value in the dict that TOML has not.

    """
    if not isinstance(run_file, str):
        from runoff.runfile.toml_text import toml_text

        run_file = toml_text(run_file)
    return _loads(run_file, Files(Path(folder)))


def check(case: AnyCase, *, results: str | Path | None = None) -> Page:
    """What was understood of a case, before anything is drawn: its race, pools, rates, and what is odd.

    Raises
    ------
    InputError, MissingFileError, UsageError : as told by `run`.

    """
    return pipeline.check(case, Options(results=None if results is None else Path(results)))


def run(
    case: AnyCase,
    options: Options | None = None,
    *,
    trials: int | None = None,
    seed: int | None = None,
    target_se: float | None = None,
    threads: int | None = None,
    as_of: dt.date | str | None = None,
    totals_only: bool = False,
    trials_table: bool | None = None,
    results: str | Path | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Result:
    """Draw a forecast; the words have the command line's names and go before `options`, these before the run file.

    options : what several runs have in common; its `out` has no part here, for `save` is told the folder.
    results : table of the votes so far of a runoff that is being counted.
    progress : is called with (trials done, trials asked for) while they are drawn.
    executor : draws the trials in ranges, to the same bits: processes, or a cluster's; a task has one thread unless
    `threads` says more.

    Raises
    ------
    UsageError : an option that the race has not; or, with an executor, trials that are no sum of ranges.
    OutputError : the executor lost its workers.
    InputError : with every problem of the tables; or a race too large to draw.
    MissingFileError : a table is not there.

    """
    own = Options(
        trials=trials,
        seed=seed,
        target_se=target_se,
        threads=threads,
        trials_table=trials_table,
        units=False if totals_only else None,
        as_of=dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of,
        results=None if results is None else Path(results),
    )
    own = own.over(options or Options())
    opened = pipeline.opened(case, own)
    if executor is not None:
        from runoff.app.shards.executor import spread

        drawn = spread(opened, executor, threads=own.threads or 1, on_progress=progress)
        return Result(opened.run_id, opened.phase.name, drawn.tables, _opened=opened, _drawn=drawn)
    blocks: list[Block] = []

    def heard(first: int, votes: Any, weights: Any) -> None:
        blocks.append((first, votes.copy(), weights.copy()))

    drawn = pipeline.draw(opened, progress, heard if opened.settings.trials_table else None)
    return Result(opened.run_id, opened.phase.name, drawn.tables, _opened=opened, _drawn=drawn, _blocks=tuple(blocks))


def read(path: str | Path) -> Result:
    """A run that is on disk, by its folder or one of its files.

    Raises
    ------
    MissingFileError : no run there.
    InputError : it is damaged.
    OutputError : the disk does not answer.

    """
    from runoff.output import store

    kept = store.found(Path(path))
    return Result(kept.folder.name, kept.phase, kept.tables, _folder=kept.folder)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """A forecast: its tables, and what is read off them.  Equal are runs of one name, one digest and equal numbers.

    phase : the state of the race: runoff_ahead, first_round_open or runoff_night; or chamber.
    """

    run_id: str
    phase: str
    tables: Tables
    _opened: pipeline.Opened | None = field(default=None, kw_only=True)
    _drawn: pipeline.Drawn | None = field(default=None, kw_only=True)
    _blocks: tuple[Block, ...] = field(default=(), kw_only=True)
    _folder: Path | None = field(default=None, kw_only=True)

    @property
    def digest(self) -> str:
        """Hash of all trials: equal digest, equal numbers."""
        return str(self._head["digest"])

    @property
    def p_win(self) -> dict[str, float]:
        """Each candidate's chance to win in the end; they and the chance of a tie add up to 1.

        Of a chamber: each bloc's chance to have most seats.
        """
        return self._chances("p_win")

    @property
    def p_win_mcse(self) -> dict[str, float]:
        """The Monte Carlo standard error of each chance."""
        return self._chances("p_win_mcse")

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know: what is odd in the tables, what rests on nobody's estimate."""
        return tuple(line for line in str(self._head["warnings"]).split("\n") if line)

    def page(self) -> Page:
        """What the command line prints, as a value."""
        return phase_named(self.phase).page(self.tables)

    def text(self, width: int = WIDTH) -> str:
        """What the command line prints."""
        return self.page().text(width)

    def report(self, history: str | Path | None = None) -> str:
        """What `runoff report` writes: the run as one HTML page with pictures; history : of a runoff's night.

        Raises
        ------
        UsageError, InputError, MissingFileError : the history is none of this race's night.

        """
        from runoff.app.commands._report_file import page_of

        return page_of(self.phase, self.tables, None if history is None else Path(history))

    def document(self) -> dict[str, Any]:
        """What --json prints, as a dict."""
        return phase_named(self.phase).document(self.tables)

    def table(self, name: str) -> pa.Table:
        """A table with the columns of docs/output.md; pandas, Polars and DuckDB take it as it is.

        Raises
        ------
        UsageError : the run has no table of this name.

        """
        from runoff.output import arrow

        if name not in self.tables:
            raise UsageError(f"no table {name}: this run has {', '.join(self.tables)}")
        return arrow.arrow_table(phase_named(self.phase).schemas[name], self.tables[name], {})

    def trials(self) -> Iterator[pa.RecordBatch]:
        """Each trial's votes by finalist, batch by batch, where they were kept (trials_table=True).

        Raises
        ------
        UsageError : they were not.

        """
        from runoff.output import trials

        if self._folder is not None and trials.kept(self._folder):
            yield from trials.batches_of_file(self._folder)
        elif self._opened is not None and self._blocks:
            case = self._opened.data.case
            yield from trials.batches(case.finalists, self.run_id, case.run_file.race.id, self._blocks)
        else:
            raise UsageError("no trials were kept: draw the run with trials_table=True")

    def save(self, directory: str | Path = "runs") -> Path:
        """Put the run into a folder of its own in a directory, whole or not at all; returns that folder.

        Raises
        ------
        RunExistsError : a run of this name stands there with other numbers.
        OutputError : the directory cannot be written.
        UsageError : the run was read from disk.

        """
        if self._opened is None or self._drawn is None:
            raise UsageError(f"this run stands in {self._folder}: copy its folder")
        opened = replace(self._opened, settings=replace(self._opened.settings, out=Path(directory)))
        return pipeline.put(opened, self._drawn, self._blocks).directory

    @property
    def _head(self) -> dict[str, object]:
        return self.tables[phase_named(self.phase).head][0]

    def _chances(self, column: str) -> dict[str, float]:
        rows = self.tables[phase_named(self.phase).chances]
        return {str(row["candidate"]): float(row[column]) for row in rows}  # type: ignore[arg-type]  # a double by its schema

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        names = (self.run_id, self.phase, self.digest) == (other.run_id, other.phase, other.digest)
        return names and self._numbers() == other._numbers()

    def _numbers(self) -> Tables:
        """All rows with all columns of their schemas, but for the one figure that is the clock's."""
        schemas = phase_named(self.phase).schemas
        columns = {name: [c.name for c in schemas[name].columns if c.name != "seconds"] for name in self.tables}
        return {name: [{c: row.get(c) for c in columns[name]} for row in rows] for name, rows in self.tables.items()}

    def __hash__(self) -> int:
        return hash((self.run_id, self.digest))

    def __repr__(self) -> str:
        return f"<{self.run_id}: {self.page().headline}>"

    def _repr_html_(self) -> str:
        """A small table for notebooks."""
        errors = self.p_win_mcse
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{100 * p:.1f} %</td><td>± {100 * errors[name]:.1g}</td></tr>"
            for name, p in sorted(self.p_win.items(), key=lambda item: -item[1])
        )
        title = html.escape(self.page().headline)
        return f"<table><caption>{title}</caption><tr><th>candidate</th><th>wins</th><th></th></tr>{rows}</table>"
