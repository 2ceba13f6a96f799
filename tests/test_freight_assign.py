"""Assignment: closed forms, properties on random networks, and agreement of the methods."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core import threads
from serai.core.errors import InputError
from serai.freight.assign import forest as forest_room
from serai.freight.assign import gradient_projection, stochastic
from serai.freight.assign.forest import bare, grown, loaded_on
from serai.freight.assign.frank_wolfe import (
    BiconjugateFrankWolfe,
    ConjugateFrankWolfe,
    FrankWolfe,
    line_search,
)
from serai.freight.assign.gradient_projection import GradientProjection, start_paths
from serai.freight.assign.loading import all_or_nothing, all_or_nothing_plain, problem_of
from serai.freight.assign.network import LinkNetwork, Trips
from serai.freight.assign.paths import PathSet, arc_flows, arc_flows_plain, path_costs, path_costs_plain
from serai.freight.assign.result import NoFlowError, NotConvergedError
from serai.freight.assign.solve import assign
from serai.freight.assign.stochastic import Logit, logit_shares, path_sizes
from serai.freight.assign.volume_delay import (
    VolumeDelay,
    bpr,
    cost,
    cost_plain,
    integral,
    slope,
    slope_plain,
)
from serai.freight.search import dijkstra_plain

SUMS = 1e-12
"""Relative; n terms added in either order differ by n times 2.2e-16 at most, and no sum here has 4,000."""
POWERS = 2e-15
"""Relative: a power of four as two squares and as a library has it differ by three roundings of 2.2e-16, and at most
six operations round beside it."""
ROUNDING = 3e-12
"""Relative to all demand: each of at most 40 sweeps in 500 iterations rounds a path's flow by 1.1e-16 of it, which
makes 2.2e-12, and the sums of flows at a node are SUMS at most."""


def ints(*values):
    return np.array(values, dtype=np.int32)


def floats(*values):
    return np.array(values, dtype=np.float64)


def trips_of(*rows):
    o, d, v = zip(*rows, strict=True) if rows else ((), (), ())
    return Trips(ints(*o), ints(*d), floats(*v))


def affine(ends, a, b, zones=2, **more):
    """Links of cost a + b x."""
    tail, head = (ints(*(e[i] for e in ends)) for i in (0, 1))
    ones = np.ones(len(ends))
    delay = VolumeDelay(floats(*a), floats(*b), ones, ones)
    return LinkNetwork(tail, head, delay, zones, int(max(tail.max(), head.max())) + 1, **more)


METHODS = (GradientProjection(1e-12), BiconjugateFrankWolfe(1e-6), ConjugateFrankWolfe(1e-6), FrankWolfe(1e-5))


def within(method, total, steepness=1.0):
    """Distance of a flow from the only one in equilibrium that a gap allows where cost rises by `steepness` or more.

    Above the least objective lie gap times total at most, and half the steepness times the distance squared or more.
    """
    return math.sqrt(2 * method.gap * total / steepness)


ONE_STEP = 1e-9
"""Relative: with two paths the first exact step ends at the answer, to the 1e-10 of the line search's slope."""


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_braess(method):
    """Four nodes, six trips, costs 10 x, 50 + x and 10 + x: two on each of three paths, each of cost 92."""
    ends = [(0, 2), (0, 3), (2, 3), (2, 1), (3, 1)]
    network = affine(ends, [0, 50, 10, 50, 0], [10, 1, 1, 1, 10])
    found = assign(network, trips_of((0, 1, 6.0)), method)
    apart = within(method, 552)
    assert found.flow == pytest.approx([4, 2, 2, 2, 4], abs=apart)
    # The slopes of the total are 80, 54, 14, 54 and 80, of length 137; its curvature is at most 20.
    assert found.total_travel_time == pytest.approx(552, abs=137 * apart + 10 * apart**2)
    without = affine(ends[:2] + ends[3:], [0, 50, 50, 0], [10, 1, 1, 10])
    assert assign(without, trips_of((0, 1, 6.0)), method).total_travel_time == pytest.approx(498, rel=ONE_STEP)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_two_parallel_links(method):
    """1 + x and 3 + 2 x for 5 trips: both cost 5 at 4 and 1."""
    found = assign(affine([(0, 1), (0, 1)], [1, 3], [1, 2]), trips_of((0, 1, 5.0)), method)
    assert found.flow == pytest.approx([4, 1], rel=ONE_STEP)
    assert found.objective == pytest.approx(4 + 8 + 3 + 1, rel=ONE_STEP)
    assert found.lower_bound <= found.objective


