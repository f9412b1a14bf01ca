from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from runoff.app.after.again import kept_any
from runoff.app.published import listing
from runoff.app.published.found import shelf
from runoff.errors import InputError, UsageError
from runoff.model.chamber.fields import fields_of
from runoff.phases import pipeline
from runoff.phases.registry import phase_named
from runoff.phases.settings import Options
from runoff.runfile.load import load, load_any
from runoff.runfile.sections.chamber import StandsDown
from tests import chambers
from tests.installed import ROOT


def _drawn(file: Path, **options: object) -> dict[str, list[dict[str, object]]]:
    return pipeline.draw(pipeline.opened(load_any(file), Options(**options))).tables  # type: ignore[arg-type]


def test_a_chamber_is_run_checked_shown_and_repeated(tmp_path: Path) -> None:
    """A run file with [chamber] goes the way of every run; its kept run gives the same digest again."""
    file = chambers.folder(tmp_path)
    run = pipeline.opened(load_any(file), Options(out=tmp_path / "runs"))
    kept = pipeline.keep(run)
    assert run.phase.name == "chamber"
    assert set(kept.tables) == set(run.phase.schemas)
    case, before = kept_any(kept.directory)
    again = pipeline.draw(pipeline.opened(case, before))
    assert again.digest == kept.tables["chamber"][0]["digest"]
    found = shelf(tmp_path / "runs")
    listed = str(listing.page(found, listing.chosen(found, listing.Asked())))
    assert "chamber" in listed
    assert str(kept.tables["most_seats"][0]["candidate"]) in listed
    page = phase_named("chamber").page(pipeline_tables(kept.directory))
    assert "most seats" in page.headline
    assert "12 districts" in pipeline.check(load_any(file), Options()).text()


def pipeline_tables(folder: Path) -> dict[str, list[dict[str, object]]]:
    """The tables of a run on disk."""
    from runoff.output import store

    return store.found(folder).tables


def test_tables_agree_with_one_another(tmp_path: Path) -> None:
    """Chances of a race add up to 1, mean seats are the sum of chances, counts of seats to the trials."""
    tables = _drawn(chambers.folder(tmp_path))
    races: dict[str, float] = {}
    blocs: dict[str, float] = {}
    for row in tables["races"]:
        races[row["district"]] = races.get(row["district"], 0.0) + row["p_win"]  # type: ignore[operator, index]
        blocs[row["bloc"]] = blocs.get(row["bloc"], 0.0) + row["p_win"]  # type: ignore[operator, index]
    assert all(total == pytest.approx(1.0) for total in races.values())
    assert len(races) == 12
    for row in tables["seats"]:
        if row["kind"] == "bloc":
            assert row["seats_mean"] == pytest.approx(blocs[str(row["name"])])
            own = [one for one in tables["seat_counts"] if one["bloc"] == row["name"]]
            assert sum(one["trials"] for one in own) == 3000  # type: ignore[misc]
            mean = sum(one["seats"] * one["trials"] for one in own) / 3000  # type: ignore[operator]
            assert mean == pytest.approx(row["seats_mean"])
    draws = [row["seats"] for row in tables["seat_draws"] if row["trial"] == 17]
    assert sum(draws) == 12  # type: ignore[arg-type]
    stamped = {name: [{"run_id": "x", **row} for row in rows] for name, rows in tables.items()}
    assert "2024-07-07" in json.dumps(phase_named("chamber").document(stamped))


