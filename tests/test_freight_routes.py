"""Alternative routes: what they are made of, and what closing, adding and forbidding do to them."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import GOODS, SUMMER, WINTER, added, checked, edit, figures, keys, network, pairs, row_of, without
from serai.core.errors import InputError, NoRouteError
from serai.data.scenario import Close, Scenario, apply
from serai.freight.answer import answer
from serai.freight.forms import answer_json, legs_frame, routes_frame
from serai.freight.routes import Rules, alternatives, compile_package, left_out
from serai.freight.search import dijkstra, path_to
from serai.network.topology import ArcKind

SAME = 1e-9
"""Relative; asked for by the design for changes that change nothing."""
SHUT = dt.date(2025, 11, 20)
STALE = dt.date(2026, 11, 23)


def ways(net, origin, destination, rules=None, goods=GOODS):
    """Alternatives, or none."""
    try:
        return alternatives(net, origin, destination, goods, rules or Rules())
    except NoRouteError:
        return ()


@pytest.fixture
def everything(package):
    """All routes of the pairs looked at, summer and winter."""
    return [
        (n, p, r) for n in (network(package), network(package, WINTER)) for p in pairs(package) for r in ways(n, *p)
    ]


def test_there_is_something_to_test(everything):
    assert len(everything) > 8


def test_hours_and_dollars_are_the_sums_of_the_legs(everything):
    for _, _, r in everything:
        assert r.time_h.mean == pytest.approx(sum(x.hours for x in r.legs), rel=SAME)
        assert r.door_to_door_h.mean == pytest.approx(sum(x.hours + x.end_dwell_h for x in r.legs), rel=SAME)
        assert r.cost_usd_per_t.mean == pytest.approx(sum(x.usd_per_t for x in r.legs), rel=SAME)
        assert r.fee_usd_per_t == pytest.approx(sum(x.fee_usd_per_t for x in r.legs), rel=SAME)
        assert r.distance_km == pytest.approx(sum(x.km for x in r.legs), rel=SAME)
        assert r.co2e_kg_per_t == pytest.approx(sum(x.co2e_kg_per_t for x in r.legs), rel=SAME)


def test_generalized_cost_is_the_formula(everything):
    for net, _, r in everything:
        k = net.worth.index(GOODS)
        time = net.worth.vot_usd_per_t_h[k] * r.door_to_door_h.mean
        spread = net.worth.vor_usd_per_t_h[k] * net.costs.spread_h[list(r.arcs)].sum()
        assert r.generalized_usd_per_t == pytest.approx(r.cost_usd_per_t.mean + time + spread, rel=SAME)


def test_legs_join_and_lead_from_door_to_door(everything):
    for net, (origin, destination), r in everything:
        t = net.topology
        assert (r.legs[0].origin, r.legs[-1].destination) == (origin, destination)
        assert all(a.destination == b.origin for a, b in zip(r.legs, r.legs[1:], strict=False))
        assert t.tail[r.arcs[0]] == t.door_out[t.place_index(origin)]
        assert t.head[r.arcs[-1]] == t.door_in[t.place_index(destination)]
        assert all(t.head[a] == t.tail[b] for a, b in zip(r.arcs, r.arcs[1:], strict=False))
        assert net.costs.open[list(r.arcs)].all()


def test_no_place_and_no_state_is_come_back_to(everything):
    for net, _, r in everything:
        places = [int(net.topology.place[net.topology.head[a]]) for a in r.arcs]
        stays = [p for i, p in enumerate(places) if i == 0 or places[i - 1] != p]
        assert len(set(stays)) == len(stays)
        heads = [int(net.topology.head[a]) for a in r.arcs]
        assert len(set(heads)) == len(heads)


def test_no_route_loads_and_unloads_at_the_same_terminal(sixplace, ewec):
    """A detour through a terminal and back is no other way."""
    for net, some in (
        (network(sixplace), pairs(sixplace)),
        (network(ewec), [("KOSTANAY", "SAMARKAND"), ("PETROPAVL", "HYDERABAD"), ("URALSK", "KHUJAND")]),
    ):
        for pair in some:
            for by in ("generalized", "time", "cost"):
                for r in ways(net, *pair, Rules(by=by)):
                    heads = [int(net.topology.head[a]) for a in r.arcs]
                    assert len(set(heads)) == len(heads)


def test_percentiles_are_in_order(everything):
    for _, _, r in everything:
        for band in (r.time_h, r.door_to_door_h, r.cost_usd_per_t):
            assert 0 < band.p10 <= band.p50 <= band.p90 <= band.p95
            assert band.p10 < band.mean < band.p95


def test_every_leg_has_its_ground(everything):
    for _, _, r in everything:
        for leg in r.legs:
            assert leg.source
            assert leg.time_basis in {"reported", "derived", "assumed"}
            assert leg.cost_basis in {"reported", "derived", "assumed"}
            assert leg.row


@pytest.mark.parametrize("by", ["generalized", "cost", "time"])
def test_the_first_is_the_shortest_path(package, by):
    net = network(package)
    t, k = net.topology, net.worth.index(GOODS)
    for a, b in pairs(package):
        source, target = int(t.door_out[t.place_index(a)]), int(t.door_in[t.place_index(b)])
        # What the scope of a crossing forbids to this pair cannot be on the way: ask the rule for it.
        cost = np.where(permitted(net, a, b), net.cost(k, by), np.inf)
        dist, pred = dijkstra(t.out_ptr, t.head, cost, source)
        first = ways(net, a, b, Rules(by=by))[0]
        assert cost[list(first.arcs)].sum() == pytest.approx(dist[target], rel=SAME)
        assert cost[path_to(t.tail, pred, source, target)].sum() == pytest.approx(dist[target], rel=SAME)


def permitted(net, origin, destination):
    """The rule of scopes, written out again."""
    figures_, sides = net.costs.figures, net.compiled.sides
    out = np.ones(net.topology.n_arcs, dtype=bool)
    for i, arc in enumerate(net.topology.arcs):
        pair = sides[arc.place]
        both = bool(sides[origin] & pair) and bool(sides[destination] & pair)
        one = bool(sides[origin] & pair) or bool(sides[destination] & pair)
        if figures_.bilateral[i]:
            out[i] = both
        elif net.costs.one_end[i]:
            out[i] = one
        elif figures_.unproven[i]:
            out[i] = both
    return out


@pytest.mark.parametrize("by", ["generalized", "cost", "time"])
def test_fewer_asked_for_are_the_first_of_more(package, by):
    net = network(package)
    for pair in pairs(package):
        five = ways(net, *pair, Rules(k=5, by=by))
        for k in (1, 2, 3):
            assert [r.arcs for r in ways(net, *pair, Rules(k=k, by=by))] == [r.arcs for r in five[:k]]


def test_routes_are_ranked(everything, package):
    for net in (network(package), network(package, WINTER)):
        for pair in pairs(package):
            for by, figure in (("time", lambda r: r.door_to_door_h.mean), ("generalized", None)):
                found = ways(net, *pair, Rules(by=by))
                cost = net.cost(net.worth.index(GOODS), by)
                ranks = [figure(r) if figure else float(cost[list(r.arcs)].sum()) for r in found]
                assert all(a <= b * (1 + SAME) for a, b in itertools.pairwise(ranks))


# -- closing --------------------------------------------------------------------------------------------------------


def absent(package, place):
    less = without(package, "crossings", lambda f: f["place"] == place)
    return checked(without(less, "delays", lambda f: f["object"] == place))


@pytest.mark.parametrize("place", ["HIGHPASS", "GAUGEGATE"])
@pytest.mark.parametrize("day", [SUMMER, WINTER])
def test_masked_is_absent(sixplace, place, day):
    one, two = network(sixplace, day), network(absent(sixplace, place), day)
    for pair in pairs(sixplace):
        same_ways(one, ways(one, *pair, Rules(close=(place,))), two, ways(two, *pair))


@pytest.mark.parametrize("place", ["TORKHAM", "SARAKHS", "KORDAY"])
def test_masked_is_absent_on_the_real_network(ewec, place):
    one, two = network(ewec), network(absent(ewec, place))
    for pair in pairs(ewec):
        same_ways(one, ways(one, *pair, Rules(close=(place,))), two, ways(two, *pair))


def test_a_closed_link_is_absent(package):
    one = network(package)
    for pair in pairs(package):
        best = ways(one, *pair)[0]
        link = next(leg.row for leg in best.legs if leg.kind == "line_haul" and leg.mode in {"road", "rail"})
        less = without(package, "links", lambda f, link=link: f["id"] == link)
        services = less["services"]
        hit = services["links"].str.split(";").map(lambda parts, link=link: link in parts)
        if hit.any():
            continue
        two = network(less)
        same_ways(one, ways(one, *pair, Rules(close=(link,))), two, ways(two, *pair))


def same_ways(one, before, two, after):
    assert [keys(one, r) for r in before] == [keys(two, r) for r in after]
    for a, b in zip(before, after, strict=True):
        assert figures(b) == pytest.approx(figures(a), rel=SAME)


SIX = ("HIGHPASS", "GAUGEGATE", "R1", "R2", "R3", "L1", "L2", "S1", "S2", "malacca", "HARBOR", "OLDPORT")
REAL = ("TORKHAM", "CHAMAN", "SARAKHS", "KORDAY", "KONYSBAEVA", "hormuz", "suez", "HAIRATAN", "NURZHOLY", "POTI")


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(SIX), max_size=4), st.sampled_from(SIX), st.integers(0, 3))
def test_closing_more_never_helps(sixplace, closed, more, which):
    less_open(network(sixplace), pairs(sixplace)[which], closed, more)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(REAL), max_size=4), st.sampled_from(REAL), st.integers(0, 3))
def test_closing_more_never_helps_on_the_real_network(ewec, closed, more, which):
    less_open(network(ewec), pairs(ewec)[which], closed, more)


def less_open(net, pair, closed, more):
    before = ways(net, *pair, Rules(close=tuple(sorted(closed))))
    after = ways(net, *pair, Rules(close=tuple(sorted(closed | {more}))))
    if after:
        cost = net.cost(net.worth.index(GOODS), "generalized")
        assert before
        assert cost[list(after[0].arcs)].sum() >= cost[list(before[0].arcs)].sum() * (1 - SAME)


def test_every_border_of_a_landlocked_place_shut(sixplace):
    net = network(sixplace)
    for pair in [("INLAND", "HARBOR"), ("ISLE", "INLAND")]:
        with pytest.raises(NoRouteError, match="under these conditions"):
            alternatives(net, *pair, GOODS, Rules(close=("HIGHPASS", "GAUGEGATE")))
    found = answer(net.compiled, "INLAND", "HARBOR", day=SUMMER, commodity=GOODS,
                   rules=Rules(close=("HIGHPASS", "GAUGEGATE")), with_validation=False)  # fmt: skip
    assert found.routes == ()
    assert "No route" in found.why_none
    assert answer_json(found)["routes"] == []


def test_a_shut_passage_makes_a_detour_or_no_route(sixplace):
    net = network(sixplace)
    plain = ways(net, "INLAND", "ISLE")[0]
    assert plain.ports[0] == "HARBOR"
    detour = ways(net, "INLAND", "ISLE", Rules(close=("malacca",)))
    assert {r.ports[0] for r in detour} == {"OLDPORT"}
    assert detour[0].generalized_usd_per_t > plain.generalized_usd_per_t
    with pytest.raises(NoRouteError):
        alternatives(net, "INLAND", "ISLE", GOODS, Rules(close=("malacca", "S2")))


def test_a_scenario_and_an_option_close_alike(package):
    from serai.data.scenario import Close, Scenario, apply

    place = "HIGHPASS" if package.meta.name == "sixplace" else "TORKHAM"
    one = network(package)
    two = network(apply(package, Scenario("shut", (Close(op="close", object=place),))))
    for pair in pairs(package):
        before, after = ways(one, *pair, Rules(close=(place,))), ways(two, *pair)
        assert [keys(one, r) for r in before] == [keys(two, r) for r in after]


def test_a_worse_parallel_link_changes_nothing(package):
    one = network(package)
    links = {leg.row for p in pairs(package)[:2] for leg in ways(one, *p)[0].legs if leg.kind == "line_haul"}
    # A copy has neither the services nor the delays of the link it copies, so links with any are left out.
    tied = set(package["delays"]["object"]) | {x for row in package["services"]["links"] for x in row.split(";")}
    links = sorted(links - tied)
    rows = [row_of(package, "links", x) for x in links]
    worse = [
        {**r, "id": f"{r['id']}.worse", **{c: r[c] * 1.2 for c in ("length_km_low", "length_km", "length_km_high")}}
        for r in rows
    ]
    two = network(checked(added(package, "links", worse)))
    for pair in pairs(package)[:2]:
        before, after = ways(one, *pair), ways(two, *pair)
        assert [keys(one, r) for r in before] == [keys(two, r) for r in after]


# -- options --------------------------------------------------------------------------------------------------------


def test_avoided_countries_are_not_entered(ewec):
    net = network(ewec)
    for avoid in (("AFG",), ("AFG", "IRN"), ("UZB", "TKM")):
        for pair in pairs(ewec):
            for r in ways(net, *pair, Rules(avoid=avoid)):
                ends = net.compiled.sides[pair[0]] | net.compiled.sides[pair[1]]
                assert not (set(avoid) - ends) & set(r.countries)
    at_the_end = ways(net, "ALMATY", "KARACHI", Rules(avoid=("KAZ", "PAK")))
    assert at_the_end  # the two ends may be entered


def test_avoiding_the_transit_country_of_sixplace(sixplace):
    net = network(sixplace)
    assert ways(net, "INLAND", "ISLE", Rules(avoid=("XCO",))) == ()
    assert ways(net, "INLAND", "HARBOR", Rules(avoid=("XCO",)))


@pytest.mark.parametrize("modes", [("road",), ("rail",), ("road", "rail"), ("rail", "sea"), ("road", "sea", "ferry")])
def test_only_the_modes_asked_for(package, modes):
    net = network(package)
    found = [r for pair in pairs(package) for r in ways(net, *pair, Rules(modes=modes))]
    assert all(set(r.modes) <= set(modes) for r in found)
    if "sea" not in modes and package.meta.name == "sixplace":
        assert ways(net, "INLAND", "ISLE", Rules(modes=modes)) == ()


def test_by_way_of(sixplace, ewec):
    net = network(sixplace)
    for via in ("HIGHPASS", "GAUGEGATE", "OLDPORT"):
        r = ways(net, "INLAND", "ISLE", Rules(via=(via,)))[0]
        assert via in {leg.origin for leg in r.legs}
    net = network(ewec)
    r = ways(net, "ALMATY", "KARACHI", Rules(via=("HAIRATAN", "TORKHAM")))[0]
    assert [b for b in r.borders if b in {"HAIRATAN", "TORKHAM"}] == ["HAIRATAN", "TORKHAM"]
    free = ways(net, "ALMATY", "KARACHI")[0]
    assert r.generalized_usd_per_t >= free.generalized_usd_per_t * (1 - SAME)


def test_by_money_and_by_time(package):
    net = network(package)
    for pair in pairs(package):
        best = {by: ways(net, *pair, Rules(by=by))[0] for by in ("generalized", "cost", "time")}
        assert best["time"].door_to_door_h.mean <= best["generalized"].door_to_door_h.mean * (1 + SAME)
        assert best["cost"].cost_usd_per_t.mean <= best["generalized"].cost_usd_per_t.mean * (1 + SAME)


# -- who may pass ---------------------------------------------------------------------------------------------------


def scoped(package, scope):
    crossings = package["crossings"].copy()
    crossings.loc[crossings["place"] == "GAUGEGATE", "scope"] = scope
    return package.with_tables({"crossings": crossings})


@pytest.mark.parametrize("scope", ["bilateral", "unknown"])
def test_third_countries_do_not_pass(sixplace, scope):
    net = network(scoped(sixplace, scope))
    assert any("GAUGEGATE" in r.borders for r in ways(net, "INLAND", "HARBOR"))
    assert any("GAUGEGATE" in r.borders for r in ways(network(sixplace), "INLAND", "ISLE"))
    assert not any("GAUGEGATE" in r.borders for r in ways(net, "INLAND", "ISLE"))
    assert left_out(net, "INLAND", "ISLE") == (["GAUGEGATE"] if scope == "unknown" else [])
    assert left_out(net, "INLAND", "HARBOR") == []


def farther(package):
    """Sixplace with a third country behind the first, by road."""

    rows = [{"iso3": "XFA", "name": "Fara", "macro_region": "Central Asia", "member": True, "landlocked": True}]
    out = added(package, "countries", rows)
    far = {"id": "FARLAND", "name": "Farland", "kind": "city", "country": "XFA", "lat": 49, "lon": 70, "zone": True}
    gate = {"id": "FARGATE", "name": "Far Gate", "kind": "border", "country": "XFA", "country_b": "XLA"}
    out = added(out, "places", [far, {**gate, "lat": 47, "lon": 70, "zone": False}])
    road = {"mode": "road", "speed": "road.plain", "rate": "road.xla", "length_km": 300.0}
    out = added(out, "links", [
        {**road, "id": "F1", "from": "FARLAND", "to": "FARGATE", "country": "XFA"},
        {**road, "id": "F2", "from": "FARGATE", "to": "INLAND", "country": "XLA"},
    ])  # fmt: skip
    post = {"place": "FARGATE", "mode": "road", "hours": 5.0, "fee_usd_per_feu": 50.0, "scope": "international"}
    both = [("XFA", "XLA"), ("XLA", "XFA")]
    posts = [
        {**post, "id": f"FARGATE.road.{a}-{b}.{s}", "exit_country": a, "entry_country": b, "side": s}
        for a, b in both
        for s in ("exit", "entry")
    ]
    return checked(added(out, "crossings", posts))


def test_a_bilateral_status_asks_for_one_end(sixplace):
    package = farther(sixplace)
    limits = [
        {"id": f"b{i}", "kind": "crossing", "object": place, "mode": mode, "state": "bilateral", "reason": "test",
         "valid_from": dt.date(2025, 2, 1), "confirmed_on": SUMMER}
        for i, (place, mode) in enumerate([("HIGHPASS", "road"), ("GAUGEGATE", "rail")])
    ]  # fmt: skip
    free, bound = network(package), network(checked(added(package, "status", limits)))
    assert ways(free, "FARLAND", "HARBOR")
    assert ways(free, "FARLAND", "ISLE")
    assert ways(bound, "FARLAND", "HARBOR")  # ends in one of the two countries
    assert ways(bound, "INLAND", "ISLE")  # begins in one of them
    assert ways(bound, "FARLAND", "ISLE") == ()


# -- answers --------------------------------------------------------------------------------------------------------


def ask(package, origin, destination, day, **options):
    rules = options.pop("rules", Rules())
    return answer(compile_package(package), origin, destination, day=day, commodity=GOODS, rules=rules,
                  with_validation=False, **options)  # fmt: skip


def test_a_listed_port_is_left_out(sixplace):
    detour = Rules(close=("malacca",))
    found = ask(sixplace, "INLAND", "ISLE", SUMMER, rules=detour)
    assert {r.ports[0] for r in found.routes} == {"OLDPORT"}
    found = ask(sixplace, "INLAND", "ISLE", SUMMER, rules=detour, exclude_sanctioned=("US",))
    assert found.routes == ()
    assert found.why_none
    found = ask(sixplace, "INLAND", "ISLE", SUMMER, rules=detour, exclude_sanctioned=("EU",))
    assert found.routes
    before = ask(sixplace, "INLAND", "ISLE", dt.date(2023, 6, 1), rules=detour, exclude_sanctioned=("US",))
    assert before.routes  # the listing begins in 2024
    with pytest.raises(InputError, match="Unknown authority"):
        ask(sixplace, "INLAND", "ISLE", SUMMER, exclude_sanctioned=("XX",))


def test_a_listed_port_may_still_be_driven_through(sixplace):
    found = ask(sixplace, "INLAND", "OLDPORT", SUMMER, exclude_sanctioned=("US",))
    assert found.routes


def test_a_known_closure_is_named(sixplace):
    found = ask(sixplace, "INLAND", "HARBOR", SHUT)
    assert [s.object for s in found.shut] == ["HIGHPASS"]
    assert found.shut[0].valid_from == dt.date(2025, 10, 1)
    assert found.shut[0].known
    assert not any("HIGHPASS" in r.borders for r in found.routes)
    before = ask(sixplace, "INLAND", "HARBOR", SUMMER)
    assert before.shut == ()
    assert found.routes[0].generalized_usd_per_t >= before.routes[0].generalized_usd_per_t * (1 - SAME)


def test_an_unknown_state_gives_both_answers(sixplace):
    found = ask(sixplace, "INLAND", "HARBOR", STALE)
    assert [s.object for s in found.unknown] == ["HIGHPASS"]
    assert any("HIGHPASS" in r.borders for r in found.if_open)
    assert not any("HIGHPASS" in r.borders for r in found.if_shut)
    assert found.shut == ()
    data = answer_json(found)
    assert data["if_open"]
    assert data["if_shut"]
    assert {s["object"]: s["state"] for s in data["unknown"]} == {"HIGHPASS": "unknown"}
    assert "unknown; closed when last confirmed on 2025-11-01, 387 days earlier" in data["unknown"][0]["words"]


def test_a_restriction_gone_stale_is_shut_in_the_darker_answer(sixplace):
    status = sixplace["status"].copy()
    status.loc[status["object"] == "GAUGEGATE", "state"] = "restricted"
    package = sixplace.with_tables({"status": status})
    found = ask(package, "INLAND", "HARBOR", STALE)
    assert {s.object for s in found.unknown} == {"HIGHPASS", "GAUGEGATE"}
    assert found.routes
    assert found.if_open
    assert found.if_shut == ()


def test_frames_hold_the_same_numbers(sixplace):
    found = ask(sixplace, "INLAND", "ISLE", SUMMER)
    legs, routes = legs_frame(found), routes_frame(found)
    assert legs.groupby("rank")["hours"].sum().tolist() == pytest.approx(routes["time_h_mean"].tolist(), rel=SAME)
    assert len(legs) == sum(len(r.legs) for r in found.routes)
    assert routes["rank"].tolist() == list(range(1, len(found.routes) + 1))


def test_the_same_place_twice_and_unknown_goods(sixplace):
    with pytest.raises(InputError, match="same place"):
        ask(sixplace, "INLAND", "INLAND", SUMMER)
    with pytest.raises(InputError, match="no commodity"):
        answer(compile_package(sixplace), "INLAND", "HARBOR", day=SUMMER, commodity="hope", rules=Rules())


def test_loads_differ_between_goods(sixplace):
    net = network(sixplace)
    grain, made = (ways(net, "INLAND", "HARBOR", goods=g)[0] for g in ("grain", GOODS))
    assert (grain.payload_t, made.payload_t) == (25.0, 20.0)
    assert grain.cost_usd_per_t.mean < made.cost_usd_per_t.mean


def test_edits_reach_the_route(sixplace):
    dear = network(edit(sixplace, "crossings", "HIGHPASS.road.XLA-XCO.exit", fee_usd_per_feu=1e5))
    assert not any("HIGHPASS" in r.borders for r in ways(dear, "INLAND", "HARBOR", Rules(k=1)))
    assert int((dear.topology.kind == ArcKind.EXIT).sum()) == 5


@pytest.mark.parametrize("name", ["sixplace", "ewec"])
def test_a_shut_border_needs_no_new_figures(name, request):
    package = request.getfixturevalue(name)
    before = compile_package(package)
    before.costs_on(SUMMER)
    shut = apply(package, Scenario("shut", (Close(op="close", object=package["crossings"]["place"].iloc[0]),)))
    quick, anew = compile_package(shut, before), compile_package(shut)
    assert quick.figures is before.figures
    a, b = quick.costs_on(SUMMER), anew.costs_on(SUMMER)
    assert np.array_equal(a.open, b.open)
    assert not np.array_equal(a.open, before.costs_on(SUMMER).open)
    assert np.array_equal(a.mean_time_h, b.mean_time_h)
    longer = edit(package, "links", package["links"]["id"].iloc[0], length_km=9999.0)
    assert compile_package(longer, before).figures is not before.figures
