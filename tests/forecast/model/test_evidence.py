"""What polls and crosstabs count for, against brute force, and what must not change it."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from runoff.data.polls.polls import Poll
from runoff.model import posterior
from runoff.model.electorate import electorate
from runoff.model.evidence import Evidence, compared, evidence_as_of, far_from_prior, table_rows
from runoff.model.pools import Model
from runoff.output.schemas.runoff_ahead import EVIDENCE
from runoff.phases.runoff_ahead.without import NONE
from runoff.runfile.sections.observed import EvidenceSection
from runoff.simulate.inputs import to_inputs
from tests.builders import three_way, two_way
from tests.surveys import eve, poll, several, with_polls

Floats = npt.NDArray[np.float64]
DAY = dt.date(2021, 3, 30)
SEED = 20170620
SETTINGS = EvidenceSection(
    design_effect=1.3,
    shared_error_sd=0.03,
    house_sd=0.02,
    drift_sd_per_day=0.004,
    sponsor_shift=0.03,
    sponsor_shift_sd=0.02,
    undecided_sd=0.2,
    crosstab_design_effect=2.5,
    crosstab_error_sd=0.07,
)


def same_bits(a: Evidence, b: Evidence) -> bool:
    """Observations, their covariance and their people are equal to the bit."""
    return (
        [(o.name, o.value, o.ratio, o.people.tolist()) for o in a.observations]
        == [(o.name, o.value, o.ratio, o.people.tolist()) for o in b.observations]
        and np.array_equal(a.covariance, b.covariance)
    )  # fmt: skip


def brute_force(polls: tuple[Poll, ...], settings: EvidenceSection, runoff: dt.date) -> tuple[Floats, Floats]:
    """Mean and covariance of s from the joint normal of s (flat prior) and every error there is, written out.

    Each error is a column of its own: shared, a house a pollster, a lean a pollster and side, a step a day of the
    walk, the undecided a group, the recall a group, and sampling errors of a poll and of its groups' people.
    Two finalists.
    """
    ordered = sorted(polls, key=lambda p: (p.kind != "race", p.group))
    groups = list(dict.fromkeys((p.kind, p.group) for p in ordered))
    columns: list[Floats] = []
    n = len(ordered)

    def column(entry: object, size: float) -> None:
        columns.append(np.array([size * float(entry(p)) for p in ordered]))  # type: ignore[operator]

    shares = [(dict(p.shares)["Ada"], dict(p.shares)["Bo"]) for p in ordered]
    y = np.array([np.log(a / b) for a, b in shares])
    sign = np.array([{"": 0.0, "Ada": 1.0, "Bo": -1.0}[p.side] for p in ordered])
    y = y - 4 * settings.sponsor_shift * sign
    column(lambda p: 1, 4 * settings.shared_error_sd)
    for name in {p.pollster for p in ordered}:
        column(lambda p, name=name: p.pollster == name, 4 * settings.house_sd)
        for side, way in (("Ada", 1.0), ("Bo", -1.0)):
            column(
                lambda p, n=name, s=side, w=way: w * (p.pollster == n and p.side == s), 4 * settings.sponsor_shift_sd
            )
    for step in range(60):
        column(lambda p, step=step: (runoff - p.middle).days > step, 4 * settings.drift_sd_per_day)
    for group in groups:
        slope = {
            p.identity: max(0.0, 1 - a - b) / (a / (a + b) * b / (a + b))
            for p, (a, b) in zip(ordered, shares, strict=True)
        }
        column(lambda p, g=group, s=slope: s[p.identity] * ((p.kind, p.group) == g), settings.undecided_sd)
        if group[0] != "race":
            column(lambda p, g=group: (p.kind, p.group) == g, 4 * settings.crosstab_error_sd)
    variances = []
    for p, (a, b) in zip(ordered, shares, strict=True):
        effect = settings.design_effect if p.kind == "race" else settings.crosstab_design_effect
        variances.append(effect / float(p.sample_size or 1) * (1 / a + 1 / b))
    for i, p in enumerate(ordered):  # the poll's error is what its groups' errors leave in it, and the rest's
        inside = [j for j, q in enumerate(ordered) if q.kind != "race" and (q.pollster, q.end) == (p.pollster, p.end)]
        left = variances[i]
        for j in inside if p.kind == "race" else []:
            both = np.zeros(n)
            both[i], both[j] = variances[i] / np.sqrt(variances[j]), np.sqrt(variances[j])
            columns.append(both)
            left -= both[i] ** 2
            variances[j] = 0.0
        alone = np.zeros(n)
        alone[i] = np.sqrt(left)
        columns.append(alone)
    errors = np.column_stack(columns)  # y = X s + errors e, e ~ N(0, I)
    design = np.array([[(p.kind, p.group) == g for g in groups] for p in ordered], np.float64)
    wide = 1e7  # a prior so wide that it says nothing
    joint = np.block([
        [wide * np.eye(len(groups)), wide * design.T],
        [wide * design, wide * design @ design.T + errors @ errors.T],
    ])  # fmt: skip
    known = joint[len(groups) :, len(groups) :]
    cross = joint[: len(groups), len(groups) :]
    gain = np.linalg.solve(known, cross.T).T
    return gain @ y, joint[: len(groups), : len(groups)] - gain @ cross.T


def test_polls_together_are_the_joint_normal_with_errors_marginalised() -> None:
    """Value and covariance of the observations agree with a brute-force normal of all errors."""
    polls = tuple(p for p in several(SEED) if p.kind == "race")
    found = evidence_as_of(with_polls(two_way(), polls, SETTINGS), DAY)
    value, covariance = brute_force(polls, SETTINGS, dt.date(2021, 3, 31))
    assert len(found.observations) == 1
    assert abs(found.observations[0].value - value[0]) < 1e-6
    assert abs(found.covariance[0, 0] - covariance[0, 0]) < 1e-6


def test_crosstabs_share_errors_with_their_poll() -> None:
    """With crosstabs too, all observations and their covariance agree with brute force."""
    crowd = tuple(p if p.kind == "race" else replace(p, sample_size=60) for p in several(SEED))
    found = evidence_as_of(with_polls(two_way(), crowd, SETTINGS), DAY)
    assert not found.notes
    value, covariance = brute_force(crowd, SETTINGS, dt.date(2021, 3, 31))
    assert len(found.observations) == 4
    assert np.abs(np.array([o.value for o in found.observations]) - value).max() < 1e-6
    assert np.abs(found.covariance - covariance).max() < 1e-6


def test_a_group_is_part_of_its_poll() -> None:
    """People drawn one by one: poll and group have the poll's sampling variance in common, within five sigmas."""
    rng, polls, size = np.random.default_rng(SEED), 40_000, (150, 450)
    in_group, others = rng.binomial(size[0], 0.8, polls), rng.binomial(size[1], 0.4, polls)
    whole = np.log((in_group + others) / (sum(size) - in_group - others))
    group = np.log(in_group / (size[0] - in_group))
    product = (whole - whole.mean()) * (group - group.mean())
    exact = 1 / (sum(size) * 0.5 * 0.5)
    bias = 0.02 * exact  # of the delta method, of order 1 / people
    assert abs(product.mean() - exact) < 5 * product.std() / np.sqrt(polls) + bias


