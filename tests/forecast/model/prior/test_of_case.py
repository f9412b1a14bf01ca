from __future__ import annotations

import datetime as dt
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from runoff.data.archive.archive import Archive
from runoff.data.archive.words import bloc_of
from runoff.errors import InputError
from runoff.model.pools import build
from runoff.model.prior.fitted.fits import Fitter
from runoff.model.prior.of_case import prior_of
from runoff.runfile.load import Case, load
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests.archive_ranks import ranks

TABLE = """unit,candidate,party,votes
a,Ann Ash,left,40000
a,Bo Birch,right,30000
a,Cy Cedar,left,12000
a,Di Dogwood,far-right,14000
a,Ed Elm,pirates,4000
"""
RACE = """[race]
id = "made"
name = "A made race"
first_round = 2022-06-12
runoff = 2022-06-19
as_of = 2022-06-13

[results]
table = "first.csv"
"""


def _case(tmp_path: Path, more: str = "", table: str = TABLE, race: str = RACE) -> Case:
    (tmp_path / "first.csv").write_text(table)
    (tmp_path / "run.toml").write_text(race + more)
    return load(tmp_path / "run.toml")


def _problems(tmp_path: Path, more: str) -> str:
    with pytest.raises(InputError) as caught:
        _case(tmp_path, more)
    return str(caught.value)


def test_without_rates_past_races_speak(tmp_path: Path) -> None:
    """Every pool's rates are the archive's, each says so; with a rate said they speak only if they are asked to."""
    model = build(_case(tmp_path))
    assert (
        {pool.turnout.origin for pool in model.pools} == {pool.preference.origin for pool in model.pools} == {"archive"}
    )
    assert model.pools[0].turnout.source.startswith("archive: ")
    said = "\n[rates.blocs.left]\nturnout = { low = 0.5, high = 0.9 }\n"
    origins = [pool.turnout.origin for pool in build(_case(tmp_path, said)).pools]
    assert "archive" not in origins
    asked = build(_case(tmp_path, '[prior]\nsource = "archive"\n' + said)).pools
    assert {pool.name: pool.turnout.origin for pool in asked}["Cy Cedar"] == "bloc"
    assert {pool.name: pool.preference.origin for pool in asked}["Cy Cedar"] == "archive"
    nothing = build(_case(tmp_path, '[prior]\nsource = "none"\n'))
    assert {pool.turnout.origin for pool in nothing.pools} == {"default"}


def test_what_somebody_says_beats_the_archive_and_moves_nobody_else(tmp_path: Path) -> None:
    """One pool's preference said: the others' rates have the same bits as without it."""
    more = '[prior]\nsource = "archive"\n'
    said = '\n[rates.candidates."Di Dogwood"]\npreference = { to = "Bo Birch", low = 0.5, high = 0.6 }\n'
    first, second = (build(_case(tmp_path, text)).pools for text in (more, more + said))
    for one, other in zip(first, second, strict=True):
        assert one.turnout == other.turnout
        assert (one.preference == other.preference) is (one.name != "Di Dogwood")


def test_pools_draw_the_law_of_the_margin(tmp_path: Path) -> None:
    """The margin drawn, 200,000 trials, has the mean of the archive's law within 1.5 points and its sd within 8 %."""
    case = _case(tmp_path, '[prior]\nlevel = "national_district"\n')
    prior = prior_of(case, 0)
    assert prior is not None
    drawn = draw(to_inputs(build(case), 1), 200_000, threads=1, units=False)
    wins = drawn.tallies.wins / drawn.total
    line = next(line for line in prior.lines if "margin" in line)
    mean, sd = (float(word) for word in (line.split(" by ")[1].split(" ± ")[0], line.split("± ")[1].split()[0]))
    sign = 1.0 if "Ann" in line else -1.0
    assert wins[0] == pytest.approx(NormalDist().cdf(sign * mean / sd), abs=0.03)


