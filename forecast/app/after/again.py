"""A kept run's case again, from the inputs that it carries."""

from __future__ import annotations

from pathlib import Path

from runoff.errors import InputError
from runoff.files import Files
from runoff.output import inputs
from runoff.phases.settings import Options
from runoff.runfile.load import Case, loads


def kept_case(path: Path) -> tuple[Case, Options]:
    """The case that a run on disk was drawn from, and what the command line said then.

    Raises
    ------
    MissingFileError : no run there, or one that does not carry its inputs.
    InputError : the inputs are damaged, or are no longer what a run file may say.
    """
    found = inputs.read(path)
    return loads(found.text, Files(given=found.files), found.name), options_of(found, path)


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
