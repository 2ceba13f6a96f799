"""Figures of arcs by hand, months, services, loads, emissions, and changes of unit that change nothing."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from helpers import GOODS, SUMMER, WINTER, added, checked, compiled, edit, figures, keys, network, pairs, split_link
from serai.core.errors import NoRouteError
from serai.data.schema import load_schema
from serai.freight.explain import arc_costs_of
from serai.freight.routes import Rules, alternatives
from serai.network.costs import load_t
from serai.network.figures import haul_usd
from serai.network.spread import Z90, mean_and_sd
from serai.network.topology import ArcKind

ROUNDING = 1e-12
"""Relative; sums of a few products, each good to 16 places."""
SAME = 1e-9
"""Relative; asked for by the design for changes that change nothing."""


def arc(net, key):
    """Position of the arc with a key."""
    hits = [i for i, a in enumerate(net.topology.arcs) if a.key == key]
    assert len(hits) == 1, key
    return hits[0]


def moments(median, s_lo, s_hi):
    mean, sd = mean_and_sd(np.array([median]), np.array([s_lo]), np.array([s_hi]))
    return float(mean[0]), float(sd[0])


def test_a_road_by_hand(sixplace):
    net = network(sixplace)
    f, i = net.costs.figures, arc(net, "R1>")
    # 400 km at 50 (40-60) km/h, 11 (9-14) hours at the wheel a day.
    assert f.time_h.median[i] == pytest.approx(400 / 50 * 24 / 11, rel=ROUNDING)
    assert f.time_h.s_lo[i] == pytest.approx(math.hypot(math.log(60 / 50), math.log(14 / 11)) / Z90, rel=ROUNDING)
    assert f.time_h.s_hi[i] == pytest.approx(math.hypot(math.log(50 / 40), math.log(11 / 9)) / Z90, rel=ROUNDING)
    assert f.haul_usd.median[i] == pytest.approx(400 * 0.07 * 20, rel=ROUNDING)
    assert f.haul_usd.median[arc(net, "R1<")] == pytest.approx(400 * 0.03 * 20, rel=ROUNDING)
    assert f.fee_usd.mean[i] == 0
    assert f.co2e_kg_per_t[i] == pytest.approx(400 * 0.07, rel=ROUNDING)
    assert f.noise_h2[i] == pytest.approx(400 * 0.01, rel=ROUNDING)


def test_a_railway_by_hand(sixplace):
    net = network(sixplace)
    f, i = net.costs.figures, arc(net, "L1>")
    assert f.time_h.median[i] == pytest.approx(420 / 20, rel=ROUNDING)
    # The figure is an elapsed average: no rest of drivers on top.
    assert f.time_h.s_hi[i] == pytest.approx(math.log(20 / 12) / Z90, rel=ROUNDING)
    assert f.haul_usd.median[i] == pytest.approx(420 * 0.04 * 20, rel=ROUNDING)
    assert f.noise_h2[i] == pytest.approx(420 * 0.05, rel=ROUNDING)


def test_a_crossing_and_a_port_by_hand(sixplace):
    net = network(sixplace)
    f, out = net.costs.figures, arc(net, "HIGHPASS.road.XLA-XCO.exit:0")
    assert (f.time_h.median[out], f.fee_usd.median[out], f.haul_usd.median[out]) == (8.0, 60.0, 0.0)
    mean, sd = moments(8.0, math.log(8 / 4) / Z90, math.log(30 / 8) / Z90)
    assert net.costs.mean_time_h[out] == pytest.approx(mean, rel=ROUNDING)
    assert net.costs.spread_h[out] == pytest.approx(sd, rel=ROUNDING)
    port = arc(net, "HARBOR.export:sea:road0")
    assert (f.time_h.median[port], f.haul_usd.median[port], f.fee_usd.median[port]) == (72.0, 180.0, 0.0)


def test_a_convoy_is_waited_for_half_its_headway(sixplace):
    net = network(sixplace)
    f, i = net.costs.figures, arc(net, "CONVOY@HIGHPASS.XCO.board")
    assert f.time_h.median[i] == 12.0
    assert f.time_h.median[i] * math.exp(-Z90 * f.time_h.s_lo[i]) == pytest.approx(0.1 * 20, rel=ROUNDING)
    assert f.time_h.median[i] * math.exp(Z90 * f.time_h.s_hi[i]) == pytest.approx(0.9 * 48, rel=ROUNDING)
    assert f.haul_usd.median[i] == 20.0
    assert f.time_h.median[arc(net, "CONVOY@OLDPORT.XCO.alight")] == 0.0


def test_generalized_cost_by_hand(sixplace):
    net = network(sixplace)
    i, k = arc(net, "R1>"), net.worth.index(GOODS)
    vot = 2000 * 0.008 / 24
    money = net.costs.figures.haul_usd.mean[i] / 20
    expected = money + vot * net.costs.mean_time_h[i] + 0.8 * vot * net.costs.spread_h[i]
    assert net.cost(k, "generalized")[i] == pytest.approx(expected, rel=ROUNDING)
    assert net.cost(k, "cost")[i] == pytest.approx(money, rel=ROUNDING)
    assert net.cost(k, "time")[i] == net.costs.mean_time_h[i]


def test_snow_falls_in_winter_alone(sixplace):
    summer, winter = network(sixplace), network(sixplace, WINTER)
    s_lo, s_hi = math.log(30 / 12) / Z90, math.log(90 / 30) / Z90
    mean, sd = moments(30.0, s_lo, s_hi)
    for key in ("R1>", "R1<"):
        i = arc(summer, key)
        gain = winter.costs.mean_time_h[i] - summer.costs.mean_time_h[i]
        assert gain == pytest.approx(0.2 * mean, rel=SAME)  # a difference of two sums loses some places
        more = winter.costs.spread_h[i] - summer.costs.spread_h[i]
        assert more == pytest.approx(math.sqrt(0.2 * (sd**2 + mean**2) - (0.2 * mean) ** 2), rel=SAME)
    changed = np.flatnonzero(winter.costs.mean_time_h != summer.costs.mean_time_h)
    assert {summer.topology.arcs[i].row for i in changed} == {"R1"}


@pytest.mark.parametrize("mode", ["", "sea"])
def test_a_port_delay_strikes_both_directions(sixplace, mode):
    """A storm at sea holds up exports as it does imports, though an export begins on land."""
    storm = {"id": "STORM", "table": "ports", "object": "ISLE", "mode": mode, "factor": "season", "months": ""}
    net = network(checked(added(sixplace, "delays", [{**storm, "share": 0.5, "hours": 24.0}])))
    hit = {net.topology.arcs[i].row for i, d in net.costs.delays.items() if d[0].row == "STORM"}
    assert hit == {"ISLE.import", "ISLE.export"}


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "bound"),
    [
        (None, None, True),
        (None, dt.date(2025, 5, 31), False),
        (dt.date(2025, 6, 2), None, False),
        (SUMMER, SUMMER, True),
    ],
)
def test_a_service_binds_only_while_it_runs(sixplace, valid_from, valid_to, bound):
    net = network(edit(sixplace, "services", "CONVOY", valid_from=valid_from, valid_to=valid_to))
    for sign in "<>":
        assert net.costs.open[arc(net, f"R3{sign}CONVOY")] == bound
        assert net.costs.open[arc(net, f"R3{sign}")] != bound


def test_a_service_one_way_binds_one_way(sixplace):
    net = network(edit(sixplace, "services", "CONVOY", direction="back"))
    assert net.costs.open[arc(net, "R3>")]
    assert not net.costs.open[arc(net, "R3<")]
    assert net.costs.open[arc(net, "R3<CONVOY")]
    assert "R3>CONVOY" not in {a.key for a in net.topology.arcs}


def test_a_weak_bridge_halves_the_load_and_doubles_the_price(sixplace):
    plain = network(sixplace)
    weak = network(checked(edit(sixplace, "links", "R2", payload_cap_t=10.0)))
    before, after = (alternatives(n, "INLAND", "HARBOR", GOODS, Rules(modes=("road",)))[0] for n in (plain, weak))
    assert keys(plain, before) == keys(weak, after)
    assert (before.payload_t, after.payload_t) == (20.0, 10.0)
    assert after.cost_usd_per_t.mean == pytest.approx(2 * before.cost_usd_per_t.mean, rel=ROUNDING)
    assert after.cost_usd_per_feu == pytest.approx(before.cost_usd_per_feu, rel=ROUNDING)
    i = arc(weak, "R2>")
    assert load_t(weak.costs, 24.0)[i] == 10.0
    assert load_t(weak.costs, 4.0)[i] == 4.0
    assert load_t(weak.costs, 24.0)[arc(weak, "R1>")] == 24.0


def test_emissions_by_class_then_country_then_mode(sixplace):
    factor = {"mode": "road", "kg_co2e_per_tkm": 0.5}
    country = added(sixplace, "emissions", [{**factor, "id": "road.xco"}])
    both = added(country, "emissions", [{**factor, "id": "road.coast", "kg_co2e_per_tkm": 0.9}])
    found = []
    for package in (sixplace, country, both):
        net = network(package)
        found.append(net.costs.figures.co2e_kg_per_t[[arc(net, "R1>"), arc(net, "R2>")]].tolist())
    assert found == [pytest.approx([28.0, 520 * f], rel=ROUNDING) for f in (0.07, 0.5, 0.9)]


def test_a_project_opens_no_link_until_it_is_built(sixplace):
    net = network(sixplace)
    assert not net.costs.open[arc(net, "L3>")]
    row = {"id": "built", "kind": "link", "object": "L3", "state": "open", "reason": "test", "confirmed_on": SUMMER}
    net = network(checked(added(sixplace, "status", [row])))
    assert net.costs.open[arc(net, "L3>")]


# -- changes that change nothing ------------------------------------------------------------------------------------


def scaled(package, factor):
    """Multiply each figure by what `factor` says for its table and field."""
    changed = {}
    for name, table in load_schema().tables.items():
        frame = package[name].copy()
        for field in table.fields:
            times = factor(name, field)
            if times != 1.0:
                frame[field.name] = frame[field.name] * times
        changed[name] = frame
    return package.with_tables(changed)


def unit_of(name, field):
    schema = load_schema().tables[name]
    return (schema.field(field.range_of) if field.range_of else field).unit or ""


def test_dollars_or_thousands_of_dollars(package):
    def to_thousandths(name, field):
        unit = unit_of(name, field)
        return 1000.0 if field.type == "number" and unit.startswith(("USD", "million USD")) else 1.0

    one, thousand = network(package), network(scaled(package, to_thousandths))
    for pair in pairs(package):
        before, after = (alternatives(n, *pair, GOODS, Rules()) for n in (one, thousand))
        assert [keys(one, r) for r in before] == [keys(thousand, r) for r in after]
        for a, b in zip(before, after, strict=True):
            money = {n: v * (1000 if "usd" in n else 1) for n, v in figures(a).items()}
            assert figures(b) == pytest.approx(money, rel=SAME)


def test_hours_or_days(package):
    """All figures in days: the same ways, prices and generalized cost; times a twenty-fourth."""

    def to_days(name, field):
        if field.type != "number" or name in {"observations", "requirements"}:
            return 1.0
        if (name, field.name.removesuffix("_low").removesuffix("_high")) == ("commodities", "time_cost_per_day"):
            return 24.0  # the model takes a 24th of it for the value of an hour
        return {"h": 1 / 24, "km/h": 24.0}.get(unit_of(name, field), 1.0)

    days = scaled(package, to_days)
    parameters = days["parameters"].copy()
    noise = parameters["id"].str.endswith("_noise_h2_per_km")
    parameters.loc[noise, ["value_low", "value", "value_high"]] /= 24**2
    one, other = network(package), network(days.with_tables({"parameters": parameters}))
    for pair in pairs(package):
        before, after = (alternatives(n, *pair, GOODS, Rules()) for n in (one, other))
        # Not by arcs: where the gauge may change on either side of a post, rounding chooses between equals.
        assert [(r.borders, r.ports, r.modes) for r in before] == [(r.borders, r.ports, r.modes) for r in after]
        for a, b in zip(before, after, strict=True):
            expected = {n: v / (24 if "_h." in n else 1) for n, v in figures(a).items()}
            assert figures(b) == pytest.approx(expected, rel=SAME)


def relabelled(package):
    """Give every place and link another name, in another order."""
    renamed = {p: f"Z{len(package['places']) - i:03d}" for i, p in enumerate(package["places"]["id"])}
    links = {x: f"Y{len(package['links']) - i:04d}" for i, x in enumerate(package["links"]["id"])}
    changed = {}
    for name, table in load_schema().tables.items():
        frame = package[name].copy()
        for field in table.fields:
            map_ = {"places.id": renamed, "links.id": links}.get(field.ref or "")
            if map_:
                frame[field.name] = [";".join(map_[x] for x in str(v).split(";") if x) for v in frame[field.name]]
        changed[name] = frame
    changed["places"]["id"] = [renamed[x] for x in changed["places"]["id"]]
    changed["links"]["id"] = [links[x] for x in changed["links"]["id"]]
    for name in ("delays", "status", "throughputs", "closure_regimes"):
        changed[name]["object"] = [
            ";".join(links.get(x, renamed.get(x, x)) for x in text.split(";")) for text in changed[name]["object"]
        ]
    changed["background"]["facility"] = [
        ":".join(renamed.get(x, x) for x in text.split(":")) for text in changed["background"]["facility"]
    ]
    order = {"places": changed["places"].iloc[::-1], "links": changed["links"].iloc[::-1]}
    changed |= {k: v.reset_index(drop=True) for k, v in order.items()}
    return checked(package.with_tables(changed)), renamed


@pytest.mark.parametrize("day", [SUMMER, WINTER])
def test_names_mean_nothing(package, day):
    other, renamed = relabelled(package)
    one, two = network(package, day), network(other, day)
    for a, b in pairs(package):
        before = alternatives(one, a, b, GOODS, Rules())
        after = alternatives(two, renamed[a], renamed[b], GOODS, Rules())
        assert [[renamed[x] for x in r.borders] for r in before] == [list(r.borders) for r in after]
        for x, y in zip(before, after, strict=True):
            assert figures(y) == pytest.approx(figures(x), rel=SAME)


@pytest.mark.parametrize("link", ["R1", "R2", "R3", "L1", "L2"])
@pytest.mark.parametrize("day", [SUMMER, WINTER])
def test_a_link_in_two_halves_is_the_same_link(sixplace, link, day):
    one, two = network(sixplace, day), network(split_link(sixplace, link), day)
    for rules in (Rules(), Rules(modes=("rail", "sea")), Rules(by="time"), Rules(close=("HIGHPASS",))):
        for pair in pairs(sixplace):
            before, after = (answers(n, pair, rules) for n in (one, two))
            assert len(before) == len(after)
            for a, b in zip(before, after, strict=True):
                assert figures(b) == pytest.approx(figures(a), rel=SAME)


def answers(net, pair, rules):
    try:
        return alternatives(net, *pair, GOODS, rules)
    except NoRouteError:
        return ()


@pytest.mark.parametrize("day", [SUMMER, WINTER])
def test_halves_of_real_links(ewec, day):
    one = network(ewec, day)
    best = alternatives(one, "ALMATY", "KARACHI", GOODS, Rules())
    land = [one.topology.arcs[a].row for r in best for a in r.arcs if one.topology.kind[a] == ArcKind.LINE_HAUL]
    for link in list(dict.fromkeys(land))[::4]:
        if link.startswith("S"):
            continue
        two = network(split_link(ewec, link), day)
        again = alternatives(two, "ALMATY", "KARACHI", GOODS, Rules())
        assert [r.borders for r in again] == [r.borders for r in best]
        for a, b in zip(best, again, strict=True):
            assert figures(b) == pytest.approx(figures(a), rel=SAME)


def test_every_figure_is_finite_and_not_negative(package):
    f = compiled(package).figures
    for figure in (f.time_h, f.haul_usd, f.fee_usd):
        for name in ("median", "mean", "sd", "s_lo", "s_hi"):
            values = getattr(figure, name)
            assert np.isfinite(values).all()
            assert (values >= 0).all()
    moving = np.array([a.kind == ArcKind.LINE_HAUL for a in compiled(package).topology.arcs])
    assert (f.distance_km[moving] > 0).all()
    assert (f.co2e_kg_per_t[moving] > 0).all()
    assert not f.distance_km[~moving].any()


def test_bulk_rate_is_the_price_of_a_tonne_whatever_its_payload(sixplace):
    """A tonne of grain pays the rate of the table by the kilometre; a box on the same line pays its own."""
    net = network(sixplace)
    worth, f = net.worth, net.costs.figures
    here = np.array([g == "rates:rail.xla" for g in f.haul_usd.group])
    assert here.any()
    row = sixplace["bulk_rates"].iloc[0]
    for commodity in worth.ids:
        rate = row["usd_per_tkm"] if commodity == "grain" else 0.04 * 20.0 / worth.payload_t[worth.index(commodity)]
        usd = haul_usd(f, commodity)[here] / worth.payload_t[worth.index(commodity)]
        # The mean of a price lies above its median by the same factor for both.
        lift = f.haul_usd.mean[here] / f.haul_usd.median[here]
        assert usd == pytest.approx(rate * f.distance_km[here] * lift, rel=1e-12)
    assert (haul_usd(f, "grain")[~here] == f.haul_usd.mean[~here]).all()


def test_a_route_of_bulk_adds_up_to_what_it_was_found_with(sixplace):
    net = network(sixplace)
    k = net.worth.index("grain")
    for pair in (("INLAND", "HARBOR"), ("INLAND", "ISLE")):
        for r in alternatives(net, *pair, "grain", Rules()):
            parts = arc_costs_of(net, r, k)
            assert parts.sum() == pytest.approx(r.generalized_usd_per_t, rel=1e-12)
            assert sum(leg.usd_per_t for leg in r.legs) == pytest.approx(r.cost_usd_per_t.mean, rel=1e-9)
