"""Named experts beside a computed decision: they reach the study, and no figure of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from types import SimpleNamespace

import openpyxl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import DataError, InputError, SeraiError
from serai.feasibility.judgement import Opinion
from serai.feasibility.scorecard import thresholds
from serai.report.section import Trail
from serai.report.sections import judgement as section
from serai.report.workbook import workbook
from serai.study import run
from serai.study.judgement import judged_thresholds, judgement_of, summed_up
from serai.study.spec import read_spec

HEAD = "expert,criterion,score,low,high,rationale\n"
TWO = "Expert A,trust,8,7,9,treaties hold\nExpert B,trust,7,5,8,they mostly hold\n"


def with_decision(package, **more):
    study = yaml.safe_load(package.study)
    study["decision"] |= more
    return replace(package, study=yaml.safe_dump(study))


def table(folder, text, name="experts.csv"):
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_without_a_table_nothing_is_judged_and_nothing_is_invented(sixplace):
    j = judgement_of(sixplace, read_spec(sixplace))
    assert [(r.kind, r.verdict, r.refs) for r in j.rows] == [("judged", "not established", ())]
    assert j.opinions == ()
    assert j.provenance == {}
    assert set(j.tables) == {"judgement_criteria"}
    assert "No expert was asked" in section.on_the_decision(j)[0]


def test_no_package_that_comes_with_the_software_holds_an_opinion(sixplace, ewec):
    for package in (sixplace, ewec):
        assert read_spec(package).decision.experts == ""
        assert judged_thresholds(package)


def test_the_study_names_the_table_beside_it(sixplace, tmp_path):
    table(tmp_path, TWO)
    package = replace(with_decision(sixplace, experts="experts.csv"), folder=tmp_path)
    j = judgement_of(package, read_spec(package))
    (row,) = j.rows
    assert (row.value, row.low, row.high, row.verdict, row.refs) == (7.5, 5, 9, "pass", ("Expert A", "Expert B"))
    assert j.provenance["experts"]["file"] == "experts.csv"
    assert len(j.provenance["experts"]["sha256"]) == 64
    absolute = with_decision(sixplace, experts=str(tmp_path / "experts.csv"))
    assert judgement_of(absolute, read_spec(absolute)).rows == j.rows


def test_a_table_that_is_not_there_is_one_line(sixplace, tmp_path):
    package = replace(with_decision(sixplace, experts="nowhere.csv"), folder=tmp_path)
    with pytest.raises(InputError, match=r"nowhere\.csv") as fault:
        judgement_of(package, read_spec(package))
    assert "\n" not in str(fault.value)
    bare = replace(package, folder=None)
    with pytest.raises(InputError, match="absolute path"):
        judgement_of(bare, read_spec(bare))


def test_what_is_computed_cannot_be_judged(sixplace, tmp_path):
    spec = read_spec(sixplace)
    for criterion, what in (("eirr", "is computed"), ("weather", "is no criterion")):
        path = table(tmp_path, f"A,{criterion},9,8,10,sure\n")
        with pytest.raises(InputError, match=what):
            judgement_of(sixplace, spec, path)
    weighed = with_decision(sixplace, weights={"eirr": 2})
    with pytest.raises(InputError, match="no expert judges"):
        judgement_of(weighed, read_spec(weighed))


def test_the_word_a_verdict_turns_on_is_named(sixplace, tmp_path):
    text = "A,trust,9,8,10,a\nB,trust,7,6.5,9,b\nC,trust,8,1,8.5,c\n"
    j = judgement_of(sixplace, read_spec(sixplace), table(tmp_path, text))
    assert j.rows[0].verdict == "conditional"
    assert j.turns_on == {"trust": ("C",)}


def test_weights_come_from_the_study_and_their_sway_is_told(sixplace):
    base = thresholds(sixplace)["trust"]
    found = {c: replace(base, criterion=c, title=c) for c in ("trust", "politics", "security")}
    opinions = [Opinion("A", "trust", 2, 1, 3, "x"), Opinion("A", "politics", 8, 7, 9, "y")]
    even, heavy = (summed_up(found, opinions, w) for w in ({}, {"politics": 3.0}))
    assert (even.overall.score, heavy.overall.score) == (5.0, 6.5)
    for j in (even, heavy):
        assert (j.overall.least, j.overall.most) == (2, 8)
        assert [r.verdict for r in j.rows] == ["fail", "pass", "not established"]
        assert j.overall.without == {"trust": 8.0, "politics": 2.0}
    assert [r.criterion for r in heavy.rows] == list(found)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0, 10), min_size=3, max_size=3).map(sorted),
    st.lists(st.floats(0, 10), min_size=3, max_size=3).map(sorted),
)
def test_a_kinder_expert_never_makes_a_verdict_worse(sixplace, one, other):
    order = {"fail": 0, "conditional": 1, "pass": 2}

    def verdict(which):
        low, score, high = map(which, one, other)
        return (
            summed_up(judged_thresholds(sixplace), [Opinion("A", "trust", score, low, high, "x")], {}).rows[0].verdict
        )

    assert order[verdict(min)] <= order[verdict(max)]


def test_the_page_and_the_workbook_show_them_apart(sixplace, tmp_path):
    j = judgement_of(sixplace, read_spec(sixplace), table(tmp_path, TWO + "Expert C,trust,1,0,2,old quarrels\n"))
    result = SimpleNamespace(judgement=j, package=sixplace, spec=read_spec(sixplace), decision=None)
    data = section.build(result, Trail())
    text = json.dumps(data)
    for word in ("Expert C", "old quarrels", "ranges that do not meet", "not established", "Disagreement"):
        assert word.lower() in text.lower()
    assert "in none of them" in section.on_the_decision(j)[0]
    book = openpyxl.load_workbook(io.BytesIO(workbook(j.tables, ["about"])))
    assert {"judgement_criteria", "judgement_opinions", "judgement_weights"} <= set(book.sheetnames)
    kinds = [row[2] for row in book["judgement_criteria"].iter_rows(min_row=2, values_only=True)]
    assert kinds == ["judged"]


@pytest.mark.slow
def test_the_whole_study_carries_them_and_changes_in_nothing_else(sixplace, tmp_path):
    day = dt.date(2025, 12, 15)
    plain, asked = (run(sixplace, day, 0, path) for path in (None, table(tmp_path, TWO)))
    assert asked.provenance["experts"]["file"] == "experts.csv"
    assert set(asked.tables) - set(plain.tables) == {"judgement_opinions", "judgement_weights"}
    for name, frame in plain.tables.items():
        assert name == "judgement_criteria" or frame.equals(asked.tables[name])


def test_a_faulty_table_stops_the_study_before_it_starts(sixplace, tmp_path):
    with pytest.raises(DataError, match="low <= score"):
        run(sixplace, dt.date(2025, 12, 15), 0, table(tmp_path, "A,trust,3,4,5,x\n"))


def test_the_template_asks_for_every_criterion_and_answers_none(run, sixplace_folder, tmp_path):
    def call(*words):
        return run(*words, "--package", sixplace_folder)

    path = tmp_path / "mine.csv"
    code, out, _ = call("experts", str(path), "--template")
    assert (code, "trust" in out) == (0, True)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [(r["criterion"], r["expert"], r["score"]) for r in rows] == [("trust", "", "")]
    code, _, err = call("experts", str(path))
    assert (code, "required" in err) == (2, True)
    code, _, err = call("experts", str(path), "--template")
    assert (code, "there already" in err) == (2, True)
    table(tmp_path, TWO, "full.csv")
    code, out, _ = call("experts", str(tmp_path / "full.csv"), "--json")
    assert code == 0
    assert json.loads(out)["judgement_criteria"][0]["median"] == 7.5


def test_every_fault_is_one_of_the_users(sixplace, tmp_path):
    for text in ("A,trust,3,2,4\n", "\x00", "A,trust,nan,nan,nan,x\n", "A,trust,1e400,0,1,x\n"):
        with pytest.raises(SeraiError):
            judgement_of(sixplace, read_spec(sixplace), table(tmp_path, text))
