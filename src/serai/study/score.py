"""The scorecard of a decision: each threshold of the package, held against what was computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from serai.feasibility.appraisal import appraise
from serai.feasibility.coalition import least_core, shapley
from serai.feasibility.scorecard import JUDGED, Cell, score, thresholds
from serai.study.worth import BOTH

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from serai.data.package import Package
    from serai.feasibility.appraisal import Appraisal
    from serai.feasibility.coalition import Game
    from serai.feasibility.corridor_model import CorridorModel
    from serai.feasibility.distribution import Distribution
    from serai.feasibility.scorecard import ScoreRow
    from serai.study.worlds import Worlds
    from serai.study.worth import Worth

    Array = npt.NDArray[np.float64]

NOTHING = math.nan


def _cell(criterion: str, value: float, spread: Array | tuple[float, ...], share: float, ref: str) -> Cell:
    """Cell with the 10th and 90th percentile of many values, or the ends of a few; what moved counts as assumed."""
    given = np.asarray(spread, dtype=np.float64)
    given = given[np.isfinite(given)]
    if not len(given) or not math.isfinite(value):
        return Cell(criterion, NOTHING, NOTHING, NOTHING, share, NOTHING, NOTHING, (ref,))
    low, high = (float(x) for x in np.percentile(given, [0, 100] if isinstance(spread, tuple) else [10, 90]))
    return Cell(criterion, value, min(low, value), max(high, value), share, min(low, value), max(high, value), (ref,))


def _against_rivals(gaps: tuple[Any, ...], model: CorridorModel) -> tuple[Array, Array, float]:
    """Cost and time over those of the best other way, by pair, and how much of the own ways is not assumed."""
    both = [g for g in gaps if g.own and g.rival]
    cost = np.array([g.own.cost_usd_per_t / g.rival.cost_usd_per_t for g in both])
    time = np.array([g.own.time_h / g.rival.time_h for g in both])
    f = model.world.compiled.figures
    arcs = [a for g in both for a in g.own.arcs]
    hours = np.array([f.time_h.mean[a] for a in arcs])
    known = np.array([(f.time_basis[a] != "assumed") + (f.cost_basis[a] != "assumed") for a in arcs]) / 2.0
    return cost, time, float((known * hours).sum() / hours.sum()) if arcs and hours.sum() > 0 else 0.0


def score_rows(
    package: Package,
    npv: Distribution,
    eirr: Array,
    eirr_central: float,
    appraisal: Appraisal,
    worth: Worth,
    open_days: tuple[float, ...],
    game: Game | None,
    tables: dict[str, pd.DataFrame],
    share: float,
    gaps: tuple[Any, ...],
    model: CorridorModel,
    own: list[int],
    worlds: Worlds,
) -> tuple[ScoreRow, ...]:
    """Score every threshold of the package that no expert judges; what nobody computed has no value."""
    cost, time, known = _against_rivals(gaps, model)
    gain = worth.gains.ev[:, 1]
    closures = tables["decision_closures"]
    if len(closures):
        # What shuts elsewhere costs the members too, but is no fault of this way.
        closures = closures[closures["regime"].isin([r["id"] for r in worth.money.regimes])]
    loss = 1e6 * float(np.nansum(closures["expected_loss_usd_m"])) if len(closures) else NOTHING
    observed = float(np.mean([b != "assumed" for b in closures["basis"]])) if len(closures) else 0.0
    traffic = np.asarray(appraisal.bcr, dtype=np.float64)
    by_draw = np.array([np.mean(r.ev_usd_per_year[2][own] > 0) for r in worlds.draws if not r.reason])
    central = float(np.mean(_central(worlds)[own] > 0))
    members = central
    gap: float = NOTHING
    if game is not None:
        members = float(np.mean(shapley(game.v) > 0))
        gap = max(least_core(game).excess, 0.0) / abs(float(game.v[-1])) if game.v[-1] > 0 else math.inf
    cover = tables["decision_cover"]
    least = float(cover["least_cover"].iloc[0]) if len(cover) else NOTHING
    most = float(cover["most_cover"].iloc[0]) if len(cover) else NOTHING
    cells = {
        "demand_over_capacity_needed": _cell(
            "demand_over_capacity_needed", float(traffic[0]), _demand(worth), share, "decision_appraisal"
        ),
        "cost_against_rival": _cell(
            "cost_against_rival", float(np.median(cost)) if len(cost) else NOTHING, cost, known, "gaps"
        ),
        "time_against_rival": _cell(
            "time_against_rival", float(np.median(time)) if len(time) else NOTHING, time, known, "gaps"
        ),
        "eirr": _cell("eirr", eirr_central, eirr, share, "decision_appraisal"),
        "p_npv_positive": _cell("p_npv_positive", npv.p_positive, chance_range(npv), share, "decision_npv"),
        "members_gaining": _cell("members_gaining", members, np.append(by_draw, members), share, "decision_coalition"),
        "stability_gap": _cell(
            "stability_gap", gap if math.isfinite(gap) else NOTHING, (gap,), share, "decision_coalition"
        ),
        "open_days": _cell("open_days", open_days[0], open_days, observed, "decision_closures"),
        "closure_loss": _cell(
            "closure_loss",
            loss / float(np.median(gain)) if np.median(gain) > 0 else NOTHING,
            loss / gain[gain > 0],
            min(share, observed),
            "decision_closures",
        ),
        "debt_service_cover": _cell("debt_service_cover", least, (least, most), share, "decision_cover"),
    }
    rows = []
    for name, threshold in thresholds(package).items():
        if threshold.unit == JUDGED:
            continue
        cell = cells.get(name) or Cell(name, NOTHING, NOTHING, NOTHING, 0.0, NOTHING, NOTHING)
        rows.append(score(threshold, cell))
    return tuple(rows)


def chance_range(npv: Distribution) -> tuple[float, float]:
    """Range of the chance that a net present value is above zero, eight in ten for the draws there are."""
    spread = 1.2816 * npv.p_positive_error
    return max(npv.p_positive - spread, 0.0), min(npv.p_positive + spread, 1.0)


def _central(worlds: Worlds) -> Array:
    return np.asarray(
        max(worlds.coalitions.items(), key=lambda kv: len(kv[0]))[1].ev_usd_per_year[1]
        if worlds.coalitions
        else next(iter(worlds.sets.values())).ev_usd_per_year[1]
    )


def _demand(worth: Worth) -> Array:
    """Present gain over present cost, [n]: how many times the traffic it needs the project has."""
    return np.asarray(appraise(worth.flows(BOTH, worth.money, worth.gains), worth.convention).bcr)