def test_a_link_no_one_should_use_stays_empty():
    found = assign(affine([(0, 1), (0, 1)], [1, 30], [1, 2]), trips_of((0, 1, 5.0)), GradientProjection())
    assert found.flow.tolist() == [5, 0]
    assert found.objective == 5 + 12.5


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 4.0, 6.87, 16.0])
def test_unlike_links_of_any_power(power):
    """t0 (1 + 0.15 (x/c)^p) on two links of capacities one to two and equal t0: flows one to two."""
    delay = bpr(floats(3, 3), floats(0.15, 0.15), floats(10, 20), floats(power, power))
    network = LinkNetwork(ints(0, 0), ints(1, 1), delay, 2, 2)
    found = assign(network, trips_of((0, 1, 90.0)), GradientProjection(1e-12))
    # The gap is the share of trips on the dearer link, a third or more, times the share by which it is dearer. Of its
    # cost a fifth or more rises with flow, to the power of a half or more: flows are ten times that apart at most.
    assert found.flow == pytest.approx([30, 60], rel=3e-11)


def test_power_16_far_beyond_capacity_on_a_grid():
    found, network, trips = solved_grid(power=16.0, load=12.0)
    assert found.relative_gap <= 1e-10
    assert conserved(network, trips, found.flow) <= ROUNDING * trips.volume.sum()


def grid(power=4.0, size=5):
    node = np.arange(size * size).reshape(size, size)
    one_way = [(node[:, :-1], node[:, 1:]), (node[:-1], node[1:])]
    ends = [(a.ravel(), b.ravel()) for a, b in one_way] + [(b.ravel(), a.ravel()) for a, b in one_way]
    tail, head = (np.concatenate([e[i] for e in ends]).astype(np.int32) for i in (0, 1))
    draw = np.random.default_rng(1)
    n = tail.size
    delay = bpr(draw.uniform(1, 3, n), np.full(n, 0.15), draw.uniform(5, 15, n), np.full(n, power))
    return LinkNetwork(tail, head, delay, size * size, size * size)


def solved_grid(power, load, method=GradientProjection(1e-10)):  # noqa: B008 - frozen
    network = grid(power)
    draw = np.random.default_rng(2)
    zones = np.arange(network.zones)
    o, d = (v.ravel() for v in np.meshgrid(zones, zones, indexing="ij"))
    trips = Trips(o[o != d].astype(np.int32), d[o != d].astype(np.int32), draw.uniform(0, load / 25, (o != d).sum()))
    return assign(network, trips, method), network, trips


def conserved(network, trips, flow, lost=()):
    """Largest difference at a node between what comes and goes."""
    balance = np.zeros(network.nodes)
    np.add.at(balance, network.tail, flow)
    np.add.at(balance, network.head, -flow)
    kept = np.array([(o + 1, d + 1) not in lost for o, d in zip(trips.origin, trips.destination, strict=True)], bool)
    if kept.any():
        np.add.at(balance, trips.origin[kept], -trips.volume[kept])
        np.add.at(balance, trips.destination[kept], trips.volume[kept])
    return abs(balance).max()


