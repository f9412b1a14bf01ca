"""What a site says to Prometheus, in its text format 0.0.4."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable

from runoff.app.published.found import Found, Shelf


class Counts:
    """How often the site answered, by status; safe over threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_status: Counter[int] = Counter()

    def count(self, status: int) -> None:
        """One more answer."""
        with self._lock:
            self._by_status[status] += 1

    def by_status(self) -> dict[int, int]:
        """Answers so far."""
        with self._lock:
            return dict(sorted(self._by_status.items()))


def text(shelf: Shelf, counts: Counts, *, healthy: bool) -> str:
    """All figures: the latest forecast of each race, what stands, what was answered."""
    latest = [run for _, run in sorted(shelf.latest().items())]
    parts = [
        _family("runoff_up", "gauge", "1 where the folder could be read", [({}, float(healthy))]),
        _family("runoff_runs", "gauge", "forecasts under the folder", [({}, float(len(shelf.runs)))]),
        _family(
            "runoff_last_success_timestamp_seconds",
            "gauge",
            "when the latest forecast was written",
            [(_of(run), run.written.timestamp()) for run in latest],
        ),
        _family(
            "runoff_counted_timestamp_seconds",
            "gauge",
            "when the source of the latest forecast's votes counted them",
            [(_of(run), run.counted.timestamp()) for run in latest if run.counted is not None],
        ),
        _family("runoff_trials", "gauge", "trials of the latest forecast", [(_of(run), run.trials) for run in latest]),
        _family(
            "runoff_effective_trials",
            "gauge",
            "equally weighted trials that they are worth",
            [(_of(run), run.effective) for run in latest],
        ),
        _family(
            "runoff_seconds", "gauge", "wall time of the latest forecast", [(_of(run), run.seconds) for run in latest]
        ),
        _family(
            "runoff_p_win",
            "gauge",
            "probability of winning",
            [({**_of(run), "candidate": name}, p) for run in latest for name, p in run.chances],
        ),
        _family(
            "runoff_http_responses_total",
            "counter",
            "answers by status",
            [({"status": str(status)}, many) for status, many in counts.by_status().items()],
        ),
    ]
    return "".join(parts)


def _of(run: Found) -> dict[str, str]:
    return {"race": run.race_id}


def _family(name: str, kind: str, help_text: str, samples: Iterable[tuple[dict[str, str], float]]) -> str:
    lines = [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        said = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
        lines.append(f"{name}{{{said}}} {value!r}" if said else f"{name} {value!r}")
    return "\n".join(lines) + "\n"


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
