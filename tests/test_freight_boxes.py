"""What a container pays on trains, in ports and at sea, on the fictional package and on the real one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import GOODS, SUMMER, added, edit, network, without
from serai.freight.answer import answer
from serai.freight.boxes import box_tariffs, for_boxes, home_country
from serai.freight.lines import BESIDE_SHIP, CROSSING, INDEXED, THROUGH, UNSETTLED, mean_of
from serai.freight.price import price, shipment
from serai.freight.routes import Rules, alternatives, compile_package, open_network
from serai.freight.validation import FREIGHT, predict, score
from serai.network.topology import ArcKind

SAME = 1e-12  # sums of a few dozen numbers in another order
BY_RAIL = Rules(k=1, modes=("rail", "sea"))


@pytest.fixture(scope="module")
def real(ewec):
    return compile_package(ewec)


def changed(package, table, **columns):
    """Set columns of every row of a table."""
    return package.with_tables({table: package[table].assign(**columns)})


def priced(package, a="INLAND", b="ISLE", rules=BY_RAIL, container="40", load=18.0):
    """Price the best way between two places of a small package."""
    net = network(package)
    route = alternatives(net, a, b, GOODS, rules)[0]
    return price(net, route, shipment(package, GOODS, container, load, "", first=False)), route


def line(found, what):
    """The one line of that name; none if there is none."""
    hits = [x for x in found.lines if x.what == what]
    assert len(hits) <= 1
    return hits[0] if hits else None


def _rail(found, package, country):
    """The line of haulage by rail in a country."""
    told = line(found, f"rail in {package['countries'].set_index('iso3').loc[country, 'name']}")
    assert told
    return told


def triple(row, column):
    return float(row[f"{column}_low"]), float(row[column]), float(row[f"{column}_high"])


# -- through rates --------------------------------------------------------------------------------------------------


def test_a_box_that_leaves_its_country_pays_the_through_rate_of_its_own_trade(sixplace):
    found, route = priced(sixplace)
    km = sum(x.km for x in route.legs if x.kind == "line_haul" and x.mode == "rail" and x.side == "XLA")
    row = sixplace["box_rates"].set_index("id").loc["xla.trade"]
    low, mid, high = triple(row, "usd_per_feu_km")
    told = _rail(found, sixplace, "XLA")
    assert km == 420
    assert told.usd == pytest.approx(mean_of(low * km, mid * km, high * km), rel=SAME)
    assert (told.usd_p10, told.usd_p90) == pytest.approx((low * km, high * km), rel=SAME)
    assert (told.as_of, told.note) == (row["as_of"], THROUGH)


def test_in_transit_the_box_pays_the_rate_of_transit_and_a_border_is_no_home(sixplace):
    tariffs = box_tariffs(sixplace)
    arcs = [x for x in network(sixplace).topology.arcs if x.kind == ArcKind.LINE_HAUL and x.row == "L1"]
    applies = {
        ends: {tariffs.train(arc, tariffs.home(*ends))["applies"] for arc in arcs}
        for ends in (("INLAND", "ISLE"), ("GAUGEGATE", "ISLE"), ("ISLE", "HARBOR"), ("HIGHPASS", "GAUGEGATE"))
    }
    assert applies[("INLAND", "ISLE")] == {"import_export"}
    assert applies[("GAUGEGATE", "ISLE")] == applies[("ISLE", "HARBOR")] == {"transit"}
    assert applies[("HIGHPASS", "GAUGEGATE")] == {"transit"}
    assert home_country(sixplace)["GAUGEGATE"] == ""


def test_a_box_that_stays_in_its_country_pays_the_usual_rate(sixplace):
    tariffs = box_tariffs(sixplace)
    assert tariffs.home("INLAND", "INLAND") is None
    arc = next(x for x in network(sixplace).topology.arcs if x.row == "L1")
    assert tariffs.train(arc, None) is None


def test_without_a_row_the_box_pays_what_wagons_pay(sixplace):
    plain = without(sixplace, "box_rates", lambda f: f["id"] != "")
    found, route = priced(plain)
    a = next(n for n in route.arcs if network(plain).topology.arcs[n].row == "L1")
    assert _rail(found, plain, "XLA").usd == pytest.approx(
        float(network(plain).costs.figures.haul_usd.mean[a]), rel=SAME
    )


def test_only_the_commodity_in_the_box_and_only_trains_change_for_the_choice_of_ways(sixplace):
    usual = network(sixplace).compiled
    boxed = for_boxes(usual, "INLAND", "ISLE", GOODS, SUMMER)
    assert boxed.figures.haul_usd is usual.figures.haul_usd
    assert {k: v for k, v in boxed.figures.bulk.items() if k != GOODS} == {
        k: v for k, v in usual.figures.bulk.items() if k != GOODS
    }
    moved = np.flatnonzero(boxed.figures.bulk[GOODS] != 1.0)
    rows = {(usual.topology.arcs[a].kind, usual.topology.arcs[a].row) for a in moved}
    assert rows == {(ArcKind.LINE_HAUL, "L1")}
    # 0.5 USD a box-km against 0.04 USD a t-km for 20 t
    assert boxed.figures.bulk[GOODS][moved] == pytest.approx(0.5 / (0.04 * 20), rel=SAME)


def test_goods_in_a_box_do_not_pay_the_rate_of_wagons_of_their_own(sixplace):
    """Grain has a rate of its own by rail; in a container it pays the container's."""
    usual = network(sixplace).compiled
    assert (usual.figures.bulk["grain"] != 1.0).any()
    boxed = for_boxes(usual, "INLAND", "ISLE", "grain", SUMMER)
    plain = for_boxes(usual, "INLAND", "ISLE", GOODS, SUMMER)
    assert np.array_equal(boxed.figures.bulk["grain"], plain.figures.bulk[GOODS])


