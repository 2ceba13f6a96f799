"""All-pairs skims, and the compiled search on a large road graph."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra as scipy_dijkstra

from serai.freight.routes import Rules, alternatives, compile_package, open_network
from serai.freight.search import dijkstra
from serai.freight.skims import along_tree, skims

DAY = dt.date(2025, 6, 1)
SAME = 1e-9  # sums of the same hundred numbers in another order differ by about 1e-14


def test_skims_are_those_of_the_first_route(sixplace):
    network = open_network(compile_package(sixplace), DAY)
    s = skims(network)
    for k, commodity in enumerate(network.worth.ids):
        for i, a in enumerate(s.zones):
            for j, b in enumerate(s.zones):
                if a == b:
                    assert s.generalized_usd_per_t[k, i, j] < np.inf
                elif np.isfinite(s.generalized_usd_per_t[k, i, j]):
                    best = alternatives(network, a, b, commodity, Rules(k=1))[0]
                    assert s.generalized_usd_per_t[k, i, j] == pytest.approx(best.generalized_usd_per_t, rel=SAME)
                    assert s.money_usd_per_t[k, i, j] == pytest.approx(best.cost_usd_per_t.mean, rel=SAME)
                    assert s.hours[k, i, j] == pytest.approx(best.door_to_door_h.mean, rel=SAME)


def test_no_way_is_infinite_and_never_zero(ewec):
    s = skims(open_network(compile_package(ewec), DAY))
    n = len(s.zones)
    off = ~np.eye(n, dtype=bool)
    for values in (s.generalized_usd_per_t, s.money_usd_per_t, s.hours):
        assert (values[:, off] > 0).all()
        assert np.array_equal(np.isinf(values), np.isinf(s.generalized_usd_per_t))
    assert np.isfinite(s.generalized_usd_per_t[0]).mean() > 0.9


def test_sums_along_a_tree_are_those_of_its_paths(sixplace):
    network = open_network(compile_package(sixplace), DAY)
    t, cost = network.topology, network.cost(0, "generalized")
    dist, pred = dijkstra(t.out_ptr, t.head, cost, int(t.door_out[0]))
    finite = np.where(np.isfinite(cost), cost, 0.0)
    sums = along_tree(t.tail, pred, finite[None, :])[0]
    reached = np.isfinite(dist)
    assert sums[reached] == pytest.approx(dist[reached], rel=SAME)
    assert (sums[~reached] == 0).all()


@pytest.mark.slow
@pytest.mark.oracle
def test_search_on_the_road_graph_equals_scipy():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
    from roadgraph import load_road_graph

    graph = load_road_graph()
    assert graph is not None
    whole = csr_matrix((graph.km, graph.head, graph.ptr), shape=(graph.ptr.size - 1,) * 2)
    ends = [graph.nearest(*p) for p in ((43.25, 76.92), (24.86, 67.01), (41.3, 69.27), (35.69, 51.39))]
    for a in ends:
        theirs = scipy_dijkstra(whole, indices=a)
        for b in ends:
            mine = dijkstra(graph.ptr, graph.head, graph.km, a, b)[0][b]
            assert np.isfinite(mine)
            assert mine == pytest.approx(theirs[b], rel=SAME)
