"""Checks that are sums: durations, superlatives, trade by both sides, targets, growth, and what was signed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from serai.evidence.checks.base import (
    Finding,
    agrees,
    evidence_of,
    first_day,
    last_day,
    money,
    unverifiable,
    years_between,
)
from serai.evidence.types import Materiality, Verdict

if TYPE_CHECKING:
    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Fact

ROUNDING: Final = 0.10
"""A figure off by no more than a tenth reads as rounding: minor, whatever the verdict."""
APART: Final = 1.25
"""Reporters further apart than this dispute each other."""


def relationship(q: Question) -> Finding:
    """Years of relations against the day they began, on the day it was said."""
    claimed = q.values("years")[0]
    pair = q.parties[:2]
    if len(pair) < 2:
        return unverifiable("The claim names no two sides.", "Between which two states?", materiality=Materiality.MINOR)
    known = q.facts.facts("relations_since", subject=pair[0], other=pair[1], known_by=q.day, either=True)
    if not known:
        return unverifiable(
            f"No day on which {' and '.join(pair)} opened relations is in the package.",
            "On which day were relations opened, and in which document?",
            materiality=Materiality.MINOR,
        )
    fact = known[-1]
    since = dt.date.fromisoformat(fact.period)
    actual = years_between(since, q.said)
    sums = (
        f"relations since {since.isoformat()}; said on {q.said.isoformat()}",
        f"({q.said.isoformat()} - {since.isoformat()}) / 365.2425 = {actual:.2f} years",
        f"claimed {claimed:g}; difference {claimed - actual:+.2f} years ({(claimed - actual) / actual:+.0%})",
    )
    good = (
        agrees((claimed,), q.slot("qual"), actual, 0.5 / actual) or round(actual) == claimed or int(actual) == claimed
    )
    small = abs(claimed - actual) / actual <= ROUNDING
    year = since.year + int(claimed)
    return Finding(
        Verdict.SUPPORTED if good else Verdict.CONTRADICTED,
        f"{actual:.1f} years on that day, not {claimed:g}." if not good else f"{actual:.1f} years on that day.",
        sums,
        (evidence_of(fact, "supports" if good else "refutes"),),
        Materiality.MINOR if small or good else Materiality.MATERIAL,
        f"A date of opening in {since.year - round(claimed - actual)} or earlier; the number becomes true in {year}.",
        "Does the speaker count from recognition, from independence or from an exchange of notes?",
    )


def superlative(q: Question) -> Finding:
    """Largest by area, where the claim is of size; other superlatives need figures of all rivals."""
    subject, scope = q.slot("subject"), q.slot("scope")
    rank = q.slot("rank")
    if not any(word in rank for word in ("larg", "big", "крупн", "больш", "بڑ", "үлкен", "ірі")) or not subject:
        return unverifiable(
            f"{q.slot('what')!r} needs figures of every rival.",
            "By which measure, against which rivals, in which year?",
            materiality=Materiality.MINOR,
        )
    frame = q.facts.package["countries"].set_index("iso3")
    areas = {f.subject: f for f in q.facts.facts("area", known_by=q.day)}
    rivals = [
        c
        for c in areas
        if c in frame.index
        and (not scope or scope == frame.loc[c, "macro_region"])
        and (not q.claim.slots.get("landlocked") or bool(frame.loc[c, "landlocked"]))
    ]
    if subject not in rivals or len(rivals) < 2:
        return unverifiable(
            "No areas of the rivals are in the package.", "By which measure?", materiality=Materiality.MINOR
        )
    ordered = sorted(rivals, key=lambda c: -areas[c].number)
    place = ordered.index(subject) + 1
    sums = tuple(f"{i}. {frame.loc[c, 'name']}: {areas[c].number:,.0f} km2" for i, c in enumerate(ordered, 1))
    good = place == 1
    return Finding(
        Verdict.SUPPORTED if good else Verdict.CONTRADICTED,
        f"{frame.loc[subject, 'name']} ranks {place} of {len(ordered)} by area{' in ' + scope if scope else ''}.",
        sums,
        tuple(evidence_of(areas[c], "supports" if good else "refutes", s) for c, s in zip(ordered, sums, strict=True)),
        Materiality.MINOR,
        "Another measure, such as population or output.",
        "Largest by area, by people or by output?",
    )


def _turnover(q: Question) -> tuple[Fact, ...]:
    pair = q.parties[:2]
    if len(pair) < 2:
        return ()
    out: list[Fact] = []
    for kind in ("trade_turnover", "trade_exports_of_object", "trade_exports_of_subject"):
        out += q.facts.facts(kind, subject=pair[0], other=pair[1], known_by=q.day, either=True)
    return tuple(out)


def _overlaps(period: str, fact: Fact) -> bool:
    a, b, c, d = first_day(period), last_day(period), first_day(fact.period), last_day(fact.period)
    return bool(a and b and c and d and a <= d and c <= b)


def _latest(facts: tuple[Fact, ...]) -> list[Fact]:
    """Return the latest whole year of each reporter."""
    best: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        a, b = first_day(fact.period), last_day(fact.period)
        if a and b and (b - a).days > 350:
            key = (fact.reporter, fact.predicate)
            if key not in best or fact.period > best[key].period:
                best[key] = fact
    return sorted(best.values(), key=lambda f: (f.reporter, f.period))


def _counted(fact: Fact) -> str:
    """Tell what a figure of trade counts."""
    sellers = {"trade_exports_of_subject": fact.subject, "trade_exports_of_object": fact.object}
    seller = sellers.get(fact.predicate)
    return f"exports of {seller}" if seller else fact.predicate.removeprefix("trade_").replace("_", " ")


def trade(q: Question) -> Finding:
    """Trade of a pair against what each side reports."""
    values, qual = q.values(), q.slot("qual")
    rows = _turnover(q)
    if not values or not rows:
        return unverifiable(
            "No figure of this pair's trade by either side is in the package.",
            "Which office reports it, for which period, exports and imports apart?",
        )
    period = q.slot("period")
    same = [f for f in rows if period and _overlaps(period, f)] or _latest(rows)
    if not same:
        same = list(rows)
    whole = [f for f in same if f.predicate == "trade_turnover"] or same
    low, high = min(f.number for f in whole), max(f.number for f in whole)
    sums = [f"{f.reporter or 'a source'}, {f.period}: {money(f.number)} ({_counted(f)})" for f in same]
    gap = high / low if low else float("inf")
    sums.append(f"highest / lowest = {money(high)} / {money(low)} = {gap:.1f}")
    hits = [f for f in same if agrees(values, qual, f.number)]
    tail = f"claimed {' to '.join(money(v) for v in values)}"
    if hits and gap <= APART:
        verdict, says = Verdict.SUPPORTED, f"{tail}: so say all reporters."
    elif hits:
        verdict, says = Verdict.DISPUTED, f"{tail}: so says {hits[0].reporter}; the two sides differ {gap:.1f} times."
    elif low <= min(values) and max(values) <= high:
        verdict, says = Verdict.DISPUTED, f"{tail}: between what the two sides report ({money(low)} to {money(high)})."
    else:
        verdict, says = (
            Verdict.CONTRADICTED,
            f"{tail}: outside what either side reports ({money(low)} to {money(high)}).",
        )
    return Finding(
        verdict,
        says,
        tuple(sums),
        tuple(
            evidence_of(f, "supports" if f in hits else "refutes" if verdict is Verdict.CONTRADICTED else "context", s)
            for f, s in zip(same, sums, strict=False)
        ),
        Materiality.DECISIVE if gap > 2 else Materiality.MATERIAL,
        "Customs figures of both sides for the same months, exports and imports apart.",
        "Whose figure is this, calendar or fiscal year, and are goods in transit in it?",
    )


def target(q: Question) -> Finding:
    """Judge what a target asks: growth from each side's base, beside the growth there has been."""
    values = q.values()
    if not values:
        return unverifiable("The target has no value.", "How much, by when?")
    goal = max(values)
    rows = _turnover(q)
    bases = [f for f in _latest(rows) if f.predicate == "trade_turnover"]
    told = (
        q.facts.facts("trade_target", subject=q.parties[0], other=q.parties[1], known_by=q.day, either=True)
        if len(q.parties) > 1
        else ()
    )
    same = [f for f in told if abs(f.number - goal) < 0.05 * goal]
    dated = q.slot("deadline") or next((f.period for f in reversed(same) if f.period), "")
    end = last_day(dated) if dated else None
    sums = []
    for fact in bases:
        line = f"from {money(fact.number)} ({fact.reporter}, {fact.period}): {goal / fact.number:.1f} times"
        if end and (left := years_between(q.said, end)) >= 1.0:
            line += f"; {(goal / fact.number) ** (1 / left) - 1:+.0%} a year for {left:.1f} years"
        sums.append(line)
    by = _by_reporter(rows)
    for reporter, (a, b) in sorted(by.items()):
        span = _years_apart(a, b)
        # Over less than a year a yearly rate would say more than anybody knows.
        rate = (
            f"{(b.number / a.number) ** (1 / span) - 1:+.0%} a year"
            if span > 0.9
            else f"{b.number / a.number - 1:+.0%}"
        )
        sums.append(f"so far, {reporter}: {money(a.number)} ({a.period}) to {money(b.number)} ({b.period}) = {rate}")
    reached = max((f.number for f in bases if end and (last := last_day(f.period)) and last >= end), default=0.0)
    if reached >= goal:
        verdict, says = Verdict.KEPT, f"{money(reached)} was reached."
    elif end and q.day > end:
        verdict, says = Verdict.OVERDUE, f"The deadline {dated} has passed and no reporter shows {money(goal)}."
    else:
        verdict = Verdict.PROMISE_OPEN
        says = f"Open until {dated}." if end else "Open, and no deadline was named."
        if bases:
            low, high = min(f.number for f in bases), max(f.number for f in bases)
            says += (
                f" It asks for {goal / high:.1f} times the highest base reported and {goal / low:.0f} times the lowest."
            )
    evidence = [
        *(evidence_of(f, "context", s) for f, s in zip(bases, sums, strict=False)),
        *(evidence_of(f) for f in same),
    ]
    return Finding(
        verdict,
        says,
        tuple(sums),
        tuple(evidence),
        Materiality.DECISIVE if bases and goal > 3 * max(f.number for f in bases) else Materiality.MATERIAL,
        "Customs figures of both sides for the year of the deadline.",
        "From which base and by which side's figures is it counted, and by when?",
    )


