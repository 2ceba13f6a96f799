"""Flows of arcs, who uses a facility, missed routes, checks of throughputs, and the fit of route choice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import SUMMER, added, checked, compiled
from serai.core.errors import InputError
from serai.corridor.checks import base_at_scale, checks, scores, transit
from serai.corridor.inputs import trade_inputs
from serai.corridor.service import open_corridor
from serai.data.validate import check_package
from serai.freight.calibrate import fit_scale, r_squared, share_sd
from serai.freight.facilities import TEU, TONNES, facilities
from serai.freight.facilities import times as facility_times
from serai.freight.flows import (
    arc_flows,
    column_gap,
    facility_arcs,
    route_flows,
    select_link,
)
from serai.freight.model import open_network
from serai.freight.prepared import freight_model, prepare
from serai.freight.routeset import route_set, with_routes
from serai.network.figures import parameter

# Sums of some thousands of float64 terms agree to about 1e-12 of their size.
ROUNDING = 1e-11


@pytest.fixture(scope="module")
def world(sixplace):
    """Six places, all borders and ports with a capacity that their traffic feels."""
    crossings, ports = sixplace["crossings"].copy(), sixplace["ports"].copy()
    crossings["capacity_t_per_day"] = 3000.0
    ports["capacity_teu_per_year"] = 500_000.0
    return open_corridor(sixplace.with_tables({"crossings": crossings, "ports": ports}))


def gap_of(world, m, eq):
    c = world.conditions
    p = prepare(m, c.arc_cost_usd_per_t, c.one_end)
    return column_gap(m, world.compiled, p, eq, c.arc_cost_usd_per_t, c.one_end)


def test_route_flows_conserve_demand(world):
    m, eq = world.freight, world.base.freight
    by_commodity = np.bincount(m.entries.commodity, eq.tonnes_per_day, m.n_commodities)
    assert route_flows(m, eq).sum(axis=1) == pytest.approx(by_commodity, rel=ROUNDING)


def test_arc_flows_leave_and_enter_every_state_alike(world):
    t, m, eq = world.compiled.topology, world.freight, world.base.freight
    total = arc_flows(m, eq).sum(axis=0)
    net = np.bincount(t.tail, total, t.n_states) - np.bincount(t.head, total, t.n_states)
    for doors, sign in ((t.door_out, 1), (t.door_in, -1)):
        net[doors] *= np.where(np.sign(net[doors]) == sign, 0.0, 1.0)
    assert np.abs(net).max() <= ROUNDING * total.max()


def test_facility_flows_are_those_of_their_arcs(world):
    m, eq = world.freight, world.base.freight
    flow = arc_flows(m, eq)
    for h, key in enumerate(m.facilities.keys):
        arcs = facility_arcs(m, key)
        per = m.facilities.unit_per_t[m.facilities.unit[h]]
        over = float(per @ flow[:, arcs].sum(axis=1))
        if key.startswith("crossing:"):
            assert over == pytest.approx(eq.flow_per_day[h], rel=1e-9, abs=1e-9)
        else:  # cargo that comes into a port and leaves it again is one visit over two arcs
            assert over >= eq.flow_per_day[h] * (1 - 1e-9)


def test_select_link_of_every_arc_is_all_demand_and_of_none_is_none(world):
    m, eq = world.freight, world.base.freight
    every = np.ones(m.length_km.size, dtype=bool)
    assert select_link(m, eq, every) == pytest.approx(eq.tonnes_per_day, rel=ROUNDING)
    assert not select_link(m, eq, ~every).any()


def test_select_link_of_a_facility_adds_to_its_flow(world):
    m, eq = world.freight, world.base.freight
    for h, key in enumerate(m.facilities.keys):
        per = m.facilities.unit_per_t[m.facilities.unit[h]][m.entries.commodity]
        by_entry = select_link(m, eq, facility_arcs(m, key))
        assert per @ by_entry == pytest.approx(eq.flow_per_day[h], rel=1e-9, abs=1e-9)


def test_unknown_facility_is_named(world):
    with pytest.raises(InputError, match="crossing:NOWHERE"):
        facility_arcs(world.freight, "crossing:NOWHERE")


def without_first_routes(m, compiled):
    """Leave every pair with several routes all but its first, which is the cheapest of some commodity."""
    r = m.routes
    several = np.diff(r.pair_ptr) > 1
    kept = np.ones(r.n_routes, dtype=bool)
    kept[r.pair_ptr[:-1][several]] = False
    legs = np.diff(r.leg_ptr)
    count = np.diff(r.pair_ptr) - several
    pair_ptr = np.concatenate([[0], np.cumsum(count)])
    leg_ptr = np.concatenate([[0], np.cumsum(legs[kept])])
    fewer = route_set(r.zones, r.pair_origin, r.pair_dest, pair_ptr, leg_ptr, r.leg_arc[np.repeat(kept, legs)])
    return on_routes(m, compiled, fewer)


def on_routes(m, compiled, routes):
    e = m.entries
    ptr = np.concatenate([[0], np.cumsum(np.diff(routes.pair_ptr)[e.pair], dtype=np.int64)])
    e = replace(e, ptr=ptr, first_route=routes.pair_ptr[e.pair])
    return freight_model(compiled, routes, e, m.facilities, m.theta)


def test_a_cheaper_way_outside_the_set_is_found_and_put_in(world):
    m, eq, c = without_first_routes(world.freight, world.compiled), world.base.freight, world.conditions
    p = prepare(m, c.arc_cost_usd_per_t, c.one_end)
    found = column_gap(m, world.compiled, p, eq, c.arc_cost_usd_per_t, c.one_end)
    assert found.missing
    wider = on_routes(m, world.compiled, with_routes(m.routes, found.missing))
    assert wider.routes.n_routes == m.routes.n_routes + len(found.missing)
    p = prepare(wider, c.arc_cost_usd_per_t, c.one_end)
    assert column_gap(wider, world.compiled, p, eq, c.arc_cost_usd_per_t, c.one_end).wide.size == 0


def test_adding_a_route_twice_changes_nothing(world):
    m = world.freight
    same = ((0, tuple(m.routes.arcs(int(m.routes.pair_ptr[0])).tolist())),)
    assert with_routes(m.routes, same).digest == m.routes.digest


def test_checks_count_in_the_unit_of_the_row(world, sixplace):
    rows = {c.id: c for c in checks(world)}
    assert len(rows) == len(sixplace["throughputs"])
    share = rows["HARBOR.share"]
    assert 0 <= share.modelled <= 1
    port = rows["HARBOR.t"]
    assert port.predicted == pytest.approx(max(port.modelled, port.observed), rel=ROUNDING)
    line = rows["S1.teu"]
    flow = arc_flows(world.freight, world.base.freight)
    on = [a.row == "S1" for a in world.compiled.topology.arcs]
    per = world.freight.facilities.unit_per_t[TEU]
    assert line.modelled == pytest.approx(365 * float(per @ flow[:, on].sum(axis=1)), rel=ROUNDING)
    assert all(s["n"] > 0 for s in scores(tuple(rows.values())))


def test_a_teu_counts_the_empty_boxes_too(world, sixplace):
    goods = sixplace["commodities"]
    laden = goods["container_share"] * 2 / goods["payload_t_per_feu"]
    both = world.freight.facilities.unit_per_t[TEU]
    assert both == pytest.approx(laden.to_numpy() * 1.25, rel=ROUNDING)


def test_base_at_its_own_scale_is_the_base(world):
    _, eq = base_at_scale(world, parameter(world.package, "route_choice_scale"))
    # Both are solved to 1e-8 or better of times.
    assert eq.flow_per_day == pytest.approx(world.base.freight.flow_per_day, rel=1e-6, abs=1e-6)


def logit(scale):
    x = np.array([0.05, -0.1, 0.2, 0.3, -0.25, 0.02])
    return 1.0 / (1.0 + np.exp(-scale * x))


@pytest.mark.parametrize("true", [3.0, 9.0, 25.0])
def test_fit_finds_the_scale_the_shares_were_made_with(true):
    seen = logit(true)
    found = fit_scale(logit, seen, np.full(6, 0.05), list("aabbcc"))
    # Golden section stops at a bracket of 1 % of the scale.
    assert found.scale == pytest.approx(true, rel=0.01)
    assert found.r_squared > 0.999
    assert found.identified


def test_standard_error_is_the_spread_of_fits_over_draws():
    rng = np.random.default_rng(7)
    sd = np.full(6, 0.05)
    fits = [fit_scale(logit, logit(9.0) + rng.normal(0, 0.03, 6), sd, list("abcdef")) for _ in range(150)]
    spread = float(np.std([np.log(f.scale) for f in fits]))
    told = float(np.sqrt(np.mean([f.sd_log**2 for f in fits])))
    # 150 draws know a standard deviation to 6 % at one sigma, and the model is linearised: within 25 %.
    assert told == pytest.approx(spread, rel=0.25)


def test_shares_that_do_not_respond_identify_nothing():
    found = fit_scale(lambda _: np.full(3, 0.4), np.array([0.3, 0.5, 0.6]), np.full(3, 0.05), list("abc"))
    assert not found.identified
    assert np.isinf(found.sd_log)


def test_nothing_to_fit_is_said():
    with pytest.raises(InputError, match="use = choice"):
        fit_scale(logit, np.array([]), np.array([]), [])


def test_share_sd_has_a_floor_and_r_squared_a_zero():
    assert share_sd(np.array([0.2, 0.1]), np.array([0.21, 0.9])) == pytest.approx([0.05, 0.8 / 3.28970725390294])
    x = np.array([1.0, 2.0, 4.0])
    assert r_squared(x, np.full(3, x.mean()), np.ones(3)) == pytest.approx(0.0)
    assert r_squared(x, x, np.ones(3)) == 1.0


def test_goods_leave_where_the_weights_of_their_kind_say(world):
    """Grain of XCO leaves HARBOR alone; other goods leave both its zones; shares of an economy add to one."""
    t = world.inputs
    sent, got = t.weights()
    for w in (sent, got):
        for row in w:
            total = np.bincount(t.zone_economy, row, len(t.economies))
            assert total[np.unique(t.zone_economy)] == pytest.approx(1.0, rel=ROUNDING)
    k = world.compiled.worth.index("grain")
    at = [t.zones[z] for z in t.zone]
    assert sent[k, at.index("HARBOR")] == 1.0
    assert sent[k, at.index("OLDPORT")] == 0.0
    assert got[k] == pytest.approx(t.zone_weight, rel=ROUNDING)
    m, eq = world.freight, world.base.freight
    origin = np.array(m.routes.zones)[m.routes.pair_origin[m.entries.pair]]
    dest = np.array(m.routes.zones)[m.routes.pair_dest[m.entries.pair]]
    grain = m.entries.commodity == k
    assert eq.tonnes_per_day[grain & (origin == "OLDPORT")].sum() == 0.0
    assert eq.tonnes_per_day[~grain & (origin == "OLDPORT")].sum() > 0.0
    assert dest.size == origin.size


def test_weights_for_one_partner_hold_for_its_trade_alone(sixplace):
    """Grain from the partner ends at the zone named; of the others as much is carried as before."""
    inputs = trade_inputs(sixplace)
    at = [inputs.zones[z] for z in inputs.zone]
    k = compiled(sixplace).worth.index("grain")
    home = next(e for e in range(len(inputs.economies)) if (inputs.zone_economy == e).sum() > 1)
    zones = [at[q] for q in np.flatnonzero(inputs.zone_economy == home)]
    partner = next(e for e in range(len(inputs.economies)) if e != home and inputs.tonnes_per_year[k, e, home] > 0)
    row = {"economy": inputs.economies[home], "place": zones[0], "commodities": "grain", "end": "destination",
           "partner": inputs.economies[partner], "weight": 1.0}  # fmt: skip
    package = checked(added(sixplace, "zone_weights", [row]))
    (cell,) = trade_inputs(package).of_cells
    assert (cell.commodity, cell.exporter, cell.importer) == (k, partner, home)
    assert cell.share.sum() == pytest.approx(1.0, rel=ROUNDING)
    worlds = open_corridor(sixplace), open_corridor(package)
    for w, alone in zip(worlds, (False, True), strict=True):
        m, c, tonnes = w.freight, w.coupling, w.base.freight.tonnes_per_day
        dest = np.array(m.routes.zones)[m.routes.pair_dest[m.entries.pair]]
        grain = (m.entries.commodity == k) & (c.importer[c.entry_cell] == home)
        theirs = grain & (c.exporter[c.entry_cell] == partner)
        assert tonnes[theirs].sum() > 0.0
        assert (tonnes[theirs & (dest != zones[0])].sum() == 0.0) == alone
    others = [
        w.base.freight.tonnes_per_day[w.coupling.exporter[w.coupling.entry_cell] != partner].sum() for w in worlds
    ]
    assert others[1] == pytest.approx(others[0], rel=ROUNDING)


def test_modes_of_transit_add_to_the_whole(world):
    """A route that changes mode inside a country is of the mode in which it enters."""
    m = world.freight
    for country in world.package["countries"]["iso3"]:
        by = [transit(world, m, country, mode) for mode in ("road", "rail")]
        assert not (by[0] & by[1]).any()
        assert (by[0] | by[1]).tolist() == transit(world, m, country, "").tolist()


def test_background_fills_its_facility_and_is_no_flow(world):
    """The queue of a port sees the traffic behind it; flows of the demand do not."""
    f = world.freight.facilities
    port = next(k for k in f.keys if k.startswith("port:"))
    more = added(world.package, "background", [{"facility": port, "per_day": 900.0, "year": 2025}])
    checked(more)
    times = open_network(compiled(more), more.meta.base_date).costs.mean_time_h
    found = facilities(compiled(more), times, {})
    h = found.keys.index(port)
    assert found.background_per_day[h] == 900.0
    assert found.background_per_day.sum() == 900.0
    busier = replace(world.freight, facilities=replace(f, background_per_day=found.background_per_day))
    flow = world.base.freight.flow_per_day
    now, _ = facility_times(busier.facilities, flow)
    before, _ = facility_times(f, flow)
    assert now[h] > before[h]
    assert np.delete(now, h) == pytest.approx(np.delete(before, h), rel=ROUNDING)


def test_a_port_known_in_tonnes_alone_counts_tonnes(sixplace):
    ports = sixplace["ports"].copy()
    ports["capacity_teu_per_year"] = np.nan
    ports["capacity_t_per_year"] = 3.65e6
    package = sixplace.with_tables({"ports": ports})
    times = open_network(compiled(package), package.meta.base_date).costs.mean_time_h
    f = facilities(compiled(package), times, {})
    h = [i for i, k in enumerate(f.keys) if k.startswith("port:")]
    assert h
    assert (f.unit[h] == TONNES).all()
    assert f.capacity_per_day[h] == pytest.approx(1e4, rel=ROUNDING)


def test_background_and_weights_of_nothing_known_are_faults(sixplace):
    nowhere = added(sixplace, "background", [{"facility": "port:NOWHERE", "per_day": 1.0, "year": 2025}])
    assert any(i.table == "background" for i in check_package(nowhere.tables, SUMMER))
    row = {"economy": "XLA", "place": "HARBOR", "commodities": "grain", "end": "origin", "weight": 1.0}
    foreign = added(sixplace, "zone_weights", [row])
    assert any(i.table == "zone_weights" for i in check_package(foreign.tables, SUMMER))
