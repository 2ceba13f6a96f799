"""Choice of routes, path sizes, queues and facilities: closed forms, twins and what must change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridorworlds import busy, corridor_world
from helpers import compiled
from serai.corridor.world import with_capacities
from serai.freight.choice import (
    Hot,
    average_cost,
    choose_plain,
    entries,
    hot_combinations,
    load,
    options,
    path_sizes,
    path_sizes_plain,
    shares,
)
from serai.freight.equilibrium import factors, flow_sensitivity, flow_sensitivity_plain, prepare
from serai.freight.facilities import LEAST_SERVICE, TEU, Facilities, facilities, times
from serai.freight.queues import KNEE, wait
from serai.freight.routeset import RouteSet, along_routes, along_routes_plain, route_set, routes_over
from serai.network.costs import parameter

EXACT = 1e-12
"""Sums of tens of terms in double precision."""


def drawn_routes(seed: int, pairs: int = 6, arcs: int = 20) -> RouteSet:
    """Routes of up to six arcs, up to five to a pair."""
    draw = np.random.default_rng(seed)
    count = draw.integers(1, 6, pairs)
    legs = [draw.choice(arcs, draw.integers(1, 7), replace=False) for _ in range(count.sum())]
    ptr = np.concatenate([[0], np.cumsum([x.size for x in legs])])
    zones = tuple(f"Z{i}" for i in range(pairs + 1))
    ends = np.arange(pairs)
    return route_set(zones, ends, ends + 1, np.concatenate([[0], np.cumsum(count)]), ptr, np.concatenate(legs))


def chosen(r: RouteSet, arc_cost, theta, length, available=None):
    """Logsum, shares and flows of every pair and commodity, by the compiled functions, without facilities."""
    k = theta.size
    e = entries(r, np.repeat(np.arange(r.n_pairs, dtype=np.int32), k), np.tile(np.arange(k, dtype=np.int32), r.n_pairs))
    cost = along_routes(r, arc_cost)
    size = path_sizes(r, length, np.isfinite(cost[:, 0]) if available is None else available)
    o = options(e, cost, size, theta)
    hot = Hot(np.arange(r.n_routes, dtype=np.int32), np.zeros(r.n_routes + 1, np.int32), np.zeros(0, np.int32))
    factor = np.ones((k, r.n_routes))
    c, total = average_cost(e, o, hot, factor, theta)
    tonnes = np.linspace(1, 2, e.n)
    return e, cost, size, c, shares(e, o, hot, factor, total), load(e, o, hot, factor, total, tonnes), tonnes


def case(seed: int, closed: float = 0.0):
    draw = np.random.default_rng(seed)
    r = drawn_routes(seed)
    arc_cost = draw.uniform(5, 60, (2, 20))
    arc_cost[:, draw.random(20) < closed] = np.inf
    return r, arc_cost, np.array([0.05, 0.12]), draw.uniform(1, 400, 20)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.15, 0.5]))
def test_compiled_choice_is_that_of_plain_numpy(seed: int, closed: float) -> None:
    r, arc_cost, theta, length = case(seed, closed)
    e, cost, size, c, share, flow, tonnes = chosen(r, arc_cost, theta, length)
    available = np.isfinite(cost[:, 0])
    np.testing.assert_allclose(size, path_sizes_plain(r, length, available), rtol=EXACT)
    np.testing.assert_array_equal(np.isfinite(cost), np.isfinite(along_routes_plain(r, arc_cost)))
    plain_c, plain_share, plain_flow = choose_plain(e, cost, size, theta, tonnes)
    np.testing.assert_allclose(c, plain_c, rtol=EXACT)
    np.testing.assert_allclose(share, plain_share, atol=EXACT)
    np.testing.assert_allclose(flow, plain_flow, atol=EXACT)
    total = np.add.reduceat(share, e.ptr[:-1])
    np.testing.assert_allclose(total, np.isfinite(c).astype(float), atol=EXACT)


def test_one_route_costs_what_it_costs() -> None:
    r = route_set(("A", "B"), [0], [1], [0, 1], [0, 3], [0, 1, 2])
    *_, c, share, flow, tonnes = chosen(r, np.array([[3.0, 4.0, 5.0]]), np.array([0.3]), np.array([1.0, 0.0, 2.0]))
    assert c[0] == 12.0
    assert share[0] == 1.0
    assert flow[0, 0] == tonnes[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_duplicated_route_changes_nothing(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    legs = [r.arcs(i) for i in range(r.n_routes)]
    twice = [x for i, x in enumerate(legs) for x in ([x, x] if i == 0 else [x])]
    more = route_set(r.zones, r.pair_origin, r.pair_dest, r.pair_ptr + (np.arange(r.pair_ptr.size) > 0),
                     np.concatenate([[0], np.cumsum([x.size for x in twice])]), np.concatenate(twice))  # fmt: skip
    _, _, size, c, share, *_ = chosen(r, arc_cost, theta, length)
    _, _, size2, c2, share2, *_ = chosen(more, arc_cost, theta, length)
    # A twin halves the path size of its own legs alone; legs it shares with others count one sharer more.
    n = int(r.pair_ptr[1])
    alone = all(np.intersect1d(legs[0], x).size == 0 for x in legs[1:n])
    np.testing.assert_allclose(c2[2:], c[2:], rtol=EXACT)
    assert size2[0] == size2[1]
    if alone:
        np.testing.assert_allclose(c2, c, rtol=EXACT)
        np.testing.assert_allclose(share2[0] + share2[1], share[0], rtol=EXACT)
        assert size2[0] == pytest.approx(size[0] / 2, rel=EXACT)


def test_path_size_of_overlapping_routes() -> None:
    # Two routes share 60 of their 100 km: each counts 0.4 + 0.6 / 2.
    r = route_set(("A", "B"), [0], [1], [0, 2], [0, 2, 4], [0, 1, 0, 2])
    size = path_sizes(r, np.array([60.0, 40.0, 40.0]), np.ones(2, dtype=bool))
    np.testing.assert_allclose(size, 0.7, rtol=EXACT)
    np.testing.assert_allclose(path_sizes(r, np.zeros(3), np.ones(2, dtype=bool)), 0.75, rtol=EXACT)
    np.testing.assert_allclose(path_sizes(r, np.array([60.0, 40, 40]), np.array([True, False])), [1, 0], rtol=EXACT)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_slope_of_the_average_cost_is_the_share_of_the_arc(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    e, _, _, _, share, *_ = chosen(r, arc_cost, theta, length)
    ptr, over = routes_over(r, 20)
    for a in range(0, 20, 3):
        h = 1e-4
        ends = []
        for sign in (1, -1):
            moved = arc_cost.copy()
            moved[:, a] += sign * h
            ends.append(chosen(r, moved, theta, length)[3])
        slope = (ends[0] - ends[1]) / (2 * h)
        passing = np.isin(np.arange(r.n_routes), over[ptr[a] : ptr[a + 1]])
        route = np.repeat(e.first_route - e.ptr[:-1], np.diff(e.ptr)) + np.arange(e.n_options)
        expected = np.add.reduceat(share * passing[route], e.ptr[:-1])
        # Rounding of C (about 1e-14 relative) over 2 h, and h^2 theta^2 / 6 of truncation.
        np.testing.assert_allclose(slope, expected, atol=2e-8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_shut_arc_is_as_if_its_routes_were_absent(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    shut = int(r.leg_arc[0])
    masked = arc_cost.copy()
    masked[:, shut] = np.inf
    keep = [i for i in range(r.n_routes) if shut not in r.arcs(i)]
    count = np.bincount(r.route_pair[keep], minlength=r.n_pairs)
    pairs = np.flatnonzero(count)
    legs = [r.arcs(i) for i in keep]
    if not legs:
        return
    less = route_set(r.zones, r.pair_origin[pairs], r.pair_dest[pairs], np.concatenate([[0], np.cumsum(count[pairs])]),
                     np.concatenate([[0], np.cumsum([x.size for x in legs])]), np.concatenate(legs))  # fmt: skip
    e, _, _, c, share, *_ = chosen(r, masked, theta, length)
    _, _, _, c2, share2, *_ = chosen(less, arc_cost, theta, length)
    np.testing.assert_allclose(c[np.isin(e.pair, pairs)], c2, rtol=EXACT)
    assert np.isinf(c[~np.isin(e.pair, pairs)]).all()
    np.testing.assert_allclose(share[share > 0], share2, rtol=EXACT)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_units_of_money_and_length_change_no_share(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    *_, c, share, flow, _ = chosen(r, arc_cost, theta, length)
    *_, c2, share2, flow2, _ = chosen(r, arc_cost / 1000, theta * 1000, length * 1.609344)
    np.testing.assert_allclose(c2 * 1000, c, rtol=1e-11)
    np.testing.assert_allclose(share2, share, atol=1e-11)
    np.testing.assert_allclose(flow2, flow, atol=1e-11)


def test_queue_is_that_of_a_single_server_below_the_knee() -> None:
    rho = np.linspace(0, KNEE, 50)
    np.testing.assert_allclose(wait(rho, np.full(50, 3.0))[0], 3.0 * rho / (1 - rho), rtol=EXACT)
    assert wait(np.array([0.5]), np.array([7.0]))[0][0] == pytest.approx(7.0, rel=EXACT)


def test_queue_bends_smoothly_at_the_knee_and_its_slope_doubles() -> None:
    s, h = np.ones(1), 1e-6
    below, at, above = (wait(np.array([KNEE + d]), s) for d in (-h, 0.0, h))
    assert above[0][0] - at[0][0] == pytest.approx(at[1][0] * h, rel=1e-4)
    curve = 2 / (1 - KNEE) ** 3
    # One-sided differences of the slope err by h times the third derivative, 6 / (1 - KNEE)^4 h.
    for one in ((at[1][0] - below[1][0]) / h, (above[1][0] - at[1][0]) / h):
        assert one == pytest.approx(curve, rel=6e-4)
    assert wait(np.array([3.0]), s)[1][0] == pytest.approx(2 / (1 - KNEE) ** 2, rel=1e-9)


def test_queue_rises_and_is_convex() -> None:
    rho = np.linspace(-0.2, 2.5, 4000)
    value, slope = wait(rho, np.ones(rho.size))
    assert (np.diff(value) > 0).all()
    assert (np.diff(slope) >= -1e-12 * slope[:-1]).all()
    h = 1e-6
    ends = [wait(rho + d, np.ones(rho.size))[0] for d in (h, -h)]
    inner = np.abs(rho) > 2 * h
    np.testing.assert_allclose(((ends[0] - ends[1]) / (2 * h))[inner], slope[inner], rtol=1e-6)


@pytest.fixture(scope="module")
def small(sixplace) -> Facilities:
    c = compiled(busy(sixplace))
    time = np.full(c.topology.n_arcs, 30.0)
    return facilities(c, time, {"port:HARBOR": 300.0})


def test_published_time_holds_at_the_use_it_was_seen_under(small: Facilities) -> None:
    flow = small.reference * small.capacity_per_day
    time, slope = times(small, flow)
    np.testing.assert_allclose(time, small.published_h, rtol=EXACT)
    h = 1e-4 * small.capacity_per_day
    ends = [times(small, flow + d)[0] for d in (h, -h)]
    np.testing.assert_allclose((ends[0] - ends[1]) / (2 * h), slope, rtol=1e-5)
    harbor = small.keys.index("port:HARBOR")
    assert small.unit[harbor] == TEU
    assert small.reference[harbor] == pytest.approx(300.0 / (120_000 / 365))


def test_queue_that_does_not_fit_the_published_time_is_scaled_and_counted(sixplace) -> None:
    c = compiled(busy(sixplace))
    wanted = {"road": parameter(c.package, "queue_h_road"), "rail": parameter(c.package, "queue_h_rail")}
    for hours in (1.0, 500.0):
        f = facilities(c, np.full(c.topology.n_arcs, hours), {})
        idle, _ = times(f, np.zeros(f.n))
        assert (idle >= LEAST_SERVICE * f.published_h * (1 - EXACT)).all()
        assert f.clipped == (f.n if hours == 1.0 else 0)
    for key, s in zip(f.keys, f.scale_h, strict=True):
        kind = key.split(":")[2] if key.startswith("crossing") else "port"
        assert s == wanted.get(kind, parameter(c.package, "queue_h_port"))


def test_observed_use_above_capacity_is_held_at_the_knee(sixplace) -> None:
    f = facilities(
        compiled(busy(sixplace)), np.full(compiled(busy(sixplace)).topology.n_arcs, 30.0), {"port:ISLE": 1e9}
    )
    assert f.reference[f.keys.index("port:ISLE")] == KNEE


def test_combinations_tell_the_facilities_of_every_route(sixplace) -> None:
    m = corridor_world(busy(sixplace)).freight
    hot = hot_combinations(m.routes, m.facilities)
    for r in range(m.routes.n_routes):
        on = m.facilities.arc_facility[m.routes.arcs(r)]
        u = hot.route[r]
        assert hot.facility[hot.ptr[u] : hot.ptr[u + 1]].tolist() == sorted(on[on >= 0].tolist())
    assert hot.n == np.unique(hot.route).size or hot.n == np.unique(hot.route).size + 1


def test_factors_cost_a_route_its_hours(sixplace) -> None:
    """Weights times factors at moved times are the weights of routes priced at those times."""
    w = corridor_world(busy(sixplace))
    m = w.freight
    p = prepare(m, w.conditions.arc_cost_usd_per_t, w.conditions.one_end)
    t = m.facilities.published_h * np.linspace(0.8, 1.5, m.facilities.n)
    c, total = average_cost(m.entries, p.options, m.hot, factors(m, t), m.theta)
    arc = w.conditions.arc_cost_usd_per_t.copy()
    on = np.flatnonzero(m.facilities.arc_facility >= 0)
    h = m.facilities.arc_facility[on]
    arc[:, on] += m.vot_usd_per_t_h[:, None] * (t - m.facilities.published_h)[h]
    again = prepare(m, arc, w.conditions.one_end)
    plain, share, _ = choose_plain(m.entries, again.cost_usd_per_t, again.size, m.theta, np.ones(m.entries.n))
    np.testing.assert_allclose(c, plain, rtol=1e-11)
    np.testing.assert_allclose(shares(m.entries, p.options, m.hot, factors(m, t), total), share, atol=1e-11)


def test_sensitivity_of_flows_is_their_slope(sixplace) -> None:
    from serai.freight.equilibrium import facility_flows

    w = corridor_world(busy(sixplace))
    m, tonnes = w.freight, w.base.freight.tonnes_per_day
    p = prepare(m, w.conditions.arc_cost_usd_per_t, w.conditions.one_end)

    def at(t):
        factor = factors(m, t)
        _, total = average_cost(m.entries, p.options, m.hot, factor, m.theta)
        flow = facility_flows(m, load(m.entries, p.options, m.hot, factor, total, tonnes))
        return flow, shares(m.entries, p.options, m.hot, factor, total)

    t = w.base.freight.time_h
    exact = flow_sensitivity(m, at(t)[1], tonnes)
    np.testing.assert_allclose(exact, flow_sensitivity_plain(m, at(t)[1], tonnes), atol=1e-10 * np.abs(exact).max())
    h = 1e-3
    for b in range(m.facilities.n):
        step = h * (np.arange(m.facilities.n) == b)
        slope = (at(t + step)[0] - at(t - step)[0]) / (2 * h)
        np.testing.assert_allclose(exact[:, b], slope, atol=1e-6 * np.abs(exact).max())


def test_capacities_of_a_model_can_be_left_as_they_are(sixplace) -> None:
    m = corridor_world(busy(sixplace)).freight
    assert with_capacities(m, None) is m
    double = with_capacities(m, 2 * m.facilities.capacity_per_day)
    assert (times(double.facilities, m.facilities.capacity_per_day)[0]
            < times(m.facilities, m.facilities.capacity_per_day)[0]).all()  # fmt: skip
