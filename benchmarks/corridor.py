"""Processor seconds of the chain on the embedded package: ``python benchmarks/corridor.py``.

The yardstick is scipy's Dijkstra, one tree over the same network.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    # As the command line does: threads that wait for each other count as processor time.
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402
from scipy.sparse import csr_matrix  # noqa: E402
from scipy.sparse.csgraph import dijkstra  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from corridorworlds import AUTUMN  # noqa: E402
from helpers import SUMMER, compiled  # noqa: E402
from serai import open_package  # noqa: E402
from serai.corridor.gradient import gradient  # noqa: E402
from serai.corridor.ranges import gain_range, settings  # noqa: E402
from serai.corridor.service import open_corridor  # noqa: E402
from serai.corridor.solve import solve  # noqa: E402
from serai.freight.equilibrium import assign  # noqa: E402
from serai.freight.generate import build_routes  # noqa: E402
from serai.freight.model import open_network  # noqa: E402
from serai.freight.prepared import prepare  # noqa: E402


def best_of(function: Callable[[], object], runs: int = 5) -> float:
    function()
    times = []
    for _ in range(runs):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    package = open_package("ewec")
    c = compiled(package)
    w = open_corridor(package)
    t, m = c.topology, w.freight
    cost = open_network(c, SUMMER).cost(0, "generalized")
    matrix = csr_matrix((np.where(np.isfinite(cost), cost, 1e12), t.head, t.out_ptr), shape=(t.n_states,) * 2)
    yard = best_of(lambda: dijkstra(matrix, indices=0))
    print(f"{m.routes.n_pairs} pairs, {m.routes.n_routes} routes, {m.entries.n} entries, {m.facilities.n} facilities")
    print(f"{'what':<44}{'goal ms':>9}{'ms':>9}{'trees':>9}")
    zones, o, d = m.routes.zones, m.routes.pair_origin, m.routes.pair_dest
    dear = replace(w.conditions, arc_cost_usd_per_t=w.conditions.arc_cost_usd_per_t * 0.9)
    shut = w.conditions.arc_cost_usd_per_t.copy()
    busiest = int(np.argmax(w.base.freight.flow_per_day * (np.char.startswith(m.facilities.keys, "crossing"))))
    shut[:, m.facilities.arc_facility == busiest] = np.inf
    closed = replace(w.conditions, arc_cost_usd_per_t=shut)
    outcome = solve(w, closed)
    base, one_end = w.base, w.conditions.one_end
    near = prepare(m, shut, one_end, base.freight.prepared)

    def freight_alone(cost: np.ndarray) -> object:
        there = prepare(m, cost, one_end, base.freight.prepared)
        return assign(m, there, base.freight.tonnes_per_day, base.freight.flow_per_day, base.routing)

    for what, goal, function in (
        ("route sets of all pairs", 2000, lambda: build_routes(c, zones, o, d, (SUMMER, AUTUMN))),
        ("no change", 100, lambda: solve(w, w.conditions)),
        ("all arcs 10 % cheaper", 100, lambda: solve(w, dear)),
        (f"without {m.facilities.keys[busiest]}", 100, lambda: solve(w, closed)),
        ("the same, from its own end", 100, lambda: solve(w, closed, start=outcome.start)),
        ("freight alone", 60, lambda: freight_alone(shut)),
        ("routes of a scenario, all", 30, lambda: prepare(m, shut, one_end)),
        ("routes of a scenario, by what differs", 30, lambda: prepare(m, shut, one_end, base.freight.prepared)),
        ("the same, when nothing differs", 30, lambda: prepare(m, shut, one_end, near)),
        ("settings of the ranges", 500, lambda: settings(w)),
        ("range of one outcome", 500, lambda: gain_range(w, settings(w), outcome)),
        ("gradient, all arcs x all economies", 300, lambda: gradient(w, outcome)),
    ):
        seconds = best_of(function, 3)
        print(f"{what:<44}{goal:>9}{seconds * 1e3:9.1f}{seconds / yard:9.0f}")
    crossings = np.flatnonzero(np.char.startswith(m.facilities.keys, "crossing"))
    print(f"{crossings.size} crossings, each shut in turn")
    one_shut = [np.where(m.facilities.arc_facility == h, np.inf, w.conditions.arc_cost_usd_per_t) for h in crossings]
    for what, goal, solved in (
        ("a crossing shut", 100, lambda cost: solve(w, replace(w.conditions, arc_cost_usd_per_t=cost))),
        ("freight alone, so", 60, freight_alone),
    ):
        each = np.array([best_of(partial(solved, cost), 2) for cost in one_shut])
        for share in (10, 50, 90):
            seconds = float(np.percentile(each, share))
            told = f"{what}: {share} % below"
            print(f"{told:<44}{goal:>9}{seconds * 1e3:9.1f}{seconds / yard:9.0f}")


if __name__ == "__main__":
    main()