@st.composite
def worlds(draw, rising=False):
    """A small network with parallel links, loops, free links and closed zones, and trips on it."""
    zones = draw(st.integers(1, 4))
    nodes = zones + draw(st.integers(0, 4))
    m = draw(st.integers(1, 20))
    node = st.integers(0, nodes - 1)
    tail, head = (np.array(draw(st.lists(node, min_size=m, max_size=m)), dtype=np.int32) for _ in range(2))
    column = lambda s: np.array(draw(st.lists(s, min_size=m, max_size=m)), dtype=np.float64)  # noqa: E731
    free = column(st.floats(0.1, 9) if rising else st.one_of(st.just(0.0), st.floats(0.1, 9)))
    b = column(st.floats(0.1, 2) if rising else st.one_of(st.just(0.0), st.floats(0.1, 2)))
    power = column(st.sampled_from([1.0, 2.0, 4.0] if rising else [0.0, 1.0, 2.0, 4.0, 6.5]))
    delay = bpr(free, b, column(st.floats(1, 20)), power)
    first = draw(st.integers(0, zones))
    pairs = [(o, d) for o in range(zones) for d in range(zones)]
    volume = draw(st.lists(st.one_of(st.just(0.0), st.floats(0.1, 30)), min_size=len(pairs), max_size=len(pairs)))
    trips = trips_of(*((o, d, v) for (o, d), v in zip(pairs, volume, strict=True)))
    return LinkNetwork(tail, head, delay, zones, nodes, first), trips


