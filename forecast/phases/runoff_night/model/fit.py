"""What reported cells make of the factors and effects: Laplace's method with the units' own effects integrated out.

Cells are counts: a complete cell's votes are Poisson around what the model expects, its split binomial or, with
three finalists and more, multinomial.  They enter as working responses with the variance of the count (Fisher's
scoring; of a cell's log-ratios a matrix), around smooth functions h of x, and linear in the unit's own effects e:

    y[u] = h[u](x) + J[u] e[u] + noise,    x ~ N(0, I),    e[u] ~ N(0, V[u])

J is h's derivative by e at e = 0.  S = J V J' + R is the covariance of a unit's cells given x, and the information
about x is I + sum of H' S^-1 H over units (Laird and Ware 1982).  S stands where it is while x moves: how far own
effects reach hangs on x (a mode with few votes swings most), and were that let into the mode, or into a trial's
weight, x would go where own effects explain most at least cost, which is no news (marginal quasi-likelihood).
Spreads of e are learned: scales of V, each with a prior worth FEW units, by expectation and maximisation (Dempster,
Laird and Rubin 1977) along the way.

Sources: Breslow and Clayton (1993), doi:10.1080/01621459.1993.10594284; Laird and Ware (1982),
doi:10.2307/2529876; Dempster, Laird and Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from runoff.arithmetic.functions import exp, log1pexp, logistic
from runoff.arithmetic.matrices import inverse, product, solve
from runoff.estimate import tails
from runoff.estimate.mixed_model import Mixed, Solved, roots
from runoff.estimate.mixed_model import solve as solved_by
from runoff.estimate.ratios.shares import log_sum, shares
from runoff.phases.runoff_night.model.cells import NightModel, cell_gradients, cells, stacked
from runoff.phases.runoff_night.model.linear import linearised, lines_at, own_by, whole_race
from runoff.phases.runoff_night.model.seen import Polled, Seen, masked
from runoff.race import FloatArray

FEW = 4.0  # units that the prior of a spread is worth
_LEARNING = 20  # rounds at most in which spreads move; then they stand, and the mode is found to the last digits
_ROUNDS = 40
_CLOSE = 1e-3  # standard deviations
_SETTLED = 0.03  # relative change of a spread that is none
_HALVINGS = 12
_STRIDE = 3.0  # standard deviations that a step moves at most
_LEAST = 1e-6  # a spread below this is none


@dataclass(frozen=True, slots=True)
class Fit:
    """The normal of x at its mode, and of each unit's own effects given x.

    mode : float64[C].  information : float64[C, C], what is seen says of x: the precision without the prior's.
    pull : float64[C], gradient of what is seen at the mode.
    prior : float64[C], precisions of x beforehand, of the night's own effects as learned (`runoff.estimate.tails`).
    own : float64[E, U], the units' own effects at the mode; shift : float64[N, U], what they do to cells there;
    own_root : float64[U, E, E], Cholesky factors of their covariance given x.
    answer : float64[U, E, N]: own effects are expected to be answer[u] @ miss[u]; N = (1 + Q) M rows of cells.
    precision : float64[U, N, N], of a unit's cells given x (S^-1).
    response : float64[N, U]: miss = (response - h(x)) where mask (bool[N, U]), else 0.
    scale : float64[E], learned spreads over their prior medians.
    rounds : how many it took.
    """

    mode: FloatArray
    information: FloatArray
    pull: FloatArray
    prior: FloatArray
    own: FloatArray
    shift: FloatArray
    own_root: FloatArray
    answer: FloatArray
    precision: FloatArray
    response: FloatArray
    mask: np.ndarray
    scale: FloatArray
    rounds: int


def fit(model: NightModel, seen: Seen, polled: Polled) -> Fit:
    """The mode and the normal around it; the spreads are learned along the way."""
    if polled.sizes:  # of modes in the whole race
        return _fit(model, seen, polled)
    some = np.flatnonzero((seen.size | seen.split).any(axis=0))
    return _everywhere(_fit(model.of_units(some), seen.of_units(some), polled), model, some)


def _fit(model: NightModel, seen: Seen, polled: Polled) -> Fit:
    x, own_effects = np.zeros(model.n_common), np.arange(model.n_common) >= model.pools.n_factors
    prior = np.maximum(model.spread, _LEAST) ** 2
    own, scale, known = np.zeros_like(prior), np.ones(len(prior)), np.ones(model.n_common)
    none = np.zeros_like(prior)
    mask = seen.mask
    eta = seen.start
    any_seen = np.asarray(mask.any(axis=0))
    mixed = Mixed()
    rounds, learning = 0, True
    for rounds in range(1, _ROUNDS + 1):
        y, noise = _working(seen, eta)
        at, common, reach = linearised(model, x, none)
        response = np.where(mask, y - at, 0.0).T + product(common, x)
        more = whole_race(model, polled, x, (at + shifted(reach, own))[: model.n_modes], common)
        common, local = common * mask.T[:, :, None], reach * mask.T[:, :, None]
        solved = solved_by(
            np.where(mask.T, response, 0.0),
            common,
            local,
            masked(noise, mask),
            (prior * scale[:, None]).T,
            more,
            known,
        )
        variance = prior * scale[:, None]
        goal = solved.mean if learning else mixed.towards(x, solved.mean)
        own_goal = solved.own.T + product(solved.answer, product(common, solved.mean - goal)[:, :, None])[:, :, 0].T
        size, x, own = _step(model, seen, polled, (variance, known, reach), (x, own), (goal - x, own_goal - own))
        eta = _values(model, x, own, _reach(model, x))
        if not learning and size < _CLOSE:
            break
        if learning:
            before, scale = scale, _alike(_spreads(solved, common, own, prior, any_seen), model)
            information = solved.precision - np.diag(known)
            known = tails.precisions(information, product(solved.precision, solved.mean), own_effects)
            settled = rounds > 3 and bool((np.abs(scale / before - 1.0) < _SETTLED).all())
            learning = rounds < _LEARNING and not settled
    information = solved.precision - np.diag(known)
    return Fit(
        mode=x,
        information=information,
        pull=product(solved.precision, solved.mean) - product(information, x),
        prior=known,
        own=own,
        shift=shifted(_reach(model, x), own),
        own_root=roots(solved.own_covariance),
        answer=solved.answer,
        precision=solved.weight,
        response=np.where(mask, _working(seen, eta)[0], 0.0),
        mask=mask,
        scale=np.sqrt(scale),
        rounds=rounds,
    )


def _everywhere(found: Fit, model: NightModel, some: np.ndarray) -> Fit:
    """The fit of some units as one of all: of the others nothing is seen, and their own effects are as before."""
    cells, effects = model.n_cells, len(model.spread)
    spread = np.maximum(model.spread, _LEAST) * found.scale[:, None]
    own_root = np.zeros((spread.shape[1], effects, effects))
    own_root[:, np.arange(effects), np.arange(effects)] = spread.T

    def wide(part: FloatArray, shape: tuple[int, ...], axis: int) -> FloatArray:
        whole = np.zeros(shape, part.dtype)
        whole[(slice(None),) * axis + (some,)] = part
        return whole

    units = spread.shape[1]
    own_root[some] = found.own_root
    return replace(
        found,
        own=wide(found.own, (effects, units), 1),
        shift=wide(found.shift, (cells, units), 1),
        own_root=own_root,
        answer=wide(found.answer, (units, effects, cells), 0),
        precision=wide(found.precision, (units, cells, cells), 0),
        response=wide(found.response, (cells, units), 1),
        mask=wide(found.mask, (cells, units), 1),
    )


def _step(
    model: NightModel,
    seen: Seen,
    polled: Polled,
    prior: tuple[FloatArray, FloatArray, FloatArray],
    at: tuple[FloatArray, FloatArray],
    step: tuple[FloatArray, FloatArray],
) -> tuple[float, FloatArray, FloatArray]:
    """Take a step, halved until it is downhill: its length in x, and where it ends."""
    part = min(1.0, _STRIDE / max(float(np.abs(step[0]).max()), 1e-300))
    now = _loss(model, seen, polled, prior, *at)
    for _ in range(_HALVINGS):
        x, own = at[0] + part * step[0], at[1] + part * step[1]
        if _loss(model, seen, polled, prior, x, own) <= now + 1e-12 * abs(now):
            break
        part /= 2.0
    return float(np.abs(part * step[0]).max()), x, own


def _loss(
    model: NightModel,
    seen: Seen,
    polled: Polled,
    prior: tuple[FloatArray, FloatArray, FloatArray],
    x: FloatArray,
    own: FloatArray,
) -> float:
    """Minus the logarithm of the joint density of x, own effects and what is seen, up to a constant.

    prior : variances of own effects, precisions of x, and the reach of own effects, which stands.
    """
    eta = _values(model, x, own, prior[2])
    modes = len(seen.votes)
    mean, odds = eta[:modes], eta[modes:]
    poisson = exp(np.minimum(mean, 30.0)) - seen.votes * mean
    ratios = len(seen.first)
    if ratios == 1:
        split = seen.votes * log1pexp(odds) - seen.first[0] * odds
    else:
        odds = odds.reshape(seen.first.shape)
        split = seen.votes * log_sum(odds) - (seen.first * odds).sum(axis=0)
    # a partly counted cell's split counts for less, by what its selection adds to the variance
    split = split / (1.0 + seen.extra * seen.votes / (2.0 * (ratios + 1)))
    away = polled.value - polled.expected(model, x[None, :], mean[:, :, None])[0]
    told = float(product(away, solve(polled.error, away))) if len(away) else 0.0
    rest = float((prior[1] * x * x).sum()) + float((own**2 / prior[0]).sum()) + told
    return float(poisson[seen.size].sum() + split[seen.split].sum()) + 0.5 * rest


def _values(model: NightModel, x: FloatArray, own: FloatArray, reach: FloatArray) -> FloatArray:
    """Cells' log votes, then their log-ratios: float64[N, U]; reach : [U, N, E], their derivatives by own effects."""
    found: FloatArray = stacked(*cells(*lines_at(model, x))) + shifted(reach, own)
    return found


