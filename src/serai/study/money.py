"""From the package's terms and drawn worlds to what a project is worth: plan, draws of money, net present values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from serai.core.errors import InputError
from serai.core.units import DAYS_PER_YEAR
from serai.data.projects import project_terms
from serai.feasibility.cashflow import cash_flows
from serai.feasibility.project import Plan, project_flows
from serai.feasibility.uncertainty import own_factors
from serai.network.spread import log_spreads, mean_and_sd
from serai.study.prices import CARBON, carbon_growth, economic_over_financial, price_factors

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.data.package import Package
    from serai.feasibility.cashflow import CashFlows
    from serai.feasibility.uncertainty import Factors
    from serai.study.spec import DecisionSpec

    Array = npt.NDArray[np.float64]

ANCHORS: Final = (0, 10, 20)
"""Years after opening for which traffic and gains are stated."""
LONGEST: Final = 1.5
"""Building takes at most this many times the high end of its range; longer draws are held there and counted."""
CLASS: Final = {"rail": "rail", "road": "road"}
"""Kinds of project that have a reference class."""
COST, TIME, TRAFFIC, GROWTH, CLOSED = (
    "capital cost",
    "time to build",
    "traffic against forecast",
    "growth of trade",
    "closures",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is fixed about one project.

    Attributes
    ----------
    project, name, kind, basis
        Row of the projects table.
    plan
        Years, ramp and life.
    cost_usd, build_years
        Low, mode and high.
    basis_share
        Share of the terms used (cost, upkeep, ramp, life) that is reported or derived.
    """

    project: str
    name: str
    kind: str
    basis: str
    plan: Plan
    cost_usd: tuple[float, float, float]
    build_years: tuple[float, float, float]
    basis_share: float


def read_terms(package: Package, project: str, spec: DecisionSpec, first_year: int, last_year: int = 0) -> Terms:
    """Read a project's figures.

    Raises
    ------
    InputError
        Where there is no such project, or nobody states its cost, time to build, upkeep, life or ramp.
    """
    terms = project_terms(package, project)
    row = package["projects"].set_index("id").loc[project]
    triples = [
        tuple(float(row[f"{c}{end}"]) for end in ("_low", "", "_high")) for c in ("capital_cost_usd_m", "build_years")
    ]
    needed = ("o_and_m", "residual_life", "ramp_up_years", "ramp_up_start")
    missing = [n for n in needed if n not in terms.figures]
    if missing or not all(math.isfinite(x) for t in triples for x in t):
        raise InputError(
            f"Project {project} has no {missing[0] if missing else 'cost or time to build'}",
            "State it in projects or project_terms, or lay it over with --with.",
        )
    cost, build = triples
    figures = [terms.figures[n] for n in needed]
    opening = first_year + build[1]
    known = [row["basis"] != "assumed", *(f.basis != "assumed" for f in (*figures, *terms.phases[:1]))]
    plan = Plan(
        first_year=first_year,
        last_year=last_year or last_year_of(first_year, build[2], spec.operating_years),
        start=float(first_year),
        o_and_m_share=figures[0].mode,
        ramp_years=figures[2].mode,
        first_share=min(figures[3].mode, 1.0),
        life_years=figures[1].mode,
        anchors=tuple(round(opening) + a for a in ANCHORS),
        phases=tuple(f.mode for f in terms.phases) or (1.0,),
        # The worth of a tonne is drawn with the money, so the plan carries its growth alone.
        carbon_usd_per_t=1.0,
        carbon_growth=carbon_growth(package),
        price_year=package.meta.price_year,
    )
    usd = (1e6 * cost[0], 1e6 * cost[1], 1e6 * cost[2])
    return Terms(
        project,
        str(row["name"]),
        str(row["kind"]),
        str(row["basis"]),
        plan,
        usd,
        (build[0], build[1], build[2]),
        float(np.mean(known)),
    )


def last_year_of(first_year: int, build_high: float, operating_years: int) -> int:
    """Last year appraised: the longest building and a whole operation."""
    return first_year + math.ceil(LONGEST * build_high) + operating_years


def regimes_of(package: Package, countries: tuple[str, ...], places: frozenset[str]) -> list[dict[str, float | str]]:
    """Regimes of closure that shut a project's ways: relations between its countries, and its own crossings."""
    found: list[dict[str, float | str]] = []
    for r in package["closure_regimes"].to_dict("records"):
        objects = set(str(r["object"]).split(";"))
        if (r["kind"] == "country" and objects <= set(countries)) or (r["kind"] == "crossing" and objects & places):
            found.append({str(k): v for k, v in r.items()})
    return found


def shut_days(regime: dict[str, float | str], rate: npt.ArrayLike) -> Array:
    """Days a year shut in the long run at a rate of closures a year, by the mean length of a closure."""
    low, mid, high = (np.array([float(regime[f"duration_days{e}"])]) for e in ("_low", "", "_high"))
    mean = float(mean_and_sd(mid, *log_spreads(low, mid, high))[0][0])
    busy = np.asarray(rate, dtype=np.float64) * mean / DAYS_PER_YEAR
    return np.asarray(DAYS_PER_YEAR * busy / (1.0 + busy))


