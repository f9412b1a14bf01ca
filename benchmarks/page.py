"""Writes a recorded run into benchmarks/README.md: `python -m benchmarks.page`."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.record import RECORDED, figures_page, notes_page, read, rows_page

PAGE = Path(__file__).parent / "README.md"


def blocks() -> dict[str, str]:
    """What stands after each marker of the page."""
    rows, figures, notes = read(RECORDED)
    return {"notes": notes_page(notes), "figures": figures_page(figures), "rows": rows_page(rows)}


def shown(text: str, name: str) -> re.Match[str]:
    """The lines after a marker, up to an empty one."""
    found = re.search(rf"(?<=<!-- recorded: {name} -->\n\n)(?:.+\n)+", text)
    assert found, f"the page has no block {name}"
    return found


def rewrite() -> None:
    """Put the recorded run into the page."""
    text = PAGE.read_text("utf-8")
    for name, block in blocks().items():
        at = shown(text, name)
        text = text[: at.start()] + block + text[at.end() :]
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    rewrite()
