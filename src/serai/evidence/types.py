"""What the evidence room passes around: an article, a claim found in it, and the check of a claim.

All are frozen, and `as_json` of each gives plain dictionaries with a fixed order of keys, so the same article and the
same package always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Slot: TypeAlias = str | int | float | bool | tuple[str, ...] | tuple[float, ...] | None
"""A value of a slot: text, a number, names, or the two ends of a range."""


def names_in(slots: Mapping[str, Slot], name: str) -> tuple[str, ...]:
    """Return a slot that lists names; empty where it does not."""
    value = slots.get(name)
    return tuple(str(v) for v in value) if isinstance(value, tuple) else ()


class Modality(StrEnum):
    """How a claim is meant: what is, what is aimed at, expected, agreed but not begun, possible, or only wished."""

    ACTUAL = "actual"
    TARGET = "target"
    FORECAST = "forecast"
    PLANNED = "planned"
    CAPACITY = "capacity"
    POSITION = "position"


class Verdict(StrEnum):
    """The scale of verdicts. The last five are for promises."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    PLAUSIBLE = "plausible"  # the model's range covers it
    IMPLAUSIBLE = "implausible"  # outside the model's range
    DISPUTED = "disputed"  # credible sources differ; all are shown
    UNVERIFIABLE = "unverifiable"
    NOT_CHECKABLE = "not-checkable"
    PROMISE_OPEN = "promise-open"
    PARTLY_KEPT = "partly-kept"
    KEPT = "kept"
    OVERDUE = "overdue"
    ABANDONED = "abandoned"


class Materiality(StrEnum):
    """What would change if the claim were wrong: a detail, an argument, or the decision itself."""

    MINOR = "minor"
    MATERIAL = "material"
    DECISIVE = "decisive"


@dataclass(frozen=True, slots=True)
class Span:
    """Where a claim stands: `text[start:end] == quote`, counted in characters of the article's cleaned text."""

    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it. `role` is the office as printed; `via` is who reported it (nested attribution), outermost last."""

    name: str = ""
    role: str = ""
    country: str = ""
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article.

    `text` is the title's body without boilerplate; `digest` the SHA-256 of its normalised text (duplicates share it);
    `date` is ISO (YYYY-MM-DD, or YYYY-MM) or empty; `date_basis` one of metadata, dateline, dateline-resolved, text,
    given, none, with `date_reason` saying how; `removed` are the lines taken out as boilerplate or teasers; `warnings`
    are what a reader must know (direction overrides stripped, text truncated).
    """

    source: str
    title: str
    text: str
    lang: str
    digest: str
    date: str = ""
    date_basis: str = "none"
    date_reason: str = ""
    byline: str = ""
    dateline: str = ""
    publisher: str = ""
    script: str = ""
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return everything but the text, which belongs to its publisher."""
        return {
            "source": self.source,
            "title": self.title,
            "lang": self.lang,
            "script": self.script,
            "date": self.date,
            "date_basis": self.date_basis,
            "date_reason": self.date_reason,
            "byline": self.byline,
            "dateline": self.dateline,
            "publisher": self.publisher,
            "digest": self.digest,
            "characters": len(self.text),
            "removed": list(self.removed),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of an article.

    `id` is stable within the article (c1, c2 ... in the order of the text). `type` is one of `claim_types` in
    `lexicon/types.yaml`; `slots` its values: `value` in base units (USD or other `cur`, t, km, day, %), a range as a
    pair; `qual` is over, about, up to, at least, under, nearly. `confidence` is 0-1 and orders a review, nothing else.
    """

    id: str
    type: str
    modality: Modality
    slots: Mapping[str, Slot]
    span: Span
    lang: str
    speaker: Speaker = field(default_factory=Speaker)
    negated: bool = False
    confidence: float = 0.5

    def as_json(self) -> dict[str, object]:
        """Return the claim as plain dictionaries."""
        return {
            "id": self.id,
            "type": self.type,
            "modality": self.modality.value,
            "slots": {key: plain(value) for key, value in self.slots.items()},
            "span": {"start": self.span.start, "end": self.span.end, "quote": self.span.quote},
            "speaker": {
                "name": self.speaker.name,
                "role": self.speaker.role,
                "country": self.speaker.country,
                "via": list(self.speaker.via),
            },
            "negated": self.negated,
            "lang": self.lang,
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: `id` is `table/row` or `model/what`, `source` a row of sources, `role` how it bears."""

    id: str
    says: str
    role: str = "context"  # supports | refutes | context
    source: str = ""
    basis: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One measurable part of a claim that does not come in one piece, with its own two verdicts."""

    name: str
    verdict_then: Verdict
    verdict_now: Verdict
    finding_then: str
    finding_now: str
    evidence: tuple[Evidence, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the part as plain dictionaries."""
        return {
            "name": self.name,
            "verdict_then": self.verdict_then.value,
            "verdict_now": self.verdict_now.value,
            "finding_then": self.finding_then,
            "finding_now": self.finding_now,
            "evidence": [item.id for item in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Check:
    """A claim set beside what is known.

    `verdict_then` judges on what was known the day it was said (`then`), `verdict_now` on `now`; both ISO dates.
    `arithmetic` shows the sum, line by line; `finding` is one sentence; `would_change` what would turn the verdict;
    `reviewed` is always false here: nothing automatic is published without a reviewer's word.
    """

    claim: Claim
    verdict_then: Verdict
    verdict_now: Verdict
    then: str
    now: str
    materiality: Materiality
    finding: str
    arithmetic: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    would_change: str = ""
    next_question: str = ""
    parts: tuple[Part, ...] = ()
    reviewed: bool = False

    @property
    def evidence_ids(self) -> tuple[str, ...]:
        """The ids of the evidence used, in order, each once."""
        return tuple(dict.fromkeys([*(e.id for e in self.evidence), *(e.id for p in self.parts for e in p.evidence)]))

    def as_json(self) -> dict[str, object]:
        """Return the claim with its check, as plain dictionaries."""
        return {
            **self.claim.as_json(),
            "verdict_then": self.verdict_then.value,
            "verdict_now": self.verdict_now.value,
            "then": self.then,
            "now": self.now,
            "materiality": self.materiality.value,
            "finding": self.finding,
            "arithmetic": list(self.arithmetic),
            "evidence": [
                {"id": e.id, "says": e.says, "role": e.role, "source": e.source, "basis": e.basis, "date": e.date}
                for e in (*self.evidence, *(e for part in self.parts for e in part.evidence))
            ],
            "would_change": self.would_change,
            "next_question": self.next_question,
            "parts": [part.as_json() for part in self.parts],
            "reviewed": self.reviewed,
        }


def plain(value: object) -> object:
    """Give a slot as JSON knows it: tuples as lists, whole floats as integers."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
