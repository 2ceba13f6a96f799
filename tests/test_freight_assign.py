"""Assignment: closed forms, properties on random networks, and agreement of the methods."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignworlds import (
    METHODS,
    ROUNDING,
    SUMS,
    affine,
    conserved,
    floats,
    hard_world,
    ints,
    lost_pairs,
    solved_grid,
    trips_of,
    worlds,
)
from serai.core.errors import InputError
from serai.freight.assign import gradient_projection
from serai.freight.assign.frank_wolfe import BiconjugateFrankWolfe, FrankWolfe
from serai.freight.assign.gradient_projection import GradientProjection
from serai.freight.assign.network import LinkNetwork
from serai.freight.assign.result import NoFlowError, NotConvergedError
from serai.freight.assign.solve import assign
from serai.freight.assign.stochastic import Logit
from serai.freight.assign.volume_delay import VolumeDelay, bpr, cost, cost_plain, slope


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
