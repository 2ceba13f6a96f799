"""How zones make economies: costs of zone pairs become costs of trade cells, and tonnes of cells go back to pairs.

A cell is a commodity, an exporter and an importer. Its zone pairs have fixed weights, the shares of the base's
tonnes; what maps costs up, maps tonnes down, so that the one is the transpose of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.choice import Entries
    from serai.freight.equilibrium import FreightModel
    from serai.freight.search import Array, Ints

UNUSED = 1e-13
"""Share of a route below which its fees are nobody's."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """Entries of the freight model and cells of trade.

    Attributes
    ----------
    cell : int32[C]
        Flat index (commodity * N + exporter) * N + importer of each of C cells that use the network.
    commodity, exporter, importer : int32[C]
        Its parts.
    entry_cell : int32[E]
        Cell of each entry, by position in `cell`.
    weight : float64[E]
        Share of the cell's tonnes; the weights of a cell sum to one.
    beyond_usd_per_t : float64[E]
        Cost between the zones and the real ends of the trade, time included.
    network_share : float64[C]
        Share of the cell's value that goes by the network and not by pipe or wire.
    owner : int32[A]
        Economy that receives the fees of an arc; -1 where no economy of the package does.
    fee_ptr : int32[R + 1], fee_arc : int32
        Arcs with a fee on each route, as compressed rows.
    """

    cell: Ints
    commodity: Ints
    exporter: Ints
    importer: Ints
    entry_cell: Ints
    weight: Array
    beyond_usd_per_t: Array
    network_share: Array
    owner: Ints
    fee_ptr: Ints
    fee_arc: Ints

    @property
    def n(self) -> int:
        """Number of cells C."""
        return self.cell.size


@dataclass(frozen=True, slots=True)
class CellCosts:
    """Expected cost of each cell: float64[C] in USD/t, and the share of it that has no open route.

    ``entry_weight[E]`` are the weights of the entries among those of their cell with an open route.
    """

    cost_usd_per_t: Array
    stranded: Array
    entry_weight: Array


def cell_costs(c: Coupling, entry_cost_usd_per_t: Array) -> CellCosts:
    """Average the costs of entries into those of cells, by base weights over what has a route.

    Parameters
    ----------
    c
        The coupling.
    entry_cost_usd_per_t : float64[E]
        Expected cost on the network; infinite without a route.
    """
    open_ = np.isfinite(entry_cost_usd_per_t)
    weight = np.where(open_, c.weight, 0.0)
    served = np.bincount(c.entry_cell, weight, c.n)
    mean = np.where(served > 0, 1.0 / np.where(served > 0, served, 1.0), 0.0)
    inner = weight * mean[c.entry_cell]
    total = np.bincount(c.entry_cell, inner * np.where(open_, entry_cost_usd_per_t + c.beyond_usd_per_t, 0.0), c.n)
    # Sums of weights of fully served cells differ from one by rounding alone.
    stranded = np.where(np.bincount(c.entry_cell, ~open_, c.n) > 0, 1.0 - served, 0.0)
    return CellCosts(np.where(served > 0, total, np.inf), np.clip(stranded, 0.0, 1.0), inner)


def entry_tonnes(c: Coupling, costs: CellCosts, cell_tonnes_per_day: Array) -> Array:
    """Tonnes of entries from tonnes of cells: float64[E]."""
    return np.asarray(costs.entry_weight * cell_tonnes_per_day[c.entry_cell])


def fee_rows(fee_usd: Array, leg_ptr: Ints, leg_arc: Ints) -> tuple[Ints, Ints]:
    """Arcs with a fee on each route, as compressed rows."""
    paid = fee_usd[leg_arc] > 0
    count = np.add.reduceat(paid.astype(np.int32), leg_ptr[:-1])
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int32), leg_arc[paid]


def _fees(
    ptr: npt.NDArray[np.int64], first: Ints, commodity: Ints, entry_cell: Ints, weight: Array, share: Array,
    fee_ptr: Ints, fee_arc: Ints, owner: Ints, fee_usd_per_t: Array, out: Array,
) -> None:  # fmt: skip
    for e in range(first.size):
        if weight[e] == 0.0:
            continue
        k, cell = commodity[e], entry_cell[e]
        for n in range(ptr[e], ptr[e + 1]):
            p = share[n]
            if p < UNUSED:
                continue
            r = first[e] + n - ptr[e]
            for i in range(fee_ptr[r], fee_ptr[r + 1]):
                a = fee_arc[i]
                if owner[a] >= 0:
                    out[cell, owner[a]] += weight[e] * p * fee_usd_per_t[k, a]


@cache
def _fee_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_fees)


def cell_fees(c: Coupling, e: Entries, costs: CellCosts, share: Array, fee_usd_per_t: Array, n_economies: int) -> Array:
    """Sum the expected fees of each cell by the economy that receives it: float64[C, N], USD/t.

    Parameters
    ----------
    share : float64[options]
        Of every option.
    fee_usd_per_t : float64[K, A]
        Fee of each arc.
    """
    out = np.zeros((c.n, n_economies))
    _fee_kernel()(
        e.ptr, e.first_route, e.commodity, c.entry_cell, costs.entry_weight, share,
        c.fee_ptr, c.fee_arc, c.owner, fee_usd_per_t, out,
    )  # fmt: skip
    return out


def cell_fees_plain(
    c: Coupling, m: FreightModel, costs: CellCosts, share: Array, fee_usd_per_t: Array, n_economies: int
) -> Array:
    """Do the same as :func:`cell_fees` in plain NumPy."""
    e = m.entries
    out = np.zeros((c.n, n_economies))
    for i in range(e.n):
        for n in range(int(e.ptr[i + 1] - e.ptr[i])):
            arcs = m.routes.arcs(int(e.first_route[i]) + n)
            arcs = arcs[c.owner[arcs] >= 0]
            paid = costs.entry_weight[i] * share[e.ptr[i] + n] * fee_usd_per_t[e.commodity[i], arcs]
            np.add.at(out[c.entry_cell[i]], c.owner[arcs], paid)
    return out


def _passes(
    ptr: npt.NDArray[np.int64], first: Ints, entry_cell: Ints, weight: Array, share: Array,
    route_hot: Ints, hot_ptr: Ints, hot_facility: Ints, out: Array,
) -> None:  # fmt: skip
    for e in range(first.size):
        w = weight[e]
        if w == 0.0:
            continue
        row = out[entry_cell[e]]
        for n in range(ptr[e], ptr[e + 1]):
            u = route_hot[first[e] + n - ptr[e]]
            for i in range(hot_ptr[u], hot_ptr[u + 1]):
                row[hot_facility[i]] += w * share[n]


@cache
def _passes_kernel() -> Callable[..., None]:
    from serai.core.jit import compiled

    return compiled(_passes)


def cell_passes(c: Coupling, m: FreightModel, entry_weight: Array, share: Array) -> Array:
    """Count the passes of a tonne of every cell through every facility: float64[C, H].

    Times the cost of an hour it is the slope of a cell's cost by the time of a facility (envelope theorem).

    Parameters
    ----------
    entry_weight : float64[E]
        Weight of entries in their cell; those of weight zero are passed over.
    share : float64[options]
        Of every option.
    """
    out = np.zeros((c.n, m.facilities.n))
    e = m.entries
    _passes_kernel()(
        e.ptr, e.first_route, c.entry_cell, entry_weight, share, m.hot.route, m.hot.ptr, m.hot.facility, out
    )
    return out
