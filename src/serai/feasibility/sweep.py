"""Solve a model at many draws, in blocks that are kept.

A block of 64 draws is the unit of work, of storage and of adding up. Each is one Parquet file, written whole or not at
all and stamped with the digest of everything it depends on; a sweep that was stopped goes on from the blocks that
are there. Every draw starts from the model's stored base, so a block does not depend on the order of the work, on
the machine it ran on or on how often it was stopped: the bytes are the same.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError, SeraiError
from serai.core.executors import Executor, Processes
from serai.core.files import write_bytes
from serai.core.progress import track
from serai.feasibility.uncertainty import BLOCK, draw, sobol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serai.feasibility.uncertainty import Factors

Array = npt.NDArray[np.float64]
STAMP: Final = b"serai.sweep"
NOT_FINITE: Final = "the answer is not a finite number"


class DrawModel(Protocol):
    """What a sweep solves. It is sent to workers, so it must be possible to pickle it."""

    @property
    def digest(self) -> str:
        """Digest of everything an answer depends on beside the draw."""
        ...

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the results, with their unit."""
        ...

    def solve(self, values: Array) -> Array:
        """Solve one draw.

        Parameters
        ----------
        values
            [d] figures in the order of the factors.

        Returns
        -------
        results
            [M] in the order of `outputs`.

        Raises
        ------
        SeraiError
            When there is no answer; its text is stored as the reason.
        """
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """Answers of one block.

    Attributes
    ----------
    number
        Position in the sweep.
    values
        [64, M] results, NaN where there is none.
    reasons
        [64] why there is none, "" where there is one.
    """

    number: int
    values: Array
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SweepResult:
    """Answers of a whole sweep, in the order of the draws.

    Attributes
    ----------
    digest
        Of the model, the factors and the seed.
    outputs
        [M] names.
    values
        [n, M] results, NaN where there is none.
    reasons
        [n] why there is none, "" where there is one.
    clipped
        [d] draws of each factor that were moved to a limit of the format.
    resumed
        Blocks that were there before.
    """

    digest: str
    outputs: tuple[str, ...]
    values: Array
    reasons: tuple[str, ...]
    clipped: npt.NDArray[np.int64]
    resumed: int

    def __getitem__(self, output: str) -> Array:
        """Results [n] of one output."""
        return self.values[:, self.outputs.index(output)]

    @property
    def failures(self) -> dict[str, int]:
        """Draws without an answer by reason, the most frequent first."""
        count = Counter(r for r in self.reasons if r)
        return dict(sorted(count.items(), key=lambda kv: (-kv[1], kv[0])))

    @property
    def mean(self) -> Array:
        """Mean [M] over the answers, added up block by block."""
        solved = np.array([not r for r in self.reasons]).reshape(-1, BLOCK)
        blocks = np.where(solved[..., None], self.values.reshape(len(solved), BLOCK, -1), 0.0).sum(axis=1)
        total = np.zeros(len(self.outputs))
        for block in blocks:
            total = total + block
        return np.asarray(total / max(int(solved.sum()), 1))


def sweep_digest(model: DrawModel, factors: Factors, seed: int) -> str:
    """SHA-256 of all that the blocks depend on; the number of draws is not part of it."""
    parts = (model.digest, factors.digest, str(seed), *model.outputs)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def solve_block(model: DrawModel, item: tuple[int, Array]) -> Block:
    """Solve the draws of one block; a draw without an answer keeps its reason.

    Parameters
    ----------
    model
        The model.
    item
        Number of the block, and its figures [64, d].
    """
    number, values = item
    out = np.full((len(values), len(model.outputs)), np.nan)
    reasons = []
    for i, row in enumerate(values):
        reason = ""
        try:
            answer = np.asarray(model.solve(row), dtype=np.float64)
        except (SeraiError, ArithmeticError, np.linalg.LinAlgError) as fault:
            reason = str(fault) or type(fault).__name__
        else:
            if np.isfinite(answer).all():
                out[i] = answer
            else:
                reason = NOT_FINITE
        reasons.append(reason)
    return Block(number, out, tuple(reasons))


def block_path(folder: Path, digest: str, number: int) -> Path:
    """File of one block."""
    return folder / f"sweep-{digest[:16]}" / f"block-{number:05d}.parquet"


def write_block(path: Path, digest: str, outputs: tuple[str, ...], block: Block) -> None:
    """Write a block under a temporary name, then rename."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = block.number * BLOCK
    columns = {"draw": pa.array(np.arange(first, first + len(block.values), dtype=np.int64))}
    columns |= {name: pa.array(block.values[:, i]) for i, name in enumerate(outputs)}
    columns["reason"] = pa.array(block.reasons, pa.string())
    table = pa.table(columns).replace_schema_metadata({STAMP: digest.encode()})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    write_bytes(path, sink.getvalue())


def read_block(path: Path, digest: str, outputs: tuple[str, ...], number: int) -> Block | None:
    """Read a block; None where there is none, or none that belongs to this sweep."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException):
        return None
    stamped = (table.schema.metadata or {}).get(STAMP) == digest.encode()
    if not stamped or table.column_names != ["draw", *outputs, "reason"] or table.num_rows != BLOCK:
        return None
    if table["draw"].to_numpy()[0] != number * BLOCK:
        return None
    values = np.column_stack([table[name].to_numpy() for name in outputs])
    return Block(number, values, tuple(table["reason"].to_pylist()))


def _solved(model: DrawModel, values: Array, todo: list[int], executor: Executor, what: str) -> Iterator[Block]:
    items = [(b, values[b * BLOCK : (b + 1) * BLOCK]) for b in todo]
    for _, block in track(executor.run(solve_block, model, items), what, total=len(items)):
        yield block


def run_sweep(
    model: DrawModel,
    factors: Factors,
    n: int,
    folder: Path,
    *,
    seed: int = 0,
    executor: Executor | None = None,
    what: str = "Draws",
) -> SweepResult:
    """Solve a model at `n` draws, going on from the blocks in `folder`.

    Parameters
    ----------
    model
        What is solved.
    factors
        What is drawn.
    n
        Draws, a power of two of 64 or more.
    folder
        Where blocks are kept, each sweep in a folder of its own.
    seed
        Of the scrambling.
    executor
        Where it runs; processes of this machine by default.
    what
        Name of the progress bar.

    Raises
    ------
    InputError
        When `n` is no power of two or the model has no or doubled outputs.
    WorkerLostError
        When workers end again and again; what was done is kept.
    """
    outputs = model.outputs
    if not outputs or len({*outputs, "draw", "reason"}) < len(outputs) + 2:
        raise InputError("The results of a sweep have no names of their own", "Name each once, not draw or reason.")
    drawn = draw(factors, sobol(n, len(factors), seed))
    digest = sweep_digest(model, factors, seed)
    found = {b: read_block(block_path(folder, digest, b), digest, outputs, b) for b in range(n // BLOCK)}
    blocks = {b: block for b, block in found.items() if block is not None}
    resumed = len(blocks)
    todo = [b for b in found if b not in blocks]
    if todo:
        for block in _solved(model, drawn.values, todo, executor or Processes(), what):
            write_block(block_path(folder, digest, block.number), digest, outputs, block)
            blocks[block.number] = block
    ordered = [blocks[b] for b in range(n // BLOCK)]
    return SweepResult(
        digest=digest,
        outputs=outputs,
        values=np.concatenate([b.values for b in ordered]),
        reasons=tuple(r for b in ordered for r in b.reasons),
        clipped=drawn.clipped,
        resumed=resumed,
    )
