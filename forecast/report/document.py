"""Tables as a JSON document has them."""

from __future__ import annotations


def plain(row: dict[str, object], drop: tuple[str, ...] = ()) -> dict[str, object]:
    """A row as a document has it: dates as text, without the columns to drop."""
    return {
        key: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
        for key, value in row.items()
        if key not in drop
    }
