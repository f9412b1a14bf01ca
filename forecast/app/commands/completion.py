"""`runoff completion`: what a shell reads to complete the command line."""

from __future__ import annotations

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SHELLS = ("bash", "zsh", "fish")


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument(
        "shell", choices=SHELLS, metavar="SHELL", help='bash, zsh or fish: eval "$(runoff completion bash)"'
    )


def carry_out(options: Namespace) -> int:
    """Print the script."""
    from runoff.app.cli import parser
    from runoff.app.commands._completion import script

    print(script(options.shell, parser()), end="")
    return 0
