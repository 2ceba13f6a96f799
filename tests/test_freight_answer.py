"""What the answer must say of the real corridor, and explanations, profiles and prices on both packages."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from helpers import edit
from serai.core.errors import InputError, NoRouteError
from serai.freight.answer import answer
from serai.freight.explain import compare
from serai.freight.exposure import requirements_of, sanctioned_arcs
from serai.freight.forms import answer_json
from serai.freight.price import price, shipment
from serai.freight.profile import indicators, profile
from serai.freight.routes import Rules, alternatives, compile_package, open_network
from serai.freight.validation import CARRIAGE, predict, score

GOODS = "manufactures"
SAME = 1e-9  # sums of the same few hundred numbers in another order differ by about 1e-14


@pytest.fixture(scope="module")
def real(ewec):
    return compile_package(ewec)


@pytest.fixture(scope="module")
def small(sixplace):
    return compile_package(sixplace)


def ask(compiled, day, a="ALMATY", b="KARACHI", **options):
    return answer(compiled, a, b, day=day, commodity=GOODS, rules=Rules(**options), with_validation=False)


def crosses(route, one, two):
    return any({a, b} == {one, two} for a, b in zip(route.countries, route.countries[1:], strict=False))


def test_before_the_closure_a_way_crosses_the_afghan_pakistani_border(real):
    assert any(crosses(r, "AFG", "PAK") for r in ask(real, dt.date(2025, 6, 1)).routes)


def test_after_the_closure_none_does_and_the_answer_names_it(real):
    before, after = ask(real, dt.date(2025, 6, 1)), ask(real, dt.date(2026, 1, 15))
    assert not any(crosses(r, "AFG", "PAK") for r in after.routes)
    assert after.routes[0].generalized_usd_per_t >= before.routes[0].generalized_usd_per_t
    shut = {s.object: s.valid_from for s in after.shut}
    assert shut["TORKHAM"] == dt.date(2025, 10, 12)


def test_an_old_confirmation_gives_both_answers_and_no_bare_state(real):
    found = ask(real, dt.date(2026, 11, 23))
    assert found.if_open
    assert found.if_shut
    assert {"TORKHAM", "CHAMAN"} <= {s.object for s in found.unknown}
    for entry in answer_json(found)["unknown"]:
        assert entry["state"] == "unknown"
        assert entry["confirmed_on"] in entry["words"]
    assert any(crosses(r, "AFG", "PAK") for r in found.if_open)
    assert not any(crosses(r, "AFG", "PAK") for r in found.if_shut)


def test_an_unknown_that_moves_no_first_way_does_not_decide(real):
    decides, idle = ask(real, dt.date(2026, 11, 24), "KABUL", "PESHAWAR", k=1), ask(real, dt.date(2026, 1, 15), k=1)
    assert decides.unknown_decides
    assert answer_json(decides)["unknown_decides"] is True
    assert idle.unknown
    assert {r[0].arcs for r in (idle.routes, idle.if_open, idle.if_shut)} == {idle.routes[0].arcs}
    assert idle.unknown_decides is False
    assert ask(real, dt.date(2025, 6, 1), "KARACHI", "GWADAR", k=1).unknown_decides is None


def test_papers_between_two_countries_need_both_and_limits_have_their_value(real):
    found = {p["id"]: p for p in answer_json(ask(real, dt.date(2026, 1, 15), k=1))["routes"][0]["papers"]}
    assert (found["irn.axle"]["limit"], found["irn.axle"]["limit_unit"]) == (40, "t gross, 5 axles")
    assert not {"pak.india-trade", "pak.tad"} & set(found)
    network = open_network(real, dt.date(2026, 1, 15))
    route = alternatives(network, "ALMATY", "KARACHI", GOODS, Rules(k=1))[0]
    india = replace(route, countries=(*route.countries, "IND"))
    assert "pak.india-trade" in {r.id for r in requirements_of(network, india, GOODS)}


@pytest.mark.parametrize("passage", ["hormuz", "suez"])
def test_closing_a_strait_is_a_detour_or_no_route(real, passage):
    network = open_network(real, dt.date(2025, 6, 1))
    for pair in (("ALMATY", "JEBELALI"), ("KARACHI", "ROTTERDAM")):
        plain = alternatives(network, *pair, GOODS, Rules(k=1))[0].generalized_usd_per_t
        try:
            shut = alternatives(network, *pair, GOODS, Rules(k=1, close=(passage,)))[0]
        except NoRouteError:
            continue
        assert plain <= shut.generalized_usd_per_t < 1e5


def test_shutting_every_border_of_a_landlocked_country_is_no_route(real):
    network = open_network(real, dt.date(2025, 6, 1))
    gates = {p for p, sides in real.sides.items() if "UZB" in sides and len(sides) == 2}
    with pytest.raises(NoRouteError):
        alternatives(network, "TASHKENT", "KARACHI", GOODS, Rules(close=tuple(gates)))


def test_every_leg_has_a_ground_and_a_source_and_the_json_is_plain(real):
    found = ask(real, dt.date(2025, 6, 1), a="TASHKENT", b="ROTTERDAM")
    text = json.dumps(answer_json(found), allow_nan=False)
    for route in json.loads(text)["routes"]:
        assert sum(leg["hours"] for leg in route["legs"]) == pytest.approx(route["time_h_mean"], abs=SAME)
        assert sum(leg["usd_per_t"] for leg in route["legs"]) == pytest.approx(route["cost_usd_per_t"], rel=SAME)
        for leg in route["legs"]:
            assert leg["source"]
            assert leg["time_basis"] in {"reported", "derived", "assumed"}


def test_no_exposed_way_comes_without_its_warning(real):
    """Whatever the rank, a way through a sanctioned country, place or mode says so, with the authority."""
    exposed = 0
    pairs = [("TASHKENT", "BANDARABBAS"), ("ALMATY", "JEBELALI"), ("ASTANA", "NOVOROSSIYSK"), ("DUSHANBE", "DELHI")]
    for a, b in pairs:
        found = ask(real, dt.date(2025, 6, 1), a, b)
        arcs = {who: sanctioned_arcs(found.network, who) for who in ("US", "EU", "UN", "UK")}
        for route in answer_json(found)["routes"]:
            way = list(found.routes[route["rank"] - 1].arcs)
            warned = " ".join(w for w in route["warnings"] if w.startswith("sanctions exposure"))
            for who in (who for who, sanctioned in arcs.items() if sanctioned[way].any()):
                exposed += route["rank"] == 1
                assert who in warned, (a, b, route["label"])
    assert exposed


def test_what_is_not_known_of_a_paper_is_null_and_never_nothing_or_zero(real):
    found = ask(real, dt.date(2025, 6, 1))
    papers = [p for route in answer_json(found)["routes"] for p in route["papers"]]
    rows = real.package["requirements"].set_index("id")
    open_fees = [p for p in papers if p["fee_usd"] is None]
    assert open_fees
    for p in papers:
        assert (p["fee_usd"] is None) == bool(np.isnan(rows.loc[p["id"], "fee_usd"]))
        assert (p["days"] is None) == bool(np.isnan(rows.loc[p["id"], "days"]))


@pytest.mark.parametrize("by", ["generalized", "cost", "time"])
def test_the_first_way_is_the_least_by_what_is_asked(real, by):
    routes = ask(real, dt.date(2025, 6, 1), by=by).routes
    worth = {
        "generalized": [r.generalized_usd_per_t for r in routes],
        "cost": [r.cost_usd_per_t.mean for r in routes],
        "time": [r.door_to_door_h.mean for r in routes],
    }[by]
    assert worth == sorted(worth)


# -- explanations ---------------------------------------------------------------------------------------------------


def two_ways(compiled, day, a, b):
    network = open_network(compiled, day)
    routes = alternatives(network, a, b, GOODS, Rules())
    return network, routes[0], routes[1]


CASES = [("small", dt.date(2025, 6, 1), "INLAND", "ISLE"), ("real", dt.date(2025, 6, 1), "ALMATY", "KARACHI")]


@pytest.mark.parametrize(("which", "day", "a", "b"), CASES)
def test_parts_add_up_to_the_gap(request, which, day, a, b):
    network, best, other = two_ways(request.getfixturevalue(which), day, a, b)
    c = compare(network, best, other, GOODS)
    assert sum(y - x for _, x, y in c.parts) == pytest.approx(c.gap_usd_per_t, abs=1e-8)
    assert c.gap_usd_per_t >= 0


@pytest.mark.parametrize(("which", "day", "a", "b"), CASES)
def test_break_evens_hold_on_both_sides(request, which, day, a, b):
    """Solve with the figure a little below and a little above its break-even: the leader changes."""
    network, best, other = two_ways(request.getfixturevalue(which), day, a, b)
    k = network.worth.index(GOODS)
    figures, costs = network.costs.figures, network.costs
    vot, vor = network.worth.vot_usd_per_t_h[k], network.worth.vor_usd_per_t_h[k]

    def worth(route, what, name, factor):
        total = 0.0
        for arc in route.arcs:
            row = network.topology.arcs[arc]
            border = row.table == "crossings" and row.place == name
            fee = figures.fee_usd.mean[arc] * (factor if border and what == "border fee" else 1.0)
            rated = what == "rate" and figures.haul_usd.group[arc] == f"rates:{name}"
            haul = figures.haul_usd.mean[arc] * (factor if rated else 1.0)
            time = vot * costs.mean_time_h[arc] + vor * costs.spread_h[arc]
            slow = (border and what == "border hours") or what == "value of time"
            total += (fee + haul) / route.payload_t + time * (factor if slow else 1.0)
        return total

    found = [e for e in compare(network, best, other, GOODS).break_evens if e.what != "days open a year"]
    assert found
    for e in found:
        gaps = [
            worth(other, e.what, e.object, f) - worth(best, e.what, e.object, f)
            for f in (1.0, e.factor * 0.99, e.factor * 1.01)
        ]
        assert gaps[0] >= 0
        assert gaps[1] * gaps[2] < 0, e


@pytest.mark.parametrize("what", ["border hours", "border fee"])
def test_the_choice_flips_when_the_package_is_solved_anew_on_either_side(sixplace, small, what):
    """Write the figure into the package a little below and above its break-even, and ask for routes again."""
    day = dt.date(2025, 6, 1)
    _, best, other = two_ways(small, day, "INLAND", "ISLE")
    found = [e for e in compare(open_network(small, day), best, other, GOODS).break_evens if e.what == what]
    assert found
    column = {"border hours": "hours", "border fee": "fee_usd_per_feu"}[what]
    for e in found:
        leaders = []
        for factor in (e.factor * 0.98, e.factor * 1.02):
            package = sixplace
            rows = sixplace["crossings"][sixplace["crossings"]["place"] == e.object]
            for row, value in zip(rows["id"], rows[column], strict=True):
                package = edit(package, "crossings", row, **{column: float(value) * factor})
            network = open_network(compile_package(package), day)
            routes = alternatives(network, "INLAND", "ISLE", GOODS, Rules(k=8, per_corridor=8))
            ranked = {r.arcs: r.generalized_usd_per_t for r in routes}
            leaders.append(ranked[best.arcs] < ranked[other.arcs])
        assert leaders[0] != leaders[1], e


@pytest.mark.parametrize(("which", "day", "a", "b"), CASES)
def test_profiles_end_at_the_totals_and_never_fall(request, which, day, a, b):
    _, best, _ = two_ways(request.getfixturevalue(which), day, a, b)
    p = profile(best)
    assert p.km[-1] == pytest.approx(best.distance_km, abs=SAME)
    assert p.hours[-1] == pytest.approx(best.door_to_door_h.mean, abs=SAME)
    assert p.usd_per_t[-1] == pytest.approx(best.cost_usd_per_t.mean, rel=SAME)
    for line in (p.km, p.hours, p.usd_per_t):
        assert (np.diff(line) >= 0).all()


def test_indicators_by_hand(small):
    network, best, _ = two_ways(small, dt.date(2025, 6, 1), "INLAND", "ISLE")
    x = indicators(network, best)
    hours = sum(leg.hours for leg in best.legs if leg.kind in {"exit", "entry"})
    fees = sum(leg.fee_usd_per_t for leg in best.legs) * 20
    assert (len(x.borders), x.hours_per_border, x.fee_usd_per_border) == pytest.approx((1, hours, fees), rel=SAME)
    # 400 km at 50 km/h and 520 km at 45 km/h
    assert x.speed_without_delay_kmh == pytest.approx(920 / (400 / 50 + 520 / 45), rel=SAME)
    assert x.cost_usd_per_500km_20t == pytest.approx(best.cost_usd_per_t.mean * 20 / 3120 * 500, rel=SAME)
    assert x.speed_with_delay_kmh < x.speed_without_delay_kmh


def test_indicators_of_a_real_way_by_hand(real):
    """Tashkent to Karachi by road: borders, fees and speeds worked out from legs and tables alone."""
    network, best, _ = two_ways(real, dt.date(2025, 6, 1), "TASHKENT", "KARACHI")
    x = indicators(network, best)
    links = network.package["links"].set_index("id")["speed"]
    speeds = network.package["speeds"].set_index("id")["speed_kmh"]
    land = [
        leg for leg in best.legs if leg.mode in {"road", "rail"} and leg.kind not in {"import", "export", "transship"}
    ]
    km = sum(leg.km for leg in land)
    moving = sum(leg.km / speeds[links[leg.row]] for leg in land if leg.kind == "line_haul")
    assert x.speed_without_delay_kmh == pytest.approx(km / moving, rel=SAME)
    assert x.speed_with_delay_kmh == pytest.approx(km / sum(leg.hours for leg in land), rel=SAME)
    assert len(x.borders) == len(best.borders)
    posts = sum(leg.hours for leg in best.legs if leg.kind in {"exit", "entry", "vehicle_change", "gauge_change"})
    assert x.hours_per_border == pytest.approx(posts / len(best.borders), rel=SAME)
    assert x.cost_usd_per_500km_20t == pytest.approx(best.cost_usd_per_t.mean * 20 / best.distance_km * 500, rel=SAME)


# -- price of a container -------------------------------------------------------------------------------------------


def test_the_price_is_the_sum_of_its_lines_and_every_line_is_dated(small):
    network = open_network(small, dt.date(2025, 6, 1))
    goods = shipment(network.package, GOODS, "40", 18.0, "5201", first=True)
    for route in alternatives(network, "INLAND", "ISLE", GOODS, Rules()):
        p = price(network, route, goods)
        assert p.usd == pytest.approx(sum(x.usd for x in p.lines), rel=SAME)
        assert p.usd_per_t == pytest.approx(p.usd / 18.0, rel=SAME)
        assert all(x.as_of and x.basis and x.source for x in p.lines)
        assert all(x.usd_p10 <= x.usd_p90 for x in p.lines)
        assert "First-shipment registration" in " ".join(x.what for x in p.lines)
        assert p.air.usd_low < p.air.usd < p.air.usd_high
        assert p.air.usd == pytest.approx(4 * 18_000)  # USD a kg of the package times the load
        assert [x.what for x in p.options] == ["Cargo insurance"]
        assert p.not_included


def test_a_carnet_is_paid_only_where_the_goods_go_by_road(small, sixplace):
    """A port's road side is no journey by road, and transit needs a country between the ends."""
    network = open_network(small, dt.date(2025, 6, 1))
    goods = shipment(network.package, GOODS, "40", 18.0, "", first=False)

    def kinds(net, *ends, **rules):
        route = alternatives(net, *ends, GOODS, Rules(**rules))[0]
        return {x.group for x in price(net, route, goods).lines}

    assert "tir carnet" not in kinds(network, "HARBOR", "ISLE")
    assert "tir carnet" in kinds(network, "INLAND", "ISLE", modes=("road", "sea"))
    transit = open_network(compile_package(edit(sixplace, "charges", "tir", applies="transit")), dt.date(2025, 6, 1))
    assert "tir carnet" not in kinds(transit, "INLAND", "HARBOR", modes=("road",))
    assert "tir carnet" in kinds(transit, "INLAND", "ISLE", modes=("road", "sea"))


