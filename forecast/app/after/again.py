"""A kept run's case again, from the inputs that it carries; and its trials, held against its digest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff import __version__
from runoff.app.python import Result
from runoff.errors import InputError, visible
from runoff.files import Files
from runoff.output import inputs, store
from runoff.output.kept import Kept
from runoff.phases import pipeline
from runoff.phases.base import Made
from runoff.phases.registry import phase_named
from runoff.phases.settings import Options
from runoff.runfile.load import AnyCase, Case, loads, loads_any

_NEAR = 1e-6  # of shares that differ in their last digits alone

if TYPE_CHECKING:
    from runoff.phases.pipeline import Opened
    from runoff.race import Row


def kept_case(path: Path) -> tuple[Case, Options]:
    """The case that a run on disk was drawn from, and what the command line said then.

    Raises
    ------
    MissingFileError : no run there, or one that does not carry its inputs.
    InputError : the inputs are damaged, or are no longer what a run file may say.
    """
    found = inputs.read(path)
    return loads(found.text, Files(given=found.files), found.name), options_of(found, path)


def kept_any(path: Path) -> tuple[AnyCase, Options]:
    """The same of a run of one race or of a whole chamber.

    Raises
    ------
    MissingFileError, InputError : as told by `kept_case`.
    """
    found = inputs.read(path)
    return loads_any(found.text, Files(given=found.files), found.name), options_of(found, path)


def options_of(found: inputs.Inputs, path: Path) -> Options:
    """What the command line said of a run on disk.

    Raises
    ------
    InputError : it is damaged.
    """
    try:
        return Options.of(found.asked)
    except (ValueError, TypeError, KeyError) as cause:
        raise InputError.single(str(path), "its word on inputs is damaged", got=str(cause)) from None


@dataclass(frozen=True, slots=True)
class Again:
    """A kept run, opened and fitted anew, before anything is drawn."""

    kept: Kept
    run: Opened
    fit: Any

    @property
    def head(self) -> Row:
        """The row of the run that has its digest."""
        return self.kept.tables[phase_named(self.kept.phase).head][0]

    @property
    def trials(self) -> int:
        """Trials of the run."""
        return int(str(self.head["trials"]))

    def hold(self, drawn: Any) -> tuple[str, ...]:
        """Refuse trials that are not those of the run; returns what a reader must know of those that are.

        Where a phase's last digits hang on the machine, another digest is enough if chances and mean shares are the
        run's to within a few trials and 1e-6.

        Raises
        ------
        InputError : the digest is another.
        """
        digest, reason = self.run.phase.digest(drawn), self.run.phase.last_digits
        if digest == self.head["digest"]:
            return ()
        if reason and self._nearly(drawn):
            return (f"drawn again to all but the last digits: {reason}",)
        version = str(self.head["version"])
        whose = "this version" if version == __version__ else f"version {version}"
        raise InputError.single(
            str(self.kept.folder),
            "the present program draws other trials",
            rule="the same trials are drawn again: their digest is the run's",
            got=f"the run, of {whose}, has {str(self.head['digest'])[:12]}...; drawn now, by {__version__}: "
            f"{digest[:12]}...",
            fix=f"draw it anew, `runoff run {visible(str(self.kept.folder))} --out DIR`, and name that run",
        )

    def _nearly(self, drawn: Any) -> bool:
        """Whether each candidate's chance and mean share are the kept ones, to within a few trials and 1e-6."""
        phase, run = self.run.phase, self.run
        now = phase.summarize(run.data, self.fit, drawn, Made(run.settings, 0.0))[phase.chances]
        then = self.kept.tables[phase.chances]
        return (
            phase.trials(drawn) == self.trials
            and len(now) == len(then)
            and all(
                abs(_number(one[name]) - _number(other[name])) <= most
                for one, other in zip(now, then, strict=True)
                for name, most in (("p_win", 3.0 / self.trials + _NEAR), ("share_mean", _NEAR))
            )
        )


def _number(value: object) -> float:
    return float(str(value))


def found(run: str | Path | Result) -> tuple[Kept, Opened | None]:
    """A run by its folder, one of its files, or as a value; of one that is nowhere on disk also what it was drawn of.

    Raises
    ------
    MissingFileError, InputError, OutputError : as told by `store.found`.
    """
    if not isinstance(run, Result):
        return store.found(Path(run)), None
    if run._folder is not None:
        return store.found(run._folder), None
    return Kept(Path(run.run_id), run.phase, run.tables), run._opened


def drawn_again(kept: Kept, opened: Opened | None, threads: int | None = None) -> Again:
    """A run, ready to be drawn again; opened : of one that is nowhere on disk.

    Raises
    ------
    MissingFileError : it does not carry its inputs.
    InputError : it is no forecast; or they are damaged, no longer what a run file may say, or of another phase.
    """
    phase_named(kept.phase, str(kept.folder))
    if opened is None:
        case, options = kept_any(kept.folder)
        opened = pipeline.opened(case, Options(threads=threads).over(options))
    elif threads is not None:
        opened = replace(opened, settings=replace(opened.settings, threads=threads))
    if opened.phase.name != kept.phase:
        what, got = "its inputs are of another phase", opened.phase.name
        raise InputError.single(str(kept.folder), what, rule=kept.phase, got=got)
    return Again(kept, opened, pipeline.fitted(opened)[0])
