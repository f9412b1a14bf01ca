"""Runs in object storage, on moto's server: whole or not at all, whoever writes and whenever he dies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import runoff as package
from runoff.app.published.found import shelf
from runoff.app.stored import bucket as buckets
from runoff.app.stored import mirror
from runoff.app.stored.bucket import Bucket
from runoff.app.stored.mirror import at_hand
from runoff.app.stored.runs import put
from runoff.errors import InputError, MissingFileError, OutputError, RunExistsError, UsageError
from runoff.output import kept, store
from tests.command import APRIL, runoff
from tests.installed import ROOT
from tests.storage import new_bucket, remove, served


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, str]]:
    """Moto's server, which obstore finds by the environment."""
    with served() as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield environment


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on disk."""
    folder = tmp_path_factory.mktemp("run")
    assert runoff("run", APRIL, "--trials", "5000", "--out", str(folder), "--quiet").returncode == 0
    return next(folder.iterdir())


def _seen(address: str) -> str | None:
    """The digest that a reader finds; None if there is no run."""
    try:
        with at_hand(address) as folder:
            return kept.read_manifest(store.found(folder).folder).digest
    except MissingFileError:
        return None


def _latest(address: str) -> dict[str, Any]:
    there = Bucket(address).read("latest.json")
    assert there is not None
    races: dict[str, Any] = json.loads(there[0])["races"]
    return races


def test_a_run_goes_there_and_comes_back(service: dict[str, str], run: Path) -> None:
    """All files stand there under their own names, the manifest byte for byte, and come back as they were; the same
    run put again stood there, and `latest.json` names it.
    """
    bucket = Bucket(new_bucket(service) + "/a/b")
    first, second = put(run, bucket), put(run, bucket)
    assert (first.stood, second.stood) == (False, True)
    assert first.address == f"{bucket.address}/{run.name}"
    with at_hand(first.address) as folder:
        here = {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()}
        there = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert here == there
        assert folder.name == run.name
    assert _latest(bucket.address)["ga06-2017"]["run_id"] == run.name


def test_commands_read_addresses(service: dict[str, str], run: Path, tmp_path: Path) -> None:
    """run, list, show, report, ask and publish take an address and say what they say of the folder."""
    address = new_bucket(service) + "/forecasts"
    out = runoff("run", APRIL, "--trials", "5000", "--out", address, "--json")
    assert json.loads(out.stdout)["tables"] == f"{address}/{run.name}"
    for words in (["show"], ["ask", "turnout > 0.55"], ["trial", "7"]):
        here, there = (runoff(words[0], place, *words[1:]) for place in (str(run), f"{address}/{run.name}"))
        assert (there.returncode, there.stdout) == (0, here.stdout), words
    shown = json.loads(runoff("show", f"{address}/{run.name}/candidates.parquet", "--json").stdout)
    assert shown["tables"] == f"{address}/{run.name}/candidates.parquet"
    assert [row["run_id"] for row in json.loads(runoff("list", address, "--json").stdout)["runs"]] == [run.name]
    report = runoff("report", address, "-o", str(tmp_path / "r.html"))  # the one run that is there
    assert (report.returncode, report.stderr) == (0, "")
    assert runoff("publish", address, "--to", str(tmp_path / "site"), "--quiet").returncode == 0
    assert (tmp_path / "site" / "races" / "ga06-2017" / "latest.json").exists()


class _KilledError(BaseException):
    """What ends a writer here, wherever he is."""


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_writer_killed_at_any_request_leaves_the_old_or_the_new(
    service: dict[str, str], run: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    """Killed before or after each of its requests: readers find no run or the whole one, never a part; the same run
    put again stands whole, and `latest.json` names it.
    """
    digest, number = kept.read_manifest(run).digest, 0
    while True:
        bucket, left = Bucket(new_bucket(service)), number

        def dying(ask: Any) -> Any:
            def asked(*arguments: Any, **more: Any) -> Any:
                nonlocal left
                left -= 1
                if left < 0 and not after:
                    raise _KilledError
                found = ask(*arguments, **more)
                if left < 0:
                    raise _KilledError
                return found

            return asked

        with monkeypatch.context() as patch:
            for name in ("create", "read", "swap", "fetch"):
                patch.setattr(bucket, name, dying(getattr(bucket, name)))
            try:
                put(run, bucket)
            except _KilledError:
                ended = False
            else:
                ended = True
        assert _seen(bucket.address) in ({digest} if ended else {None, digest})
        again = Bucket(bucket.address)
        put(run, again)
        assert _seen(bucket.address) == digest
        assert _latest(bucket.address)["ga06-2017"]["run_id"] == run.name
        if ended:
            break
        number += 1
    assert number > len(list(run.rglob("*.parquet")))


def test_a_writer_killed_by_the_system(service: dict[str, str]) -> None:
    """SIGKILL in the middle of the command: no reader finds a part, and the command again brings the run."""
    address = new_bucket(service)
    code = (
        "import os, signal\nfrom runoff.app.stored import bucket\nput, left = bucket.Bucket.create, [4]\n"
        "def create(*words):\n    left[0] -= 1\n    left[0] or os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return put(*words)\n"
        f"bucket.Bucket.create = create\nfrom runoff.app.cli import main\nmain(['run', {str(APRIL)!r}, '--trials', "
        f"'5000', '--out', {address!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, check=False)
    assert done.returncode == -9
    assert _seen(address) is None
    assert runoff("run", APRIL, "--trials", "5000", "--out", address, "--quiet").returncode == 0
    assert _seen(address) is not None


def test_two_writers_at_once(service: dict[str, str], run: Path) -> None:
    """Eight at a time: one has put the run, the others find that it stands, and it is whole."""
    address, start = new_bucket(service), threading.Barrier(8)
    found: list[bool] = []

    def write() -> None:
        bucket = Bucket(address)
        start.wait()
        found.append(put(run, bucket).stood)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert found.count(False) >= 1
    assert _seen(address) == kept.read_manifest(run).digest


def test_other_numbers_under_the_same_name_are_refused(service: dict[str, str], run: Path, tmp_path: Path) -> None:
    """A run of this name with another digest is left alone, whole or begun; the loser is told."""
    other = tmp_path / run.name
    shutil.copytree(run, other)
    manifest = json.loads((other / kept.MANIFEST).read_text())
    (other / kept.MANIFEST).write_text(json.dumps({**manifest, "digest": "0" * 64}))
    whole, begun = Bucket(new_bucket(service)), Bucket(new_bucket(service))
    put(run, whole)
    begun.create(f"{run.name}/candidates.parquet", run / "candidates.parquet")
    for bucket in (whole, begun):
        with pytest.raises(RunExistsError, match="other numbers"):
            put(other, bucket)
    assert _seen(whole.address) == kept.read_manifest(run).digest


def test_latest_never_goes_back(service: dict[str, str], run: Path, tmp_path: Path) -> None:
    """Of runs of several days put in any order at once, `latest.json` names the latest day's when all are done."""
    address, days = new_bucket(service), ["2017-05-01", "2017-06-01", "2017-05-15", "2017-06-18", "2017-04-20"]
    folders = []
    for day in days:
        assert (
            runoff("run", APRIL, "--trials", "500", "--as-of", day, "--out", str(tmp_path), "--quiet").returncode == 0
        )
    folders = [path for path in tmp_path.iterdir() if (path / kept.MANIFEST).exists()]
    threads = [threading.Thread(target=put, args=(folder, Bucket(address))) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(folders) == 5
    assert _latest(address)["ga06-2017"]["as_of"] == "2017-06-18"
    put(folders[0], Bucket(address))
    assert _latest(address)["ga06-2017"]["as_of"] == "2017-06-18"


def test_what_fails_there_is_told(service: dict[str, str], run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bucket, no run, several runs, somebody else's `latest.json`, no service, no obstore: a message each."""
    address = new_bucket(service)
    with pytest.raises(OutputError, match="bucket does not exist"):
        put(run, Bucket("s3://nobody-has-this-bucket"))
    with pytest.raises(MissingFileError, match="no such run"), at_hand(f"{address}/nothing"):
        pass
    for name in ("a", "b"):
        put(run, Bucket(f"{address}/{name}"))
    gone = f"{address}/a/{run.name}/gone.parquet"  # beside files of a run, and none of them
    with pytest.raises(MissingFileError, match=r"gone\.parquet: no such run"), at_hand(gone):
        pass
    with pytest.raises(MissingFileError, match="not one run"), at_hand(address):
        pass
    with at_hand(address, many=True) as folder:
        assert len(list(folder.rglob(kept.MANIFEST))) == 2
    other = Bucket(f"{address}/c")
    other.create("latest.json", b"[]")
    with pytest.raises(OutputError, match="not a list of latest runs"):
        put(run, other)
    for wrong in ("s3://", "s3:///x", "http://x/y", "s3://a/b?c", "s3://a/b#c", "s3://a//b", "s3://a/../b"):
        with pytest.raises(UsageError, match="not an address"):
            Bucket(wrong)
    monkeypatch.setattr(buckets, "_RETRIES", 0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(OutputError, match="cannot read"):
        Bucket(address).read("x")
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UsageError, match=r"runoff\[cloud\]"):
        Bucket(address)


def test_what_is_served_follows_the_bucket(service: dict[str, str], run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror has what is there, fetches a run that comes once, and lets one go whose manifest is gone; a service that
    is away leaves what was fetched.
    """
    monkeypatch.setattr(mirror, "_LOOK", 0.0)
    address = new_bucket(service)
    put(run, Bucket(f"{address}/a"))
    with mirror.live(address) as (folder, renew):
        assert [found.run_id for found in shelf(folder).runs] == [run.name]
        put(run, Bucket(f"{address}/b"))
        renew()
        assert len(list(folder.rglob(kept.MANIFEST))) == 2
        before = (folder / "a" / run.name / kept.MANIFEST).stat().st_ino
        remove(f"{address}/b/{run.name}", kept.MANIFEST)
        renew()
        assert [path.parent.parent.name for path in folder.rglob(kept.MANIFEST)] == ["a"]
        assert (folder / "a" / run.name / kept.MANIFEST).stat().st_ino == before
        with monkeypatch.context() as away:
            away.setattr(Bucket, "objects", lambda _: (_ for _ in ()).throw(OutputError("away")))
            with pytest.raises(OutputError):
                renew()
        assert [found.run_id for found in shelf(folder).runs] == [run.name]


def test_one_damaged_run_does_not_hide_the_others(service: dict[str, str], run: Path) -> None:
    """A manifest that is none is told as on disk, and the list has the other runs; no runs at all are told."""
    address = new_bucket(service)
    assert "no runs there" in runoff("list", address).stderr
    put(run, Bucket(address))
    whole = json.loads((run / kept.MANIFEST).read_text())
    odd = ({}, {**whole, "inputs": [1]}, {**whole, "inputs": {"files": [{}]}}, whole)  # the last one without its files
    for number, content in enumerate(odd):
        Bucket(address).create(f"x{number}/{kept.MANIFEST}", json.dumps(content).encode())
    listed = runoff("list", address, "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert [found["run_id"] for found in json.loads(listed.stdout)["runs"]] == [run.name]
    assert len(json.loads(listed.stdout)["notes"]) == len(odd)
    for number in range(len(odd)):
        done = runoff("show", f"{address}/x{number}")
        assert (done.returncode, f"{address}/x{number}" in done.stderr) == (65, True), number


def test_a_file_that_was_changed_there_is_told_by_its_address(service: dict[str, str], run: Path) -> None:
    """Not by the folder that it was fetched into, which is gone; exit 65 as on disk."""
    bucket = Bucket(new_bucket(service))
    put(run, bucket)
    remove(f"{bucket.address}/{run.name}", "candidates.parquet")
    bucket.create(f"{run.name}/candidates.parquet", b"junk")
    done = runoff("show", f"{bucket.address}/{run.name}")
    assert done.returncode == 65
    assert f"{bucket.address}/{run.name}/candidates.parquet: the file is not what the run wrote" in done.stderr
    assert "/tmp" not in done.stderr


def test_where_no_address_is_taken_it_is_told(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run file's place, and Python's folders: refused with a way out, and no folder `s3:` is made."""
    monkeypatch.chdir(tmp_path)
    for words in (("run", "s3://b/x"), ("check", "s3://b/x"), ("sweep", "s3://b/x", "--set", "a=1")):
        done = runoff(*words)
        assert (done.returncode, "an address where" in done.stderr) == (2, True), words
    result = package.run(package.load(APRIL), trials=500)
    case = package.load(APRIL)
    for call in (
        lambda: result.save("s3://b/x"),
        lambda: package.read("s3://b/x"),
        lambda: package.sweep(case, ["new_voters.turnout.low=0.05"], package.Options(trials=500), out="s3://b/x"),
    ):
        with pytest.raises(UsageError, match="an address where"):
            call()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../outside.parquet", "/etc/passwd", "a/b/c.parquet", "..\\x"])
def test_a_manifest_that_leads_elsewhere_is_refused(service: dict[str, str], name: str) -> None:
    """A manifest in a bucket is not trusted: names outside its folder are fetched nowhere."""
    bucket = Bucket(new_bucket(service))
    entry = {name: {"sha256": "0" * 64, "bytes": 1}}
    content = {"run_id": "x", "phase": "runoff_ahead", "digest": "0", "tables": ["run"], "files": entry}
    bucket.create(f"x/{kept.MANIFEST}", json.dumps(content).encode())
    for key in (name, f"x/{name}"):
        with suppress(ValueError):  # a key that obstore takes for none
            bucket.create(key.lstrip("/"), b"x")
    with at_hand(f"{bucket.address}/x") as folder:
        assert [path.name for path in folder.parent.rglob("*") if path.is_file()] == [kept.MANIFEST]
        with pytest.raises(InputError):
            store.found(folder)
