"""Checks of lengths and journey times against the network, published journeys and other sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serai.evidence.checks.base import Finding, agrees, evidence_of, unverifiable, within
from serai.evidence.checks.lookup import main_city, place_id, project_id, title
from serai.evidence.types import Evidence, Materiality, Verdict

if TYPE_CHECKING:
    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Fact

LENGTH_SLACK: Final = 0.07
"""Published lengths of one road differ by this much with where its ends are put."""


def distance(q: Question) -> Finding:
    """Judge a length against the network, or against what other sources say of the project."""
    values, qual = q.values(), q.slot("qual")
    known = q.facts.facts("length", subject=project_id(q) or "-", known_by=q.day)
    if known:
        return _spread(q, known, "km", "Which section is counted, from where to where?")
    a, b = place_id(q, q.slot("from")), place_id(q, q.slot("to"))
    if not (a and b) or a == b or q.slot("kind"):
        return unverifiable(
            "The ends of this length are not both named, or not on the network.",
            "From where to where, by which road or line?",
            materiality=Materiality.MINOR,
        )
    sums, rows, fits = [], [], False
    for mode in ("road", "rail"):
        km = q.facts.length_km(a, b, mode)
        if km:
            sums.append(
                f"{q.slot('from')} to {q.slot('to')} by {mode}: "
                f"{km[1]:,.0f} km on the network ({km[0]:,.0f} to {km[2]:,.0f})"
            )
            rows.append(Evidence(f"model/length/{mode}/{a}-{b}", sums[-1], "context", "", "derived"))
            fits = (
                fits
                or any(agrees(values, qual, x, LENGTH_SLACK) for x in km)
                or within(min(values), km[0], km[2], LENGTH_SLACK)
            )
    if not sums:
        return unverifiable(
            "No road or railway joins the two on the network.", "By which way?", materiality=Materiality.MINOR
        )
    sums.append(f"claimed {' to '.join(f'{v:,.0f}' for v in values)} km")
    return Finding(
        Verdict.SUPPORTED if fits else Verdict.IMPLAUSIBLE,
        "The network gives the same length."
        if fits
        else "The network gives another length; a longer way round may be meant.",
        tuple(sums),
        tuple(rows),
        Materiality.MINOR,
        "The list of places the way passes.",
        "By which way?",
    )


def _spread(q: Question, known: tuple[Fact, ...], unit: str, question: str) -> Finding:
    values = q.values()
    low, high = min(f.number for f in known), max(f.number for f in known)
    sums = tuple(
        f"{f.known_on.isoformat()}: {f.number:,.0f} {unit}{' (' + f.note + ')' if f.note else ''}" for f in known
    )
    hit = [f for f in known if agrees(values, q.slot("qual"), f.number, 0.03)]
    inside = within(min(values), low, high, 0.03)
    alike = high <= 1.1 * low
    verdict = Verdict.SUPPORTED if inside and alike else Verdict.DISPUTED if inside else Verdict.CONTRADICTED
    return Finding(
        verdict,
        f"Sources say {low:,.0f} to {high:,.0f} {unit} for this project.",
        sums,
        tuple(evidence_of(f, "supports" if f in hit else "context") for f in known),
        Materiality.MINOR if unit == "km" else Materiality.DECISIVE,
        "The feasibility study, with the section each figure covers.",
        question,
    )


def journey_time(q: Question) -> Finding:
    """Days against the model's P10 to P90 and against published journeys."""
    facts, values = q.facts, q.values()
    if (
        q.slot("unit") == "%"
        or q.slot("kind") in {"reduction_by", "reduction_pct"}
        or q.slot("unit") not in {"day", "hour"}
    ):
        return unverifiable(
            "A saving needs the time before and after, on the same way.",
            "From how many days to how many, between which places, door to door?",
        )
    days = tuple(v / 24 for v in values) if q.slot("unit") == "hour" else values
    a, b = place_id(q, q.slot("from")), place_id(q, q.slot("to"))
    if not (a and b) or a == b:
        ends = q.parties
        project = project_id(q)
        table = facts.package["projects"].set_index("id")
        if project in table.index:
            ends = tuple(str(table.loc[project, "countries"]).split(";"))
        a, b = (main_city(facts, ends[0]), main_city(facts, ends[-1])) if len(ends) > 1 else ("", "")
    if not (a and b):
        return unverifiable(
            "The ends of the journey are not named.", "Between which places, door to door or border to border?"
        )
    way = facts.journey(a, b, q.said)
    seen = facts.observed(a, b, q.day)
    sums, rows = [], []
    if way:
        sums.append(
            f"model, {title(facts, a)} to {title(facts, b)} on {q.said}: "
            f"P10 {way.days_p10:.1f}, P50 {way.days_p50:.1f}, P90 {way.days_p90:.1f} days"
        )
        rows.append(Evidence(f"model/journey/{a}-{b}/{q.said}", sums[-1], "context", "", "derived", q.said.isoformat()))
    for o in seen:
        sums.append(f"published {o.date}: {o.days_low:g} to {o.days_high:g} days ({o.claim})")
        rows.append(Evidence(f"observations/{o.id}", sums[-1], "context", o.source, "reported", o.date))
    if not sums:
        return unverifiable("Neither the model nor a published journey gives this time.", "Between which places?")
    low = min([way.days_p10] if way else [], default=1e9)
    high = max([way.days_p90] if way else [], default=0.0)
    usual = [o for o in seen if o.claim not in {"plan", "disrupted"}]  # what was only planned, or broke down, is told
    low = min([low, *(o.days_low for o in usual)])
    high = max([high, *(o.days_high for o in usual)])
    # Whole days stand for anything that rounds to them.
    half = 0.5 if all(float(d).is_integer() for d in days) else 0.0
    inside = min(days) - half <= high and max(days) + half >= low
    says = f"The range known is {low:.0f} to {high:.0f} days."
    before = q.values("from_value")
    if before:
        sums.append(
            f"the base of {before[0]:g} days is {'inside' if low <= before[0] <= high else 'outside'} that range"
        )
        if before[0] > high:
            says += f" The base it is compared with, {before[0]:g} days, is longer than any known journey."
    verdict = Verdict.PLAUSIBLE if inside else Verdict.IMPLAUSIBLE
    return Finding(
        verdict,
        says,
        tuple(sums),
        tuple(rows),
        Materiality.DECISIVE if before else Materiality.MATERIAL,
        "Dated journeys with both ends and the wait at borders.",
        "Door to door or border to border, loaded or empty, on how many trips?",
    )
