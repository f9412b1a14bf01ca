"""A question to a kept run: how many of its trials are so, among all, or among those in which a condition holds.

Trials come from the run's table of them where it has one and the question is of the race, else they are drawn again
from the inputs that the run carries, and held against its digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff.app.after.again import drawn_again, found
from runoff.app.ask import bound
from runoff.app.ask.brackets import Brackets, brackets
from runoff.app.ask.rows import bracket_rows, event_row
from runoff.app.ask.tally import Tally, chance, effective
from runoff.errors import InputError, UsageError
from runoff.output.kept import sha256
from runoff.phases.asked import RACE, Askable, Block, Counted
from runoff.phases.base import Asking
from runoff.phases.registry import phase_named
from runoff.report.numbers import shorts
from runoff.report.page import Page

if TYPE_CHECKING:
    from runoff.app.after.again import Again
    from runoff.app.python import Result
    from runoff.output.kept import Kept
    from runoff.simulate.driver import Progress

Row = dict[str, Any]
TABLE, AGAIN = "trials table", "drawn again"


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What a run's trials say.

    run_id, race_id, phase : of the run.  given : the condition, or ''.  source : TABLE or AGAIN.
    checked : whether these are the run's trials is certain.  trials : asked, of `of_trials` that the run has; they
    tell as much as `effective` of equal weight.  condition : its probability, or None.
    events : a row an event.  brackets : a row a winner and bracket; they add up to 1.  notes : for the reader.
    """

    run_id: str
    race_id: str
    phase: str
    given: str
    source: str
    checked: bool
    trials: int
    of_trials: int
    effective: float
    condition: Row | None
    events: tuple[Row, ...]
    brackets: tuple[Row, ...]
    notes: tuple[str, ...]
    short: Mapping[str, str]

    @property
    def p(self) -> float | None:
        """The first event's probability, given the condition where there is one; None where it never holds."""
        found: float | None = self.events[0]["p" if self.condition is None else "p_given"]
        return found

    @property
    def p_mcse(self) -> float | None:
        """Its Monte Carlo standard error."""
        found: float | None = self.events[0]["p_mcse" if self.condition is None else "p_given_mcse"]
        return found

    def __repr__(self) -> str:
        return f"<{self.run_id}: {self.page().headline}>"

    def page(self) -> Page:
        """What the command prints, as a value."""
        from runoff.app.ask.page import page

        return page(self)

    def text(self, width: int = 80) -> str:
        """What the command prints, at most `width` columns wide."""
        return self.page().text(width)

    def document(self) -> Row:
        """What --json prints."""
        names = (
            "run_id",
            "race_id",
            "phase",
            "given",
            "source",
            "checked",
            "trials",
            "of_trials",
            "effective",
            "condition",
        )
        lists = {name: list(getattr(self, name)) for name in ("events", "brackets", "notes")}
        return {**{name: getattr(self, name) for name in names}, **lists}


