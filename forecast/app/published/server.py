"""The site over HTTP: read-only, made from runs on disk, nothing drawn on request.

A path is looked up among those that the site has and never joined to a folder's; what is not among them is not there.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from runoff.app.published import metrics, site
from runoff.app.published.found import Found, Reader, Shelf
from runoff.errors import RunoffError
from runoff.report.site import policy

_LOOK = 1.0  # seconds between two looks at the folder
_KEPT = 64 << 20  # bytes of pages that are kept
_LASTING = "public, max-age=31536000, immutable"


class Shown:
    """What the site shows now; looks at the folder again when asked a while after the last look."""

    def __init__(
        self,
        directory: Path,
        settings: site.Settings,
        clock: Callable[[], float] = time.monotonic,
        renew: Callable[[], object] = lambda: None,
    ) -> None:
        self._reader, self._settings, self._clock, self._renew = Reader(directory), settings, clock, renew
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._latest: dict[str, Found] = {}
        self._pages: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0
        self.shelf = Shelf((), ())
        self.problem = "not looked yet"
        self.entries: dict[str, site.Entry] = {}

    def look(self) -> None:
        """Look at the folder, unless that was just done; a failure is kept in `problem`, and the last look stands."""
        if self._clock() - self._looked < _LOOK or not self._lock.acquire(blocking=not self.entries):
            return  # another request is looking: this one answers from the look before
        try:
            if self._clock() - self._looked < _LOOK:
                return
            self._renew()
            shelf = self._never_back(self._reader.look())
            if shelf != self.shelf or not self.entries or self._settings.histories:
                self.entries = site.entries(shelf, self._settings)
                self.shelf = shelf
            self.problem = ""
        except (RunoffError, OSError) as problem:
            self.problem = str(problem).split("\n", 1)[0]
        finally:
            self._looked = self._clock()
            self._lock.release()

    def _never_back(self, shelf: Shelf) -> Shelf:
        """The shelf, with a race's latest run of the look before where it stands but was not seen."""
        seen = {run.run_id for run in shelf.runs}
        missed = [run for run in self._latest.values() if run.run_id not in seen and run.folder.is_dir()]
        if missed:
            order = sorted((*shelf.runs, *missed), key=lambda run: (run.race_id, *run.order))
            shelf = Shelf(tuple(order), shelf.notes)
        self._latest = shelf.latest()
        return shelf

    def content(self, entry: site.Entry, make: Callable[[], bytes]) -> bytes:
        """The bytes of an entry that is made; made once for each of its versions, while there is room."""
        key = (entry.path, entry.version)
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
                return found
        made = make()
        with self._lock:
            if key not in self._pages and len(made) <= _KEPT:
                self._pages[key] = made
                self._bytes += len(made)
                while self._bytes > _KEPT:
                    self._bytes -= len(self._pages.popitem(last=False)[1])
        return made


def application(directory: Path, settings: site.Settings, renew: Callable[[], object] = lambda: None) -> Starlette:
    """The site of the runs under a folder, as an ASGI application; renew : brings the folder up to date."""
    shown, counts = Shown(directory, settings, renew=renew), metrics.Counts()
    headers = {
        "Content-Security-Policy": policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    def answer(request: Request) -> Response:
        shown.look()
        response = _answer(shown, request)
        response.headers.update(headers)
        counts.count(response.status_code)
        return response

    def healthz(_: Request) -> Response:
        shown.look()
        sound = not shown.problem
        return PlainTextResponse("ok\n" if sound else f"{shown.problem}\n", 200 if sound else 503, headers=headers)

    def measured(_: Request) -> Response:
        shown.look()
        text = metrics.text(shown.shelf, counts, healthy=not shown.problem)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8", headers=headers)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/metrics", measured),
            Route("/{path:path}", answer),
        ]
    )


def _answer(shown: Shown, request: Request) -> Response:
    path = request.path_params["path"]
    entry = shown.entries.get(f"{path}index.html" if not path or path.endswith("/") else path)
    if entry is None:
        if f"{path}/index.html" in shown.entries:
            return RedirectResponse(f"/{quote(path)}/", 308)
        if shown.problem and not shown.entries:
            return PlainTextResponse(f"{shown.problem}\n", 503)
        return PlainTextResponse("not found\n", 404)
    cache = {"Cache-Control": _LASTING if entry.lasting else "no-cache"}
    if isinstance(entry.content, Path):
        cache["ETag"] = f'"{entry.version[:32]}"'
        if _has(request, cache["ETag"]):
            return Response(status_code=304, headers=cache)
        if not entry.content.is_file():
            return PlainTextResponse("not found\n", 404)
        return FileResponse(entry.content, media_type=entry.kind, headers=cache)
    try:
        content = shown.content(entry, entry.content)
    except (RunoffError, OSError) as problem:
        return PlainTextResponse(f"cannot be shown: {str(problem).split(chr(10), 1)[0]}\n", 503)
    cache["ETag"] = site.tag(content)
    if _has(request, cache["ETag"]):
        return Response(status_code=304, headers=cache)
    return Response(content, headers={**cache, "Content-Type": entry.kind})


def _has(request: Request, tag: str) -> bool:
    """Whether who asks says that these bytes are there already (If-None-Match, RFC 9110 13.1.2)."""
    said = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in said.split(",")}
    return "*" in tags or tag in tags