@settings(max_examples=15, deadline=None)
@given(cheaper=st.floats(0.2, 0.95))
def test_a_cheaper_train_makes_the_way_by_train_cheaper_for_a_box(sixplace, cheaper):
    def best(package):
        goods = shipment(package, GOODS, "40", 18.0, "", first=False)
        found = answer(
            network(package).compiled, "INLAND", "ISLE", day=SUMMER, commodity=GOODS, rules=BY_RAIL,
            with_validation=False, goods=goods,
        )  # fmt: skip
        return found.routes[0].generalized_usd_per_t

    row = sixplace["box_rates"].set_index("id").loc["xla.trade"]
    lower = edit(sixplace, "box_rates", "xla.trade", usd_per_feu_km=float(row["usd_per_feu_km"]) * cheaper)
    assert best(lower) < best(sixplace)


# -- ports ----------------------------------------------------------------------------------------------------------


def test_a_box_between_ship_and_train_is_handled_in_the_port_once(sixplace):
    found, route = priced(sixplace)
    assert [x.kind for x in route.legs if x.origin == "HARBOR"][:2] == ["terminal", "export"]
    low, mid, high = triple(sixplace["port_rail"].iloc[0], "usd_per_feu")
    told = line(found, "terminal at Harbor")
    assert (told.usd, told.note) == (pytest.approx(mean_of(low, mid, high), rel=SAME), BESIDE_SHIP)
    both, _ = priced(without(sixplace, "port_rail", lambda f: f["place"] == "HARBOR"))
    terminal = sixplace["transfers"].set_index("id").loc["HARBOR.terminal"]
    assert line(both, "terminal at Harbor").usd == pytest.approx(mean_of(*triple(terminal, "usd_per_feu")), rel=SAME)
    assert found.usd < both.usd


def test_where_the_lift_is_inside_the_charge_of_the_port_there_is_no_line_for_it(sixplace):
    inside = changed(sixplace, "port_rail", usd_per_feu_low=0.0, usd_per_feu=0.0, usd_per_feu_high=0.0)
    found, _ = priced(inside)
    assert line(found, "terminal at Harbor") is None
    assert line(found, "export at Harbor")


def test_a_box_that_comes_by_train_and_stays_pays_the_terminal(sixplace):
    found, _ = priced(sixplace, b="HARBOR", rules=Rules(k=1, modes=("rail",)))
    terminal = sixplace["transfers"].set_index("id").loc["HARBOR.terminal"]
    assert line(found, "terminal at Harbor").usd == pytest.approx(mean_of(*triple(terminal, "usd_per_feu")), rel=SAME)


