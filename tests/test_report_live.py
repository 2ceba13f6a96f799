"""The live sheet: a spreadsheet's arithmetic gives what the appraisal gives, whatever is changed in it."""

from __future__ import annotations

import datetime as dt
import io
import re
from types import SimpleNamespace

import numpy as np
import openpyxl
import pytest

from serai.data.overlay import lay_over, write_template
from serai.feasibility.appraisal import ADB2017, appraise, irr
from serai.feasibility.cashflow import ITEMS, cash_flows
from serai.report import write
from serai.report.live import FIRST, LETTERS, NAME, RATE, SCALES, add_live_sheet
from serai.report.section import Trail
from serai.report.sections import decision as page
from serai.report.workbook import workbook
from serai.study import run
from serai.study.decision import Decision, decision_of
from serai.study.spec import read_spec

DAY = dt.date(2025, 12, 15)
CLOSED = 1e-9


class Sheet:
    """The few functions of a spreadsheet that the sheet uses, worked out from its formulas alone."""

    def __init__(self, sheet):
        self.sheet = sheet

    def cell(self, name):
        value = self.sheet[name].value
        return self.work_out(value[1:]) if isinstance(value, str) and value.startswith("=") else value

    def block(self, a, b):
        return np.array([self.cell(c.coordinate) for row in self.sheet[f"{a}:{b}"] for c in row], dtype=float)

    def work_out(self, formula):
        text = formula.replace("$", "").replace("^", "**").replace("--(", "(")
        text = re.sub(r"([A-Z]+\d+):([A-Z]+\d+)", r"_r('\1','\2')", text)
        text = re.sub(r"(?<!['A-Z])([A-Z]+\d+)(?!')", r"_c('\1')", text)
        text = (
            re.sub(r"(?<![<>=])=(?!=)", "==", text)
            .replace("<>", "!=")
            .replace("IF(", "_if(")
            .replace("IFERROR(", "_e(")
        )
        names = {
            "_r": self.block,
            "_c": self.cell,
            "_if": lambda test, a, b: a if test else b,
            "IFERROR": lambda value, other: other if np.isnan(value) else value,
            "SUM": np.sum,
            "SUMPRODUCT": lambda *x: np.sum(np.prod(np.array(x, dtype=float), axis=0)),
            "IRR": lambda x: float(irr(x)[0]),
        }
        names["_e"] = names["IFERROR"]
        with np.errstate(divide="ignore", invalid="ignore"):
            return eval(text, {"__builtins__": {}}, names)  # noqa: S307


@pytest.fixture(scope="module")
def decided(sixplace):
    found = decision_of(sixplace, read_spec(sixplace), DAY, ())
    assert isinstance(found, Decision)
    return found


@pytest.fixture
def sheet(sixplace, decided):
    result = SimpleNamespace(decision=decided, package=sixplace)
    book = openpyxl.load_workbook(io.BytesIO(workbook({}, ["about"], [lambda b: add_live_sheet(b, result)])))
    return book[NAME]


def flows_in(sheet):
    last = max(r for r in range(FIRST, sheet.max_row + 1) if isinstance(sheet[f"A{r}"].value, int))
    rows = range(FIRST, last + 1)
    given = {i: [sheet[f"{LETTERS[i]}{r}"].value * sheet[SCALES[i]].value for r in rows] for i in ITEMS}
    return cash_flows(np.array([sheet[f"A{r}"].value for r in rows]), given)


def test_as_written_it_says_what_the_study_says(sheet, decided):
    live, a = Sheet(sheet), decided.appraisals[0]
    assert live.cell("B13") == pytest.approx(float(a.npv_usd[0]) / 1e6, rel=CLOSED)
    assert live.cell("B14") == pytest.approx(float(a.bcr[0]), rel=CLOSED)
    assert live.cell("B13") == pytest.approx(sheet["C13"].value, rel=CLOSED)
    assert sheet[RATE].value == ADB2017().rate


