"""What to decide about a project, and what that rests on. Computes, and writes nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from serai.core.errors import InputError, SeraiError
from serai.core.executors import Processes, Serial
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.service import open_corridor
from serai.feasibility.appraisal import ADB2017, Appraisal, WorldBank2016, appraise, irr, present_value, switching_point
from serai.feasibility.cashflow import ITEMS
from serai.feasibility.conventional import FreightState, conventional, reconcile
from serai.feasibility.corridor_model import Change, CorridorModel, Question, ask
from serai.feasibility.distribution import design, distribution, variance_shares
from serai.feasibility.draw_map import corridor_factors
from serai.feasibility.options import decide
from serai.feasibility.traffic import traffic
from serai.feasibility.uncertainty import BLOCK, draw, joined, sobol
from serai.study.finance import cash_table
from serai.study.joint import joint_tables
from serai.study.money import ANCHORS, Money, added, flows_of, last_year_of, money_factors, read_terms, regimes_of
from serai.study.resolve import coalition_tables, portfolio_tables, resilience_tables
from serai.study.score import score_rows
from serai.study.worlds import solve_worlds

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from serai.core.executors import Executor
    from serai.data.package import Package
    from serai.feasibility.cashflow import CashFlows
    from serai.feasibility.distribution import Distribution
    from serai.feasibility.options import Choice
    from serai.feasibility.scorecard import ScoreRow
    from serai.feasibility.uncertainty import Factors
    from serai.study.money import Terms
    from serai.study.spec import DecisionSpec, StudySpec
    from serai.study.worlds import Worlds

    Array = npt.NDArray[np.float64]

RESAMPLED: Final = 1024
"""Rows of the design by which the variance is shared out; no world is solved for it."""
SOLVED: Final = "freight, borders and trade"
LARGE: Final = 20_000
"""Pairs and goods from which on worlds are worth the start of processes."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn: factors of the arcs and of money, and the figures [n, d]."""

    arcs: Factors
    money: Factors
    values: Array