def ask(
    run: str | Path | Result,
    *events: str,
    given: str | None = None,
    brackets: str | Sequence[float] | None = None,
    unchecked: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Answer:
    """What a run's trials say of events, each alone and where `given` holds, and of margin brackets.

    run : a kept run's folder, or a result.  brackets : lower edges in points, '0,2.5,5,7.5'.  unchecked : where some
    trials are enough, the others are not drawn to hold all against the run's digest.

    Raises
    ------
    UsageError : no question, or one that this run cannot answer; the message says what is known.
    MissingFileError : no run there, or one that carries neither its trials nor its inputs.
    InputError : the run is damaged, or the present program draws other trials.
    """
    if not events and brackets is None:
        raise UsageError("nothing is asked\n  fix:  say an event, turnout > 0.5, or --brackets 0,2.5,5")
    edges = None if brackets is None else _brackets(brackets)
    texts = [*events, *([] if given is None else [given])]
    kinds = {kind for text in texts for kind in bound.kinds(text)}
    kept, opened = found(run)
    if opened is None and kinds <= {""} and (kept.folder / "trials.parquet").is_file():
        return _of_table(kept, events, given, edges)
    again = drawn_again(kept, opened, threads)
    return _of_trials_again(again, events, given, edges, unchecked, progress)


def _brackets(said: str | Sequence[float]) -> Brackets:
    return brackets(said if isinstance(said, str) else tuple(said))


def _bound(
    events: Sequence[str], given: str | None, about: Askable, short: Mapping[str, str], edges: Brackets | None
) -> Tally:
    """The questions held against what can be asked, every mistake at once."""
    found, mistakes = list[bound.Question](), list[str]()
    for text in [*events, *([] if given is None else [given])]:
        try:
            found.append(bound.question(text, about, short))
        except UsageError as problem:
            mistakes.append(str(problem))
    if mistakes:
        raise UsageError("\n".join(mistakes))
    condition = found.pop() if given is not None else None
    return Tally(tuple(found), condition, edges)


def _of_table(kept: Kept, events: Sequence[str], given: str | None, edges: Brackets | None) -> Answer:
    """The answer from the table of trials that the run kept."""
    from runoff.output.trials import blocks_of_file

    rows: list[Row] = list(kept.tables["candidates"])
    names = tuple(str(row["candidate"]) for row in rows)
    short = shorts(rows)
    tally = _bound(events, given, Askable(names, {}, {}), short, edges)
    path = kept.folder / "trials.parquet"
    people = float(kept.tables["run"][0]["people"])  # type: ignore[arg-type]  # an int64 by its schema
    _sound(kept)
    try:
        for first, votes, weights in blocks_of_file(kept.folder, names):
            tally.hear(Block(first, weights, {RACE: Counted(votes, people)}))
    except ValueError as problem:
        raise InputError.single(str(path), "no table of trials", rule=str(problem)) from None
    return _answer(kept, tally, TABLE, True, names, short, ())


def _sound(kept: Kept) -> None:
    """Refuse a table of trials that is not what the run wrote; whoever reads a run looks at its size alone."""
    import json

    path = kept.folder / "trials.parquet"
    said = json.loads((kept.folder / "manifest.json").read_bytes())["files"]["trials.parquet"]["sha256"]
    if sha256(path) != said:
        raise InputError.single(
            str(path),
            "the file is not what the run wrote",
            rule="sha256 as in manifest.json",
            fix="draw the run again; equal config and seed give equal tables",
        )


def _of_trials_again(
    again: Again,
    events: Sequence[str],
    given: str | None,
    edges: Brackets | None,
    unchecked: bool,
    progress: Progress | None,
) -> Answer:
    """The answer from the same trials, drawn again."""
    kept, phase = again.kept, again.run.phase
    about = phase.askable(again.run.data, again.fit)
    short = shorts(list(kept.tables[phase.chances]))
    tally = _bound(events, given, about, short, edges)
    if edges is not None and about.seats is not None:
        raise UsageError('brackets are of a race\'s margin\n  fix:  ask a chamber of seats: seats["NAME"] > 100')
    questions = [*tally.events, *([] if tally.given is None else [tally.given])]
    places = list(dict.fromkeys(place for question in questions for place in sorted(question.places, key=repr)))
    asking = Asking(places, tally.hear, not unchecked, progress)
    drawn = phase.tell(again.run.data, again.fit, again.run.settings, asking)
    held = () if drawn is None else again.hold(drawn)
    kinds = dict.fromkeys(place.kind for place in places)
    notes = [about.notes[kind] for kind in kinds if kind in about.notes]
    return _answer(kept, tally, AGAIN, drawn is not None, about.candidates, short, (*dict.fromkeys(notes), *held))


def _answer(
    kept: Kept,
    tally: Tally,
    source: str,
    checked: bool,
    names: tuple[str, ...],
    short: Mapping[str, str],
    notes: tuple[str, ...],
) -> Answer:
    head: Row = kept.tables[phase_named(kept.phase).head][0]
    of_trials, every = int(head["trials"]), tally.every
    said = list(notes)
    if source == AGAIN and every.trials < of_trials:
        said.insert(0, f"pools, units and regions are told by the run's first {every.trials:,} trials")
    if not checked:
        said.append("not held against the run's digest, as --unchecked asks")
    whose = [q for q in (*tally.events, tally.given) if q is not None and q.whose_margin]
    if whose:
        said.append(f"margin is {short[names[0]]}'s lead over the best other")
    condition = None
    if tally.given is not None:
        p, mcse = chance(tally.condition, every)
        condition = {
            "p": p,
            "p_mcse": mcse,
            "trials": tally.condition.trials,
            "effective": effective(tally.condition),
            "undefined": tally.condition_open.trials,
        }
        if tally.condition_open.trials:
            said.append(
                f"the condition has no answer in {tally.condition_open.trials:,} trials, and does not hold there"
            )
    events = tuple(event_row(tally, i) for i in range(len(tally.events)))
    for row in events:
        if row["undefined"]:
            said.append(f"{row['event']}: no answer in {row['undefined']:,} trials, which count as not so")
    return Answer(
        kept.folder.name,
        str(head["race_id"]),
        kept.phase,
        "" if tally.given is None else tally.given.text,
        source,
        checked,
        every.trials,
        of_trials,
        effective(every),
        condition,
        events,
        bracket_rows(tally, names),
        tuple(said),
        short,
    )
