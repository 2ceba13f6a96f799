"""Speed beside a yardstick, in one run: ``python benchmarks/run.py``.

Each figure is the best of five after a warm-up. The yardstick is scipy's Dijkstra on the same graph; the
ratio travels between machines, the seconds do not.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra as scipy_dijkstra

from roadgraph import load_road_graph
from serai import open_package
from serai.freight.routes import Rules, alternatives, compile_package, open_network
from serai.freight.search import dijkstra
from serai.freight.skims import skims

DAY = dt.date(2025, 6, 1)


def best_of(function: Callable[[], object], runs: int = 5) -> float:
    function()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def show(what: str, goal: str, seconds: float, yardstick: float | None) -> None:
    ratio = f"{seconds / yardstick:8.2f}" if yardstick else "       -"
    beside = f"{yardstick * 1e3:10.2f}" if yardstick else "         -"
    print(f"{what:<58}{goal:>10}{seconds * 1e3:12.2f}{beside}{ratio}")


def main() -> None:
    print(f"{'what':<58}{'goal':>10}{'ms':>12}{'scipy ms':>10}{'ratio':>8}")
    package = open_package("ewec")
    network = open_network(compile_package(package), DAY)
    topology, cost = network.topology, network.cost(0, "generalized")
    finite = np.where(np.isfinite(cost), cost, 1e12)
    matrix = csr_matrix((finite, topology.head, topology.out_ptr), shape=(topology.n_states,) * 2)
    source = int(topology.door_out[topology.place_index("ALMATY")])
    one = best_of(lambda: scipy_dijkstra(matrix, indices=source, return_predecessors=True))
    show("one tree", "", best_of(lambda: dijkstra(topology.out_ptr, topology.head, cost, source)), one)
    routes = best_of(lambda: alternatives(network, "ALMATY", "KARACHI", "manufactures", Rules()))
    show("5 alternatives for one pair, warm", "5 ms", routes, one)
    zones = int(package["places"]["zone"].sum())
    kinds = len(network.worth.ids)
    show(
        f"all pairs of {zones} zones x {kinds} commodities",
        "2000 ms",
        best_of(lambda: skims(network)),
        one * zones * kinds,
    )
    road = load_road_graph()
    if road is None:
        print("road graph: not measured, ../shared/data/geo is absent")
    else:
        whole = csr_matrix((road.km, road.head, road.ptr), shape=(road.ptr.size - 1,) * 2)
        a, b = road.nearest(43.25, 76.92), road.nearest(24.86, 67.01)
        mine = dijkstra(road.ptr, road.head, road.km, a, b)[0][b]
        theirs = scipy_dijkstra(whole, indices=a)[b]
        assert mine == theirs, (mine, theirs)
        yard = best_of(lambda: scipy_dijkstra(whole, indices=a))
        show(
            f"road graph of {road.ptr.size - 1} nodes, one pair",
            "30 ms",
            best_of(lambda: dijkstra(road.ptr, road.head, road.km, a, b)),
            yard,
        )
    command = [str(Path(sys.executable).parent / "serai"), "--help"]
    show("serai --help", "500 ms", best_of(lambda: subprocess.run(command, capture_output=True, check=True)), None)


if __name__ == "__main__":
    main()
