"""`python -m tests.fuzz KIND N`: damage files of a kind, or of `all`, or make `semantic` slips; see the package."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from tests.fuzz import campaign, slips
from tests.fuzz.judge import FAILED, NO_WAY_OUT


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("kind", choices=(*campaign.KINDS, "all", "semantic"))
    parser.add_argument("count", type=int, nargs="?", default=200, help="cases of each kind (200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draw", type=float, default=1.0, metavar="SHARE", help="of the cases that are drawn (1)")
    parser.add_argument("--keep", type=Path, help="folder for the files of failures (a new one)")
    return parser.parse_args()


def main() -> int:
    """Run the campaign; 1 where something failed."""
    options = _arguments()
    keep = options.keep or Path(mkdtemp(prefix="runoff-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    print(f"{options.count:,} cases of seed {options.seed}; failures are kept in {keep}", flush=True)
    if options.kind == "semantic":
        found = slips.slips(options.count, options.seed, keep)
        print(slips.told(found))
        for name, outcomes in (
            ("silent", [slips.SILENT]),
            ("failed", [FAILED]),
            ("other", [slips.WITH_NOTE, "refused", NO_WAY_OUT, slips.HARMLESS]),
        ):
            (keep / f"{name}.txt").write_text(slips.listed(found, outcomes) + "\n", "utf-8", "backslashreplace")
        failed = sum(s.outcome == FAILED for s in found)
    else:
        failed = 0
        for kind in campaign.KINDS if options.kind == "all" else (options.kind,):
            tally = campaign.fuzz(kind, options.count, options.seed, keep, options.draw)
            print(campaign.told(kind, tally), flush=True)
            failed += tally.failed
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
