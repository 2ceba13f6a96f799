"""A decision from drawn arcs to the page: what must hold whatever the figures are."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import SUMMER, laid_into
from serai.core.errors import InputError, SeraiError
from serai.core.executors import Serial
from serai.corridor.cases import Case, conditions_for
from serai.corridor.service import open_corridor
from serai.data.library import project_scenario
from serai.data.overlay import lay_over
from serai.data.projects import project_terms
from serai.data.scenario import apply
from serai.feasibility.corridor_model import (
    Change,
    CorridorModel,
    ProjectDraws,
    Question,
    ask,
)
from serai.feasibility.draw_map import corridor_factors
from serai.feasibility.sweep import run_sweep
from serai.feasibility.traffic import traffic
from serai.feasibility.uncertainty import draw, sobol
from serai.network.topology import ArcKind
from serai.report.grids import choice_rows
from serai.report.sections import decision as page
from serai.report.sections import project as project_page
from serai.study.decision import Decision, Undecided, decision_of
from serai.study.finance import cash_table
from serai.study.judgement import judgement_of
from serai.study.money import Money, flows_of, read_terms, shut_days
from serai.study.resolve import portfolio_tables
from serai.study.score import chance_range
from serai.study.spec import read_spec
from serai.study.worlds import built_by, gates_and_passages, neighbouring

DAY = dt.date(2025, 12, 15)
ROUNDING = 1e-9
"""Products of a few factors in another order."""
LOOSE = 1e-4
"""Gains are solved to a hundred-thousandth of the times they rest on."""


@pytest.fixture(scope="module")
def model(sixplace):
    return CorridorModel(open_corridor(sixplace), SUMMER, corridor_factors(sixplace))


@pytest.fixture(scope="module")
def decided(sixplace):
    found = decision_of(sixplace, read_spec(sixplace), DAY, ())
    assert isinstance(found, Decision)
    return found


def finite(a, b):
    assert np.array_equal(np.isfinite(a), np.isfinite(b))
    return np.where(np.isfinite(a), a, 0.0), np.where(np.isfinite(b), b, 0.0)


# -- draws act on arcs as they would on the package --------------------------------------------------------------------


def test_without_a_change_the_conditions_are_those_of_the_day(model, sixplace):
    case = conditions_for(model.world, Case("day", sixplace, SUMMER))
    for values in (None, model.factors.mode):
        mine = model.conditions(Change(), values)
        np.testing.assert_allclose(*finite(mine.arc_cost_usd_per_t, case.arc_cost_usd_per_t), rtol=ROUNDING)
        np.testing.assert_allclose(mine.fee_usd_per_t, case.fee_usd_per_t, rtol=ROUNDING)


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_draw_on_arcs_is_the_draw_laid_into_the_package(model, sixplace, row):
    values = draw(model.factors, sobol(64, len(model.factors), 5)).values[row]
    laid = laid_into(sixplace, model.factors, values)
    laid = laid.with_tables({"elasticities": sixplace["elasticities"]})
    changed = {t for t in laid.tables if not laid[t].equals(sixplace[t])}
    laid = sixplace.with_tables({t: laid[t] for t in changed})
    theirs = conditions_for(model.world, Case("draw", laid, SUMMER))
    mine = model.conditions(Change(), values)
    np.testing.assert_allclose(*finite(mine.arc_cost_usd_per_t, theirs.arc_cost_usd_per_t), rtol=1e-7)
    np.testing.assert_allclose(mine.fee_usd_per_t, theirs.fee_usd_per_t, rtol=1e-7)


def test_a_project_is_its_scenario(model, sixplace):
    changed = apply(sixplace, project_scenario(sixplace, "PASSROAD"))
    case = conditions_for(model.world, Case("project", changed, SUMMER))
    mine = model.conditions(Change(("PASSROAD",)))
    np.testing.assert_allclose(*finite(mine.arc_cost_usd_per_t, case.arc_cost_usd_per_t), rtol=ROUNDING)


def test_the_world_as_it_is_gains_nothing_and_a_draw_does_not_depend_on_others(model):
    values = draw(model.factors, sobol(64, len(model.factors), 0)).values
    ask(model, Question((Change(), Change(("PASSROAD",))), values[0]))
    first = ask(model, Question((Change(), Change(), Change(("PASSROAD",))), values[3]))
    fresh = CorridorModel(model.world, model.day, model.factors)
    again = ask(fresh, Question((Change(), Change(), Change(("PASSROAD",))), values[3]))
    assert (first.ev_usd_per_year[:2] == 0).all()
    assert np.array_equal(first.ev_usd_per_year, again.ev_usd_per_year)


def test_easing_ones_own_posts_changes_no_arc_of_others(model):
    arcs = model.world.compiled.topology.arcs
    before, after = (model.conditions(Change(eased=e)).arc_cost_usd_per_t for e in ((), ("XLA",)))
    moved = np.flatnonzero((np.nan_to_num(before, posinf=0) != np.nan_to_num(after, posinf=0)).any(axis=0))
    assert len(moved)
    assert {arcs[a].owner for a in moved} == {"XLA"}


def test_traffic_on_a_project_is_no_more_than_moves_and_adds_up_by_section(model):
    change = Change(("NEWLINE",))
    touched = model.touched(change.projects)
    found = traffic(model, model.solve(change), change, touched)
    assert 0 < found.on_project.sum() <= found.tonnes.sum()
    assert found.by_arc.sum(axis=1).max() <= found.on_project.sum() * (1 + ROUNDING)
    assert found.by_arc.shape == (touched.sum(), len(model.world.compiled.worth.ids))


def test_a_world_without_an_answer_says_why(model):
    everything = tuple(range(model.world.compiled.topology.n_arcs))
    reply = ask(model, Question((Change(), Change(shut=everything))))
    assert reply.reason or np.isfinite(reply.ev_usd_per_year[1]).all()


# -- money -------------------------------------------------------------------------------------------------------------


def test_a_project_without_effect_is_worth_minus_its_cost(decided):
    t = decided.main
    money = Money((f"{t.project}.cost", f"{t.project}.build_years"), np.array([[t.cost_usd[1], t.build_years[1]]]), ())
    flows = flows_of(t, money, np.zeros(1), 2025)
    assert flows.net[0].sum() < 0
    assert flows.benefit.sum() == 0
    lives = math.floor((t.plan.last_year + 1 - t.plan.start - t.build_years[1]) / t.plan.life_years)
    assert lives >= 1
    assert flows.capital.sum() == pytest.approx((1 + lives) * t.cost_usd[1], rel=ROUNDING)
    once = flows_of(t, money, np.zeros(1), 2025, renewed=False)
    assert once.capital.sum() == pytest.approx(t.cost_usd[1], rel=ROUNDING)


@given(st.floats(1e5, 1e9), st.floats(0, 365), st.floats(0, 365))
def test_more_open_days_never_make_a_gain_worth_less(decided, ev, a, b):
    t = decided.main
    money = Money(("growth",), np.array([[1.01]]), ())
    money = replace(money, names=("growth", f"{t.project}.cost", f"{t.project}.build_years"),
                    values=np.array([[1.01, t.cost_usd[1], t.build_years[1]]]))  # fmt: skip
    low, high = (flows_of(t, money, np.array([ev]), 2025, np.array([d])).net.sum() for d in sorted((a, b)))
    assert low <= high * (1 + ROUNDING) or low <= high + ROUNDING * abs(low)


def test_days_shut_rise_with_the_rate_and_stay_inside_the_year(sixplace):
    regime = sixplace["closure_regimes"].to_dict("records")[0]
    days = shut_days(regime, np.array([0.0, 0.1, 1.0, 100.0]))
    assert days[0] == 0
    assert (np.diff(days) > 0).all()
    assert days[-1] < 365


def test_a_project_without_a_cost_is_refused_by_name(sixplace):
    frame = sixplace["projects"].copy()
    frame.loc[frame["id"] == "NEWLINE", "capital_cost_usd_m"] = np.nan
    bare = sixplace.with_tables({"projects": frame})
    with pytest.raises(InputError, match="NEWLINE"):
        read_terms(bare, "NEWLINE", read_spec(sixplace).decision, 2026)
    found = decision_of(bare, read_spec(sixplace), DAY, ())
    assert isinstance(found, Undecided)
    assert "NEWLINE" in found.reason


# -- the decision ------------------------------------------------------------------------------------------------------


def test_four_choices_best_first_and_declining_costs_nothing(decided):
    values = [c.value_usd for c in decided.choices]
    assert values == sorted(values, reverse=True)
    assert {c.name for c in decided.choices} == {"build all", "stage one", "study and wait", "decline"}
    assert next(c for c in decided.choices if c.name == "decline").cost_usd == 0
    assert len(choice_rows(decided)) == 4


def test_invented_figures_are_not_established_and_pass_nothing(decided):
    assert not decided.established
    assert not [r for r in decided.score if r.verdict == "pass"]


def test_every_threshold_of_the_package_has_a_row(decided, sixplace):
    judged = [r.criterion for r in judgement_of(sixplace, read_spec(sixplace)).rows]
    computed = [r.criterion for r in decided.score]
    assert [*computed, *judged] == list(sixplace["thresholds"]["criterion"])
    assert {r.kind for r in decided.score} == {"computed"}
    assert "trust" not in set(decided.tables["decision_scorecard"]["criterion"])


def test_the_conventional_benefit_and_what_it_misses_make_the_equivalent_variation(decided):
    r = decided.tables["decision_reconciliation"]
    parts = r[["users_usd_m", "fees_usd_m", "tariffs_usd_m", "prices_usd_m"]].sum(axis=1)
    np.testing.assert_allclose(parts, r["equivalent_variation_usd_m"], atol=ROUNDING)
    classes = r[["existing_usd_m", "diverted_usd_m", "generated_usd_m", "elsewhere_usd_m"]].sum(axis=1)
    np.testing.assert_allclose(classes, r["users_usd_m"], atol=1e-6)


def test_capital_is_spent_in_the_phases_the_package_states(decided, sixplace):
    terms = project_terms(sixplace, decided.main.project)
    assert decided.main.plan.phases == tuple(f.mode for f in terms.phases) == (0.4, 0.6)


def test_the_sets_the_game_and_the_decision_rest_on_the_same_worlds(decided):
    own = [decided.worlds.sets[frozenset(("NEWLINE", "PASSROAD"))].ev_usd_per_year[1]]
    np.testing.assert_allclose(own[0], decided.central[2], rtol=ROUNDING)
    whole = decided.tables["decision_coalition"]
    assert whole["shapley_usd_m"].sum() == pytest.approx(
        float(decided.tables["decision_coalition_whole"]["worth_usd_m"].iloc[0]), rel=1e-9
    )


def sets_tables(decided, sixplace, **times):
    """Tables of projects of which each gains so many times what it does, and both together gain their sum."""
    worlds = replace(decided.worlds, sets=dict(decided.worlds.sets))
    gains = {p: n * worlds.sets[frozenset([p])].ev_usd_per_year for p, n in times.items()}
    for names in [*({p} for p in times), set(times)]:
        reply = worlds.sets[frozenset(names)]
        worlds.sets[frozenset(names)] = replace(reply, ev_usd_per_year=sum(gains[p] for p in names))
    terms = (decided.stage, decided.main)
    money = Money(
        tuple(f"{t.project}.{what}" for t in terms for what in ("cost", "build_years")),
        np.array([[x[1] for t in terms for x in (t.cost_usd, t.build_years)]]),
        (),
    )
    worth = SimpleNamespace(main=decided.main, middle=money, base_year=2025, rate=0.09)
    return portfolio_tables(sixplace, worlds, decided.spec, [0, 1], worth)


def test_sets_of_projects_whose_gains_add_up_are_worth_their_parts(decided, sixplace):
    found = sets_tables(decided, sixplace, NEWLINE=1, PASSROAD=1)
    assert found["decision_pairs"]["beyond_their_parts_usd_m"].abs().max() < 1e-6
    assert bool(found["decision_best_set"]["exact"].iloc[0])


@pytest.mark.parametrize(
    ("times", "order"),
    [
        ({"NEWLINE": 100, "PASSROAD": 50}, "PASSROAD, NEWLINE"),
        ({"NEWLINE": 1000, "PASSROAD": 10}, "NEWLINE, PASSROAD"),
        ({"NEWLINE": 0, "PASSROAD": 0}, ""),
    ],
)
def test_what_brings_more_sooner_is_built_first(decided, sixplace, times, order):
    assert sets_tables(decided, sixplace, **times)["decision_best_set"]["order"].iloc[0] == order


def test_two_shut_at_once_are_the_world_in_which_both_are(decided, model):
    joint = decided.tables["decision_joint"]
    assert len(joint) == len(decided.worlds.joint) > 0
    row = joint.iloc[0]
    things = gates_and_passages(model, frozenset(decided.members), decided.spec.joint)
    reply = ask(model, Question((Change(), Change(shut=tuple(sorted({*things[row["a"]], *things[row["b"]]}))))))
    own = [model.countries.index(m) for m in decided.members]
    assert row["loss_both_usd_m"] == pytest.approx(-reply.ev_usd_per_year[1][own].sum() / 1e6, rel=ROUNDING)
    parts = joint["loss_a_usd_m"] + joint["loss_b_usd_m"] + joint["beyond_their_parts_usd_m"]
    np.testing.assert_allclose(joint["loss_both_usd_m"], parts, rtol=ROUNDING)
    assert joint["loss_both_usd_m"].is_monotonic_decreasing


def test_a_second_way_is_worth_what_it_adds_while_the_first_is_shut(decided, model):
    second = decided.tables["decision_second_way"].set_index("shut")
    assert set(second.index) == set(decided.worlds.standby)
    own = [model.countries.index(m) for m in decided.members]
    opened = decided.central[2][own].sum() / 1e6
    np.testing.assert_allclose(second["worth_on_open_days_usd_m"], opened, rtol=ROUNDING)
    more = (second["worth_while_shut_usd_m"] - opened) * second["days_shut_per_year"] / 365
    np.testing.assert_allclose(second["worth_of_standing_in_usd_m"], more, rtol=1e-7, atol=1e-9)
    regime = sixplace_regime(decided, model)
    assert second.loc["crossing:HIGHPASS", "days_shut_per_year"] == pytest.approx(regime)


def sixplace_regime(decided, model):
    row = next(r for r in model.world.package["closure_regimes"].to_dict("records") if r["id"] == "highpass")
    return float(shut_days(row, row["rate_per_year"]))


def test_what_lies_on_two_soils_takes_both(sixplace):
    spec = read_spec(sixplace).decision
    assert built_by(sixplace, spec, frozenset({"XCO"})) == ("NEWLINE",)
    assert set(built_by(sixplace, spec, frozenset({"XCO", "XLA"}))) == {"NEWLINE", "PASSROAD"}
    assert built_by(sixplace, spec, frozenset({"XLA"})) == ()


def test_ten_figures_of_the_users_own_change_the_page_and_are_marked(sixplace, decided, tmp_path):
    path = tmp_path / "ministry.csv"
    path.write_text(
        "table,id,column,value,unit\n"
        "projects,NEWLINE,capital_cost_usd_m,90,\nprojects,NEWLINE,capital_cost_usd_m_low,80,\n"
        "projects,NEWLINE,capital_cost_usd_m_high,120,\nprojects,NEWLINE,build_years,4,\n"
        "projects,PASSROAD,capital_cost_usd_m,10,\nprojects,PASSROAD,capital_cost_usd_m_low,8,\n"
        "projects,PASSROAD,capital_cost_usd_m_high,14,\nproject_terms,NEWLINE.o_and_m,value,0.02,\n"
        "project_terms,BORDER.o_and_m,value,0.015,\nrates,sea,usd_per_tkm,0.004,\n",
        encoding="utf-8",
    )
    laid = lay_over(sixplace, path, DAY)
    found = decision_of(laid, read_spec(laid), DAY, ())
    assert isinstance(found, Decision)
    assert found.npv_all_usd > decided.npv_all_usd
    assert page.lines(laid, found) != page.lines(sixplace, decided)
    assert choice_rows(found) != choice_rows(decided)
    marked = laid["projects"].set_index("id")["origin"]
    assert marked["NEWLINE"] != "package"


def test_the_study_may_leave_the_decision_out_or_ask_for_draws(sixplace):
    spec = read_spec(sixplace)
    assert decision_of(sixplace, spec, DAY, (), 0) is None
    with pytest.raises(InputError, match="power of two"):
        decision_of(sixplace, spec, DAY, (), 100)


# -- sweeps and study files --------------------------------------------------------------------------------------------


def test_a_sweep_goes_on_from_its_blocks(model, tmp_path):
    asked = ProjectDraws(model, (("PASSROAD",),))
    one = run_sweep(asked, model.factors, 64, tmp_path, executor=Serial())
    two = run_sweep(asked, model.factors, 64, tmp_path, executor=Serial())
    assert (one.resumed, two.resumed) == (0, 1)
    assert np.array_equal(one.values, two.values)
    assert not one.failures
    assert asked.outputs == one.outputs


leaf = st.none() | st.booleans() | st.integers(-10, 10**6) | st.floats() | st.text(max_size=8)
tree = st.recursive(
    leaf, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=6), x, max_size=3), max_leaves=6
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_a_malformed_study_file_is_one_fault_of_the_users(sixplace, data):
    whole = yaml.safe_load(sixplace.study)
    part = data.draw(st.sampled_from(("all", "top", "decision", "text")))
    if part == "all":
        text = yaml.safe_dump(data.draw(tree))
    elif part == "text":
        at = data.draw(st.integers(0, len(sixplace.study)))
        text = sixplace.study[:at] + data.draw(st.text(max_size=5)) + sixplace.study[at + 1 :]
    else:
        inside = whole if part == "top" else whole["decision"]
        inside[data.draw(st.sampled_from((*inside, "unknown")))] = data.draw(tree)
        text = yaml.safe_dump(whole)
    found = ""
    try:
        read_spec(replace(sixplace, study=text))
    except SeraiError as fault:
        found = str(fault)
    assert "\n" not in found


@given(n=st.integers(1, 7))
def test_coalitions_are_told_once_each_and_differ_by_one_member(n: int) -> None:
    players = tuple("ABCDEFG"[:n])
    found = neighbouring(players)
    assert len(set(found)) == len(found) == 2**n - 1
    assert frozenset() not in found
    assert all(len(a ^ b) == 1 for a, b in pairwise([frozenset(), *found]))


def test_worlds_solved_one_from_another_are_those_solved_from_the_first(model) -> None:
    posts = sorted(
        {a.owner for a in model.world.compiled.topology.arcs if a.kind == ArcKind.EXIT} & set(model.countries)
    )
    changes = tuple(Change(eased=tuple(posts[: i + 1])) for i in range(3))
    onward = ask(model, Question((Change(), *changes), onward=True, gains_alone=True))
    apart = [ask(model, Question((Change(), c))) for c in changes]
    assert not onward.reason
    assert np.isnan(onward.tonnes[1:]).all()
    assert np.isnan(onward.saved_t_per_year[1:]).all()
    assert len(onward.each()) == len(changes)
    for one, other in zip(onward.each(), apart, strict=True):
        whole = np.abs(other.ev_usd_per_year[1]).max()
        assert whole > 0
        np.testing.assert_allclose(one.ev_usd_per_year[1], other.ev_usd_per_year[1], atol=LOOSE * whole, rtol=0)
        np.testing.assert_array_equal(one.ev_usd_per_year[0], 0.0)


FINANCED = "tariff:0.05:USD/t-km operating_cost:0.02:USD/t-km debt_share:0.5:1 debt_interest:0.04:1/year"


def financed(package, decided, tmp_path, *, tenor=10, grace=3, capital=(100e6, 100e6)):
    lines = ["table,id,column,value"]
    for item, figure, unit in (
        *(t.split(":") for t in FINANCED.split()),
        ("debt_tenor", tenor, "years"),
        ("debt_grace", grace, "years"),
    ):
        row = {"project": "NEWLINE", "kind": "rail", "item": item, "value": figure, "value_low": 0.9 * float(figure)}
        row |= {"value_high": 1.1 * float(figure), "unit": unit, "as_of": "2025", "note": "Invented for the tests."}
        lines += [f"project_terms,NEWLINE.{item},{c},{v}" for c, v in row.items()]
    (tmp_path / "f.csv").write_text("\n".join(lines), encoding="utf-8")
    package = lay_over(package, tmp_path / "f.csv", DAY)
    plan = decided.main.plan
    years = np.arange(plan.first_year, plan.last_year + 1)
    spent, upkeep = np.zeros(len(years)), np.where(years >= plan.start + decided.main.build_years[1], 7e6, 0.0)
    spent[: len(capital)] = capital
    flows = SimpleNamespace(years=years, capital=spent[None], o_and_m=upkeep[None])
    return cash_table(package, decided.main, flows, decided.tables["decision_traffic"]), upkeep


def test_whoever_runs_it_keeps_it(decided, sixplace, tmp_path):
    tables, upkeep = financed(sixplace, decided, tmp_path)
    cash = tables["decision_cash"]
    np.testing.assert_allclose(1e6 * cash["operating_usd_m"], 1e6 * cash["revenue_usd_m"] * 0.4 + upkeep, atol=1e-3)


def test_a_loan_is_not_served_in_its_years_of_grace(decided, sixplace, tmp_path):
    for grace, first in ((1, 2), (2, 2), (5, 5)):
        tables, _ = financed(sixplace, decided, tmp_path, grace=grace)
        assert np.flatnonzero(tables["decision_cash"]["service_usd_m"])[0] == first


def test_financing_that_cannot_be_laid_out_says_why(decided, sixplace, tmp_path):
    tables, _ = financed(sixplace, decided, tmp_path, tenor=90)
    assert "after the last year" in tables["decision_cover"]["reason"][0]
    tables, _ = financed(sixplace, decided, tmp_path, capital=())
    assert "Nothing is spent" in tables["decision_cover"]["reason"][0]
    shown = project_page._cash(None, replace(decided, tables={**decided.tables, **tables}))
    assert "Nothing is spent" in shown["note"]


def test_a_chance_stays_a_chance(decided):
    row = next(r for r in decided.score if r.criterion == "p_npv_positive")
    assert 0 <= row.low <= row.value <= row.high <= 1
    npv = replace(decided.npv, p_positive=0.01, p_positive_error=0.02)
    assert chance_range(npv) == pytest.approx((0.0, 0.01 + 1.2816 * 0.02))
