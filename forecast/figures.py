"""Numbers as people read them: never a digit that the trials do not support, never a chance of 0 or 100 %."""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST_DIGITS = 4  # after the point of a per cent


def percent(share: float, digits: int = 1) -> str:
    """A share as a per cent without the sign: 0.4812 -> '48.1'."""
    return f"{100 * share:.{digits}f}"


def whole(number: float) -> str:
    """A count with thousands separated."""
    return f"{round(number):,}"


def digits_for(se: float) -> int:
    """Digits after the point of a per cent that a standard error (as a share) supports."""
    points = 100 * se
    if points <= 0:
        return MOST_DIGITS
    return min(max(-math.floor(math.log10(points)), 0), MOST_DIGITS)


def probability(count: float, trials: float, se: float) -> str:
    """A probability in per cent, with its standard error; bounded where the (effective) trials can only bound it.

    With no case in n trials the probability is below 3 / n (the rule of three, at 95 % confidence).
    """
    p = count / trials
    if min(count, trials - count) < 0.5:
        bound = 100 * min(3 / trials, 1.0)
        if bound >= 50:
            return "unknown (too few trials)"
        digits = max(0, -math.floor(math.log10(bound)))
        rounded = math.ceil(bound * 10**digits - 1e-9) / 10**digits  # a bound is rounded up
        return f"less than {rounded:.{digits}f} %" if p < 0.5 else f"more than {100 - rounded:.{digits}f} %"
    digits = digits_for(se)
    text = f"{100 * p:.{digits}f}"
    if float(text) in (0.0, 100.0):
        least = f"{10.0**-digits:.{digits}f}"
        return f"less than {least} %" if float(text) == 0.0 else f"more than {100 - 10.0**-digits:.{digits}f} %"
    return f"{text} % ± {max(100 * se, 10.0**-digits):.{digits}f}"


def chance(count: float, trials: float) -> str:
    """A probability in words: 'about 6 of 10 trials'."""
    p = count / trials
    if count < 0.5:
        return f"none of {trials:,.0f} trials"
    if trials - count < 0.5:
        return f"all of {trials:,.0f} trials"
    for base, low in ((10, 0.075), (4, 0.225), (20, 0.045), (100, 0.0095), (1_000, 0.00095), (10_000, 0.000095)):
        if low <= p <= 1 - low:
            near = min(max(round(p * base), 1), base - 1)
            if base < 20 and abs(p - near / base) > 0.026:
                continue  # a finer base comes nearer
            return "about 1 of 2 trials" if 2 * near == base else f"about {near:,} of {base:,} trials"
    return f"fewer than 1 of {10_000:,} trials" if p < 0.5 else "all but fewer than 1 of 10,000 trials"


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Last words of names where they tell them apart, else the names."""
    last = {name: name.split()[-1] if name.split() else name for name in names}
    return last if len(set(last.values())) == len(names) else {name: name for name in names}


def lead(margin: float, first: str, second: str, digits: int = 1) -> str:
    """A margin said from its winner's side: 'Handel +3.6'."""
    points = f"{abs(100 * margin):.{digits}f}"
    if float(points) == 0:
        return "even"
    return f"{first if margin > 0 else second} +{points}"