@pytest.mark.parametrize(
    ("rate", "scales"),
    [(0.03, {}), (0.12, {"capital": 0.5}), (0.06, {"benefit": 40.0, "o_and_m": 2.0, "residual": 0.0})],
)
def test_what_is_changed_carries_through(sheet, rate, scales):
    sheet[RATE] = rate
    for item, times in scales.items():
        sheet[SCALES[item]] = times
    live = Sheet(sheet)
    expected = appraise(flows_in(sheet), ADB2017(rate=rate))
    assert live.cell("B13") == pytest.approx(float(expected.npv_usd), rel=CLOSED)
    assert live.cell("B14") == pytest.approx(float(expected.bcr), rel=CLOSED)
    if int(expected.roots) == 1:
        assert live.cell("B15") == pytest.approx(float(expected.eirr), abs=1e-9)
    row = 18 + ITEMS.index("benefit")
    sheet[SCALES["benefit"]] = sheet[SCALES["benefit"]].value * live.cell(f"B{row}")
    assert Sheet(sheet).cell("B13") == pytest.approx(0, abs=1e-7)


def test_a_single_flow_may_be_changed_too(sheet):
    before = Sheet(sheet).cell("B13")
    sheet[f"{LETTERS['benefit']}{FIRST + 10}"] = sheet[f"{LETTERS['benefit']}{FIRST + 10}"].value + 100.0
    assert Sheet(sheet).cell("B13") - before == pytest.approx(100 / 1.09**10, rel=1e-7)


def test_the_readers_figures_are_told_from_those_of_the_study(sheet):
    cell = f"A{5 + len(ITEMS)}"
    assert Sheet(sheet).cell(cell) == "The figures of the study"
    sheet[RATE] = 0.05
    sheet[SCALES["capital"]] = 0.9
    assert Sheet(sheet).cell(cell) == "Figures of your own among these"
    assert Sheet(sheet).cell(cell.replace("A", "B")) == 2


def test_a_study_that_decides_nothing_has_no_such_sheet(sixplace):
    result = SimpleNamespace(decision=None, package=sixplace)
    book = openpyxl.load_workbook(io.BytesIO(workbook({}, ["about"], [lambda b: add_live_sheet(b, result)])))
    assert NAME not in book.sheetnames


FIGURES = (
    ("projects", "NEWLINE", "capital_cost_usd_m", 90), ("projects", "NEWLINE", "capital_cost_usd_m_low", 80),
    ("projects", "NEWLINE", "capital_cost_usd_m_high", 120), ("projects", "PASSROAD", "build_years", 1.5),
    ("project_terms", "NEWLINE.o_and_m", "value", 0.02), ("thresholds", "eirr", "pass", 0.07),
    ("closure_regimes", "highpass", "rate_per_year", 0.3), ("speeds", None, "speed_kmh", None),
    ("crossings", None, "hours", None), ("parameters", "reliability_ratio", "value", 0.6),
)  # fmt: skip


@pytest.mark.slow
def test_ten_figures_changed_in_the_workbook_reach_the_page_and_are_marked(sixplace, decided, tmp_path):
    path = tmp_path / "ministry.xlsx"
    write_template(sixplace, path)
    book = openpyxl.load_workbook(path)
    changed = []
    for table, key, column, value in FIGURES:
        sheet = book[table]
        head = [c.value for c in sheet[1]]
        row = next(r for r in sheet.iter_rows(min_row=3) if key in {None, r[0].value} and r[head.index(column)].value)
        cell = row[head.index(column)]
        low, high = (
            row[head.index(f"{column}_{end}")].value if f"{column}_{end}" in head else None for end in ("low", "high")
        )
        cell.value = (
            value if value is not None else (float(low) + float(high)) / 2.1 if low else float(cell.value) * 1.1
        )
        changed.append((table, row[0].value))
    book.save(path)
    laid = lay_over(sixplace, path, DAY)
    result = run(laid, DAY, 64)
    mine = page.build(result, Trail())
    assert isinstance(result.decision, Decision)
    theirs = SimpleNamespace(decision=decided, package=sixplace, spec=read_spec(sixplace), judgement=None)
    before = page.build(theirs, Trail())
    assert mine["lines"] != before["lines"]
    assert mine["grids"][0] != before["grids"][0]
    marked = next(g for g in mine["grids"] if g["title"].startswith("Your own"))
    assert {(t, k) for t, k, _ in marked["rows"]} == {(t, str(k)) for t, k in changed}
    assert {origin for _, _, origin in marked["rows"]} == {"overlay:ministry.xlsx"}
    assert not [g for g in before["grids"] if g["title"].startswith("Your own")]
    write(result, tmp_path / "out")
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Your own figures among them" in html
    assert "ministry.xlsx" in html
    assert NAME in openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx", read_only=True).sheetnames
