"""Parts of the assignment: compiled kernels and their plain twins, trees, slopes and steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignworlds import SUMS, floats, grid, solved_grid, worlds
from serai.core import threads
from serai.freight.assign import forest as forest_room
from serai.freight.assign import gradient_projection, stochastic
from serai.freight.assign.forest import bare, grown, loaded_on
from serai.freight.assign.frank_wolfe import BiconjugateFrankWolfe, line_search
from serai.freight.assign.gradient_projection import GradientProjection, start_paths
from serai.freight.assign.loading import all_or_nothing, all_or_nothing_plain, problem_of
from serai.freight.assign.paths import arc_flows, arc_flows_plain, path_costs, path_costs_plain
from serai.freight.assign.stochastic import Logit
from serai.freight.assign.volume_delay import bpr, cost, cost_plain, integral, slope, slope_plain
from serai.freight.search import dijkstra_plain

POWERS = 2e-15
"""Relative: a power of four as two squares and as a library has it differ by three roundings of 2.2e-16, and at most
six operations round beside it."""


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_kernels_and_their_plain_twins_agree(world):
    network, trips = world
    problem = problem_of(network, trips)
    x = np.linspace(0, 30, network.tail.size)
    assert cost(problem.delay, x) == pytest.approx(cost_plain(problem.delay, x), rel=POWERS)
    assert slope(problem.delay, x) == pytest.approx(slope_plain(problem.delay, x), rel=POWERS)
    c = cost(problem.delay, x)
    forest = bare(problem.graph, problem.pairs)
    here = all_or_nothing(problem.graph, problem.pairs, forest, c)
    there = all_or_nothing_plain(problem.graph, problem.pairs, c)
    assert here.travel_time == pytest.approx(there.travel_time, rel=SUMS)
    same_trips(problem, c, here.flow, there.flow)
    paths = start_paths(problem, forest)
    assert np.array_equal(path_costs(paths, c), path_costs_plain(paths, c))
    assert arc_flows(paths, x.size) == pytest.approx(arc_flows_plain(paths, x.size), rel=SUMS)


@pytest.mark.parametrize("kept", [0, 10**6], ids=["anew", "mended"])
@settings(max_examples=30, deadline=None)
@given(world=worlds(), data=st.data())
def test_mended_trees_are_those_grown_from_nothing(kept, world, data):
    """Whatever costs were before: equal distances to the last bit, and the arcs of each tree parents first."""
    network, trips = world
    problem = problem_of(network, trips)
    graph, pairs = problem.graph, problem.pairs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forest_room, "MOST_KEPT", kept)
        forest = bare(graph, pairs)
    price = st.one_of(st.just(0.0), st.just(1.0), st.floats(1e-3, 1e3))
    for _ in range(4):
        c = np.array(data.draw(st.lists(price, min_size=graph.head.size, max_size=graph.head.size)))
        flow = np.zeros(c.size)
        found = grown(graph, pairs, forest, c, 0, pairs.origin.size, flow)
        plain = all_or_nothing_plain(graph, pairs, c)
        assert found.travel_time == pytest.approx(plain.travel_time, rel=SUMS)
        for k, source in enumerate(graph.source[pairs.origin].tolist()):
            dist, _ = dijkstra_plain(graph.ptr, graph.head, c, source)
            assert np.array_equal(found.dist[k], dist)
            reached = np.flatnonzero(np.isfinite(dist) & (np.arange(dist.size) != source))
            assert np.array_equal(found.pred[k] >= 0, np.isin(np.arange(dist.size), reached))
            if kept:
                tree = forest.arc[k, : forest.size[k]]
                assert sorted(graph.head[tree]) == reached.tolist()
                known = {source}
                for a in tree:
                    assert int(graph.tail[a]) in known
                    known.add(int(graph.head[a]))
        same_trips(problem, c, flow, plain.flow)
        assert np.array_equal(loaded_flow(problem, forest, c), flow)


def same_trips(problem, c, here, there):
    """Of equal paths either may be taken, so flows are compared by what they cost and by where they start and end."""
    assert here @ c == pytest.approx(there @ c, rel=SUMS)
    graph, balance = problem.graph, np.zeros(problem.graph.ptr.size - 1)
    np.add.at(balance, graph.tail, here - there)
    np.add.at(balance, graph.head, there - here)
    assert abs(balance).max() <= SUMS * problem.pairs.volume.sum()


def loaded_flow(problem, forest, c):
    flow = np.zeros(c.size)
    loaded_on(problem.graph, problem.pairs, forest, c, 0, problem.pairs.origin.size, flow)
    return flow


@pytest.mark.parametrize("method", [GradientProjection(1e-8), BiconjugateFrankWolfe(1e-4), Logit(1.0)], ids=str)
def test_one_thread_and_two_give_the_same_bytes(method, monkeypatch):
    """The grid has 25 origins and 25 nodes; work is cut into parts from two items on."""
    monkeypatch.setattr(threads, "SMALL", 2)
    found = []
    for number in ("1", "2"):
        monkeypatch.setenv(threads.KERNEL_THREADS, number)
        found.append(solved_grid(4.0, 10.0, method)[0].flow.tobytes())
    assert found[0] == found[1]


@pytest.mark.parametrize("method", [GradientProjection(1e-8), Logit(0.5)], ids=["wardrop", "logit"])
def test_sweeps_compiled_and_plain_agree(method, monkeypatch):
    """The same operations in the same order, over several sweeps: the same bytes."""
    here, _, _ = solved_grid(4.0, 10.0, method)
    monkeypatch.setattr(gradient_projection, "_sweep_kernel", lambda: gradient_projection._sweep)
    monkeypatch.setattr(stochastic, "_logit_sweep_kernel", lambda: stochastic._logit_sweep)
    there, _, _ = solved_grid(4.0, 10.0, method)
    assert there.flow.tobytes() == here.flow.tobytes()
    assert there.iterations == here.iterations > 1


@pytest.mark.parametrize("power", [1.0, 2.0, 4.0, 6.87, 16.0])
def test_slope_and_integral_are_those_of_the_cost(power):
    delay = bpr(floats(2.0), floats(0.15), floats(10.0), floats(power), 0.5)
    x, h = floats(12.0), 1e-4
    # Central differences: error h^2/6 times the third derivative, for slopes (p - 1)(p - 2)/x^2 of it, which is 2.4e-9
    # at power 16 and less for costs, and rounding of 2.2e-16 over h, 1e-10 where costs are a hundred times their slope.
    assert slope(delay, x) == pytest.approx((cost(delay, x + h) - cost(delay, x - h)) / (2 * h), rel=2.6e-9)
    assert cost(delay, x) == pytest.approx((integral(delay, x + h) - integral(delay, x - h)) / (2 * h), rel=2.6e-9)


def test_the_step_is_the_best_of_a_fine_scan():
    network = grid()
    draw = np.random.default_rng(3)
    x, y = draw.uniform(0, 20, (2, network.tail.size))
    step = line_search(network.delay, x, y - x)
    scan = np.linspace(0, 1, 10_001)
    values = [integral(network.delay, x + t * (y - x)).sum() for t in scan]
    # The objective is convex along a step: the best of a scan is one of the two beside the least, 1e-4 apart.
    assert abs(step - scan[int(np.argmin(values))]) <= 1e-4
    assert line_search(network.delay, np.full(x.size, 9.0), np.full(x.size, -1.0)) == 1.0


def test_the_same_question_gets_the_same_bytes():
    for method in (GradientProjection(1e-8), BiconjugateFrankWolfe(1e-4), Logit(1.0)):
        here, there = (solved_grid(4.0, 5.0, method)[0] for _ in range(2))
        assert here.flow.tobytes() == there.flow.tobytes()