# -- sea ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("container", ["40", "40HC"])
def test_what_the_port_holds_of_the_freight_goes_to_the_voyage_and_nothing_is_lost(sixplace, container):
    none = changed(
        sixplace,
        "sea_terms",
        port_lump_usd_per_feu_low=0.0,
        port_lump_usd_per_feu=0.0,
        port_lump_usd_per_feu_high=0.0,
    )
    with_lump, _ = priced(sixplace, container=container)
    without_lump, _ = priced(none, container=container)
    lump = mean_of(*triple(sixplace["sea_terms"].iloc[0], "port_lump_usd_per_feu"))
    assert with_lump.usd == pytest.approx(without_lump.usd, rel=SAME)
    for port in ("export at Harbor", "import at Isle"):
        assert line(without_lump, port).usd - line(with_lump, port).usd == pytest.approx(lump, rel=1e-9)
    sea = "sea Harbor to Isle"
    assert line(with_lump, sea).usd - line(without_lump, sea).usd == pytest.approx(2 * lump, rel=1e-9)


def test_handling_that_an_index_may_hold_already_lowers_the_low_end_alone(sixplace):
    found, _ = priced(sixplace)
    unsettled, _ = priced(changed(sixplace, "sea_terms", handling="unknown"))
    assert unsettled.usd == pytest.approx(found.usd, rel=SAME)
    port = line(unsettled, "export at Harbor")
    assert (port.usd_p10, port.note) == (0.0, UNSETTLED)
    assert line(found, "export at Harbor").usd_p10 > 0


def test_a_twenty_foot_box_pays_the_ratio_of_its_lane_at_sea(sixplace):
    bare = {"port_lump_usd_per_feu_low": 0.0, "port_lump_usd_per_feu": 0.0, "port_lump_usd_per_feu_high": 0.0}
    package = changed(sixplace, "sea_terms", **bare)
    forty, _ = priced(package)
    twenty, _ = priced(package, container="20")
    sea = "sea Harbor to Isle"
    ratio = float(package["sea_terms"]["twenty_over_forty"].iloc[0])
    assert line(twenty, sea).usd == pytest.approx(ratio * line(forty, sea).usd, rel=SAME)


SEA = "sea Harbor to Isle"
DAYS = (dt.date(2024, 1, 10), dt.date(2024, 1, 20), dt.date(2024, 3, 20))
LEVELS = (400.0, 900.0, 300.0)


@pytest.fixture(scope="module")
def levelled(sixplace):
    """An index of sea freight known on three days; the rate holds at 400."""
    rows = [{"rate": "sea", "date": d, "usd": x} for d, x in zip(DAYS, LEVELS, strict=True)]
    return added(without(sixplace, "sea_levels", lambda f: f["rate"] != ""), "sea_levels", rows)


@pytest.mark.parametrize(
    ("day", "usd", "nearest"),
    [
        ("2023-05-01", 400.0, 0),
        ("2024-01-10", 400.0, 0),
        ("2024-01-15", 600.0, 0),
        ("2024-01-18", 400 * (900 / 400) ** 0.8, 1),
        ("2024-01-20", 900.0, 1),
        ("2024-02-19", np.sqrt(900 * 300), 1),
        ("2024-03-19", 900 * (300 / 900) ** (59 / 60), 2),
        ("2026-01-01", 300.0, 2),
    ],
)
def test_the_level_of_sea_freight_lies_on_a_line_in_logarithms_between_the_days_known(levelled, day, usd, nearest):
    level = box_tariffs(levelled).level("sea", dt.date.fromisoformat(day))
    assert level.over_rate == pytest.approx(usd / 400, rel=SAME)
    assert level.as_of == DAYS[nearest].isoformat()


def test_a_lane_without_an_index_keeps_its_rate(levelled):
    unknown = box_tariffs(changed(levelled, "sea_terms", index=""))
    assert unknown.level("sea", SUMMER) is None
    assert unknown.level("road.xla", SUMMER) is None


def test_freight_twice_as_dear_doubles_the_voyage_and_nothing_else(sixplace):
    usual, _ = priced(sixplace)
    dear, _ = priced(changed(sixplace, "sea_levels", usd=800.0))
    assert line(dear, SEA).usd == pytest.approx(2 * line(usual, SEA).usd, rel=SAME)
    assert line(dear, SEA).note == INDEXED
    rest = {x.what: x.usd for x in usual.lines if x.what != SEA}
    assert {x.what: x.usd for x in dear.lines if x.what != SEA} == pytest.approx(rest, rel=SAME)
    assert dear.usd - usual.usd == pytest.approx(line(usual, SEA).usd, rel=1e-9)