def test_no_charge_for_a_mode_falls_on_a_way_without_it(real):
    """Every line of a price whose charge names a mode has a leg of movement by that mode on its way."""
    network = open_network(real, dt.date(2025, 11, 15))
    charges = {r["title"]: r for r in network.package["charges"].to_dict("records") if r["mode"] and not r["country"]}
    seen = 0
    for a, b in (("SHANGHAI", "POTI"), ("TASHKENT", "ISTANBUL"), ("ALMATY", "JEBELALI")):
        for route in alternatives(network, a, b, GOODS, Rules()):
            moved = {leg.mode for leg in route.legs if leg.kind == "line_haul"}
            found = price(network, route, shipment(network.package, GOODS, "40", None, "", first=True))
            for line in (*found.lines, *found.deposits, *found.options):
                if line.what in charges:
                    seen += 1
                    assert charges[line.what]["mode"] in moved, (a, b, line.what)
    assert seen


def test_a_quote_stands_beside_the_price_of_its_own_container_in_lines(sixplace):
    def predicted(**columns):
        package = edit(sixplace, "observations", "O1", **columns)
        return package, predict(package)[0]

    package, forty = predicted(cost_unit="FEU")
    network = open_network(compile_package(package), dt.date(2025, 6, 1))
    route = alternatives(network, "INLAND", "HARBOR", GOODS, Rules(k=1, modes=("road",), via=("HIGHPASS",)))[0]
    found = price(network, route, shipment(package, GOODS, "40", None, "", first=False))
    carriage = sum(x.usd for x in found.lines if x.group in CARRIAGE)
    assert (forty.box, forty.box_usd_published) == ("40", 1100.0)
    assert (forty.box_usd, forty.box_carriage_usd) == pytest.approx((found.usd, carriage), rel=SAME)
    assert carriage < found.usd
    scored = score((forty,), "")
    assert scored.box_median_abs_error.value == pytest.approx(abs(found.usd / 1100 - 1), rel=SAME)
    assert scored.carriage_median_abs_error.value == pytest.approx(abs(carriage / 1100 - 1), rel=SAME)
    assert predicted(cost_unit="TEU")[1].box == "20"
    # a price per tonne is no price of a container
    assert predicted(cost_unit="t")[1].box == ""


