"""Pages that stand together on a site: a race's, which renews itself, and the list of all of them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runoff.report.html import rendered, style
from runoff.report.illustrated import Report

_FOLDER = Path(__file__).with_name("templates")
_SCRIPT, _SHEET = _FOLDER / "renew.js", _FOLDER / "site.css"

_WITHIN = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'"  # on a host of any kind
)


@dataclass(frozen=True, slots=True)
class Link:
    """Where it leads, from the site's root, and its text."""

    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list: what is linked, where to, and what is said of it."""

    text: str
    to: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list under a heading; heads : of the linked column and of the cells."""

    heading: str
    heads: tuple[str, ...]
    rows: tuple[Line, ...]


def live(report: Report, links: Sequence[Link], root: str, written: str, stale: int) -> str:
    """A report that renews itself where it is served.

    root : the way from the page to the site's root.  written : ISO 8601, UTC.  stale : minutes after which the page
    says that it is old.
    """
    places = {"links": tuple(links), "root": root, "style": _style(), "policy": _WITHIN}
    return rendered("live.html.jinja", report=report, written=written, stale=stale, **places)


def index(title: str, tables: Sequence[Listed], notes: Sequence[str]) -> str:
    """The page of all races and runs."""
    said = {"title": title, "tables": tuple(tables), "notes": tuple(notes)}
    return rendered("index.html.jinja", style=_style(), policy=_WITHIN, **said)


def _style() -> str:
    """The style sheet of reports, and what a site's pages have besides."""
    return style() + _SHEET.read_text("utf-8")


def script() -> str:
    """What renews a race's page."""
    return _SCRIPT.read_text("utf-8")


def policy() -> str:
    """The Content-Security-Policy under which these pages work: our styles by hash, one script of ours, no more."""
    digests = [hashlib.sha256(f"\n{sheet}".encode()).digest() for sheet in (style(), _style())]
    own = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; style-src {own}; script-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
