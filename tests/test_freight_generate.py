"""Route sets: every route a path, no place twice, the best in the set, and a way without whatever can be shut."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest

from corridorworlds import AUTUMN, busy, corridor_world, trade_inputs
from helpers import SUMMER, compiled
from serai.core.errors import NoEquilibriumError
from serai.corridor.solve import solve
from serai.freight import candidates, generate
from serai.freight.equilibrium import assign
from serai.freight.generate import _traits, build_routes, union_open, value_classes
from serai.freight.model import open_network
from serai.freight.prepared import prepare
from serai.freight.search import dijkstra
from serai.freight.settle import AndersonNewton
from serai.network.costs import generalized

DAYS = (SUMMER, AUTUMN)


def built(package):
    c = compiled(package)
    t = trade_inputs(c)
    o, d = (x.astype(np.int32) for x in np.nonzero(~np.eye(len(t.zones), dtype=bool)))
    routes, kept = build_routes(c, t.zones, o, d, DAYS)
    assert kept.size == routes.n_pairs
    return c, t, routes


def check_paths(c, t, routes) -> None:
    top, pair = c.topology, routes.route_pair
    scoped = c.figures.bilateral | c.figures.unproven
    for r in range(routes.n_routes):
        arcs = routes.arcs(r)
        a, b = (t.zones[x[pair[r]]] for x in (routes.pair_origin, routes.pair_dest))
        assert top.tail[arcs[0]] == top.door_out[top.place_index(a)]
        assert top.head[arcs[-1]] == top.door_in[top.place_index(b)]
        assert (top.head[arcs[:-1]] == top.tail[arcs[1:]]).all()
        assert np.unique(top.head[arcs]).size == arcs.size
        runs = top.place[np.append(top.tail[arcs[0]], top.head[arcs])]
        runs = runs[np.append(True, np.diff(runs) != 0)]
        assert np.unique(runs).size == runs.size
        ends = next(iter(c.sides[a])), next(iter(c.sides[b]))
        for g in arcs[scoped[arcs]]:
            assert c.sides[top.arcs[g].place] == frozenset(ends)


def check_choice_of_ways(c, routes) -> None:
    """The best way by every value class is there; and where it can be avoided, a way without each of its traits."""
    top, f, traits = c.topology, c.figures, _traits(c)
    costs = replace(open_network(c, DAYS[0], "reopened").costs, open=union_open(c, DAYS))
    price = np.stack([generalized(costs, c.worth, k) for k in value_classes(c)])
    price[:, f.bilateral | f.unproven | f.needs_project] = np.inf
    codes, zones = list(c.package["countries"]["iso3"]), [top.place_index(z) for z in routes.zones]
    for p in range(routes.n_pairs):
        legs = [routes.arcs(r) for r in range(routes.pair_ptr[p], routes.pair_ptr[p + 1])]
        o, d = (zones[x[p]] for x in (routes.pair_origin, routes.pair_dest))
        own = {codes.index(next(iter(c.sides[top.place_ids[z]]))) for z in (o, d)}
        for cost in price:
            best = dijkstra(top.out_ptr, top.head, cost, int(top.door_out[o]))[0][top.door_in[d]]
            values = [cost[x].sum() for x in legs]
            if not np.isfinite(best):
                continue
            assert min(values) == pytest.approx(best, rel=1e-12)
            for x in set(np.flatnonzero(traits[legs[int(np.argmin(values))]].any(axis=0))) - own:
                shut = np.where(traits[:, x], np.inf, cost)
                if np.isfinite(dijkstra(top.out_ptr, top.head, shut, int(top.door_out[o]))[0][top.door_in[d]]):
                    assert any(np.isfinite(shut[leg]).all() for leg in legs)


def test_routes_are_paths_and_the_best_ways_are_among_them(sixplace) -> None:
    c, t, routes = built(sixplace)
    check_paths(c, t, routes)
    check_choice_of_ways(c, routes)


def test_a_way_without_lorries_over_borders_is_one_that_stands() -> None:
    """The cheapest way without one is shut on the day; for a mode over borders the cheapest open one is taken too."""
    legs, size = np.array([[0], [1], [2], [3]], np.int32), np.ones(4, np.int32)
    price = np.array([[10.0, 11.0, 12.0, 13.0], [10.0, np.inf, 12.0, 13.0]])
    lorries = np.array([[1], [0], [0], [0]], np.uint64)

    def taken(modes: tuple[int, int]) -> list[bool]:
        take = np.zeros(4, dtype=bool)
        candidates.choose(
            legs, size, 4, price, np.zeros(4, bool), lorries, np.array([-1, -1]), modes, 1, 0, 1.0, take
        )  # fmt: skip
        return take.tolist()

    assert taken((0, 1)) == [True, True, True, False]
    assert taken((1, 1)) == [True, True, False, False]


def test_room_for_candidates_grows_and_plain_numpy_finds_the_same_routes(sixplace, monkeypatch) -> None:
    """Two seats to begin with, and every kernel as plain Python: nothing is cut off, and nothing else is found."""
    _, _, routes = built(sixplace)
    monkeypatch.setattr(candidates, "SEATS", 2)
    monkeypatch.setattr(generate, "_kernel", lambda: candidates.collect)
    # Keys of ways are sums that wrap.
    with np.errstate(over="ignore"):
        _, _, plain = built(sixplace)
    assert plain.digest == routes.digest


def test_the_kernel_of_routes_is_kept_between_processes(sixplace) -> None:
    """A kernel that is handed another one has a type of its own in every process, and is compiled in each."""
    built(sixplace)
    taken = [kind for signature in generate._kernel().signatures for kind in signature]
    assert taken
    assert not any(isinstance(kind, numba.types.Callable) for kind in taken)


def test_no_pair_has_a_way_twice(sixplace, ewec) -> None:
    c = compiled(ewec)
    t = trade_inputs(c)
    o, d = (x.astype(np.int32) for x in np.nonzero(~np.eye(len(t.zones), dtype=bool)))
    keep = (o * 7 + d) % 97 == 0
    for routes in (built(sixplace)[2], build_routes(c, t.zones, o[keep], d[keep], DAYS)[0]):
        for p in range(routes.n_pairs):
            ways = [tuple(routes.arcs(r).tolist()) for r in range(routes.pair_ptr[p], routes.pair_ptr[p + 1])]
            assert len(set(ways)) == len(ways)


def test_route_set_is_the_same_twice(sixplace) -> None:
    assert built(sixplace)[2].digest == built(sixplace)[2].digest


def test_renamed_place_changes_names_alone(sixplace) -> None:
    renamed = {}
    for name in ("places", "links", "crossings", "ports", "transfers", "services", "delays", "status", "requirements"):
        frame = sixplace[name].copy()
        for column in frame.select_dtypes(object).columns:
            frame[column] = [x.replace("HARBOR", "ZOO") if isinstance(x, str) else x for x in frame[column]]
        renamed[name] = frame
    c, _, first = built(sixplace)
    c2, _, other = built(sixplace.with_tables(renamed))
    ways = []
    for x, r in ((c, first), (c2, other)):
        named = [tuple(x.topology.arcs[a].key.replace("HARBOR", "ZOO") for a in r.arcs(n)) for n in range(r.n_routes)]
        ways.append({(int(p), way) for p, way in zip(r.route_pair, named, strict=True)})
    assert any("ZOO" in key for _, way in ways[1] for key in way)
    assert ways[0] == ways[1]


@pytest.mark.slow
def test_routes_of_a_whole_package_are_paths(ewec) -> None:
    c = compiled(ewec)
    t = trade_inputs(c)
    o, d = (x.astype(np.int32) for x in np.nonzero(~np.eye(len(t.zones), dtype=bool)))
    keep = np.arange(0, o.size, 7)
    routes, _ = build_routes(c, t.zones, o[keep], d[keep], DAYS)
    check_paths(c, t, routes)


@pytest.fixture(scope="module")
def world(sixplace):
    return corridor_world(busy(sixplace, road=12_000, rail=12_000), seed=3)


def hard(w, seed: int):
    draw = np.random.default_rng(seed)
    cost = w.conditions.arc_cost_usd_per_t * draw.uniform(0.5, 1.5, w.conditions.arc_cost_usd_per_t.shape[1])
    f = w.freight.facilities
    gone = np.flatnonzero(draw.random(f.n) < 0.1)
    cost[:, np.isin(f.arc_facility, gone)] = np.inf
    return replace(w.conditions, arc_cost_usd_per_t=cost)


def test_hard_worlds_settle_or_name_what_does_not(world) -> None:
    faults = []
    for seed in range(120):
        try:
            assert solve(world, hard(world, seed)).residual <= 1e-8
        except NoEquilibriumError as fault:
            faults.append(str(fault))
    assert len(faults) <= 2, faults
    assert all(any(k in fault for k in world.freight.facilities.keys) for fault in faults), faults


def test_flows_of_fixed_demand_do_not_depend_on_the_start(world) -> None:
    m, q, base = world.freight, hard(world, 3), world.base
    p = prepare(m, q.arc_cost_usd_per_t, q.one_end)
    ends = [
        assign(m, p, base.freight.tonnes_per_day, start, base.response,
               AndersonNewton(1e-10))
        for start in (base.freight.flow_per_day, np.zeros(m.facilities.n), 0.9 * m.facilities.capacity_per_day)
    ]  # fmt: skip
    for other in ends[1:]:
        np.testing.assert_allclose(other.time_h, ends[0].time_h, rtol=1e-8)
    demand, open_ = ends[0].tonnes_per_day, np.isfinite(ends[0].cost_usd_per_t)
    np.testing.assert_allclose(demand + ends[0].stranded_t_per_day, base.freight.tonnes_per_day)
    assert (demand[~open_] == 0).all()


def test_no_demand_draws_no_flow(world) -> None:
    m, q, base = world.freight, world.conditions, world.base
    p = prepare(m, q.arc_cost_usd_per_t, q.one_end)
    e = assign(m, p, np.zeros(m.entries.n), base.freight.flow_per_day, base.response)
    np.testing.assert_allclose(e.flow_per_day, 0.0, atol=1e-6 * m.facilities.capacity_per_day.max())


def test_more_capacity_shortens_the_time_there(world) -> None:
    m, q, base = world.freight, world.conditions, world.base
    f = m.facilities
    p = prepare(m, q.arc_cost_usd_per_t, q.one_end)
    for h in range(f.n):
        wide = replace(f, capacity_per_day=np.where(np.arange(f.n) == h, 2.0, 1.0) * f.capacity_per_day)
        wide = replace(m, facilities=wide)
        e = assign(wide, p, base.freight.tonnes_per_day, base.freight.flow_per_day, base.response)
        assert e.time_h[h] <= base.freight.time_h[h] * (1 + 1e-7)
