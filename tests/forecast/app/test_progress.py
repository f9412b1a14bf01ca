"""Progress while trials are drawn."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runoff.app.progress import Bar, _spoken, _Told
from runoff.kernels import _jit
from tests.command import APRIL, heed_interrupts
from tests.installed import ROOT


def test_a_long_run_is_told() -> None:
    """An estimate from the trials after the first half second, said once, and only where it is long."""
    told = _Told()
    for second in range(1, 5):
        told.hear(second, second * 1_000, 10**9)
    assert told._done
    assert _spoken(10**9 / 1_000) == "12 days"


def test_a_terminal_sees_a_bar_with_speed(tmp_path: Path) -> None:
    """On a terminal a long run shows trials per second and the time left, on stderr."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "runoff.app.cli", "run", APRIL, "--trials", "100000000000", "--out", str(tmp_path)],
        cwd=ROOT,
        stderr=follower,
        stdout=subprocess.DEVNULL,
        preexec_fn=heed_interrupts,
    )
    os.close(follower)
    seen = b""
    deadline = time.monotonic() + 60
    while b"million trials/s, time left" not in seen and time.monotonic() < deadline:
        seen += os.read(leader, 4096)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    os.close(leader)
    assert b"million trials/s, time left" in seen


def test_compiling_is_told_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a bar is there a long compilation is a note on stderr; a short one is none, nor where nobody waits."""
    cases = ((True, False, True, 1), (False, False, True, 0), (True, True, True, 0), (True, False, False, 0))
    for told, quiet, tty, notes in cases:
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda tty=tty: tty)
        monkeypatch.setattr(sys, "stderr", stream)
        with Bar("race", quiet=quiet, told=told):
            for heard in list(_jit._listeners):
                heard(1)
                heard(12)
        assert _jit._listeners == []
        assert stream.getvalue().count("compiling for this machine, once: about 12 s") == notes
        assert stream.getvalue().count("note") == notes
