"""A package compiled once, and put on a day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

import numpy as np

from serai.data.names import country_names, place_names
from serai.network.costs import arc_costs, generalized, load_t, values
from serai.network.figures import CLASSES, arc_figures, haul_usd, parameter
from serai.network.topology import LAND_MODES, SEA_MODES, ArcKind, compile_topology

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from serai.data.package import Package
    from serai.data.status import Assume
    from serai.network.costs import ArcCosts, Values
    from serai.network.figures import Figures
    from serai.network.spread import Array
    from serai.network.topology import Topology

By = Literal["generalized", "cost", "time"]
STATES = {"status", "sources"}
"""Tables that no arc and no figure is made from."""
KEPT_DAYS = 16
"""Days, each with what is assumed of unknown states, whose attributes of arcs are kept with a package."""


@dataclass(frozen=True)
class Compiled:
    """A package compiled once for all days."""

    package: Package
    topology: Topology
    figures: Figures
    worth: Values
    correlation: dict[str, float]
    _days: dict[tuple[dt.date, Assume], ArcCosts] = field(default_factory=dict, repr=False, compare=False)

    def costs_on(self, day: dt.date, assume: Assume = "last") -> ArcCosts:
        """Attributes of all arcs on a day; those of the last days asked for are kept."""
        if (day, assume) not in self._days:
            while len(self._days) >= KEPT_DAYS:
                self._days.pop(next(iter(self._days)))
            self._days[day, assume] = arc_costs(self.package, self.topology, self.figures, day, assume)
        return self._days[day, assume]

    @cached_property
    def sides(self) -> dict[str, frozenset[str]]:
        """Countries of each place; a border has two."""
        p = self.package["places"]
        return {
            i: frozenset(c for c in (a, b) if c) for i, a, b in zip(p["id"], p["country"], p["country_b"], strict=True)
        }

    @cached_property
    def arc_sides(self) -> tuple[frozenset[str], ...]:
        """Countries whose soil each arc lies on."""
        return tuple(
            frozenset(c for c in (arc.tail.side, arc.head.side) if c and ">" not in c) for arc in self.topology.arcs
        )

    @cached_property
    def countries(self) -> npt.NDArray[np.bool_]:
        """Countries each arc lies on: bool[A, C], in the order of the countries table."""
        codes = list(self.package["countries"]["iso3"])
        out = np.zeros((self.topology.n_arcs, len(codes)), dtype=bool)
        column = {c: i for i, c in enumerate(codes)}
        for a, sides in enumerate(self.arc_sides):
            out[a, [column[c] for c in sides]] = True
        return out

    @cached_property
    def modes(self) -> npt.NDArray[np.bool_]:
        """Modes of line-haul arcs: bool[A, 4]."""
        names = [self.topology.states[t].mode for t in self.topology.tail]
        haul = self.topology.kind == ArcKind.LINE_HAUL
        return np.stack([haul & np.array([n == m for n in names]) for m in (*LAND_MODES, *SEA_MODES)], axis=1)

    @cached_property
    def place_names(self) -> dict[str, str]:
        """English name of every place."""
        return place_names(self.package)

    @cached_property
    def country_names(self) -> dict[str, str]:
        """English name of every country."""
        return country_names(self.package)

    @cached_property
    def parallel(self) -> npt.NDArray[np.int64]:
        """Number of the pair of states an arc joins; arcs side by side have the same."""
        t = self.topology
        ends = t.tail.astype(np.int64) * t.n_states + t.head
        return np.asarray(np.unique(ends, return_inverse=True)[1])

    @cached_property
    def requirements(self) -> list[SimpleNamespace]:
        """Rows of the requirements table, such that another process can be sent them."""
        return [SimpleNamespace(**row) for row in self.package["requirements"].to_dict("records")]

    @cached_property
    def crossing_capacity_t_per_day(self) -> dict[tuple[str, str], float]:
        """Smallest sourced capacity of each border place by mode, where there is one."""
        smallest = self.package["crossings"].groupby(["place", "mode"])["capacity_t_per_day"].min().dropna()
        return {(str(place), str(mode)): float(v) for (place, mode), v in smallest.items()}


@dataclass(frozen=True)
class Network:
    """A compiled package on one day."""

    compiled: Compiled
    costs: ArcCosts
    assume: Assume = "last"
    _generalized: dict[int, Array] = field(default_factory=dict)

    @property
    def package(self) -> Package:
        """The package."""
        return self.compiled.package

    @property
    def topology(self) -> Topology:
        """The supernetwork."""
        return self.compiled.topology

    @property
    def worth(self) -> Values:
        """What time is worth."""
        return self.compiled.worth

    def cost(self, k: int, by: By) -> Array:
        """Cost of each arc for a search; closed arcs are infinite."""
        if by == "generalized":
            if k not in self._generalized:
                self._generalized[k] = generalized(self.costs, self.worth, k)
            return self._generalized[k]
        if by == "time":
            return np.where(self.costs.open, self.costs.mean_time_h, np.inf)
        figures = self.costs.figures
        load = load_t(self.costs, float(self.worth.payload_t[k]))
        money = (haul_usd(figures, self.worth.ids[k]) + figures.fee_usd.mean) / load
        return np.where(self.costs.open, money, np.inf)


def compile_package(package: Package, before: Compiled | None = None) -> Compiled:
    """Compile a package: topology, figures and values, for any day.

    Parameters
    ----------
    package
        The package.
    before
        Another one, compiled: where the two differ in states alone, what it holds is taken over.
    """
    if before and all(package[t] is before.package[t] for t in set(package.tables) - STATES):
        return replace(before, package=package, _days={})
    topology = compile_topology(package)
    correlation = {c: parameter(package, f"{c}_correlation") for c in (*CLASSES, "price")}
    return Compiled(package, topology, arc_figures(package, topology), values(package), correlation)


def open_network(compiled: Compiled, day: dt.date, assume: Assume = "last") -> Network:
    """Put a compiled package on a day."""
    costs = arc_costs(compiled.package, compiled.topology, compiled.figures, day, assume)
    return Network(compiled, costs, assume)
