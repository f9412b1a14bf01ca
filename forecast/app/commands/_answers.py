"""Answers of commands: text as wide as the terminal, JSON, and notes beside them."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from runoff.report import terminal

if TYPE_CHECKING:
    from pathlib import Path

    from runoff.phases.base import Phase
    from runoff.race import Tables
    from runoff.report.page import Page


def note(message: Warning | str, *_: object, **__: object) -> None:
    """A note on stderr; has the form of `warnings.showwarning`."""
    from runoff.errors import printable

    terminal.say(f"note: {printable(str(message))}")


def document(phase: Phase[Any, Any, Any], tables: Tables, directory: Path | str | None) -> dict[str, object]:
    """The document of --json, with the folder or the address of the tables where there is one."""
    document = phase.document(tables)
    return document if directory is None else {**document, "tables": str(directory)}


def print_json(document: object) -> None:
    """One JSON document; with escapes where stdout cannot spell every character."""
    from runoff.report.layout import json_text

    print(json_text(document) if terminal.spells_everything() else json.dumps(document, indent=2))


def print_page(page: Page) -> None:
    """A page as wide as the terminal, and at most terminal.WIDEST."""
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(page.text(terminal.width(sys.__stdout__), color))
