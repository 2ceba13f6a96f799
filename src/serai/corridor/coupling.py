"""How zones make economies: costs of zone pairs become costs of trade cells, and tonnes of cells go back to pairs.

A cell is a commodity, an exporter and an importer. Its zone pairs have fixed weights, the shares of the base's
tonnes; what maps costs up, maps tonnes down, so that the one is the transpose of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from serai.core.threads import in_parts
from serai.freight.bundles import Combinations, combinations
from serai.trade.base import Fees

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.freight.choice import ChoiceSets, Entries, Longs
    from serai.freight.opened import Opened
    from serai.freight.prepared import FreightModel
    from serai.freight.routeset import RouteSet
    from serai.freight.search import Array, Ints


UNUSED = 1e-13
"""Share of an option below which its fees are nobody's."""


class Rows(NamedTuple):
    """Compressed rows: those of cell c are ``value[ptr[c]:ptr[c + 1]]``; int32[C + 1] and int32."""

    ptr: Ints
    value: Ints

    def cell(self) -> Ints:
        """Cell of every value: int32."""
        return np.repeat(np.arange(self.ptr.size - 1, dtype=np.int32), np.diff(self.ptr))


class Payers(NamedTuple):
    """Who receives the fees of what routes pass: a row for each owner of arcs of each combination of them.

    Attributes
    ----------
    ptr : int32[U + 1]
        Rows of combination u are ``ptr[u]:ptr[u + 1]``.
    owner : int32[M]
        Of a row.
    begin : int32[M], arc : int32
        Arcs of row m begin at ``arc[begin[m]]``.
    """

    ptr: Ints
    owner: Ints
    begin: Ints
    arc: Ints

    def fees(self, fee_usd_per_t: Array) -> Array:
        """Sum the fees of arcs, float64[K, A], by row: float64[K, M]."""
        if not self.begin.size:
            return np.zeros((fee_usd_per_t.shape[0], 0))
        return np.asarray(np.add.reduceat(fee_usd_per_t[:, self.arc], self.begin, axis=1))


@dataclass(frozen=True, slots=True)
class CellFees:
    """Expected fees of cells: USD/t, float64 by the rows of ``fee_rows`` of a coupling."""

    rows: Rows
    usd_per_t: Array

    def scaled(self, factor: float) -> CellFees:
        """Fees times a factor."""
        return CellFees(self.rows, factor * self.usd_per_t)

    def table(self, n_economies: int) -> Array:
        """Fees by cell and economy: float64[C, N]."""
        out = np.zeros((self.rows.ptr.size - 1, n_economies))
        out[self.rows.cell(), self.rows.value] = self.usd_per_t
        return out


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
    paying
        Arcs with a fee to somebody, by route.
    payers
        Who receives the fees of each combination of such arcs.
    entries : Rows
        Entries of each cell.
    fee_rows : Rows
        Economies that can receive a fee of each cell.
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
    paying: Combinations
    payers: Payers
    entries: Rows
    fee_rows: Rows

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


def paying(routes: RouteSet, fee_usd: Array, owner: Ints) -> Combinations:
    """Tell which arcs with a fee to somebody, of A, each route passes; see :class:`Coupling`."""
    arcs = np.arange(fee_usd.size, dtype=np.int32)
    return combinations(routes, np.where((fee_usd > 0) & (owner >= 0), arcs, -1).astype(np.int32))


