"""From tallies to the rows of the output tables (`runoff.output.schemas`): the only place where the two meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runoff import __version__
from runoff.estimate.tallied import mean_sd, quantile
from runoff.model.pools import Model
from runoff.output.columns import LEVELS, SCHEMA_VERSION
from runoff.phases.runoff_ahead.ballots import Histogram, ballot_rows
from runoff.phases.runoff_ahead.influence.factors import factor_rows
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.phases.runoff_ahead.influence.response import response_rows
from runoff.phases.runoff_ahead.influence.sensitivity import sensitivity_rows
from runoff.phases.runoff_ahead.rates import pool_tables
from runoff.race import Int64Array, Row, Tables
from runoff.report.numbers import short_names
from runoff.simulate.driver import PPM, RATE_BIN, SHARE_BIN, Drawn, digest, standard_error, whole

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs

_HISTOGRAM_BIN = 1_000  # ppm: 0.1 point
_UNIT = 1.0 / PPM


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a run came from."""

    config_sha256: str
    seed: int


@dataclass(frozen=True, slots=True)
class Beside:
    """What a run knows besides its tallies.

    votes_bound, variance_left_out : of a race drawn without its units; evidence : rows of the `evidence`
        table without keys;
    moved : the columns share_before to share_after_sd of the `run` table, or none; notes : for the reader.
    short : the run file's short names.  inputs : what the detailed trials were drawn from; without it nothing is said
        of factors and of two rates together.
    """

    votes_bound: float | None = None
    variance_left_out: float | None = None
    evidence: Sequence[Row] = ()
    moved: Row = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    short: Mapping[str, str] = field(default_factory=dict)
    inputs: Inputs | None = None


def summarize(
    model: Model, drawn: Drawn, provenance: Provenance, quantiles: Sequence[float], beside: Beside | None = None
) -> Tables:
    """All tables but the trials', without the columns that name the run."""
    beside = beside or Beside()
    more: Row = {"votes_bound": beside.votes_bound, "ess": drawn.effective, **beside.moved}
    more["variance_left_out"] = beside.variance_left_out
    more["warnings"] = "\n".join([*model.warnings, *beside.notes])
    margin = None if beside.inputs is None else Margin.of(beside.inputs)
    pools = pool_tables(model, drawn)
    tables: Tables = {
        "run": [{**_run_row(model, drawn, provenance), **more}],
        "candidates": _candidate_rows(model, drawn, beside.short),
        "quantiles": _quantile_rows(model, drawn, quantiles),
        "margin_histogram": _histogram_rows(drawn),
        **pools,
        "sensitivity": sensitivity_rows(model, drawn, (*pools["rates"], *pools["rates_blocs"]), margin),
    }
    if beside.inputs is not None and margin is not None:
        tables["factors"] = factor_rows(model, margin, drawn)
        tables["response"] = response_rows(model, beside.inputs, drawn)
    if drawn.tallies.unit_wins.shape[0]:
        tables["units"] = _unit_rows(model, drawn)
    if model.blank is not None:
        tables["ballots"] = ballot_rows(model, drawn, [_share_histogram(drawn, k) for k in range(len(model.finalists))])
    if beside.evidence:
        tables["evidence"] = list(beside.evidence)
    return tables


def _quantile_columns(prefix: str, bins: Int64Array, start: float, width: float) -> Row:
    return {f"{prefix}_q{level:02d}": quantile(bins, level / 100, start, width) for level in LEVELS}


def _margin(drawn: Drawn) -> tuple[float, float]:
    first, second = drawn.tallies.margin
    return mean_sd(whole(first), whole(second), drawn.total, _UNIT)


def _run_row(model: Model, drawn: Drawn, provenance: Provenance) -> Row:
    race, tallies, n, effective = model.race, drawn.tallies, drawn.total, drawn.effective
    margin_mean, margin_sd = _margin(drawn)
    turnout_mean, turnout_sd = mean_sd(whole(tallies.turnout[0]), whole(tallies.turnout[1]), n, _UNIT)
    ties, recounts = int(tallies.ties[0]), int(tallies.recounts[0])
    width = SHARE_BIN * _UNIT
    return {
        "race_name": race.name,
        "first_round": race.first_round,
        "runoff": race.runoff,
        "as_of": race.as_of,
        "trials": drawn.trials,
        "detail_trials": drawn.detail_trials,
        "seed": provenance.seed,
        "n_units": model.people.shape[0],
        "n_pools": len(model.pools),
        "people": int(model.people.sum()),
        "first_votes": int(model.first_round.votes.sum()),
        "recount_margin": race.recount_margin,
        "p_tie": ties / n,
        "p_tie_mcse": standard_error(ties / n, effective),
        "ties": trials_of(drawn, ties),
        "p_recount": recounts / n,
        "p_recount_mcse": standard_error(recounts / n, effective),
        "recounts": trials_of(drawn, recounts),
        "margin_mean": margin_mean,
        "margin_sd": margin_sd,
        **_quantile_columns("margin", tallies.margin_bins, -1.0, width),
        "turnout_mean": turnout_mean,
        "turnout_sd": turnout_sd,
        **_quantile_columns("turnout", tallies.turnout_bins, 0.0, width),
        "valid_votes_mean": sum(whole(votes) for votes in tallies.votes) / n,
        "seconds": drawn.seconds,
        "digest": digest(drawn),
        "config_sha256": provenance.config_sha256,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
    }


def share_bins(drawn: Drawn, k: int) -> tuple[Int64Array, float]:
    """Histogram of a finalist's share from 0 on, and its bins' width; of two finalists the margin's tells."""
    tallies = drawn.tallies
    if tallies.share_bins.shape[0]:
        return tallies.share_bins[k], SHARE_BIN * _UNIT
    bins = tallies.margin_bins if k == 0 else tallies.margin_bins[::-1]
    return bins, SHARE_BIN * _UNIT / 2


