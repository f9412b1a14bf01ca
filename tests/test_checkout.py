"""Tests read the project, and nothing that happens to lie beside it."""

from __future__ import annotations

from pathlib import Path

from tests import documents


def test_pages_are_the_projects_own(tmp_path: Path) -> None:
    """An environment of any name, runs and notes of somebody's are no pages of the project; a new page in docs is."""
    for stray in ("myenv/lib/thing/README.md", "env/LICENSE.md", "runs/x/notes.md", "notes.md"):
        (tmp_path / stray).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / stray).write_text("# x")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "new.md").write_text("# new")
    assert documents.pages(tmp_path) == sorted(
        [Path("docs/new.md"), *(Path(name) for name in documents.PAGES_AT_THE_TOP)]
    )
