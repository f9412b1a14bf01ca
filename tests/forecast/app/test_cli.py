"""The command as people use it: answers, exit codes, what is written and what is not."""

from __future__ import annotations

import json
import keyword
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from runoff.app import commands
from runoff.app.cli import parser
from runoff.app.template import RESULTS, RUN_FILE, example_results, template
from runoff.runfile.load import load
from runoff.runfile.sections.run_file import json_schema
from tests.command import APRIL, heed_interrupts, runoff
from tests.installed import ROOT


def test_each_command_is_a_file_and_each_file_a_command() -> None:
    """Every file of the room is in the list, with a line of help each, and each has its words and what it does."""
    files = {path.stem for path in (ROOT / "forecast/app/commands").glob("[a-z]*.py")}
    assert {name.replace("-", "_") + "_" * keyword.iskeyword(name) for name in commands.HELP} == files
    assert all(commands.HELP.values())
    for name in commands.HELP:
        found = commands.command(name)
        assert callable(found.add)
        assert callable(found.carry_out)


def test_run_writes_tables_and_says_the_answer_first(tmp_path: Path) -> None:
    """Stdout starts with the answer and ends with the folder; stderr is empty; the tables are there."""
    answer = runoff("run", APRIL, "--trials", "20000", "--out", str(tmp_path))
    assert (answer.returncode, answer.stderr) == (0, "")
    lines = answer.stdout.rstrip().split("\n")
    assert " wins in about " in lines[0]
    folder = Path(lines[-1].removeprefix("tables: "))
    assert pq.read_table(folder / "run.parquet").column("trials").to_pylist() == [20_000]
    assert max(map(len, lines[:-1])) <= 80


def test_show_prints_the_run_again(tmp_path: Path) -> None:
    """`show` of the folder prints what `run` printed, but for the line that names the folder."""
    first = runoff("run", APRIL, "--trials", "5000", "--out", str(tmp_path)).stdout
    again = runoff("show", str(tmp_path)).stdout
    assert first.startswith(again.rstrip("\n"))
    assert len(again) > 1_000


def test_equal_runs_share_their_bits_and_their_folder(tmp_path: Path) -> None:
    """A second run of the same file, on other threads, finds the same bits and leaves the tables alone."""
    words = ("run", APRIL, "--trials", "5000", "--out", str(tmp_path))
    runoff(*words, "--threads", "1")
    stamp = {path.name: path.stat().st_mtime_ns for path in next(tmp_path.iterdir()).iterdir()}
    second = runoff(*words, "--threads", "3")
    assert second.returncode == 0
    assert "with the same bits" in second.stdout
    assert {path.name: path.stat().st_mtime_ns for path in next(tmp_path.iterdir()).iterdir()} == stamp


def test_a_run_of_that_name_with_other_bits_is_left_alone(tmp_path: Path) -> None:
    """If what stands there is damaged or different, exit code 73 and nothing is touched."""
    words = ("run", APRIL, "--trials", "5000", "--out", str(tmp_path))
    runoff(*words)
    victim = next(tmp_path.iterdir()) / "run.parquet"
    victim.write_bytes(b"not parquet")
    answer = runoff(*words)
    assert answer.returncode == 73
    assert victim.read_bytes() == b"not parquet"


def test_seed_and_trials_speak_last(tmp_path: Path) -> None:
    """--seed 0 is a seed, and other than the file's; both runs stand side by side."""
    digests = set()
    for seed in ("0", "1"):
        answer = runoff("run", APRIL, "--trials", "5000", "--seed", seed, "--out", str(tmp_path), "--json")
        document = json.loads(answer.stdout)
        assert document["run"]["seed"] == int(seed)
        digests.add(document["run"]["digest"])
    assert len(digests) == 2


def test_target_se_stops_when_it_is_reached(tmp_path: Path) -> None:
    """Trials are drawn in rounds until the standard error asked for, and no further."""
    answer = runoff("run", APRIL, "--target-se", "0.0008", "--out", str(tmp_path), "--json")
    run = json.loads(answer.stdout)
    assert run["run"]["trials"] == 2 * 2**18
    assert run["candidates"][0]["p_win_mcse"] <= 0.0008


