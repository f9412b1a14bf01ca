"""What is said of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runoff.errors import visible
from runoff.report.numbers import chance, probability
from runoff.report.page import Column, Facts, Grid, Lines, Page, Part

if TYPE_CHECKING:
    from runoff.app.ask.ask import Answer, Row

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def page(found: Answer) -> Page:
    """What was asked, the probabilities with their errors and trials, and the brackets."""
    parts: list[Part | None] = [Facts(tuple(_asked(found)))] if found.events or found.given else []
    parts += [_chances(found) if found.events or found.given else None, _brackets(found), Lines(tuple(_behind(found)))]
    return Page.of(_headline(found), parts, "\n".join(visible(note) for note in found.notes))


def label(found: Answer, i: int) -> str:
    """What an event is called: A, B ... where there are several."""
    return _LETTERS[i] if 1 < len(found.events) <= len(_LETTERS) else f"{i + 1}" if len(found.events) > 1 else "event"


def _headline(found: Answer) -> str:
    if not found.events:
        return "margin brackets" + (f" given {visible(found.given)}" if found.given else "")
    row = found.events[0]
    p = row["p" if found.condition is None else "p_given"]
    weight = found.effective if found.condition is None else found.condition["effective"]
    said = "unknown: the condition never holds" if p is None else chance(p * weight, weight)
    given = f" given {visible(found.given)}" if found.given else ""
    return f"{visible(row['event'])}{given}: {said}"


def _asked(found: Answer) -> list[tuple[str, str]]:
    rows = [(label(found, i), visible(str(row["event"]))) for i, row in enumerate(found.events)]
    return [*rows, *([("given", visible(found.given))] if found.given else [])]


def _said(p: float | None, mcse: float | None, weight: float) -> str:
    if p is None or mcse is None:
        return "unknown"
    return probability(p * weight, weight, mcse)


def _chances(found: Answer) -> Part:
    """A row a probability: what of, how much, in how many of how many trials."""
    rows = list[tuple[str, str, int, int]]()
    condition = found.condition
    if condition is not None:
        rows.append(
            ("P(given)", _said(condition["p"], condition["p_mcse"], found.effective), condition["trials"], found.trials)
        )
    for i, row in enumerate(found.events):
        name = label(found, i)
        rows.append((f"P({name})", _said(row["p"], row["p_mcse"], found.effective), row["trials"], found.trials))
        if condition is not None:
            said = _said(row["p_given"], row["p_given_mcse"], condition["effective"])
            rows.append((f"P({name} | given)", said, row["trials_given"], condition["trials"]))
    names, said_of, so, of = zip(*rows, strict=True)
    return Grid(
        (
            Column("", tuple(names), left=True),
            Column("probability", tuple(said_of)),
            Column("so in", tuple(f"{n:,}" for n in so), leaves=1),
            Column("of trials", tuple(f"{n:,}" for n in of), leaves=2),
        )
    )


def _brackets(found: Answer) -> Part | None:
    if not found.brackets:
        return None
    weight = found.effective if found.condition is None else found.condition["effective"]
    rows = found.brackets
    return Grid(
        (
            Column("winner", tuple(_winner(found, row) for row in rows), left=True, words=True, most=32, least=8),
            Column("by points", tuple(_span(row) for row in rows), left=True),
            Column("probability", tuple(_said(row["p"], row["p_mcse"], weight) for row in rows)),
            Column("trials", tuple(f"{row['trials']:,}" for row in rows), leaves=1),
        ),
        below="points over the next; a bracket has its lower edge and not its upper one",
    )


def _winner(found: Answer, row: Row) -> str:
    return visible(found.short.get(row["candidate"], row["candidate"])) if row["candidate"] else "nobody"


def _span(row: Row) -> str:
    if row["how"] != "runoff":
        return {"tie": "a tie", "outright": "outright"}[str(row["how"])]
    return f"{row['low']:g} or more" if row["high"] is None else f"{row['low']:g} to {row['high']:g}"


def _behind(found: Answer) -> list[str]:
    source = {"trials table": "from the run's table of trials", "drawn again": "drawn again from the run's inputs"}
    lines = [f"{found.run_id}: {found.trials:,} trials, {source[found.source]}"]
    if round(found.effective) < found.trials:
        lines.append(f"they are weighted, and tell as much as {found.effective:,.0f} of equal weight")
    return lines
