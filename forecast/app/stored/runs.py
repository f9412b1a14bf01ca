"""A run put into object storage: its files, then its manifest, then the word of which run of its race is the latest.

An object is put where none stands, and never replaced.  A file that is there already (a writer was killed, or another
is at work) is taken over if it is of the same run with the same digest: the manifest then names its bytes.  So whatever
happens when, what a manifest names is there, and is what it says.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runoff.app.stored.bucket import Bucket
from runoff.app.stored.latest import tell
from runoff.errors import RunExistsError, visible
from runoff.output import inputs, kept
from runoff.phases.pipeline import Opened


@dataclass(frozen=True, slots=True)
class Stored:
    """A run in object storage; `stood` says that it had been there before, with the same digest."""

    address: str
    stood: bool


@contextmanager
def staged(run: Opened) -> Iterator[Opened]:
    """A run that is put on disk into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="runoff-") as folder:
        yield replace(run, settings=replace(run.settings, out=Path(folder)))


def put(folder: Path, bucket: Bucket) -> Stored:
    """Put a run of this machine into a bucket's folder, whole or not at all.

    Raises
    ------
    RunExistsError : a run of this name stands there with other numbers.
    OutputError : the service does not do it.
    """
    manifest = kept.read_manifest(folder)
    address = f"{bucket.address}/{manifest.run_id}"
    content: dict[str, Any] = json.loads((folder / kept.MANIFEST).read_bytes())
    stood = _same(bucket, manifest)
    if not stood:
        for name in sorted(manifest.files):
            content["files"][name] = _table(bucket, folder / name, manifest, content["files"][name])
        for entry in content.get("inputs", {}).get("files", ()):
            entry["sha256"] = _input(bucket, folder / inputs.FOLDER / entry["file"], manifest.run_id)
        text = (json.dumps(content, indent=2) + "\n").encode()
        if not bucket.create(f"{manifest.run_id}/{kept.MANIFEST}", text):
            stood = _same(bucket, manifest)  # another writer was faster
    tell(bucket, folder)
    return Stored(address, stood)


def _same(bucket: Bucket, manifest: kept.Manifest) -> bool:
    """Whether the run stands there: with the same digest, or it is refused."""
    there = bucket.read(f"{manifest.run_id}/{kept.MANIFEST}")
    if there is None:
        return False
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / kept.MANIFEST).write_bytes(there[0])
        other = kept.read_manifest(Path(place))
    if other.digest != manifest.digest:
        raise _other(bucket, manifest.run_id)
    return True


def _table(bucket: Bucket, path: Path, manifest: kept.Manifest, entry: dict[str, Any]) -> dict[str, Any]:
    """Put a table; sha256 and bytes of what then stands there."""
    key = f"{manifest.run_id}/{path.name}"
    if bucket.create(key, path):
        return entry
    with tempfile.TemporaryDirectory() as place:
        there = Path(place) / path.name
        bucket.fetch(key, there)
        if kept.digest_of(there) != manifest.digest:
            raise _other(bucket, manifest.run_id)
        return {"sha256": kept.sha256(there), "bytes": there.stat().st_size}


def _input(bucket: Bucket, path: Path, run_id: str) -> str:
    """Put a file that a run was drawn from, compressed; sha256 of what then stands there, which unpacks to the same."""
    key = f"{run_id}/{inputs.FOLDER}/{path.name}"
    if bucket.create(key, path):
        return kept.sha256(path)
    ours, there = gzip.decompress(path.read_bytes()), bucket.read(key)
    try:
        with gzip.open(io.BytesIO(b"" if there is None else there[0])) as file:
            same = file.read(len(ours) + 1) == ours
    except (OSError, EOFError, zlib.error):
        same = False
    if there is None or not same:
        raise _other(bucket, run_id)
    return hashlib.sha256(there[0]).hexdigest()


def _other(bucket: Bucket, run_id: str) -> RunExistsError:
    where = visible(f"{bucket.address}/{run_id}")
    return RunExistsError(
        f"{where} holds files of a run of this name with other numbers, and is left alone\n"
        "  fix:  move it away or give another folder with --out"
    )
