"""The command `runoff`: called as its process calls it, or in a process of its own, as people start it.

A process of its own loads numba and Arrow first, which takes longer than most commands; it is for what belongs to a
process: its streams, signals, pipes, kernels that are kept, files that may not be opened.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from runoff.app import cli
from runoff.app.failures import failure
from runoff.report import terminal
from tests.installed import ROOT

APRIL = str(ROOT / "configs" / "ga06-2017" / "april.toml")


def runoff(
    *arguments: str, cwd: Path = ROOT, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command in this process: its exit code and all that it said, the rest of the process as before."""
    out, error = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(error), _beside(cwd, stdin or "", environment):
        code = _code(arguments)
    out.seek(0)
    error.seek(0)
    return subprocess.CompletedProcess(["runoff", *arguments], code, out.read(), error.read())


def _code(arguments: tuple[str, ...]) -> int:
    """What `cli.main` would end with, where nobody interrupts it and all streams are open."""
    try:
        return cli.carried_out(arguments)
    except Exception as problem:
        code, message = failure(problem)
        terminal.say(message)
        return code


@contextmanager
def _beside(cwd: Path, stdin: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A folder, a standard input and variables of the environment, for as long as a command is carried out."""
    collected = gc.get_threshold()
    with (
        chdir(cwd),
        mock.patch.dict(os.environ, environment),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        try:
            yield
        finally:
            gc.set_threshold(*collected)


def process(
    *arguments: str, cwd: Path = ROOT, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
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
