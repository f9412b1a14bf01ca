"""Which run of each race is the latest: one object, changed by whoever has a newer one, and never back to an older.

It is replaced only while it has the tag with which it was read: who comes between makes the other look again.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

from runoff.app.published.found import shelf
from runoff.app.published.site import summary
from runoff.app.stored.bucket import Bucket
from runoff.errors import OutputError, visible
from runoff.report.layout import json_text

LATEST = "latest.json"
_TRIES = 50  # of writers who come between, one after the other


def tell(bucket: Bucket, folder: Path) -> None:
    """Let the run in a folder of this machine be its race's latest, unless a newer one is; what is no forecast is none.

    Newer is the later day of information, then of the source, then of writing, as `published.found` has it.

    Raises
    ------
    OutputError : the service does not do it, or what stands there is not ours.
    """
    for run in shelf(folder).runs:
        for number in range(_TRIES):
            there = bucket.read(LATEST)
            races = {} if there is None else _races(bucket, there[0])
            if run.race_id in races and _order(races[run.race_id]) >= _order(summary(run)):
                return
            races[run.race_id] = summary(run)
            content = (json_text({"races": dict(sorted(races.items()))}) + "\n").encode()
            if bucket.swap(LATEST, content, None if there is None else there[1]):
                return
            time.sleep(random.random() * 0.05 * min(number, 10))  # so that writers do not meet again
        raise OutputError(
            f"{visible(bucket.address)}/{LATEST}: others change it all the time\n"
            f"  the run stands in {visible(bucket.address)}/{run.run_id}\n  fix:  run the command again"
        )


def _order(run: dict[str, Any]) -> tuple[str, str, str, str]:
    """What makes a run the later one of two, as `Found.order`; days and times in one form sort as they come."""
    return run["as_of"], run.get("counted") or "", run["written"], run["run_id"]


def _races(bucket: Bucket, content: bytes) -> dict[str, Any]:
    try:
        races: dict[str, Any] = json.loads(content)["races"]
        for run in races.values():
            _order(run)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OutputError(
            f"{visible(bucket.address)}/{LATEST}: not a list of latest runs, and left alone\n"
            "  fix:  move it away, or give another folder with --out"
        ) from None
    return races
