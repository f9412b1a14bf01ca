"""The command `runoff` as people start it, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.installed import ROOT

APRIL = str(ROOT / "configs" / "ga06-2017" / "april.toml")


def runoff(
    *arguments: str, cwd: Path = ROOT, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "runoff.app.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def heed_interrupts() -> None:
    """A process started from a shell's background ignores SIGINT; these are to heed it, as on a terminal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
