"""An old trade matrix brought to new totals: biproportional fitting with cells that are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serai.core.errors import InputError, NoEquilibriumError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.trade.base import Array


@dataclass(frozen=True, slots=True)
class Rebased:
    """A matrix that meets its totals.

    Attributes
    ----------
    value : float64[K, N, N]
        The matrix, with its fixed pairs.
    row_factor, column_factor : float64[N]
        What the seed's rows and columns were multiplied by, outside fixed pairs.
    residual
        Largest miss of a total, relative to it.
    iterations
        Rounds.
    """

    value: Array
    row_factor: Array
    column_factor: Array
    residual: float
    iterations: int


def rebase(
    seed: Array,
    exports: Array,
    imports: Array,
    fixed: Array,
    is_fixed: Array,
    names: Sequence[str],
    *,
    tolerance: float = 1e-12,
    limit: int = 5000,
) -> Rebased:
    """Scale exporters and importers of a matrix until its totals hold (RAS; Deming and Stephan 1940).

    Parameters
    ----------
    seed : float64[K, N, N]
        Structure: commodity, exporter, importer.
    exports, imports : float64[N]
        Totals over commodities and partners; imports are scaled to the sum of exports.
    fixed : float64[K, N, N], is_fixed : bool[N, N]
        Pairs whose value is known.
    names
        Of the economies.
    tolerance
        Largest relative miss of a total.
    limit
        Rounds before giving up.

    Raises
    ------
    InputError
        Where fixed pairs alone exceed a total.
    NoEquilibriumError
        Where the totals cannot be met.
    """
    open_pairs = np.where(is_fixed, 0.0, seed.sum(axis=0))
    held = np.where(is_fixed, fixed.sum(axis=0), 0.0)
    imports = imports * (exports.sum() / imports.sum())
    rows, columns = exports - held.sum(axis=1), imports - held.sum(axis=0)
    for left, what in ((rows, "exports"), (columns, "imports")):
        if (left <= 0).any():
            n = int(np.argmin(left))
            raise InputError(f"Anchors of {names[n]} exceed its {what} by {-left[n]:.0f} million USD", "Correct them.")
    a, b = np.ones(rows.size), np.ones(columns.size)
    for n in range(1, limit + 1):
        a = rows / (open_pairs @ b)
        b = columns / (a @ open_pairs)
        miss = float(np.abs((open_pairs @ b) * a / rows - 1.0).max())
        if miss <= tolerance:
            scaled = np.where(is_fixed, fixed, seed * a[:, None] * b[None, :])
            return Rebased(scaled, a, b, miss, n)
    worst = int(np.argmax(np.abs((open_pairs @ b) * a / rows - 1.0)))
    raise NoEquilibriumError(
        "trade matrix", f"exports of {names[worst]} miss their total by {miss:.1e}", "Check totals and anchors."
    )
