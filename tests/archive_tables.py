"""Makes the shipped archive's tables anew: `python -m tests.archive_tables FOLDER [FOLDER ...]`.

Each folder has an archive in CSV, as it is collected; without one the shipped tables are read and written again.
Letters that a source has in UTF-8 taken for Latin-1 are mended on the way, and hyphens that nobody sees left out.
"""

from __future__ import annotations

import re
import sys
import tempfile
from functools import reduce
from pathlib import Path

from runoff.data.archive import kept
from runoff.data.archive.archive import Archive
from tests.installed import ROOT

TABLES = ROOT / "forecast" / "data" / "archive" / "tables"
_TWICE = re.compile("([\u00c2\u00c3\u00c5\u00e3])([\u0080-\u00bf])")  # two bytes of one letter


def mended(text: str) -> str:
    """Text with each letter that stands there as the two bytes of its UTF-8; small where the first became small."""
    return _TWICE.sub(_letter, text).replace("\u00ad", "")


def _letter(pair: re.Match[str]) -> str:
    first, second = pair.groups()
    try:
        letter = (first.upper() + second).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return pair.group()
    return letter.lower() if first.islower() else letter


def collected(folder: Path) -> Archive:
    """The archive of a folder as it is collected."""
    with tempfile.TemporaryDirectory() as place:
        for path in folder.glob("*.csv"):
            (Path(place) / path.name).write_text(mended(path.read_text("utf-8")), "utf-8")
        return Archive.read(place)


def main(folders: list[str]) -> None:
    """Write the tables of all folders' archives together."""
    archives = [collected(Path(folder)) for folder in folders] or [Archive.load()]
    archive = reduce(Archive.joined, archives)
    TABLES.mkdir(exist_ok=True)
    for name, content in kept.files_of(archive.kept).items():
        (TABLES / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    print(f"{len(archive.races):,} races, {len(archive.elections)} elections, sha256 {archive.sha256}")


if __name__ == "__main__":
    main(sys.argv[1:])
