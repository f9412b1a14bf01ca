"""Philox4x32: published answers, a plain reference, and the layout of streams over trials."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest

from runoff.kernels._jit import standalone
from runoff.kernels.philox import GROUP, LANES, philox4x32, philox_words
from tests import naive

WORDS = standalone(philox_words)
KNOWN = [
    line.split()[1:]
    for line in (Path(__file__).parents[1] / "data" / "philox4x32.txt").read_text().splitlines()
    if line.startswith("philox4x32 ")
]
INTERPRETED = getattr(philox4x32, "py_func", philox4x32)


@numba.njit(error_model="numpy")
def _call(x, k, rounds):  # type: ignore[no-untyped-def]  # numba infers
    return philox4x32(x[0], x[1], x[2], x[3], k[0], k[1], rounds)


@numba.njit(error_model="numpy")
def _call_many(x, k, out):  # type: ignore[no-untyped-def]  # numba infers
    for i in range(x.shape[1]):
        out[0, i], out[1, i], out[2, i], out[3, i] = philox4x32(
            x[0, i], x[1, i], x[2, i], x[3, i], k[0, i], k[1, i], 10
        )


def test_all_published_vectors_are_here() -> None:
    """Random123 publishes six vectors for philox4x32, three of seven rounds and three of ten."""
    assert sorted(int(line[0]) for line in KNOWN) == [7, 7, 7, 10, 10, 10]


@pytest.mark.parametrize("line", KNOWN, ids=lambda line: f"{line[0]}-{line[1]}")
@pytest.mark.parametrize("how", ["compiled", "interpreted", "reference"])
def test_published_vectors(line: list[str], how: str) -> None:
    """Compiled, interpreted and plain-integer Philox give each published answer."""
    rounds = int(line[0])
    numbers = [int(word, 16) for word in line[1:]]
    counter, key, expected = numbers[:4], numbers[4:6], tuple(numbers[6:])
    x, k = np.array(counter, np.uint64), np.array(key, np.uint64)
    if how == "compiled":
        got = _call(x, k, rounds)
    elif how == "interpreted":
        got = INTERPRETED(*x, *k, rounds)
    else:
        got = naive.philox((counter[0], counter[1], counter[2], counter[3]), (key[0], key[1]), rounds)
    assert tuple(int(word) for word in got) == expected


def test_the_words_function_gives_the_published_ten_round_vectors() -> None:
    """The counter is (place, stream) and the key the seed: the all-ones vector is reachable and right."""
    out = np.empty(2 * LANES, np.uint64)
    ones = np.uint64(2**64 - 1)
    WORDS(ones, ones, np.uint64((2**64 - 1) // LANES), out)
    last = [int(out[LANES - 1]), int(out[2 * LANES - 1])]  # words 0 and 2, words 1 and 3
    words = [last[0] & 0xFFFFFFFF, last[1] & 0xFFFFFFFF, last[0] >> 32, last[1] >> 32]
    assert [f"{word:08x}" for word in words] == KNOWN[4][7:]


def test_a_million_random_blocks_equal_the_reference() -> None:
    """On 1,000,000 random counters and keys all words equal those of plain integer arithmetic."""
    rng = np.random.default_rng(20170620)
    x = rng.integers(0, 2**32, (4, 1_000_000), np.uint64)
    k = rng.integers(0, 2**32, (2, 1_000_000), np.uint64)
    out = np.empty_like(x)
    _call_many(x, k, out)
    expected = np.stack(naive.philox_arrays(list(x), list(k)))
    assert np.array_equal(out, expected)
    for i in range(0, 1_000_000, 1000):
        one = naive.philox(tuple(map(int, x[:, i])), tuple(map(int, k[:, i])))  # type: ignore[arg-type]
        assert one == tuple(map(int, expected[:, i]))


def test_one_word_per_trial_in_the_documented_order() -> None:
    """Trial t of a stream has the word that the module's formula says, of the counter that it says."""
    seed, stream = 0x123456789ABCDEF0, 0xFEDCBA9876543210
    out = np.empty(2 * LANES, np.uint64)
    for trial in (0, 1, LANES, GROUP - 1, GROUP, 7 * GROUP + 3 * LANES + 5):
        group, within = divmod(trial, GROUP)
        WORDS(np.uint64(seed), np.uint64(stream), np.uint64(group), out)
        half, place = divmod(within, 2 * LANES)
        word, place = 2 * (place % 2) + half, group * LANES + place // 2
        counter = (place & 0xFFFFFFFF, place >> 32, stream & 0xFFFFFFFF, stream >> 32)
        expected = naive.philox(counter, (seed & 0xFFFFFFFF, seed >> 32))[word]
        assert int(out.view(np.uint32)[within]) == expected


def test_interpreted_words_equal_compiled_words() -> None:
    """A part called from Python runs as plain Python, and fills the words that the compiled one fills."""
    compiled, plain = np.empty(2 * LANES, np.uint64), np.empty(2 * LANES, np.uint64)
    arguments = np.uint64(5), np.uint64(2**63 + 11), np.uint64(12345)
    WORDS(*arguments, compiled)
    philox_words(*arguments, plain)
    assert np.array_equal(compiled, plain)
