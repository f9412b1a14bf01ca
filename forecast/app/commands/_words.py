"""Words of the command line: what each may be, and what it stands for."""

from __future__ import annotations

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    import datetime as dt
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

    from runoff.app.shards.part import Part


def path(text: str) -> Path:
    """A file or a folder of this machine; an address would become a folder named after its scheme."""
    from pathlib import Path

    if "://" in text:
        raise _refused("must be a file or a folder of this machine, not an address", text)
    return Path(text)


class Address(str):
    """An address in object storage, s3://, gs:// or az://; `many` if all runs below it are meant."""

    many = False


class _Shelf(Address):
    many = True


def run(text: str) -> Path | Address:
    """A run's folder, here or in object storage: `commands.execute` fetches it."""
    return Address(text) if _is_address(text) else path(text)


def runs(text: str) -> Path | Address:
    """A folder with runs, here or in object storage: `commands.execute` fetches them."""
    return _Shelf(text) if _is_address(text) else path(text)


def said(options: Namespace, place: Path) -> Path | str:
    """A run's place as the user named it: the address of one that was fetched."""
    return str(getattr(options, "said", place))


def target(text: str) -> Path | str:
    """A folder that runs are put into, here or in object storage."""
    return text if _is_address(text) else path(text)


def _is_address(text: str) -> bool:
    from runoff.app.stored.bucket import is_address

    return is_address(text)


def trials(text: str) -> int:
    """A number of trials, 1 to 1e12."""
    return _whole(text, 1, 10**12, "must be a whole number from 1 to 1e12, as in 200_000 or 2e5", power=True)


def number(text: str) -> int:
    """A trial's number, 0 to 1e12 - 1."""
    return _whole(text, 0, 10**12 - 1, "must be a whole number from 0, in digits")


def seed(text: str) -> int:
    """A seed, 0 to 2^63 - 1."""
    return _whole(text, 0, 2**63 - 1, "must be a whole number from 0 to 2^63 - 1, in digits")


def threads(text: str) -> int:
    """A number of threads, 1 to 1024."""
    return _whole(text, 1, 1024, "must be a whole number from 1 to 1024, in digits")


def day(text: str) -> dt.date:
    """A day, year first."""
    import datetime as dt

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _refused("must be a day, as in 2017-06-19", text) from None


def target_se(text: str) -> float:
    """A standard error of a probability, above 0 and at most 0.1."""
    try:
        value = float(text) if text.isascii() else 0.0
    except ValueError:
        value = 0.0
    if not 0.0 < value <= 0.1:
        raise _refused("must be above 0 and at most 0.1, as in 0.0005", text)
    return value


def draws(text: str) -> int:
    """A number of draws of a matrix, 2 to 100,000."""
    return _whole(text, 2, 100_000, "must be a whole number from 2 to 100,000", power=True)


def weight(text: str) -> float:
    """A weight from 0 to 100."""
    try:
        value = float(text) if text.isascii() else -1.0
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 100.0:
        raise _refused("must be a number from 0 to 100, as in 0.5", text)
    return value


def add_json(words: ArgumentParser) -> None:
    """--json, which every command with an answer has."""
    words.add_argument("--json", action="store_true", help="print one JSON document instead of text")


def add_quiet(words: ArgumentParser) -> None:
    """--quiet, which commands have whose tables outlast their answer."""
    words.add_argument("--quiet", action="store_true", help="print nothing but errors")


def add_unchecked(words: ArgumentParser) -> None:
    """--unchecked, of commands that draw a run's trials again."""
    words.add_argument(
        "--unchecked", action="store_true", help="do not draw all trials to hold them against the run's digest"
    )


def add_results(words: ArgumentParser) -> None:
    """--results of a night, a file."""
    words.add_argument(
        "--results", type=path, metavar="TABLE", help="the round that is being counted: its votes so far"
    )


def add_feed(words: ArgumentParser) -> None:
    """--results of a night that is followed: a file, an address, or a folder of counts; and how it is followed."""
    words.add_argument(
        "--results",
        type=feed,
        metavar="TABLE",
        help="the round that is being counted: its votes so far; a file, an https "
        "address, or a folder of kept counts that are played again",
    )
    words.add_argument("--watch", action="store_true", help="with --results: run again whenever the table changes")
    words.add_argument(
        "--history", type=path, metavar="TABLE", help="with --results: add a row for each run (CSV, Parquet)"
    )
    words.add_argument(
        "--counts",
        type=path,
        metavar="DIR",
        help="with --results: keep every count that came, and use them in the "
        "order of their time (default for an address: counts/RACE)",
    )
    words.add_argument(
        "--lock", type=path, metavar="FILE", help="with --results: the night's model, kept there; another is refused"
    )
    words.add_argument("--every", type=seconds, metavar="S", help="seconds between two looks (1; 15 for an address)")
    words.add_argument(
        "--speed", type=seconds, default=1.0, metavar="X", help="of a folder of counts: so many times as fast as then"
    )


