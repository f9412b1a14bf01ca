from __future__ import annotations

import base64
import http.client
import json
import random
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import uvicorn

from runoff.app.published.found import shelf
from runoff.app.published.server import Shown, application
from runoff.app.published.site import Settings, entries
from tests.command import runoff
from tests.forecast.app.published.shelves import put

Answer = tuple[int, dict[str, str], bytes]


class Served:
    """A site that is served in this process."""

    def __init__(self, directory: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(application(directory, Settings()), log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        self._thread.start()

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Status, headers in small letters, body."""
        link = http.client.HTTPConnection(*self._listener.getsockname(), timeout=30)
        link.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            link.putheader(name.replace("_", "-"), value)
        link.endheaders()
        answer = link.getresponse()
        found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        link.close()
        return found

    def stop(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(30)
        self._listener.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of one race, one of another, and a secret beside them."""
    out = tmp_path_factory.mktemp("served") / "runs"
    put(out, seed=1)
    put(out, seed=2, minute=1)
    put(out, "other")
    (out.parent / "secret.txt").write_text("secret")
    return out


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    """The site of that folder."""
    site = Served(folder)
    yield site
    site.stop()


def test_every_path_of_the_site_is_served_as_it_is_published(served: Served, folder: Path) -> None:
    """Bytes, media type, a strong tag that gives 304, and headers that let nothing else in."""
    for path, entry in entries(shelf(folder), Settings()).items():
        status, headers, body = served.ask(f"/{path}")
        assert status == 200, path
        wanted = entry.content.read_bytes() if isinstance(entry.content, Path) else entry.content()
        assert body == wanted, path
        assert headers["content-type"] == entry.kind
        assert "'unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        again = served.ask(f"/{path}", If_None_Match=headers["etag"])
        assert (again[0], again[2]) == (304, b"")
        assert served.ask(f"/{path}", "HEAD")[2] == b""
        assert ("immutable" in headers["cache-control"]) == (path.startswith("runs/") and path.endswith(".parquet"))


def test_the_policy_lets_our_own_style_in(served: Served) -> None:
    """The hash in the policy is that of the style within each page."""
    for path in ("/", "/races/race/", "/races/race/latest.html"):
        _, headers, body = served.ask(path)
        style = re.search(rb"<style>(.*?)</style>", body, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(sha256(style[1]).digest()).decode()
        assert f"'sha256-{digest}'" in headers["content-security-policy"]
        assert b' style="' not in body


def test_a_range_of_a_table_is_that_part_of_it(served: Served, folder: Path) -> None:
    """As readers of Parquet ask for it."""
    run = shelf(folder).latest()["race"]
    whole = (run.folder / "run.parquet").read_bytes()
    status, headers, body = served.ask("/races/race/latest/run.parquet", Range="bytes=-8")
    assert (status, body) == (206, whole[-8:])
    assert headers["content-range"] == f"bytes {len(whole) - 8}-{len(whole) - 1}/{len(whole)}"


def test_folders_are_found_with_and_without_a_slash(served: Served) -> None:
    """Without it, the answer says where."""
    status, headers, _ = served.ask("/races/race")
    assert (status, headers["location"]) == (308, "/races/race/")
    assert served.ask("/races/race/")[0] == 200


def test_nothing_outside_comes_out_whatever_is_asked(served: Served, folder: Path) -> None:
    """500 requests of damaged paths, methods, headers and ranges: an answer below 500 to each, never the secret."""
    rng = random.Random(5)
    run = shelf(folder).runs[0].run_id
    parts = ["", "..", ".", "%2e%2e", "..%2f", "%00", "runs", "races", "race", run, "inputs", "manifest.json", "latest"]
    parts += ["run.parquet", "secret.txt", "\\", "//", "%5c..", "index.html", "~", "%c0%ae", "x" * 300, "?a=b", ";"]
    ranges = ["bytes=0-", "bytes=9-3", "bytes=-0", "bytes=a-b", "bytes=0-1,3-4", "bytes=99999999999-", "rows=1-2"]
    tags = ["*", '"x"', "W/" + '"' * 50, ",,,", "\xff"]
    for _ in range(500):
        path = "/" + "/".join(rng.choice(parts) for _ in range(rng.randint(1, 6)))
        headers = {"Range": rng.choice(ranges)} if rng.random() < 0.5 else {}
        headers |= {"If_None_Match": rng.choice(tags)} if rng.random() < 0.3 else {}
        headers |= {"If_Range": rng.choice(tags)} if rng.random() < 0.2 else {}
        status, _, body = served.ask(path, rng.choice(["GET", "GET", "HEAD", "POST", "PUT", "DELETE"]), **headers)
        assert status < 500, (path, headers)
        assert body.strip() != b"secret", path
        assert b"Traceback" not in body
    assert served.ask("/runs/" + run + "/inputs/00.gz")[0] == 404
    assert served.ask("/runs/" + run + "/manifest.json")[0] == 404


def test_health_and_figures(served: Served, folder: Path) -> None:
    """Both answer; the figures are those of the latest run of each race."""
    assert served.ask("/healthz")[::2] == (200, b"ok\n")
    _, headers, body = served.ask("/metrics")
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    said = body.decode()
    for race, run in shelf(folder).latest().items():
        leader, chance = run.chances[0]
        assert f'runoff_p_win{{race="{race}",candidate="{leader}"}} {chance!r}' in said
        assert f'runoff_last_success_timestamp_seconds{{race="{race}"}} {run.written.timestamp()!r}' in said


def _made(shown: Shown, path: str) -> bytes:
    """The bytes of a path that is made when it is asked for."""
    entry = shown.entries[path]
    assert not isinstance(entry.content, Path)
    return shown.content(entry, entry.content)


def test_latest_never_goes_back_while_runs_are_written(tmp_path: Path) -> None:
    """A writer publishes 40 runs in random order of their time; what is asked meanwhile only ever gets later."""
    pool = [put(tmp_path / "pool", seed=seed, minute=seed) for seed in range(1, 41)]
    runs = tmp_path / "runs"
    runs.mkdir()
    order = pool[:]
    random.Random(1).shuffle(order)
    shutil.move(order[0], runs / order[0].name)
    shown = Shown(runs, Settings(), clock=iter(range(10**9)).__next__)
    seen: list[str] = []

    def write() -> None:
        for folder in order[1:]:
            folder.rename(runs / folder.name)
            time.sleep(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive() or len(seen) < 3:
        shown.look()
        content = json.loads(_made(shown, "races/race/latest.json"))
        seen.append(content["published"]["written"])
    writer.join()
    shown.look()
    assert seen == sorted(seen)
    assert len(set(seen)) > 1
    assert shown.shelf.latest()["race"].run_id == pool[-1].name


def test_a_folder_that_goes_away_is_told_and_the_last_look_stands(tmp_path: Path) -> None:
    """`problem` says so; pages that were there are there; they come back with the folder."""
    runs = tmp_path / "runs"
    put(runs)
    shown = Shown(runs, Settings(), clock=iter(range(10**9)).__next__)
    shown.look()
    page = _made(shown, "races/race/latest.json")
    runs.rename(tmp_path / "away")
    shown.look()
    assert "no such folder" in shown.problem
    assert _made(shown, "races/race/latest.json") == page
    (tmp_path / "away").rename(runs)
    shown.look()
    assert shown.problem == ""


def test_serve_says_what_keeps_it_from_serving(tmp_path: Path) -> None:
    """No folder; a port that another holds."""
    answer = runoff("serve", str(tmp_path / "none"), "--port", "0")
    assert (answer.returncode, "no such folder" in answer.stderr) == (66, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.listen()
        answer = runoff("serve", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert (answer.returncode, "cannot listen" in answer.stderr) == (74, True)


def test_answers_do_not_wait_for_each_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve` listens as TCP by name: else asyncio lets a packet wait for the last one (40 ms)."""
    heard: list[socket.socket] = []

    def run(_: uvicorn.Server, sockets: list[socket.socket]) -> None:
        heard.extend(sockets)
        assert sockets[0].proto == socket.IPPROTO_TCP

    monkeypatch.setattr(uvicorn.Server, "run", run)
    assert runoff("serve", str(folder), "--port", "0", "--quiet").returncode == 0
    assert len(heard) == 1
