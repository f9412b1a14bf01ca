"""Who stands for whom in an estimate of an earlier runoff.

A pool takes the origin of its own name, else those of its bloc; a finalist's own voters those of the finalist whose
place he has; finalists take destinations by name, else by bloc.  What cannot be told by that is said in the run file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runoff import names
from runoff.data.rounds.kept import KeptEstimate, Option
from runoff.errors import InputError, suggestion
from runoff.race import PoolKind

if TYPE_CHECKING:
    from runoff.runfile.sections.rates import RateSpec


@dataclass(frozen=True, slots=True)
class Whose:
    """The pool whose rate is asked: its name, bloc and kind, and every finalist's name and bloc in order."""

    name: str
    bloc: str
    kind: PoolKind
    finalists: tuple[tuple[str, str], ...]


def knows_who_stayed(kept: KeptEstimate) -> bool:
    """Whether anybody came neither time: without a roll a unit has nobody beyond the ballots of its fuller round."""
    rows, columns = (
        [k for k, one in enumerate(of) if one.kind == "absent"] for of in (kept.origins, kept.destinations)
    )
    return bool(rows and columns) and float(kept.draws[:, rows][:, :, columns].max()) >= 1.0


def destinations(kept: KeptEstimate, whose: Whose, spec: RateSpec) -> tuple[list[int], str]:
    """The place of each finalist's destination: as said, by name, by bloc, or the one that is left, with a note."""
    places = [k for k, option in enumerate(kept.destinations) if option.kind == "candidate"]
    if len(whose.finalists) > len(places):
        raise refused(
            spec,
            f"{len(places)} finalists in the estimate, {len(whose.finalists)} here",
            "each finalist has one of the estimate's to stand for",
            ", ".join(kept.destinations[k].name for k in places),
            "take an estimate of a runoff with as many, or say the rates otherwise",
        )
    found, note = _said(kept, places, spec), ""
    for name, bloc in whose.finalists:
        key = _one(kept.destinations, places, name, bloc)
        if name not in found and key is not None and key not in found.values():
            found[name] = key
    left = [k for k in places if k not in found.values()]
    missing = [name for name, _ in whose.finalists if name not in found]
    if len(missing) == 1 and len(left) == 1:
        other = kept.destinations[left[0]].name
        found[missing[0]] = left[0]
        note = (
            f"{kept.run_id} has nobody of {missing[0]}'s name or bloc: {other} stands for {missing[0]}, as the one who "
        )
        note += f'is left; if that is meant, say destinations = {{ "{missing[0]}" = "{other}" }}'
        missing = []
    if missing:
        other = kept.destinations[left[0]].name
        raise refused(
            spec,
            f"nobody in the estimate stands for {missing[0]}",
            "a finalist is found by name or bloc",
            ", ".join(kept.destinations[k].name for k in places),
            f'say destinations = {{ "{missing[0]}" = "{other}" }} beside it, if that is meant',
        )
    return [found[name] for name, _ in whose.finalists], note


def _said(kept: KeptEstimate, places: Sequence[int], spec: RateSpec) -> dict[str, int]:
    """The places of destinations that the run file says, by finalist."""
    found: dict[str, int] = {}
    there = [kept.destinations[k].name for k in places]
    for name, other in (spec.destinations or {}).items():
        key = next((k for k in places if names.same(kept.destinations[k].name) == names.same(other)), None)
        if key is None or key in found.values():
            what = f"no finalist {other} in the estimate" if key is None else f"{other} stands for two finalists"
            fix = (suggestion(other, there) if key is None else "") or "write another of these"
            raise refused(spec, what, "destinations names a finalist of the earlier runoff", ", ".join(there), fix)
        found[name] = key
    return found


def refused(spec: RateSpec, what: str, rule: str, got: str, fix: str) -> InputError:
    """An estimate that cannot say the rate that is asked of it."""
    return InputError.single(spec.estimate or "", what, rule=rule, got=got, fix=fix)


def _one(options: Sequence[Option], places: Sequence[int], name: str, bloc: str) -> int | None:
    """The only one of a name, else the only one of a bloc."""
    for alike in (
        [k for k in places if names.near(options[k].name) == names.near(name)],
        [k for k in places if bloc and names.same(options[k].bloc) == names.same(bloc)],
    ):
        if len(alike) == 1:
            return alike[0]
    return None


def origins(kept: KeptEstimate, whose: Whose, ends: list[int], spec: RateSpec) -> list[int]:
    """The places of a pool's origins: as said, by name, a finalist's own, those who did not vote, or a bloc's."""
    options = kept.origins
    if spec.origin is not None:
        found = [j for j, option in enumerate(options) if names.same(option.name) == names.same(spec.origin)]
        if not found:
            fix = suggestion(spec.origin, [option.name for option in options]) or "write one of these"
            listed = ", ".join(option.name for option in options)
            raise refused(spec, f"no origin {spec.origin} in the estimate", "origin is one of its names", listed, fix)
    else:
        found = [j for j, option in enumerate(options) if names.near(option.name) == names.near(whose.name)]
        if whose.kind == "new":
            found = [j for j, option in enumerate(options) if option.kind == "absent"]
        elif not found and whose.kind == "finalist":
            own = kept.destinations[ends[[name for name, _ in whose.finalists].index(whose.name)]]
            found = [j for j, option in enumerate(options) if names.near(option.name) == names.near(own.name)]
        elif not found:
            went_on = {names.near(option.name) for option in kept.destinations}
            found = [
                j
                for j, option in enumerate(options)
                if option.kind == "candidate"
                and whose.bloc
                and names.same(option.bloc) == names.same(whose.bloc)
                and names.near(option.name) not in went_on
            ]
    if not found:
        there = ", ".join(f"{option.name} ({option.bloc})" if option.bloc else option.name for option in options)
        what, fix = (
            f"nobody in the estimate stands for the voters of {whose.name}",
            'say origin = "..." beside estimate',
        )
        raise refused(spec, what, "a pool is found by its name or its bloc", there, fix)
    return found