def hard_world(seed):
    """Flat, free and steep links, equal parallel ones, capacities of one, demand from 1e-6 to 1e6."""
    draw = np.random.default_rng(seed)
    zones = int(draw.integers(2, 9))
    nodes = zones + int(draw.integers(0, 12))
    m = int(draw.integers(nodes, 4 * nodes + 1))
    power = draw.choice([0.0, 0.5, 1.0, 2.0, 4.0, 6.87, 16.0, 16.83], m) if seed % 2 else np.full(m, 16.0)
    figures = np.array(
        [
            draw.integers(0, nodes, m),
            draw.integers(0, nodes, m),
            np.where(draw.random(m) < 0.25, 0, 10 ** draw.uniform(-2, 2, m)),
            np.where(draw.random(m) < 0.25, 0, 10 ** draw.uniform(-2, 1, m)),
            np.where(draw.random(m) < 0.3, 1, 10 ** draw.uniform(0, 3, m)),
            power,
        ]
    )
    tail, head, free, b, capacity, power = figures[:, [*range(m), *draw.integers(0, m, m // 3)]]
    fixed = np.where(draw.random(tail.size) < 0.2, 1.0, 0.0)
    o, d = (v.ravel().astype(np.int32) for v in np.meshgrid(np.arange(zones), np.arange(zones), indexing="ij"))
    trips = Trips(o, d, 10 ** draw.uniform(-6, 6, o.size) * (draw.random(o.size) < 0.7))
    delay = bpr(free, b, capacity, power, fixed)
    first = int(draw.integers(0, zones + 1))
    return LinkNetwork(tail.astype(np.int32), head.astype(np.int32), delay, zones, nodes, first), trips


@pytest.mark.parametrize("seed", range(60))
def test_hard_worlds_settle(seed):
    network, trips = hard_world(seed)
    found = assign(network, trips, GradientProjection(1e-12))
    assert found.relative_gap <= 1e-12
    assert conserved(network, trips, found.flow, lost_pairs(found)) <= ROUNDING * trips.volume.sum()


@pytest.mark.parametrize("block", [2, 4, 8])
def test_a_world_whose_costs_dwarf_their_differences_settles(block, monkeypatch):
    """Costs of 1e57 that differ by 1e48 and flows of 1e5: summed over arcs, what a step saves is rounding."""
    monkeypatch.setattr(gradient_projection, "START_BLOCK", block)
    found = assign(*hard_world(434), GradientProjection(1e-12))
    assert found.iterations <= 30  # 13 or 14 are taken, of the 500 allowed


def test_pairs_that_undo_each_other_settle():
    """Two pairs share a steep link; each has a way round, of cost 1 and 2: the first pair takes all of its own.

    Shifts of one pair at a time give way to the other by what the steep link's slope allows, a hair each.
    """
    ends = [(0, 4), (1, 4), (4, 5), (5, 2), (5, 3), (0, 2), (1, 3)]
    network = affine(ends, [0, 0, 0, 0, 0, 1e6, 1e6 + 1], [0, 0, 1e6, 0, 0, 0, 0], zones=4)
    found = assign(network, trips_of((0, 2, 3.0), (1, 3, 3.0)), GradientProjection(1e-12))
    # The steep link costs 1e6 + 1 at 1 + 1e-6: the dearer way round is the second pair's. Costs are
    # straight lines, so that Newton's step ends at the answer.
    assert found.flow[[0, 1]] == pytest.approx([0, 1 + 1e-6], rel=SUMS, abs=0)
    assert found.iterations <= 20  # two are taken


def shortest_plain(network, link_cost, origin):
    """Distance to every node on the links as they are given: no graph, no split zones, no kernel."""
    dist = [math.inf] * network.nodes
    dist[origin] = 0.0
    ends = list(zip(network.tail.tolist(), network.head.tolist(), link_cost.tolist(), strict=True))
    while True:
        before = list(dist)
        for a, b, c in ends:
            if (a == origin or a >= network.first_through) and dist[a] + c < dist[b]:
                dist[b] = dist[a] + c
        if dist == before:
            return dist


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_the_gap_is_the_one_a_plain_search_finds(world):
    network, trips = world
    rows = list(zip(trips.origin.tolist(), trips.destination.tolist(), trips.volume.tolist(), strict=True))
    for method in (GradientProjection(1e-9), BiconjugateFrankWolfe(1e-2)):
        found = assign(network, trips, method)
        c = cost_plain(network.delay, found.flow)
        dist = [shortest_plain(network, c, o) for o in range(network.zones)]
        moved = [(o, d, v) for o, d, v in rows if o != d and v > 0]
        lost = {(o + 1, d + 1): v for o, d, v in moved if math.isinf(dist[o][d])}
        assert lost_pairs(found) == set(lost)
        assert found.unassigned["trips"].sum() == pytest.approx(sum(lost.values()), rel=SUMS)
        assert found.intrazonal_trips == pytest.approx(sum(v for o, d, v in rows if o == d), rel=SUMS)
        total = float(c @ found.flow)
        least = sum(v * dist[o][d] for o, d, v in moved if (o + 1, d + 1) not in lost)
        assert found.total_travel_time == pytest.approx(total, rel=SUMS)
        # The gap is a difference of two totals, each with the rounding of a sum.
        assert found.relative_gap * total == pytest.approx(total - least, abs=2 * SUMS * total)
        assert total - least <= (method.gap + 2 * SUMS) * total


def lost_pairs(found):
    return set(zip(found.unassigned["origin"].tolist(), found.unassigned["destination"].tolist(), strict=True))


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_every_method_conserves_and_bounds(world):
    network, trips = world
    scale = max(trips.volume.sum(), 1.0)
    methods = (GradientProjection(1e-9), BiconjugateFrankWolfe(1e-2), Logit(1.0, 1e-7))
    answers = [assign(network, trips, m) for m in methods]
    for found in answers:
        assert conserved(network, trips, found.flow, lost_pairs(found)) <= ROUNDING * scale
        assert found.imbalance <= ROUNDING * scale
        total = found.assigned_trips + found.intrazonal_trips + found.unassigned["trips"].sum()
        assert total == pytest.approx(trips.volume.sum(), rel=SUMS, abs=0)
        assert found.flow.min() >= 0
        assert np.array_equal(found.cost, cost(network.delay, found.flow))
        assert found.lower_bound <= found.objective + rounding(found)
    best, link_based, _ = answers
    assert best.relative_gap <= methods[0].gap
    # What is settled lies above the least objective by its gap times its total at most; every bound lies below it.
    above = methods[0].gap * best.total_travel_time
    assert best.objective <= link_based.objective + above + rounding(best)
    assert link_based.lower_bound <= best.objective + rounding(link_based)


def rounding(found):
    """Of a lower bound, which is an objective less the difference of two totals, each a sum."""
    return SUMS * (found.objective + 2 * found.total_travel_time)


SETTLED = GradientProjection(1e-12)
SAME = 1e-11
"""Relative, of two settled objectives: each is at most gap times total travel time above the least, and with powers of
four or less the total is at most five times the objective."""


def settled(network, trips):
    """The equilibrium, whatever the load: some worlds are loaded hundreds of times beyond capacity."""
    return assign(network, trips, SETTLED)


def sure_of_cost(delay, found):
    """Distance of each link's cost from the only one in equilibrium that the gap allows, float64[L].

    On each link the area between cost and the cost in equilibrium, from one flow to the other, is at most the gap times
    the total travel time; it is at least half the square of the difference in cost over the steepest slope between.
    """
    steepest = slope(delay, 1.01 * found.flow + 1e-9)
    return np.sqrt(2 * steepest * SETTLED.gap * found.total_travel_time) + SUMS * found.cost


@settings(max_examples=60, deadline=None)
@given(worlds(rising=True), st.randoms(use_true_random=False))
def test_renumbered_links_and_nodes_change_nothing(world, random):
    network, trips = world
    links = list(range(network.tail.size))
    random.shuffle(links)
    # Nodes that are no zones may take any number; which zones are closed depends on their number, so they keep it.
    inner = list(range(network.zones, network.nodes))
    random.shuffle(inner)
    name = np.array([*range(network.zones), *inner], dtype=np.int32)
    d = network.delay
    shuffled = dataclasses.replace(
        network,
        tail=name[network.tail][links],
        head=name[network.head][links],
        delay=VolumeDelay(d.base[links], d.rise[links], d.capacity[links], d.power[links]),
    )
    here, there = settled(network, trips), settled(shuffled, trips)
    assert there.objective == pytest.approx(here.objective, rel=SAME)
    sure = sure_of_cost(network.delay, here)[links] + sure_of_cost(shuffled.delay, there)
    assert np.all(abs(there.cost - here.cost[links]) <= sure)


@settings(max_examples=60, deadline=None)
@given(worlds(rising=True), st.sampled_from([1e-3, 24.0, 365.0, 1e6]))
def test_units_of_trips_change_nothing(world, unit):
    network, trips = world
    d = network.delay
    scaled = dataclasses.replace(network, delay=VolumeDelay(d.base, d.rise, d.capacity * unit, d.power))
    more = dataclasses.replace(trips, volume=trips.volume * unit)
    here, there = settled(network, trips), settled(scaled, more)
    assert there.objective == pytest.approx(here.objective * unit, rel=SAME)
    sure = sure_of_cost(network.delay, here) + sure_of_cost(scaled.delay, there)
    assert np.all(abs(there.cost - here.cost) <= sure)


@settings(max_examples=60, deadline=None)
@given(worlds(rising=True), st.data())
def test_a_link_split_in_two_halves_changes_nothing(world, data):
    """Two parallel links of half the capacity each carry half of what one does."""
    network, trips = world
    a = data.draw(st.integers(0, network.tail.size - 1))
    d = network.delay
    capacity = d.capacity.copy()
    capacity[a] /= 2
    twice = [*range(network.tail.size), a]
    halved = dataclasses.replace(
        network,
        tail=network.tail[twice],
        head=network.head[twice],
        delay=VolumeDelay(d.base[twice], d.rise[twice], capacity[twice], d.power[twice]),
    )
    here, there = settled(network, trips), settled(halved, trips)
    assert there.objective == pytest.approx(here.objective, rel=SAME)
    sure = sure_of_cost(network.delay, here)[twice] + sure_of_cost(halved.delay, there)
    assert np.all(abs(there.cost - here.cost[twice]) <= sure)


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


def test_paths_do_not_pass_closed_zones():
    """0 to 1 is cheap through zone 2, but zones are closed to through traffic."""
    ends, a, b = [(0, 2), (2, 1), (0, 3), (3, 1)], [1, 1, 9, 9], [0, 0, 0, 0]
    trips = trips_of((0, 1, 4.0), (0, 2, 1.0), (2, 1, 2.0))
    for method in METHODS:
        closed = assign(affine(ends, a, b, zones=3, first_through=3), trips, method)
        assert closed.flow.tolist() == [1, 2, 4, 4]
        opened = assign(affine(ends, a, b, zones=3, first_through=0), trips, method)
        assert opened.flow.tolist() == [5, 6, 0, 0]


def test_free_circles_do_no_harm():
    ends = [(0, 2), (2, 3), (3, 2), (2, 2), (3, 1)]
    found = assign(affine(ends, [0, 0, 0, 0, 0], [0] * 5), trips_of((0, 1, 4.0)), GradientProjection())
    assert found.flow.tolist() == [4, 4, 0, 0, 4]
    assert found.relative_gap == 0


def test_pairs_without_a_path_are_returned():
    network = affine([(0, 1)], [1], [1], zones=3)
    network = dataclasses.replace(network, nodes=3)
    trips = trips_of((0, 1, 4.0), (0, 2, 1.5), (2, 0, 2.5), (1, 1, 8.0))
    for method in (*METHODS, Logit(1.0)):
        found = assign(network, trips, method)
        assert found.flow.tolist() == [4]
        assert found.unassigned.to_dict("list") == {"origin": [1, 3], "destination": [3, 1], "trips": [1.5, 2.5]}
        assert (found.assigned_trips, found.intrazonal_trips) == (4.0, 8.0)


@pytest.mark.parametrize("trips", [trips_of(), trips_of((0, 1, 0.0)), trips_of((0, 0, 5.0)), trips_of((1, 0, 5.0))])
def test_nothing_to_assign(trips):
    for method in (*METHODS, Logit(1.0)):
        found = assign(affine([(0, 1)], [1], [1]), trips, method)
        assert found.flow.tolist() == [0]
        assert (found.objective, found.relative_gap) == (0, 0)


@pytest.mark.parametrize(
    ("trips", "said"),
    [
        (trips_of((0, 1, -1.0)), "from zone 1 to 2 are -1"),
        (trips_of((0, 1, math.nan)), "from zone 1 to 2 are nan"),
        (trips_of((0, 2, 1.0)), "a zone outside the 2"),
        (trips_of((0, 1, 1.0), (0, 1, 2.0)), "twice"),
    ],
)
def test_faulty_trips_are_refused(trips, said):
    with pytest.raises(InputError, match=said):
        assign(affine([(0, 1)], [1], [1]), trips, GradientProjection())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"capacity": floats(1, 0)}, "link 2: capacity is 0"),
        ({"capacity": floats(1, -3)}, "link 2: capacity is -3"),
        ({"free_flow_time": floats(1, math.nan)}, "link 2: free-flow time is nan"),
        ({"power": floats(1, math.inf)}, "link 2: power is inf"),
    ],
)
def test_faulty_links_are_refused(changed, said):
    good = {name: floats(1, 1) for name in ("free_flow_time", "b", "capacity", "power")}
    with pytest.raises(InputError, match=said):
        bpr(**(good | changed))


