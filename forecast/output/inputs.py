"""What a run was drawn from, kept in its folder: the run file and every table, compressed, and what was asked for."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runoff.errors import InputError, MissingFileError, visible
from runoff.output.kept import MANIFEST, run_folder, sha256

FOLDER = "inputs"
RUN_FILE = "run file"  # its name among the inputs, which no table's path can be
_MOST = 200_000_000  # bytes of a table
_NAME = re.compile(r"[0-9]{1,6}\.gz")
_LEVEL = 3  # of compression: a national race by commune takes a tenth of a second


@dataclass(frozen=True, slots=True)
class Inputs:
    """text : of the run file, `name` its name.  files : tables by name.  asked : the command line's words by name."""

    text: str
    name: str
    files: Mapping[str, bytes]
    asked: Mapping[str, Any]


def write(folder: Path, inputs: Inputs) -> dict[str, Any]:
    """Write them below a folder; returns what the manifest says of them.

    Raises
    ------
    OSError : they cannot be written.
    """
    below = folder / FOLDER
    below.mkdir()
    listed = []
    for number, (name, content) in enumerate([(RUN_FILE, inputs.text.encode()), *sorted(inputs.files.items())]):
        path = below / f"{number:02d}.gz"
        with path.open("xb") as file:
            file.write(gzip.compress(content, _LEVEL, mtime=0))
        listed.append({"name": name, "file": path.name, "sha256": sha256(path)})
    return {"run_file": inputs.name, "asked": dict(inputs.asked), "files": listed}


def read(path: Path) -> Inputs:
    """The inputs of a run on disk.

    Raises
    ------
    MissingFileError : no run there, or one that does not carry them.
    InputError : they are damaged.
    """
    folder = run_folder(path)
    try:
        said = json.loads((folder / MANIFEST).read_bytes()).get("inputs")
    except (OSError, ValueError, AttributeError):
        said = None
    if not said:
        raise MissingFileError(
            f"{visible(str(folder))}: this run does not carry what it was drawn from\n"
            "  fix:  run its run file; runs carry their inputs unless --no-inputs says not to"
        )
    try:
        contents = {entry["name"]: _content(folder, entry["file"], entry["sha256"]) for entry in said["files"]}
        return Inputs(contents.pop(RUN_FILE).decode("utf-8"), said["run_file"], contents, said["asked"])
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError):
        rule = "inputs have a run file, and files with name, file and sha256"
        raise InputError.single(str(folder / MANIFEST), "its word on inputs is damaged", rule=rule) from None


def _content(folder: Path, name: str, digest: str) -> bytes:
    """What one of the files unpacks to, of at most _MOST bytes."""
    if not _NAME.fullmatch(name):
        raise KeyError(name)
    path, rule = folder / FOLDER / name, f"sha256 as in {MANIFEST}"
    try:
        if sha256(path) != digest:
            raise InputError.single(str(path), "the file is not what the run wrote", rule=rule)
        with gzip.open(path) as file:
            content = file.read(_MOST + 1)
    except (OSError, EOFError, zlib.error) as cause:
        raise InputError.single(str(path), "the file is gone or damaged", rule=rule, got=str(cause)) from None
    if len(content) > _MOST:
        raise InputError.single(str(path), "the file is too large", rule=f"at most {_MOST:,} bytes unpacked")
    return content
