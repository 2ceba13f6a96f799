"""Worlds asked by appraisals, draws and games: a corridor with projects built, posts eased, ways shut, figures drawn.

A draw acts on arcs: each ranged figure scales the time, price or fee of the arcs it feeds, so that nothing is read or
compiled again. Every world is solved from the stored base.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError, SeraiError
from serai.corridor.cases import Case, conditions_for
from serai.corridor.solve import Outcome, solve
from serai.corridor.world import Conditions, World
from serai.data.library import project_scenario
from serai.data.scenario import apply
from serai.feasibility.uncertainty import Factors, package_factors
from serai.freight.model import Compiled, open_network
from serai.freight.settle import AndersonNewton
from serai.network.costs import arc_figures, haul_usd, load_t
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from serai.data.package import Package
    from serai.freight.equilibrium import FreightEquilibrium

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]

TABLES: Final = (
    "speeds",
    "rates",
    "crossings",
    "transfers",
    "ports",
    "services",
    "commodities",
    "elasticities",
    "parameters",
)
"""Tables whose ranged figures a draw moves."""
TIME: Final = {"crossings": "hours", "transfers": "hours", "ports": "dwell_h", "services": "headway_h"}
PRICE: Final = {"transfers": "usd_per_feu", "ports": "usd_per_feu", "services": "usd_per_feu", "rates": "usd_per_tkm"}
SETTLED: Final = 1e-5
"""Largest relative residual of times in drawn worlds and games; it moves a gain by a hundred-thousandth."""
PARAMETERS: Final = ("reliability_ratio",)
"""Parameters a draw moves; the others belong to the base, which is not drawn."""


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
class DrawMap:
    """Which figure of a draw moves what; -1 where none does.

    Attributes
    ----------
    time, haul, fee : int32[A]
        Position of the figure in the draw, by arc.
    faster : bool[A]
        Whether the time falls as the figure rises (speeds).
    value, decay, elasticity : int32[K]
        Value per tonne, its loss a day, and trade elasticity, by commodity.
    reliability, capacity
        Position of the value of an hour of spread, and of all capacities.
    """

    time: Ints
    haul: Ints
    fee: Ints
    faster: Flags
    value: Ints
    decay: Ints
    elasticity: Ints
    reliability: int
    capacity: int


def corridor_factors(package: Package) -> Factors:
    """Collect the ranged figures a draw can move on arcs, goods and trade."""
    found = package_factors(package, TABLES)
    kept = np.array([t != "parameters" or i in PARAMETERS for t, i in zip(found.table, found.id, strict=True)])
    kept &= (
        np.array(
            [
                (t, c) == ("speeds", "speed_kmh")
                or c in {TIME.get(t), PRICE.get(t)}
                or (t, c) == ("crossings", "fee_usd_per_feu")
                or (t, c) in {("commodities", "value_usd_per_t"), ("commodities", "time_cost_per_day")}
                or t in {"elasticities", "parameters"}
                for t, c in zip(found.table, found.column, strict=True)
            ]
        )
        & (found.mode > 0)
        & (found.low > 0)
    )
    at = np.flatnonzero(kept)
    words = (tuple(getattr(found, n)[i] for i in at) for n in ("table", "id", "column", "group"))
    numbers = (getattr(found, n)[at] for n in ("low", "mode", "high", "minimum", "maximum", "assumed"))
    return Factors(*words, *numbers)  # type: ignore[arg-type]


def draw_map(world: World, factors: Factors) -> DrawMap:
    """Find what each figure moves."""
    position = {(t, i, c): n for n, (t, i, c) in enumerate(zip(factors.table, factors.id, factors.column, strict=True))}
    figures = world.compiled.figures

    def at(group: str, columns: Mapping[str, str]) -> int:
        table, _, row = group.partition(":")
        return position.get((table, row, columns.get(table, "")), -1)

    times = {**TIME, "speeds": "speed_kmh"}
    goods = world.compiled.worth.ids
    return DrawMap(
        time=np.array([at(g, times) for g in figures.time_h.group], dtype=np.int32),
        haul=np.array([at(g, PRICE) for g in figures.haul_usd.group], dtype=np.int32),
        fee=np.array([at(g, {"crossings": "fee_usd_per_feu"}) for g in figures.fee_usd.group], dtype=np.int32),
        faster=np.array([g.startswith("speeds:") for g in figures.time_h.group]),
        value=np.array([position.get(("commodities", k, "value_usd_per_t"), -1) for k in goods], dtype=np.int32),
        decay=np.array([position.get(("commodities", k, "time_cost_per_day"), -1) for k in goods], dtype=np.int32),
        elasticity=np.array([position.get(("elasticities", k, "theta"), -1) for k in goods], dtype=np.int32),
        reliability=position.get(("parameters", "reliability_ratio", "value"), -1),
        capacity=position.get(("", "capacity", ""), -1),
    )


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
    _arcs: dict[tuple[str, ...], ArcBase] = field(default_factory=dict)
    _as_it_is: dict[Change, tuple[Array, float]] = field(default_factory=dict)

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
            package = self.world.package
            for project in projects:
                scenario = project_scenario(package, project)
                if scenario is None:
                    raise InputError(
                        f"Project {project} changes nothing in the network", "Give its links or a scenario."
                    )
                package = apply(package, scenario)
            self._arcs[projects] = _arc_base(self.world, package, self.day)
        return self._arcs[projects]

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

    def as_it_is(self, change: Change) -> tuple[Array, float]:
        """Gains [N] of a world at the medians against the base, and its residual; solved once."""
        if change not in self._as_it_is:
            outcome = self.solve(change)
            self._as_it_is[change] = (outcome.trade.ev_usd_per_year, outcome.residual)
        return self._as_it_is[change]

    def solve(self, change: Change, values: Array | None = None, tolerance: float = SETTLED) -> Outcome:
        """Solve one world, always from the stored base.

        Raises
        ------
        NoEquilibriumError
            Where it does not settle.
        """
        return solve(self.world_at(values), self.conditions(change, values), AndersonNewton(tolerance))


def _arc_base(world: World, package: Package, day: dt.date) -> ArcBase:
    """Attributes of a package that comes from the world's; checks that it has the same rows."""
    conditions = conditions_for(world, Case("projects", package, day))
    compiled = world.compiled
    if package is not world.package:
        figures = arc_figures(package, compiled.topology)
        compiled = Compiled(package, compiled.topology, figures, compiled.worth, compiled.correlation)
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