def test_independent_polls_are_averaged_by_their_variances() -> None:
    """Without errors other than sampling two polls count by their people."""
    plain = EvidenceSection(
        design_effect=1.0, shared_error_sd=0.0, house_sd=0.0, drift_sd_per_day=0.0, undecided_sd=0.0
    )
    polls = (poll("Ax", 4, {"Ada": 0.5, "Bo": 0.5}, size=300), poll("Byte", 9, {"Ada": 0.5, "Bo": 0.5}, size=900))
    found = evidence_as_of(with_polls(two_way(), polls, plain), DAY)
    assert [row.weight for row in found.rows] == pytest.approx([0.25, 0.75], abs=1e-12)
    assert found.covariance[0, 0] == pytest.approx(4 / 1200, abs=1e-15)


def test_the_shared_error_stays() -> None:
    """A thousand polls leave the shared error whole, and a pollster's house effect whole if all are his."""
    shares = {"Ada": 0.51, "Bo": 0.49}
    for names, floor in (("many", 0.03), ("one", np.hypot(0.03, 0.02))):
        polls = tuple(
            replace(poll("P" if names == "one" else f"P{i}", 30, shares, size=100_000), population=str(i))
            for i in range(300)
        )
        found = evidence_as_of(with_polls(two_way(), polls, replace_settings(drift_sd_per_day=0.0)), DAY)
        assert 1.0 < np.sqrt(found.covariance[0, 0]) / (4 * floor) < 1.01


