"""Worlds asked by appraisals, draws and games: a corridor with projects built, posts eased, ways shut, figures drawn.

A draw acts on arcs: each ranged figure scales the time, price or fee of the arcs it feeds, so that nothing is read or
compiled again. Every world is solved from the day as it stands, or from the same draw without the change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError, SeraiError
from serai.corridor.cases import Case, compiled_for, conditions_for
from serai.corridor.solve import Outcome, Start, solve
from serai.corridor.world import Conditions, World
from serai.data.library import project_scenario
from serai.data.scenario import apply
from serai.feasibility.draw_map import DrawMap, draw_map
from serai.feasibility.traffic import emissions, tonnes_on
from serai.freight.flows import carried
from serai.freight.model import open_network
from serai.freight.routeset import along_routes
from serai.freight.settle import AndersonNewton
from serai.network.costs import load_t
from serai.network.figures import haul_usd
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from serai.data.package import Package
    from serai.feasibility.uncertainty import Factors

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SETTLED: Final = 1e-5
"""Largest relative residual of times in worlds at the medians; it moves a gain by a hundred-thousandth."""
OF_MANY: Final = 1e-4
"""The same in drawn worlds and games, of which there are many; it moves a gain by less than a ten-thousandth."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a world differs by from the day as it is.

    Attributes
    ----------
    projects
        Projects that are built.
    eased
        Countries that halve the hours at their own border posts.
    shut
        Arcs that are closed, by index.
    """

    projects: tuple[str, ...] = ()
    eased: tuple[str, ...] = ()
    shut: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ArcBase:
    """Attributes of arcs on a day, apart so that draws can scale them; K commodities, A arcs.

    Attributes
    ----------
    haul_usd_per_t, fee_usd_per_t : float64[K, A]
        Price of movement and handling, and fees.
    time_h, spread_h : float64[A]
        Mean time by the figures of the arc, and its standard deviation.
    delay_h, delay_spread_h : float64[A]
        What the delays of the day's month add, which no draw moves.
    open, one_end : bool[A]
        Whether cargo may pass, and whether only that of the two countries.
    capacity_per_day : float64[H]
        Of facilities.
    tariff : float64[K, N, N] or None
        Tariffs, where they differ.
    """

    haul_usd_per_t: Array
    fee_usd_per_t: Array
    time_h: Array
    spread_h: Array
    delay_h: Array
    delay_spread_h: Array
    open: Flags
    one_end: Flags
    capacity_per_day: Array
    tariff: Array | None


@dataclass(frozen=True, slots=True)
class AsItIs:
    """A solved world that others are set against.

    Attributes
    ----------
    ev_usd_per_year : float64[N]
        Gains against the base.
    residual
        Of the solution.
    emitted_t_per_year
        t CO2e a year of all traffic.
    start
        Where the others begin.
    """

    ev_usd_per_year: Array
    residual: float
    emitted_t_per_year: float
    start: Start


@dataclass(frozen=True)
class CorridorModel:
    """A world on a day, ready to be asked about changes.

    Attributes
    ----------
    world, day
        The world, and the day whose borders and ways are taken as open.
    factors
        What draws move.
    """

    world: World
    day: dt.date
    factors: Factors
    _built: dict[tuple[str, ...], Package] = field(default_factory=dict)
    _arcs: dict[tuple[str, ...], ArcBase] = field(default_factory=dict)
    _as_it_is: dict[Change, AsItIs] = field(default_factory=dict)

    @property
    def countries(self) -> tuple[str, ...]:
        """Economies of the model."""
        return self.world.inputs.economies

    @cached_property
    def map(self) -> DrawMap:
        """Which figure moves what."""
        return draw_map(self.world, self.factors)

    def arcs(self, projects: tuple[str, ...]) -> ArcBase:
        """Attributes of arcs with projects built."""
        if projects not in self._arcs:
            self._arcs[projects] = _arc_base(self.world, self._with_projects(projects), self.day)
        return self._arcs[projects]

    def _with_projects(self, projects: tuple[str, ...]) -> Package:
        if not projects:
            return self.world.package
        if projects not in self._built:
            *before, last = projects
            scenario = project_scenario(self.world.package, last)
            if scenario is None:
                raise InputError(f"Project {last} changes nothing in the network", "Give its links or a scenario.")
            self._built[projects] = apply(self._with_projects(tuple(before)), scenario)
        return self._built[projects]

    def touched(self, projects: tuple[str, ...]) -> Flags:
        """Arcs [A] that projects open or improve."""
        before, after = self.arcs(()), self.arcs(projects)
        changed = (before.time_h != after.time_h) | (before.haul_usd_per_t != after.haul_usd_per_t).any(axis=0)
        changed |= (before.fee_usd_per_t != after.fee_usd_per_t).any(axis=0)
        return np.asarray(after.open & ((after.open & ~before.open) | changed))

    def conditions(self, change: Change, values: Array | None = None) -> Conditions:
        """Conditions of a world, at the package's figures or at a draw.

        Parameters
        ----------
        change
            What differs.
        values
            [d] figures in the order of the factors; None for the medians.
        """
        base = self.arcs(change.projects)
        time, spread, open_ = base.time_h, base.spread_h, base.open
        if change.eased:
            half = np.where(self._own_posts(change.eased), 0.5, 1.0)
            time, spread = time * half, spread * half
        if change.shut:
            open_ = open_.copy()
            open_[list(change.shut)] = False
        worth = self.world.compiled.worth
        vot, vor = worth.vot_usd_per_t_h, worth.vor_usd_per_t_h
        haul, fee, capacity = base.haul_usd_per_t, base.fee_usd_per_t, base.capacity_per_day
        if values is not None:
            m, relative = self.map, np.append(values / self.factors.mode, 1.0)
            scale = np.where(m.faster, 1.0 / relative[m.time], relative[m.time])
            time, spread = time * scale, spread * scale
            haul, fee = haul * relative[m.haul], fee * relative[m.fee]
            vot = vot * relative[m.value] * relative[m.decay]
            vor = vor * relative[m.value] * relative[m.decay] * relative[m.reliability]
            capacity = capacity * relative[m.capacity]
        time, spread = time + base.delay_h, spread + base.delay_spread_h
        cost = haul + fee + vot[:, None] * time + vor[:, None] * spread
        return Conditions(np.where(open_, cost, np.inf), fee, base.one_end, capacity, base.tariff)

    def _own_posts(self, countries: Iterable[str]) -> Flags:
        own = set(countries)
        arcs = self.world.compiled.topology.arcs
        return np.array([a.kind in {ArcKind.EXIT, ArcKind.ENTRY} and a.owner in own for a in arcs])

    def world_at(self, values: Array | None) -> World:
        """Return the world with the elasticities of a draw."""
        if values is None:
            return self.world
        relative = np.append(values / self.factors.mode, 1.0)[self.map.elasticity]
        return replace(self.world, trade=replace(self.world.trade, theta=self.world.trade.theta * relative))

    @cached_property
    def co2e_kg_per_t(self) -> Array:
        """Emissions along every route [R]."""
        return along_routes(self.world.freight.routes, self.world.compiled.figures.co2e_kg_per_t[None])[:, 0]

    def as_it_is(self, change: Change) -> AsItIs:
        """Solve a world at the medians from the base, once."""
        if change not in self._as_it_is:
            outcome = self.solve(change)
            self._as_it_is[change] = AsItIs(
                outcome.trade.ev_usd_per_year,
                outcome.residual,
                emissions(self, carried(self.world.freight, outcome.freight)),
                outcome.start,
            )
        return self._as_it_is[change]

    def solve(
        self, change: Change, values: Array | None = None, tolerance: float = SETTLED, start: Start | None = None
    ) -> Outcome:
        """Solve one world, from the stored base or from another one.

        Raises
        ------
        NoEquilibriumError
            Where it does not settle.
        """
        return solve(self.world_at(values), self.conditions(change, values), AndersonNewton(tolerance), start)


def _arc_base(world: World, package: Package, day: dt.date) -> ArcBase:
    """Attributes of a package that comes from the world's; checks that it has the same rows."""
    case = Case("projects", package, day)
    compiled = compiled_for(world, case)
    conditions = conditions_for(world, case, compiled=compiled)
    costs = open_network(compiled, day).costs
    load = np.stack([load_t(costs, float(p)) for p in compiled.worth.payload_t])
    capacity = conditions.capacity_per_day
    return ArcBase(
        haul_usd_per_t=np.stack([haul_usd(costs.figures, c) for c in compiled.worth.ids]) / load,
        fee_usd_per_t=costs.figures.fee_usd.mean / load,
        time_h=costs.figures.time_h.mean,
        spread_h=costs.figures.time_h.sd,
        delay_h=costs.mean_time_h - costs.figures.time_h.mean,
        delay_spread_h=costs.spread_h - costs.figures.time_h.sd,
        open=costs.open,
        one_end=costs.one_end,
        capacity_per_day=world.freight.facilities.capacity_per_day if capacity is None else capacity,
        tariff=conditions.tariff,
    )


