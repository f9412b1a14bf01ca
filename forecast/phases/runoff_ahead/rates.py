"""The rows of `rates` and `transfers`, of pools and of blocs: what each was drawn to do, and what that says."""

from __future__ import annotations

from dataclasses import dataclass

from runoff.estimate.tallied import break_even, conditional, correlation, explained, mean_sd, quantile
from runoff.model.pools import Model
from runoff.output.columns import LEVELS
from runoff.race import Rate, Row
from runoff.simulate.driver import PPM, RATE_BIN, Drawn, whole

_UNIT = 1.0 / PPM
RATE_WIDTH = RATE_BIN * _UNIT


@dataclass(frozen=True, slots=True)
class RatePool:
    """A row of the rate tables: a pool, or a bloc's eliminated pools together (without rates of its own)."""

    pool: str
    bloc: str
    kind: str
    people: int
    turnout: Rate | None
    preference: Rate | None

    @property
    def keys(self) -> Row:
        """The columns that name it."""
        return {"pool": self.pool, "bloc": self.bloc, "kind": self.kind, "people": self.people}


def rate_pools(model: Model) -> list[RatePool]:
    """The rows of the rate tables in the order of the tallies: pools, then blocs."""
    rows = [
        RatePool(pool.name, pool.bloc, pool.kind, pool.people, pool.turnout, pool.preference) for pool in model.pools
    ]
    for bloc in model.bloc_rows:
        people = sum(pool.people for pool in model.pools if pool.kind == "eliminated" and pool.bloc == bloc)
        rows.append(RatePool(bloc, bloc, "bloc", people, None, None))
    return rows


def pool_tables(model: Model, drawn: Drawn) -> dict[str, list[Row]]:
    """The tables `rates` and `transfers`, whose rows are pools, and those of blocs, whose rows are sums of them."""
    tables: dict[str, list[Row]] = {}
    for name, rows in (("rates", _rate_rows(model, drawn)), ("transfers", _transfer_rows(model, drawn))):
        tables[name] = [row for row in rows if row["kind"] != "bloc"]
        tables[f"{name}_blocs"] = [row for row in rows if row["kind"] == "bloc"]
    return tables


def _rate_rows(model: Model, drawn: Drawn) -> list[Row]:
    """Turnout and preferences of each pool and bloc."""
    rows = []
    for index, pool in enumerate(rate_pools(model)):
        kinds = [("turnout", "", 0, pool.turnout)]
        kinds += [("preference", name, 1 + k, pool.preference) for k, name in enumerate(model.finalists)]
        for kind, candidate, quantity, rate in kinds:
            rows.append(
                {
                    **pool.keys,
                    "rate": kind,
                    "candidate": candidate,
                    "trials": drawn.detail_trials,
                    **_distribution(drawn, index, quantity, ""),
                    **_influence(drawn, index, quantity),
                    "said": rate.said if rate else "",
                    "origin": rate.origin if rate else "",
                    "source": rate.source if rate else "",
                    "ess": drawn.detail_effective,
                }
            )
    return rows


def _transfer_rows(model: Model, drawn: Drawn) -> list[Row]:
    """Where each pool's people go: to each finalist, or nowhere."""
    rows = []
    finalists = len(model.finalists)
    for index, pool in enumerate(rate_pools(model)):
        places = [
            (name, _distribution(drawn, index, 1 + finalists + k, "rate_")) for k, name in enumerate(model.finalists)
        ]
        places.append(("", _staying_home(drawn, index)))
        for destination, distribution in places:
            mean = distribution["rate_mean"]
            assert isinstance(mean, float)
            rows.append(
                {
                    **pool.keys,
                    "destination": destination,
                    "trials": drawn.detail_trials,
                    **distribution,
                    "votes_mean": mean * pool.people,
                    "ess": drawn.detail_effective,
                }
            )
    return rows


def _distribution(drawn: Drawn, index: int, quantity: int, prefix: str) -> Row:
    moments, bins = drawn.tallies.rate_moments[index, quantity], drawn.tallies.rate_bins[index, quantity, :, 0]
    mean, sd = mean_sd(whole(moments[0]), whole(moments[1]), drawn.detail_total, _UNIT)
    levels = {f"{prefix}q{level:02d}": min(quantile(bins, level / 100, 0.0, RATE_WIDTH), 1.0) for level in LEVELS}
    return {f"{prefix}mean": mean, f"{prefix}sd": sd, **levels}


def _staying_home(drawn: Drawn, index: int) -> Row:
    """One minus the turnout: its quantiles are the turnout's from the other end."""
    turnout = _distribution(drawn, index, 0, "rate_")
    flipped: Row = {}
    for name, value in turnout.items():
        assert isinstance(value, float)
        level = name.removeprefix("rate_q")
        if name == "rate_sd":
            flipped[name] = value
        elif name == "rate_mean":
            flipped[name] = 1.0 - value
        else:
            flipped[f"rate_q{100 - int(level):02d}"] = 1.0 - value
    return flipped


def _influence(drawn: Drawn, index: int, quantity: int) -> Row:
    """Correlation with the margin, share of its variance, and the rate at which half the trials are won."""
    n, tallies = drawn.detail_total, drawn.tallies
    x, xx, xy = (whole(sums) for sums in tallies.rate_moments[index, quantity])
    y, yy = whole(tallies.detail_margin[0]), whole(tallies.detail_margin[1])
    related = correlation(x, xx, y, yy, xy, n)
    if related is None:
        return {"correlation": None, "explained": None, "break_even": None}
    bins = tallies.rate_bins[index, quantity].T
    given = conditional(bins, RATE_WIDTH, _UNIT, drawn.detail_effective / n)
    _, margin_sd = mean_sd(y, yy, n, _UNIT)
    low, high = quantile(bins[0], 0.01, 0.0, RATE_WIDTH), quantile(bins[0], 0.99, 0.0, RATE_WIDTH)
    return {
        "correlation": related,
        "explained": explained(given, margin_sd),
        "break_even": break_even(given, low, high),
    }
