"""The state of the crossings between neighbours, and the check of a way through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serai.evidence.checks.base import Finding, unverifiable
from serai.evidence.checks.lookup import title
from serai.evidence.types import Evidence, Materiality, Verdict

if TYPE_CHECKING:
    import datetime as dt

    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Facts


def _border_pairs(facts: Facts) -> dict[frozenset[str], list[str]]:
    pairs: dict[frozenset[str], list[str]] = {}
    frame = facts.package["crossings"]
    for place, a, b in zip(frame["place"], frame["exit_country"], frame["entry_country"], strict=True):
        spots = pairs.setdefault(frozenset((a, b)), [])
        if place not in spots:
            spots.append(place)
    return pairs


@dataclass(frozen=True, slots=True)
class Frontier:
    """The crossings of two neighbours on a day.

    `last_confirmed` is the oldest day of the states that are past their shelf life; empty where all are known.
    """

    pair: str
    total: int
    open: int
    last_confirmed: str
    evidence: tuple[Evidence, ...]

    @property
    def shut(self) -> bool:
        """Whether every crossing is shut, or was when last heard of."""
        return self.total > 0 and self.open == 0

    def words(self, day: dt.date) -> str:
        """Say what is known, and how old it is."""
        told = f"{self.pair}: {self.open} of {self.total} crossings open on {day}"
        return f"{told}, as last confirmed on {self.last_confirmed} or later" if self.last_confirmed else told


def frontier(facts: Facts, a: str, b: str, day: dt.date) -> Frontier:
    """State of every crossing of two neighbours; a state past its shelf life counts as last confirmed, and says so."""
    spots = _border_pairs(facts).get(frozenset((a, b)), [])
    states = facts.status(day)
    rows, is_open, stale = [], 0, []
    for spot in spots:
        found = [s for mode in ("road", "rail") if (s := states.find("crossing", spot, mode))]
        is_open += any(s.state in {"open", "restricted"} for s in found)
        for state in dict.fromkeys(found):
            if not state.known:
                stale.append(state.confirmed_on.isoformat())
            rows.append(
                Evidence(
                    f"status/{spot}.{state.mode or 'all'}",
                    f"{title(facts, spot)} by {state.mode or 'all'}: {state.words()}",
                    "context",
                    state.source,
                    state.basis,
                    state.confirmed_on.isoformat(),
                )
            )
    return Frontier(f"{a}-{b}", len(spots), is_open, min(stale, default=""), tuple(rows))


def route(q: Question) -> Finding:
    """Whether the places join on the network, and whether their borders are open."""
    facts = q.facts
    ids = q.names("node_ids")
    frame = facts.package["places"]
    owner = dict(zip(frame["id"], frame["country"], strict=True))
    lands = list(dict.fromkeys(owner.get(i, i if len(i) == 3 else "") for i in ids))
    lands = [c for c in lands if c]
    pairs = _border_pairs(facts)
    sums: list[str] = []
    rows: list[Evidence] = []
    shut: list[Frontier] = []
    joined = {lands[0]} if lands else set()
    for _ in lands:
        joined |= {c for c in lands for d in joined if frozenset((c, d)) in pairs}
    apart = [c for c in lands if c not in joined]
    for i, a in enumerate(lands):
        for b in lands[i + 1 :]:
            if frozenset((a, b)) not in pairs:
                continue
            line = frontier(facts, a, b, q.day)
            sums.append(line.words(q.day))
            rows += line.evidence
            if line.shut:
                shut.append(line)
    unknown = [n for n, i in zip(q.names("nodes"), ids, strict=False) if i not in owner and len(i) != 3]
    if not lands or (not sums and len(lands) > 1):
        return unverifiable("Too few of these places are on the network.", "Which borders does it cross?")
    if apart:
        verdict, says = Verdict.IMPLAUSIBLE, f"{', '.join(apart)} does not border the others: a leg is missing."
    elif shut:
        verdict, says = Verdict.IMPLAUSIBLE, f"The way exists, but {' and '.join(x.words(q.day) for x in shut)}."
    elif unknown:
        verdict, says = Verdict.PLAUSIBLE, f"The countries join; {', '.join(unknown)} is not on the network."
    else:
        verdict, says = Verdict.PLAUSIBLE, f"Every border on it has an open crossing on {q.day}."
    return Finding(
        verdict,
        says,
        tuple(sums),
        tuple(rows),
        Materiality.DECISIVE if shut else Materiality.MATERIAL,
        "A reopening or closing of the borders on the way.",
        "What moved this way last month, how much, and which crossing is the narrowest?",
    )
