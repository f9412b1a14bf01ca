"""The example notebook is valid, short, and shows what it would show now."""

from __future__ import annotations

import re

from tests import notebook

CELL = {"cell_type", "id", "metadata", "source"}


def test_the_notebook_is_of_format_4_5() -> None:
    """Version 4.5, each cell with an id of its own and the keys of its kind, sources as lines; six to ten cells."""
    found = notebook.notebook()
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    assert set(found) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert 6 <= len(found["cells"]) <= 10
    ids = [cell["id"] for cell in found["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in found["cells"]:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert set(cell) - CELL == ({"execution_count", "outputs"} if cell["cell_type"] == "code" else set())
        assert all(line.endswith("\n") for line in cell["source"][:-1])


def test_the_stored_outputs_are_the_real_ones() -> None:
    """Each cell's last expression shows what is stored; `python -m tests.notebook` writes it anew."""
    found = notebook.notebook()
    cells = notebook.codes(found)
    assert [cell["outputs"] for cell in cells] == notebook.executed(found)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert sum(bool(cell["outputs"]) for cell in cells) >= 4
