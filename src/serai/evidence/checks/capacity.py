"""Checks of capacities and of shares of ports, beside what is known to be handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serai.evidence.checks.base import Finding, evidence_of, unverifiable
from serai.evidence.checks.lookup import places_named, project_id, title
from serai.evidence.types import Materiality, Verdict

if TYPE_CHECKING:
    from serai.evidence.checks.base import Question

HUGE: Final = 2.5
"""A capacity this many times the busiest known port of the network is not plausible without works."""


def capacity(q: Question) -> Finding:
    """Judge a capacity beside the cargo the place has carried, and beside the busiest of the network."""
    unit = q.slot("unit")
    values = q.values()
    kind = {"t": "throughput", "TEU": "throughput_teu"}.get(unit, "")
    all_known = q.facts.facts(kind, known_by=q.day) if kind else ()
    project = project_id(q)
    carried = q.facts.facts("cargo", subject=project or "-", known_by=q.day)
    place = next((e.id for e in places_named(q)), "")
    own = [f for f in all_known if f.subject == place]
    if carried and unit == "t":
        best = max(carried, key=lambda f: f.number)
        told = (
            f"most carried so far: {best.number / 1e6:.2f} Mt ({best.period})",
            f"claimed {max(values) / 1e6:.1f} Mt: {max(values) / best.number:.1f} times",
        )
        return Finding(
            Verdict.PLAUSIBLE if max(values) < 4 * best.number else Verdict.IMPLAUSIBLE,
            f"The most carried in a year is {best.number / 1e6:.1f} Mt.",
            told,
            (evidence_of(best),),
            Materiality.MATERIAL,
            "The narrowest section's capacity, with its ferries and trains.",
            "Capacity of which section, today or after which works?",
        )
    if not all_known or (not own and max(values) < HUGE * max(f.number for f in all_known)):
        return unverifiable(
            "No throughput is known to set it beside.",
            "Capacity of what, today or after which works, and who measured it?",
        )
    top = max(all_known, key=lambda f: f.number)
    sums = [f"{title(q.facts, f.subject)}: {f.number:,.0f} {unit} in {f.period}" for f in dict.fromkeys([*own, top])]
    sums.append(f"claimed {max(values):,.0f} {unit}: {max(values) / top.number:.1f} times the busiest port known")
    bad = max(values) > HUGE * top.number
    return Finding(
        Verdict.IMPLAUSIBLE if bad else Verdict.PLAUSIBLE,
        f"The busiest port of the network handles {top.number / 1e6:.0f} million {unit} a year.",
        tuple(sums),
        tuple(evidence_of(f) for f in dict.fromkeys([*own, top])),
        Materiality.MATERIAL,
        "A design document with berths, draught and cranes.",
        "Today or after which works, and who pays for them?",
    )


def share(q: Question) -> Finding:
    """Judge a share of the ports of a country, from their throughput."""
    rows = q.facts.facts("throughput", known_by=q.day)
    if len({r.subject for r in rows}) < 2:
        return unverifiable(
            "Throughput of all the rivals is not in the package.",
            "Share of what, in which year, by weight or by value?",
        )
    return unverifiable(
        "Throughput is known for some ports only: no share can be taken.",
        "Share of what, in which year, by weight or by value?",
    )
