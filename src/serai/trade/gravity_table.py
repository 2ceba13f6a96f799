"""A user's own gravity table: read, estimate, change a covariate, and see what trade does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.trade.gravity import (
    Conditional,
    Endowment,
    Equilibrium,
    GravityBase,
    GravityChange,
    SharesHeld,
    StoppedIteration,
    gravity_equilibrium,
)
from serai.trade.ppml import GravityEstimate, ppml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from serai.trade.base import Array

KINDS: Final[dict[str, Equilibrium]] = {
    "conditional": Conditional(),
    "full": Endowment(),
    "shares-held": SharesHeld(),
    "guide": StoppedIteration(),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of a gravity table's columns; output and spending are margins of trade where empty."""

    covariates: tuple[str, ...]
    exporter: str = "exporter"
    importer: str = "importer"
    trade: str = "trade"
    cluster: str = ""
    output: str = ""
    spending: str = ""


@dataclass(frozen=True, slots=True)
class GravityTable:
    """A gravity table in arrays. n rows, N economies, p covariates.

    Attributes
    ----------
    names : tuple of str
        Economies, sorted.
    exporter, importer : int[n]
        Economies of each row.
    trade : float64[n]
        Value, any unit.
    covariates : float64[n, p]
        In the order of `columns.covariates`.
    cluster : int[n] or None
        Groups of rows with correlated errors.
    output, spending : float64[N]
        Y and E in the unit of trade.
    columns : Columns
        Where all this stood.
    """

    names: tuple[str, ...]
    exporter: npt.NDArray[np.intp]
    importer: npt.NDArray[np.intp]
    trade: Array
    covariates: Array
    cluster: npt.NDArray[np.intp] | None
    output: Array
    spending: Array
    columns: Columns

    def square(self, rows: Array) -> Array:
        """Lay one figure a row out by exporter and importer, float64[N, N]; zero where there is no row."""
        out = np.zeros((len(self.names), len(self.names)))
        out[self.exporter, self.importer] = rows
        return out


def read_gravity_table(path: Path, columns: Columns) -> GravityTable:
    """Read a CSV file with a row for each exporter and importer.

    Raises
    ------
    InputError
        If the file, a column or a figure is missing, or a pair stands twice.
    """
    import pandas as pd

    try:
        frame = pd.read_csv(path)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
        raise InputError(f"{path} cannot be read as CSV: {fault}", "Give a CSV file with a header.") from fault
    return gravity_table(frame, columns, str(path))


def gravity_table(frame: pd.DataFrame, columns: Columns, where: str = "The table") -> GravityTable:
    """Take a gravity table from a data frame; see :func:`read_gravity_table`."""
    if not columns.covariates:
        raise InputError("No covariate is named", "Name some, such as --covariates ln_dist,border.")
    optional = [c for c in (columns.cluster, columns.output, columns.spending) if c]
    needed = [columns.exporter, columns.importer, columns.trade, *columns.covariates, *optional]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise InputError(f"{where} has no column {', '.join(missing)}", f"It has {', '.join(map(str, frame.columns))}.")
    ends = [frame[name].astype(str) for name in (columns.exporter, columns.importer)]
    twice = frame.duplicated([columns.exporter, columns.importer])
    if twice.any():
        at = int(np.argmax(twice.to_numpy()))
        pair = f"{ends[0].iloc[at]} to {ends[1].iloc[at]}"
        raise InputError(f"{where} holds {pair} more than once (row {at + 2})", "Keep one year.")
    names = tuple(sorted(set(ends[0]) | set(ends[1])))
    place = {name: k for k, name in enumerate(names)}
    i, j = (np.asarray([place[v] for v in end], dtype=np.intp) for end in ends)
    trade = _figures(frame, columns.trade, where)
    covariates = np.column_stack([_figures(frame, name, where) for name in columns.covariates])
    cluster = None
    if columns.cluster:
        cluster = np.unique(frame[columns.cluster].astype(str).to_numpy(), return_inverse=True)[1].astype(np.intp)
    sums = [
        _of_economy(frame, name, side, trade, len(names), where)
        for name, side in ((columns.output, i), (columns.spending, j))
    ]
    return GravityTable(names, i, j, trade, covariates, cluster, sums[0], sums[1], columns)


def _figures(frame: pd.DataFrame, name: str, where: str) -> Array:
    import pandas as pd

    out = np.asarray(pd.to_numeric(frame[name], errors="coerce"), dtype=np.float64)
    if not np.isfinite(out).all():
        row = int(np.argmin(np.isfinite(out)))
        raise InputError(f"{where}, row {row + 2}, column {name}: no number", "Give a number in every row.")
    return out


