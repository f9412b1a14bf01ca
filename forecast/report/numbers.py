"""Numbers as people read them: never a digit that the trials do not support, never a chance of 0 or 100 %."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from runoff.names import said, same

MOST_DIGITS = 4  # after the point of a per cent
_BRACKET = re.compile(r"\s*[(\[\uff08][^()\[\]\uff08\uff09]*[)\]\uff09]\s*$")
_DASH = re.compile(r"\s[-\u2013\u2014/|]\s")  # with blanks around: a party or a running mate follows
_SUFFIXES = frozenset(["jr", "jnr", "sr", "snr", "ii", "iii", "iv", "md", "phd", "jd", "esq", "dds", "dvm"])
_SUFFIXES_OF_TWO = frozenset(["junior", "senior", "v", "vi"])  # names, too: only behind two words
_PARTICLES = frozenset([
    "de", "del", "della", "degli", "di", "da", "do", "dos", "das", "du", "des", "la", "le", "les", "lo", "van", "von",
    "vom", "der", "den", "ter", "ten", "te", "zu", "zum", "zur", "al", "el", "bin", "ibn", "abu", "st", "st.", "ste.",
    "saint", "san", "santa", "santo", "mac", "mc", "af", "av",
])  # fmt: skip
_NO_GIVEN_NAMES = frozenset(["de", "du", "la", "le", "von"])


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


def short_names(names: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a candidate is called in short: the word chosen for it, else the surname, else the whole name.

    A surname counts where it is like no other candidate's name, in short or whole, whatever their capitals.
    """
    spoken = {said(name): short for name, short in (chosen or {}).items()}
    given = {name: spoken[said(name)] for name in names if said(name) in spoken}
    short = {name: given.get(name) or surname(name) for name in names}
    alike = Counter(same(word) for word in short.values())
    whole_names = {same(name) for name in names}

    def tells(name: str) -> bool:
        word = same(short[name])
        return alike[word] == 1 and (word not in whole_names or word == same(name))

    return {name: short[name] if name in given or tells(name) else name for name in names}


def shorts(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Short names of a table's candidates; runs before 0.3 have no column of them."""
    found = short_names([row["candidate"] for row in rows])
    return {name: row.get("short") or found[name] for name, row in zip(found, rows, strict=True)}


def surname(name: str) -> str:
    """A name's surname as far as it can be told, with its particles; the whole name where nothing sensible is left.

    'MARA VOSS (REP)' -> 'VOSS', 'Tom Iver, Sr.' -> 'Iver', 'Cruz, Ana' -> 'Cruz', 'Marine Le Pen' -> 'Le Pen'.
    """
    bare = said(name)
    while _BRACKET.search(bare):
        bare = _BRACKET.sub("", bare)
    bare = _DASH.split(bare)[0]
    parts = [_without_suffix(part.split()) for part in bare.split(",")]
    parts = [part for part in parts if part]
    if not parts:
        return name
    words = parts[0]
    if len(parts) == 1:
        words = words[_begin(words) :]
    family = " ".join(words)
    return family if sum(c.isalpha() for c in family) > family.isascii() else name


def _begin(words: list[str]) -> int:
    """Where the surname begins: at the last word, or at the particles before it; the first word is a given name."""
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in _PARTICLES:
        start -= 1
    first = start == 1 and words[0].casefold() in _PARTICLES
    return 0 if first and (words[0].islower() or words[0].casefold() in _NO_GIVEN_NAMES) else start


def _without_suffix(words: list[str]) -> list[str]:
    """Words without what stands behind a name: Jr, Sr, II to V, MD, PhD; 'Senior' may be a name where two are left."""
    while words:
        last = words[-1].replace(".", "").casefold()
        sign = not any(character.isalnum() for character in last)
        if not sign and last not in _SUFFIXES and not (last in _SUFFIXES_OF_TWO and len(words) > 2):
            break
        words = words[:-1]
    return words


def lead(margin: float, first: str, second: str, digits: int = 1) -> str:
    """A margin said from its winner's side: 'Handel +3.6'."""
    points = f"{abs(100 * margin):.{digits}f}"
    if float(points) == 0:
        return "even"
    return f"{first if margin > 0 else second} +{points}"


def lead_range(low: float, high: float, first: str, second: str, digits: int = 1) -> str:
    """A range of margins: across, from the second's lead to the first's; on one side, from the smaller lead on.

    'Handel +3.0 to Ossoff +6.7', 'Handel +3.7 to +6.7', 'even to Ossoff +2.0'.
    """
    near, far = (low, high) if abs(low) <= abs(high) or low * high < 0 else (high, low)
    one, other = (lead(margin, first, second, digits) for margin in (near, far))
    if one == other:
        return one
    if "even" in (one, other):
        return f"even to {one if other == 'even' else other}"
    if near * far > 0:
        return f"{one} to {other.rsplit(' ', 1)[1]}"
    return f"{one} to {other}"


def nearest_whole(shares: Sequence[float], total: int) -> list[int]:
    """Whole numbers in proportion to shares that add up to `total`: each rounded down, the largest rests rounded up.

    Equal rests go in order; shares need not add up to 1.  Source: the method of largest remainders (Hare, 1859).
    """
    amount = sum(shares)
    exact = [total * share / amount for share in shares] if amount > 0 else [0.0] * len(shares)
    whole_parts = [math.floor(part) for part in exact]
    missing = total - sum(whole_parts) if amount > 0 else 0
    order = sorted(range(len(exact)), key=lambda i: whole_parts[i] - exact[i])
    for i in order[:missing]:
        whole_parts[i] += 1
    return whole_parts


def histogram_quantile(bins: Sequence[tuple[float, float, float]], level: float) -> float:
    """The quantile of bins (low, high, share), linear within a bin; shares need not add up to 1."""
    target, upto = level * sum(share for _, _, share in bins), 0.0
    for low, high, share in bins:
        if share > 0 and upto + share >= target:
            return low + (high - low) * max(target - upto, 0.0) / share
        upto += share
    return bins[-1][1]
