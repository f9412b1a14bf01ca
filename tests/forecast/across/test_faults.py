"""What happens when the system fails: the n-th call, a kill, two writers at once; what stood there stands."""

from __future__ import annotations

import builtins
import errno
import io
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runoff.errors import RunoffError
from runoff.output import stages, store
from runoff.output.trials import Block
from runoff.phases import pipeline
from runoff.runfile.load import load
from tests import drawn
from tests.installed import ROOT

APRIL = ROOT / "configs" / "ga06-2017" / "april.toml"
KILLS = int(os.environ.get("RUNOFF_KILLS", "8"))  # more by hand


def _run(out: Path, seed: int = 3, *, trials_table: bool = True) -> pipeline.Finished:
    return drawn.kept(load(APRIL), trials=512, seed=seed, threads=1, out=out, trials_table=trials_table)


def _told(run: pipeline.Opened, drawn: pipeline.Drawn, blocks: list[Block]) -> str:
    """What a run says that cannot write, with exit code 74; '' where it could."""
    said, code = "", 74
    try:
        pipeline.put(run, drawn, blocks)
    except RunoffError as problem:
        said, code = str(problem), problem.exit_code
    assert code == 74, said
    return said


class Failing:
    """Calls that touch a folder; the n-th of them fails with an error."""

    def __init__(self, folder: Path, n: int, error: int) -> None:
        self.folder, self.n, self.error, self.calls = str(folder), n, error, 0

    def __call__(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The call, counted where it touches the folder."""

        def counted(*arguments: Any, **more: Any) -> Any:
            of_folder = arguments and (isinstance(arguments[0], int) or str(arguments[0]).startswith(self.folder))
            if of_folder:
                self.calls += 1
                if self.calls == self.n:
                    raise OSError(self.error, os.strerror(self.error), str(arguments[0]))
            return real(*arguments, **more)

        return counted


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EMFILE], ids=errno.errorcode.get)
def test_the_nth_failing_call_leaves_what_stood_there(
    error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever call fails (open, mkdir, fsync, rename, replace), there is one error that can be told, and no stage;
    a run that stands is whole; once no call fails, the run stands.
    """
    standing = _run(tmp_path, seed=1).directory
    before = store.read(standing)
    run = drawn.opened(load(APRIL), trials=512, seed=3, threads=1, out=tmp_path, trials_table=True)
    blocks: list[Block] = []
    made = pipeline.draw(run, on_trials=lambda *block: blocks.append(block))
    for n in range(1, 200):
        failing = Failing(tmp_path, n, error)
        with monkeypatch.context() as patch:
            for module, name in ((os, "open"), (os, "mkdir"), (os, "rename"), (os, "replace"), (os, "fsync")):
                patch.setattr(module, name, failing(getattr(module, name)))
            patch.setattr(builtins, "open", failing(builtins.open))
            patch.setattr(io, "open", failing(io.open))
            said = _told(run, made, blocks)
        assert store.read(standing) == before
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
        done = said == "" or "the run stands in" in said
        if done:  # what failed was not needed, or came after the rename
            (second,) = (path for path in tmp_path.iterdir() if path != standing)
            assert store.read(second)["run"]
            shutil.rmtree(second)
        else:
            assert "nothing was written" in said
            assert [*tmp_path.iterdir()] == [standing]
        assert said == "" or os.strerror(error) in said
        if failing.calls < n:
            break
    assert n > 10  # so many calls there are
    assert done


@pytest.mark.parametrize("size", [0, 1, 100, 2_000, 4_000, 8_000, 12_000, 20_000])
def test_a_disk_that_takes_no_more_bytes_leaves_what_stood_there(size: int, tmp_path: Path) -> None:
    """Files may grow to so many bytes: one error that names the file, code 74, no stage, the rest whole."""

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    standing = _run(tmp_path, seed=1).directory
    before = store.read(standing)
    words = ["--trials", "2048", "--trials-table", "--seed", "2", "--out", str(tmp_path), "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "runoff.app.cli", "run", str(APRIL), *words],
        cwd=ROOT, preexec_fn=full, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 74, done.stderr
    assert "File too large" in done.stderr
    assert str(tmp_path) in done.stderr.replace("\n  ", "")
    assert "Traceback" not in done.stderr
    assert store.read(standing) == before
    assert [*tmp_path.iterdir()] == [standing]


def test_a_killed_writer_leaves_nothing_that_can_be_read_torn(tmp_path: Path) -> None:
    """Killed at any moment while a reader looks without end: each run that is seen is whole, and the next one works."""
    dice = random.Random(5)
    command = [sys.executable, "-m", "runoff.app.cli", "run", str(APRIL), "--out", str(tmp_path), "--quiet"]
    seen = 0
    for number in range(KILLS):
        words = ["--seed", str(number), "--trials", "2048", "--trials-table"]
        process = subprocess.Popen([*command, *words], cwd=ROOT, stderr=subprocess.DEVNULL)
        end = time.monotonic() + dice.uniform(0.5, 1.4)
        while time.monotonic() < end:
            for folder in [path for path in tmp_path.iterdir() if not path.name.startswith(".")]:
                assert store.read(folder)["run"]
                seen += 1
        process.kill()
        process.wait()
    for folder in [path for path in tmp_path.iterdir() if not path.name.startswith(".")]:
        assert store.read(folder)["run"]
    for stage in tmp_path.glob(".*.stage"):
        os.utime(stage, (0, 0))  # later: one that died before it had signed its stage is known by its age
    _run(tmp_path, seed=1_000)  # sweeps what the dead have left
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("inside", [{}, {stages.MARKER: ""}, {stages.MARKER: '{"run_id": "a", "ho'}])
def test_a_stage_that_was_never_begun_is_swept_in_time(inside: dict[str, str], tmp_path: Path) -> None:
    """Killed between making a stage and signing it: it stays while its writer may live, and goes once it is old."""
    stage = tmp_path / ".a.1234.0123abcd.stage"
    stage.mkdir()
    for name, text in inside.items():
        (stage / name).write_text(text)
    stages.sweep(tmp_path)
    assert stage.exists()
    os.utime(stage, (0, 0))
    stages.sweep(tmp_path)
    assert not stage.exists()


@pytest.mark.parametrize("inside", [{"totals.parquet": "x"}, {stages.MARKER: '{"run_id": "a", "host": "elsewhere"}'}])
def test_a_stage_of_somebody_else_is_never_swept(inside: dict[str, str], tmp_path: Path) -> None:
    """However old: with work in it and no marker, or with another machine's marker, it is left as it is."""
    stage = tmp_path / ".a.1234.0123abcd.stage"
    stage.mkdir()
    for name, text in inside.items():
        (stage / name).write_text(text)
    os.utime(stage, (0, 0))
    stages.sweep(tmp_path)
    assert {path.name: path.read_text() for path in stage.iterdir()} == inside


def test_equal_runs_at_once_both_end_well(tmp_path: Path) -> None:
    """Of four writers of one run one writes it, and the others find that it stands with the same bits: exit code 0."""
    command = [sys.executable, "-m", "runoff.app.cli", "run", str(APRIL), "--trials", "20000", "--out", str(tmp_path)]
    writers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    assert sum("they stood there already" in text for text in said) == 3
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["h.csv", "h.parquet"])
def test_six_writers_of_one_history_lose_no_row(name: str, tmp_path: Path) -> None:
    """Ten rows each, at once, through a link to a file of mode 0640: sixty rows, link and mode as they were."""
    target, link = tmp_path / f"real-{name}", tmp_path / name
    link.symlink_to(target)
    code = (
        "import sys; from pathlib import Path; from runoff.output.history import append_history\n"
        "from runoff.output.schemas.runoff_night import HISTORY\n"
        "kinds = {'string': 'x', 'double': 0.5, 'int64': 1, 'int32': 1, 'bool': True}\n"
        "row = {c.name: kinds.get(c.type, '2025-03-02') for c in HISTORY.columns}\n"
        "[append_history(Path(sys.argv[1]), row) for _ in range(10)]\n"
    )
    first = subprocess.run(
        [sys.executable, "-c", code.replace("range(10)", "range(1)"), str(link)], cwd=ROOT, check=True
    )
    assert first.returncode == 0
    target.chmod(0o640)
    writers = [subprocess.Popen([sys.executable, "-c", code, str(link)], cwd=ROOT) for _ in range(6)]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 6
    from runoff.output import arrow

    rows = target.read_text().splitlines()[1:] if name.endswith(".csv") else arrow.read_file(target)[0]
    assert len(rows) == 61
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, f"real-{name}"])
