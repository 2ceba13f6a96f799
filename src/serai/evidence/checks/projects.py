"""Checks of works and cargo: costs, milestones, pledges, volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.evidence.checks.base import Finding, agrees, evidence_of, first_day, last_day, money, unverifiable, within
from serai.evidence.checks.lookup import project_id, project_title
from serai.evidence.types import Evidence, Materiality, Verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from typing import Any

    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Fact


def _row(q: Question) -> tuple[str, dict[str, Any]] | None:
    project = project_id(q)
    frame = q.facts.package["projects"]
    rows = frame[frame["id"] == project]
    return (project, rows.iloc[0].to_dict()) if len(rows) else None


def _stage(row: Mapping[str, Any]) -> str:
    return str(row["stage"]).replace("_", " ")


def cost(q: Question) -> Finding:
    """Judge a cost against what has been said of the project, and per km against its reference class."""
    found, values = _row(q), q.values()
    if not found or not values or q.slot("cur") not in {"USD", "USD?"}:
        return unverifiable(
            "The project is not in the package, so the cost stands alone.",
            "For which section, in prices of which year, with rolling stock and interest or without?",
        )
    project, row = found
    said = q.facts.facts("cost_said", subject=project, known_by=q.day)
    low = min([float(row["capital_cost_usd_m_low"]) * 1e6, *(f.number for f in said)])
    high = max([float(row["capital_cost_usd_m_high"]) * 1e6, *(f.number for f in said)])
    sums = [f"{f.known_on.isoformat()}: {money(f.number)}{' (' + f.reporter + ')' if f.reporter else ''}" for f in said]
    sums += _per_km(q, project, max(values))
    inside = within(min(values), low, high, 0.03)
    verdict = Verdict.CONTRADICTED if not inside else Verdict.DISPUTED if high > 1.25 * low else Verdict.SUPPORTED
    rows = [evidence_of(f, "supports" if agrees(values, q.slot("qual"), f.number, 0.03) else "context") for f in said]
    rows.append(
        Evidence(
            f"projects/{project}",
            f"range carried: {money(low)} to {money(high)}",
            "context",
            str(row["source"]),
            str(row["basis"]),
            str(row["stage_on"]),
        )
    )
    return Finding(
        verdict,
        f"{len(said)} dated figures for this project run from {money(low)} to {money(high)}.",
        tuple(sums),
        tuple(rows),
        Materiality.DECISIVE,
        "The feasibility study with its price year and sections.",
        "For which section, in prices of which year, with rolling stock and interest or without?",
    )


def _per_km(q: Question, project: str, value: float) -> list[str]:
    """Cost per km of this claim and of the other railways of the package."""
    lengths = q.facts.facts("length", known_by=q.day)
    own = sorted(f.number for f in lengths if f.subject == project)
    if not own:
        return []
    low, high = value / own[-1] / 1e6, value / own[0] / 1e6
    sums = [f"per km: {money(value)} / {own[0]:,.0f} to {own[-1]:,.0f} km = USD {low:.1f} to {high:.1f} m"]
    frame = q.facts.package["projects"].set_index("id")
    rivals = []
    for other in sorted({f.subject for f in lengths} - {project}):
        if other in frame.index:
            km = [f.number for f in lengths if f.subject == other]
            dear = float(frame.loc[other, "capital_cost_usd_m"]) / (sum(km) / len(km))
            rivals.append(f"{project_title(q.facts, other)} {dear:.1f}")
    built = q.facts.facts("built_cost_per_km", known_by=q.day)
    rivals += [f"{project_title(q.facts, f.subject)} {f.number / 1e6:.1f} (built)" for f in built]
    return [*sums, f"reference class, USD m per km: {'; '.join(rivals)}"] if rivals else sums


def milestone(q: Question) -> Finding:
    """Judge a date of works against the project's stage."""
    found = _row(q)
    due = last_day(q.slot("date")) if q.slot("date") else None
    question = "What was finished by which day, and which photograph, tender or notice shows it?"
    if not found:
        return unverifiable("The project is not in the package.", question)
    project, row = found
    stage = _stage(row)
    evidence = (
        Evidence(
            f"projects/{project}",
            f"stage {stage} on {row['stage_on']}",
            "context",
            str(row["source"]),
            str(row["basis"]),
            str(row["stage_on"]),
        ),
    )
    if q.slot("milestone") == "construction duration":
        low, high = float(row["build_years_low"]), float(row["build_years_high"])
        years = q.values()
        inside = bool(years) and within(max(years), low, high)
        return Finding(
            Verdict.PLAUSIBLE if inside else Verdict.IMPLAUSIBLE,
            f"The package carries {low:g} to {high:g} years.",
            (f"claimed {max(years):g} years; carried {low:g}, {float(row['build_years']):g}, {high:g}",),
            evidence,
            Materiality.MATERIAL,
            "A contract with dates.",
            question,
        )
    done = stage in {"operating", "built", "open"} or (
        q.slot("milestone") == "construction start" and stage in {"works", "construction", "under construction"}
    )
    if done:
        return Finding(Verdict.KEPT, f"The stage is {stage}.", (), evidence, Materiality.MATERIAL, "", question)
    if due and due < q.day:
        return Finding(
            Verdict.OVERDUE,
            f"{due.isoformat()} has passed; the stage on {row['stage_on']} was {stage}.",
            (f"{(q.day - due).days} days past the date",),
            evidence,
            Materiality.MATERIAL,
            "Evidence of works or of opening.",
            question,
        )
    return Finding(
        Verdict.PROMISE_OPEN,
        f"Due {q.slot('date') or 'on no day named'}; the stage on {row['stage_on']} was {stage}.",
        (),
        evidence,
        Materiality.MATERIAL,
        "Evidence of works or of opening.",
        question,
    )


