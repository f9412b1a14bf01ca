"""`runoff list`: the runs under a folder, from their manifests."""

from __future__ import annotations

from runoff.app.commands import _words

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

_ORDERS = ("race", "as-of", "written", "chance", "trials")  # of `published.listing`
_PHASES = ("runoff_ahead", "first_round_open", "runoff_night", "chamber")


def add(words: ArgumentParser) -> None:
    """The command's words."""
    words.add_argument(
        "directory",
        nargs="?",
        type=_words.runs,
        default="runs",
        metavar="DIR",
        help="folder with runs, or s3://, gs://, az:// (default: runs)",
    )
    words.add_argument("--race", default="", metavar="ID", help="runs of one race")
    words.add_argument("--phase", default="", choices=_PHASES, metavar="PHASE", help=f"one of {', '.join(_PHASES)}")
    words.add_argument("--since", type=_words.day, metavar="DAY", help="runs whose information reaches to DAY or later")
    words.add_argument("--latest", action="store_true", help="the latest run of each race alone")
    words.add_argument("--sort", default="race", choices=_ORDERS, metavar="KEY", help=f"by {', '.join(_ORDERS)}")
    words.add_argument("--out", type=_words.path, metavar="FILE", help="write the list as Parquet, a file that is new")
    _words.add_json(words)


def carry_out(options: Namespace) -> int:
    """Find, choose, sort and print."""
    from runoff.app.commands import _answers
    from runoff.app.published import listing
    from runoff.app.published.found import shelf

    found = shelf(options.directory)
    asked = listing.Asked(options.race, options.phase, options.since, options.latest, options.sort)
    runs = listing.chosen(found, asked)
    if options.out is not None:
        _write(options.out, listing.parquet(found, runs))
    if options.json:
        _answers.print_json(listing.document(found, runs))
    else:
        _answers.print_page(listing.page(found, runs))
    return 0


def _write(path: Path, content: bytes) -> None:
    from runoff.errors import OutputError, RunExistsError, visible

    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        fix = "move it away, or give another name"
        raise RunExistsError(
            f"{visible(str(path))}: something stands there, and is left alone\n  fix:  {fix}"
        ) from None
    except OSError as cause:
        raise OutputError(f"{visible(str(path))}: cannot write: {cause.strerror or cause}") from None
