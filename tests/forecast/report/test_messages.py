"""Messages on a terminal: broken at its width, with carets that still point at what they pointed at."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from runoff.errors import InputError, Problem
from runoff.report.layout import NARROWEST
from runoff.report.messages import fitted_message
from tests.installed import ROOT

words = st.text("ab \u4e00-", max_size=160)


@settings(max_examples=200, deadline=None)
@given(words, words, words, st.integers(1, 150), st.integers(1, 40), st.integers(10, 120))
def test_lines_fit_and_carets_stay(what: str, rule: str, line: str, column: int, length: int, width: int) -> None:
    """No line is wider than the terminal, no word is lost, and the caret begins below the same character."""
    text = f"{line:<160}"[: column - 1].replace("^", " ") + "#" + "x" * 20
    message = str(InputError([Problem("f.toml", 3, column, what, rule, "got", "fix", text, length)]))
    lines = fitted_message(message, width).split("\n")
    assert max(map(cell_len, lines)) <= max(width, NARROWEST)
    at = next(i for i, one in enumerate(lines) if one.startswith("     3 | "))
    before = lines[at].split("#")[0]
    assert cell_len(before) == lines[at + 1].index("^")
    others = lines[:at] + lines[at + 2 :]
    whole = message.split("\n")
    assert "".join("".join(others).split()) == "".join("".join(whole[:1] + whole[3:]).split())


def test_what_is_broken_stands_under_its_beginning() -> None:
    """Of a rule below the rule's first word, of a sentence two cells further in than the sentence."""
    text = "f.toml:3:1: a mistake of some length\n  rule: one two three four five six"
    assert fitted_message(text, 24).split("\n") == [
        "f.toml:3:1: a mistake",
        "  of some length",
        "  rule: one two three",
        "        four five six",
    ]


@pytest.mark.parametrize(
    "arguments", [("run", "a-name-of-a-file-that-is-not-there.toml"), ("run", "x.toml", "--trials", "many")]
)
def test_the_command_breaks_messages_where_stderr_is_a_terminal(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """On a terminal of 40 columns every line fits, in a pipe the message is in one piece; the words are the same."""
    command = [sys.executable, "-m", "runoff.app.cli", *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | {"PYTHONPATH": str(ROOT)}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    subprocess.run(command, cwd=tmp_path, env=environment, stderr=theirs, stdout=subprocess.DEVNULL, check=False)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode().replace("\r\n", "\n")
    os.close(ours)
    piped = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False).stderr
    said, whole = (
        text[text.index(mark) :]
        for text in (shown, piped)
        for mark in (("error: " if "error: " in piped else "a-name"),)
    )
    assert max(map(len, said.split("\n"))) <= 40 < max(map(len, whole.split("\n")))
    assert "".join(said.split()) == "".join(whole.split())
