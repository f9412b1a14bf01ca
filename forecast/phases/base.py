"""A phase of a race: the state that it is in, as a row of functions that the pipeline runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from runoff.race import Row, Tables

if TYPE_CHECKING:
    from runoff.output.columns import Table
    from runoff.phases.asked import Askable, Hear, Place, Single
    from runoff.phases.settings import Options, Settings
    from runoff.report.illustrated import Report
    from runoff.report.page import Page
    from runoff.runfile.load import AnyCase
    from runoff.simulate.driver import Progress, WhenDrawn


class Read(Protocol):
    """What a phase has read: the case, and name and sha256 of each table that its numbers come from.

    beside : the same without the count of a night, which moves on while the rest is one model.
    """

    @property
    def case(self) -> AnyCase: ...  # noqa: D102  # the class says it

    @property
    def sources(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102  # likewise
    @property
    def beside(self) -> tuple[tuple[str, str], ...]: ...  # noqa: D102  # likewise


Data = TypeVar("Data", bound=Read)
Fit = TypeVar("Fit")
Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class Lack:
    """A setting that a phase has not: its names on the command line and in the run file, why, and the way out.

    option : '' where the command line has none.  key : '' for the whole section.
    """

    option: str
    section: str
    key: str
    rule: str
    fix: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who listens while trials are drawn: progress(done, trials), and each block's votes and weights in order."""

    progress: Progress | None = None
    trials: WhenDrawn | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What the tables say of how a run was made."""

    settings: Settings
    seconds: float


@dataclass(frozen=True, slots=True)
class Asking:
    """A question to a run's trials: its places, who hears the blocks, and whether all trials are drawn for the digest.

    all_trials : False where what is asked needs fewer.
    """

    places: Sequence[Place]
    hear: Hear
    all_trials: bool = True
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Phase(Generic[Data, Fit, Drawn]):
    """A row of `registry.PHASES`.

    name : stands in the manifest of its runs.  schemas : of its tables, by name; the first has one row and the digest.
    chances : the table with p_win and p_win_mcse of each candidate.
    lacks : settings that it has not.  totals_only : what is said of --totals-only where that changes nothing.
    usual_trials : drawn at most where only the run file says how many; None for as many as it says.
    last_digits : why an equal run of an earlier version may have another digest, or ''.
    holds : is a case, with these options, in it?  The first phase that holds is the case's.
    read : its own tables, checked.  fit : all that trials need; draws nothing.
    draw : a function of seed, stream and trial.  digest, trials : of what was drawn.
    trial_bytes : memory that a trial takes; 0 where trials are tallied as they come.
    summarize : rows without run_id and race_id, which the pipeline puts in front.
    page, document : for people and for programs, from tables alone.
    report : the page with pictures, from tables alone and, of a night, rows of its history.
    check : what was understood, before anything is drawn.
    askable : what questions can be about.  tell : draws the run's trials again, and lets a question hear them.
    single : one trial again; of trials that were drawn where they are given; True for its units too.
    """

    name: str
    schemas: Mapping[str, Table]
    chances: str
    lacks: tuple[Lack, ...]
    totals_only: str
    usual_trials: int | None
    last_digits: str
    holds: Callable[[Any, Options], bool]
    read: Callable[[Any, Options], Data]
    fit: Callable[[Data, Settings], Fit]
    draw: Callable[[Data, Fit, Settings, Hearing], Drawn]
    digest: Callable[[Drawn], str]
    trials: Callable[[Drawn], int]
    trial_bytes: Callable[[Data], int]
    summarize: Callable[[Data, Fit, Drawn, Made], Tables]
    page: Callable[[Tables], Page]
    report: Callable[[Tables, Sequence[Row]], Report]
    document: Callable[[Tables], dict[str, Any]]
    check: Callable[[Data], Page]
    askable: Callable[[Data, Fit], Askable]
    tell: Callable[[Data, Fit, Settings, Asking], Drawn | None]
    single: Callable[[Data, Fit, Settings, Drawn | None, int, bool], Single]

    @property
    def head(self) -> str:
        """The table of one row that has the digest."""
        return next(iter(self.schemas))


NIGHT_LACKS = (
    Lack(
        "--target-se", "simulation", "target_se", "a night draws as many trials as it is told", "say --trials instead"
    ),
    Lack("--trials-table", "output", "trials", "a night's trials are not written one by one", "leave it out"),
    Lack(
        "", "blank", "", "blank and null ballots are told of a runoff ahead whose first round is over", "remove [blank]"
    ),
)
NIGHT_LAST_DIGITS = "a night drawn by an earlier version has other last digits, and then another digest"
