"""Each table of polls is read once: what was parsed is what was hashed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from runoff.app.template import example_results, template
from runoff.data.tables import table as tables
from runoff.runfile.load import load

POLLS = "pollster,end,sample_size,Ada Quist,Bo Lind\nAcme,2025-03-04,500,48,45\n"
GROUPS = "pollster,end,kind,group,sample_size,Ada Quist,Bo Lind\nAcme,2025-03-04,pool,Di Marsh,90,48,45\n"


@pytest.mark.parametrize("removed", [False, True])
def test_a_table_that_changes_meanwhile(removed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table replaced or removed right after it was read: hash and polls are those of the bytes that were read."""
    (tmp_path / "first-round.csv").write_text(example_results(), "utf-8")
    path = tmp_path / "runoff.toml"
    path.write_text(f'{template()}\n[evidence]\npolls = "p.csv"\ncrosstabs = "c.csv"\n', "utf-8")
    (tmp_path / "p.csv").write_text(POLLS, "utf-8")
    (tmp_path / "c.csv").write_text(GROUPS, "utf-8")
    read = tables.read_bytes
    seen = []

    def read_and_spoil(path: Path, largest: int, what: str) -> bytes:
        content = read(path, largest, what)
        if path.name in ("p.csv", "c.csv"):
            seen.append(path.name)
            if removed:
                path.unlink()
            else:
                path.write_text("another table\n", "utf-8")
        return content

    monkeypatch.setattr(tables, "read_bytes", read_and_spoil)
    loaded = load(path)
    assert seen == ["p.csv", "c.csv"]
    assert loaded.survey_sources == tuple(
        (name, hashlib.sha256(text.encode()).hexdigest()) for name, text in (("p.csv", POLLS), ("c.csv", GROUPS))
    )
    assert [poll.pollster for poll in (*loaded.polls, *loaded.crosstabs)] == ["Acme", "Acme"]
