"""What a trade equilibrium is measured from: shares, elasticities and freight of the base year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ProportionalDeficits:
    """Each economy's deficit keeps its share of income; what the world sum misses is spread over incomes.

    D_j = delta_j w_j L_j - (sum_n delta_n w_n L_n) w_j L_j / sum_n w_n L_n with delta = D/L of the base.
    """


@dataclass(frozen=True, slots=True)
class FixedDeficits:
    """Deficits stay what they were, in units of the world's value added.

    An economy with a surplus that can no longer export then has no equilibrium.
    """


Closure = ProportionalDeficits | FixedDeficits


def read_only(values: npt.ArrayLike) -> Array:
    """Return values as a contiguous read-only float64 array; shares memory where it can."""
    view = np.ascontiguousarray(values, dtype=np.float64).view()
    view.flags.writeable = False
    return view


def read_only_ids(values: npt.ArrayLike) -> Ints:
    """Return identifiers as a contiguous read-only int32 array."""
    view = np.ascontiguousarray(values, dtype=np.int32).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees of trade cells and who receives them, a row per cell and owner.

    Attributes
    ----------
    cell : int32[M]
        Flat index (commodity * N + exporter) * N + importer. A cell may have several rows.
    owner : int32[M]
        Economy whose income the fee is.
    usd_per_t : float64[M]
        Fee [USD/t]; part of the freight cost of the cell, not beside it.
    """

    cell: Ints
    owner: Ints
    usd_per_t: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "cell", read_only_ids(self.cell))
        object.__setattr__(self, "owner", read_only_ids(self.owner))
        object.__setattr__(self, "usd_per_t", read_only(self.usd_per_t))

    @staticmethod
    def none() -> Fees:
        """Return no fees at all."""
        return Fees(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))


@dataclass(frozen=True, slots=True)
class HomeTrade:
    """How sales at home were closed, and where the rule of thumb had to give way.

    Attributes
    ----------
    value_usd_m : float64[N]
        Tradable goods bought at home [million USD].
    floored, capped, raised : bool[N]
        At the floor (a share of imports); at 90 % of the output that exports leave; at 2 % of output.
    """

    value_usd_m: Array
    floored: npt.NDArray[np.bool_]
    capped: npt.NDArray[np.bool_]
    raised: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TradeBase:
    """The base year, in the shares the equilibrium is computed from. Made by :func:`serai.trade.calibrate.calibrate`.

    N economies, K commodities; arrays of cells are [K, N, N] (commodity, exporter, importer). Read-only.

    Attributes
    ----------
    economies : tuple of str
        Names for messages, one per economy.
    V : float64[K, N, N]
        Purchasers' value, freight and tariff included [million USD a year]; the diagonal is home trade.
    pi : float64[K, N, N]
        Share of the exporter in the importer's spending on the commodity.
    al : float64[K, N]
        Share of the commodity in the economy's spending; with `al_n` sums to one.
    al_n : float64[N]
        Share of what is not traded.
    theta : float64[K]
        Trade elasticity, positive.
    gamma : float64[N]
        Share of value added in gross output.
    L, E, D, income : float64[N]
        Value added, spending (intermediate and final), deficit, final expenditure [million USD].
    tau : float64[K, N, N]
        Tariff on the value with freight.
    usd_per_t : float64[K, N, N]
        Value at the exporter's door [USD/t], raised where freight would exceed the allowed share of it.
    cost_usd_per_t : float64[K, N, N]
        Freight cost from door to door, fees and time included [USD/t].
    fees : Fees
        Part of the freight cost that is somebody's income.
    tonnes : float64[K, N, N]
        Tonnes a year on the network; zero at home.
    tonnes_rate : float64[K, N, N]
        Tonnes per million USD of V times (1+tau)(v+C) [USD/t]: near 1e6 where all goes over the network.
    closure : Closure
        What deficits do.
    home : HomeTrade
        How home trade was closed.
    costly : int
        Cells where the value per tonne was raised.
    residual : float
        Largest relative residual of the equilibrium at the base itself.
    scale : float64[2N]
        Unit of each equation.
    chord_t : float64[2N, 2N]
        Transposed inverse Jacobian of the scaled equations at the base.
    """

    economies: tuple[str, ...]
    V: Array
    pi: Array
    al: Array
    al_n: Array
    theta: Array
    gamma: Array
    L: Array
    E: Array
    D: Array
    income: Array
    tau: Array
    usd_per_t: Array
    cost_usd_per_t: Array
    fees: Fees
    tonnes: Array
    tonnes_rate: Array
    closure: Closure
    home: HomeTrade
    costly: int
    residual: float
    scale: Array
    chord_t: Array

    @property
    def proportional(self) -> bool:
        """Whether deficits follow income."""
        return isinstance(self.closure, ProportionalDeficits)

    @property
    def start(self) -> Array:
        """Unknowns (ln c, ln E) of the base, float64[2N]."""
        return np.concatenate((np.zeros(self.L.size), np.log(self.E)))


@dataclass(frozen=True, slots=True)
class TradeShock:
    """Costs of a counterfactual, complete rather than as changes.

    Attributes
    ----------
    cost_usd_per_t : float64[K, N, N]
        Freight cost (the logsum over routes), fees included [USD/t]. Infinite takes the cell out of trade.
    fees : Fees
        All fees of the counterfactual.
    tariff : float64[K, N, N] or None
        Tariffs; None for those of the base.
    stranded : float64[K, N, N] or None
        Share of a cell that has no way left, and leaves it; 1 takes the cell out of trade.
    """

    cost_usd_per_t: Array
    fees: Fees
    tariff: Array | None = None
    stranded: Array | None = None

    def __post_init__(self) -> None:
        for name in ("cost_usd_per_t", "tariff", "stranded"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, read_only(value))

    @staticmethod
    def none(base: TradeBase) -> TradeShock:
        """Return the base itself as a shock."""
        return TradeShock(base.cost_usd_per_t, base.fees)
