"""`runoff init`: a commented run file that runs, and its table."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("directory", nargs="?", type=_words.path, default=".", metavar="DIR", help="where (default: .)")


def carry_out(options: Namespace) -> int:
    """Write both files, and print the command that runs them."""
    from runoff.app.template import write_template
    from runoff.errors import visible
    from runoff.report import terminal

    for path in write_template(options.directory):
        terminal.say(f"wrote {visible(str(path))}")
    print(f"runoff run {visible(str(options.directory / 'runoff.toml'))}")
    return 0