def replace_settings(**changes: float) -> EvidenceSection:
    """The tests' settings with changes."""
    return SETTINGS.model_copy(update=changes)


def test_a_sponsors_poll_is_shifted_from_the_sponsor() -> None:
    """A tied poll for Bo's side counts as one in which Ada leads by the shift, for Ada's side the reverse."""
    for side, way in (("Bo", 1.0), ("Ada", -1.0), ("R", 1.0), ("D", -1.0), ("I", 0.0), ("", 0.0)):
        found = evidence_as_of(with_polls(two_way(), (poll("Ax", 9, {"Ada": 0.4, "Bo": 0.4}, side=side),)), DAY)
        assert found.observations[0].value == pytest.approx(way * 4 * 0.025, abs=1e-12)


def test_a_side_without_a_finalist_is_told() -> None:
    """A sponsor whose bloc has no finalist shifts nothing, and a note says so."""
    found = evidence_as_of(with_polls(two_way(), (poll("Ax", 9, {"Ada": 0.4, "Bo": 0.4}, side="I"),)), DAY)
    assert found.rows[0].shift == 0.0
    assert "no shift for its sponsor" in found.notes[0]


def test_old_polls_count_less() -> None:
    """The drift's variance is a step for each day from the middle of the field work to the runoff."""
    young, old = poll("Ax", 30, {"Ada": 0.5, "Bo": 0.5}), poll("Byte", 2, {"Ada": 0.5, "Bo": 0.5})
    found = evidence_as_of(with_polls(two_way(), (young, old), SETTINGS), DAY)
    assert found.rows[0].drift_sd == pytest.approx(4 * 0.004, abs=1e-12)
    assert found.rows[1].drift_sd == pytest.approx(4 * 0.004 * np.sqrt(29), abs=1e-12)
    assert (found.rows[0].weight or 0) > (found.rows[1].weight or 1)


@pytest.mark.parametrize("finalists", [("Ada", "Bo"), ("Ada", "Bo", "Cleo")])
def test_order_and_files_are_nobodys_business(finalists: tuple[str, ...]) -> None:
    """Polls in any order give the same bits."""
    model = two_way() if len(finalists) == 2 else three_way()
    polls = tuple(p for p in several(SEED, finalists) if p.group != "Cy")
    rng = np.random.default_rng(SEED)
    first = evidence_as_of(with_polls(model, polls), DAY)
    for _ in range(20):
        turned = tuple(replace(polls[i], place=f"other.csv:{i}") for i in rng.permutation(len(polls)))
        assert same_bits(first, evidence_as_of(with_polls(model, turned), DAY))


def test_an_irrelevant_candidate_changes_nothing() -> None:
    """Shares of others than the finalists give the same bits."""
    polls = several(SEED)
    more = tuple(replace(p, shares=(("Cy", 0.01), *p.shares)) for p in polls)
    assert same_bits(
        evidence_as_of(with_polls(two_way(), polls), DAY), evidence_as_of(with_polls(two_way(), more), DAY)
    )