def test_the_voyage_is_dated_by_the_index(sixplace):
    early, _ = priced(changed(sixplace, "sea_levels", date=dt.date(2024, 6, 1)))
    assert line(early, SEA).as_of == "2024-06-01"


def test_dear_sea_freight_weighs_in_the_choice_of_ways_of_a_box(sixplace):
    dear = changed(sixplace, "sea_levels", usd=800.0)
    usual = network(sixplace).compiled
    boxed = for_boxes(network(dear).compiled, "INLAND", "ISLE", GOODS, SUMMER)
    at_sea = {a for a, x in enumerate(usual.topology.arcs) if x.kind == ArcKind.LINE_HAUL and x.row in {"S1", "S2"}}
    plain = for_boxes(usual, "INLAND", "ISLE", GOODS, SUMMER)
    doubled = np.flatnonzero(boxed.figures.bulk[GOODS] == 2 * plain.figures.bulk[GOODS])
    assert at_sea == set(doubled)


# -- charges --------------------------------------------------------------------------------------------------------


def test_goods_that_stay_in_a_country_pay_no_papers_of_import_or_export(real):
    net = open_network(real, dt.date(2025, 6, 1))
    goods = shipment(net.package, GOODS, "40", 18.0, "", first=False)
    route = alternatives(net, "KARACHI", "LAHORE", GOODS, Rules(k=1))[0]
    assert route.countries == ("PAK",)
    found = price(net, route, goods)
    titles = " ".join(x.what for x in (*found.lines, *found.options))
    assert "import" not in titles
    assert "export" not in titles


def test_goods_handed_over_at_a_border_are_not_exported_by_its_country(real):
    net = open_network(real, dt.date(2025, 6, 1))
    goods = shipment(net.package, GOODS, "40", 18.0, "", first=False)
    route = alternatives(net, "ALTYNKOL", "TASHKENT", GOODS, Rules(k=1, modes=("rail",)))[0]
    found = price(net, route, goods)
    titles = " ".join(x.what for x in (*found.lines, *found.options))
    assert "export in Kazakhstan" not in titles
    assert "import in Uzbekistan" in titles


def test_storage_at_a_port_counts_the_time_in_the_port_alone(sixplace):
    rows = [
        {"id": f"storage{k}", "kind": "demurrage", "title": f"Storage {k}", "country": "XCO", "place": place,
         "applies": "all", "per": "day", "amount": 10.0, "free_days": free, "refundable": False, "optional": False,
         "as_of": "2025"}
        for k, (place, free) in enumerate((("HARBOR", 0.0), ("HARBOR", 0.5), ("", 0.0)))
    ]  # fmt: skip
    found, route = priced(added(sixplace, "charges", rows))
    here = [x for x in route.legs if x.origin == x.destination == "HARBOR"]
    days = sum(x.hours + x.end_dwell_h for x in here) / 24
    country = sum(x.hours + x.end_dwell_h for x in route.legs if x.side == "XCO") / 24
    costs = {x.what.split(" (")[0]: x.usd for x in found.lines}
    assert 0 < days < country
    assert costs["Storage 0"] == pytest.approx(10 * days, rel=SAME)
    assert costs["Storage 1"] == pytest.approx(10 * (days - 0.5), rel=SAME)
    assert costs["Storage 2"] == pytest.approx(10 * country, rel=SAME)


def surcharge(**columns):
    usual = {"id": "extra", "kind": "surcharge", "title": "Extra", "applies": "all", "per": "day", "amount": 10.0}
    return {**usual, "refundable": False, "optional": False, "as_of": "2025", **columns}


def test_a_charge_for_a_day_on_a_mode_counts_the_days_on_it_alone(sixplace):
    found, route = priced(added(sixplace, "charges", [surcharge(mode="rail")]))
    on_rails = sum(x.hours + x.end_dwell_h for x in route.legs if x.mode == "rail" and x.kind != "export")
    assert 0 < on_rails < sum(x.hours + x.end_dwell_h for x in route.legs)
    assert line(found, "Extra").usd == pytest.approx(10 * on_rails / 24, rel=SAME)