def _by_reporter(rows: tuple[Fact, ...]) -> dict[str, tuple[Fact, Fact]]:
    """First and last whole year of each reporter that has two."""
    years: dict[str, list[Fact]] = {}
    for fact in rows:
        a, b = first_day(fact.period), last_day(fact.period)
        if fact.predicate == "trade_turnover" and a and b and 350 < (b - a).days < 380:
            years.setdefault(fact.reporter, []).append(fact)
    return {
        r: (min(f, key=lambda x: x.period), max(f, key=lambda x: x.period))
        for r, f in years.items()
        if len({x.period for x in f}) > 1
    }


def _years_apart(a: Fact, b: Fact) -> float:
    """Years from the end of one period to that of another; 0 where a fact names no period."""
    first, last = last_day(a.period), last_day(b.period)
    return years_between(first, last) if first and last else 0.0


def growth(q: Question) -> Finding:
    """Growth against the change between periods of one reporter."""
    claimed = q.values() or q.values("growth_x")
    times = q.slot("unit") == "x" or not q.values()
    pairs = _by_reporter(_turnover(q)) if q.slot("what") == "trade" else {}
    if not pairs or not claimed:
        return unverifiable(
            "The base and the period of this growth are not in the package.",
            "Growth from which figure, between which periods?",
        )
    sums, hits, rows = [], [], []
    for reporter, (a, b) in sorted(pairs.items()):
        ratio = b.number / a.number
        sums.append(
            f"{reporter}: {money(a.number)} ({a.period}) to {money(b.number)} ({b.period}): "
            f"{ratio:.2f} times, {ratio - 1:+.0%}"
        )
        rows += [evidence_of(a), evidence_of(b)]
        if agrees(claimed, q.slot("qual"), ratio if times else 100 * (ratio - 1), 0.15):
            hits.append(reporter)
    return Finding(
        Verdict.SUPPORTED if hits else Verdict.UNVERIFIABLE,
        f"The growth is that of {hits[0]}." if hits else "No pair of periods in the package gives this growth.",
        tuple(sums),
        tuple(rows),
        Materiality.MATERIAL,
        "The two figures the growth was taken from.",
        "Growth from which figure, between which periods?",
    )


