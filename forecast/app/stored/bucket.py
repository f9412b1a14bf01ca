"""A folder in object storage, s3://BUCKET/FOLDER, gs:// or az://, and what may fail there: the extra `cloud`.

The only file that loads obstore.  Keys, regions and other addresses of a service are those of the environment:
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL, and the like of Google and Azure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runoff.errors import OutputError, UsageError, visible

SCHEMES = ("s3", "gs", "az")
_TOOK = re.compile(r" in [0-9.]+(ns|µs|ms|s)\b(, after [0-9]+ retries)?")  # else one trouble has ever another text
_RETRIES = 5
_PATIENCE = dt.timedelta(seconds=30)  # for a request, all tries together


def is_address(text: str) -> bool:
    """Whether a text names a folder in object storage."""
    scheme, mark, _ = text.partition("://")
    return bool(mark) and scheme.lower() in SCHEMES


@dataclass(frozen=True, slots=True)
class Found:
    """An object: its key below the bucket's folder, its size in bytes, and when it was put there, UTC."""

    key: str
    size: int
    modified: dt.datetime


class Bucket:
    """A folder in object storage.

    Every method raises OutputError where the service does not do what it is asked for.
    """

    def __init__(self, address: str) -> None:
        """Open the folder at an address.

        Raises
        ------
        UsageError : the address is none, or obstore is not installed.
        """
        self.address = address.rstrip("/")
        scheme, _, rest = self.address.partition("://")
        odd = any(mark in rest for mark in "?#") or "//" in rest or ".." in rest.split("/")
        if scheme.lower() not in SCHEMES or not rest.partition("/")[0] or odd:
            fix = "name a bucket and a folder in it, as in s3://bucket/forecasts"
            raise UsageError(f"{visible(address)}: not an address of object storage\n  fix:  {fix}")
        try:
            import obstore
            from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
            from obstore.store import from_url
        except ModuleNotFoundError as missing:
            raise UsageError(f"{visible(address)} needs {missing.name}\n  fix:  pip install 'runoff[cloud]'") from None
        self._obstore = obstore
        self._taken: Any = (AlreadyExistsError, PreconditionError)
        self._failed: Any = (BaseError, OSError)
        with self._told("open"):
            retries: Any = {"max_retries": _RETRIES, "retry_timeout": _PATIENCE}
            client: Any = {"timeout": _PATIENCE, "allow_http": True}  # for who names an http address of a service
            self._store: Any = from_url(f"{scheme.lower()}://{rest}", retry_config=retries, client_options=client)

    def create(self, key: str, content: bytes | Path) -> bool:
        """Put an object where none stands; False if one does, which is left alone."""
        with self._told("write", key):
            try:
                self._obstore.put(self._store, key, content, mode="create")
            except self._taken:
                return False
        return True

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        """Put an object in the place of the one that had this tag (None: where none stood); False if it has another."""
        if tag is None:
            return self.create(key, content)
        with self._told("write", key):
            try:
                self._obstore.put(self._store, key, content, mode={"e_tag": tag})
            except self._taken:
                return False
        return True

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Content and tag of an object; None where there is none."""
        with self._told("read", key):
            try:
                found = self._obstore.get(self._store, key)
                return bytes(found.bytes()), str(found.meta["e_tag"])
            except FileNotFoundError as cause:
                if "NoSuchBucket" in str(cause):
                    raise
                return None

    def fetch(self, key: str, path: Path) -> None:
        """Write an object into a file, which is new, piece by piece."""
        with self._told("read", key), path.open("xb") as file:
            for piece in self._obstore.get(self._store, key).stream():
                file.write(piece)

    def objects(self) -> Iterator[Found]:
        """All objects below the folder, in order of their keys."""
        found = []
        with self._told("list"):
            for page in self._obstore.list(self._store):
                found += [Found(str(one["path"]), int(one["size"]), one["last_modified"]) for one in page]
        yield from sorted(found, key=lambda one: one.key)

    @contextmanager
    def _told(self, doing: str, key: str = "") -> Iterator[None]:
        """A failure within as a message: the place, what failed, and the service's reason in a line."""
        try:
            yield
        except BaseException as cause:
            if not isinstance(cause, self._failed) and type(cause).__name__ != "PanicException":  # obstore's, of Rust
                raise
            if isinstance(cause, OSError) and cause.filename is not None:
                raise  # a file of this machine
            where = f"{self.address}/{key}" if key else self.address
            fix = "look at the address and the network, and at keys, region and rights (AWS_ACCESS_KEY_ID and the like)"
            raise OutputError(f"{visible(where)}: cannot {doing}: {_reason(cause)}\n  fix:  {fix}") from None


def _reason(cause: BaseException) -> str:
    """The first line of what the store said, without the address, which may hold a key."""
    text = _TOOK.sub("", str(cause))
    for mark in ("<Message>", "status code: "):
        if mark in text:
            return visible(text.partition(mark)[2].partition("<")[0].split("\n")[0].strip(" :.")[:200])
    return visible(text.split("\n")[0].strip()[:200])
