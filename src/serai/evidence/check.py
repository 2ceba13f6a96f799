"""An article checked: its day settled, its claims found, each judged on the day it was said and on today."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from serai.evidence.checks import CHECKERS
from serai.evidence.checks.base import Question
from serai.evidence.claims import article_day, extract
from serai.evidence.facts import ModelFacts
from serai.evidence.text import fold
from serai.evidence.types import Article, Check, Claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serai.data.package import Package
    from serai.evidence.facts import Facts

LIMIT_OF_USE: Final = "Automatic checks, not reviewed: a basis for questions, not for publication."


@dataclass(frozen=True, slots=True)
class Report:
    """A checked article: `checks` in the order of the text, `digest` and `version` those of the package.

    `names` has the name of each country by its code.
    """

    article: Article
    checks: tuple[Check, ...]
    as_of: dt.date
    package: str
    version: str
    digest: str
    names: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the documented JSON."""
        return {
            "article": self.article.as_json(),
            "as_of": self.as_of.isoformat(),
            "package": {"name": self.package, "version": self.version, "digest": self.digest},
            "limit": LIMIT_OF_USE,
            "claims": [check.as_json() for check in self.checks],
        }


def settle_date(article: Article, facts: Facts, as_of: dt.date) -> Article:
    """Find the year of a dateline without one by an event the package dates.

    An event on the same day and month whose organiser the article names settles it.
    """
    if article.date_basis != "dateline-resolved" or "by the day given" in article.date_reason:
        return article
    named = {e.id for e in facts.names.find(fold(article.text, article.lang), article.text) if e.kind == "organisation"}
    for fact in facts.facts("event", known_by=as_of):
        if fact.subject in named and fact.period[5:] == article.date[5:]:
            return replace(
                article,
                date=fact.period,
                date_reason=f"the dateline has no year; the event of {fact.subject} it reports "
                f"is dated {fact.period} (facts/{fact.id})",
            )
    return article


def check_claim(claim: Claim, said: dt.date, now: dt.date, facts: Facts) -> Check:
    """Judge one claim on the day it was said and on another day.

    Parameters
    ----------
    claim
        From :func:`serai.evidence.claims.extract`.
    said, now
        The day of the article, and the day of the second verdict, not before the first.
    facts
        What is known.
    """
    judge = CHECKERS[claim.type]
    then = judge(Question(claim, said, said, facts))
    today = judge(Question(claim, said, now, facts))
    parts = today.parts or then.parts
    finding = today.says
    if then.says != today.says or then.verdict is not today.verdict:
        finding = _both(then.says, today.says)
    order = list(type(today.materiality))
    weight = max(then.materiality, today.materiality, key=order.index)
    rows = tuple(dict.fromkeys([*then.evidence, *today.evidence]))
    return Check(
        claim=claim,
        verdict_then=then.verdict,
        verdict_now=today.verdict,
        then=said.isoformat(),
        now=now.isoformat(),
        materiality=weight,
        finding=finding,
        arithmetic=_sums(then.arithmetic, today.arithmetic, said, now),
        evidence=rows,
        would_change=today.would_change or then.would_change,
        next_question=today.next_question or then.next_question,
        parts=parts,
    )


def _both(then: str, now: str) -> str:
    """Return what both days say, the sentences they share once and first."""
    first, second = (re.split(r"(?<=[.!?])\s+(?=[A-Z])", says) for says in (then, now))
    same = [x for x in first if x in second]
    gone, fresh = ([x for x in says if x not in same] for says in (first, second))
    if not gone or not fresh:
        same, gone, fresh = [], first, second
    return " ".join([*same, "Then:", *gone, "Now:", *fresh])


def _sums(then: tuple[str, ...], now: tuple[str, ...], said: dt.date, day: dt.date) -> tuple[str, ...]:
    """Return the arithmetic of both days, what is the same told once."""
    if then == now:
        return now
    fresh = [line for line in now if line not in then]
    if not fresh:
        return then
    gone = [line for line in then if line not in now]
    same = [line for line in now if line in then]
    marked = [f"{said}: {x}" if str(said) not in x else x for x in gone]
    return (*same, *marked, *(f"{day}: {x}" if str(day) not in x else x for x in fresh))


def check_article(article: Article, package: Package, *, as_of: dt.date, facts: Facts | None = None) -> Report:
    """Find and judge the claims of an article.

    Parameters
    ----------
    article
        A cleaned article.
    package
        The corridor's data.
    as_of
        The day of the second verdict.
    facts
        What may be asked; the package's tables and the freight model by default.
    """
    known = facts or ModelFacts(package)
    article = settle_date(article, known, as_of)
    said = article_day(article)
    day = min(said, as_of) if said else as_of
    checks = tuple(check_claim(c, day, as_of, known) for c in extract(article, package))
    if isinstance(known, ModelFacts):
        known.keep()
    frame = package["countries"]
    names = dict(zip(frame["iso3"], frame["name"], strict=True))
    meta = package.meta
    return Report(article, checks, as_of, meta.name, meta.version, meta.digest, names)