def test_three_finalists_are_treated_alike() -> None:
    """With another finalist last, the expected shares are the same to 1e-10."""
    polls = tuple(p for p in several(SEED, ("Ada", "Bo", "Cleo"), crosstabs=False))
    polls = tuple(replace(p, side="") for p in polls)

    def shares(names: tuple[str, ...]) -> dict[str, float]:
        model = replace(three_way(), finalists=names)
        found = evidence_as_of(with_polls(model, polls, replace_settings(undecided_sd=0.0)), DAY)
        odds = np.exp([*(o.value for o in found.observations), 0.0])
        return dict(zip(names, (odds / odds.sum()).tolist(), strict=True))

    first = shares(("Ada", "Bo", "Cleo"))
    for names in itertools.permutations(("Ada", "Bo", "Cleo")):
        assert shares(names) == pytest.approx(first, abs=1e-10)


def test_later_polls_change_nothing_but_their_rows() -> None:
    """What was not out by the day gets a row with the reason; everything else has the same bits."""
    polls = several(SEED)
    late = (
        poll("Late", 21, {"Ada": 0.9, "Bo": 0.1}),
        poll("Slow", 10, {"Ada": 0.9, "Bo": 0.1}, published=21),
        poll("Ax", 21, {"Ada": 0.9, "Bo": 0.1}, kind="pool", group="Cy"),
    )
    day = dt.date(2021, 3, 20)
    before = evidence_as_of(with_polls(two_way(), polls), day)
    after = evidence_as_of(with_polls(two_way(), (*polls, *late)), day)
    assert same_bits(before, after)
    known = {p.identity for p in polls}
    assert [row for row in after.rows if row.poll.identity in known] == list(before.rows)
    reasons = [row.reason for row in after.rows if row.poll.identity not in known]
    assert sorted(reasons) == [
        "field work ended on 2021-03-21, after 2021-03-20",
        "field work ended on 2021-03-21, after 2021-03-20",
        "published on 2021-03-21, after 2021-03-20",
    ]
    assert sum("left out" in note for note in after.notes) == 3


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (poll("Ax", 9, {"Ada": 0.5, "Bo": 0.4}, size=None), "sample size unknown"),
        (poll("Ax", 9, {"Ada": 0.5}), "no share for Bo, and undecided is empty"),
        (poll("Ax", 9, {"Ada": 0.5, "Bo": 0.0}), "a finalist at 0 %: no log-odds"),
        (poll("Ax", 9, {"Ada": 0.9}, undecided=0.1), "a finalist at 0 %: no log-odds"),
        (poll("Ax", 9, {"Ada": 0.5, "Bo": 0.4}, kind="bloc", group="none"), "nobody is in the group none"),
    ],
)
def test_nothing_is_dropped_silently(given: Poll, reason: str) -> None:
    """A poll that cannot count has a row that says why, and a note."""
    found = evidence_as_of(with_polls(two_way(), (given,)), DAY)
    assert [(row.used, row.reason) for row in found.rows] == [(False, reason)]
    assert reason in found.notes[0]
    assert not found.observations


def test_a_share_left_empty_is_what_the_others_leave() -> None:
    """With the undecided given, the other finalist's share is the rest of 100."""
    given = evidence_as_of(with_polls(two_way(), (poll("Ax", 9, {"Ada": 0.5}, undecided=0.1),)), DAY)
    assert given.rows[0].share == pytest.approx(0.5 / 0.9, abs=1e-12)


def test_groups_larger_than_their_poll_are_told() -> None:
    """Crosstabs with more people than their poll has lose the covariance with it, and a note says so."""
    whole = poll("Ax", 9, {"Ada": 0.5, "Bo": 0.5}, size=100)
    parts = tuple(poll("Ax", 9, {"Ada": 0.5, "Bo": 0.5}, size=400, kind="pool", group=g) for g in ("Cy", "Di", "Ada"))
    found = evidence_as_of(with_polls(two_way(), (whole, *parts)), DAY)
    assert any("larger than the poll" in note for note in found.notes)


def test_the_same_interviews_twice_are_told() -> None:
    """Two rows of a pollster with the same days, for two populations, give a note."""
    first = poll("Ax", 9, {"Ada": 0.5, "Bo": 0.5})
    found = evidence_as_of(with_polls(two_way(), (first, replace(first, population="rv"))), DAY)
    assert any("field work of 2 rows overlaps" in note for note in found.notes)