class Solved(Protocol):
    """What is asked of a solved world, or of the base itself."""

    @property
    def freight(self) -> FreightEquilibrium:
        """Demand and shares."""
        ...


@dataclass(frozen=True, slots=True)
class Traffic:
    """Freight of a solved world; E entries (a pair of zones and a commodity), S arcs of the project.

    Attributes
    ----------
    tonnes, on_project : float64[E]
        t a year, and those of them that use what the project touches.
    cost_usd_per_t, fee_usd_per_t, money_usd_per_t : float64[E]
        Generalized cost, mean fee, mean money without fees.
    by_arc : float64[S, K]
        t a year on each arc of the project, by commodity.
    co2e_t_per_year
        Emissions of all traffic.
    """

    tonnes: Array
    on_project: Array
    cost_usd_per_t: Array
    fee_usd_per_t: Array
    money_usd_per_t: Array
    by_arc: Array
    co2e_t_per_year: float


def traffic(model: CorridorModel, outcome: Solved, change: Change, touched: Flags) -> Traffic:
    """Measure the freight of a solved world.

    Parameters
    ----------
    model, outcome, change
        The world and what it differs by.
    touched : bool[A]
        Arcs of the project.
    """
    from serai.core.units import DAYS_PER_YEAR
    from serai.freight.routeset import along_routes

    world = model.world
    routes, e = world.freight.routes, world.freight.entries
    base = model.arcs(change.projects)
    count = np.diff(e.ptr)
    entry = np.repeat(np.arange(e.n), count)
    route = np.repeat(e.first_route, count) + (np.arange(e.n_options) - np.repeat(e.ptr[:-1], count))
    goods = e.commodity[entry]
    share = np.nan_to_num(outcome.freight.share)
    yearly = outcome.freight.tonnes_per_day * DAYS_PER_YEAR
    weight = share * yearly[entry]
    uses = np.add.reduceat(touched[routes.leg_arc].astype(np.int64), routes.leg_ptr[:-1]) > 0
    k = len(world.compiled.worth.ids)
    on_route = np.bincount(route * k + goods, weight, routes.n_routes * k).reshape(-1, k)
    legs = np.flatnonzero(touched[routes.leg_arc])
    of_route = np.repeat(np.arange(routes.n_routes), np.diff(routes.leg_ptr))[legs]
    number = np.cumsum(touched) - 1
    by_arc = np.zeros((int(touched.sum()), k))
    np.add.at(by_arc, number[routes.leg_arc[legs]], on_route[of_route])

    def mean(values: Array) -> Array:
        return np.asarray(np.bincount(entry, share * along_routes(routes, values)[route, goods], e.n), dtype=np.float64)

    kg = world.compiled.figures.co2e_kg_per_t
    carbon = along_routes(routes, np.repeat(kg[None], k, axis=0))
    return Traffic(
        tonnes=yearly,
        on_project=np.minimum(np.bincount(entry, weight * uses[route], e.n), yearly),
        cost_usd_per_t=outcome.freight.cost_usd_per_t,
        fee_usd_per_t=mean(base.fee_usd_per_t),
        money_usd_per_t=mean(base.haul_usd_per_t),
        by_arc=by_arc,
        co2e_t_per_year=float((on_route * carbon).sum() / 1000.0),
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
    """

    changes: tuple[Change, ...]
    values: Array | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer to a question.

    Attributes
    ----------
    ev_usd_per_year : float64[M, N]
        Equivalent variation of every world against the first, by economy; NaN where there is no answer.
    tonnes : float64[M]
        t a year on what the projects of each world touch.
    residual
        Largest residual of the solved worlds.
    reason
        Why there is no answer, else "".
    """

    ev_usd_per_year: Array
    tonnes: Array
    residual: float
    reason: str


def ask(model: CorridorModel, question: Question) -> Reply:
    """Solve the worlds of a question; one that has no equilibrium keeps its reason."""
    n = len(model.countries)
    ev = np.full((len(question.changes), n), np.nan)
    tonnes = np.full(len(question.changes), np.nan)
    residual, first = 0.0, None
    try:
        for i, change in enumerate(question.changes):
            if question.values is None and i == 0:
                first, residual = model.as_it_is(change)
                ev[0], tonnes[0] = 0.0, 0.0
                continue
            outcome = model.solve(change, question.values)
            residual = max(residual, outcome.residual)
            own = outcome.trade.ev_usd_per_year
            first = own if first is None else first
            ev[i] = own - first
            tonnes[i] = 0.0
            if change.projects:
                tonnes[i] = tonnes_on(model, outcome, model.touched(change.projects))
    except (SeraiError, ArithmeticError, np.linalg.LinAlgError) as fault:
        return Reply(ev, tonnes, residual, str(fault) or type(fault).__name__)
    return Reply(ev, tonnes, residual, "")


def tonnes_on(model: CorridorModel, outcome: Outcome, touched: Flags) -> float:
    """T a year that use some arcs, each tonne counted once."""
    from serai.core.units import DAYS_PER_YEAR

    routes, e = model.world.freight.routes, model.world.freight.entries
    uses = np.add.reduceat(touched[routes.leg_arc].astype(np.int64), routes.leg_ptr[:-1]) > 0
    count = np.diff(e.ptr)
    entry = np.repeat(np.arange(e.n), count)
    route = np.repeat(e.first_route, count) + (np.arange(e.n_options) - np.repeat(e.ptr[:-1], count))
    share = np.nan_to_num(outcome.freight.share)
    return float((share * outcome.freight.tonnes_per_day[entry] * uses[route]).sum() * DAYS_PER_YEAR)


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
            raise UnansweredDrawError(reply.reason, "Its reason is stored with the draw.")
        return np.concatenate(
            [np.append(reply.ev_usd_per_year[i + 1], reply.tonnes[i + 1]) for i in range(len(self.stages))]
        )


class UnansweredDrawError(SeraiError):
    """A draw whose worlds have no equilibrium."""
