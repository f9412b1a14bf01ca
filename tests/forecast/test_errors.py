"""What of a file or an error reaches the terminal: nothing that moves its cursor, or that nobody sees."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from runoff import errors
from runoff.app.template import RESULTS, RUN_FILE, example_results, template
from tests.command import runoff

EVIL = "\x1b[31m\x07\x9b2J\u202eevil\u200b\u2066"


def command(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the command does in a folder, on a terminal of 80 columns."""
    return runoff(*words, cwd=folder, COLUMNS="80", PYTHONIOENCODING="utf-8")


def raw(text: str) -> list[str]:
    """Characters of a text that nobody sees, but line ends."""
    return [repr(c) for c in text if c != "\n" and errors.unseen(c)]


def test_texts_of_files_are_made_visible(tmp_path: Path) -> None:
    """Escapes in race name, sources, pool names and paths reach neither `run`, `show`, `check` nor `--json` raw."""
    told = EVIL.encode("unicode_escape").decode().replace("\\x", "\\u00").replace("\\u009b", "\\u009b")
    text = re.sub(r'name = "An example[^"]*"', lambda _: f'name = "{told}"', template())
    text = re.sub(r'name = "did not vote[^"]*"', lambda _: f'name = "did {told}"', text)
    text = re.sub(r"(turnout = \{[^}]*)\}", lambda m: f'{m.group(1)}, source = "{told}\\nand more" }}', text, count=1)
    text += '\n[output]\ndirectory = "r\\u001b[2Ju\\u202ens"\n' if "[output]" not in text else ""
    (tmp_path / RUN_FILE).write_text(text, "utf-8")
    (tmp_path / RESULTS).write_text(example_results(), "utf-8")
    folder = None
    for words in (("run", "--trials", "2000"), ("run", "--trials", "2000", "--json"), ("check",)):
        answer = command(words[0], RUN_FILE, *words[1:], folder=tmp_path)
        assert answer.returncode == 0, answer.stderr
        assert "evil" in answer.stdout
        assert not raw(answer.stdout + answer.stderr)
        folder = folder or next(tmp_path.glob("r*ns/*"), None)
    assert folder is not None
    assert not raw(command("show", str(folder), folder=tmp_path).stdout)
    missing = command("show", f"nothing{EVIL}", folder=tmp_path)
    assert (missing.returncode, raw(missing.stderr)) == (66, [])
    assert "\\x1b[31m" in missing.stderr


def test_visible_leaves_what_is_legitimate() -> None:
    """Marks, right-to-left letters, joined Persian and Hindi words and wide characters stay as they are."""
    for text in (
        "Jose\u0301",
        "\u05de\u05e8\u05d9\u05dd",
        "\u0645\u06cc\u200c\u062e",
        "\u0915\u094d\u200d\u0937",
        "王\u3000小",
        "❤\ufe0f",
    ):
        assert errors.visible(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\u200db", "a\\u200db"),
        ("\x9b", "\\x9b"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("a\tb", "a b"),
        ("\udc80", "\\udc80"),
    ],
)
def test_visible_shows_what_nobody_sees(text: str, expected: str) -> None:
    """Controls, overrides, separators, tags, zero-width characters and half a pair become escapes."""
    assert errors.visible(text) == expected


def test_every_error_is_fit_to_be_printed() -> None:
    """Whatever kind of error, its text has lines and nothing that moves the cursor."""
    for kind in (
        errors.RunoffError,
        errors.UsageError,
        errors.MissingFileError,
        errors.RunExistsError,
        errors.OutputError,
    ):
        assert str(kind(f"{EVIL}\n  fix:  another")) == f"{errors.visible(EVIL)}\n  fix:  another"
    assert not raw(str(errors.InputError.single(EVIL, EVIL, rule=EVIL, got=EVIL, fix=EVIL)))