@dataclass(frozen=True)
class Decision:
    """A decision and what it rests on.

    Attributes
    ----------
    spec, day_open
        What is decided, and the day whose borders count as open.
    members
        Economies whose gains are added up.
    stage, main
        Terms of the first stage and of the project.
    central
        Gain of all economies [N] a year, USD: stage one, the project alone, both.
    tonnes
        t a year of the three.
    today_usd
        Members' gain a year of both with the borders as on the day of the study; NaN where there is none.
    npv
        Distribution of the net present value of both.
    npv_stage_usd, npv_all_usd
        At the most likely figures.
    choices
        The four decisions, best first.
    appraisals
        By convention, at the most likely figures.
    open_days, open_days_needed
        Days a year the ways are open, and those at which both pay; NaN where no number of days does.
    moves_most, moves_share
        Group of figures that moves the result most, and its total share of the variance.
    established, why_not
        Whether the result may be called one, and why not.
    score
        The scorecard.
    worlds
        What was solved.
    tables
        Everything as tables.
    """

    spec: DecisionSpec
    day_open: dt.date
    members: tuple[str, ...]
    stage: Terms
    main: Terms
    central: tuple[Array, Array, Array]
    tonnes: tuple[float, float, float]
    today_usd: float
    npv: Distribution
    npv_stage_usd: float
    npv_all_usd: float
    choices: tuple[Choice, ...]
    appraisals: tuple[Appraisal, ...]
    open_days: tuple[float, float, float]
    open_days_needed: float
    moves_most: str
    moves_share: float
    established: bool
    why_not: str
    score: tuple[ScoreRow, ...]
    worlds: Worlds
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Undecided:
    """A decision that could not be examined: not established, and why."""

    spec: DecisionSpec
    reason: str

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The reason as a table."""
        return {
            "decision_scorecard": pd.DataFrame(
                [{"criterion": "all", "verdict": "not established", "reason": self.reason}]
            )
        }


def decision_of(
    package: Package, spec: StudySpec, as_of: dt.date, gaps: tuple[Any, ...], draws: int | None = None
) -> Decision | Undecided | None:
    """Examine what a study decides; None where it decides nothing or was asked not to.

    Raises
    ------
    InputError
        When `draws` is no power of two of 64 or more, nor 0.
    """
    if spec.decision is None or draws == 0:
        return None
    asked = spec.decision if draws is None else spec.decision.model_copy(update={"draws": draws})
    if asked.draws < BLOCK or asked.draws & (asked.draws - 1):
        raise InputError(f"{asked.draws} draws are no power of two of {BLOCK} or more", "Use 64, 128, 256, ... or 0.")
    main = tuple(g for g in gaps if g.commodity == spec.commodities[0])
    try:
        return run_decision(package, asked, as_of, main)
    except SeraiError as fault:
        return Undecided(asked, str(fault))


def _setup(package: Package, spec: DecisionSpec, as_of: dt.date) -> tuple[CorridorModel, Terms, Terms]:
    world = open_corridor(package)
    model = CorridorModel(world, package.meta.base_date, corridor_factors(package))
    first = as_of.year + 1
    build = package["projects"].set_index("id")["build_years_high"]
    last = last_year_of(first, float(max(build[spec.stage_one], build[spec.project])), spec.operating_years)
    return (
        model,
        read_terms(package, spec.stage_one, spec, first, last),
        read_terms(package, spec.project, spec, first, last),
    )


def draws_of(
    model: CorridorModel, terms: tuple[Terms, ...], spec: DecisionSpec, n: int
) -> tuple[Draw, tuple[dict[str, float | str], ...]]:
    """Draw all figures of a decision: those arcs feel, and those of money."""
    package = model.world.package
    touched = model.touched(tuple(dict.fromkeys(t.project for t in terms)))
    arcs = model.world.compiled.topology.arcs
    places = frozenset(arcs[i].place for i in np.flatnonzero(touched))
    soil = package["projects"].set_index("id")["countries"][terms[-1].project]
    regimes = regimes_of(package, tuple(str(soil).split(";")), places)
    money = joined(*money_factors(package, terms, spec, regimes))
    both = joined(model.factors, money)
    return Draw(model.factors, money, draw(both, sobol(n, len(both), 0)).values), tuple(regimes)


def _npv(
    parts: tuple[tuple[Terms, Array], ...], money: Money, base_year: int, rate: float, open_days: Array | None = None
) -> Array:
    total = np.zeros(len(money.values))
    for terms, ev in parts:
        total = total + present_value(flows_of(terms, money, ev, base_year, open_days).net, rate)
    return total


@dataclass(frozen=True)
class _Worth:
    """Members' gains of the draws, and how money turns them into net present values."""

    stage: Terms
    main: Terms
    money: Money
    middle: Money
    ev: Array
    ev_central: Array
    base_year: int
    rate: float

    def npv(self, which: int, money: Money, ev: Array, days: Array | None = None) -> Array:
        """NPV [n] of stage one (0), the rest (1) or both (2)."""
        parts = ((self.stage, ev[:, 0]), (self.main, ev[:, 1] - ev[:, 0]))
        chosen = parts if which == 2 else (parts[which],)
        return _npv(chosen, money, self.base_year, self.rate, days)

    def cost(self, which: int) -> Array:
        """Present cost [n] of building."""
        total = np.zeros(len(self.money.values))
        for terms in ((self.stage,), (self.main,), (self.stage, self.main))[which]:
            total = total + present_value(
                flows_of(terms, self.money, np.zeros(len(total)), self.base_year).capital, self.rate
            )
        return total


def _variance(worth: _Worth, drawn: Draw) -> pd.DataFrame:
    """Share out the variance of the NPV; the solved worlds move as one, drawn again from those that were solved."""
    group = (*drawn.money.group, SOLVED)
    points = design(group, RESAMPLED, 1)
    names = tuple(dict.fromkeys(group))
    order = np.argsort(worth.ev[:, 1], kind="stable")
    rows = []
    for block in points:
        money = Money(worth.money.names, draw(drawn.money, block[:, :-1]).values, worth.money.regimes)
        picked = order[np.minimum((block[:, -1] * len(order)).astype(int), len(order) - 1)]
        rows.append(worth.npv(2, money, worth.ev[picked]))
    found = variance_shares(names, np.array(rows))
    frame = pd.DataFrame(
        {
            "group": found.groups,
            "first": found.first,
            "total": found.total,
            "total_low": found.total_low,
            "total_high": found.total_high,
        }
    )
    return frame.sort_values("total", ascending=False, kind="stable").reset_index(drop=True)