def add_scheduler(words: ArgumentParser) -> None:
    words.add_argument(
        "--scheduler", metavar="ADDRESS", help="draw on a Dask cluster, tcp://HOST:PORT, to the same bits (extra: dask)"
    )


def feed(text: str) -> Path | str:
    """A path; or an address, as text.

    Raises
    ------
    UsageError : an address that nothing is fetched from.
    """
    if "://" not in text:
        return path(text)
    from runoff.app.feed.source import address

    return address(text)


def seconds(text: str) -> float:
    """A number above 0 and at most a million."""
    try:
        value = float(text) if text.isascii() else 0.0
    except ValueError:
        value = 0.0
    if not 0.0 < value <= 1e6:
        raise _refused("must be above 0 and at most 1e6", text)
    return value


def add_site(words: ArgumentParser) -> None:
    """What `publish` and `serve` have in common."""
    words.add_argument("--title", default="Forecasts", metavar="TEXT", help="the site's title")
    words.add_argument(
        "--history",
        type=path,
        action="append",
        default=[],
        metavar="TABLE",
        help="a night's curve, as --history of run wrote it; may be said again",
    )
    words.add_argument(
        "--stale", type=minutes, default=30, metavar="MIN", help="minutes after which a page says it is old (30)"
    )


def minutes(text: str) -> int:
    """Whole minutes, 1 to a year."""
    return _whole(text, 1, 525_600, "must be a whole number of minutes from 1 to 525600, in digits")


def port(text: str) -> int:
    """A port, 0 to 65535."""
    return _whole(text, 0, 65_535, "must be a whole number from 0 to 65535, in digits")


def source(text: str) -> Path | None:
    """The file that a word names; None for standard input.

    Raises
    ------
    MissingFileError : standard input is closed.

    """
    import sys

    if "://" in text:
        from runoff.errors import UsageError, visible

        fix = "fetch it, or name the run file: runs in object storage are read by show, report, ask and the like"
        raise UsageError(f"{visible(text)}: an address where a file or folder of this machine is meant\n  fix:  {fix}")
    if text != "-":
        return path(text)
    if sys.stdin is None:
        from runoff.errors import MissingFileError

        raise MissingFileError("-: standard input is closed\n  fix:  name a file, or send one: runoff check - < FILE")
    return None


def one_file(options: Namespace) -> None:
    """Refuse --results with several run files: UsageError."""
    from runoff.errors import UsageError

    if options.results is not None and len(options.files) != 1:
        raise UsageError(f"--results goes with one run file, got {len(options.files)}")


def part(text: str) -> Part:
    """A shard, 'I/N', counted from 1.

    Raises
    ------
    UsageError : it is none.
    """
    import re

    from runoff.app.shards.part import Part
    from runoff.errors import UsageError

    found = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"--shard {text}: a shard is I/N, from 1 to N, as in 17/1000")
    return Part(int(found[1]), int(found[2]))


def _refused(rule: str, text: str) -> Exception:
    import argparse

    return argparse.ArgumentTypeError(f"{rule}, got {text!r}")


def _whole(text: str, low: int, high: int, rule: str, *, power: bool = False) -> int:
    """A whole number in the digits 0 to 9, with underscores between them; with `power` also as in 2.5e6."""
    import re

    value = low - 1
    if re.fullmatch(r"[0-9]{1,40}", text.replace("_", "")) and re.fullmatch(r"[0-9]+(_[0-9]+)*", text):
        value = int(text.replace("_", ""))
    elif power and (found := re.fullmatch(r"([0-9]{1,20})(?:\.([0-9]{1,20}))?[eE]\+?([0-9]{1,2})", text)):
        whole, part, zeros = found.group(1), found.group(2) or "", int(found.group(3))
        value = int(whole + part) * 10**zeros
        value = value // 10 ** len(part) if value % 10 ** len(part) == 0 else low - 1
    if not low <= value <= high:
        raise _refused(rule, text)
    return value