@pytest.mark.parametrize(("mode", "due"), [("sea", True), ("rail", True), ("road", False)])
def test_what_is_done_in_a_port_belongs_to_the_sea(sixplace, mode, due):
    found, route = priced(added(sixplace, "charges", [surcharge(mode=mode, country="XCO", per="container")]))
    export = next(x for x in route.legs if x.kind == "export")
    assert (export.mode, export.side) == ("road", "XCO")
    assert (line(found, "Extra (Costa)") is not None) == due


def test_what_a_trader_pays_himself_or_only_if_late_stands_beside_the_price(ewec):
    charges = ewec["charges"]
    late = charges["free_days"].notna()
    own = charges["id"].str.fullmatch(r"documents\.[a-z]{3}\.(import|export)")
    assert late.any()
    assert own.any()
    assert charges.loc[late | own, "optional"].all()


def test_a_truck_that_only_crosses_pays_as_at_home_and_one_from_the_port_does_not(real):
    net = open_network(real, dt.date(2025, 6, 1))
    row = net.package["box_rates"].set_index("id").loc["irn.through-truck"]
    found = {}
    for a, b in (
        ("ISTANBUL", "TASHKENT"),
        ("BANDARABBAS", "TASHKENT"),
        ("JEBELALI", "TASHKENT"),
        ("ISTANBUL", "TEHRAN"),
    ):
        via = ("BANDARABBAS",) if a == "JEBELALI" else ()
        route = alternatives(net, a, b, GOODS, Rules(k=1, modes=("road", "sea"), via=via))[0]
        assert "IRN" in route.countries, (a, b)
        told = line(price(net, route, shipment(net.package, GOODS, "40", 18.0, "", first=False)), "road in Iran")
        km = sum(x.km for x in route.legs if x.kind == "line_haul" and x.mode == "road" and x.side == "IRN")
        found[a, b] = told.note == CROSSING, told.usd / km
    crosses = {pair for pair, (crossing, _) in found.items() if crossing}
    assert crosses == {("ISTANBUL", "TASHKENT")}
    assert found["ISTANBUL", "TASHKENT"][1] == pytest.approx(mean_of(*triple(row, "usd_per_feu_km")), rel=1e-9)
    assert len({round(usd, 9) for pair, (_, usd) in found.items() if pair not in crosses}) == 1


# -- the real package -----------------------------------------------------------------------------------------------

PAIRS = (
    ("SHANGHAI", "TASHKENT"),
    ("XIAN", "POTI"),
    ("TASHKENT", "ISTANBUL"),
    ("ALMATY", "KARACHI"),
    ("JNPT", "MOSCOW"),
)


def test_prices_of_the_real_corridor_add_up_are_dated_and_grow_with_the_box(real):
    """Every line is dated and sourced; a larger, a chilled and a heavier box is never cheaper."""
    net = open_network(real, dt.date(2025, 6, 1))
    sources = set(net.package["sources"]["id"])
    seen = 0
    for a, b in PAIRS:
        for route in alternatives(net, a, b, GOODS, Rules(k=3)):
            usd = {}
            for container, load in (("20", 9.0), ("40", 9.0), ("40HC", 9.0), ("40RF", 9.0), ("40", 24.0)):
                found = price(net, route, shipment(net.package, GOODS, container, load, "", first=True))
                usd[container, load] = found.usd
                assert found.usd == pytest.approx(sum(x.usd for x in found.lines), rel=SAME)
                for x in (*found.lines, *found.deposits, *found.options):
                    seen += 1
                    assert x.as_of[:2] == "20", (a, b, x)
                    assert x.source, (a, b, x)
                    assert set(x.source.split(";")) <= sources, (a, b, x)
                    assert 0 <= x.usd_p10 <= x.usd_p90, (a, b, x)
            ordered = [usd[x] for x in (("20", 9.0), ("40", 9.0), ("40HC", 9.0), ("40RF", 9.0))]
            assert ordered == sorted(ordered), (a, b)
            assert usd["40", 9.0] <= usd["40", 24.0] * (1 + SAME), (a, b)
    assert seen