def test_counted_runoffs_are_certain_and_teach_the_others(tmp_path: Path) -> None:
    """Where the left wins each counted duel by far, its chances elsewhere rise; counted seats are decided."""
    of = chambers.districts(40)
    file = chambers.folder(tmp_path, of)
    before = _drawn(file)
    lines = ["district,candidate,votes"]
    counted = [d for d in of if len(d.finalists) == 2 and "left" in {c.bloc for c in d.standing}][:6]
    assert len(counted) == 6
    for district in counted:
        lines += [f"{district.id},{c.name},{20000 if c.bloc == 'left' else 9000}" for c in district.standing]
    (tmp_path / "night.csv").write_text("\n".join(lines) + "\n", "utf-8")
    after = _drawn(file, results=tmp_path / "night.csv")
    head = after["chamber"][0]
    assert (head["counted"], head["drawn"]) == (6, before["chamber"][0]["drawn"] - 6)  # type: ignore[operator]
    done = {district.id for district in counted}
    won = {row["district"]: row["p_win"] for row in after["races"] if row["bloc"] == "left"}
    assert all(won[name] == 1.0 for name in done)
    chance = [
        sum(row["p_win"] for row in tables["races"] if row["bloc"] == "left" and row["district"] not in done)  # type: ignore[misc]
        for tables in (before, after)
    ]
    assert chance[1] > chance[0] + 0.5


def test_what_is_said_of_a_pool_moves_its_duels(tmp_path: Path) -> None:
    """[[chamber.rates]] of the left's voters lifts the centre against the far-right, in that region alone."""
    of = chambers.districts(40)
    said = '[[chamber.rates]]\na = "centre"\nb = "far-right"\npool = "left"\nshare = 0.99\nsd = 0.2\nregion = "r1"\n'
    plain = _drawn(chambers.folder(tmp_path, of))
    moved = _drawn(chambers.folder(tmp_path, of, said))
    pairs = {
        d.id: d.region for d in of if {c.bloc for c in d.standing} == {"centre", "far-right"} and len(d.finalists) == 2
    }
    assert {"r1"} < set(pairs.values())
    for before, after in zip(plain["races"], moved["races"], strict=True):
        if before["district"] not in pairs or pairs[str(before["district"])] != "r1":
            assert before["p_win"] == after["p_win"]
        elif before["bloc"] == "centre":
            assert after["share_mean"] > before["share_mean"]  # type: ignore[operator]


POLL = """[[chamber.polls]]
field_end = 2024-07-01
pool = "left"
a = "centre"
b = "far-right"
a_share = 0.85
b_share = 0.02
people = 2000
"""


def test_a_poll_of_transfers_moves_all_such_duels_and_is_said(tmp_path: Path) -> None:
    """Left voters who say the centre lift it against the far-right, before the count and during it; a note says so.

    What a poll says that ends after the day of the forecast is not known then: the same bits as without it.
    """
    of = chambers.districts(40)
    plain, polled = _drawn(chambers.folder(tmp_path, of)), _drawn(chambers.folder(tmp_path, of, POLL))
    duels = {d.id for d in of if {c.bloc for c in d.standing} == {"centre", "far-right"} and len(d.finalists) == 2}
    centre = [
        (before["share_mean"], after["share_mean"])
        for before, after in zip(plain["races"], polled["races"], strict=True)
        if before["district"] in duels and before["bloc"] == "centre"
    ]
    assert len(centre) > 2
    assert all(after > before + 0.01 for before, after in centre)  # type: ignore[operator]
    assert "left voters, centre less far-right: a poll says +83%" in str(polled["chamber"][0]["warnings"])
    one = next(d for d in of if d.id not in duels and len(d.finalists) == 2)
    rows = [f"{one.id},{c.name},{10_000 + 2_000 * k}" for k, c in enumerate(one.standing)]
    (tmp_path / "in.csv").write_text("\n".join(["district,candidate,votes", *rows]) + "\n", "utf-8")
    counted, both = (
        _drawn(chambers.folder(tmp_path, of, more), results=tmp_path / "in.csv")["races"] for more in ("", POLL)
    )
    assert sum(float(str(r["share_mean"])) for r in both if r["district"] in duels and r["bloc"] == "centre") > sum(
        float(str(r["share_mean"])) for r in counted if r["district"] in duels and r["bloc"] == "centre"
    )
    later = _drawn(chambers.folder(tmp_path, of, POLL.replace("07-01", "07-02")))
    assert later["chamber"][0]["digest"] == plain["chamber"][0]["digest"]
    assert "1 of the polls of transfers asked until after 2024-07-01: not used" in str(later["chamber"][0]["warnings"])


