"""Sections of the report: one module and one partial each, and the trail from numbers to sources."""

from __future__ import annotations

from importlib.resources import files
from types import SimpleNamespace

import pandas as pd
import pytest

from serai.report.reader import reader
from serai.report.section import Trail
from serai.report.sections import SECTIONS, portfolio


def test_sections_have_names_of_their_own_and_sources_come_last():
    names = [s.name for s in SECTIONS]
    assert len(set(names)) == len(names)
    assert names[-1] == "sources"


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.name)
def test_each_section_has_its_partial_beside_it(section):
    folder = files("serai.report").joinpath("sections")
    assert folder.joinpath(f"{section.name}.py").is_file()
    assert folder.joinpath(f"{section.name}.html.j2").is_file()


def test_the_same_sources_make_one_group_whatever_their_order():
    trail = Trail()
    assert trail.to("a price", ["b;a", "c"]) == trail.to("a time", ["c", "a", "b", "a"])
    assert trail.to("another", ["a"]) != trail.to("a price", ["a", "b", "c"])
    assert [g.sources for g in trail.groups.values()] == [("a", "b", "c"), ("a",)]


@pytest.mark.parametrize(
    ("chosen", "order", "said"),
    [
        ("A + B", "B, A", "Built one after the other they are worth most in this order: Bridge; Road, east and west."),
        ("A + B", "", "The years of the appraisal do not suffice to build them one after the other."),
        ("A", "A", None),
        ("none", "", None),
    ],
)
def test_the_order_of_building_is_said_of_two_projects_or_more(monkeypatch, chosen, order, said):
    best = {"chosen": chosen, "order": order, "npv_usd_m": 1.0, "budget_usd_m": 9.0}
    row = {"projects": "A", "members_gain_usd_m_per_year": 1.0, "cost_usd_m": 1.0, "npv_usd_m": 1.0}
    tables = {"decision_portfolio": pd.DataFrame([row]), "decision_best_set": pd.DataFrame([best])}
    projects = pd.DataFrame({"id": ["A", "B"], "name": ["Road, east and west (all of it)", "Bridge"]})
    decision = SimpleNamespace(
        tables=tables,
        spec=SimpleNamespace(stage_one="A", project="B"),
        choices=[SimpleNamespace(name="stage one", low_usd=0.0, high_usd=2e6)],
        npv=SimpleNamespace(percentiles={10.0: 0.0, 90.0: 2e6}),
        npv_all_usd=1e6,
    )
    result = SimpleNamespace(decision=decision, package={"projects": projects})
    monkeypatch.setattr(portfolio, "ground", lambda *_: "sources")
    lines = portfolio.build(result, Trail())["lines"]
    assert lines[2:] == ([] if said is None else [said])


@pytest.mark.parametrize("code", ["ru", "ur"])
def test_the_order_of_building_is_said_in_the_language_of_the_reader(code, sixplace):
    told = reader(code, sixplace)
    order = told.turn("Built one after the other they are worth most in this order: NEWLINE; PASSROAD.")
    assert "Built" not in order
    assert order.index("NEWLINE") < order.index("PASSROAD")
    assert "Built" not in told.turn("The years of the appraisal do not suffice to build them one after the other.")