def test_trials_table_holds_each_trial(tmp_path: Path) -> None:
    """--trials-table writes a row a trial and finalist whose votes give the wins of `candidates`."""
    runoff("run", APRIL, "--trials", "40000", "--trials-table", "--out", str(tmp_path))
    folder = next(tmp_path.iterdir())
    trials = pq.read_table(folder / "trials.parquet").to_pandas()
    wide = trials.pivot_table(index="trial", columns="candidate", values="votes")
    candidates = {row["candidate"]: row for row in pq.read_table(folder / "candidates.parquet").to_pylist()}
    assert len(wide) == 40_000
    ahead = int((wide["Jon Ossoff"] > wide["Karen Handel"]).sum())
    assert ahead == candidates["Jon Ossoff"]["wins"]
    assert wide["Jon Ossoff"].mean() == pytest.approx(candidates["Jon Ossoff"]["votes_mean"])


def test_several_files_and_standard_input(tmp_path: Path) -> None:
    """Several run files in one call; `-` reads one from standard input, its tables beside the caller."""
    eve = APRIL.replace("april", "eve")
    answer = runoff("run", APRIL, eve, "--trials", "2000", "--out", str(tmp_path))
    assert answer.stdout.count(" wins in about ") == 2
    folder = Path(APRIL).parent
    piped = runoff(
        "run", "-", "--trials", "2000", "--out", str(tmp_path / "x"), cwd=folder, stdin=Path(APRIL).read_text()
    )
    assert piped.returncode == 0, piped.stderr


def test_quiet_says_nothing(tmp_path: Path) -> None:
    """--quiet prints nothing at all, and the tables are written."""
    answer = runoff("run", APRIL, "--trials", "2000", "--out", str(tmp_path), "--quiet")
    assert (answer.stdout, answer.stderr, answer.returncode) == ("", "", 0)
    assert list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("run",), 2, "FILE"),
        (("fly",), 2, "fly"),
        (("run", APRIL, "--trials", "0"), 2, "from 1 to 1e12"),
        (("run", APRIL, "--trials", "many"), 2, "got 'many'"),
        (("run", APRIL, "--target-se", "nan"), 2, "at most 0.1"),
        (("run", APRIL, "--seed", "-1"), 2, "2^63"),
        (("run", "absent.toml"), 66, "absent.toml"),
        (("run", "configs"), 66, "a folder"),
        (("check", "absent.toml"), 66, "absent.toml"),
        (("show", "absent"), 66, "no such run"),
        (("show", "configs"), 66, "no manifest"),
        (("run", str(ROOT / "pyproject.toml")), 65, "there is no section [project]"),
        (("run", APRIL, "--trials", "10", "--out", "/dev/null/x"), 74, "cannot write"),
    ],
)
def test_exit_codes(words: tuple[str, ...], code: int, told: str) -> None:
    """Each failure has its exit code and one message on stderr, and never a traceback."""
    answer = runoff(*words)
    assert answer.returncode == code, answer.stderr
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_bad_input_among_good_draws_nothing(tmp_path: Path) -> None:
    """All files are read before any is drawn: one bad file, and nothing is written."""
    bad = tmp_path / "bad.toml"
    bad.write_text("[race]\n")
    answer = runoff("run", APRIL, str(bad), "--out", str(tmp_path / "out"))
    assert answer.returncode == 65
    assert not (tmp_path / "out").exists()