def pledge(q: Question) -> Finding:
    """Judge a pledge: what it would pay for, and what is known of it."""
    found = _row(q)
    question = "Who pays whom, loan or grant, under which signed paper, and what has been paid out?"
    if not found:
        return unverifiable(
            "No project of this name is in the package.",
            question,
            change="A loan agreement, a budget line, or a payment.",
        )
    project, row = found
    value = max(q.values(), default=0.0)
    mode = float(row["capital_cost_usd_m"]) * 1e6
    evidence = Evidence(
        f"projects/{project}",
        f"stage {_stage(row)} on {row['stage_on']}",
        "context",
        str(row["source"]),
        str(row["basis"]),
        str(row["stage_on"]),
    )
    return Finding(
        Verdict.PROMISE_OPEN,
        f"A pledge, not a payment; the project is at stage {_stage(row)}.",
        (f"{money(value)} of {money(mode)} = {value / mode:.0%} of the cost carried",),
        (evidence,),
        Materiality.MATERIAL,
        "A loan agreement, a budget line, or a payment.",
        question,
    )


def flow(q: Question) -> Finding:
    """Cargo carried, against the series of the route."""
    rows = q.facts.facts("cargo", subject=project_id(q) or "-", known_by=q.day)
    values = q.values()
    question = "Counted where, over which months, and compared with which months before?"
    if not rows or not values or q.slot("unit") != "t":
        return unverifiable("No series of this cargo is in the package.", question)
    period = q.slot("period") or q.slot("deadline") or str(q.said.year)
    a = first_day(period)
    year = [f for f in rows if a and f.period == str(a.year)]
    sums = _carried(rows)
    if q.claim.type == "flow_forecast":
        return _flow_forecast(q, rows, year, last_day(period), question)
    part = a and period != str(a.year)
    if year and part:
        good = max(values) <= 1.1 * year[-1].number
        return Finding(
            Verdict.PLAUSIBLE if good else Verdict.CONTRADICTED,
            f"The whole year brought {year[-1].number / 1e6:.2f} Mt.",
            sums,
            tuple(map(evidence_of, year)),
            Materiality.MATERIAL,
            "A monthly series.",
            question,
        )
    if year:
        good = agrees(values, q.slot("qual"), year[-1].number)
        return Finding(
            Verdict.SUPPORTED if good else Verdict.CONTRADICTED,
            f"The series gives {year[-1].number / 1e6:.2f} Mt for {year[-1].period}.",
            sums,
            tuple(map(evidence_of, year)),
            Materiality.MATERIAL,
            "A revision of the series.",
            question,
        )
    return unverifiable("The series does not reach this period.", question)


