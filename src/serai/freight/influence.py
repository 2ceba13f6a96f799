"""Which figures matter most: how far the generalized cost moves over the range of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from serai.network.costs import load_t
from serai.network.spread import Z90
from serai.network.topology import ArcKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.freight.routes import Network
    from serai.network.spread import Array

HOW_MANY = {"crossings": 20, "links": 30, "ports": 8}
REPLACEMENT = {
    "crossings": "CAREC CPMM sheet of this border point, or the customs' own time release study",
    "links": "the road authority's distance table or the railway's tariff distances, with its yearly speed statistics "
    "and a dated carrier's quote",
    "ports": "the terminal's tariff and the port authority's dwell statistics by quantile",
}


def _swing(network: Network, k: int) -> tuple[Array, Array, Array]:
    """Generalized cost of each arc at the 10th and 90th percentile of its figures, in USD/t, and hours."""
    costs, worth = network.costs, network.worth
    load = load_t(costs, float(worth.payload_t[k]))
    ends = []
    for sign in (-1.0, 1.0):
        money = np.zeros(network.topology.n_arcs)
        for figure in (costs.figures.haul_usd, costs.figures.fee_usd):
            s = figure.s_lo if sign < 0 else figure.s_hi
            share = costs.figures.bulk.get(worth.ids[k], 1.0) if figure is costs.figures.haul_usd else 1.0
            money += share * figure.median * np.exp(sign * Z90 * s)
        s = costs.figures.time_h.s_lo if sign < 0 else costs.figures.time_h.s_hi
        hours = costs.figures.time_h.median * np.exp(sign * Z90 * s)
        ends.append(money / load + worth.vot_usd_per_t_h[k] * hours)
    return ends[0], ends[1], costs.mean_time_h


def influence(network: Network, paths: Sequence[tuple[tuple[int, ...], str]]) -> pd.DataFrame:
    """Rank crossings, links and ports by what their range does to the paths that use them.

    Parameters
    ----------
    network
        The compiled package.
    paths
        Arcs and commodity of each path looked at.

    Returns
    -------
    DataFrame
        For each table the rows that matter most: value, range and basis, how many of the paths use it,
        the effect (mean swing of generalized cost over all paths, USD/t) and the document that would
        replace it.
    """
    effect: dict[tuple[str, str], float] = {}
    uses: dict[tuple[str, str], int] = {}
    arc_of: dict[tuple[str, str], int] = {}
    swings = {c: _swing(network, network.worth.index(c)) for c in {c for _, c in paths}}
    kinds = {
        ArcKind.EXIT,
        ArcKind.ENTRY,
        ArcKind.LINE_HAUL,
        ArcKind.IMPORT,
        ArcKind.EXPORT,
        ArcKind.TRANSSHIP,
    }
    for arcs, commodity in paths:
        low, high, _ = swings[commodity]
        for a in arcs:
            arc = network.topology.arcs[a]
            if arc.kind not in kinds:
                continue
            key = (arc.table, arc.row)
            effect[key] = effect.get(key, 0.0) + float(high[a] - low[a])
            uses[key] = uses.get(key, 0) + 1
            arc_of.setdefault(key, a)
    rows = []
    for table, limit in HOW_MANY.items():
        ranked = sorted((k for k in effect if k[0] == table), key=lambda k: (-effect[k], k))[:limit]
        rows += [_row(network, key, arc_of[key], uses[key], effect[key] / len(paths)) for key in ranked]
    return pd.DataFrame(rows)


def _row(network: Network, key: tuple[str, str], a: int, uses: int, effect: float) -> dict[str, object]:
    table, row_id = key
    time, costs = network.costs.figures.time_h, network.costs

    def end(median: Array, spread: Array, sign: float) -> float:
        return float(median[a] * np.exp(sign * Z90 * spread[a]))

    figure = costs.figures.fee_usd if table == "crossings" else costs.figures.haul_usd
    return {
        "table": table,
        "row": row_id,
        "hours_p10": end(time.median, time.s_lo, -1),
        "hours": float(time.median[a]),
        "hours_p90": end(time.median, time.s_hi, 1),
        "usd_per_feu_p10": end(figure.median, figure.s_lo, -1),
        "usd_per_feu": float(figure.median[a]),
        "usd_per_feu_p90": end(figure.median, figure.s_hi, 1),
        "time_basis": costs.figures.time_basis[a],
        "cost_basis": costs.figures.cost_basis[a],
        "used_by": uses,
        "effect_usd_per_t": effect,
        "source": costs.figures.source[a],
        "would_replace_it": REPLACEMENT[table],
    }