SEATS = """seats_error_sd = 0.1
[[chamber.seat_polls]]
field_end = 2024-07-01
of = "far-right"
low = 30
high = 34
pollster = "Institut"
"""


def test_a_poll_of_seats_moves_seats_towards_it_and_is_said(tmp_path: Path) -> None:
    """The more it is believed the nearer seats come to it; a note says so; one of a later day is not known.

    Nothing but the shocks moves: of a bloc and of a party it says the same where the party is the bloc.
    """
    of = chambers.districts(40)

    def drawn(more: str = "") -> tuple[float, str, str]:
        found = _drawn(chambers.folder(tmp_path, of, more))
        (row,) = (row for row in found["seats"] if row["kind"] == "bloc" and row["name"] == "far-right")
        return float(str(row["seats_mean"])), str(found["chamber"][0]["warnings"]), str(found["chamber"][0]["digest"])

    plain, _, digest = drawn()
    far, near = (drawn(SEATS.replace("0.1", size))[0] for size in ("1.0", "0.01"))
    assert plain + 0.2 < far < near < 33.0
    assert near > 32.0 - 0.7 * (32.0 - plain)
    assert "seats of far-right: a poll says 32, without it " in drawn(SEATS)[1]
    assert "were off by 0.107" in drawn(SEATS.replace("0.1", "0.01"))[1]
    nowhere = next(c.bloc for d in of for c in d.candidates if c.bloc not in {s.bloc for e in of for s in e.standing})
    none = SEATS.replace("far-right", nowhere).replace("30", "0").replace("34", "0")
    assert drawn(none)[0] == pytest.approx(plain, abs=0.3)
    _, note, later = drawn(SEATS.replace("07-01", "07-02"))
    assert (later, "1 of the polls of seats asked until after 2024-07-01: not used" in note) == (digest, True)
    both = SEATS.replace("07-01", "07-02") + POLL
    said = " ".join(pipeline.check(load_any(chambers.folder(tmp_path, of, both)), Options()).text().split())
    assert "polls of seats: 1, error that those of one bloc share 0.1; 1 later than 2024-07-01, not used" in said
    assert "polls of transfers: 1, error that those of one question share 0.1 polls" in said


def test_a_withdrawal_that_is_not_known_yet_happens_in_its_share_of_trials(tmp_path: Path) -> None:
    """Thirds of the left stand down with a chance of 0.7: they stand in 0.3 of the trials, and each has a winner.

    What a bloc shares makes the share of one district's trials no wider: 3,000 trials, a standard error of 0.008; the
    largest of a dozen beyond 0.04 is a false alarm in fewer than one of ten thousand seeds.
    """
    of = chambers.districts(40)
    said = '[[chamber.stands_down]]\nchance = 0.7\nbloc = "left"\nagainst = "far-right"\n'
    plain = _drawn(chambers.folder(tmp_path, of))
    tables = _drawn(chambers.folder(tmp_path, of, said))
    thirds = {
        (d.id, c.name)
        for d in of
        for c in d.standing[2:]
        if c.bloc == "left" and "far-right" in {other.bloc for other in d.standing}
    }
    assert len(thirds) >= 2
    chances: dict[str, float] = {}
    for before, row in zip(plain["races"], tables["races"], strict=True):
        chances[str(row["district"])] = chances.get(str(row["district"]), 0.0) + float(str(row["p_win"]))
        if (row["district"], row["candidate"]) in thirds:
            assert row["p_stands"] == pytest.approx(0.3, abs=0.04)
            assert float(str(row["p_win"])) <= float(str(row["p_stands"]))
        else:
            assert row["p_stands"] == 1.0
        if str(row["district"]) not in {name for name, _ in thirds}:
            assert row["p_win"] == before["p_win"]
    assert all(total == pytest.approx(1.0) for total in chances.values())