def payers(fees: Combinations, owner: Ints) -> Payers:
    """Put the arcs of each combination of :func:`paying` together by owner, int32[A]."""
    combination = np.repeat(np.arange(fees.n, dtype=np.int64), np.diff(fees.ptr))
    owners = int(owner.max(initial=0)) + 1
    key = combination * owners + owner[fees.member]
    order = np.argsort(key, kind="stable")
    row, begin = np.unique(key[order], return_index=True)
    ptr = np.searchsorted(row // owners, np.arange(fees.n + 1))
    return Payers(*(x.astype(np.int32) for x in (ptr, row % owners, begin, fees.member[order])))


def entries_of_cells(entry_cell: Ints, cells: int) -> Rows:
    """Entries of each cell, in their order."""
    order = np.argsort(entry_cell, kind="stable").astype(np.int32)
    return Rows(np.searchsorted(entry_cell[order], np.arange(cells + 1)).astype(np.int32), order)


def owners_of_cells(entry_cell: Ints, e: Entries, fees: Combinations, owner: Ints, cells: int) -> Rows:
    """Economies that any route of a cell can pay, in their order.

    Parameters
    ----------
    entry_cell, e, cells
        Entries and their cells.
    fees
        Arcs with a fee, of :func:`paying`.
    owner : int32[A]
        Who receives the fees of an arc.
    """
    pays = np.zeros((cells, int(owner.max(initial=-1)) + 1), dtype=bool)
    route, entry = e.routes()
    found = np.unique(entry_cell[entry].astype(np.int64) * fees.n + fees.route[route])
    cell, u = found // fees.n, found % fees.n
    count = np.diff(fees.ptr)[u]
    at = np.repeat(fees.ptr[u] - np.cumsum(count) + count, count) + np.arange(count.sum())
    pays[np.repeat(cell, count), owner[fees.member[at]]] = True
    cell, value = np.nonzero(pays)
    return Rows(np.searchsorted(cell, np.arange(cells + 1)).astype(np.int32), value.astype(np.int32))


def _fees(
    begin: int, end: int, option_ptr: Longs, commodity: Ints, entries: Rows, weight: Array, share: Array,
    payment: Ints, payer_ptr: Ints, payer_owner: Ints, fee_usd_per_t: Array, rows: Rows, owners: int, out: Array,
) -> None:  # fmt: skip
    paid = np.zeros(owners)
    for c in range(begin, end):
        for i in range(rows.ptr[c], rows.ptr[c + 1]):
            paid[rows.value[i]] = 0.0
        for x in range(entries.ptr[c], entries.ptr[c + 1]):
            e = entries.value[x]
            w, k = weight[e], commodity[e]
            if w == 0.0:
                continue
            for q in range(option_ptr[e], option_ptr[e + 1]):
                if share[q] < UNUSED:
                    continue
                for i in range(payer_ptr[payment[q]], payer_ptr[payment[q] + 1]):
                    paid[payer_owner[i]] += w * share[q] * fee_usd_per_t[k, i]
        for i in range(rows.ptr[c], rows.ptr[c + 1]):
            out[i] = paid[rows.value[i]]


def cell_fees(c: Coupling, o: Opened, costs: CellCosts, share: Array, fee_usd_per_t: Array) -> CellFees:
    """Sum the expected fees of each cell by the economy that receives it.

    Parameters
    ----------
    share : float64[open options]
        Of every open option; all its routes pay the same fees.
    fee_usd_per_t : float64[K, M]
        Fees by rows of payers; see :meth:`Payers.fees`.
    """
    out, n, kernel = np.empty(c.fee_rows.value.size), int(c.owner.max(initial=0)) + 1, _kernels()[0]
    in_parts(
        lambda begin, end: kernel(
            begin, end, o.at.ptr, o.at.commodity, c.entries, costs.entry_weight, share, o.payment,
            c.payers.ptr, c.payers.owner, fee_usd_per_t, c.fee_rows, n, out,
        ),
        c.n,
    )  # fmt: skip
    return CellFees(c.fee_rows, out)


def cell_fees_plain(
    c: Coupling, m: FreightModel, costs: CellCosts, share: Array, fee_usd_per_t: Array, n_economies: int
) -> Array:
    """Do the same as :func:`cell_fees` in plain NumPy, as a table float64[C, N]."""
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
    at: ChoiceSets, entry_cell: Ints, weight: Array, share: Array, hot_ptr: Ints, hot_facility: Ints, out: Array
) -> None:
    for e in range(at.commodity.size):
        w = weight[e]
        if w == 0.0:
            continue
        row = out[entry_cell[e]]
        for p in range(at.ptr[e], at.ptr[e + 1]):
            u = at.combination[p]
            for i in range(hot_ptr[u], hot_ptr[u + 1]):
                row[hot_facility[i]] += w * share[p]


def cell_passes(c: Coupling, m: FreightModel, at: ChoiceSets, entry_weight: Array, share: Array) -> Array:
    """Count the passes of a tonne of every cell through every facility: float64[C, H].

    Times the cost of an hour it is the slope of a cell's cost by the time of a facility (envelope theorem).

    Parameters
    ----------
    at
        Options.
    entry_weight : float64[E]
        Weight of entries in their cell; those of weight zero are passed over.
    share : float64[options]
        Of every option.
    """
    out = np.zeros((c.n, m.facilities.n))
    _kernels()[1](at, c.entry_cell, entry_weight, share, m.hot.ptr, m.hot.member, out)
    return out


def _paid(
    flat: Ints, rows: Rows, usd_per_t: Array, served: npt.NDArray[np.bool_], network_share: Array,
    cell: Ints, owner: Ints, out: Array,
) -> int:  # fmt: skip
    n = 0
    for c in range(flat.size):
        if served[c]:
            for i in range(rows.ptr[c], rows.ptr[c + 1]):
                if usd_per_t[i] > 0.0:
                    cell[n], owner[n], out[n] = flat[c], rows.value[i], usd_per_t[i] * network_share[c]
                    n += 1
    return n


@cache
def _kernels() -> tuple[Callable[..., None], Callable[..., None], Callable[..., int]]:
    from serai.core.jit import compiled

    return compiled(_fees), compiled(_passes), compiled(_paid)


def trade_fees(c: Coupling, fees: CellFees, served: npt.NDArray[np.bool_] | None = None) -> Fees:
    """Fees of cells as rows for the trade equilibrium; only the part that goes by the network pays them.

    Parameters
    ----------
    c, fees
        Cells and their fees.
    served : bool[C], optional
        Cells that pay; all by default.
    """
    served = np.ones(c.n, dtype=bool) if served is None else served
    most = fees.usd_per_t.size
    cell, owner, usd_per_t = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32), np.empty(most)
    n = _kernels()[2](c.cell, fees.rows, fees.usd_per_t, served, c.network_share, cell, owner, usd_per_t)
    return Fees(cell[:n], owner[:n], usd_per_t[:n])
