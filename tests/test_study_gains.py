"""Trade, flows and gains of a study: conservation, what scenarios do and do not change, errors, and the pages."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from typer.testing import CliRunner

from serai.cli import app
from serai.core.errors import InputError, NoEquilibriumError
from serai.corridor.cases import Case
from serai.corridor.checks import checks
from serai.corridor.gradient import gradient
from serai.corridor.service import open_corridor, solve_case
from serai.data.package import load_package
from serai.network.topology import ArcKind
from serai.report import flow_charts
from serai.report import gains as gains_printed
from serai.report.gains import usd_m
from serai.report.reader import reader
from serai.report.section import Trail
from serai.report.sections import flows as flows_section
from serai.report.sections import gainers
from serai.study import gains as gains_module
from serai.study import run
from serai.study.flows import (
    arc_flows,
    beside_published,
    capacity_worth,
    error_table,
    gateway_shares,
    link_table,
    observed_table,
    throughput_table,
)
from serai.study.gains import created_and_diverted, solved_tables
from serai.study.spec import read_spec

DAY = dt.date(2025, 6, 1)
SUMS = 1e-9
"""Rounding of sums over some hundred routes."""


@pytest.fixture(scope="module")
def world(sixplace):
    return open_corridor(sixplace)


@pytest.fixture(scope="module")
def outcome(world, sixplace):
    return solve_case(world, Case("base", sixplace, DAY))


@pytest.fixture(scope="module")
def tables(sixplace):
    return solved_tables(sixplace, read_spec(sixplace), DAY)


def test_what_leaves_a_door_is_the_demand(world, outcome):
    m = world.freight
    flow = arc_flows(world, outcome.freight, (ArcKind.ACCESS,))
    t = world.compiled.topology
    doors = {z: t.door_out[t.place_index(z)] for z in m.routes.zones}
    for number, z in enumerate(m.routes.zones):
        mine = m.routes.pair_origin[m.entries.pair] == number
        demand = np.bincount(m.entries.commodity[mine], outcome.freight.tonnes_per_day[mine], m.n_commodities)
        leaving = flow[:, t.tail == doors[z]].sum(axis=1)
        np.testing.assert_allclose(leaving, demand, rtol=SUMS)


def test_entries_are_parts_of_the_whole(world, outcome):
    half = np.arange(world.freight.entries.n) % 2 == 0
    parts = arc_flows(world, outcome.freight, entry=half) + arc_flows(world, outcome.freight, entry=~half)
    np.testing.assert_allclose(parts, arc_flows(world, outcome.freight), rtol=SUMS)


def test_the_base_date_is_its_own_before(world, outcome):
    frame = throughput_table(world, outcome)
    np.testing.assert_allclose(frame["t_per_day"], frame["t_per_day_base"], rtol=1e-6)
    assert (frame["t_per_day"] > 0).all()


def test_sea_lines_carry_what_their_ports_handle(world, outcome):
    gates = throughput_table(world, outcome).set_index(["place", "direction"])["t_per_day"]
    links = link_table(world, outcome).set_index("link")["t_per_day"]
    assert links[["S1", "S2"]].sum() == pytest.approx(gates["ISLE"].sum(), rel=SUMS)


def test_gateway_shares_are_shares(world, outcome):
    frame = gateway_shares(world, outcome)
    assert frame["share_of_trade"].between(0, 1).all()
    assert set(frame["economy"]) == {"XLA"}


def test_without_a_count_nothing_stands_beside_the_model(world):
    nothing = world.package["throughputs"].iloc[:0]
    bare = replace(world, package=world.package.with_tables({"throughputs": nothing}))
    observed = observed_table(bare)
    assert observed.empty
    assert beside_published(bare, observed, ("HARBOR",)).empty


def test_no_facility_no_worth_of_capacity(world, outcome):
    assert capacity_worth(world, outcome, gradient(world, outcome)).empty


def test_errors_keep_fit_and_held_out_apart_and_a_perfect_model_has_none():
    rows = [
        {"use": u, "metric": "t_per_year", "observed": x, "modelled": x * f, "why_not": ""}
        for u, f in (("fit", 1.0), ("held out", 2.0))
        for x in (1.0, 10.0, 100.0)
    ]
    rows += [
        {"use": "fit", "metric": "t_per_year", "observed": 5.0, "modelled": 0.0, "why_not": ""},
        {"use": "held out", "metric": "t_per_year", "observed": 5.0, "modelled": 9e9, "why_not": "trains"},
    ]
    found = error_table(pd.DataFrame(rows)).set_index("use")
    assert found.loc["fit", "median_factor"] == pytest.approx(1.0)
    assert found.loc["fit", "r2_of_logs"] == pytest.approx(1.0)
    assert found.loc["fit", "without_flow"] == 1
    assert found.loc["held out", "median_factor"] == pytest.approx(2.0)
    spread = np.log([1.0, 10.0, 100.0])
    expected = 1 - 3 * np.log(2.0) ** 2 / ((spread - spread.mean()) ** 2).sum()
    assert found.loc["held out", "r2_of_logs"] == pytest.approx(expected)
    assert found.loc["held out", "rows"] == 3


def test_observed_counts_are_those_of_the_checks_and_levels_of_ports_are_not_compared(world):
    frame, counted = observed_table(world).set_index("id"), {c.id: c for c in checks(world)}
    for i, row in frame.iterrows():
        assert row["modelled"] == pytest.approx(counted[i].modelled, nan_ok=True)
    assert frame.loc["HIGHPASS.road", "modelled"] > 0
    assert frame.loc["HARBOR.t", "why_not"]
    assert not frame.loc["HARBOR.share", "why_not"]
    assert 0 < frame.loc["HARBOR.share", "modelled"] < 1


@given(arrays(float, (4, 4), elements=st.floats(0, 1e6)), arrays(float, (4, 4), elements=st.floats(0, 1e6)))
def test_created_less_lost_is_the_change_and_nothing_is_created_by_exchange(before, after):
    every = np.ones(4, dtype=bool)
    created, lost, diverted = created_and_diverted(before, after, every)
    off = ~np.eye(4, dtype=bool)
    assert created - lost == pytest.approx((after - before)[off].sum(), abs=1e-6)
    assert min(created, lost, diverted) >= 0
    back = created_and_diverted(after, before, every)
    assert back == pytest.approx((lost, created, diverted))
    assert created_and_diverted(before, before, every) == (0.0, 0.0, 0.0)


def test_a_supplier_for_another_is_diverted_not_created():
    before, after = np.zeros((3, 3)), np.zeros((3, 3))
    before[0, 2], after[1, 2] = 10.0, 10.0
    assert created_and_diverted(before, after, np.array([False, False, True])) == (0.0, 0.0, 10.0)
    assert created_and_diverted(before, after, np.array([True, True, False])) == (0.0, 0.0, 0.0)


def test_a_package_opened_again_is_the_same_package(tables, sixplace_folder):
    again = load_package(str(sixplace_folder), today=dt.date(2026, 11, 23), user_rows=False)
    for name, frame in solved_tables(again, read_spec(again), DAY).items():
        pd.testing.assert_frame_equal(frame, tables[name])


def test_every_scenario_is_solved_with_its_residual_and_sums_agree(tables, sixplace):
    cases = tables["scenarios"].set_index("scenario")
    assert list(cases.index) == list(read_spec(sixplace).scenarios)
    assert cases["solved"].all()
    assert (cases["residual"] < 1e-8).all()
    gains = tables["gains"]
    by = gains.groupby("scenario")["gain_usd_m"].sum()
    np.testing.assert_allclose(cases["world_usd_m"].astype(float), by[cases.index], rtol=1e-9, atol=1e-12)
    world = tables["gains_by_region"].query("macro_region == 'World'").set_index("scenario")["gain_usd_m"]
    np.testing.assert_allclose(world[cases.index], by[cases.index], rtol=1e-9, atol=1e-12)


def test_faster_posts_help_the_members_and_what_does_not_settle_says_why(sixplace, monkeypatch, tables):
    cases = tables["scenarios"].set_index("scenario")
    assert cases.loc["faster-pass", "members_usd_m"] > 0
    true = gains_module.solve_case

    def failing(world, case, start=None):
        if case.name == "new-line":
            raise NoEquilibriumError("freight", "times still move at line:X>", "Check it.")
        return true(world, case, start)

    monkeypatch.setattr(gains_module, "solve_case", failing)
    result = run(sixplace, DAY)
    rows = result.tables["scenarios"].set_index("scenario")
    assert not rows.loc["new-line", "solved"]
    assert "line:X>" in rows.loc["new-line", "why"]
    context = gainers.build(result, Trail())
    assert [c["solved"] for c in context["cases"]] == [True, False]
    assert len(context["columns"]) == 1
    json.dumps(context)
    json.dumps(flows_section.build(result, Trail()))


def test_a_package_without_trade_has_no_such_sections(sixplace):
    spec = read_spec(sixplace)
    bare = replace(sixplace, tables={**sixplace.tables, "trade_seed": sixplace["trade_seed"].iloc[:0]})
    assert solved_tables(bare, spec, DAY) == {}


@pytest.mark.parametrize(("text", "word"), [("scenarios: [nothing]", "nothing"),
                                            ("remarks: [{text: x, sources: [nobody]}]", "nobody")])  # fmt: skip
def test_a_study_that_names_what_is_not_there_is_refused(sixplace, text, word):
    lines = [x for x in sixplace.study.splitlines() if not x.startswith(("scenarios", "remarks", "  - "))]
    with pytest.raises(InputError, match=word):
        read_spec(replace(sixplace, study="\n".join([*lines, text])))


def test_the_trade_page_on_the_terminal(sixplace_folder):
    runner = CliRunner()
    whole = json.loads(runner.invoke(app, ["trade", "-p", str(sixplace_folder), "--json"]).stdout)
    assert sum(e["exports_usd_m"] for e in whole["economies"]) == pytest.approx(whole["value_usd_m"])
    one = json.loads(runner.invoke(app, ["trade", "--economy", "laria", "-p", str(sixplace_folder), "--json"]).stdout)
    assert sum(p["exports_usd_m"] for p in one["partners"]) == pytest.approx(one["economies"][0]["exports_usd_m"])
    two = runner.invoke(app, ["trade", "--pair", "XLA", "Costa", "-p", str(sixplace_folder)])
    assert "Laria 2024" in two.stdout or "Laria, 2024" in two.stdout
    assert runner.invoke(app, ["trade", "--pair", "XLA", "Nowhere", "-p", str(sixplace_folder)]).exit_code != 0


@pytest.mark.slow
def test_the_corridor_itself(ewec):
    spec = read_spec(ewec).model_copy(update={"scenarios": ("early-2025",)})
    tables = solved_tables(ewec, spec, dt.date(2026, 1, 15))
    case = tables["scenarios"].iloc[0]
    assert case["solved"]
    assert case["residual"] < 1e-8
    assert case["members_usd_m"] > 0
    gates = tables["throughput"]
    own = gates[gates["place"].isin(spec.own_ports)]
    assert set(own["place"]) == set(spec.own_ports)
    assert (gates["use_of_capacity"].dropna() >= 0).all()
    assert len(tables["improvements"]) == 10
    assert set(tables["observed_errors"]["use"]) >= {"fit", "held out"}


def test_the_world_stands_under_the_regions_it_sums():
    frame = pd.DataFrame(
        [("World", "s", 5.0), ("South Asia", "s", 4.0), ("Africa", "s", 1.0)],
        columns=["macro_region", "scenario", "gain_usd_m"],
    )
    rows = gainers._total_last(gainers._matrix(frame, "macro_region", ["s"], {"s": "#s"}))
    assert [r["name"] for r in rows] == ["South Asia", "Africa", "World"]


@pytest.fixture(scope="module")
def studied(sixplace):
    return run(sixplace, DAY)


def test_who_gains_opens_with_plain_sentences_of_the_table(studied):
    context = gainers.build(studied, Trail())
    cases = studied.tables["scenarios"]
    best = cases.loc[cases["members_usd_m"].astype(float).idxmax()]
    assert best["title"] in context["lead"][0]
    assert f"{usd_m(best['members_usd_m'], signed=True)} million USD" in context["lead"][0]
    assert f"(between {usd_m(best['members_low_usd_m'], signed=True)} and " in context["lead"][0]
    regions = set(studied.tables["gains"].query("member")["macro_region"])
    assert any(r in context["lead"][1] for r in regions)


def test_the_range_of_a_region_holds_its_gain_and_that_of_the_world_is_its_own(studied):
    frame = gainers.regions_with_ends(studied)
    assert frame[["low_usd_m", "high_usd_m"]].notna().all().all()
    slack = 1e-9 + 1e-9 * frame["gain_usd_m"].abs()
    assert (frame["low_usd_m"] <= frame["gain_usd_m"] + slack).all()
    assert (frame["gain_usd_m"] <= frame["high_usd_m"] + slack).all()
    under = studied.tables["gains_under"].query("setting != 'deficits fixed'").groupby("scenario")["world_usd_m"]
    world = frame.query("macro_region == 'World'").set_index("scenario")
    np.testing.assert_allclose(world["low_usd_m"], under.min()[world.index])
    np.testing.assert_allclose(world["high_usd_m"], under.max()[world.index])


def _with(result, **tables):
    return replace(result, tables={**result.tables, **tables})


def test_a_scenario_without_an_effect_is_said_to_have_none(studied):
    cases = studied.tables["scenarios"].copy()
    what = ["members_usd_m", "world_usd_m", "created_usd_m", "lost_usd_m", "diverted_usd_m"]
    cases.loc[cases.index[-1], what] = 0.0
    context = gainers.build(_with(studied, scenarios=cases), Trail())
    title = cases["title"].iloc[-1]
    assert [c["still"] for c in context["cases"]] == [False] * (len(cases) - 1) + [True]
    assert title not in context["columns"]
    assert f"{title}: {gainers.NO_EFFECT}" in context["most"]


def test_gains_stand_before_losses_and_a_ratio_is_that_of_the_figures_shown(studied):
    row = studied.tables["scenarios"].iloc[0]
    amounts = {"a": 143.4, "b": -8561.0, "c": 2.546, "d": 1004.0}
    cases = pd.DataFrame([{**row, "scenario": s, "title": f"Case {s}", "members_usd_m": v, "members_low_usd_m": v - 1,
                           "members_high_usd_m": v + 1} for s, v in amounts.items()])  # fmt: skip
    one = studied.tables["gains"][studied.tables["gains"]["scenario"] == row["scenario"]]
    economies = pd.concat([one.assign(scenario=s, gain_usd_m=np.sign(v) * np.arange(1.0, len(one) + 1))
                           for s, v in amounts.items()])  # fmt: skip
    lines = gainers._most(_with(studied, scenarios=cases, gains=economies))
    assert [x.split(":")[0] for x in lines[:3]] == ["Case d", "Case a", "Case b"]
    assert "most to" in lines[0]
    assert "the smallest loss" in lines[2]
    assert "about 3,400 times the smallest, Case c" in lines[3]


def test_improvements_are_counted_by_where_they_lie(studied):
    found = studied.tables["improvements"]
    crossing = str(studied.package["crossings"]["place"].iloc[0])
    rows = pd.DataFrame([{**found.iloc[0], "object": f"crossings:{crossing}:road", "name": "A border"}])
    told = _with(studied, improvements=rows, worth_of_an_hour=pd.DataFrame({"place": [crossing]}))
    assert gainers._lying(told).endswith("use of these borders: A border.")
    assert gainers._lying(_with(told, worth_of_an_hour=pd.DataFrame({"place": []}))).endswith("none of these borders.")
    outside = studied.package["countries"].assign(member=False)
    package = replace(studied.package, tables={**studied.package.tables, "countries": outside})
    assert gainers._lying(replace(told, package=package)).startswith("Of these 1, 0 lie in a member")


@pytest.mark.parametrize(("value", "text"), [(1004.7, "+1,000"), (-8561.2, "-8,600"), (143.0, "+140"), (47.6, "+48"),
                                             (2.546, "+2.5"), (0.027, "+0.03"), (0.001, "0")])  # fmt: skip
def test_money_on_the_terminal_has_the_two_figures_of_the_page(value, text):
    assert gains_printed._money(value) == text
    if abs(value) >= 1:
        assert usd_m(value, signed=True).replace("\u2212", "-") == text


@pytest.mark.parametrize(("code", "text"), [("en", "\u22124,000"), ("ru", "\u22124\u202f000")])
def test_bars_have_ranges_and_the_separators_of_the_language(studied, monkeypatch, code, text):
    drawn = []
    monkeypatch.setattr(flow_charts, "svg", lambda opened, words: drawn.append(opened) or "")
    gains = studied.tables["gains"].assign(gain_usd_m=-4000.0, low_usd_m=-8000.0, high_usd_m=-2000.0)
    flow_charts.gain_bars(_with(studied, gains=gains), reader(code, studied.package))
    ax = drawn[0].axes[0]
    assert text in [t.get_text() for t in ax.get_xticklabels()]
    ends = [tuple(path[:, 0]) for path in ax.collections[0].get_segments()]
    assert set(ends) == {(-8000.0, -2000.0)}
    assert drawn[0].get_suptitle()
