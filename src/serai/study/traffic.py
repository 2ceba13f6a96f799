"""Traffic of a project by section, and the conventional appraisal of the same two worlds beside its gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.feasibility.conventional import FreightState, conventional, reconcile
from serai.feasibility.corridor_model import Change
from serai.feasibility.traffic import traffic
from serai.study.money import ANCHORS

if TYPE_CHECKING:
    import numpy.typing as npt

    from serai.corridor.solve import Outcome
    from serai.feasibility.corridor_model import CorridorModel
    from serai.feasibility.traffic import Traffic
    from serai.study.worth import Worth

    Array = npt.NDArray[np.float64]


def traffic_tables(
    model: CorridorModel, worth: Worth, case: tuple[str, ...], members: tuple[str, ...]
) -> tuple[dict[str, pd.DataFrame], float]:
    """Traffic by section, direction and commodity, the conventional appraisal beside the equivalent variation.

    Parameters
    ----------
    model, worth
        The corridor, and the terms and growth of its projects.
    case
        The projects that are built.
    members
        Economies marked as members.

    Returns
    -------
    tables, share
        The tables, and the share of what the traffic pays and waits that is reported or derived.
    """
    touched = model.touched(case)
    before_outcome, after_outcome = model.solve(Change()), model.solve(Change(case))
    before = traffic(model, before_outcome, Change(), touched)
    after = traffic(model, after_outcome, Change(case), touched)
    growth = float(worth.middle["growth"][0])
    base = worth.base_year
    opening = worth.main.plan.anchors[0]
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
        "decision_reconciliation": _reconciled(model, members, before, after, before_outcome, after_outcome),
    }, _evidence(model, after.by_arc.sum(axis=1), touched)


def _evidence(model: CorridorModel, tonnes: Array, touched: npt.NDArray[np.bool_]) -> float:
    """Share of what the traffic of the project pays and waits on it that is reported or derived."""
    f = model.world.compiled.figures
    at = np.flatnonzero(touched)
    known = np.array([(f.time_basis[a] != "assumed") + (f.cost_basis[a] != "assumed") for a in at]) / 2.0
    weight = tonnes * np.maximum(f.time_h.mean[at], 1e-9)
    return float((known * weight).sum() / weight.sum()) if weight.sum() > 0 else 0.0


def _reconciled(
    model: CorridorModel, members: tuple[str, ...], before: Traffic, after: Traffic, a: Outcome, b: Outcome
) -> pd.DataFrame:
    """Conventional benefit by economy beside the equivalent variation; entries that are cut off are left out."""
    world = model.world
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
    frame.insert(1, "member", [e in members for e in frame["economy"]])
    return frame