def _reach(model: NightModel, x: FloatArray) -> FloatArray:
    """Derivatives of cells by own effects where these are nought: [U, N, E]."""
    by_lines = cell_gradients(*lines_at(model, x)[1:])
    return by_lines if model.n_ratios == 1 else product(by_lines, own_by(model))


def shifted(reach: FloatArray, own: FloatArray) -> FloatArray:
    """What own effects [E, U] do to cells: float64[N, U]."""
    found: FloatArray = product(reach, own.T[:, :, None])[:, :, 0].T
    return found


def _working(seen: Seen, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Working responses float64[N, U] at eta, and their variances [N, U]; with several log-ratios [N, N, U].

    The twin in `runoff.estimate.hierarchical` says why there are two.
    """
    modes, ratios = len(seen.votes), len(seen.first)
    mean = np.maximum(exp(np.clip(eta[:modes], -12.0, 30.0)), 0.1)
    size = eta[:modes] + (seen.votes - mean) / mean
    if ratios == 1:
        rate = logistic(np.clip(eta[modes:], -12.0, 12.0))
        weight = np.maximum(seen.votes * rate * (1.0 - rate), 0.02)
        y = np.concatenate([size, eta[modes:] + (seen.first[0] - seen.votes * rate) / weight])
        return y, np.concatenate([1.0 / mean, 1.0 / weight + seen.extra])
    odds = eta[modes:].reshape(seen.first.shape)
    due = seen.votes * shares(np.clip(odds, -12.0, 12.0))  # [K, M, U]
    least = np.maximum(due, 0.02)
    off = (seen.finalists - due) / least
    # the inverse of n (diag(p) - p p') is diag(1 / n p) + 1 / n p[last]
    counting = np.broadcast_to(1.0 / least[-1] + 0.5 * seen.extra, (ratios, *seen.first.shape)).copy()
    for q in range(ratios):
        counting[q, q] += 1.0 / least[q] + 0.5 * seen.extra
    variance = np.zeros((modes * (1 + ratios), modes * (1 + ratios), mean.shape[1]))
    for m in range(modes):
        rows = modes + m + modes * np.arange(ratios)
        variance[m, m] = 1.0 / mean[m]
        variance[np.ix_(rows, rows)] = counting[:, :, m]
    return np.asarray(stacked(size, odds + off[:-1] - off[-1])), variance


def _alike(scale: FloatArray, model: NightModel) -> FloatArray:
    """One scale for all log-ratios of units, and of each mode: no finalist is the last one by himself."""
    ratios, modes = model.n_ratios, model.n_modes
    if ratios == 1:
        return scale
    scale = scale.copy()
    scale[1 : 1 + ratios] = scale[1 : 1 + ratios].mean()
    if modes > 1:
        of_modes = scale[1 + ratios + modes :].reshape(ratios, modes)
        of_modes[:] = of_modes.mean(axis=0)
    return scale


def _spreads(solved: Solved, common: FloatArray, own: FloatArray, prior: FloatArray, seen: np.ndarray) -> FloatArray:
    """Learned variances of the units' own effects over their prior medians: float64[E]."""
    drawn = product(solved.answer, common)  # how own effects answer to x
    flat = drawn.reshape(-1, drawn.shape[2])
    through = (product(flat, inverse(solved.precision)) * flat).sum(axis=1).reshape(drawn.shape[:2])
    places = np.arange(len(prior))
    second = own**2 + (solved.own_covariance[:, places, places] + through).T
    known: FloatArray = ((second / prior)[:, seen].sum(axis=1) + FEW) / (seen.sum() + FEW)
    return known