def _share(drawn: Drawn, k: int) -> tuple[float, float]:
    if drawn.tallies.share_bins.shape[0]:
        first, second = drawn.tallies.share[k]
        return mean_sd(whole(first), whole(second), drawn.total, _UNIT)
    mean, sd = _margin(drawn)
    return (1.0 + mean if k == 0 else 1.0 - mean) / 2.0, sd / 2.0


def _share_start(drawn: Drawn, k: int) -> float:
    """Where the share's first bin begins; the reversed margin bins end at 1 and not at 1 + a bin."""
    reversed_bins = k == 1 and not drawn.tallies.share_bins.shape[0]
    return -SHARE_BIN * _UNIT / 2 if reversed_bins else 0.0


def _share_histogram(drawn: Drawn, k: int) -> Histogram:
    bins, width = share_bins(drawn, k)
    return bins, _share_start(drawn, k), width


def _candidate_rows(model: Model, drawn: Drawn, chosen: Mapping[str, str]) -> list[Row]:
    first, n = model.first_round, drawn.total
    names = [candidate.name for candidate in first.candidates]
    shift = 1 << max(0, int(model.people.sum()).bit_length() - 26)
    short = short_names(model.finalists, chosen)
    rows = []
    for k, name in enumerate(model.finalists):
        place = names.index(name)
        candidate, votes = first.candidates[place], int(first.totals[place])
        wins = int(drawn.tallies.wins[k])
        share_mean, share_sd = _share(drawn, k)
        bins, width = share_bins(drawn, k)
        total = whole(drawn.tallies.votes[k])
        product = whole(drawn.tallies.vote_products[k, k])
        _, votes_sd = mean_sd(total // shift, product, n, float(shift))
        rows.append(
            {
                "candidate": name,
                "party": candidate.party,
                "bloc": candidate.bloc,
                "place": place + 1,
                "first_votes": votes,
                "first_share": votes / int(first.totals.sum()),
                "trials": drawn.trials,
                "wins": trials_of(drawn, wins),
                "p_win": wins / n,
                "p_win_mcse": standard_error(wins / n, drawn.effective),
                "share_mean": share_mean,
                "share_sd": share_sd,
                **_quantile_columns("share", bins, _share_start(drawn, k), width),
                "votes_mean": total / n,
                "votes_sd": votes_sd,
                "ess": drawn.effective,
                "short": short[name],
            }
        )
    return rows


def trials_of(drawn: Drawn, count: int) -> int:
    """A tally in trials: as it is, or its part of the effective ones where trials have weights."""
    return round(count / drawn.total * drawn.effective) if drawn.weighted else count


def _quantile_rows(model: Model, drawn: Drawn, quantiles: Sequence[float]) -> list[Row]:
    width = SHARE_BIN * _UNIT
    kinds = [("share", name, *share_bins(drawn, k), _share_start(drawn, k)) for k, name in enumerate(model.finalists)]
    kinds.append(("margin", "", drawn.tallies.margin_bins, width, -1.0))
    kinds.append(("turnout", "", drawn.tallies.turnout_bins, width, 0.0))
    return [
        {
            "quantity": kind,
            "candidate": name,
            "probability": p,
            "value": quantile(bins, p, start, bin_width),
            "ess": drawn.effective,
        }
        for kind, name, bins, bin_width, start in kinds
        for p in quantiles
    ]


def _histogram_rows(drawn: Drawn) -> list[Row]:
    step = _HISTOGRAM_BIN // SHARE_BIN
    fine = drawn.tallies.margin_bins[:-1].copy()
    fine[-1] += drawn.tallies.margin_bins[-1]  # a margin of exactly 1 has a bin of its own
    bins = fine.reshape(-1, step).sum(axis=1)
    filled = bins.nonzero()[0]
    per_unit = PPM // _HISTOGRAM_BIN
    return [
        {
            "bin_low": (b - per_unit) / per_unit,  # the double nearest to the decimal: -0.02 is -0.02
            "bin_high": (b + 1 - per_unit) / per_unit,
            "trials": trials_of(drawn, int(bins[b])),
            "ess": drawn.effective,
        }
        for b in range(int(filled[0]), int(filled[-1]) + 1)
    ]


def _unit_rows(model: Model, drawn: Drawn) -> list[Row]:
    first, tallies, n = model.first_round, drawn.tallies, drawn.detail_total
    place = {candidate.name: i for i, candidate in enumerate(first.candidates)}
    rows = []
    for u, unit in enumerate(first.units):
        for k, name in enumerate(model.finalists):
            votes, shares = tallies.unit_votes[u, k], tallies.unit_share[u, k]
            votes_mean, votes_sd = mean_sd(whole(votes[0]), whole(votes[1]), n)
            share_mean, share_sd = mean_sd(whole(shares[0]), whole(shares[1]), n, _UNIT)
            rows.append(
                {
                    "unit": unit,
                    "region": first.regions[u],
                    "candidate": name,
                    "first_votes": int(first.votes[u, place[name]]),
                    "people": int(model.people[u].sum()),
                    "trials": drawn.detail_trials,
                    "p_carry": int(tallies.unit_wins[u, k]) / n,
                    "votes_mean": votes_mean,
                    "votes_sd": votes_sd,
                    "share_mean": share_mean,
                    "share_sd": share_sd,
                    **_quantile_columns("share", tallies.unit_bins[u, k], 0.0, RATE_BIN * _UNIT),
                    "ess": drawn.detail_effective,
                }
            )
    return rows