@dataclasses.dataclass(frozen=True)
class Leaky:
    """A method that loses a share of what passes each link but the first."""

    share: float

    def solve(self, problem):
        found = GradientProjection(1e-9).solve(problem)
        flow = found.flow.copy()
        flow[1:] *= 1 - self.share
        return dataclasses.replace(found, flow=flow)


def test_a_flow_that_does_not_carry_the_trips_is_an_error():
    network, trips = affine([(0, 2), (2, 1)], [1, 1], [1, 1]), trips_of((0, 1, 4.0))
    assert assign(network, trips, Leaky(0.0)).imbalance == 0
    # A loss of a hundredth of the largest that passes is measured to the rounding of a trip or two.
    assert assign(network, trips, Leaky(1e-11)).imbalance == pytest.approx(4e-11, abs=1e-15)
    with pytest.raises(NoFlowError, match="leaves 4e-06 of 4 trips"):
        assign(network, trips, Leaky(1e-6))


def test_costs_that_overflow_are_an_error():
    delay = bpr(floats(1.0), floats(1.0), floats(1e-300), floats(16.0))
    with pytest.raises(NoFlowError, match="link 1, from node 1 to 2: at capacity 1e-300 and power 16"):
        assign(LinkNetwork(ints(0), ints(1), delay, 2, 2), trips_of((0, 1, 1e5)), GradientProjection())