def _of_economy(frame: pd.DataFrame, name: str, side: npt.NDArray[np.intp], trade: Array, n: int, where: str) -> Array:
    """Sum trade by economy, or take the figure that the table repeats in each of its rows."""
    if not name:
        return np.asarray(np.bincount(side, weights=trade, minlength=n), dtype=np.float64)
    values = _figures(frame, name, where)
    out = np.zeros(n)
    out[side] = values
    if not np.array_equal(out[side], values):
        row = int(np.argmin(out[side] == values))
        raise InputError(f"{where}, row {row + 2}: {name} differs within an economy", "Give one figure for each.")
    return out


def estimate(table: GravityTable, reference: str = "") -> GravityEstimate:
    """Estimate the gravity equation of a table; `reference` names the economy whose importer effect is zero."""
    return ppml(
        table.exporter,
        table.importer,
        table.trade,
        table.covariates,
        names=table.columns.covariates,
        economies=len(table.names),
        reference=economy(table, reference),
        cluster=table.cluster,
    )


def economy(table: GravityTable, name: str) -> int:
    """Return the index of an economy; the one that spends most if the name is empty."""
    if not name:
        return int(np.argmax(table.spending))
    if name not in table.names:
        raise InputError(f"The table has no economy {name}", f"It has {', '.join(table.names[:12])}, ...")
    return table.names.index(name)


@dataclass(frozen=True, slots=True)
class Setting:
    """A covariate set to a value: everywhere, or for pairs of (exporter, importer)."""

    covariate: str
    value: float
    pairs: tuple[tuple[str, str], ...] = ()


def read_setting(text: str) -> Setting:
    """Read ``pta=1:CAN>JPN,JPN>CAN``, or ``border=0`` for all pairs."""
    head, _, tail = text.partition(":")
    name, equals, number = head.partition("=")
    try:
        value = float(number)
    except ValueError:
        equals = ""
        value = 0.0
    pairs = [tuple(part.strip() for part in pair.split(">")) for pair in tail.split(",") if pair.strip()]
    if not equals or not name.strip() or any(len(p) != 2 for p in pairs) or (":" in text and not pairs):
        raise InputError(f"--set {text!r} cannot be read", "Write pta=1:CAN>JPN,JPN>CAN, or border=0 for all pairs.")
    return Setting(name.strip(), value, tuple((p[0], p[1]) for p in pairs))


def counterfactual(
    table: GravityTable,
    fit: GravityEstimate,
    settings: Sequence[Setting],
    *,
    sigma: float,
    kind: Equilibrium,
    reference: str = "",
) -> GravityChange:
    """Set covariates to other values and solve the equilibrium.

    Raises
    ------
    InputError
        If a covariate, an economy or a pair is not in the table, or trade at home is missing.
    NoEquilibrium
        If it is not found.
    """
    home = table.square(np.ones(table.trade.size))
    if not np.diag(home).all():
        lacking = table.names[int(np.argmin(np.diag(home)))]
        raise InputError(f"Trade of {lacking} with itself is missing", "A counterfactual needs trade at home.")
    changed = table.covariates.copy()
    for setting in settings:
        if setting.covariate not in table.columns.covariates:
            known = ", ".join(table.columns.covariates)
            raise InputError(f"--set changes {setting.covariate}, which is no covariate", f"Covariates are {known}.")
        column = table.columns.covariates.index(setting.covariate)
        if not setting.pairs:
            changed[:, column] = setting.value
        for a, b in setting.pairs:
            rows = (table.exporter == economy(table, a)) & (table.importer == economy(table, b))
            if not rows.any():
                raise InputError(f"The table has no row from {a} to {b}", "Name a pair of the table.")
            changed[rows, column] = setting.value
    base = GravityBase(
        table.names,
        table.square(np.exp(table.covariates @ fit.coefficient)),
        table.output,
        table.spending,
        sigma,
        economy(table, reference),
    )
    return gravity_equilibrium(base, table.square(np.exp(changed @ fit.coefficient)), kind)


def gravity_json(table: GravityTable, fit: GravityEstimate, change: GravityChange | None) -> dict[str, Any]:
    """Return estimates and, in percent, changes by economy as plain data."""
    out: dict[str, Any] = {
        "rows": fit.rows,
        "left_out": fit.left_out,
        "clusters": fit.clusters,
        "deviance": fit.deviance,
        "coefficients": [
            {"name": name, "coefficient": float(b), "standard_error": float(e)}
            for name, b, e in zip(fit.names, fit.coefficient, fit.standard_error, strict=True)
        ],
    }
    if change is not None:
        measures = {
            "exports": change.exports,
            "imports": change.imports,
            "home_trade": change.home,
            "price": change.price,
            "inward_resistance": change.inward,
            "outward_resistance": change.outward,
            "real_income": change.real_income,
        }
        out["residual"] = change.residual
        out["iterations"] = change.iterations
        out["changes_percent"] = [
            {"economy": name} | {key: float(100 * (v[k] - 1)) for key, v in measures.items()}
            for k, name in enumerate(table.names)
        ]
    return out
