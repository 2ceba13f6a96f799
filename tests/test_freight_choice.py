"""Choice of routes, path sizes, queues and facilities: closed forms, twins and what must change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridorworlds import busy, corridor_world
from helpers import compiled
from serai.corridor.base import with_capacities
from serai.freight.bundles import bundled, combinations, weights
from serai.freight.choice import LANES, Contest, choose, choose_plain, entries, load, load_plain, places
from serai.freight.facilities import LEAST_SERVICE, TEU, Facilities, facilities, times
from serai.freight.nests import BITS, LEAST_KM, nests
from serai.freight.opened import carry_routes, choose_routes, choose_routes_plain, opened
from serai.freight.prepared import chosen_at, contest_at, flows_of, prepare, route_costs, routes_chosen_at
from serai.freight.queues import KNEE, wait
from serai.freight.routeset import (
    RouteSet,
    along_routes,
    along_routes_plain,
    over_arcs,
    over_arcs_plain,
    route_set,
    routes_over,
)
from serai.freight.sensitivity import flow_sensitivity, flow_sensitivity_plain, share_slopes_plain
from serai.network.figures import parameter

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


def contest_of(r: RouteSet, arc_cost, theta, length, mu=0.4, where=None, delay=None):
    """Every pair and commodity; every route an option of its own, unless it is told which facilities it passes."""
    k = theta.size
    e = entries(r, np.repeat(np.arange(r.n_pairs, dtype=np.int32), k), np.tile(np.arange(k, dtype=np.int32), r.n_pairs))
    where = np.arange(r.n_routes, dtype=np.int32) if where is None else where
    b = bundled(e, r, theta[e.commodity], where, nests(r, length), mu)
    route, entry = e.routes()
    o = opened(b, weights(b, along_routes(r, arc_cost)[route, e.commodity[entry]]))
    delay = np.zeros((k, r.n_routes)) if delay is None else delay
    return e, b, o, Contest(o.at, o.cost_usd_per_t, o.alone, o.inside, delay)


def chosen(r: RouteSet, arc_cost, theta, length, mu=0.4):
    """Entries, average costs, shares of routes and flows, by the compiled functions."""
    e, b, o, s = contest_of(r, arc_cost, theta, length, mu)
    cost, share = choose_routes(b, s, o)
    shape = theta.size, r.n_routes
    return e, cost, share, load(s.at, choose(s).share, np.linspace(1, 2, e.n), shape)


def case(seed: int, closed: float = 0.0):
    draw = np.random.default_rng(seed)
    r = drawn_routes(seed)
    arc_cost = draw.uniform(5, 60, (2, 20))
    arc_cost[:, draw.random(20) < closed] = np.inf
    return r, arc_cost, np.array([0.05, 0.12]), draw.uniform(1, 400, 20)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.15, 0.5]), st.sampled_from([0.1, 0.4, 1.0]))
def test_compiled_choice_is_that_of_plain_numpy(seed: int, closed: float, mu: float) -> None:
    r, arc_cost, theta, length = case(seed, closed)
    e, b, o, s = contest_of(r, arc_cost, theta, length, mu)
    found, plain = choose(s), choose_plain(s)
    np.testing.assert_allclose(found.cost_usd_per_t, plain.cost_usd_per_t, rtol=EXACT)
    np.testing.assert_allclose(found.share, plain.share, atol=EXACT)
    cost, share = choose_routes_plain(b, along_routes_plain(r, arc_cost))
    np.testing.assert_allclose(found.cost_usd_per_t, cost, rtol=EXACT)
    np.testing.assert_allclose(choose_routes(b, s, o)[1], share, atol=EXACT)
    tonnes = np.linspace(1, 2, e.n)
    shape = theta.size, r.n_routes
    flow = load(s.at, found.share, tonnes, shape)
    np.testing.assert_allclose(flow, load_plain(s.at, found.share, tonnes, shape), atol=EXACT)
    np.testing.assert_allclose(flow.sum(), tonnes[np.isfinite(found.cost_usd_per_t)].sum(), rtol=EXACT)


def test_one_route_costs_what_it_costs() -> None:
    r = route_set(("A", "B"), [0], [1], [0, 1], [0, 3], [0, 1, 2])
    _, c, share, flow = chosen(r, np.array([[3.0, 4.0, 5.0]]), np.array([0.3]), np.array([1.0, 0.0, 2.0]))
    assert c[0] == 12.0
    assert share[0] == 1.0
    assert flow[0, 0] == 1.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_independent_routes_are_the_multinomial_logit(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    e, c, share, _ = chosen(r, arc_cost, theta, length, 1.0)
    route, entry = e.routes()
    k = e.commodity[entry]
    w = np.exp(-theta[k] * along_routes(r, arc_cost)[route, k])
    total = np.add.reduceat(w, e.ptr[:-1])
    np.testing.assert_allclose(c, -np.log(total) / theta[e.commodity], rtol=1e-11)
    np.testing.assert_allclose(share, w / np.repeat(total, np.diff(e.ptr)), rtol=1e-10)


def test_overlap_of_two_routes_in_closed_form() -> None:
    # Two routes share 60 of their 100 km and cost the same: F = 0.4 + 0.4 + 0.6 * 2^mu.
    r = route_set(("A", "B"), [0], [1], [0, 2], [0, 2, 4], [0, 1, 0, 2])
    length, cost, theta = np.array([60.0, 40.0, 40.0]), np.array([[6.0, 4.0, 4.0]]), np.array([0.3])
    for mu in (0.1, 0.5, 1.0):
        _, c, share, _ = chosen(r, cost, theta, length, mu)
        assert c[0] == pytest.approx(10.0 - np.log(0.8 + 0.6 * 2**mu) / 0.3, rel=EXACT)
        np.testing.assert_allclose(share, 0.5, rtol=EXACT)


def test_near_duplicate_is_worth_next_to_nothing() -> None:
    """The whole of what a twin of nearly all of a route can bring is mu ln 2 / theta."""
    r = route_set(("A", "B"), [0], [1], [0, 2], [0, 2, 4], [0, 1, 0, 2])
    length, cost, theta = np.array([9999.0, 1.0, 1.0]), np.array([[6.0, 4.0, 4.0]]), np.array([0.3])
    for mu in (0.01, 0.35):
        c = chosen(r, cost, theta, length, mu)[1]
        assert 0 < 10.0 - c[0] <= (mu * np.log(2) + 2e-4) / 0.3


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.05, 0.35, 1.0]))
def test_another_way_never_raises_the_average_cost(seed: int, mu: float) -> None:
    """Opening anything lowers the cost of everybody, or leaves it; however it overlaps and whatever it costs."""
    r, arc_cost, theta, length = case(seed)
    every = chosen(r, arc_cost, theta, length, mu)[1]
    for shut in range(20):
        less = arc_cost.copy()
        less[:, shut] = np.inf
        # Costs are sums of at most 360; rounding of their logsums is under 1e-12 of that over theta.
        assert (chosen(r, less, theta, length, mu)[1] >= every - 1e-10).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_arc_cut_in_two_changes_nothing(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    cut = int(r.leg_arc[0])
    legs = [np.concatenate([[a, 20] if a == cut else [a] for a in r.arcs(i)]) for i in range(r.n_routes)]
    more = route_set(r.zones, r.pair_origin, r.pair_dest, r.pair_ptr,
                     np.concatenate([[0], np.cumsum([x.size for x in legs])]), np.concatenate(legs))  # fmt: skip
    # Parts are kept above the least length that counts.
    length = length + 10 * LEAST_KM
    halves = np.append(length, 0.7 * length[cut])
    halves[cut] *= 0.3
    costs = np.concatenate([arc_cost, 0.2 * arc_cost[:, [cut]]], axis=1)
    costs[:, cut] *= 0.8
    _, c, share, _ = chosen(r, arc_cost, theta, length)
    _, c2, share2, _ = chosen(more, costs, theta, halves)
    np.testing.assert_allclose(c2, c, rtol=EXACT)
    np.testing.assert_allclose(share2, share, atol=EXACT)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_sums_over_arcs_are_the_transpose_of_those_along_routes(seed: int) -> None:
    r, draw = drawn_routes(seed), np.random.default_rng(seed)
    of_routes, of_arcs = draw.random((r.n_routes, 2)), draw.random((1, 20))
    over = over_arcs(r, of_routes, 20)
    np.testing.assert_allclose(over, over_arcs_plain(r, of_routes, 20), rtol=EXACT)
    np.testing.assert_allclose(of_arcs @ over, along_routes(r, of_arcs).T @ of_routes, rtol=EXACT)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 2 * BITS + 5))
def test_nests_hold_the_arcs_of_every_route(seed: int, n: int) -> None:
    """More routes than one word can tell apart: what a route shares and what it has alone are its whole length."""
    draw = np.random.default_rng(seed)
    legs = [draw.choice(30, draw.integers(1, 8), replace=False) for _ in range(n)]
    r = route_set(("A", "B"), [0], [1], [0, n], np.concatenate([[0], np.cumsum([x.size for x in legs])]),
                  np.concatenate(legs))  # fmt: skip
    length = draw.uniform(1, 50, 30)
    over = nests(r, length)
    shared = np.bincount(over.member, np.repeat(over.length, np.diff(over.member_ptr)), n)
    np.testing.assert_allclose(over.alone * over.route_length + shared, over.route_length, rtol=EXACT)
    km = along_routes(r, length[None, :])[:, 0]
    np.testing.assert_allclose(over.route_length, km / km[0], rtol=EXACT)
    ends = zip(over.member_ptr[:-1], over.member_ptr[1:], strict=True)
    sets = [frozenset(over.member[a:b].tolist()) for a, b in ends]
    users = {a: frozenset(i for i, x in enumerate(legs) if a in x) for a in range(30)}
    assert sorted(map(sorted, sets)) == sorted(map(sorted, {u for u in users.values() if len(u) > 1}))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_slope_of_the_average_cost_is_the_share_of_the_arc(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    e, _, share, _ = chosen(r, arc_cost, theta, length)
    ptr, over = routes_over(r, 20)
    for a in range(0, 20, 3):
        h = 1e-4
        ends = []
        for sign in (1, -1):
            moved = arc_cost.copy()
            moved[:, a] += sign * h
            ends.append(chosen(r, moved, theta, length)[1])
        slope = (ends[0] - ends[1]) / (2 * h)
        passing = np.isin(np.arange(r.n_routes), over[ptr[a] : ptr[a + 1]])
        expected = np.add.reduceat(share * passing[e.routes()[0]], e.ptr[:-1])
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
    e, c, share, _ = chosen(r, masked, theta, length)
    _, c2, share2, _ = chosen(less, arc_cost, theta, length)
    np.testing.assert_allclose(c[np.isin(e.pair, pairs)], c2, rtol=EXACT)
    assert np.isinf(c[~np.isin(e.pair, pairs)]).all()
    np.testing.assert_allclose(share[share > 0], share2, rtol=EXACT)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_units_of_money_and_length_change_no_share(seed: int) -> None:
    r, arc_cost, theta, length = case(seed)
    length = length + LEAST_KM
    _, c, share, flow = chosen(r, arc_cost, theta, length)
    _, c2, share2, flow2 = chosen(r, arc_cost / 1000, theta * 1000, length * 1.609344)
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
    hot = combinations(m.routes, m.facilities.arc_facility)
    for r in range(m.routes.n_routes):
        on = m.facilities.arc_facility[m.routes.arcs(r)]
        u = hot.route[r]
        assert hot.member[hot.ptr[u] : hot.ptr[u + 1]].tolist() == sorted(on[on >= 0].tolist())
    assert hot.n == np.unique(hot.route).size or hot.n == np.unique(hot.route).size + 1


def test_hours_at_facilities_cost_a_route_what_they_cost_on_its_arcs(sixplace) -> None:
    w = corridor_world(busy(sixplace))
    m = w.freight
    p = prepare(m, w.conditions.arc_cost_usd_per_t, w.conditions.one_end)
    t = m.facilities.published_h * np.linspace(0.8, 1.5, m.facilities.n)
    found, share = routes_chosen_at(m, p, t)
    arc = w.conditions.arc_cost_usd_per_t.copy()
    on = np.flatnonzero(m.facilities.arc_facility >= 0)
    h = m.facilities.arc_facility[on]
    arc[:, on] += m.queue_usd_per_t_h[:, None] * (t - m.facilities.published_h)[h]
    plain, plain_share = choose_routes_plain(m.bundling, route_costs(m, arc, w.conditions.one_end))
    np.testing.assert_allclose(found, plain, rtol=1e-11)
    np.testing.assert_allclose(share, plain_share, atol=1e-11)
    tonnes = np.linspace(0.0, 3.0, m.entries.n)
    route, entry = m.entries.routes()
    flow = np.bincount(route, share * tonnes[entry], m.routes.n_routes)
    carried_t = carry_routes(m.bundling, contest_at(m, p, t), p.opened, tonnes, m.routes.n_routes)
    np.testing.assert_allclose(carried_t, flow, rtol=1e-12, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.2]), st.sampled_from([0.1, 0.4, 1.0]), st.integers(1, 6))
def test_bundles_choose_as_their_routes_do(seed: int, closed: float, mu: float, n: int) -> None:
    """However routes are bundled: what meets the same delays is one option, and nothing else changes."""
    r, arc_cost, theta, length = case(seed, closed)
    draw = np.random.default_rng(seed + 1)
    where, delay = draw.integers(0, n, r.n_routes).astype(np.int32), draw.uniform(-5, 60, (theta.size, n))
    e, b, o, s = contest_of(r, arc_cost, theta, length, mu, where, delay)
    cost, share = choose_routes(b, s, o)
    np.testing.assert_array_equal(cost, choose(s).cost_usd_per_t)
    # What is closed is left out, and nests of one option or of the same options are put together.
    assert np.isfinite(o.cost_usd_per_t).all()
    for i in range(e.n):
        own = o.at.length[o.at.nest_ptr[i] : o.at.nest_ptr[i + 1]] > 0
        inside = o.inside[o.at.inside_ptr[i] + places(int(o.at.ptr[i + 1] - o.at.ptr[i]), own.size)]
        assert (np.count_nonzero(inside[own], axis=1) > 1).all()
        assert np.unique(inside[own], axis=0).shape == inside[own].shape
        assert not inside[~own].any()
        assert own.size % LANES == 0
        assert own.size < own.sum() + LANES
    plain, plain_share = choose_routes_plain(b, along_routes(r, arc_cost) + delay[:, where].T)
    # Weights relative to the cheapest route of a bundle and not to that of the entry: rounding of exponentials.
    np.testing.assert_allclose(cost, plain, rtol=1e-11)
    np.testing.assert_allclose(share, plain_share, atol=1e-11)
    of_option = np.zeros(int(b.at.ptr[-1]))
    route, entry = e.routes()
    np.add.at(of_option, b.at.ptr[entry] + b.option[route], share)
    place = np.repeat(b.at.ptr[:-1], np.diff(o.at.ptr)) + o.option
    np.testing.assert_allclose(of_option[place], choose(s).share, atol=1e-11)
    assert of_option.sum() == pytest.approx(choose(s).share.sum(), rel=EXACT)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.35, 1.0]))
def test_slopes_of_shares_are_their_differences(seed: int, mu: float) -> None:
    r, arc_cost, theta, length = case(seed, 0.1)
    s = contest_of(r, arc_cost, theta, length, mu)[-1]
    for e in range(0, s.at.theta.size, 3):
        if not np.isfinite(choose(s).cost_usd_per_t[e]):
            continue
        slopes = share_slopes_plain(s, e)
        np.testing.assert_allclose(slopes, slopes.T, atol=EXACT)
        at, h = slice(s.at.ptr[e], s.at.ptr[e + 1]), 1e-5
        for q in range(slopes.shape[0]):
            step = np.zeros_like(s.cost_usd_per_t)
            step[s.at.ptr[e] + q] = h
            up, down = (choose(s._replace(cost_usd_per_t=s.cost_usd_per_t + d)).share[at] for d in (step, -step))
            # Rounding of a share over 2 h.
            np.testing.assert_allclose(slopes[:, q], (up - down) / (2 * h), atol=2e-8)


def test_sensitivity_of_flows_is_their_slope(sixplace) -> None:
    w = corridor_world(busy(sixplace))
    m, tonnes = w.freight, w.base.freight.tonnes_per_day
    p = prepare(m, w.conditions.arc_cost_usd_per_t, w.conditions.one_end)
    t = w.base.freight.time_h
    exact = flow_sensitivity(m, p, t, tonnes)
    np.testing.assert_allclose(exact, flow_sensitivity_plain(m, p, t, tonnes), atol=1e-10 * np.abs(exact).max())
    h = 1e-3
    for b in range(m.facilities.n):
        step = h * (np.arange(m.facilities.n) == b)
        up, down = (flows_of(m, p, chosen_at(m, p, t + d).share, tonnes) for d in (step, -step))
        np.testing.assert_allclose(exact[:, b], (up - down) / (2 * h), atol=1e-6 * np.abs(exact).max())


@pytest.mark.parametrize("factor", [30.0, 300.0, 3000.0])
def test_sensitivity_of_flows_survives_weights_that_underflow(sixplace, factor: float) -> None:
    """Routes so much dearer than the best that the weights of a nest are nothing or next to it."""
    w = corridor_world(busy(sixplace))
    m, tonnes, t = w.freight.at_sensitivity(factor), w.base.freight.tonnes_per_day, w.base.freight.time_h
    p = prepare(m, w.conditions.arc_cost_usd_per_t, w.conditions.one_end)
    exact = flow_sensitivity(m, p, t, tonnes)
    assert np.isfinite(exact).all()
    # What is left of terms of this size that cancel.
    whole = float((m.theta * m.queue_usd_per_t_h[m.entries.commodity] * tonnes).sum())
    np.testing.assert_allclose(exact, flow_sensitivity_plain(m, p, t, tonnes), atol=1e-13 * whole)


def test_capacities_of_a_model_can_be_left_as_they_are(sixplace) -> None:
    m = corridor_world(busy(sixplace)).freight
    assert with_capacities(m, None) is m
    double = with_capacities(m, 2 * m.facilities.capacity_per_day)
    assert (times(double.facilities, m.facilities.capacity_per_day)[0]
            < times(m.facilities, m.facilities.capacity_per_day)[0]).all()  # fmt: skip
