"""Every figure with a range is drawn: scrambled Sobol points, turned into figures and laid into a package.

The first points of a sequence are the same however many follow, so a sweep of 512 draws is the beginning of one of
8,192. A figure's range is its 10th percentile, median and 90th percentile; its distribution is that of
`serai.network.spread`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.data.schema import load_schema
from serai.network.spread import log_spreads, quantiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from serai.data.package import Package
    from serai.data.schema import Table

Array = npt.NDArray[np.float64]

BLOCK: Final = 64
"""Draws that are solved, stored and added up together."""
HALF_CELL: Final = 2.0**-31
"""Half the grid of a Sobol point: a point on the edge would be an infinite score."""

GROUPS: Final[Mapping[str, str]] = {
    "speeds": "haulage time",
    "links": "haulage time",
    "services": "haulage time",
    "rates": "haulage price",
    "bulk_rates": "haulage price",
    "charges": "haulage price",
    "containers": "haulage price",
    "crossings": "borders",
    "delays": "borders",
    "requirements": "borders",
    "transfers": "ports and terminals",
    "ports": "ports and terminals",
    "commodities": "goods and value of time",
    "goods": "goods and value of time",
    "projects": "project cost and time",
    "emissions": "emissions",
    "parameters": "network-wide parameters",
}
"""Group of the figures of each table; tables not named form a group of their own."""
ADD_TO_ONE: Final = frozenset({"trade_mix", "project_terms"})
"""Tables with shares that add to one, which cannot be drawn one by one."""


@dataclass(frozen=True, slots=True)
class Factors:
    """The uncertain figures of a study, in a fixed order.

    Attributes
    ----------
    table, id, column, group
        [d] where each figure stands, and the group its variance is counted to. A figure of no table (an overrun,
        a closure rate) has the table "".
    low, mode, high
        [d] 10th percentile, median, 90th percentile, in the figure's unit; 0 < low <= mode <= high.
    minimum, maximum
        [d] limits of the format, infinite where there is none.
    """

    table: tuple[str, ...]
    id: tuple[str, ...]
    column: tuple[str, ...]
    group: tuple[str, ...]
    low: Array
    mode: Array
    high: Array
    minimum: Array
    maximum: Array

    def __len__(self) -> int:
        return len(self.id)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in order of first appearance."""
        return tuple(dict.fromkeys(self.group))

    @property
    def digest(self) -> str:
        """SHA-256 over names and ranges."""
        names = "\n".join(map("|".join, zip(self.table, self.id, self.column, self.group, strict=True)))
        ranges = np.concatenate([self.low, self.mode, self.high, self.minimum, self.maximum])
        return hashlib.sha256(names.encode() + ranges.astype("<f8").tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Draws:
    """Figures drawn.

    Attributes
    ----------
    values
        [n, d] in each figure's unit.
    clipped
        [d] how many draws were moved to a limit of the format.
    """

    values: Array
    clipped: npt.NDArray[np.int64]


def row_names(frame: pd.DataFrame, table: Table) -> list[str]:
    """Names of the rows of a table: its key, joined where it has several columns."""
    return ["|".join(map(str, key)) for key in zip(*(frame[k] for k in table.key), strict=True)]


def package_factors(package: Package, tables: Sequence[str] | None = None) -> Factors:
    """Collect the figures of a package whose range has a width.

    Parameters
    ----------
    package
        The package.
    tables
        Only these; all by default.

    Raises
    ------
    InputError
        When a table is unknown, or no figure has a range.
    """
    schema = load_schema().tables
    if unknown := sorted(set(tables or ()) - set(schema)):
        raise InputError(f"There is no table {unknown[0]!r}", f"Use {', '.join(schema)}.")
    rows: list[tuple[str, str, str, str, float, float, float, float, float]] = []
    for name, table in schema.items():
        if name in ADD_TO_ONE or (tables is not None and name not in tables):
            continue
        frame = package[name]
        for column in table.ranged:
            field = table.field(column)
            least = -np.inf if field.minimum is None else field.minimum
            most = np.inf if field.maximum is None else field.maximum
            group = GROUPS.get(name, name)
            ranges = (frame[c].to_numpy(dtype=np.float64) for c in (f"{column}_low", column, f"{column}_high"))
            rows += [
                (name, str(key), column, group, lo, mid, hi, least, most)
                for key, lo, mid, hi in zip(row_names(frame, table), *ranges, strict=True)
                if lo < hi
            ]
    if not rows:
        raise InputError("No figure of the package has a range", "Give low and high values to what is unsure.")
    table_, id_, column_, group_, *numbers = zip(*rows, strict=True)
    low, mode, high, minimum, maximum = (np.array(x, dtype=np.float64) for x in numbers)
    return Factors(table_, id_, column_, group_, low, mode, high, minimum, maximum)


def own_factors(named: Mapping[str, tuple[float, float, float]], group: str) -> Factors:
    """Build factors that stand in no table.

    Parameters
    ----------
    named
        Low, mode and high by name.
    group
        Their group.
    """
    low, mode, high = (np.array([r[i] for r in named.values()], dtype=np.float64) for i in range(3))
    if len(named) == 0 or not ((low > 0) & (low <= mode) & (mode <= high) & np.isfinite(high)).all():
        raise InputError("A range is not 0 < low <= mode <= high", "Order the three numbers.")
    n = len(named)
    wide = np.full(n, np.inf)
    return Factors(("",) * n, tuple(named), ("",) * n, (group,) * n, low, mode, high, -wide, wide)


def joined(*parts: Factors) -> Factors:
    """Join factors, in order.

    Raises
    ------
    InputError
        When a figure stands in two parts.
    """
    keys = [k for p in parts for k in zip(p.table, p.id, p.column, strict=True)]
    if len(set(keys)) < len(keys):
        raise InputError("A figure is drawn twice", "Name it once.")
    return Factors(
        table=tuple(t for p in parts for t in p.table),
        id=tuple(i for p in parts for i in p.id),
        column=tuple(c for p in parts for c in p.column),
        group=tuple(g for p in parts for g in p.group),
        low=np.concatenate([p.low for p in parts]),
        mode=np.concatenate([p.mode for p in parts]),
        high=np.concatenate([p.high for p in parts]),
        minimum=np.concatenate([p.minimum for p in parts]),
        maximum=np.concatenate([p.maximum for p in parts]),
    )


def sobol(n: int, d: int, seed: int) -> Array:
    """Scrambled Sobol points inside the unit cube.

    Parameters
    ----------
    n
        A power of two, at least 64.
    d
        Dimensions.
    seed
        Of the scrambling.

    Returns
    -------
    points
        [n, d]; the first rows are those of any shorter sequence of the same seed.
    """
    from scipy.stats import qmc

    if n < BLOCK or n & (n - 1):
        raise InputError(f"{n} draws are no power of two of {BLOCK} or more", "Use 64, 128, 256, ... 8192.")
    points = qmc.Sobol(d, scramble=True, rng=np.random.default_rng(seed)).random_base2(n.bit_length() - 1)
    return np.asarray(points + HALF_CELL)


def scores(points: Array) -> Array:
    """Return the standard normal scores of points of the unit cube."""
    from scipy.special import ndtri

    return np.asarray(ndtri(points))


def draw(factors: Factors, points: Array) -> Draws:
    """Turn points of the unit cube [n, d] into figures."""
    lo, hi = log_spreads(factors.low, factors.mode, factors.high)
    raw = quantiles(factors.mode, lo, hi, scores(points))
    values = np.clip(raw, factors.minimum, factors.maximum)
    return Draws(values, np.asarray((values != raw).sum(axis=0), dtype=np.int64))
