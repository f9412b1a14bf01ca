"""A site under many requests, good and bad: `python -m tests.site_requests 10000`.

Asked in random order: every path of a site of three runs, damaged paths, ways out of the folder, odd headers and
ranges.  No answer may be a fault of the server, have a byte of what lies beside the site, or name a file of this
machine.  Then each good path in turn with Starlette's plain file response for the same bytes: medians, in one run.
"""

from __future__ import annotations

import http.client
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Route

from runoff.app.published.found import shelf
from runoff.app.published.server import application
from runoff.app.published.site import Settings, entries
from tests.forecast.app.published.shelves import put

_BAD = (
    *("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/runs/../../secret.txt", "//etc/passwd"),
    *("/runs/%00", "/" + "a" * 4000, "/runs//", "/races/../races/", "/?x=../secret.txt", "/%ff%fe", "/manifest.json"),
)
_HEADERS = (
    {},
    {"Range": "bytes=0-9"},
    {"Range": "bytes=9-0"},
    {"Range": "bytes=99999999-"},
    {"Range": "lines=1"},
    {"If-None-Match": "*"},
    {"If-None-Match": '"' + "x" * 300 + '"'},
    {"If-Range": "yesterday"},
    {"Accept-Encoding": "gzip;q=-1"},
    {"Host": "../.."},
)
_METHODS = ("GET", "GET", "GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE")
_SECRET = b"nobody may read this"


class _Served:
    """An application that is served in a thread, over one connection that is kept."""

    def __init__(self, app: Starlette) -> None:
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # as `serve` listens
        self.listener.bind(("127.0.0.1", 0))
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]}, daemon=True)
        self.thread.start()
        self.link = http.client.HTTPConnection(*self.listener.getsockname(), timeout=30)

    def ask(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body."""
        try:
            self.link.request(method, path, headers=headers or {})
            answer = self.link.getresponse()
            return answer.status, answer.read()
        except (
            http.client.HTTPException,
            OSError,
            ValueError,
            UnicodeError,
        ):  # the client, or uvicorn, will not have it
            self.link.close()
            return 0, b""


def main() -> None:
    """Ask, count, and time."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "runs"
        put(folder, seed=1)
        put(folder, seed=2, minute=1)
        put(folder, "other")
        (folder.parent / "secret.txt").write_bytes(_SECRET)
        found = entries(shelf(folder), Settings())
        paths = [f"/{path}" for path in found]
        site, dice, statuses = _Served(application(folder, Settings())), random.Random(1), Counter[int]()
        for _ in range(number):
            path = dice.choice(paths if dice.random() < 0.6 else _BAD)
            if dice.random() < 0.1:
                path += dice.choice(("/", "%20", "..", "\\", "?a=b", "%2f..%2f..%2fsecret.txt"))
            status, body = site.ask(path, dice.choice(_METHODS), dice.choice(_HEADERS))
            statuses[status] += 1
            if status >= 500 or _SECRET in body or b"Traceback" in body or place.encode() in body:
                sys.exit(f"{path}: {status} {body[:200]!r}")
        print("answers by status (0: not sent, or cut):", dict(sorted(statuses.items())))
        ours, plain = _times(site, found, Path(place) / "plain", paths)
        ratios = sorted(a / b for a, b in zip(ours, plain, strict=True))
        print(f"median answer {1e3 * statistics.median(ours):.2f} ms, plain {1e3 * statistics.median(plain):.2f} ms; "
              f"ratio by path: median {statistics.median(ratios):.2f}, largest {ratios[-1]:.2f}")  # fmt: skip


def _times(site: _Served, found: dict[str, object], folder: Path, paths: list[str]) -> tuple[list[float], list[float]]:
    """Median seconds of each path, and of a plain file response for the same bytes, asked by turns."""
    files = {}
    for number, path in enumerate(paths):
        files[path] = folder / f"{number}"
        folder.mkdir(exist_ok=True)
        files[path].write_bytes(site.ask(path)[1])
    plain = _Served(Starlette(routes=[Route(path, _file(file)) for path, file in files.items()]))
    ours, theirs = [], []
    for path in paths:
        took: tuple[list[float], list[float]] = [], []
        for _ in range(15):
            for one, into in ((site, took[0]), (plain, took[1])):
                begun = time.perf_counter()
                one.ask(path)
                into.append(time.perf_counter() - begun)
        ours.append(statistics.median(took[0]))
        theirs.append(statistics.median(took[1]))
    return ours, theirs


def _file(path: Path):  # type: ignore[no-untyped-def]  # an endpoint as Starlette has them
    async def answer(_: object) -> FileResponse:
        return FileResponse(path)

    return answer


if __name__ == "__main__":
    main()