def logit_16(gap, sweeps):
    return Logit(16.0, gap, max_iterations=sweeps)


@pytest.mark.parametrize("kind", [GradientProjection, BiconjugateFrankWolfe, FrankWolfe, logit_16])
def test_too_few_iterations_are_an_error_with_the_gap(kind):
    with pytest.raises(NotConvergedError) as fault:
        solved_grid(4.0, 30.0, kind(1e-9, 2))
    assert fault.value.gap > 1e-9
    assert f"{fault.value.gap:.3g}" in str(fault.value)
    assert fault.value.exit_code == 3


@pytest.mark.parametrize("method", [GradientProjection(0.0), FrankWolfe(-1.0), GradientProjection(max_iterations=0)])
def test_limits_that_mean_nothing_are_refused(method):
    with pytest.raises(InputError):
        solved_grid(4.0, 1.0, method)


@pytest.mark.parametrize("theta", [0.0, -1.0, math.nan, math.inf])
def test_theta_is_checked(theta):
    with pytest.raises(InputError, match="theta"):
        solved_grid(4.0, 1.0, Logit(theta))


def logit_split(theta, a, b, volume):
    """Flow of the first of two links of costs a + b x, by bisection of the logit condition."""
    low, high = 0.0, volume
    for _ in range(200):
        x = 0.5 * (low + high)
        dearer = a[0] + b[0] * x - a[1] - b[1] * (volume - x)
        low, high = (x, high) if math.log(x / (volume - x)) < -theta * dearer else (low, x)
    return 0.5 * (low + high)


