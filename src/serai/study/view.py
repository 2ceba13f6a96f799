"""What a page shows of a decision and of two cases, as plain data."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from serai.corridor.cases import Case as Conditioned
from serai.corridor.service import facility_table, gains, open_corridor, regions, solve_case
from serai.freight.routes import compile_package, open_network
from serai.study.compare import compare_cases, difference_json
from serai.study.decision import Undecided, decision_of
from serai.study.gateways import gaps_of, gateways_of
from serai.study.spec import read_spec

if TYPE_CHECKING:
    import pandas as pd

    from serai.data.package import Package
    from serai.study.compare import Case

MOVED: Final = 0.5
"""Units a day below which a facility counts as unmoved."""
TABLES: Final = (
    "decision_appraisal",
    "decision_npv",
    "decision_variance",
    "decision_coalition",
    "decision_coalition_whole",
    "decision_portfolio",
    "decision_best_set",
    "decision_criticality",
    "decision_closures",
    "decision_usable_days",
    "decision_reconciliation",
)


def plain(value: Any) -> Any:  # noqa: ANN401 - data of any shape, in and out
    """Plain data for JSON; what is no number is null."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plain(frame.to_dict("records"))
    return found


def decision_view(package: Package, as_of: dt.date, draws: int | None = None) -> dict[str, Any] | None:
    """Examine what the study of a package decides; None where it decides nothing.

    Parameters
    ----------
    package
        With overlays and scenarios applied.
    as_of
        Day of the study.
    draws
        A power of two of 64 or more; the study's own by default.

    Raises
    ------
    InputError
        When the package has no usable study specification, or `draws` is no such number.
    """
    spec = read_spec(package)
    network = open_network(compile_package(package), as_of)
    d = decision_of(package, spec, as_of, tuple(gaps_of(network, gateways_of(network, spec))), draws)
    meta = {"name": package.meta.name, "version": package.meta.version, "digest": package.meta.digest}
    if d is None:
        return None
    head = {"as_of": as_of.isoformat(), "package": meta, "draws": d.spec.draws}
    if isinstance(d, Undecided):
        return {**head, "established": False, "why_not": d.reason, "choices": [], "score": [], "tables": {}}
    found: dict[str, Any] = plain(
        {
            **head,
            "project": d.main.name,
            "stage_one": d.stage.name,
            "established": d.established,
            "why_not": d.why_not,
            "borders_as_on": d.day_open,
            "members": d.members,
            "npv_usd": {"p10": d.npv.percentiles[10], "p50": d.npv.percentiles[50], "p90": d.npv.percentiles[90]},
            "p_npv_positive": d.npv.p_positive,
            "p_npv_positive_error": d.npv.p_positive_error,
            "open_days": d.open_days,
            "open_days_needed": d.open_days_needed,
            "moves_most": d.moves_most,
            "moves_share": d.moves_share,
            "choices": [asdict(c) for c in d.choices],
            "score": [asdict(s) for s in d.score],
            "tables": {name: _rows(d.tables[name]) for name in TABLES if name in d.tables},
        }
    )
    return found


def comparison_view(
    base: Package, a: Case, b: Case, pairs: list[tuple[str, str]], commodity: str, *, solved: bool
) -> dict[str, Any]:
    """Set two cases side by side: best ways of pairs of places and, where `solved`, gains and flows from A to B.

    Parameters
    ----------
    base
        Package in whose world both are solved.
    a, b
        The cases.
    pairs, commodity
        Identifiers of places, and of the commodity of the ways.
    solved
        Whether to solve the equilibria.

    Raises
    ------
    ScenarioError
        Where a case does not fit the world of `base`.
    NoEquilibriumError
        Where one does not settle.
    """
    out: dict[str, Any] = {
        "a": {"name": a.name, "as_of": a.day.isoformat(), "digest": a.package.meta.digest},
        "b": {"name": b.name, "as_of": b.day.isoformat(), "digest": b.package.meta.digest},
        "unit": {"money": f"million USD of {base.meta.price_year} a year"},
        "pairs": [difference_json(d) for d in compare_cases(a, b, pairs, commodity)],
        "gains": [],
        "regions": [],
        "facilities": [],
    }
    if solved:
        world = open_corridor(base)
        before, after = (solve_case(world, Conditioned(c.name, c.package, c.day)) for c in (a, b))
        rows = gains(world, after, before)
        moved = facility_table(world, after, before)
        out["gains"] = sorted(rows, key=lambda r: (-abs(r["gain_usd_m"]), r["economy"]))
        out["regions"] = regions(rows)
        out["facilities"] = [f for f in moved if abs(f["flow_per_day"] - f["flow_before_per_day"]) > MOVED]
    found: dict[str, Any] = plain(out)
    return found