def test_the_order_of_candidates_and_finalists_says_nothing(tmp_path: Path) -> None:
    """The table upside down and the finalists named the other way round: the same rates."""
    lines = TABLE.strip().split("\n")
    turned = "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
    names = '[finalists]\nadvance = 2\nnames = ["Bo Birch", "Ann Ash"]\n'
    one, other = build(_case(tmp_path)), build(_case(tmp_path, names, turned))
    mine, theirs = ({pool.name: pool for pool in model.pools} for model in (one, other))
    for name, pool in mine.items():
        assert pool.turnout == theirs[name].turnout
        assert pool.preference == theirs[name].preference


def test_nothing_after_the_day_reaches_a_race(tmp_path: Path) -> None:
    """A race of 1990 rests on what was over; one before all of them stands on beliefs; each says so."""
    early = RACE.replace("2022", "1990")
    prior = prior_of(_case(tmp_path, race=early), 0)
    assert prior is not None
    assert "before 1990-06-13" in prior.lines[0]
    first = prior_of(_case(tmp_path, race=RACE.replace("2022", "1950")), 0)
    assert first is not None
    assert any("no race of the archive was over" in note for note in first.notes)
    earlier = prior_of(_case(tmp_path, "[prior]\nbefore = 1950-01-01\n"), 0)
    assert earlier is not None
    places = [[rate.location for rate in found.preference.values()] for found in (earlier, first)]
    assert places[0] == places[1]


@pytest.mark.parametrize("advance", [3, 4])
def test_three_and_four_finalists_have_rates_too(tmp_path: Path, advance: int) -> None:
    """Own voters stay, those of the third less; log-ratios of a pool hold together; trials win one by one."""
    model = build(_case(tmp_path, f"[finalists]\nadvance = {advance}\n"))
    own = [_shares(pool.preference.location)[k] for k, pool in enumerate(model.pools[:advance])]
    assert own[0] > own[1] > own[2] > 0.45
    drawn = draw(to_inputs(model, 1), 20_000, threads=1, units=False)
    assert drawn.tallies.wins.sum() <= drawn.total
    assert drawn.tallies.wins[0] > drawn.tallies.wins[2]


def _shares(location: tuple[float, ...]) -> np.ndarray:
    odds = np.exp(np.append(np.array(location), 0.0))
    return odds / odds.sum()


def test_new_voters_may_be_left_to_the_archive(tmp_path: Path) -> None:
    """[new_voters] with people alone: few of them come, and they hardly lean; without the archive it is refused."""
    pool = build(_case(tmp_path, "[new_voters]\npeople = 80000\n")).pools[-1]
    assert (pool.kind, pool.turnout.origin) == ("new", "archive")
    assert -4.0 < pool.turnout.location[0] < 0.0
    wrong = _problems(tmp_path, '[prior]\nsource = "none"\n[new_voters]\npeople = 80000\n')
    assert "no turnout of new voters" in wrong
    assert "no preference of new voters" in wrong


def test_blocs_are_known_by_many_words_and_others_are_told(tmp_path: Path) -> None:
    """Democrats are D under any of their names; 'pirates' is other, with a note, unless [prior.blocs] says more."""
    assert [bloc_of(word, {}) for word in ("Dem", "democratic party", "GOP", "Extrême droite", "center-left")] == [
        "D", "D", "R", "far-right", "left",
    ]  # fmt: skip
    prior = prior_of(_case(tmp_path), 0)
    assert prior is not None
    assert any('"pirates"' in note for note in prior.notes)
    told = prior_of(_case(tmp_path, '[prior]\nlevel = "national"\n[prior.blocs]\npirates = "left"\n'), 0)
    assert told is not None
    assert not any("pirates" in note for note in told.notes)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[prior.blocs]\nPirates = "left"\n', "did you mean pirates?"),
        ('[prior]\nstood_down = ["Ed Elms"]\n', "did you mean Ed Elm?"),
        ('[prior]\nstood_down = ["Ann Ash"]\n', "a finalist who stood down"),
        ("[prior.camps]\nleft = 0.7\nright = 0.6\n", "camps add up to 1.3"),
        ("[prior.camps]\nleft = 0.7\n", "not the finalists' camps"),
        ('[prior]\nlevel = "national"\n[prior.camps]\nleft = 0.4\nright = 0.3\n', "no chamber's"),
        ('[prior]\nlevel = "federal"\n', "level"),
        ('[prior]\nsource = "none"\nlevel = "national"\n', 'source = "none" beside level'),
        ('[prior]\nlevel = "national"\n[rates.own]\nturnout = { low = 0.8, high = 0.9 }\n', "a prior that has no part"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, more: str, words: str) -> None:
    """What does not fit the race is refused with a way out."""
    assert words in _problems(tmp_path, more)


