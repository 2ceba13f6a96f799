"""Tables of the decision as plain data for a page and for paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from serai.feasibility.rounding import shown
from serai.report.language import MINUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serai.report.section import Trail
    from serai.study import StudyResult
    from serai.study.decision import Decision

VERDICTS: Final = {"pass": "open", "conditional": "restricted", "fail": "closed", "not established": "unknown"}
"""Verdicts by the class of their mark."""
BLANK: Final = "\u2013"


def number(value: float, digits: int = 1) -> str:
    """Write a number with a true minus sign; what is not finite is a dash."""
    if not math.isfinite(value):
        return BLANK
    return _nothing_less(f"{value:,.{digits}f}").replace("-", MINUS)


def signed(value: float, digits: int = 0) -> str:
    """Write a number with its sign, a true minus."""
    return _nothing_less(f"{value:+,.{digits}f}").replace("-", MINUS)


def _nothing_less(text: str) -> str:
    """Take the minus from what is written as zero."""
    return text if any(c in "123456789" for c in text) else text.replace("-", "")


def millions(usd: float, low: float = math.nan, high: float = math.nan) -> str:
    """Write USD in millions, rounded to what a range supports."""
    if not math.isfinite(usd):
        return BLANK
    ends = (low / 1e6, high / 1e6) if math.isfinite(low) and math.isfinite(high) else (usd / 1e6, usd / 1e6)
    return shown(usd / 1e6, *ends).replace("-", MINUS)


def tiny(value: float) -> str:
    """Write a residual to one digit as people write it: 7 times ten to the minus twelfth."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else BLANK
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}\u00b710^{int(exponent)}".replace("-", MINUS)


def percent(share: float, digits: int = 0) -> str:
    """Write a share in per cent."""
    return f"{number(100 * share, digits)}%" if math.isfinite(share) else BLANK


def _width(cells: Sequence[str]) -> int:
    """Weigh a column of words by the root of its longest text, so that no sentence is squeezed beside single words."""
    return math.isqrt(max(len(c) for c in cells)) + 2


def grid(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "", words: int = 1
) -> dict[str, Any]:
    """Build a table whose first columns are words and whose others are numbers."""
    return {
        "title": title,
        "head": list(head),
        "rows": [list(r) for r in rows],
        "note": note,
        "words": words,
        "widths": [_width([head[i], *(r[i] for r in rows)]) for i in range(min(words, len(head)))],
    }


def ground(result: StudyResult, trail: Trail) -> str:
    """Return the anchor of the sources behind a decision: projects, their terms, closures, trade and thresholds."""
    spec, package = result.spec.decision, result.package
    if spec is None:
        return ""
    named = {spec.project, spec.stage_one, *spec.alternatives}
    projects = package["projects"]
    chosen = projects[projects["id"].isin(named)]
    terms = package["project_terms"]
    own = terms[terms["project"].isin(named) | ((terms["project"] == "") & terms["kind"].isin(chosen["kind"]))]
    tables = ("reference_class", "closure_regimes", "thresholds", "trade_totals", "trade_anchors", "elasticities")
    sources = [*chosen["source"], *own["source"], *(s for t in tables for s in package[t]["source"])]
    return trail.to("The decision: its projects, their terms, closures, trade and thresholds", sources)


def context(anchor: str, lines: Sequence[str], grids: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Build what the partials show; tables without rows are left out, numbers lead to the sources at the anchor."""
    shown_grids = [g for g in grids if g["rows"]]
    return {"lines": list(lines), "grids": shown_grids, "anchor": anchor}


CHOICES: Final = {
    "build all": "Build all",
    "stage one": "Build stage one",
    "study and wait": "Study and wait",
    "decline": "Decline",
}


def choice_rows(d: Decision) -> list[list[str]]:
    """Rows of the four decisions, best first."""
    rows = []
    for c in d.choices:
        spread = (c.low_usd, c.high_usd)
        trigger = BLANK
        if math.isfinite(c.trigger):
            trigger = f"{'at least' if c.trigger_above else 'at most'} {c.trigger:.0f} days open a year"
        elif c.name in {"stage one", "study and wait"}:
            trigger = (
                "always" if c.p_go_on > 0.99 else "never" if c.p_go_on < 0.01 else f"in {percent(c.p_go_on)} of draws"
            )
        rows.append(
            [
                CHOICES[c.name],
                trigger,
                millions(c.cost_usd),
                millions(c.value_usd, *spread),
                f"{millions(c.low_usd, *spread)} to {millions(c.high_usd, *spread)}",
                percent(c.p_loss),
                millions(c.waiting_loses_usd),
            ]
        )
    return rows