def test_every_sea_rate_in_use_has_its_terms_and_every_rail_port_its_lift(ewec):
    links = ewec["links"]
    sea = links[links["mode"].isin(["sea", "ferry"])]
    used = {r for column in ("rate", "rate_back") for r in sea[column] if r}
    assert used == set(ewec["sea_terms"]["rate"])
    # a port without a railway needs no row; Chabahar and Gwadar have one on paper only
    terminals = ewec["transfers"]
    railed = set(terminals.loc[terminals["kind"] == "terminal", "place"]) & set(ewec["ports"]["place"])
    assert railed - set(ewec["port_rail"]["place"]) == {"CHABAHAR", "GWADAR"}


def test_a_rate_of_boxes_is_at_most_the_usual_one_except_where_its_note_says_why(ewec):
    usual = dict(zip(ewec["rates"]["id"], ewec["rates"]["usd_per_tkm"] * 20, strict=True))
    above = {r.id for r in ewec["box_rates"].itertuples() if r.usd_per_feu_km > usual[r.rate]}
    assert above == {"ind.mixed.trade", "ind.dfc.trade", "geo.trade", "aze.trade", "irn.through-truck"}
    wide = (
        ewec["box_rates"]
        .query("applies != 'through_truck'")
        .pivot_table(index="rate", columns="applies", values="usd_per_feu_km")
        .dropna()
    )
    assert (wide["transit"] <= wide["import_export"]).all()


@settings(max_examples=8, deadline=None)
@given(light=st.floats(0.1, 26.0), more=st.floats(0.0, 26.0), container=st.sampled_from(["20", "40", "40HC", "40RF"]))
def test_a_heavier_box_is_never_cheaper(sixplace, light, more, container):
    most = float(sixplace["containers"].set_index("id").loc[container, "max_load_t"])
    loads = [min(light, most), min(light + more, most)]
    usd = [priced(sixplace, rules=Rules(k=1), container=container, load=x)[0].usd for x in loads]
    assert usd[0] <= usd[1] * (1 + SAME)


def test_a_short_box_pays_half_of_the_caspian_ferry_and_a_long_one_what_the_line_asks(real):
    """The line asks 1,000 USD for 40 feet to Turkmenbashi and 500 for 20; 150 of it stand at the two ports here."""
    net = open_network(real, dt.date(2025, 6, 1))
    usd = {}
    for box in ("20", "40"):
        rules = Rules(k=1, modes=("road", "ferry"), via=("TURKMENBASHI", "ALATPORT"))
        route = alternatives(net, "ASHGABAT", "BAKU", GOODS, rules)[0]
        found = price(net, route, shipment(net.package, GOODS, box, 9.0, "", first=False))
        usd[box] = line(found, "ferry Turkmenbashi port to Alat port (Baku)").usd
    assert usd["20"] == pytest.approx(usd["40"] / 2, rel=SAME)
    # the mean of a range lies a little off its middle
    assert usd["40"] + 150 == pytest.approx(1000, rel=0.05)


# -- quotes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("holds", ["all", "carriage", "freight", ""])
def test_a_quote_is_judged_by_the_lines_it_holds(sixplace, holds):
    package = edit(sixplace, "observations", "O1", cost_unit="FEU", holds=holds)
    told = predict(package)[0]
    net = network(package)
    route = alternatives(net, "INLAND", "HARBOR", GOODS, Rules(k=1, modes=("road",), via=("HIGHPASS",)))[0]
    found = price(net, route, shipment(package, GOODS, "40", None, "", first=False))
    freight = sum(x.usd for x in found.lines if x.group in FREIGHT)
    want = {"all": told.box_usd, "carriage": told.box_carriage_usd, "freight": freight}.get(holds, np.nan)
    assert told.box_quoted_usd == pytest.approx(want, rel=SAME, nan_ok=True)
    error = score((told,), "").quoted_median_abs_error.value
    assert error == pytest.approx(abs(want / 1100 - 1), rel=SAME, nan_ok=True)


def test_every_container_quote_set_aside_says_what_it_holds(ewec):
    frame = ewec["observations"]
    quotes = frame[(frame["use"] == "validation") & frame["cost_unit"].isin(["FEU", "TEU"])]
    assert len(quotes) >= 20
    assert (quotes["holds"] != "").all()
    assert (quotes["source"] != "").all()
