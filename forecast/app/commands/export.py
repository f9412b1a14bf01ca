"""`runoff export`: a kept run as CSV that other programs draw."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument("run", type=_words.run, metavar="RUN", help="a run's folder, or one of its tables")
    words.add_argument(
        "--as",
        dest="kind",
        required=True,
        choices=("toplines", "sankey"),
        help="toplines: a row a candidate, with chance and share; sankey: source, target, value of the votes",
    )
    words.add_argument("-o", "--out", type=_words.path, metavar="FILE", help="file to write (default: standard output)")


def carry_out(options: Namespace) -> int:
    """Print the CSV, or write it."""
    from runoff.app.commands._exported import HEADERS, exported
    from runoff.errors import OutputError, visible
    from runoff.output import store
    from runoff.output.history import replace_file

    text = exported(options.kind, store.found(options.run).tables)
    if options.out is None:
        print(text, end="")
        return 0
    try:
        if options.out.exists() and not _ours(options.out, ",".join(HEADERS[options.kind])):
            raise OutputError(
                f"{visible(str(options.out))}: something else stands there, and is left alone\n"
                "  rule: only a table of the same kind is replaced\n  fix:  give another name"
            )
        replace_file(options.out.resolve(), text.encode())
    except OSError as cause:
        raise OutputError(
            f"{visible(str(options.out))}: cannot write: {cause.strerror or cause}\n  fix:  check the path"
        ) from None
    print(f"table: {visible(str(options.out))}")
    return 0


def _ours(path: Path, header: str) -> bool:
    """Whether a file begins as a table of this kind does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(header) + 1) == f"{header}\n".encode()
