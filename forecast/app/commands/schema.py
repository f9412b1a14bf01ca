"""`runoff schema`: the run file's JSON Schema."""

from __future__ import annotations

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

HELP = "print the run file's JSON Schema, for editors"


def add(_: ArgumentParser) -> None:
    """It has no words."""


def carry_out(_: Namespace) -> int:
    """Print it."""
    from runoff.app.commands._answers import print_json
    from runoff.runfile.load import json_schema

    print_json(json_schema())
    return 0