@pytest.mark.parametrize("theta", [0.01, 0.5, 3.0, 50.0, 1000.0])
def test_logit_on_two_links(theta):
    found = assign(affine([(0, 1), (0, 1)], [1, 3], [1, 2]), trips_of((0, 1, 5.0)), Logit(theta, 1e-12))
    first = logit_split(theta, (1, 3), (1, 2), 5.0)
    # Shares fall as their flow rises, so the answer lies between a flow and its shares, which the residual holds apart;
    # costs of 5 are rounded by 4.4e-16, and theta times that moves a share by as much.
    assert found.residual <= 1e-12
    assert found.flow == pytest.approx([first, 5 - first], rel=0, abs=5 * (1e-12 + 2 * theta * 4.4e-16))


def test_logit_tends_to_wardrop():
    exact = solved_grid(4.0, 10.0)[0]
    thetas = (1.0, 4.0, 16.0, 64.0, 256.0)
    found = [solved_grid(4.0, 10.0, Logit(theta))[0] for theta in thetas]
    apart = [abs(f.cost - exact.cost).max() for f in found]
    above = [integral(grid().delay, f.flow).sum() - exact.objective for f in found]
    for distance in (apart, above):
        assert all(later < earlier for earlier, later in itertools.pairwise(distance))
    # Beckmann's objective exceeds Wardrop's by no more than the entropy a trip can have, ln n over theta with n paths.
    for excess, theta in zip(above, thetas, strict=True):
        assert 0 <= excess <= exact.assigned_trips * math.log(20) / theta
    # Where every path in use keeps some flow the excess falls with the square of theta, sixteenfold from 64 to 256.
    assert above[-1] < above[-2] / 16


def test_path_sizes_and_shares():
    """Three paths, two of which share half their length: sizes 1, 3/4 and 3/4."""
    paths = PathSet(ints(0, 3), np.array([0, 1, 3, 5]), ints(0, 1, 2, 1, 3), np.zeros(3))
    assert path_sizes(paths, np.ones(4)).tolist() == [1.0, 0.75, 0.75]
    assert path_sizes(paths, np.zeros(4)).tolist() == [1, 1, 1]
    shares = logit_shares(paths.pair_ptr, np.array([1e5, 1e5, -1e5]))
    assert shares.tolist() == [0.5, 0.5, 0.0]


def test_the_same_question_gets_the_same_bytes():
    for method in (GradientProjection(1e-8), BiconjugateFrankWolfe(1e-4), Logit(1.0)):
        here, there = (solved_grid(4.0, 5.0, method)[0] for _ in range(2))
        assert here.flow.tobytes() == there.flow.tobytes()
