"""How the sections on the decision write their figures: rounded alike, in words where there is none."""

from __future__ import annotations

import datetime as dt
import json
import re
from types import SimpleNamespace

import pytest

from serai.data.names import short_name
from serai.feasibility.scorecard import YEARLY, ScoreRow
from serai.report.language import LANGUAGES, as_html, language
from serai.report.linked import Linked
from serai.report.minister import sentences
from serai.report.page import build_report
from serai.report.reader import reader
from serai.report.section import Trail
from serai.report.sections import scorecard
from serai.report.sections.project import NEVER, NOTES, npv_shown, rate_shown
from serai.report.summary import NAMED, _told_unconfirmed, summary
from serai.study.run import run

TODAY = dt.date(2026, 7, 1)
BOTH = frozenset(("STAGE", "MAIN"))


def decided():
    spec = SimpleNamespace(stage_one="STAGE", project="MAIN")
    stage = SimpleNamespace(name="stage one", low_usd=-1.6e8, high_usd=7.7e8)
    npv = SimpleNamespace(percentiles={10.0: -12.1e9, 90.0: -3.7e9})
    return SimpleNamespace(spec=spec, choices=(stage,), npv=npv, npv_all_usd=-7.9e9)


@pytest.mark.parametrize(
    ("found", "projects", "said"),
    [
        (-7913.0, frozenset(), "\u22128,000"),
        (-7897.0, BOTH, "\u22128,000"),
        (139.9, frozenset(("STAGE",)), "100"),
        (-1597.0, frozenset(("OTHER",)), "\u22121,600"),
        (-8065.6, frozenset(("MAIN",)), "\u22128,000"),
    ],
)
def test_one_net_present_value_reads_the_same_wherever_it_stands(found, projects, said):
    assert npv_shown(decided(), found, projects) == said


def score(value, low, high):
    figures = (value, low, high)
    return ScoreRow("eirr", "Rate", YEARLY, *figures, "fail", "short", "More.", 1.0, "computed", ())


def test_a_rate_that_does_not_exist_is_said_in_the_same_words_in_both_places():
    in_appraisal = rate_shown(float("nan"), 0, -1.0)
    assert in_appraisal == NEVER
    assert scorecard._row(score(-1.0, -1.0, -0.0129))[3:5] == [in_appraisal, "none at all to \u22121%"]
    assert scorecard._row(score(-1.0, -1.0, -1.0))[4] == NEVER
    assert scorecard._row(score(0.1, 0.08, 0.14))[3] == "10%"
    assert rate_shown(0.083, 1, -1.0) == "8.3%"
    assert rate_shown(float("nan"), 0, 1.0) != NEVER


@pytest.mark.parametrize("code", ["ru", "ur"])
def test_what_is_said_beside_the_figures_is_in_the_language_of_the_reader(code, sixplace):
    one = reader(code, sixplace)
    for english in (NEVER, NOTES, "none: pays at every rate", "none at all to 8%"):
        assert one.turn(english) != english
    assert not one.missed


def test_a_line_leads_to_its_section_on_a_page_and_is_plain_text_elsewhere():
    line = Linked("Worth <0.", "project", language("ru"))
    assert as_html(line) == 'Worth &lt;0. <a class="note" href="#project">[Проект]</a>'
    assert f"{line}" == json.loads(json.dumps(line)) == "Worth <0."


@pytest.fixture(scope="module")
def result(sixplace):
    return run(sixplace, TODAY)


@pytest.fixture(scope="module")
def built(result):
    return build_report(result)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_opening_answers_in_the_order_of_the_question(result, code):
    lines = sentences(result, language(code))
    order = ["scorecard", "project", "decision", "project", "decision", "coalition", "scorecard"]
    assert [line.section for line in lines] == order
    assert not any("{" in line for line in lines)
    first_stage = next(c for c in result.decision.choices if c.name == "stage one")
    assert str(round(abs(first_stage.value_usd) / 1e6))[:1] in lines[4]


def test_every_section_the_opening_leads_to_is_on_the_page(result, built):
    there = {s.name for s, _ in built.sections}
    told = [line["text"] for line in summary(result, "en", Trail())["lines"]]
    assert {line.section for line in told if isinstance(line, Linked)} <= there


def test_many_places_that_nobody_confirmed_are_counted_and_the_busiest_named(result):
    places = [str(x) for x in result.package["places"]["id"]]
    said = _told_unconfirmed(result, language("en"), places)
    busy = result.tables["throughput"].groupby("place")["t_per_day_base"].sum()
    names = result.package["places"].set_index("id")["name"]
    assert f" {len(places)} border posts" in said
    assert said.endswith(f"and {len(places) - NAMED} more.")
    assert f"The busiest: {short_name(names[busy[busy.index.isin(places)].idxmax()])}, " in said
    few = _told_unconfirmed(result, language("en"), places[:2])
    assert " more" not in few


def digits(cell):
    """Significant digits of a figure; noughts at its end count for nothing."""
    bare = re.sub(r"[^\d.]", "", cell).lstrip("0.")
    return len(bare.rstrip("0").replace(".", "")) if "." not in bare else len(bare.replace(".", ""))


def test_money_of_members_and_of_closures_has_two_digits(built):
    (members,) = built.section("coalition")["grids"]
    figures = [cell for row in members["rows"] for cell in (*row[1:5], *row[6:])]
    losses = [g for g in built.section("resilience")["grids"] if g["head"][-1] in {"Members' loss", "Beyond the two"}]
    figures += [row[-1] for g in losses for row in g["rows"]]
    assert figures
    assert not [f for f in figures if digits(f) > 2]
    assert "No range was worked out" in built.section("coalition")["lines"][1]


def test_every_region_that_gains_or_loses_has_a_row_with_its_range(built, sixplace):
    rows = next(g for g in built.section("project")["grids"] if g["head"][0] == "Where")["rows"]
    assert {r[0] for r in rows} == {*sixplace["economies"]["macro_region"], "World"}
    assert all(" to " in r[2] for r in rows)