SAME_EVENT_DAYS: Final = 45


def deals(q: Question) -> Finding:
    """Value of deals: one source, or more; another event's figure is shown but never merged."""
    values, pair = q.values(), q.parties[:2]
    known = (
        q.facts.facts("deals_signed", subject=pair[0], other=pair[1], known_by=q.day, either=True)
        if len(pair) > 1
        else ()
    )
    when = first_day(q.slot("date")) or q.said
    same: list[Fact] = []
    others: list[Fact] = []
    for fact in known:
        signed = first_day(fact.period)
        close = signed is not None and abs((signed - when).days) <= SAME_EVENT_DAYS
        (same if close else others).append(fact)
    question = (
        "Who signed with whom? Ask for the list of documents with the value of each, "
        "and what has been paid or shipped since."
    )
    settle = (
        "A list of the documents with names and values, a company filing, a later contract notice, "
        "or the other side's report."
    )
    if same and values:
        good = [f for f in same if agrees(values, q.slot("qual"), f.number)]
        return Finding(
            Verdict.SUPPORTED if good else Verdict.DISPUTED,
            "Another source reports the same sum for this event."
            if good
            else "Another source reports a different sum for this event.",
            tuple(f"{f.period}: {money(f.number)}" for f in same),
            tuple(evidence_of(f, "supports" if f in good else "refutes") for f in same),
            Materiality.MATERIAL,
            settle,
            question,
        )
    sums, says = [], "Only this article reports it: single source."
    for fact in others:
        signed = first_day(fact.period)
        if signed and values and agrees(values, q.slot("qual"), fact.number, 0.25):
            sums.append(
                f"{money(fact.number)} was reported for {fact.period}: {(signed - when).days:+d} days "
                "from this article; another event, not merged"
            )
            says = (
                "Only this article reports it: single source. "
                f"The like sum of {fact.period} belongs to another event and is not merged."
            )
    return Finding(
        Verdict.UNVERIFIABLE,
        says,
        tuple(sums),
        tuple(evidence_of(f, "context") for f in others),
        Materiality.MATERIAL,
        settle,
        question,
    )


