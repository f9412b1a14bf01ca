"""`runoff schema`: the run file's JSON Schema."""

from __future__ import annotations

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("--chamber", action="store_true", help="of a whole chamber's run file")


def carry_out(options: Namespace) -> int:
    """Print it."""
    from runoff.app.commands._answers import print_json
    from runoff.runfile.load import json_schema
    from runoff.runfile.sections.chamber import ChamberFile

    print_json(json_schema(ChamberFile) if options.chamber else json_schema())
    return 0
