"""Where a table's numbers came from, for the footer of its file."""

from __future__ import annotations

import datetime as dt
import hashlib
import platform
from collections.abc import Sequence
from importlib.metadata import version

from runoff import __version__


def footer(
    config: str,
    config_path: str,
    sources: Sequence[tuple[str, str]],
    *,
    as_of: dt.date,
    seed: int,
    trials: int,
    digest: str,
) -> dict[str, str]:
    """The keys that every run's tables have; sources are name and sha256 of each table that was read."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "pyarrow"))
    return {
        "config": config,
        "config_sha256": hashlib.sha256(config.encode()).hexdigest(),
        "config_path": config_path,
        "sources": "\n".join(f"{name} sha256:{sha}" for name, sha in sources),
        "as_of": as_of.isoformat(),
        "seed": str(seed),
        "trials": str(trials),
        "digest": digest,
        "version": __version__,
        "versions": f"python {platform.python_version()}, {libraries}",
    }