def run_decision(
    package: Package, spec: DecisionSpec, as_of: dt.date, gaps: tuple[Any, ...], executor: Executor | None = None
) -> Decision:
    """Examine a project from its traffic to the decision.

    Parameters
    ----------
    package
        With its overlays applied.
    spec
        What is decided.
    as_of
        Day of the study.
    gaps
        The corridor's own ports against the best other way.
    executor
        Where worlds are solved; processes for a large package by default.

    Raises
    ------
    InputError
        Where the package lacks a figure that is needed, or no draw has an answer.
    """
    model, stage, main = _setup(package, spec, as_of)
    drawn, regimes = draws_of(model, (stage, main), spec, spec.draws)
    d = len(drawn.arcs)
    if executor is None:
        executor = Processes() if model.world.freight.entries.n >= LARGE else Serial()
    worlds = solve_worlds(model, spec, drawn.values[:, :d], executor)
    members = _members(package, model)
    own = [model.countries.index(m) for m in members]
    both = tuple(dict.fromkeys((spec.stage_one, spec.project)))
    sets = [worlds.sets[frozenset(s)] for s in ((spec.stage_one,), (spec.project,), both)]
    central = tuple(r.ev_usd_per_year[1] for r in sets)
    solved = np.array([not r.reason for r in worlds.draws])
    if not solved.any() or any(r.reason for r in sets):
        reason = next(r.reason for r in (*sets, *worlds.draws) if r.reason)
        raise InputError(f"The project has no solved world: {reason}", "See the figures of the project.")
    ev = np.array([r.ev_usd_per_year[1:, own].sum(axis=1) for r, ok in zip(worlds.draws, solved, strict=True) if ok])
    money = Money(drawn.money.id, drawn.values[solved, d:], regimes)
    middle = Money(drawn.money.id, drawn.money.mode[None], regimes)
    year = package.meta.base_date.year
    ev_central = np.array([[central[0][own].sum(), central[2][own].sum()]])
    worth = _Worth(stage, main, money, middle, ev, ev_central, year, ADB2017().rate)
    return _assemble(
        _Parts(package, spec, as_of, gaps, model, worlds, members, own, worth, drawn, solved, central, sets)
    )


def _members(package: Package, model: CorridorModel) -> tuple[str, ...]:
    flagged = package["countries"].loc[package["countries"]["member"], "iso3"]
    return tuple(m for m in flagged if m in model.countries)


@dataclass(frozen=True)
class _Parts:
    package: Package
    spec: DecisionSpec
    as_of: dt.date
    gaps: tuple[Any, ...]
    model: CorridorModel
    worlds: Worlds
    members: tuple[str, ...]
    own: list[int]
    worth: _Worth
    drawn: Draw
    solved: Array
    central: tuple[Array, ...]
    sets: list[Any]


