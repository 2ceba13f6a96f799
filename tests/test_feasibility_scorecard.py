"""The scorecard never passes what is not known, and experts stay apart from the model."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.core.errors import DataError, InputError
from serai.feasibility.appraisal import ADB2017, appraise
from serai.feasibility.cashflow import cash_flows
from serai.feasibility.judgement import judged, read_opinions, weighted
from serai.feasibility.scorecard import Cell, Threshold, score, score_judged, tally, thresholds

relaxed = settings(deadline=None)
MORE = Threshold("gain", "Gain", "USD", "above", 10.0, 0.0, 0.0)
LESS = Threshold("gain", "Cost", "USD", "below", 1.0, 1.1, 1.0)


def cell(value, low, high, evidence=1.0, assumed=None):
    assumed_low, assumed_high = assumed or (value, value)
    return Cell("gain", value, low, high, evidence, assumed_low, assumed_high, ("npv",))


@pytest.mark.parametrize(
    ("threshold", "given_", "verdict", "reason"),
    [
        (MORE, cell(20, 5, 30), "pass", "holds"),
        (MORE, cell(20, -1, 30), "conditional", "low end"),
        (MORE, cell(5, 4, 9), "conditional", "short"),
        (MORE, cell(-5, -9, -1), "fail", "short"),
        (MORE, cell(20, 15, 30, evidence=0.4), "not established", "assumed"),
        (MORE, cell(20, 15, 30, evidence=math.nan), "not established", "assumed"),
        (MORE, cell(20, 15, 30, assumed=(-1, 30)), "not established", "flips"),
        (MORE, cell(-20, -30, -10, assumed=(-30, 1)), "not established", "flips"),
        (MORE, cell(20, 15, 30, assumed=(math.nan, 30)), "not established", "flips"),
        (MORE, cell(math.nan, 0, 1), "not established", "no value"),
        (MORE, cell(1, 0, math.inf), "not established", "no value"),
        (LESS, cell(0.8, 0.7, 1.05), "pass", "holds"),
        (LESS, cell(0.8, 0.7, 1.2), "conditional", "low end"),
        (LESS, cell(1.05, 1.0, 1.2), "conditional", "short"),
        (LESS, cell(1.5, 1.4, 1.6), "fail", "short"),
        (LESS, cell(0.9, 0.8, 1.0, assumed=(0.8, 1.2)), "not established", "flips"),
    ],
)
def test_verdicts(threshold, given_, verdict, reason):
    row = score(threshold, given_)
    assert (row.verdict, row.reason) == (verdict, reason)
    assert row.kind == "computed"
    assert row.would_have_to


finite = st.floats(-1e6, 1e6)


@given(finite, st.floats(0, 1e5), st.floats(0, 1e5), st.floats(0, 1), finite, finite)
@relaxed
def test_nothing_assumed_or_flipping_ever_passes(value, down, up, evidence, a, b):
    lo, hi = min(a, b), max(a, b)
    row = score(MORE, cell(value, value - down, value + up, evidence, (lo, hi)))
    if evidence < 0.5 or lo < MORE.neutral < hi:
        assert row.verdict == "not established"
    if row.verdict == "pass":
        assert value >= MORE.pass_at
        assert value - down >= MORE.conditional_at


@given(finite, finite, st.floats(0, 1e5))
@relaxed
def test_a_better_figure_never_scores_worse(value, other, half):
    order = ["fail", "conditional", "pass"]
    a, b = (score(MORE, cell(v, v - half, v + half)).verdict for v in sorted((value, other)))
    assert order.index(a) <= order.index(b)


def test_what_would_have_to_be_true_names_the_gap():
    assert score(MORE, cell(5, 4, 9)).would_have_to == "It is at least 10 USD instead of 5 USD."
    assert "at most 1 USD" in score(LESS, cell(1.5, 1.4, 1.6)).would_have_to
    assert "40%" in score(MORE, cell(20, 15, 30, evidence=0.4)).would_have_to


def test_a_project_with_no_effect_passes_nothing(sixplace):
    flows = cash_flows(np.arange(2026, 2046), {"capital": np.r_[100.0, np.zeros(19)]})
    found = appraise(flows, ADB2017())
    assert found.npv_usd == pytest.approx(-100)
    table = thresholds(sixplace)
    values = {
        "eirr": float(found.eirr),
        "p_npv_positive": 0.0,
        "members_gaining": 0.0,
        "demand_over_capacity_needed": 0.0,
        "cost_against_rival": math.nan,
    }
    rows = [score(table[c], Cell(c, v, v, v, 1.0, v, v)) for c, v in values.items()]
    assert tally(rows, "computed") == {"pass": 0, "conditional": 0, "fail": 3, "not established": 2}


@pytest.mark.parametrize("package", ["sixplace", "ewec"])
def test_thresholds_of_a_package_are_in_order(package, request):
    opened = request.getfixturevalue(package)
    table = thresholds(opened)
    assert "eirr" in table
    for threshold in table.values():
        better = math.inf if threshold.direction == "above" else -math.inf
        assert threshold.meets(threshold.pass_at, threshold.conditional_at)
        assert threshold.meets(better, threshold.pass_at)
        # What passes lies on the good side of no difference.
        assert threshold.meets(threshold.pass_at, threshold.neutral)


def test_a_threshold_out_of_order_or_of_another_criterion_is_refused():
    with pytest.raises(InputError, match="passes before"):
        score(dataclasses.replace(MORE, pass_at=-1.0), cell(1, 1, 1))
    with pytest.raises(InputError, match="held against"):
        score(dataclasses.replace(MORE, criterion="other"), cell(1, 1, 1))
    with pytest.raises(InputError, match="order"):
        score(MORE, cell(1, 2, 3))


# ----------------------------------------------------------------------------------------------------- judgement

HEAD = "expert,criterion,score,low,high,rationale\n"


def opinions(tmp_path, text):
    path = tmp_path / "experts.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return read_opinions(path)


def test_experts_are_summed_up_by_criterion(tmp_path):
    found = judged(
        opinions(tmp_path, "A,trust,3,2,4,old quarrels\nB,trust,7,6,8,new treaties\nA,politics,5,3,7,mixed\n")
    )
    trust, politics = found
    assert (trust.median, trust.low, trust.high, trust.apart) == (5, 2, 8, True)
    assert trust.disagreement == pytest.approx(0.4)
    assert math.isnan(politics.disagreement)
    threshold = dataclasses.replace(MORE, criterion="trust", pass_at=6.0, conditional_at=4.0, neutral=5.0)
    row = score_judged(threshold, trust)
    assert (row.verdict, row.reason, row.kind, row.refs) == ("not established", "apart", "judged", ("A", "B"))
    other = dataclasses.replace(threshold, criterion="politics")
    assert score_judged(other, politics).verdict == "conditional"
    with pytest.raises(InputError, match="held against"):
        score_judged(threshold, politics)


def test_judged_rows_are_counted_apart(tmp_path):
    found = judged(opinions(tmp_path, "A,gain,9,8,10,sure\n"))[0]
    threshold = dataclasses.replace(MORE, pass_at=6.0, conditional_at=4.0)
    rows = [score_judged(threshold, found), score(MORE, cell(-5, -6, -4))]
    assert tally(rows, "judged")["pass"] == 1
    assert tally(rows, "computed")["pass"] == 0


def test_disagreement_runs_from_none_to_all(tmp_path):
    same = judged(opinions(tmp_path, "A,x,5,4,6,a\nB,x,5,4,6,b\nC,x,5,4,6,c\n"))[0]
    split = judged(opinions(tmp_path, "A,x,0,0,1,a\nB,x,10,9,10,b\n"))[0]
    assert (same.disagreement, split.disagreement) == (0, 1)


def test_weights_are_shown_to_matter_or_not(tmp_path):
    found = judged(opinions(tmp_path, "A,x,2,1,3,a\nA,y,8,7,9,b\nA,z,5,4,6,c\n"))
    w = weighted(found, {"x": 1, "y": 1, "z": 2})
    assert w.score == pytest.approx(5)
    assert (w.least, w.most) == (2, 8)
    assert w.least <= w.p10 <= w.p90 <= w.most
    assert w.without["x"] == pytest.approx(6)
    assert weighted(found, {"x": 10, "y": 10, "z": 20}).score == pytest.approx(w.score)
    for bad in ({"x": 1, "y": 1}, {"x": 0, "y": 0, "z": 0}, {"x": -1, "y": 2, "z": 2}):
        with pytest.raises(InputError):
            weighted(found, bad)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("A,trust,3,4,5,x\n", "low <= score"),
        ("A,trust,11,4,12,x\n", "at most 10"),
        ("A,trust,3,2,4,\n", "required"),
        (",trust,3,2,4,x\n", "required"),
        ("A,trust,3,2,4,x\nA,trust,4,2,5,y\n", "twice"),
        ("A,trust,three,2,4,x\n", "a number"),
        ("A,trust,3,2,4,x,y\n", "more cells"),
        ("A,trust,3,2,4,=1+1\n", "formula"),
        ("", "no row"),
    ],
)
def test_an_opinion_without_range_or_reason_is_refused(tmp_path, text, what):
    with pytest.raises(DataError, match=what):
        opinions(tmp_path, text)
