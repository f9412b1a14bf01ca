"""What a chamber's run has read: its districts, and the runoffs counted so far."""

from __future__ import annotations

from dataclasses import dataclass, replace

from runoff.data.chamber.counted import Counted, Night, read_night
from runoff.phases.settings import Options, between_rounds
from runoff.runfile.chamber import ChamberCase


@dataclass(frozen=True, slots=True)
class Data:
    """The case and what is counted of it; night is None where nothing is."""

    case: ChamberCase
    night: Night | None

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Name and sha256 of each table that numbers come from."""
        return (*self.case.sources, *([] if self.night is None else [self.night.source]))

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """The sources without the night's."""
        return self.case.sources

    @property
    def counted(self) -> dict[str, Counted]:
        """Counted districts by id."""
        return {} if self.night is None else self.night.counted


def read(case: ChamberCase, options: Options) -> Data:
    """The case as of the day that is asked for, with its results so far.

    Raises
    ------
    InputError, MissingFileError, UsageError : a table is wrong or not there; a day that is not between the rounds.
    """
    between_rounds(case, options.as_of)
    if options.as_of is not None:
        race = case.run_file.race.model_copy(update={"as_of": options.as_of})
        case = replace(case, run_file=case.run_file.model_copy(update={"race": race}))
    said = case.run_file.chamber.results
    path = options.results if options.results is not None else None if said is None else case.folder / said
    return Data(case, None if path is None else read_night(path, case.districts))
