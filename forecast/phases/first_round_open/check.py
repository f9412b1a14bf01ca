"""What `runoff check` says of a first round that is being counted or ahead, before anything is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.arithmetic.functions import exp
from runoff.phases.first_round_open.pairings import pairing_model
from runoff.phases.first_round_open.phase import Counted
from runoff.phases.understood import common_lines, counted_noun, outlined, pool_lines

if TYPE_CHECKING:
    from runoff.data.counts.first_round_count import Count, Out
    from runoff.phases.first_round_open.phase import Ahead, Data
    from runoff.report.page import Page
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import ModeSize

_MOST_OUT = 40  # lines of what is out


def understood(data: Data) -> Page:
    """The race, what is counted and what is out (or polled), and the rates of the likeliest runoff."""
    loaded = data.case
    race, first = loaded.run_file.race, loaded.first_round
    opening = [
        f"first round {race.first_round}, runoff {race.runoff}, as of {race.as_of}",
        f"more than {100 * race.threshold:g} % of valid votes wins outright, else two advance",
    ]
    notes = list(loaded.warnings)
    if isinstance(data.seen, Counted):
        seen = [_counted(loaded, data.seen), _still_out(data.seen)]
        order = list(range(len(first.candidates)))
        notes += data.seen.count.notes
    else:
        seen = [_polled(loaded, data.seen)]
        order = [int(c) for c in np.argsort(-data.seen.polled.location, kind="stable")]
        notes = [*data.seen.polled.warnings, *notes]
    return outlined(race.name, (opening, *seen, *_runoff(loaded, (order[0], order[1]))), notes)


def _counted(loaded: Case, seen: Counted) -> list[str]:
    """What is counted."""
    count, settings, first = seen.count, seen.section, loaded.first_round
    total = int(first.totals.sum())
    modes = [mode for mode in count.modes if mode]
    lines = [
        f"being counted: {total:,} votes for {counted_noun(len(first.candidates), 'candidate')} in "
        f"{counted_noun(len(count.first_round.units), 'unit')}"
        + (f" with {count.everybody:,} registered voters" if count.rolled else ", registered voters not told")
    ]
    if modes:
        lines.append(f"modes: {', '.join(modes)}")
    large = [c for c, votes in enumerate(first.totals) if c < 2 or votes >= settings.least_share * total]
    for c in large:
        candidate, votes = first.candidates[c], int(first.totals[c])
        lines.append(f"  {candidate.name} ({candidate.party}) {votes:,}, {100 * votes / total:.2f} % of it")
    others = len(first.candidates) - len(large)
    if others:
        least = f"{100 * settings.least_share:g} %"
        lines.append(f"  {counted_noun(others, 'other')} with less than {least} each, modelled together")
    return lines


def _still_out(seen: Counted) -> list[str]:
    """What is out, and what the regressions know."""
    count, settings = seen.count, seen.section
    if not count.out:
        return ["nothing is out: the count is final"]
    lines = ["still out (how many votes: from whom)"]
    groups: dict[tuple[str, int], list[Out]] = {}
    for out in count.out:
        groups.setdefault((count.first_round.regions[out.members[0]], out.mode), []).append(out)
    lines += [_out_line(count, settings.modes, *key, outs) for key, outs in list(groups.items())[:_MOST_OUT]]
    if len(groups) > _MOST_OUT:
        lines.append(f"  {len(groups) - _MOST_OUT:,} more regions and modes")
    known = "a baseline, " + settings.baseline if settings.baseline is not None else "no baseline"
    return [
        *lines,
        f"predicted from {int(count.complete.sum()):,} complete cells (a unit's votes of a mode) and {known}",
    ]


def _out_line(count: Count, sizes: dict[str, ModeSize], region: str, mode: int, outs: list[Out]) -> str:
    """One region and mode: its units that are out, and who says how many votes."""
    name = count.modes[mode]
    title = ", ".join(part for part in (region, name) if part) or "all"
    members = {unit for out in outs for unit in out.members}
    everywhere = sum(r == region for r in count.first_round.regions)
    parts = sum(out.part for out in outs)
    part = f", {parts:,} of them in part" if parts else ""
    registered = f", {int(count.registered[sorted(members)].sum()):,} registered" if count.rolled else ""
    return (
        f"  {title}: {len(members):,} of {counted_noun(everywhere, 'unit')}{part}{registered}; "
        f"{_said(count, sizes, mode, outs)}"
    )


def _said(count: Count, sizes: dict[str, ModeSize], mode: int, outs: list[Out]) -> str:
    """Where the number of votes out comes from."""
    known = sum(out.expected is not None or out.low is not None for out in outs)
    name, whole = count.modes[mode], bool(count.complete[:, mode].any())
    if known == len(outs):
        low = sum(out.expected if out.expected is not None else out.low or 0 for out in outs)
        high = sum(out.expected if out.expected is not None else out.high or 0 for out in outs)
        return f"{low:,} votes (status table)" if low == high else f"{low:,} to {high:,} votes (status table)"
    rest = "predicted"
    size = names.by_same(sizes).get(names.same(name))
    if not whole and size is not None:
        rest = f"{100 * size.low:g} to {100 * size.high:g} % of registered (80 %, [counting.modes.{name}])"
    return f"{rest}, but for {known:,} that the status table has" if known else rest


def _polled(loaded: Case, seen: Ahead) -> list[str]:
    """What the polls say together, before trials are scaled to one."""
    polled, section, first = seen.polled, seen.section, loaded.first_round
    low, high = (100 * value for value in (section.turnout.low, section.turnout.high))
    lines = [
        f"ahead: {counted_noun(polled.used, 'poll')} of {counted_noun(len(first.candidates), 'candidate')}, "
        f"{polled.registered:,} registered voters",
        f"turnout {low:g} to {high:g} % of them (80 %); polled together, undecided voters split like the rest:",
    ]
    share = exp(polled.location)
    share /= share.sum()
    order = np.argsort(-share, kind="stable")
    for c in [int(c) for c in order[:8]]:
        candidate = first.candidates[c]
        lines.append(f"  {candidate.name} ({candidate.party}) {100 * share[c]:.1f} %")
    if len(order) > 8:
        lines.append(f"  {counted_noun(len(order) - 8, 'other')}, {100 * share[order[8:]].sum():.1f} % together")
    return lines


def _runoff(loaded: Case, pair: tuple[int, int]) -> tuple[list[str], list[str]]:
    """The rates of the runoff between the two who lead; other pairings follow from blocs."""
    first = loaded.first_round
    names = (first.candidates[pair[0]].name, first.candidates[pair[1]].name)
    model = pairing_model(loaded, names)
    lines = [
        f"a runoff between {names[0]} and {names[1]}, who lead; rates of other pairings follow from blocs",
        "pools (rates with their 80 % ranges; who said them: pool, bloc, own or default)",
    ]
    alike: dict[tuple[str, ...], list[str]] = {}
    for pool in model.pools:
        _, *rates = pool_lines(pool, model.finalists)
        alike.setdefault((f"({pool.bloc}, {pool.kind})", *rates), []).append(pool.name)
    for (kind, *rates), pools in alike.items():
        lines += [f"  {', '.join(pools)} {kind}", *rates]
    return lines, common_lines(model)
