"""Shortest paths: the compiled kernel, its plain twin and scipy agree."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra as scipy_dijkstra

from helpers import GOODS, compiled, network
from serai.freight.heap import rise, sink
from serai.freight.search import backward, dijkstra, dijkstra_plain, path_from, path_to, trees, z_order

ROUNDING = 1e-12
"""Relative; sums of the same arcs from the other end."""


@st.composite
def graphs(draw):
    """A graph as compressed rows, with parallel arcs, loops, free arcs and closed arcs."""
    n = draw(st.integers(1, 12))
    m = draw(st.integers(0, 40))
    node = st.integers(0, n - 1)
    tail = np.sort(np.array(draw(st.lists(node, min_size=m, max_size=m)), dtype=np.int32))
    head = np.array(draw(st.lists(node, min_size=m, max_size=m)), dtype=np.int32)
    price = st.one_of(st.just(0.0), st.just(np.inf), st.floats(0, 1e6), st.integers(1, 3).map(float))
    cost = np.array(draw(st.lists(price, min_size=m, max_size=m)), dtype=np.float64)
    ptr = np.searchsorted(tail, np.arange(n + 1)).astype(np.int32)
    return ptr, tail, head, cost, draw(node), draw(node)


def with_scipy(ptr, tail, head, cost, source):
    """Distances by scipy; of parallel arcs it wants the cheapest alone, and no closed ones."""
    n = ptr.size - 1
    best: dict[tuple[int, int], float] = {}
    for a in np.flatnonzero(np.isfinite(cost)).tolist():
        key = (int(tail[a]), int(head[a]))
        best[key] = min(best.get(key, np.inf), float(cost[a]))
    rows, columns = (np.array([k[i] for k in best], dtype=np.int32) for i in (0, 1))
    graph = csr_array((np.array(list(best.values())), (rows, columns)), shape=(n, n))
    return scipy_dijkstra(graph, indices=source)


@given(st.lists(st.integers(0, 30), max_size=40), st.randoms())
def test_heap_hands_out_nodes_in_the_order_of_their_labels(labels, chance):
    """Labels fall while their nodes are in the heap, as they do in a search."""
    label = [float(x) for x in labels]
    heap, place, size = [0] * len(label), [-1] * len(label), 0
    for node in range(len(label)):
        rise(heap, place, label, size, node)
        size += 1
        fallen = chance.randrange(size)
        label[fallen] /= 2
        rise(heap, place, label, place[fallen], fallen)
    out = []
    while size:
        out.append(heap[0])
        size -= 1
        if size:
            sink(heap, place, label, size)
        assert [place[n] for n in heap[:size]] == list(range(size))
    assert [label[n] for n in out] == sorted(label)


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_kernel_twin_and_scipy_agree(graph):
    ptr, tail, head, cost, source, target = graph
    dist, pred = dijkstra(ptr, head, cost, source)
    plain, plain_pred = dijkstra_plain(ptr, head, cost, source)
    # Exactly: all three take the least of the same sums, added from the source on.
    assert np.array_equal(dist, plain)
    assert np.array_equal(dist, with_scipy(ptr, tail, head, cost, source))
    early, early_pred = dijkstra(ptr, head, cost, source, target)
    assert early[target] == dist[target]
    for d, p in ((dist, pred), (plain, plain_pred), (early, early_pred)):
        follow(tail, head, cost, p, source, target, d[target])


def follow(tail, head, cost, pred, source, target, expected):
    path = path_to(tail, pred, source, target)
    if source == target or not np.isfinite(expected):
        assert path == []
        return
    assert tail[path[0]] == source
    assert head[path[-1]] == target
    assert all(head[a] == tail[b] for a, b in itertools.pairwise(path))
    total = 0.0
    for a in path:
        total += cost[a]
    assert total == expected


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_the_plain_twin_gives_a_tree(graph):
    ptr, tail, head, cost, source, _ = graph
    dist, pred = dijkstra_plain(ptr, head, cost, source)
    for node in np.flatnonzero(np.isfinite(dist)).tolist():
        follow(tail, head, cost, pred, source, node, dist[node])


@pytest.fixture(params=["sixplace", "ewec"])
def net(request):
    return network(request.getfixturevalue(request.param))


def test_kernel_twin_and_scipy_agree_on_the_network(net):
    t, cost = net.topology, net.cost(net.worth.index(GOODS), "generalized")
    for place in t.place_ids[:: max(1, len(t.place_ids) // 8)]:
        source = int(t.door_out[t.place_index(place)])
        dist, _ = dijkstra(t.out_ptr, t.head, cost, source)
        assert np.array_equal(dist, dijkstra_plain(t.out_ptr, t.head, cost, source)[0])
        assert np.array_equal(dist, with_scipy(t.out_ptr, t.tail, t.head, cost, source))


def test_backward_is_forward_on_the_reversed_graph(net):
    t, cost = net.topology, net.cost(net.worth.index(GOODS), "generalized")
    for place in t.place_ids[:: max(1, len(t.place_ids) // 8)]:
        target = int(t.door_in[t.place_index(place)])
        rest, succ = backward(t, cost, target)
        ones, _ = dijkstra(t.in_ptr, t.tail[t.in_arc], cost[t.in_arc], target)
        assert np.array_equal(rest, ones)
        for other in t.place_ids[::5]:
            source = int(t.door_out[t.place_index(other)])
            dist, pred = dijkstra(t.out_ptr, t.head, cost, source, target)
            assert rest[source] == pytest.approx(dist[target], rel=ROUNDING)
            forth, back = path_to(t.tail, pred, source, target), path_from(t.head, succ, source, target)
            assert cost[back].sum() == pytest.approx(cost[forth].sum(), rel=ROUNDING)
            if np.isfinite(dist[target]) and source != target:
                assert t.tail[back[0]] == source
                assert t.head[back[-1]] == target


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=60))
def test_the_z_curve_is_a_permutation(points):
    lat, lon = np.array(points, dtype=np.float64).T
    assert sorted(z_order(lat, lon).tolist()) == list(range(len(points)))


def test_the_z_curve_visits_quarter_after_quarter():
    x, y = (v.ravel() for v in np.meshgrid(np.arange(4.0), np.arange(4.0)))
    order = z_order(y, x)
    quarters = [(int(y[i] // 2), int(x[i] // 2)) for i in order]
    assert quarters == [(0, 0)] * 4 + [(0, 1)] * 4 + [(1, 0)] * 4 + [(1, 1)] * 4


def test_both_packages_compile(sixplace, ewec):
    assert compiled(sixplace).topology.n_arcs < compiled(ewec).topology.n_arcs


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_many_trees_are_the_single_ones(graph):
    ptr, _, head, cost, source, target = graph
    dist, pred = trees(ptr, head, cost, np.array([source, target], dtype=np.int32))
    for k, start in enumerate((source, target)):
        one = dijkstra(ptr, head, cost, start)
        assert np.array_equal(dist[k], one[0])
        assert np.array_equal(pred[k], one[1])
