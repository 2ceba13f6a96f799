"""What a checker returns, and the small sums all of them use."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from serai.evidence.types import Claim, Evidence, Materiality, Part, Verdict, names_in

if TYPE_CHECKING:
    from serai.evidence.facts import Fact, Facts

NEAR: Final = 0.10
"""Figures of trade and cargo this near each other count as the same: published series are revised by that much."""


@dataclass(frozen=True, slots=True)
class Question:
    """A claim to be judged: `said` is the day of the article, `day` the day the judgement is for."""

    claim: Claim
    said: dt.date
    day: dt.date
    facts: Facts

    def slot(self, name: str) -> str:
        """Return a slot as text; empty where there is none."""
        value = self.claim.slots.get(name)
        return "" if value is None else str(value)

    def names(self, name: str) -> tuple[str, ...]:
        """Return a slot that lists names."""
        return names_in(self.claim.slots, name)

    def values(self, name: str = "value") -> tuple[float, ...]:
        """Return a slot with one number or the two ends of a range."""
        value = self.claim.slots.get(name)
        if isinstance(value, tuple):
            return tuple(float(v) for v in value if isinstance(v, int | float))
        return (float(value),) if isinstance(value, int | float) and not isinstance(value, bool) else ()

    @property
    def parties(self) -> tuple[str, ...]:
        """Countries the claim is about, members of the corridor first."""
        return self.names("parties")


@dataclass(frozen=True, slots=True)
class Finding:
    """The judgement of a claim for one day."""

    verdict: Verdict
    says: str
    arithmetic: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    materiality: Materiality = Materiality.MATERIAL
    would_change: str = ""
    next_question: str = ""
    parts: tuple[Part, ...] = ()


def evidence_of(fact: Fact, role: str = "context", says: str = "") -> Evidence:
    """One row of the facts table as evidence."""
    return Evidence(
        f"facts/{fact.id}",
        says or fact.says or told(fact),
        role,
        fact.source,
        fact.basis,
        fact.period or fact.known_on.isoformat(),
    )


def told(fact: Fact) -> str:
    """One row of the facts table in words."""
    amount = money(fact.number) if fact.unit == "USD" else f"{fact.number:,.0f} {fact.unit}".strip()
    by = f", {fact.reporter}" if fact.reporter else ""
    return f"{fact.predicate.replace('_', ' ')}: {amount} ({fact.period or fact.known_on.isoformat()}{by})"


def money(usd: float) -> str:
    """Dollars as people write them."""
    for size, word in ((1e9, "bn"), (1e6, "m"), (1e3, "thousand")):
        if abs(usd) >= size:
            return f"USD {usd / size:.4g} {word}"
    return f"USD {usd:,.0f}"


def within(value: float, low: float, high: float, slack: float = 0.0) -> bool:
    """Whether a value lies in a range widened by a share of its ends."""
    return low * (1 - slack) <= value <= high * (1 + slack)


def agrees(values: tuple[float, ...], qual: str, truth: float, slack: float = NEAR) -> bool:
    """Whether a claimed value, as qualified, agrees with a known one."""
    low, high = min(values), max(values)
    if qual == "over":
        return low * (1 - slack) <= truth <= high * (1 + 4 * NEAR)
    if qual in {"up to", "under", "nearly"}:
        return truth <= high * (1 + slack) and truth >= low * (1 - 2 * slack)
    if qual == "at least":
        return truth >= low * (1 - slack)
    return within(truth, low, high, slack if qual != "about" else 1.5 * slack)


def years_between(first: dt.date, last: dt.date) -> float:
    """Years from one day to another."""
    return (last - first).days / 365.2425


def first_day(period: str) -> dt.date | None:
    """First day of a date as short as a year."""
    text = period.split("/", maxsplit=1)[0]
    try:
        return dt.date.fromisoformat((text + "-01-01")[:10] if len(text) == 4 else (text + "-01")[:10])
    except ValueError:
        return None


def last_day(period: str) -> dt.date | None:
    """Last day of a date as short as a year."""
    import calendar

    text = period.rsplit("/", maxsplit=1)[-1]
    try:
        if len(text) == 4:
            return dt.date(int(text), 12, 31)
        if len(text) == 7:
            year, month = int(text[:4]), int(text[5:])
            return dt.date(year, month, calendar.monthrange(year, month)[1])
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def unverifiable(
    says: str, question: str, *, materiality: Materiality = Materiality.MATERIAL, change: str = ""
) -> Finding:
    """Return the finding of a claim nothing known bears on."""
    return Finding(
        Verdict.UNVERIFIABLE,
        says,
        materiality=materiality,
        next_question=question,
        would_change=change or "A second source that does not quote the first.",
    )