def _assemble(p: _Parts) -> Decision:
    w, spec = p.worth, p.spec
    npv_draws = np.full(len(p.solved), np.nan)
    npv_draws[p.solved] = w.npv(2, w.money, w.ev)
    npv = distribution(npv_draws)
    flows = added(
        flows_of(w.stage, w.middle, w.ev_central[:, 0], w.base_year),
        flows_of(w.main, w.middle, w.ev_central[:, 1] - w.ev_central[:, 0], w.base_year),
    )
    appraisals = tuple(appraise(flows, c) for c in (ADB2017(), WorldBank2016()))
    days = w.money.open_days
    choices = decide(
        w.npv(2, w.money, w.ev),
        w.cost(2),
        w.npv(0, w.money, w.ev),
        w.cost(0),
        w.npv(1, w.money, w.ev),
        days,
        study_cost_usd=1e6 * spec.study_cost_usd_m,
        wait_years=spec.wait_years,
        rate=w.rate,
    )
    needed = switching_point(
        lambda x: float(w.npv(2, w.middle, w.ev_central, np.array([x]))[0]), 0.0, float(DAYS_PER_YEAR)
    )
    variance = _variance(w, p.drawn)
    tables, evidence = _traffic_tables(p)
    tables["decision_variance"] = variance
    tables["decision_choices"] = pd.DataFrame([{f: getattr(c, f) for f in c.__dataclass_fields__} for c in choices])
    tables["decision_appraisal"] = _appraisal_table(appraisals)
    tables["decision_npv"] = _npv_table(npv)
    tables["decision_flows"] = _flow_table(flows)
    tables |= cash_table(
        p.package, w.main, flows_of(w.main, w.middle, w.ev_central[:, 1], w.base_year), tables["decision_traffic"]
    )
    tables |= resilience_tables(p.package, p.model, p.worlds, p.own, p.as_of)
    tables |= joint_tables(p.package, p.model, p.worlds, p.own, frozenset((spec.stage_one, spec.project)), p.as_of)
    game, tables_coalition = coalition_tables(p.package, p.model, p.worlds, spec, (w.stage, w.main), w.rate)
    tables |= tables_coalition
    tables |= portfolio_tables(p.package, p.worlds, spec, p.own, w)
    share = min(evidence, w.main.basis_share)
    open_days = (float(w.middle.open_days[0]), *(float(x) for x in np.percentile(days, [10, 90])))
    eirr = _eirr(
        added(
            flows_of(w.stage, w.money, w.ev[:, 0], w.base_year),
            flows_of(w.main, w.money, w.ev[:, 1] - w.ev[:, 0], w.base_year),
        ).net
    )
    score = score_rows(
        p.package,
        npv,
        eirr,
        float(_eirr(flows.net)[0]),
        appraisals[0],
        w,
        open_days,
        game,
        tables,
        share,
        p.gaps,
        p.model,
        p.own,
        p.worlds,
    )
    tables["decision_scorecard"] = pd.DataFrame(
        [{**{f: getattr(r, f) for f in r.__dataclass_fields__}, "refs": ";".join(r.refs)} for r in score]
    )
    why = _why_not(share, npv)
    return Decision(
        spec=spec,
        day_open=p.model.day,
        members=p.members,
        stage=w.stage,
        main=w.main,
        central=(p.central[0], p.central[1], p.central[2]),
        tonnes=tuple(float(r.tonnes[1]) for r in p.sets),  # type: ignore[arg-type]
        today_usd=_today(p),
        npv=npv,
        npv_stage_usd=float(w.npv(0, w.middle, w.ev_central)[0]),
        npv_all_usd=float(appraisals[0].npv_usd[0]),
        choices=choices,
        appraisals=appraisals,
        open_days=open_days,  # type: ignore[arg-type]
        open_days_needed=needed,
        moves_most=str(variance["group"][0]),
        moves_share=float(variance["total"][0]),
        established=not why,
        why_not=why,
        score=score,
        worlds=p.worlds,
        tables=tables,
    )


def _why_not(share: float, npv: Distribution) -> str:
    if npv.failed:
        return f"{npv.failed} of {npv.n} draws have no answer"
    if share < 0.5:
        return f"only {100 * share:.0f} % of the figures it rests on are reported or derived"
    return ""


def _eirr(net: Array) -> Array:
    """Rates [n]; -1 where nothing ever comes back, NaN where there are several."""
    rate, roots = irr(net)
    return np.where((roots == 0) & (net.sum(axis=-1) < 0), -1.0, rate)


def _today(p: _Parts) -> float:
    """Members' gain a year with the borders as on the day of the study."""
    both = tuple(dict.fromkeys((p.spec.stage_one, p.spec.project)))
    try:
        reply = ask(CorridorModel(p.model.world, p.as_of, p.model.factors), Question((Change(), Change(both))))
    except SeraiError:
        return math.nan
    return float(reply.ev_usd_per_year[1][p.own].sum())


def _appraisal_table(found: tuple[Appraisal, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "convention": a.convention,
                "rate": a.rate,
                "npv_usd_m": float(a.npv_usd[0]) / 1e6,
                "npv_low_rate_usd_m": float(a.npv_low_rate_usd[0]) / 1e6,
                "npv_high_rate_usd_m": float(a.npv_high_rate_usd[0]) / 1e6,
                "eirr": float(a.eirr[0]),
                "roots": int(a.roots[0]),
                "bcr": float(a.bcr[0]),
                "payback_years": float(a.payback_years[0]),
                **{f"pv_{k}_usd_m": float(v[0]) / 1e6 for k, v in a.pv_usd.items()},
            }
            for a in found
        ]
    )


def _flow_table(flows: CashFlows) -> pd.DataFrame:
    """Flows of both projects together at the most likely figures."""
    return pd.DataFrame({"year": flows.years, **{f"{i}_usd_m": getattr(flows, i)[0] / 1e6 for i in ITEMS}})


def _npv_table(npv: Distribution) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"measure": f"percentile {q:g}", "usd_m": v / 1e6} for q, v in npv.percentiles.items()
    ]
    rows += [
        {"measure": "mean", "usd_m": npv.mean / 1e6},
        {"measure": "error of the mean", "usd_m": npv.mean_error / 1e6},
        {"measure": "mean of the worst 5 %", "usd_m": npv.cvar5 / 1e6},
        {"measure": "worth of perfect information", "usd_m": npv.evpi / 1e6},
    ]
    return pd.DataFrame(rows)