def signed(q: Question) -> Finding:
    """How many documents were signed, by every source that counted."""
    pair = q.parties[:2]
    count = q.values("n")
    known = (
        q.facts.facts("documents_signed", subject=pair[0], other=pair[1], known_by=q.day, either=True)
        if len(pair) > 1
        else ()
    )
    when = first_day(q.slot("date")) or q.said
    same = [f for f in known if (d := first_day(f.period)) and abs((d - when).days) <= SAME_EVENT_DAYS]
    if q.claim.type == "agreement_planned":
        late = last_day(q.slot("date")) if q.slot("date") else None
        overdue = late is not None and late < q.day and not same
        return Finding(
            Verdict.OVERDUE if overdue else Verdict.PROMISE_OPEN,
            f"It was to be signed by {q.slot('date')}; no signing is in the package."
            if overdue
            else "A signing was announced.",
            evidence=tuple(evidence_of(f) for f in same),
            would_change="The text, or a report of the signing by both sides.",
            next_question="Was it signed, when, and is the text public?",
        )
    if not same:
        return unverifiable(
            "No other report of this signing is in the package.",
            "Is the text public, when does it enter into force, and who ratifies it?",
            change="The text, an entry in a list of treaties, or the other side's report.",
        )
    sums = tuple(f"{f.reporter or 'a source'}: {f.number:.0f}" for f in same)
    spread = max(f.number for f in same) > min(f.number for f in same)
    good = [f for f in same if count and agrees(count, q.slot("qual"), f.number, 0.0 if not q.slot("qual") else 0.25)]
    verdict = (
        Verdict.SUPPORTED
        if (good or not count) and not spread
        else Verdict.DISPUTED
        if spread
        else Verdict.CONTRADICTED
    )
    return Finding(
        verdict,
        f"Sources count {min(f.number for f in same):.0f} to "
        f"{max(f.number for f in same):.0f} documents for this event."
        if spread
        else "Reported alike elsewhere.",
        sums,
        tuple(evidence_of(f, "supports" if f in good else "context") for f in same),
        Materiality.MINOR,
        "The official list of documents.",
        "Which are treaties, which memoranda, and which are between companies?",
    )