def test_no_source_of_a_price_is_also_held_back_to_judge_it(ewec):
    """Sources of rates, charges and ratios of box sizes are not those of prices set aside for validation."""
    observed = ewec["observations"]
    priced = observed[(observed["use"] == "validation") & observed["cost_usd_low"].notna()]
    held = {s for text in priced["source"] for s in text.split(";")}
    addresses = ewec["sources"].set_index("id")["address"]
    for table in ("rates", "charges", "services", "containers", "box_rates", "port_rail", "sea_terms", "sea_levels"):
        frame = ewec[table]
        # the optional return of an empty box is guessed from the loaded tariff and stands in no price
        frame = frame[~frame["optional"]] if "optional" in frame else frame
        used = {s for text in frame["source"] for s in text.split(";") if s}
        assert not used & held, table
        assert not {a for a in addresses[list(used)] if a} & {a for a in addresses[list(held)] if a}, table


def test_a_later_shipment_pays_no_first_time_charges(small):
    network = open_network(small, dt.date(2025, 6, 1))
    route = alternatives(network, "INLAND", "ISLE", GOODS, Rules())[0]
    prices = [
        price(network, route, shipment(network.package, GOODS, "40", 18.0, "", first=first)).usd
        for first in (True, False)
    ]
    assert prices[0] > prices[1]


@pytest.mark.parametrize(
    ("container", "load", "hs", "what"),
    [
        ("45", None, "", "no container type"),
        ("40", 40.0, "", "does not fit"),
        ("40", -1.0, "", "does not fit"),
        ("40", None, "abc", "no HS code"),
        ("40", None, "9999", "not in the package"),
        ("40", None, "02", "refrigerated"),
    ],
)
def test_impossible_shipments_are_refused(sixplace, container, load, hs, what):
    with pytest.raises(InputError, match=what):
        shipment(sixplace, GOODS, container, load, hs, first=False)
