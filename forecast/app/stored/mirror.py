"""Runs of object storage on this machine: fetched whole, each once, as what is there never changes."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from runoff.app.stored.bucket import Bucket, Found
from runoff.errors import InputError, MissingFileError, RunoffError, visible
from runoff.names import listed
from runoff.output import inputs, kept

_LOOK = 5.0  # seconds between two looks at an address that is served


@contextmanager
def at_hand(place: Path | str, *, many: bool = False) -> Iterator[Path]:
    """A path of this machine: itself, or what an address names, fetched into a folder that is gone afterwards.

    many : all runs below the address, else the one run that it names, by its folder or one of its files.

    Raises
    ------
    MissingFileError : no such run is there.
    OutputError : the service does not answer.
    """
    if isinstance(place, Path):
        yield place
        return
    bucket = Bucket(place)
    with tempfile.TemporaryDirectory(prefix="runoff-") as folder:
        if many:
            Mirror(bucket, Path(folder)).renew()
            if not any(Path(folder).rglob(kept.MANIFEST)):
                raise MissingFileError(f"{visible(bucket.address)}: no runs there\n  fix:  name a folder with runs")
            with _told_there(Path(folder), bucket.address):
                yield Path(folder)
        else:
            target, address = _one(bucket, Path(folder))
            with _told_there(target, address):
                yield target


@contextmanager
def live(place: Path | str) -> Iterator[tuple[Path, Callable[[], object]]]:
    """A folder of runs, and what brings it up to date with the address that it was fetched from, every few seconds.

    Raises
    ------
    OutputError : the service does not answer.
    """
    if isinstance(place, Path):
        yield place, lambda: None
        return
    with tempfile.TemporaryDirectory(prefix="runoff-") as folder:
        mirror, looked = Mirror(Bucket(place), Path(folder)), time.monotonic()
        mirror.renew()

        def renew() -> None:
            nonlocal looked
            if time.monotonic() - looked >= _LOOK:
                looked = time.monotonic()
                mirror.renew()

        yield Path(folder), renew


@contextmanager
def _told_there(folder: Path, address: str) -> Iterator[None]:
    """What goes wrong within is told of the address, not of the folder that it was fetched into."""
    try:
        yield
    except InputError as error:
        problems = [replace(one, file=one.file.replace(str(folder), address)) for one in error.problems]
        raise InputError(problems) from None
    except RunoffError as error:
        raise type(error)(str(error).replace(str(folder), address)) from None


def _one(bucket: Bucket, into: Path) -> tuple[Path, str]:
    """Fetch the one run that an address names: its folder here, and its address."""
    found = list(bucket.objects())
    name = PurePosixPath(bucket.address).name
    if not found and "." in name:  # one of its files
        above = Bucket(bucket.address.rpartition("/")[0])
        beside = list(above.objects())
        if any(PurePosixPath(one.key).name == name for one in beside):
            bucket, found = above, beside
    runs = _runs(found)
    if "" in runs:
        target = into / (PurePosixPath(bucket.address).name or "run")
    elif len(runs) == 1:
        target = into / PurePosixPath(next(iter(runs))).name
    else:
        names = listed([PurePosixPath(run).name for run in runs], 20)
        raise MissingFileError(
            f"{visible(bucket.address)}: {f'not one run, it holds {visible(names)}' if runs else 'no such run'}\n"
            "  fix:  name a run's folder"
        )
    run = min(runs)
    address = f"{bucket.address}/{run}" if run else bucket.address
    _fetch(bucket, runs[run], {one.key for one in found}, target)
    return target, address


class Mirror:
    """All runs below an address, in a folder of this machine."""

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        self.bucket, self.folder = bucket, folder

    def renew(self) -> None:
        """Fetch the runs that are new; those that are gone there go here, too.

        Raises
        ------
        OutputError : the service does not answer.
        """
        found = list(self.bucket.objects())
        runs, keys = _runs(found), {one.key for one in found}
        for run, manifest in runs.items():
            target = self.folder / (run or "run")
            if not target.exists():
                _fetch(self.bucket, manifest, keys, target)
        here = [path.parent for path in self.folder.rglob(kept.MANIFEST)]
        for folder in here:
            if (folder.relative_to(self.folder).as_posix() if "" not in runs else "") not in runs:
                shutil.rmtree(folder, ignore_errors=True)


def _runs(found: list[Found]) -> dict[str, Found]:
    """Manifests by the folder that they lie in, below the address; '' is the address itself."""
    runs = {}
    for one in found:
        path = PurePosixPath(one.key)
        plain = not path.is_absolute() and ".." not in path.parts and "\\" not in one.key
        if path.name == kept.MANIFEST and plain:
            runs["" if len(path.parts) == 1 else path.parent.as_posix()] = one
    return dict(sorted(runs.items()))


def _fetch(bucket: Bucket, manifest: Found, there: set[str], target: Path) -> None:
    """Fetch what a run's manifest names, into a folder that appears whole; there : keys of all objects.

    What is damaged or missing is left to whoever reads the folder, and says so as on disk.
    """
    stage = target.parent / f".{target.name}.{secrets.token_hex(4)}"
    stage.mkdir(parents=True)
    try:
        bucket.fetch(manifest.key, stage / kept.MANIFEST)
        for name in _named(stage):
            key, path = f"{manifest.key.removesuffix(kept.MANIFEST)}{name}", stage / name
            path.parent.mkdir(exist_ok=True)
            if key in there:
                bucket.fetch(key, path)
        written = manifest.modified.timestamp()
        os.utime(stage / kept.MANIFEST, (written, written))
        stage.rename(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _named(folder: Path) -> list[str]:
    """The files that a manifest names; none where it is damaged, or a name leads elsewhere."""
    try:
        names = list(kept.read_manifest(folder).files)
        said = json.loads((folder / kept.MANIFEST).read_bytes()).get("inputs") or {}
        names += [f"{inputs.FOLDER}/{entry['file']}" for entry in said.get("files", ())]
    except (InputError, KeyError, TypeError, AttributeError):
        return []
    elsewhere = any(".." in name or name.startswith("/") or "\\" in name or name.count("/") > 1 for name in names)
    return [] if elsewhere else names