def _carried(rows: tuple[Fact, ...]) -> tuple[str, ...]:
    return tuple(f"{f.period}: {f.number / 1e6:.3f} Mt" for f in rows[-4:])


def _flow_forecast(
    q: Question, rows: tuple[Fact, ...], year: list[Fact], end: dt.date | None, question: str
) -> Finding:
    """Cargo expected by the end of a period, against the figures of its year and the best year so far."""
    values = q.values()
    kept = any(f.number >= 0.97 * min(values) for f in year)
    if kept or (year and end and end < q.day):
        return Finding(
            Verdict.KEPT if kept else Verdict.OVERDUE,
            f"{year[-1].number / 1e6:.2f} Mt was carried in {year[-1].period}.",
            _carried(rows),
            tuple(map(evidence_of, year)),
            Materiality.MATERIAL,
            "",
            question,
        )
    best = max(f.number for f in rows)
    return Finding(
        Verdict.PROMISE_OPEN,
        f"Expected is {max(values) / best:.2f} times the most carried in a year so far, {best / 1e6:.2f} Mt.",
        _carried(rows),
        tuple(map(evidence_of, rows[-2:])),
        Materiality.MATERIAL,
        "The year's figure.",
        question,
    )


def event(q: Question) -> Finding:
    """Judge a meeting or visit, against the events known for that day."""
    day = first_day(q.slot("date")) or q.said
    rows = [
        f for f in q.facts.facts("event", known_by=q.day) if (d := first_day(f.period)) and abs((d - day).days) <= 1
    ]
    if rows and q.slot("what") == "book launch":
        return Finding(
            Verdict.SUPPORTED,
            rows[0].says,
            (),
            tuple(evidence_of(f, "supports") for f in rows),
            Materiality.MINOR,
            "",
            "Who else reported it?",
        )
    return Finding(
        Verdict.NOT_CHECKABLE,
        "A meeting or visit: it dates and places other claims.",
        materiality=Materiality.MINOR,
        next_question="Who from the other side reports it, and what was agreed in writing?",
    )


def stance(q: Question) -> Finding:
    """Judge a position: recorded, counted, not judged."""
    del q
    return Finding(
        Verdict.NOT_CHECKABLE,
        "A position, recorded to see whether it changes.",
        materiality=Materiality.MINOR,
        next_question="What will be done, by whom, by when, and with whose money?",
    )


def first(q: Question) -> Finding:
    """Judge a first: against earlier published journeys."""
    del q
    return unverifiable(
        "Earlier journeys are not all known.",
        "What was different about the earlier ones: mode, papers, route or load?",
        materiality=Materiality.MINOR,
    )


def saving(q: Question) -> Finding:
    """Judge a saving of cost or time without a base."""
    del q
    return unverifiable(
        "A saving needs the cost before and after, on the same way.",
        "From how much to how much, for which goods and which way?",
    )


def potential(q: Question) -> Finding:
    """Judge an export potential: beside the trade there is."""
    from serai.evidence.checks.numbers import trade

    found = trade(q)
    return Finding(
        Verdict.UNVERIFIABLE,
        "A potential, not a flow." + (f" Trade there is: {found.arithmetic[0]}." if found.arithmetic else ""),
        found.arithmetic,
        found.evidence,
        Materiality.MATERIAL,
        "A list of goods with today's imports of each.",
        "Which goods, at which price delivered, against which seller of today?",
    )