def test_parts_add_up_and_weights_sum_to_one() -> None:
    """Each row's parts add up to its total variance; the polls of the race weigh 1 together."""
    found = evidence_as_of(with_polls(two_way(), several(SEED)), DAY)
    for row in found.rows:
        parts = (
            row.sampling_sd, row.undecided_sd, row.house_sd, row.sponsor_sd, row.drift_sd, row.shared_sd, row.recall_sd,
        )  # fmt: skip
        assert sum((part or 0) ** 2 for part in parts) == pytest.approx((row.total_sd or 0) ** 2, rel=1e-12)
    assert sum(row.weight or 0 for row in found.rows if row.poll.kind == "race") == pytest.approx(1, abs=1e-10)


def expected(model: Model) -> tuple[Evidence, tuple[str, ...]]:
    """Evidence with expectations, and what is far from the prior."""
    pools = electorate(to_inputs(model, 1))
    found = evidence_as_of(model, model.race.as_of if model.race.id != "test" else DAY)
    after = posterior.update(pools, found.observations, found.covariance)
    return compared(found, pools, after), far_from_prior(found, pools)


def test_a_poll_far_from_the_prior_is_named() -> None:
    """One absurd poll among many is named; without it nothing is."""
    calm = tuple(poll(f"P{i}", 9, {"Ada": 0.5, "Bo": 0.48}) for i in range(3))
    assert not expected(with_polls(two_way(), calm))[1]
    remarks = expected(with_polls(two_way(), (*calm, poll("Wild", 9, {"Ada": 0.1, "Bo": 0.8}))))[1]
    assert len(remarks) == 1
    assert "Wild, 2021-03-09" in remarks[0]


def test_house_effects_have_their_sign() -> None:
    """A pollster above the others for Ada has a positive house effect, smaller than his distance."""
    others = tuple(poll(f"P{i}", 9, {"Ada": 0.48, "Bo": 0.48}, size=2_000) for i in range(6))
    found, _ = expected(with_polls(two_way(), (*others, poll("High", 9, {"Ada": 0.54, "Bo": 0.42}, size=2_000))))
    high = next(row for row in found.rows if row.poll.pollster == "High")
    assert high.house is not None
    assert high.log_odds is not None
    assert 0 < high.house < high.log_odds
    assert high.residual is not None
    assert high.residual > 0


def test_rows_fit_the_schema() -> None:
    """Each row has the columns of the evidence table but those of the answer without it, and a value where it must."""
    columns = {column.name: column for column in EVIDENCE.columns if column.name not in ("run_id", "race_id", *NONE)}
    given = (*several(SEED), poll("Late", 31, {"Ada": 0.5, "Bo": 0.5}))
    for row in table_rows(evidence_as_of(with_polls(two_way(), given), DAY)):
        assert set(row) == set(columns)
        assert all(value is not None or columns[name].nullable for name, value in row.items())


def test_georgia_has_fifteen_polls_and_six_crosstabs() -> None:
    """All of Georgia's polls were out by the eve and count; none is far from the prior."""
    found, far = expected(eve())
    assert sum(row.used for row in found.rows) == 21
    assert not far
    assert not [note for note in found.notes if "left out" not in note]


def test_those_without_a_vote_err_by_more_than_other_groups() -> None:
    """A group of kind `new` has crosstab_error_sd and self_selected_error_sd together, in log-odds; others the one."""
    section = EvidenceSection()
    crosstabs = tuple(
        replace(poll("Ask", 9, {"Ada": 0.5, "Bo": 0.4}), kind=kind, group=group)
        for kind, group in (("new", "new"), ("pool", "Cy"))
    )
    model = replace(two_way(), evidence=section, crosstabs=crosstabs)
    recall = {row.poll.kind: row.recall_sd for row in evidence_as_of(model, DAY).rows}
    assert recall["pool"] == pytest.approx(4 * section.crosstab_error_sd)
    assert recall["new"] == pytest.approx(4 * math.hypot(section.crosstab_error_sd, section.self_selected_error_sd))
    assert section.self_selected_error_sd > 0.0
