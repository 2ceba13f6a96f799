"""Two pages for a minister: what to decide, on what ground, and what is not known; as sentences and as DOCX."""

from __future__ import annotations

import io
import math
import zipfile
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from serai.feasibility.rounding import rounded
from serai.feasibility.scorecard import LEAST_EVIDENCE, tally
from serai.report.language import language, marked
from serai.report.linked import Linked
from serai.report.sections.coalition import apart
from serai.report.sections.project import gains_by_region
from serai.study.decision import Undecided
from serai.study.money import ANCHORS

if TYPE_CHECKING:
    from docx.document import Document

    from serai.report.language import Language
    from serai.study import StudyResult
    from serai.study.decision import Decision

MISSING: Final = "minister-*.docx were not written: python-docx is not installed (pip install 'serai[docx]')."
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Date of every part, so that the same study gives the same bytes."""


MOST: Final = 3
"""Goods that are named."""
FEW_TIMES: Final = 0.1
"""Share of what is needed below which its multiple is a whole number, as in the section on the decision."""


def can_write() -> bool:
    """Whether the writer of documents is installed."""
    return find_spec("docx") is not None


def _money(tongue: Language, usd: float, low: float, high: float) -> str:
    return tongue.number(rounded(usd / 1e6, low / 1e6, high / 1e6))


def sentences(result: StudyResult, tongue: Language) -> list[str]:
    """Sentences of the decision in a language; none where nothing is decided.

    They follow the question: is it feasible, for which goods, at what cost and risk, who gains, does it pay, will every
    country stay in, what would have to be true. A part without an answer in the tables has no sentence.
    """
    d = result.decision
    if d is None:
        return []
    if isinstance(d, Undecided):
        return [tongue.say("decision_none", project=d.spec.project)]
    parts = (_feasible, _goods, _cost, _gains, _pays, _stays, _needed)
    return [line for part in parts if (line := part(result, d, tongue))]


def _feasible(result: StudyResult, d: Decision, tongue: Language) -> Linked:
    name = tongue.texts(result.package).get(d.main.name) or tongue.ltr(d.main.name)
    choice = tongue.words["choices"][d.choices[0].name]
    count = {v: tongue.number(n) for v, n in tally(d.score, "computed").items()}
    criteria = tongue.say(
        "opening_criteria",
        total=tongue.number(len(d.score)),
        passed=count["pass"],
        conditional=count["conditional"],
        failed=count["fail"],
        open=count["not established"],
    )
    verdict = tongue.say("decision_is" if d.established else "decision_open", project=name, choice=choice)
    return Linked(f"{verdict} {criteria}", "scorecard", tongue)


def _goods(result: StudyResult, d: Decision, tongue: Language) -> Linked:
    whole = tongue.say(
        "decision_traffic", day=tongue.ltr(d.day_open.isoformat()), mt=tongue.number(d.tonnes[1] / 1e6, 1)
    )
    most = most_of(d)
    names = tongue.names(result.package, "commodities")
    which = f" {tongue.say('opening_goods', goods=tongue.list(names[k] for k in most))}" if most else ""
    return Linked(whole + which, "project", tongue)


def most_of(d: Decision) -> list[str]:
    """Give the goods whose traffic grows most at opening, by the busiest section of each."""
    frame = d.tables["decision_traffic"]
    goods = frame.groupby("commodity", sort=True)[["before_mt", f"mt_after_{ANCHORS[0]}_years"]].max()
    more = (goods.iloc[:, 1] - goods.iloc[:, 0]).sort_values(ascending=False, kind="stable")
    return [str(k) for k in more[more > 0].head(MOST).index]


def _cost(result: StudyResult, d: Decision, tongue: Language) -> Linked:
    made = {c.name: c for c in d.choices}
    whole, stage = made["build all"], made["stage one"]
    days, low, high = (tongue.number(rounded(x, *d.open_days[1:])) for x in d.open_days)
    return Linked(
        tongue.say(
            "opening_cost",
            all=_money(tongue, whole.cost_usd, whole.cost_usd, whole.cost_usd),
            loss=tongue.percent(whole.p_loss),
            stage=_money(tongue, stage.cost_usd, stage.cost_usd, stage.cost_usd),
            stage_loss=tongue.percent(stage.p_loss),
            days=days,
            low=low,
            high=high,
        ),
        "decision",
        tongue,
    )


def _gains(result: StudyResult, d: Decision, tongue: Language) -> Linked:
    told = tongue.texts(result.package)
    up: list[tuple[str, float, float, float]] = []
    down: list[str] = []
    unsure: list[str] = []
    for english, usd, low, high in gains_by_region(result.package, d)[:-1]:
        name = told.get(english, english)
        # The sign is that of the figures as they are shown, so that the table says the same.
        ends = [rounded(x / 1e6, low / 1e6, high / 1e6) for x in (low, high)]
        if ends[0] > 0:
            up.append((name, usd, low, high))
        else:
            (down if ends[1] < 0 else unsure).append(name)
    figures = [
        tongue.say(
            "opening_region",
            name=name,
            middle=_money(tongue, usd, low, high),
            low=_money(tongue, low, low, high),
            high=_money(tongue, high, low, high),
        )
        for name, usd, low, high in up
    ]
    lines = [tongue.say("opening_gain", regions=tongue.list(figures)) if up else tongue.say("opening_gain_none")]
    lines += [tongue.say("opening_unclear", regions=tongue.list(unsure))] if unsure else []
    lines += [tongue.say("opening_lose", regions=tongue.list(down))] if down else []
    return Linked(" ".join(lines), "project", tongue)


def _pays(result: StudyResult, d: Decision, tongue: Language) -> Linked:
    low, high = d.npv.percentiles[10.0], d.npv.percentiles[90.0]
    stage = next(c for c in d.choices if c.name == "stage one")
    both = tongue.say(
        "decision_worth",
        npv=_money(tongue, d.npv_all_usd, low, high),
        rate=tongue.percent(d.appraisals[0].rate),
        low=_money(tongue, low, low, high),
        high=_money(tongue, high, low, high),
        chance=tongue.percent(d.npv.p_positive),
    )
    span = (stage.low_usd, stage.high_usd)
    alone = tongue.say(
        "opening_stage",
        npv=_money(tongue, stage.value_usd, *span),
        low=_money(tongue, stage.low_usd, *span),
        high=_money(tongue, stage.high_usd, *span),
    )
    return Linked(f"{both} {alone}", "decision", tongue)


def _stays(result: StudyResult, d: Decision, tongue: Language) -> Linked | None:
    if not len(d.tables["decision_coalition"]):
        return None
    gap, holds = apart(d)
    text = (
        tongue.say("opening_stay")
        if holds
        else tongue.say("opening_leave", gap=tongue.number(gap if gap < 100 else float(f"{gap:.2g}"), int(gap < 10)))
    )
    return Linked(text, "coalition", tongue)


def _needed(result: StudyResult, d: Decision, tongue: Language) -> Linked:
    if math.isfinite(d.open_days_needed):
        needed, have = (tongue.number(rounded(x, *d.open_days[1:])) for x in (d.open_days_needed, d.open_days[0]))
        lines = [tongue.say("decision_days", needed=needed, have=have)]
    else:
        lines = [tongue.say("decision_always" if d.npv_all_usd > 0 else "decision_never")]
    traffic = next((r for r in d.score if r.criterion == "demand_over_capacity_needed"), None)
    if traffic is not None and traffic.low > 0 and traffic.value < 1:
        digits = 0 if traffic.value < FEW_TIMES else 1
        times, low, high = (tongue.number(1 / x, digits) for x in (traffic.value, traffic.high, traffic.low))
        lines.append(tongue.say("opening_times", times=times, low=low, high=high))
    if traffic is not None and traffic.evidence_share < LEAST_EVIDENCE:
        lines.append(tongue.say("opening_sourced", share=tongue.percent(traffic.evidence_share)))
    return Linked(" ".join(lines), "scorecard", tongue)


def _rows(result: StudyResult, tongue: Language) -> list[list[str]]:
    d = result.decision
    if d is None or isinstance(d, Undecided):
        return []
    rows = []
    for c in d.choices:
        span = (c.low_usd, c.high_usd)
        between = f"{_money(tongue, c.low_usd, *span)} \u2013 {_money(tongue, c.high_usd, *span)}"
        cost = _money(tongue, c.cost_usd, c.cost_usd, c.cost_usd)
        value = _money(tongue, c.value_usd, *span)
        rows.append([tongue.words["choices"][c.name], cost, value, between, tongue.percent(c.p_loss)])
    return rows


def document(result: StudyResult, summary: dict[str, Any], cite: str) -> bytes:
    """Write the two pages in the language of a summary, whose limits say what they are not for.

    Parameters
    ----------
    result, summary
        The study, and its summary in a language (:func:`serai.report.summary.summary`).
    cite
        How to cite the study; stands at the end.
    """
    import docx
    from docx.shared import Mm, Pt

    tongue = language(summary["code"])
    doc = docx.Document()
    page = doc.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(20)
    doc.styles["Normal"].font.size = Pt(10)
    doc.add_heading(marked(summary["title"]), 1)
    for text in (tongue.say("minister"), summary["state"], summary["words"]["unchecked"]):
        if text:
            doc.add_paragraph(marked(text))
    for text in sentences(result, tongue):
        doc.add_paragraph(marked(text), style="List Bullet")
    if rows := _rows(result, tongue):
        _add_table(doc, [tongue.words["minister_head"], *rows])
        doc.add_paragraph(tongue.say("minister_note"))
    doc.add_heading(marked(summary["words"]["decides"]), 2)
    for line in (*summary["decides_lines"], *summary["lines"][len(sentences(result, tongue)) :]):
        doc.add_paragraph(marked(line["text"]), style="List Bullet")
    doc.add_heading(marked(summary["words"]["limits"]), 2)
    for line in summary["limits_lines"]:
        doc.add_paragraph(marked(line["text"]), style="List Bullet")
    doc.add_paragraph(marked(f"{tongue.say('cite')}: {tongue.ltr(cite)}"))
    if tongue.direction == "rtl":
        _turn(doc)
    out = io.BytesIO()
    doc.save(out)
    return _steady(out.getvalue())


def _add_table(doc: Document, rows: list[list[str]]) -> None:
    """Add a table, its first row the head."""
    from docx.shared import Pt

    table = doc.add_table(rows=0, cols=len(rows[0]), style="Light Grid Accent 1")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = marked(str(text))
            cell.paragraphs[0].runs[0].font.size = Pt(9)


def _turn(doc: Document) -> None:
    """Let a document run from right to left: paragraphs, also those in cells, their words, and columns of tables."""
    from docx.enum.table import WD_TABLE_DIRECTION
    from docx.oxml import OxmlElement

    for table in doc.tables:
        table.table_direction = WD_TABLE_DIRECTION.RTL
    cells = [p for table in doc.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    for paragraph in (*doc.paragraphs, *cells):
        paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
        for run in paragraph.runs:
            run.font.rtl = True


def _steady(data: bytes) -> bytes:
    """Rewrite an archive with one date for all parts and none of its own in the core properties."""
    import re

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(given.namelist()):
            content = given.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"1980-01-01T00:00:00Z", content)
            made.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