def test_the_part_of_pools_is_a_division_of_the_variance(tmp_path: Path) -> None:
    """Parts add up to one; [factors] of the run file beat them."""
    model = build(_case(tmp_path))
    assert sum(model.preference.parts) == pytest.approx(1.0)
    assert sum(model.turnout.parts) == pytest.approx(1.0)
    said = build(_case(tmp_path, "[factors.preference]\nshared = 0.2\nbloc = 0.2\npool = 0.6\n"))
    assert said.preference.parts == (0.2, 0.2, 0.6)
    assert said.turnout.parts == model.turnout.parts


def test_the_day_is_that_of_the_race_unless_before_is_said(tmp_path: Path) -> None:
    """`before` may be earlier than as_of and never later: a later one is as_of."""
    later = prior_of(_case(tmp_path, "[prior]\nbefore = 2030-01-01\n"), 0)
    usual = prior_of(_case(tmp_path), 0)
    assert later is not None
    assert usual is not None
    assert later.preference == usual.preference
    assert dt.date(2022, 6, 13).isoformat() in usual.lines[0]


def test_who_stood_down_explains_other_finalists(tmp_path: Path) -> None:
    """Finalists who are not those with the most votes give a note, unless [prior] says who stood down."""
    names = '[finalists]\nadvance = 2\nnames = ["Ann Ash", "Di Dogwood"]\n'
    (note,) = [note for note in _case(tmp_path, names).warnings if "most votes" in note]
    assert "Bo Birch" in note
    said = _case(tmp_path, names + '[prior]\nstood_down = ["Bo Birch"]\n').warnings
    assert not [note for note in said if "most votes" in note]


def test_notes_say_what_is_odd_of_a_country_and_of_turnout(tmp_path: Path) -> None:
    """A country that the archive has not, with the one that is meant; fewer people in the pools than are expected."""
    prior = prior_of(_case(tmp_path, '[prior]\nlevel = "national"\ncountry = "Untied States (Georgia)"\n'), 0)
    assert prior is not None
    assert any("Untied States" in note and "United States" in note for note in prior.notes)
    assert any("add [new_voters]" in note for note in prior.notes)
    enough = prior_of(_case(tmp_path, '[prior]\nlevel = "national"\ncountry = "France"\n'), 80_000)
    assert enough is not None
    assert enough.notes == tuple(note for note in enough.notes if "pirates" in note)


def test_the_truth_lies_anywhere_in_forecasts_learned_of_made_archives() -> None:
    """Parameters drawn from what is believed beforehand, archives made with them and fitted, races forecast by the
    product: of 60 truths of 12 archives as many lie in each fifth of the forecast as chance has it (chi-square with
    four degrees of freedom, p below 1e-4 once in 10,000), and 80 % ranges hold .60 to .95 (four standard errors).
    `python -m tests.archive_ranks 200` is the long form.
    """
    fitter = Fitter.of(Archive.load().chosen(lambda race: race.level in ("national", "regional", "municipal")))
    found = np.concatenate([ranks(fitter, np.random.default_rng(seed)) for seed in range(12)])
    assert len(found) == 60
    counts = np.histogram(found, 5, (0.0, 1.0))[0]
    assert float(((counts - 12.0) ** 2 / 12.0).sum()) < 23.5
    assert 0.60 < float((np.abs(found - 0.5) < 0.4).mean()) <= 0.95