@dataclass(frozen=True, slots=True)
class Question:
    """One world to be solved against another; with a draw both are solved at it.

    Attributes
    ----------
    changes
        Worlds; the first is the one the others are set against.
    values
        [d] figures of a draw, or None.
    onward
        Whether each starts from the one before it and not from the first; of use where each differs little from that.
    gains_alone
        Whether tonnes and emissions are left out.
    """

    changes: tuple[Change, ...]
    values: Array | None = None
    onward: bool = False
    gains_alone: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer to a question.

    Attributes
    ----------
    ev_usd_per_year : float64[M, N]
        Equivalent variation of every world against the first, by economy; NaN where there is no answer.
    tonnes : float64[M]
        t a year on what the projects of each world touch; NaN where it was not asked.
    saved_t_per_year : float64[M]
        t CO2e a year that all traffic emits less than in the first world; NaN where it was not asked.
    residual
        Largest residual of the solved worlds.
    reason
        Why there is no answer, else "".
    """

    ev_usd_per_year: Array
    tonnes: Array
    saved_t_per_year: Array
    residual: float
    reason: str

    def each(self) -> tuple[Reply, ...]:
        """Every world but the first, against the first."""
        rows = ([0, i] for i in range(1, len(self.ev_usd_per_year)))
        return tuple(
            replace(
                self,
                ev_usd_per_year=self.ev_usd_per_year[r],
                tonnes=self.tonnes[r],
                saved_t_per_year=self.saved_t_per_year[r],
            )
            for r in rows
        )


def ask(model: CorridorModel, question: Question) -> Reply:
    """Solve the worlds of a question; one that has no equilibrium keeps its reason."""
    n = len(model.countries)
    ev = np.full((len(question.changes), n), np.nan)
    tonnes, saved = np.full(len(question.changes), np.nan), np.full(len(question.changes), np.nan)
    residual: float = 0.0
    before: AsItIs | None = None
    try:
        for i, change in enumerate(question.changes):
            if question.values is None and i == 0:
                before = model.as_it_is(change)
                begin, residual = before.start, before.residual
                ev[0], tonnes[0], saved[0] = 0.0, 0.0, 0.0
                continue
            if before is None:
                # Far from the medians the response to times leads astray with trade's answer in it.
                begin = replace(model.as_it_is(change).start, response=model.world.base.routing)
            many = question.values is not None or question.onward
            outcome = model.solve(change, question.values, OF_MANY if many else SETTLED, begin)
            residual = max(residual, outcome.residual)
            own, moved, emitted = outcome.trade.ev_usd_per_year, None, math.nan
            if not question.gains_alone:
                moved = carried(model.world.freight, outcome.freight)
                emitted = emissions(model, moved)
            if before is None or question.onward:
                begin = outcome.start
            if before is None:
                before = AsItIs(own, outcome.residual, emitted, begin)
            ev[i], saved[i] = own - before.ev_usd_per_year, before.emitted_t_per_year - emitted
            if moved is not None:
                tonnes[i] = tonnes_on(model, moved, model.touched(change.projects)) if change.projects else 0.0
    except (SeraiError, ArithmeticError, np.linalg.LinAlgError) as fault:
        return Reply(ev, tonnes, saved, residual, str(fault) or type(fault).__name__)
    return Reply(ev, tonnes, saved, residual, "")


@dataclass(frozen=True)
class ProjectDraws:
    """What a sweep solves: at every draw the day as it is, and some packages of projects.

    Attributes
    ----------
    model
        The corridor.
    stages
        Sets of projects, each set against the day as it is.
    """

    model: CorridorModel
    stages: tuple[tuple[str, ...], ...]

    @property
    def digest(self) -> str:
        """Digest of the package, the day and the projects."""
        m = self.model
        return "|".join((m.world.package.meta.digest, m.day.isoformat(), repr(self.stages)))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Gain of every economy in USD a year, then t a year, for each stage."""
        return tuple(
            f"stage{s}.{what}"
            for s in range(len(self.stages))
            for what in (*(f"ev_usd_per_year.{c}" for c in self.model.countries), "t_per_year")
        )

    def solve(self, values: Array) -> Array:
        """Solve a draw; see :class:`serai.feasibility.sweep.DrawModel`.

        Parameters
        ----------
        values
            [d] figures; those beyond the model's own factors belong to the money and move nothing here.
        """
        own = values[: len(self.model.factors)]
        reply = ask(self.model, Question((Change(), *(Change(s) for s in self.stages)), own))
        if reply.reason:
            raise UnansweredDrawError(reply.reason.rstrip("."), "Its reason is stored with the draw.")
        return np.concatenate(
            [np.append(reply.ev_usd_per_year[i + 1], reply.tonnes[i + 1]) for i in range(len(self.stages))]
        )


class UnansweredDrawError(SeraiError):
    """A draw whose worlds have no equilibrium."""
