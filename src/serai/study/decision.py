"""What to decide about a project, and what that rests on. Computes, and writes nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import pandas as pd

from serai.core.errors import InputError, SeraiError
from serai.core.units import DAYS_PER_YEAR
from serai.corridor.service import open_corridor
from serai.feasibility.appraisal import Appraisal, WorldBank2016, appraise, irr, switching_point
from serai.feasibility.corridor_model import Change, CorridorModel, Question, ask
from serai.feasibility.distribution import distribution
from serai.feasibility.draw_map import corridor_factors
from serai.feasibility.options import decide
from serai.feasibility.uncertainty import BLOCK
from serai.study.appraised import appraisal_table, flow_table, npv_table, price_table
from serai.study.executors import where
from serai.study.finance import cash_table
from serai.study.joint import joint_tables
from serai.study.money import Money, last_year_of, read_terms
from serai.study.prices import convention_of
from serai.study.resolve import coalition_tables, portfolio_tables, resilience_tables
from serai.study.score import score_rows
from serai.study.traffic import traffic_tables
from serai.study.worlds import solve_worlds
from serai.study.worth import BOTH, REST, STAGE, Draw, Gains, Worth, draws_of, variance_table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    import numpy.typing as npt

    from serai.core.executors import Executor
    from serai.data.package import Package
    from serai.feasibility.corridor_model import Reply
    from serai.feasibility.distribution import Distribution
    from serai.feasibility.options import Choice
    from serai.feasibility.scorecard import ScoreRow
    from serai.study.gateways import Gap
    from serai.study.money import Terms
    from serai.study.spec import DecisionSpec, StudySpec
    from serai.study.worlds import Worlds

    Array = npt.NDArray[np.float64]

T = TypeVar("T")


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


_decided: dict[tuple[str, dt.date, str], Decision] = {}
KEPT_DECISIONS: Final = 2
"""Decisions held at once, so that a report need not work out again what a page has just shown."""


def decision_of(
    package: Package, spec: StudySpec, as_of: dt.date, gaps: tuple[Gap, ...], draws: int | None = None
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
    key = (package.meta.digest, as_of, asked.model_dump_json())
    if key not in _decided:
        try:
            found = run_decision(package, asked, as_of, main)
        except SeraiError as fault:
            return Undecided(asked, str(fault))
        while len(_decided) >= KEPT_DECISIONS:
            del _decided[next(iter(_decided))]
        _decided[key] = found
    return _decided[key]


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


def run_decision(
    package: Package, spec: DecisionSpec, as_of: dt.date, gaps: tuple[Gap, ...], executor: Executor | None = None
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
    worlds = solve_worlds(model, spec, drawn.values[:, :d], executor or where(model.world))
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
    saved = np.array([r.saved_t_per_year[1:] for r, ok in zip(worlds.draws, solved, strict=True) if ok])
    saved_central = np.array([[sets[0].saved_t_per_year[1], sets[2].saved_t_per_year[1]]])
    gains, most_likely = Gains(ev, saved), Gains(ev_central, saved_central)
    worth = Worth(stage, main, money, middle, gains, most_likely, year, convention_of(package))
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
    gaps: tuple[Gap, ...]
    model: CorridorModel
    worlds: Worlds
    members: tuple[str, ...]
    own: list[int]
    worth: Worth
    drawn: Draw
    solved: Array
    central: tuple[Array, ...]
    sets: list[Reply]


def _assemble(p: _Parts) -> Decision:
    w, spec = p.worth, p.spec
    npv_draws = np.full(len(p.solved), np.nan)
    npv_draws[p.solved] = w.npv(BOTH, w.money, w.gains)
    npv = distribution(npv_draws)
    flows = w.flows(BOTH, w.middle, w.central)
    appraisals = tuple(appraise(flows, c) for c in (w.convention, WorldBank2016()))
    days = w.money.open_days
    choices = decide(
        w.npv(BOTH, w.money, w.gains),
        w.committed(BOTH),
        w.npv(STAGE, w.money, w.gains),
        w.committed(STAGE),
        w.npv(REST, w.money, w.gains),
        days,
        study_cost_usd=1e6 * spec.study_cost_usd_m,
        wait_years=spec.wait_years,
        rate=w.rate,
    )
    needed = switching_point(
        lambda x: float(w.npv(BOTH, w.middle, w.central, np.array([x]))[0]), 0.0, float(DAYS_PER_YEAR)
    )
    variance = variance_table(w, p.drawn)
    tables, evidence = traffic_tables(p.model, w, tuple(dict.fromkeys((spec.stage_one, spec.project))), p.members)
    tables["decision_variance"] = variance
    tables["decision_choices"] = pd.DataFrame([{f: getattr(c, f) for f in c.__dataclass_fields__} for c in choices])
    tables["decision_appraisal"] = appraisal_table(appraisals)
    tables["decision_npv"] = npv_table(npv)
    tables["decision_flows"] = flow_table(flows)
    tables["decision_prices"] = price_table(p.package, w)
    paid = w.flows(REST, w.middle, w.central, financial=True)
    tables |= cash_table(p.package, w.main, paid, tables["decision_traffic"])
    tables |= resilience_tables(p.package, p.model, p.worlds, p.own, p.as_of)
    tables |= joint_tables(p.package, p.model, p.worlds, p.own, frozenset((spec.stage_one, spec.project)), p.as_of)
    game, tables_coalition = coalition_tables(p.package, p.model, p.worlds, spec, (w.stage, w.main), w.rate)
    tables |= tables_coalition
    tables |= portfolio_tables(p.package, p.worlds, spec, p.own, w)
    share = min(evidence, w.main.basis_share)
    low, high = np.percentile(days, [10, 90])
    open_days = (float(w.middle.open_days[0]), float(low), float(high))
    eirr = _eirr(w.flows(BOTH, w.money, w.gains).net)
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
        central=_three(p.central),
        tonnes=_three(float(r.tonnes[1]) for r in p.sets),
        today_usd=_today(p),
        npv=npv,
        npv_stage_usd=float(w.npv(STAGE, w.middle, w.central)[0]),
        npv_all_usd=float(appraisals[0].npv_usd[0]),
        choices=choices,
        appraisals=appraisals,
        open_days=open_days,
        open_days_needed=needed,
        moves_most=str(variance["group"][0]),
        moves_share=float(variance["total"][0]),
        established=not why,
        why_not=why,
        score=score,
        worlds=p.worlds,
        tables=tables,
    )


def _three(values: Iterable[T]) -> tuple[T, T, T]:
    one, two, three = values
    return one, two, three


def _why_not(share: float, npv: Distribution) -> str:
    if npv.failed:
        return f"{npv.failed} of {npv.n} draws have no answer"
    if share < 0.5:
        return f"only {100 * share:.0f}% of the figures it rests on are reported or derived"
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
