"""Pages as tests read them."""

from __future__ import annotations

from typing import Any

from runoff.phases.registry import PHASES


def render(tables: dict[str, list[dict[str, Any]]], width: int = 80, color: bool = False) -> str:
    """The text of a run's tables, whatever its phase."""
    phase = next(phase for phase in PHASES if phase.head in tables)
    return phase.page(tables).text(width, color)
