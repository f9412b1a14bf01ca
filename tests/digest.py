"""Prints digests of fixed runs: started by test_digest.py in processes of many kinds.

python -m tests.digest THREADS BLOCK_GROUPS [TRIALS] [spawn]
"""

from __future__ import annotations

import json
import multiprocessing
import sys

from forecast.driver import digest, draw
from forecast.inputs import to_inputs
from tests.builders import three_way, two_way

TRIALS = 20_000


def digests(threads: int, block_groups: int, trials: int = TRIALS) -> dict[str, str]:
    """Digest of each fixed model's run."""
    result = {}
    for name, build in (("two_way", two_way), ("three_way", three_way)):
        drawn = draw(
            to_inputs(build(), 20170620),
            trials,
            threads=threads,
            block_groups=block_groups,
            detail_trials=7_000,
        )
        result[name] = digest(drawn)
    return result


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:] if word.isdigit()]
    if "spawn" in sys.argv:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(json.dumps(pool.apply(digests, arguments)))
    else:
        print(json.dumps(digests(*arguments)))