def _traffic_tables(p: _Parts) -> tuple[dict[str, pd.DataFrame], float]:
    """Traffic by section, direction and commodity, and the conventional appraisal beside the equivalent variation."""
    model, both = p.model, tuple(dict.fromkeys((p.spec.stage_one, p.spec.project)))
    touched = model.touched(both)
    before_outcome, after_outcome = model.solve(Change()), model.solve(Change(both))
    before = traffic(model, before_outcome, Change(), touched)
    after = traffic(model, after_outcome, Change(both), touched)
    growth = float(p.worth.middle["growth"][0])
    base = p.worth.base_year
    opening = p.worth.main.plan.anchors[0]
    rows = []
    goods, arcs = model.world.compiled.worth.ids, model.world.compiled.topology.arcs
    for s, a in enumerate(np.flatnonzero(touched)):
        for k, good in enumerate(goods):
            tonnes = float(after.by_arc[s, k])
            if tonnes >= 1.0:
                row: dict[str, Any] = {
                    "section": arcs[a].key,
                    "table": arcs[a].table,
                    "row": arcs[a].row,
                    "back": arcs[a].back,
                    "commodity": good,
                }
                row["before_mt"] = float(before.by_arc[s, k]) / 1e6
                row |= {f"mt_after_{y}_years": tonnes * growth ** (opening + y - base) / 1e6 for y in ANCHORS}
                row["km"] = float(model.world.compiled.figures.distance_km[a])
                rows.append(row)
    columns = [
        "section",
        "table",
        "row",
        "back",
        "commodity",
        "before_mt",
        *(f"mt_after_{y}_years" for y in ANCHORS),
        "km",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return {
        "decision_traffic": frame,
        "decision_reconciliation": _reconciled(p, before, after, before_outcome, after_outcome),
    }, _evidence(model, after.by_arc.sum(axis=1), touched)


def _evidence(model: CorridorModel, tonnes: Array, touched: npt.NDArray[np.bool_]) -> float:
    """Share of what the traffic of the project pays and waits on it that is reported or derived."""
    f = model.world.compiled.figures
    at = np.flatnonzero(touched)
    known = np.array([(f.time_basis[a] != "assumed") + (f.cost_basis[a] != "assumed") for a in at]) / 2.0
    weight = tonnes * np.maximum(f.time_h.mean[at], 1e-9)
    return float((known * weight).sum() / weight.sum()) if weight.sum() > 0 else 0.0


def _reconciled(p: _Parts, before: Any, after: Any, a: Any, b: Any) -> pd.DataFrame:  # noqa: ANN401
    """Conventional benefit by economy beside the equivalent variation; entries that are cut off are left out."""
    world = p.model.world
    n = world.n_economies
    moved = np.isfinite(before.cost_usd_per_t) & np.isfinite(after.cost_usd_per_t)
    states = [
        FreightState(
            x.tonnes[moved],
            x.on_project[moved],
            x.cost_usd_per_t[moved],
            x.fee_usd_per_t[moved],
            x.money_usd_per_t[moved],
        )
        for x in (before, after)
    ]
    found = conventional(*states)
    importer = world.coupling.importer[world.coupling.entry_cell][moved]
    users = np.asarray(np.bincount(importer, found.rule_of_half, n), dtype=np.float64)
    fees = 1e6 * (b.trade.fee_usd_m - a.trade.fee_usd_m)
    tariffs = 1e6 * (b.trade.tariff_usd_m - a.trade.tariff_usd_m)
    ev = b.trade.ev_usd_per_year - a.trade.ev_usd_per_year
    r = reconcile(users, fees, tariffs, ev)
    parts = {
        c: np.bincount(importer, getattr(found, c), n) / 1e6 for c in ("existing", "diverted", "generated", "elsewhere")
    }
    frame = pd.DataFrame(
        {
            "economy": world.inputs.economies,
            **{f"{c}_usd_m": v for c, v in parts.items()},
            "users_usd_m": r.users / 1e6,
            "fees_usd_m": r.fees / 1e6,
            "tariffs_usd_m": r.tariffs / 1e6,
            "prices_usd_m": r.prices / 1e6,
            "equivalent_variation_usd_m": r.equivalent_variation / 1e6,
        }
    )
    frame.insert(1, "member", [e in p.members for e in frame["economy"]])
    return frame
