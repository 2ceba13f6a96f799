"""A scenario's choice of routes without what times at facilities cannot change.

Entries none of whose open routes passes a facility keep their cost; routes of an entry that pass the same facilities
gain and lose together. Both are settled once per scenario, and the loop over times sees the rest. What remains is a
freight model like the whole one, so that the same functions evaluate it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.corridor.coupling import CellCosts, cell_costs
from serai.freight.choice import Entries, Hot, Options
from serai.freight.equilibrium import facility_flows, factors, flow_sensitivity

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from serai.corridor.coupling import Coupling
    from serai.freight.equilibrium import FreightModel, Prepared
    from serai.freight.search import Array, Ints


LEAST_SHARE = 1e-4
"""Share of a way below which its part in a step towards the solution is left out."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Choice at given times.

    Attributes
    ----------
    product : float64[options]
        Weights at these times, of merged options.
    total : float64[F]
        Their sums.
    cost_usd_per_t : float64[F]
        Expected costs.
    """

    product: Array
    total: Array
    cost_usd_per_t: Array


@dataclass(frozen=True, slots=True)
class Compact:
    """What times change of a scenario.

    Attributes
    ----------
    model
        The freight model of the F entries that some facility delays; its routes are merged options.
    options
        Their weights at published times, and their cheapest costs.
    theta : float64[F]
        Sensitivity of each entry's choice.
    entry : int32[F]
        Positions of these entries among all.
    cell : int32[F]
        Their cells.
    inner : float64[F]
        Their weights among the entries of their cell with an open route.
    by_cell : int32[F], cell_ptr : int32[C + 1]
        These entries by cell, as compressed rows.
    costs
        Costs of cells at published times; weights and stranded shares do not depend on times.
    rest_usd_per_t : float64[C]
        What all other entries and the ways beyond the zones add to the cost of a cell; infinite where none is open.
    """

    model: FreightModel
    options: Options
    theta: Array
    entry: Ints
    cell: Ints
    inner: Array
    by_cell: Ints
    cell_ptr: Ints
    costs: CellCosts
    rest_usd_per_t: Array

    def choose(self, time_h: Array) -> Choice:
        """Weigh the options at given times."""
        m, o = self.model, self.options
        e = m.entries
        product, total = np.empty(o.weight.size), np.empty(e.n)
        _kernels()[1](e.ptr, e.commodity, m.hot.route, o.weight, factors(m, time_h), product, total)
        return Choice(product, total, o.floor_usd_per_t - np.log(total) / self.theta)

    def cell_costs(self, choice: Choice) -> CellCosts:
        """Costs of cells."""
        moved = np.bincount(self.cell, self.inner * choice.cost_usd_per_t, self.rest_usd_per_t.size)
        return replace(self.costs, cost_usd_per_t=self.rest_usd_per_t + moved)

    def flows(self, choice: Choice, cell_tonnes_per_day: Array) -> Array:
        """Flow of every facility in its unit, float64[H], from the tonnes of cells."""
        m = self.model
        per = self.tonnes(cell_tonnes_per_day) / choice.total
        flow = np.zeros((m.theta.size, m.hot.n))
        _kernels()[2](m.entries.ptr, m.entries.commodity, m.hot.route, choice.product, per, flow)
        return facility_flows(m, flow)

    def tonnes(self, cell_tonnes_per_day: Array) -> Array:
        """Tonnes of the F entries from those of cells."""
        return np.asarray(self.inner * cell_tonnes_per_day[self.cell])

    def sensitivity(self, choice: Choice, cell_tonnes_per_day: Array, elasticity: Array) -> Array:
        """Dflow / dT of choice, and of each cell's trade by its own cost: float64[H, H].

        Parameters
        ----------
        elasticity : float64[C]
            d ln tonnes / d cost on the network, t/USD.
        """
        m = self.model
        e, f = m.entries, m.facilities
        share = choice.product / np.repeat(choice.total, np.diff(e.ptr))
        # A step needs no more; what a result is judged by is never taken from here.
        share[share < LEAST_SHARE] = 0.0
        out = np.zeros((f.n, f.n))
        _kernels()[3](
            e.ptr, e.commodity, m.hot.route, m.hot.ptr, m.hot.facility, share, self.inner, self.by_cell, self.cell_ptr,
            cell_tonnes_per_day * elasticity, m.queue_usd_per_t_h, f.unit_per_t, f.unit, out,
        )  # fmt: skip
        return out + flow_sensitivity(m, share, self.tonnes(cell_tonnes_per_day))


def _merge(
    ptr: npt.NDArray[np.int64], first: Ints, route_hot: Ints, weight: Array, out_ptr: npt.NDArray[np.int64],
    out_hot: Ints, out_weight: Array,
) -> int:  # fmt: skip
    end = 0
    for e in range(first.size):
        begin, delayed = end, False
        for n in range(ptr[e], ptr[e + 1]):
            if weight[n] == 0.0:
                continue
            u = route_hot[first[e] + n - ptr[e]]
            delayed = delayed or u != 0
            at = begin
            while at < end and out_hot[at] != u:
                at += 1
            if at == end:
                out_hot[at] = u
                out_weight[at] = 0.0
                end += 1
            out_weight[at] += weight[n]
        if not delayed:
            end = begin
        out_ptr[e + 1] = end
    return end


def _weigh(
    ptr: npt.NDArray[np.int64], commodity: Ints, hot: Ints, weight: Array, factor: Array, product: Array, total: Array
) -> None:
    for e in range(commodity.size):
        k, s = commodity[e], 0.0
        for n in range(ptr[e], ptr[e + 1]):
            product[n] = weight[n] * factor[k, hot[n]]
            s += product[n]
        total[e] = s


def _load(ptr: npt.NDArray[np.int64], commodity: Ints, hot: Ints, product: Array, per: Array, flow: Array) -> None:
    for e in range(commodity.size):
        k, t = commodity[e], per[e]
        for n in range(ptr[e], ptr[e + 1]):
            flow[k, hot[n]] += t * product[n]


def _answers(
    ptr: npt.NDArray[np.int64], commodity: Ints, hot: Ints, hot_ptr: Ints, hot_facility: Ints, share: Array,
    inner: Array, by_cell: Ints, cell_ptr: Ints, answer: Array, queue: Array, unit_per_t: Array, unit: Ints,
    out: Array,
) -> None:  # fmt: skip
    """Sum, over cells, what its own cost does to its flows: unit P_a (dt / dC) queue P_b, P the passes of a tonne."""
    where = np.full(unit.size, -1, dtype=np.int64)
    here = np.empty(unit.size, dtype=np.int64)
    part = np.empty(unit.size)
    for c in range(answer.size):
        m, k = 0, 0
        for i in range(cell_ptr[c], cell_ptr[c + 1]):
            e = by_cell[i]
            k = commodity[e]
            for n in range(ptr[e], ptr[e + 1]):
                p = inner[e] * share[n]
                if p == 0.0:
                    continue
                for q in range(hot_ptr[hot[n]], hot_ptr[hot[n] + 1]):
                    h = hot_facility[q]
                    if where[h] < 0:
                        where[h], here[m], part[m] = m, h, 0.0
                        m += 1
                    part[where[h]] += p
        for i in range(m):
            a = here[i]
            where[a] = -1
            w = answer[c] * queue[k] * part[i] * unit_per_t[unit[a], k]
            for j in range(m):
                out[a, here[j]] += w * part[j]


def _choose(
    ptr: npt.NDArray[np.int64], first: Ints, commodity: Ints, route_hot: Ints, weight: Array, factor: Array,
    share: Array, total: Array,
) -> None:  # fmt: skip
    for e in range(first.size):
        k, s, shift = commodity[e], 0.0, first[e] - ptr[e]
        for n in range(ptr[e], ptr[e + 1]):
            share[n] = weight[n] * factor[k, route_hot[n + shift]]
            s += share[n]
        total[e] = s
        for n in range(ptr[e], ptr[e + 1]):
            share[n] = share[n] / s if s > 0.0 else 0.0


@cache
def _kernels() -> tuple[Callable[..., Any], ...]:
    from serai.core.jit import compiled

    return tuple(compiled(f) for f in (_merge, _weigh, _load, _answers, _choose))


def choose_all(m: FreightModel, p: Prepared, time_h: Array) -> tuple[Array, Array]:
    """Give the expected cost of every entry, float64[E], and the share of every option, at given times.

    What :func:`serai.freight.choice.average_cost` and :func:`serai.freight.choice.shares` give, in one pass.
    """
    e, o = m.entries, p.options
    share, total = np.empty(e.n_options), np.empty(e.n)
    factor = factors(m, time_h)
    _kernels()[4](e.ptr, e.first_route, e.commodity, m.hot.route, o.weight, factor, share, total)
    with np.errstate(divide="ignore"):
        return np.where(total > 0, o.floor_usd_per_t - np.log(total) / m.theta[e.commodity], np.inf), share


def compact(m: FreightModel, c: Coupling, p: Prepared) -> Compact:
    """Merge what times change together, and take out what they do not change.

    Parameters
    ----------
    m, p
        The model and the scenario's routes at published times.
    c
        Entries and cells.
    """
    e, o = m.entries, p.options
    ptr = np.zeros(e.n + 1, dtype=np.int64)
    hot, weight = np.empty(e.n_options, dtype=np.int32), np.empty(e.n_options)
    end = _kernels()[0](e.ptr, e.first_route, m.hot.route, o.weight, ptr, hot, weight)
    entry = np.flatnonzero(np.diff(ptr)).astype(np.int32)
    ends = np.concatenate([[0], ptr[1:][entry]])
    few = Entries(e.pair[entry], e.commodity[entry], ends, ends[:-1].astype(np.int32))
    model = replace(m, entries=few, hot=Hot(hot[:end].copy(), m.hot.ptr, m.hot.facility))
    cost, _ = choose_all(m, p, m.facilities.published_h)
    costs = cell_costs(c, cost)
    inner, cell = costs.entry_weight[entry], c.entry_cell[entry]
    order = np.argsort(cell, kind="stable").astype(np.int32)
    return Compact(
        model=model,
        options=Options(weight[:end].copy(), o.floor_usd_per_t[entry]),
        theta=m.theta[few.commodity],
        entry=entry,
        cell=cell,
        inner=inner,
        by_cell=order,
        cell_ptr=np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=c.n))]).astype(np.int32),
        costs=costs,
        rest_usd_per_t=costs.cost_usd_per_t - np.bincount(cell, inner * cost[entry], c.n),
    )
