"""Attributes of the arcs on a day: money, time, spread, and what is open.

A scenario is a new set of attributes on the same arcs; the graph is never rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.core.units import HOURS_PER_DAY
from serai.data.status import USABLE, Board, Status, board
from serai.network.figures import Delay, Figures, haul_usd, parameter
from serai.network.topology import ArcKind, Topology

if TYPE_CHECKING:
    import datetime as dt

    from serai.data.package import Package
    from serai.data.status import Assume
    from serai.network.spread import Array

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ArcCosts:
    """Attributes of the A arcs on one day.

    Attributes
    ----------
    day
        The day.
    figures
        What does not depend on it.
    delays
        Delays of the day's month, by arc.
    mean_time_h, spread_h : float64[A]
        Mean time with delays, and its standard deviation.
    open : bool[A]
        Whether cargo may pass on the day, as `assume` takes what is unknown.
    one_end : bool[A]
        Only trade that begins or ends in one of the two countries may pass.
    status
        The statuses that govern an arc, where there are any.
    """

    day: dt.date
    figures: Figures
    delays: dict[int, tuple[Delay, ...]]
    mean_time_h: Array
    spread_h: Array
    open: Bools
    one_end: Bools
    status: dict[int, tuple[Status, ...]]


@dataclass(frozen=True, slots=True)
class Values:
    """What time is worth to the cargo.

    Attributes
    ----------
    ids
        The K commodities.
    vot_usd_per_t_h, vor_usd_per_t_h : float64[K]
        Value of an hour, and of an hour of standard deviation.
    payload_t : float64[K]
        Load of a 40-foot container or truck.
    """

    ids: tuple[str, ...]
    vot_usd_per_t_h: Array
    vor_usd_per_t_h: Array
    payload_t: Array

    def index(self, commodity: str) -> int:
        """Position of a commodity."""
        return self.ids.index(commodity)


def values(package: Package) -> Values:
    """Value of time and reliability per commodity.

    The value of an hour is the value of a tonne times the share it loses per day, over 24 (Hummels and
    Schaur 2013, "Time as a Trade Barrier", AER 103(7)); the value of an hour of standard deviation is
    the reliability ratio times that (de Jong et al. 2014).
    """
    c = package["commodities"]
    vot = c["value_usd_per_t"].to_numpy() * c["time_cost_per_day"].to_numpy() / HOURS_PER_DAY
    return Values(tuple(c["id"]), vot, vot * parameter(package, "reliability_ratio"), c["payload_t_per_feu"].to_numpy())


def _openness(
    package: Package, topology: Topology, figures: Figures, statuses: Board, assume: Assume
) -> tuple[Bools, Bools, dict[int, tuple[Status, ...]]]:
    found = [statuses.find(*key) for key in figures.status_keys]
    shut = np.array([s is not None and not s.usable(assume) for s in found], dtype=bool)
    limited = np.array([s is not None and s.state == "bilateral" for s in found], dtype=bool)
    built = np.array([s is not None and s.kind == "link" and s.state in USABLE for s in found], dtype=bool)
    arc, key = figures.governed_arc, figures.governed_key
    n = topology.n_arcs
    opened = np.bincount(arc, shut[key], n) == 0
    opened &= ~figures.needs_project | (np.bincount(arc, built[key], n) > 0)
    governing: dict[int, list[Status]] = {}
    for a, k in zip(arc.tolist(), key.tolist(), strict=True):
        status = found[k]
        if status is not None:
            governing.setdefault(a, []).append(status)
    bound = _bound_services(package, statuses.day)
    for i in np.flatnonzero(topology.kind == ArcKind.LINE_HAUL):
        mine = topology.arcs[i]
        services = bound.get((mine.row, mine.back), set())
        if (mine.service and mine.service not in services) or (not mine.service and services):
            opened[i] = False
    return opened, np.bincount(arc, limited[key], n) > 0, {a: tuple(s) for a, s in governing.items()}


def _bound_services(package: Package, day: dt.date) -> dict[tuple[str, bool], set[str]]:
    """Services that bind each link and direction on a day."""
    bound: dict[tuple[str, bool], set[str]] = {}
    for s in package["services"].itertuples(index=False):
        if (s.valid_from and s.valid_from > day) or (s.valid_to and s.valid_to < day):
            continue
        for link in s.links.split(";"):
            for back in (False, True):
                if s.direction == "both" or (s.direction == "back") == back:
                    bound.setdefault((link, back), set()).add(s.id)
    return bound


def arc_costs(
    package: Package, topology: Topology, figures: Figures, day: dt.date, assume: Assume = "last"
) -> ArcCosts:
    """Attributes of all arcs on a day.

    Parameters
    ----------
    package, topology, figures
        Must belong together.
    day
        The day; it decides status, seasons and services.
    assume
        How unknown states are taken; see :meth:`serai.data.status.Status.usable`.
    """
    delays = {}
    mean, spread = figures.time_h.mean.copy(), figures.time_h.sd.copy()
    for i, every in figures.delays.items():
        mine = tuple(d for d in every if not d.months or day.month in d.months)
        if mine:
            delays[i] = mine
            mean[i] += sum(d.mean_h for d in mine)
            spread[i] += sum(d.sd_h for d in mine)
    opened, one_end, governing = _openness(package, topology, figures, board(package, day), assume)
    return ArcCosts(
        day=day,
        figures=figures,
        delays=delays,
        mean_time_h=mean,
        spread_h=spread,
        open=opened,
        one_end=one_end,
        status=governing,
    )


def load_t(costs: ArcCosts, payload_t: float) -> Array:
    """Load of a vehicle on each arc, in t."""
    return np.minimum(payload_t, costs.figures.load_cap_t)


def generalized(costs: ArcCosts, worth: Values, k: int) -> Array:
    """Generalized cost of each arc for one commodity in USD/t; closed arcs are infinite.

    g = m + VOT t + VOR s (additive over a trip): m is the mean price and fee per tonne, t the mean
    time and s its standard deviation, summed as if all delays of a trip moved together.
    """
    money = (haul_usd(costs.figures, worth.ids[k]) + costs.figures.fee_usd.mean) / load_t(
        costs, float(worth.payload_t[k])
    )
    cost = money + worth.vot_usd_per_t_h[k] * costs.mean_time_h + worth.vor_usd_per_t_h[k] * costs.spread_h
    return np.where(costs.open, cost, np.inf)
