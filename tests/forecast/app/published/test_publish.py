from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from runoff.app.published.publish import MARK, Published, publish
from runoff.app.published.site import Settings
from runoff.errors import InputError, OutputError, UsageError
from runoff.output import store
from runoff.output.history import append_history, history_row
from runoff.output.schemas.runoff_night import HISTORY
from tests import night
from tests.drawn import kept
from tests.forecast.app.published.shelves import SCRIPT, put

EMPTY = {"string": "x", "double": 0.5}


def _files(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_a_site_holds_every_run_and_the_latest_of_each_race(tmp_path: Path) -> None:
    """Tables byte for byte, the document with the run's numbers, markup in names as text; published again, nothing."""
    runs, site = tmp_path / "runs", tmp_path / "site"
    old, new = put(runs, seed=1), put(runs, seed=2, minute=1)
    done = publish(runs, site, Settings())
    files = _files(site)
    assert done.written == len(files) - 1  # the mark
    for folder in (old, new):
        for table in folder.glob("*.parquet"):
            assert files[f"runs/{folder.name}/{table.name}"] == table.read_bytes()
    for table in new.glob("*.parquet"):
        assert files[f"races/race/latest/{table.name}"] == table.read_bytes()
    document = json.loads(files["races/race/latest.json"])
    assert document["published"]["run_id"] == new.name
    assert document["run"]["digest"] == store.read(new)["run"][0]["digest"]
    pages = [name for name in files if name.endswith(".html")]
    assert len(pages) == 5
    for name in pages:
        assert SCRIPT.encode() not in files[name]
    assert publish(runs, site, Settings()).written == 0
    assert _files(site) == files


def test_links_between_pages_lead_somewhere(tmp_path: Path) -> None:
    """Each href and src of each page, from where the page stands, is a file of the site."""
    runs, site = tmp_path / "runs", tmp_path / "site"
    put(runs, seed=1)
    put(runs, seed=2, minute=1)
    put(runs, "other")
    publish(runs, site, Settings())
    seen = 0
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text("utf-8")):
            assert (page.parent / link).is_file(), (page, link)
            seen += 1
    assert seen == 14


def test_an_older_forecast_never_takes_a_newer_ones_place(tmp_path: Path) -> None:
    """Published from a folder that lacks the newer one, the latest pages stay, and a note says so."""
    runs, site, older = tmp_path / "runs", tmp_path / "site", tmp_path / "older"
    new = put(runs, minute=9, seed=2)
    publish(runs, site, Settings())
    before = _files(site)
    old = put(older, minute=1)
    done = publish(older, site, Settings())
    assert any(new.name in note and "newer" in note for note in done.notes)
    after = _files(site)
    assert {name: after[name] for name in before if name.startswith("races/")} == {
        name: content for name, content in before.items() if name.startswith("races/")
    }
    assert f"runs/{old.name}/run.json" in after
    assert json.loads(after["races/race/latest.json"])["published"]["run_id"] == new.name


def test_lists_name_what_other_folders_have_published(tmp_path: Path) -> None:
    """Published from an empty folder, nothing on the site is another; from a folder with one race, both are listed."""
    runs, other, empty, site = (tmp_path / name for name in ("runs", "other", "empty", "site"))
    empty.mkdir()
    first, old = put(runs, minute=9), put(runs, seed=2)
    publish(runs, site, Settings())
    before = _files(site)
    assert publish(empty, site, Settings()) == Published(0, 3, ())
    assert _files(site) == before
    second, older = put(other, "other"), put(other, seed=3, minute=1)
    publish(other, site, Settings())
    after = _files(site)
    listed = {row["run_id"]: row for row in json.loads(after["runs.json"])}
    assert set(listed) == {first.name, old.name, second.name, older.name}
    assert [listed[row["run_id"]] for row in json.loads(before["runs.json"])] == json.loads(before["runs.json"])
    for folder in (first, old, second, older):
        assert f"runs/{folder.name}/report.html".encode() in after["index.html"]
    newest = put(other, seed=4, minute=20)
    publish(other, site, Settings())
    page = _files(site)["races/race/index.html"]
    assert newest.name in json.loads(_files(site)["races/race/latest.json"])["published"]["run_id"]
    assert all(f"runs/{folder.name}/report.html".encode() in page for folder in (first, old, older))


def test_a_runs_document_that_is_none_is_named(tmp_path: Path) -> None:
    """What stands among a site's runs and is no document of one is noted, and the rest is listed."""
    runs, empty, site = tmp_path / "runs", tmp_path / "empty", tmp_path / "site"
    empty.mkdir()
    run = put(runs)
    publish(runs, site, Settings())
    for number, damage in enumerate((b"", b"[]", b"{}", b'{"published": {"run_id": 3}}', b"\xff")):
        (site / "runs" / f"x{number}").mkdir()
        (site / "runs" / f"x{number}" / "run.json").write_bytes(damage)
    done = publish(empty, site, Settings())
    assert [note.count("leave it out") for note in done.notes] == [1] * 5
    assert [row["run_id"] for row in json.loads((site / "runs.json").read_bytes())] == [run.name]


def test_a_table_that_the_latest_has_not_goes_with_its_run(tmp_path: Path) -> None:
    """What lies among the latest tables is of one run."""
    runs, site = tmp_path / "runs", tmp_path / "site"
    put(runs)
    publish(runs, site, Settings())
    extra = site / "races" / "race" / "latest" / "evidence.parquet"
    extra.write_bytes(b"of the run before")
    put(runs, seed=2, minute=1)
    publish(runs, site, Settings())
    assert not extra.exists()


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """A folder with other things, a site among the runs, a damaged mark, a damaged table: told, and nothing is lost."""
    runs = tmp_path / "runs"
    folder = put(runs)
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("years")
    with pytest.raises(UsageError, match="something else"):
        publish(runs, theirs, Settings())
    with pytest.raises(UsageError, match="beside the runs"):
        publish(runs, runs / "site", Settings())
    with pytest.raises(UsageError, match="beside the runs"):
        publish(runs, tmp_path, Settings())
    site = tmp_path / "site"
    publish(runs, site, Settings())
    (site / MARK).write_text("[]")
    with pytest.raises(OutputError, match="damaged"):
        publish(runs, site, Settings())
    shutil.rmtree(site)
    table = folder / "transfers.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="not what the run wrote"):
        publish(runs, site, Settings())


def test_the_curve_of_a_first_rounds_night_is_on_its_page(tmp_path: Path) -> None:
    """Its history is a curve there and in curve.json; a runoff's history beside it is another page's."""
    runs, site, first, other = tmp_path / "runs", tmp_path / "site", tmp_path / "first.csv", tmp_path / "runoff.csv"
    finished = kept(night.loaded(tmp_path / "night"), trials=500, out=runs)
    row = history_row(finished.tables)
    for hour in (20, 21):
        append_history(first, {**row, "time": f"2021-03-01T{hour}:00:00+00:00"})
    append_history(other, {column.name: EMPTY.get(column.type, 0) for column in HISTORY.columns} | {"race_id": "night"})
    publish(runs, site, Settings(histories=(other, first)))
    files = _files(site)
    assert [one["time"][11:13] for one in json.loads(files["races/night/curve.json"])] == ["20", "21"]
    assert "The night so far" in files["races/night/index.html"].decode()