def money_factors(
    package: Package, terms: tuple[Terms, ...], spec: DecisionSpec, regimes: list[dict[str, float | str]]
) -> list[Factors]:
    """Ranged figures of money and time that no arc feels, by group."""
    reference = package["reference_class"]
    cost: dict[str, tuple[float, float, float]] = {}
    build: dict[str, tuple[float, float, float]] = {}
    traffic: dict[str, tuple[float, float, float]] = {}
    for t in terms:
        cost[f"{t.project}.cost"] = t.cost_usd
        build[f"{t.project}.build_years"] = t.build_years
        for measure, into in (("cost", cost), ("traffic", traffic)):
            rows = reference[(reference["kind"] == CLASS.get(t.kind, "")) & (reference["measure"] == measure)]
            for r in rows.to_dict("records"):
                into[f"{t.project}.{measure}_ratio"] = (r["ratio_low"], r["ratio"], r["ratio_high"])
    rates = {
        f"{r['id']}.rate": (float(r["rate_per_year_low"]), float(r["rate_per_year"]), float(r["rate_per_year_high"]))
        for r in regimes
    }
    parts = ((cost, COST), (build, TIME), (traffic, TRAFFIC), (rates, CLOSED))
    low, mode, high = spec.growth_per_year
    grown = own_factors({"growth": (1.0 + low, 1.0 + mode, 1.0 + high)}, GROWTH)
    return [*(own_factors(named, group) for named, group in parts if named), grown, *price_factors(package)]


@dataclass(frozen=True, slots=True)
class Money:
    """Figures of money at some draws.

    Attributes
    ----------
    names
        [d] names in the order of the columns.
    values
        [n, d] figures.
    regimes
        Regimes of closure whose rates are among them.
    """

    names: tuple[str, ...]
    values: Array
    regimes: tuple[dict[str, float | str], ...]

    def __getitem__(self, name: str) -> Array:
        """Figures [n] by name; 1 where the name is not drawn."""
        return self.values[:, self.names.index(name)] if name in self.names else np.ones(len(self.values))

    @property
    def economic_over_financial(self) -> Array:
        """Shadow price of works [n]: what a dollar spent costs the economy."""
        return economic_over_financial(self.names, self.values)

    @property
    def carbon_usd_per_t(self) -> Array:
        """Worth of a tonne of CO2e [n] in the price year; 0 where the package states none."""
        return self[CARBON] if CARBON in self.names else np.zeros(len(self.values))

    @property
    def open_days(self) -> Array:
        """Days a year [n] in which nothing shuts the way."""
        share = np.ones(len(self.values))
        for r in self.regimes:
            share = share * (1.0 - shut_days(r, self[f"{r['id']}.rate"]) / DAYS_PER_YEAR)
        return DAYS_PER_YEAR * share


def flows_of(
    terms: Terms,
    money: Money,
    ev_usd_per_year: Array,
    base_year: int,
    open_days: Array | None = None,
    *,
    saved_t_per_year: Array | float = 0.0,
    financial: bool = False,
    renewed: bool = True,
) -> CashFlows:
    """Flows of a project at every draw.

    Parameters
    ----------
    terms, money
        What is fixed, and what is drawn.
    ev_usd_per_year
        [n] gain of the members a year in the world of the base year, open all year.
    base_year
        Year of the trade the gain was solved at.
    open_days
        [n] days a year the way is open; those of the draws by default.
    saved_t_per_year
        [n] t CO2e a year that all traffic emits less in that world; it grows like the gain.
    financial
        Whether works cost what is paid for them rather than what they cost the economy.
    renewed
        Whether what has lived its life is built again.
    """
    plan = terms.plan if renewed else replace(terms.plan, life_years=math.inf)
    cost = money[f"{terms.project}.cost"] * money[f"{terms.project}.cost_ratio"]
    if not financial:
        cost = cost * money.economic_over_financial
    build = np.minimum(money[f"{terms.project}.build_years"], LONGEST * terms.build_years[2])
    years = np.array(plan.anchors) - base_year
    growth = money["growth"][:, None] ** years
    carbon = np.broadcast_to(saved_t_per_year, len(money.values)) * money.carbon_usd_per_t
    days = money.open_days if open_days is None else open_days
    # Traffic beyond the forecast would be a gain nobody solved for.
    ratio = np.minimum(money[f"{terms.project}.traffic_ratio"], 1.0)
    return project_flows(
        plan,
        cost,
        build,
        ev_usd_per_year[:, None] * growth,
        traffic_ratio=ratio,
        usable_share=days / DAYS_PER_YEAR,
        saved_t_per_year=carbon[:, None] * growth,
    )


def added(one: CashFlows, other: CashFlows) -> CashFlows:
    """Add the flows of two projects over the same years."""
    if not np.array_equal(one.years, other.years):
        raise InputError("Two projects are appraised over different years", "Read their terms with one last year.")
    items = ("capital", "o_and_m", "benefit", "fees", "carbon", "residual")
    return cash_flows(one.years, {i: getattr(one, i) + getattr(other, i) for i in items})
