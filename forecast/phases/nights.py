"""What a night of either round has in common: its trials are held together, and it has no single trials to write."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runoff import __version__, interrupts
from runoff.errors import InputError, Problem, RunExistsError, UsageError
from runoff.phases import job

if TYPE_CHECKING:
    from runoff.phases.first_round_open.summary import Tables
    from runoff.runfile.load import LoadedRun

_LAST_DIGITS = "a night's last digits may differ on another CPU or build of NumPy, and then the digest does"
MOST_BYTES = 4 << 30  # that all trials of a night may take: they are held together

_LACKS = (  # what a night has not: option, section and key, why, the way out
    ("--target-se", "simulation", "target_se", "a night draws as many trials as it is told", "say --trials instead"),
    ("--trials-table", "output", "trials", "a night's trials are not written one by one", "leave it out"),
)


def refuse(loaded: LoadedRun, options: job.Options) -> None:
    """Refuse what is asked for and a night of either round has not, in one way.

    Raises
    ------
    UsageError : the command line asks for it.
    InputError : the run file does, with its place.

    """
    from runoff.runfile.positions import locate

    wanted = (options.target_se is not None, bool(options.trials_table))
    file = loaded.run_file
    written = (file.simulation.target_se is not None, file.output.trials and options.trials_table is None)
    problems = []
    for (option, section, key, rule, fix), asked, said in zip(_LACKS, wanted, written, strict=True):
        if asked:
            raise UsageError(f"{option}: {rule}\n  fix:  {fix}")
        if said:
            positions = locate(loaded.text)
            span = positions.find((section, key), value=False)
            line, column, text = positions.line_column(span.start) if span else (0, 0, "")
            what = f"[{section}] {key} is not for a night"
            problems.append(Problem(loaded.path, line, column, what, rule, "", fix, text, len(key)))
    if problems:
        raise InputError(problems)


def kept(
    run_id: str,
    settings: job.Settings,
    head: str,
    draw: Callable[[], Tables],
    describe: Callable[[str], Mapping[str, str]],
) -> job.Finished:
    """Put on disk what `draw` gives, or find that it stands there.

    head : the table of one row that has the digest.  describe : the footer of a digest.

    Raises
    ------
    RunExistsError : a run of this name stands there with other bits.
    OutputError : the folder cannot be written.

    """  # fmt: skip
    from runoff.output import store

    job.fetch_writer()
    tables: Tables | None = None
    if store.standing(settings.out, run_id) is None:
        with suppress(RunExistsError), store.staged(settings.out, run_id) as stage:  # another writer may be faster
            tables = draw()
            interrupts.look()
            stage.write(tables, describe(str(tables[head][0]["digest"])))
            return job.Finished(tables, stage.commit(), stood=False)
    tables = draw() if tables is None else tables
    return job.as_it_stands(settings.out, run_id, str(tables[head][0]["digest"]), tables, _LAST_DIGITS)


def footer(
    loaded: LoadedRun, sources: tuple[tuple[str, str], ...], settings: job.Settings, digest: str
) -> Mapping[str, str]:
    """Provenance for the footer of each table, with the keys that every run has."""
    import numba
    import numpy as np
    import pyarrow

    return {
        "config": loaded.text,
        "config_sha256": hashlib.sha256(loaded.text.encode()).hexdigest(),
        "config_path": Path(loaded.path).name,
        "sources": "\n".join(f"{name} sha256:{sha}" for name, sha in sources),
        "as_of": loaded.run_file.race.as_of.isoformat(),
        "seed": str(settings.seed),
        "trials": str(settings.trials),
        "digest": digest,
        "version": __version__,
        "versions": f"python {platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}, "
        f"pyarrow {pyarrow.__version__}",
    }