def test_ctrl_c_ends_within_a_second_and_leaves_nothing(tmp_path: Path) -> None:
    """SIGINT during a long run, its kernels compiled: exit code 130 within a second, and an empty folder."""
    assert runoff("run", APRIL, "--trials", "1000", "--out", str(tmp_path / "before"), "--quiet").returncode == 0
    shutil.rmtree(tmp_path / "before")
    process = subprocess.Popen(
        [sys.executable, "-m", "runoff.app.cli", "run", APRIL, "--trials", "100000000000", "--out", str(tmp_path)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".*.stage")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    _, told = process.communicate(timeout=20)
    assert time.monotonic() - sent < 1.0
    assert process.returncode == 130
    assert told.strip() == "interrupted: nothing was written"
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    """`runoff ... | head -1` ends without a message."""
    command = f"{sys.executable} -m runoff.app.cli run {APRIL} --trials 2000 --out {tmp_path} | head -1"
    answer = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.count("\n") == 1
    assert answer.stderr == ""


def test_check_says_what_was_understood() -> None:
    """Each pool with people, rates, 80 % ranges and who said them."""
    answer = runoff("check", APRIL)
    assert answer.returncode == 0
    assert "Bob Gray (R, eliminated): 20,802 people" in answer.stdout
    assert "to Karen Handel: 90.3 % (82.0 to 95.0)  said: 0.82 to 0.95 (80 %)  [bloc]" in answer.stdout
    assert "did not vote in April" in answer.stdout
    assert max(map(len, answer.stdout.split("\n"))) <= 80


def test_init_writes_what_runs(tmp_path: Path) -> None:
    """`init`, `check` and `run` follow each other without an edit; a second `init` is refused with 73."""
    assert runoff("init", str(tmp_path)).returncode == 0
    assert runoff("check", "runoff.toml", cwd=tmp_path).returncode == 0
    answer = runoff("run", "runoff.toml", "--trials", "1000", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert runoff("init", str(tmp_path)).returncode == 73
    assert (tmp_path / "runoff.toml").read_text("utf-8") == template()


def test_schema_is_printed_and_describes_every_key() -> None:
    """`schema` prints the JSON Schema; every key of every section has a description or is a section."""
    schema = json.loads(runoff("schema").stdout)
    assert schema == json.loads(json.dumps(json_schema()))
    whole = json.loads(runoff("schema", "--chamber").stdout)
    assert "ChamberSection" in whole["$defs"]
    for name, section in [*schema["$defs"].items(), *whole["$defs"].items()]:
        for key, entry in section["properties"].items():
            assert "description" in entry or "$ref" in entry or "allOf" in entry, (name, key)


def test_a_dozen_runs_of_one_file_are_loaded_once(tmp_path: Path) -> None:
    """The same path may be given twice: the second run finds the first's tables."""
    answer = runoff("run", APRIL, APRIL, "--trials", "1000", "--out", str(tmp_path))
    assert answer.returncode == 0
    assert len(list(tmp_path.iterdir())) == 1
    assert load(Path(APRIL)).finalists == ("Jon Ossoff", "Karen Handel")


@pytest.mark.parametrize("columns", ["12", "20", "47"])
def test_narrow_terminals(tmp_path: Path, columns: str) -> None:
    """A terminal of 12 columns gets its answer as one of 20 does."""
    (tmp_path / RUN_FILE).write_text(template(), "utf-8")
    (tmp_path / RESULTS).write_text(example_results(), "utf-8")
    answer = runoff("run", RUN_FILE, "--trials", "2000", cwd=tmp_path, COLUMNS=columns)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.split("\ntables: ")[0].split("\n")
    assert max(map(len, lines)) <= max(int(columns), 20)


@pytest.mark.parametrize("text", ["1e6", "1_000_000", "1.0e6", "1000000"])
def test_trials_are_said_in_several_ways(text: str) -> None:
    """A million is a million, however it is written."""
    assert parser().parse_args(["run", "x", "--trials", text]).trials == 1_000_000


@pytest.mark.parametrize("words", ["--trials 1.5", "--trials 1e13", "--trials 1.55e1", "--seed ١٢", "--threads 2e0"])
def test_numbers_that_are_none_are_refused(words: str) -> None:
    """Other digits, fractions and too many: usage, with the rule."""
    answer = runoff("run", APRIL, *words.split())
    assert answer.returncode == 2
    assert "must be a whole number from" in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        "run x --out ftp://bucket/runs",
        "shard x --shard 1/2 --out http://b",
        "publish runs --to gs://b",
        "merge s3://b/parts",
        "show https://x.org/r",
    ],
)
def test_an_address_is_no_folder(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a file or folder is meant an address is refused, and no folder named after its scheme is made."""
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(words.split())
    assert ended.value.code == 2
    assert "not an address" in capsys.readouterr().err


def test_check_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 50 columns no line of what was understood is wider, and at 100 some are wider than 80."""
    for columns, low, high in ((50, 40, 50), (100, 81, 100)):
        monkeypatch.setenv("COLUMNS", str(columns))
        widest = max(map(len, runoff("check", APRIL).stdout.split("\n")))
        assert low <= widest <= high
