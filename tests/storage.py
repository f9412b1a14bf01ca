"""Object storage on this machine, for tests: moto's server in a thread, with a bucket that is new."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import obstore
from moto.server import ThreadedMotoServer
from obstore.store import from_url

_NUMBERS = count()


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """The environment in which obstore finds the server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }
    finally:
        server.stop()


def new_bucket(environment: dict[str, str]) -> str:
    """The address of a bucket that nobody has used."""
    name = f"bucket-{os.getpid()}-{next(_NUMBERS)}"
    made = urllib.request.Request(f"{environment['AWS_ENDPOINT_URL']}/{name}", method="PUT")
    urllib.request.urlopen(made).close()
    return f"s3://{name}"


def remove(address: str, key: str) -> None:
    """Take an object away, as nobody of the product does."""
    obstore.delete(from_url(address, client_options={"allow_http": True}), key)
