"""The command where its standard streams are closed, full, or cannot spell every sign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installed import ROOT

FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small run file and its run."""
    from runoff.app.template import write_template

    path = tmp_path_factory.mktemp("streams")
    write_template(path)
    file = path / "runoff.toml"
    file.write_text(file.read_text("utf-8").replace("Ada Quist", "Άδα Quist"), "utf-8")
    table = path / "first-round.csv"
    table.write_text(table.read_text("utf-8").replace("Ada Quist", "Άδα Quist"), "utf-8")
    assert _shell(path, "run runoff.toml --trials 2000").returncode == 0
    return path


def _shell(folder: Path, words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = f"{sys.executable} -m runoff.app.cli {words}"
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, shell=True, cwd=folder, env=given, capture_output=True, check=False)


@pytest.mark.parametrize("encoding", ["ascii", "koi8-r", "cp1252"])
def test_what_an_encoding_lacks_is_spelled_plainly(folder: Path, encoding: str) -> None:
    """Exit code 0, `+-` for the sign, `#` for bars and escapes for letters, each only where the encoding lacks it."""
    answer = _shell(folder, "show runs", PYTHONIOENCODING=encoding)
    assert (answer.returncode, answer.stderr) == (0, b"")
    text = answer.stdout.decode(encoding)
    whole = _shell(folder, "show runs", PYTHONIOENCODING="utf-8").stdout.decode()
    for sign, plain in (("±", "+-"), ("█", "#"), ("Ά", "\\u0386")):
        if sign in whole.encode(encoding, "ignore").decode(encoding):
            assert text.count(sign) == whole.count(sign)
        else:
            assert text.count(plain) >= whole.count(sign) > 0


def test_json_stays_json_in_every_encoding(folder: Path) -> None:
    """Where stdout cannot spell a name, JSON has its escape, and reads back the same."""
    plain = json.loads(_shell(folder, "show runs --json", PYTHONIOENCODING="utf-8").stdout)
    assert json.loads(_shell(folder, "show runs --json", PYTHONIOENCODING="ascii").stdout) == plain


def test_closed_streams_are_silent(folder: Path) -> None:
    """With stdout closed, or all three, the run counts and ends with 0; nothing of it lands in a table."""
    for number, closed in enumerate((">&-", ">&- 2>&- <&-")):
        words = f"run runoff.toml --trials 2000 --out closed-{number}"
        answer = _shell(folder, f"{words} {closed}")
        assert (answer.returncode, answer.stdout, answer.stderr) == (0, b"", b"")
        assert _shell(folder, f"show closed-{number}").returncode == 0


def test_messages_never_go_to_stdout(folder: Path) -> None:
    """With stderr closed or full a failure has its exit code, and stdout nothing but the answer."""
    for closed in ("2>&-", "2>/dev/full") if FULL.exists() else ("2>&-",):
        answer = _shell(folder, f"run absent.toml {closed}")
        assert (answer.returncode, answer.stdout) == (66, b"")


def test_standard_input_that_is_closed_is_told(folder: Path) -> None:
    """`check -` without standard input is a missing file."""
    answer = _shell(folder, "check - <&-")
    assert answer.returncode == 66
    assert b"standard input is closed" in answer.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", ["show runs", "show runs --json", "schema", "--help"])
def test_a_full_stdout_is_one_message(folder: Path, words: str) -> None:
    """Exit code 74, one message, no traceback."""
    answer = _shell(folder, f"{words} >/dev/full")
    assert answer.returncode == 74
    assert answer.stderr.startswith(b"standard output: cannot write: No space left on device\n")
    assert answer.stderr.count(b"\n") == 2
