"""An article's claims, one by one, beside what the study knows; left out where no article was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.report.check import short_quote, spoken, value_text
from serai.report.reader import ENGLISH
from serai.report.section import Section
from serai.report.sections.traded import trade_trail

if TYPE_CHECKING:
    from serai.report.reader import Reader
    from serai.report.section import Context, Trail
    from serai.study import StudyResult

MARKS = {"supported": "open", "kept": "open", "contradicted": "closed", "implausible": "closed", "overdue": "closed"}


def build(result: StudyResult, trail: Trail, reader: Reader = ENGLISH) -> Context | None:
    """Set out each claim with its verdict for the day it was said and for the day of the study."""
    report = result.article
    if report is None:
        return None
    known = set(result.package["sources"]["id"])
    claims = []
    for check in report.checks:
        rows = [*check.evidence, *(e for part in check.parts for e in part.evidence)]
        sources = [s for e in rows for s in e.source.split(";") if s in known]
        model = any(e.id.startswith("model/") for e in rows)
        computed = trade_trail(result, trail) if model and not sources else ""
        claims.append(
            {
                "what": check.claim.type.replace("_", " "),
                "quote_words": short_quote(check.claim.span.quote),
                "says": spoken(value_text(check), report.names),
                "then_mark": check.verdict_then.value,
                "now_mark": check.verdict_now.value,
                "then": check.verdict_then.value,
                "now": check.verdict_now.value,
                "weight": check.materiality.value,
                "finding": spoken(check.finding, report.names),
                "sums": [spoken(line, report.names) for line in check.arithmetic],
                "ask": spoken(check.next_question, report.names),
                "trail": trail.to("Claims of the article", sources) if sources else computed,
            }
        )
    about = [report.article.title or report.article.source, report.article.publisher, report.article.date]
    return {"claims": claims, "about_words": " · ".join(x for x in about if x), "mark_of": MARKS}


SECTION = Section("article", "What the article says, claim by claim", "Article", build)
