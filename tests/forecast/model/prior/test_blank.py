"""Blank and null ballots: what a run file says of them, and what elections of the country say of the next one."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from runoff.data.archive.archive import Archive
from runoff.errors import InputError
from runoff.estimate.logistic import TAIL
from runoff.model.prior.blank import LEAST_ELECTIONS, Blank, blank_of, law_of, share_of
from runoff.runfile.load import load, loads
from tests.installed import ROOT

MACRON = ROOT / "configs" / "fr-president-2017" / "prior.toml"


def _races(shares: dict[str, list[float]], level: str = "national") -> list[Any]:
    """Races by election, of a million ballots each, with these shares of blank and null ones."""

    def ballots(share: float) -> SimpleNamespace:
        invalid = round(1_000_000 * share)
        return SimpleNamespace(blank=None, null=None, invalid=invalid, valid=1_000_000 - invalid)

    return [
        SimpleNamespace(election=election, level=level, runoff=ballots(share))
        for election, own in shares.items()
        for share in own
    ]


def _blank(more: str, text: str | None = None) -> Blank:
    """Of the French president's run file with a section [blank]."""
    given = MACRON.read_text("utf-8") if text is None else text
    found = blank_of(loads(f"{given}\n[blank]\n{more}\n", load(MACRON).files.copy()))
    assert found is not None
    return found


def test_the_next_election_is_students_t() -> None:
    """Middle and 80 % range are those of a new value from n with mean and standard deviation, by Student's t with n - 1
    degrees of freedom; races within an election add what they differ by, where the race is of their level.
    """
    shares = {"a": [0.02], "b": [0.05], "c": [0.04], "d": [0.03], "e": [0.08]}
    found = law_of(_races(shares), "national")
    assert found is not None
    middles = special.logit([own[0] for own in shares.values()])
    width = middles.std(ddof=1) * np.sqrt(1.2) * stats.t.ppf(0.9, 4) / stats.norm.ppf(0.9)
    assert found == (pytest.approx(middles.mean(), abs=1e-6), pytest.approx(width, rel=1e-3), 5)
    made = _races({name: [own[0] * 0.8, own[0] * 1.2] for name, own in shares.items()}, "national_district")
    wider, other = law_of(made, "national_district"), law_of(made, "national")
    assert wider is not None
    assert other is not None
    assert law_of(made, None) == law_of(made, "municipal") == wider  # nobody says which, or no race is like it
    within = np.mean(
        [special.logit(own).var(ddof=1) for own in ([own[0] * 0.8, own[0] * 1.2] for own in shares.values())]
    )
    assert wider[1] ** 2 - other[1] ** 2 == pytest.approx(within, rel=1e-6)


def test_ranges_of_made_elections_hold_the_next_one() -> None:
    """Over 4,000 countries of four elections each, the fifth lies in its 80 % range in 80 %, within four errors."""
    rng, inside = np.random.default_rng(3), 0
    for _ in range(4_000):
        shares = special.expit(rng.normal(-3.0, 0.5, LEAST_ELECTIONS + 1))
        found = law_of(_races({str(e): [share] for e, share in enumerate(shares[:-1])}), "national")
        assert found is not None
        inside += abs(special.logit(shares[-1]) - found[0]) < TAIL * found[1]
    assert abs(inside / 4_000 - 0.8) < 4.0 * np.sqrt(0.16 / 4_000)


def test_too_few_elections_say_nothing() -> None:
    """Three elections are no law, however many races they have; a race without a count of them is none."""
    few = _races({"a": [0.02] * 50, "b": [0.05] * 50, "c": [0.04] * 50})
    assert law_of(few, "national") is None
    assert share_of(SimpleNamespace(blank=None, null=None, invalid=None, valid=9)) is None  # type: ignore[arg-type]
    assert share_of(SimpleNamespace(blank=3, null=2, invalid=None, valid=95)) == 0.05  # type: ignore[arg-type]


def test_a_said_range_is_kept() -> None:
    """Low and high are the ends of 80 %; the source stays with it."""
    found = _blank('low = 0.04\nhigh = 0.12\nsource = "us"\ncounts = "all"')
    (middle,), ((sd,),) = found.rate.location, found.rate.scale
    assert special.expit([middle - TAIL * sd, middle + TAIL * sd]) == pytest.approx([0.04, 0.12])
    assert (found.counts, found.rate.source, found.rate.origin) == ("all", "us", "race")


def test_past_elections_of_the_country_say_the_rest() -> None:
    """France before May 2017: around 5 %, from elections that were over; nothing of later ones reaches it."""
    found = _blank("")
    assert 0.03 < special.expit(found.rate.location[0]) < 0.07
    assert "of France before 2017-04-24" in found.rate.source
    archive = Archive.load()
    before = [race for race in archive.races if race.country == "France" and race.date_runoff < dt.date(2017, 4, 24)]
    expected = law_of(before, "national")
    assert expected is not None
    assert (found.rate.location[0], found.rate.scale[0][0]) == expected[:2]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('country = "Frnace"', "did you mean France"),
        ('country = "Peru"', "0 elections of Peru"),
        ("low = 0.1", "a range without high"),
        ("low = 0.2\nhigh = 0.1", "not below high"),
        ('low = 0.1\nhigh = 0.2\ncountry = "France"', "country beside low and high"),
        ("low = 4\nhigh = 9", "0.04 for 4 %"),
    ],
)
def test_what_cannot_be_meant_is_refused(more: str, said: str) -> None:
    """Each with a way out."""
    with pytest.raises(InputError, match=said) as refused:
        _blank(more)
    assert "fix:" in str(refused.value)


def test_without_a_country_a_range_is_asked_for() -> None:
    """No [prior] country and no range: refused; and without [blank] nothing is told."""
    text = MACRON.read_text("utf-8")
    with pytest.raises(InputError, match="no country whose past races"):
        _blank("", text.replace('country = "France"', ""))
    assert blank_of(load(MACRON)) is None
