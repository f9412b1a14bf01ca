"""Tables and pages as a JSON document has them."""

from __future__ import annotations

from typing import Any

from runoff.report.page import Bars, Facts, Grid, Lines, Outline, Page, Part, captioned


def plain(row: dict[str, object], drop: tuple[str, ...] = ()) -> dict[str, object]:
    """A row as a document has it: dates as text, without the columns to drop."""
    return {
        key: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
        for key, value in row.items()
        if key not in drop
    }


def as_document(page: Page) -> dict[str, Any]:
    """The page as dicts, lists and texts: `headline`, `parts` (each with its `kind`) and `notes`."""
    return {"headline": page.headline, "parts": [_part(part) for part in page.parts], "notes": list(page.notes)}


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Grid():
            columns = [{"head": c.head, "cells": list(c.cells), "note": c.note} for c in part.columns]
            above, below = (captioned(caption, part.columns) for caption in (part.above, part.below))
            return {"kind": "grid", "above": above, "columns": columns, "more": list(part.more), "below": below}
        case Bars():
            rows = [{"name": b.name, "span": b.span, "share": b.share, "mark": b.mark} for b in part.rows]
            return {"kind": "bars", "above": part.above, "rows": rows}
        case Facts():
            return {"kind": "facts", "rows": [{"name": name, "said": said} for name, said in part.rows]}
        case Outline():
            return {"kind": "outline", "items": _nested(part), "notes": list(part.notes)}
        case Lines():
            return {"kind": "lines", "lines": list(part.lines)}


def _nested(outline: Outline) -> list[dict[str, Any]]:
    """Each line with the lines under it."""
    top: list[dict[str, Any]] = []
    above = [(-1, top)]  # the lists that are open, with their depths
    for depth, text in outline.items:
        while above[-1][0] >= depth:
            above.pop()
        item: dict[str, Any] = {"text": text, "items": []}
        above[-1][1].append(item)
        above.append((depth, item["items"]))
    return top
