"""`runoff completion`: made of the parsers, and run by the shells that are here."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from runoff.app import commands
from runoff.app.cli import parser
from runoff.app.commands._completion import levels, script


def _bash(words: list[str], folder: Path) -> list[str]:
    """What bash offers for the last of these words."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    tail = '\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _runoff; printf "%s\\n" "${COMPREPLY[@]}"\n'
    done = subprocess.run(
        ["bash", "-c", script("bash", parser()) + tail, "bash", *words],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_each_command_and_option_is_known() -> None:
    """The levels have each command in its order, and of one its options, as --help has them."""
    found = {level.path: level for level in levels(parser())}
    assert [name for name, _ in found[()].below] == list(commands.HELP)
    words = {word for option in found["run",].options for word in option.spellings}
    assert {"--trials", "--report", "--watch", "--json", "-h"} <= words
    assert {"check", "list", "add"} == {name for name, _ in found["archive",].below}
    assert found["import",].choices == ("openelections", "medsl", "clarity", "france")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["runoff", "reh"], {"rehearse"}),
        (["runoff", "run", "--tr"], {"--trials", "--trials-table"}),
        (["runoff", "run", "--out", "re", "--js"], {"--json"}),  # re is a value, no command
        (["runoff", "export", "runs/a", "--as", ""], {"toplines", "sankey"}),
        (["runoff", "export", "--as", "sankey", "--o"], {"--out"}),
        (["runoff", "import", ""], {"openelections", "medsl", "clarity", "france"}),
        (["runoff", "import", "medsl", ""], set()),  # files, which bash adds by itself
        (["runoff", "archive", "l"], {"list"}),
        (["runoff", "archive", "list", "--cou"], {"--country"}),
        (["runoff", "completion", ""], {"bash", "zsh", "fish"}),
        (["runoff", "run", ""], set()),
    ],
)
def test_bash_offers_what_fits(words: list[str], offered: set[str], tmp_path: Path) -> None:
    """Commands, options, and the few words that an option or a first word may be; else nothing, and so files."""
    assert set(_bash(words, tmp_path)) == offered


def test_zsh_and_fish_read_their_scripts(tmp_path: Path) -> None:
    """Each shell that is here finds no mistake in its script, and fish offers what fits."""
    for shell in ("zsh", "fish"):
        if shutil.which(shell) is None:
            continue
        path = tmp_path / f"runoff.{shell}"
        path.write_text(script(shell, parser()), "utf-8")
        done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), shell
    if shutil.which("fish") is not None:
        ask = f"source {tmp_path}/runoff.fish; complete -C 'runoff archive l'; complete -C 'runoff export --as s'"
        home = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        done = subprocess.run(["fish", "-c", ask], env=home, capture_output=True, text=True, check=True)
        assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["list", "sankey"]
