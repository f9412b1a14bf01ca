"""A run carries what it was drawn from, and can be drawn again once the originals are gone."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

import runoff
from runoff.app import cli, commands
from runoff.errors import InputError, MissingFileError
from runoff.files import Files, read_bytes
from runoff.output import inputs
from tests import documents, drawn

GA06 = documents.CONFIGS
RUNS: dict[str, tuple[str, ...]] = {
    "april.toml": (),
    "eve.toml": ("--as-of", "2017-06-10", "--seed", "9"),
    "precincts.toml": ("--totals-only",),
    "first-round-eve.toml": (),
    "first-round-night-0130.toml": ("--seed", "3"),
    "runoff-night.toml": ("--results", "TABLE"),
}


def _run(*words: object) -> int:
    return commands.execute(cli.parser().parse_args([str(word) for word in ("run", *words)]))


@pytest.mark.parametrize("file", RUNS)
def test_a_run_is_drawn_again_without_its_originals(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In each phase: to the same digest, under the same name, with the command line's words of then."""
    folder, table = tmp_path / "case", tmp_path / "elsewhere.csv"
    shutil.copytree(GA06, folder)
    shutil.copy(GA06 / "runoff-counted-2055.csv", table)
    words = [str(table) if word == "TABLE" else word for word in RUNS[file]]
    assert _run(folder / file, "--trials", 1_024, "--out", tmp_path / "a", "--quiet", *words) == 0
    (first,) = (tmp_path / "a").iterdir()
    shutil.rmtree(folder)
    table.unlink()
    assert _run(first, "--out", tmp_path / "b", "--quiet") == 0
    (second,) = (tmp_path / "b").iterdir()
    assert second.name == first.name
    assert runoff.read(second) == runoff.read(first)
    assert _run(second, "--out", tmp_path / "a") == 0
    assert "they stood there already" in capsys.readouterr().out


def test_words_of_now_go_before_those_of_then(tmp_path: Path) -> None:
    """Another seed is another run, drawn from the same inputs."""
    assert _run(GA06 / "april.toml", "--trials", 1_024, "--seed", 4, "--out", tmp_path / "a", "--quiet") == 0
    (first,) = (tmp_path / "a").iterdir()
    assert _run(first, "--seed", 5, "--out", tmp_path / "b", "--quiet") == 0
    (second,) = (tmp_path / "b").iterdir()
    assert runoff.read(second) == runoff.run(runoff.load(GA06 / "april.toml"), trials=1_024, seed=5)
    assert second.name != first.name


def test_what_is_kept_is_what_was_parsed(tmp_path: Path) -> None:
    """Every table, byte for byte, and the run file; nothing with --no-inputs, or where the run file says so."""
    case = runoff.load(GA06 / "eve.toml")
    found = inputs.read(drawn.kept(case, trials=256, out=tmp_path / "a").directory)
    assert found.text == case.text
    assert found.name == "eve.toml"
    assert {Path(name).name for name in found.files} == {name for name, _ in case.sources}
    for name, content in found.files.items():
        assert content == (GA06 / name).read_bytes()
    without = runoff.loads(case.text.replace("[output]", "[output]\ninputs = false"), GA06)
    for run in (
        drawn.kept(case, trials=256, out=tmp_path / "b", inputs=False),
        drawn.kept(without, trials=256, out=tmp_path / "c"),
    ):
        assert not (run.directory / "inputs").exists()
        with pytest.raises(MissingFileError, match="does not carry what it was drawn from"):
            inputs.read(run.directory)


def test_damage_is_told(tmp_path: Path) -> None:
    """A file that is gone or altered, or a manifest that points elsewhere: refused, and nothing is drawn."""
    folder = drawn.kept(runoff.load(GA06 / "april.toml"), trials=256, out=tmp_path / "runs").directory
    path, manifest = folder / "inputs" / "01.gz", folder / "manifest.json"
    whole, said = path.read_bytes(), json.loads(manifest.read_text())
    path.write_bytes(whole[:-3])
    with pytest.raises(InputError, match=r"01\.gz: the file is not what the run wrote"):
        inputs.read(folder)
    path.unlink()
    with pytest.raises(InputError, match=r"01\.gz: the file is gone or damaged"):
        inputs.read(folder)
    path.write_bytes(whole)
    said["inputs"]["files"][1]["file"] = "../../../outside.gz"
    manifest.write_text(json.dumps(said))
    (tmp_path / "outside.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(InputError, match="its word on inputs is damaged"):
        inputs.read(folder)


def test_files_have_names_below_their_folder(tmp_path: Path) -> None:
    """A table below the run file's folder, and beside it; what is not given is not looked for on the disk."""
    (tmp_path / "in").mkdir()
    for name in ("in/a.csv", "b.csv"):
        (tmp_path / name).write_text(name)
    files = Files(tmp_path / "in")
    with files.open():
        for name in ("a.csv", "../b.csv"):
            read_bytes(tmp_path / "in" / name, 100, "the table")
    assert files.read == {"a.csv": b"in/a.csv", "../b.csv": b"b.csv"}
    with Files(given=files.read).open():
        assert read_bytes(Path("../b.csv"), 100, "the table") == b"b.csv"
        with pytest.raises(MissingFileError, match="not among the run's inputs"):
            read_bytes(tmp_path / "b.csv", 100, "the table")