def test_a_chamber_that_is_decided_and_one_of_a_single_seat(tmp_path: Path) -> None:
    """Where every seat is decided, and where one race is all, tables and pages are made all the same."""
    every = chambers.districts(60)
    sure = tuple(replace(d, votes=(d.registered // 2, *d.votes[1:])) for d in every[:2] if d.registered is not None)  # type: ignore[operator]
    tables = _drawn(chambers.folder(tmp_path, sure))
    assert tables["chamber"][0]["drawn"] == 0
    assert {row["status"] for row in tables["races"]} == {"outright"}
    assert _texts(tables)
    one = _drawn(chambers.folder(tmp_path, (next(d for d in every if d.elected is None),)))
    assert one["chamber"][0]["majority"] == 1
    assert _texts(one)


def _texts(tables: dict[str, list[dict[str, object]]]) -> str:
    stamped = {name: [{"run_id": "x", **row} for row in rows] for name, rows in tables.items()}
    phase = phase_named("chamber")
    return phase.page(stamped).text(20) + phase.report(stamped, []).html()


def test_who_may_withdraw_and_who_not() -> None:
    """The first two stay in any case; place, bloc and against are held, and the last word that fits counts."""
    district = next(d for d in chambers.districts(40) if len(d.finalists) == 3)
    third = district.standing[2].bloc
    other = next(bloc for bloc in chambers.BLOCS if bloc not in {c.bloc for c in district.standing})

    def open_(*said: StandsDown) -> list[float]:
        return [one.limit for one in fields_of([district], said)[0].open]

    assert open_(StandsDown(chance=0.5, place=2)) == [0.0]
    assert open_(StandsDown(chance=0.5, place=4)) == []
    assert open_(StandsDown(chance=0.5, bloc=other)) == []
    assert open_(StandsDown(chance=0.5, against=third)) == []
    assert open_(StandsDown(chance=0.9, bloc=third), StandsDown(chance=0.5)) == [0.0]
    assert len(fields_of([district], [StandsDown(chance=0.5)])) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[[chamber.rates]]\na = "centre"\nb = "far-rihgt"\npool = "left"\nshare = 0.9\n', "did you mean far-right?"),
        ('[[chamber.rates]]\na = "left"\nb = "left"\npool = "left"\nshare = 0.9\n', "a and b are one bloc"),
        ('[[chamber.stands_down]]\nchance = 0.5\nbloc = "lef"\n', "did you mean left?"),
        ("[[chamber.stands_down]]\nchance = 1.5\n", "chance"),
        (POLL.replace("far-right", "far-rihgt"), "did you mean far-right?"),
        (POLL.replace('"left"', '"centre"'), "a, b and pool are not three blocs"),
        (POLL.replace("0.85", "0.99"), "a_share and b_share are more than all"),
        (POLL.replace("0.85", "85"), "of all of them, those who would vote for a's candidate"),
        (POLL.replace("people", "sample"), "has the keys field_end, a, b, pool, a_share, b_share, people, pollster"),
        (POLL.replace("2024-07-01", "2024-06-01"), "people are asked between 2024-06-30 and 2024-07-07"),
        (POLL + '[prior.blocs]\ncentre = "far-right"\n', "blocs of a poll that are one"),
        (SEATS.replace("far-right", "far-rihgt"), "did you mean far-right?"),
        (SEATS.replace("30", "35"), "low is above high"),
        (SEATS.replace("34", "400"), "more seats than the chamber has"),
        (SEATS.replace("30", "39").replace("34", "40"), "more seats than can be won"),
        (
            SEATS + SEATS.partition("\n")[2].replace("far-right", "centre").replace("30", "20"),
            "polls of seats that do not fit one another",
        ),
        (SEATS.replace("2024-07-01", "2024-06-01"), "people are asked between 2024-06-30 and 2024-07-07"),
        (SEATS.replace("seats_error_sd = 0.1", ""), "seat_polls without seats_error_sd"),
        (SEATS.replace("of =", "bloc ="), "has the keys field_end, of, low, high, pollster"),
        ("[finalists]\nadvance = 2\n", "no section [finalists]"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, more: str, said: str) -> None:
    """Words of a chamber's run file that name nothing, or are another kind's, are refused with a way out."""
    with pytest.raises(InputError) as caught:
        load_any(chambers.folder(tmp_path, more=more))
    assert said in str(caught.value)


def test_seats_below_those_that_are_decided_are_refused(tmp_path: Path) -> None:
    """A poll of fewer seats than the first round elected: refused at its number, with how many there are."""
    folder = ROOT / "configs" / "fr-assembly-2024"
    shutil.copy(folder / "first-round.csv", tmp_path)
    text = (folder / "chamber.toml").read_text("utf-8").replace("[prior]", "seats_error_sd = 0.3\n[prior]")
    poll = '[[chamber.seat_polls]]\nfield_end = 2024-07-03\nof = "far-right"\nlow = 10\nhigh = 30\n'
    (tmp_path / "chamber.toml").write_text(text + poll, "utf-8")
    with pytest.raises(InputError, match="fewer seats than are decided") as caught:
        load_any(tmp_path / "chamber.toml")
    assert "39 are far-right's already" in str(caught.value)


@pytest.mark.parametrize(
    ("votes", "status", "said"),
    [
        ((1, 0), "complete", "with few votes: taken as counted in part"),
        ((9_000, 0), "complete", "no votes for somebody who stands in "),
        ((9_000, 0), "partial", "no votes for somebody who stands in "),
        ((600, 400), "complete", "with few votes: taken as counted in part"),
        ((600, 400), "partial", ""),
        ((9_000_000, 8), "complete", None),
    ],
)
def test_counts_that_cannot_be_all_are_no_result(
    tmp_path: Path, votes: tuple[int, int], status: str, said: str | None
) -> None:
    """A complete runoff of few votes is one in part, one of none for somebody out; beyond the roll it is refused."""
    of = chambers.districts(40)
    one = next(d for d in of if len(d.finalists) == 2)
    rows = [f"{one.id},{c.name},{v},{status}" for c, v in zip(one.standing, votes, strict=True)]
    (tmp_path / "in.csv").write_text("\n".join(["district,candidate,votes,status", *rows]) + "\n", "utf-8")
    if said is None:
        with pytest.raises(InputError, match="voters on the roll"):
            _drawn(chambers.folder(tmp_path, of), results=tmp_path / "in.csv")
        return
    found = _drawn(chambers.folder(tmp_path, of), results=tmp_path / "in.csv")
    assert said in str(found["chamber"][0]["warnings"])
    assert bool(found["chamber"][0]["warnings"]) == bool(said)
    mine = [row for row in found["races"] if row["district"] == one.id]
    assert all(0.0 < float(str(row["p_win"])) < 1.0 for row in mine)


def test_what_a_chamber_has_not_is_refused_in_words(tmp_path: Path) -> None:
    """A command for one race, a day outside, a target for the error: one message each."""
    file = chambers.folder(tmp_path)
    with pytest.raises(InputError, match="a whole chamber has no part in this"):
        load(file)
    with pytest.raises(UsageError, match="--target-se"):
        pipeline.opened(load_any(file), Options(target_se=0.01))
    with pytest.raises(UsageError, match="the day is from the first round"):
        pipeline.opened(load_any(file), Options(as_of=load_any(file).run_file.race.runoff))


def test_the_page_with_pictures_has_a_dot_for_every_district(tmp_path: Path) -> None:
    """The report is a document with the seats' picture and a dot a district."""
    tables = _drawn(chambers.folder(tmp_path))
    report = phase_named("chamber").report({k: [{"run_id": "x", **r} for r in v] for k, v in tables.items()}, [])
    pictures = [piece for section in report.sections for piece in section.pieces if hasattr(piece, "drawing")]
    assert len(pictures[1].drawing.marks) == 12
    assert "Seats by bloc" in report.html()
