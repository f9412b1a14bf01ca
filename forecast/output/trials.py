"""The trials table: each trial's votes by finalist, in batches, as it is written and as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from runoff.output import arrow
from runoff.output.schemas.runoff_ahead import TRIALS

Block = tuple[int, Any, Any]  # first trial, votes int32[n, K], weights int64[n] of 2^-16, or none


def table_of(block: Block, finalists: Sequence[str], keys: dict[str, str], schema: pa.Schema) -> pa.Table:
    """The rows of trials first..first+n-1: a row a trial and finalist."""
    first, votes, weights = block
    n, k = votes.shape
    columns = {
        **{key: pa.repeat(value, n * k) for key, value in keys.items()},
        "trial": pa.array(np.repeat(np.arange(first, first + n), k)),
        "candidate": pa.array(tuple(finalists) * n, pa.string()),
        "votes": pa.array(votes.reshape(-1).astype(np.int64)),
        "weight": pa.array(np.repeat(weights / 65_536.0 if weights.size else np.ones(n), k)),
    }
    return pa.table({f.name: columns[f.name] for f in schema}, schema=schema)


def batches(finalists: Sequence[str], run_id: str, race_id: str, blocks: Iterable[Block]) -> Iterator[pa.RecordBatch]:
    """The batches of a run that is nowhere on disk."""
    schema = arrow.arrow_schema(TRIALS, {})
    for block in blocks:
        yield from table_of(block, finalists, {"run_id": run_id, "race_id": race_id}, schema).to_batches()


def kept(folder: Path) -> bool:
    """Whether a run's folder has the table."""
    return (folder / f"{TRIALS.name}.parquet").is_file()


def batches_of_file(folder: Path) -> Iterator[pa.RecordBatch]:
    """The batches of a run on disk."""
    with pq.ParquetFile(folder / f"{TRIALS.name}.parquet") as file:
        yield from file.iter_batches(batch_size=arrow.ROW_GROUP)


def blocks_of_file(folder: Path, finalists: Sequence[str]) -> Iterator[Block]:
    """The same as blocks of trials, in order: votes int64[n, K], weights int64[n] of 2^-16.

    Raises
    ------
    ValueError : rows that are not one a trial and finalist, in order.
    """
    k, done = len(finalists), 0
    rest: list[Any] = []
    with pq.ParquetFile(folder / f"{TRIALS.name}.parquet") as file:
        for batch in file.iter_batches(batch_size=arrow.ROW_GROUP, columns=["trial", "candidate", "votes", "weight"]):
            rest.append(batch)
            table = pa.Table.from_batches(rest)
            n = table.num_rows // k
            yield _block(table.slice(0, n * k), finalists, done)
            rest, done = table.slice(n * k).to_batches(), done + n
    if rest:
        raise ValueError("the last trial lacks a finalist")


def _block(table: pa.Table, finalists: Sequence[str], first: int) -> Block:
    k, n = len(finalists), table.num_rows // len(finalists)
    trial = table["trial"].to_numpy().reshape(n, k)
    names = table["candidate"].combine_chunks().dictionary_encode()
    order = np.array([finalists.index(name) for name in names.dictionary.to_pylist()])[names.indices.to_numpy()]
    if (trial != np.arange(first, first + n)[:, None]).any() or (order.reshape(n, k) != np.arange(k)).any():
        raise ValueError("its rows are not one a trial and finalist, in order")
    weights = np.round(table["weight"].to_numpy().reshape(n, k)[:, 0] * 65_536.0).astype(np.int64)
    return first, table["votes"].to_numpy().reshape(n, k), weights
