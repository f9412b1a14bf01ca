"""`runoff demo`: what ships is the race of configs/, and it runs."""

from __future__ import annotations

import shlex
from pathlib import Path

from runoff.app.commands import demo
from tests.command import runoff
from tests.installed import ROOT


def test_what_ships_is_the_race_of_configs() -> None:
    """Every file of the demo equals the file of its name in configs/; the run file names no other."""
    files = demo.files()
    assert {demo.RUN_FILE, demo.RESULT} < set(files)
    for name, content in files.items():
        assert content == (ROOT / "configs" / "ga06-2017" / name).read_bytes(), name


def test_the_demo_runs_and_each_command_that_it_names_works(tmp_path: Path) -> None:
    """In a folder with a blank and a quote in its name; stdout ends with commands, each of which ends with 0."""
    folder = tmp_path / "try it, d'accord"
    done = runoff("demo", str(folder), "--trials", "1000", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    steps = [line.strip() for line in done.stdout.split("next:\n")[1].splitlines()]
    commands = [shlex.split(line)[1:] for line in steps if line.startswith("runoff ")]
    assert [words[0] for words in commands] == ["report", "check", "score", "run", "init"]
    for words in commands:
        more = ["--trials", "1000"] if words[0] == "run" else []
        answer = runoff(*words, *more, cwd=tmp_path)
        assert answer.returncode == 0, answer.stderr
    again = runoff("demo", str(folder), "--trials", "1000", cwd=tmp_path)
    assert again.returncode == 0
    assert "they stood there already" in again.stdout


def test_a_file_that_was_changed_is_left_alone(tmp_path: Path) -> None:
    """Somebody's own numbers in the demo's folder are no reason to write over them."""
    demo.put(tmp_path)
    (tmp_path / demo.RUN_FILE).write_text("mine")
    done = runoff("demo", str(tmp_path))
    assert done.returncode == 73
    assert "left alone" in done.stderr
    assert (tmp_path / demo.RUN_FILE).read_text() == "mine"
