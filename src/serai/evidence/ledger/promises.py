"""What has become of a promise on a day. Nobody has to turn it overdue: the day does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from serai.evidence.ledger.scales import Outcome

State = Literal["open", "in-grace", "overdue", "kept", "kept-late", "partly-kept", "abandoned", "undated"]
STATES: Final[tuple[State, ...]] = (
    "overdue",
    "in-grace",
    "open",
    "undated",
    "partly-kept",
    "kept-late",
    "kept",
    "abandoned",
)
"""In the order in which a reader wants to see them."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something promised by a day.

    Attributes
    ----------
    id, entry_id
        Identifier, and that of the agreement or project it belongs to.
    what
        What was promised, by language code (``en`` always present).
    due, grace_days
        Last day of the promise (None where none was named), and days after it before it counts as overdue.
    outcome, done_on
        What is on record of it: ``kept``, ``partly-kept`` or ``abandoned`` and the day; empty and None where
        nothing is.
    evidence
        What shows it, in words.
    sources
        Identifiers of sources, the main one first.
    reviewer
        Who answers for the entry; empty for one that nobody has looked at.
    """

    id: str
    entry_id: str
    what: dict[str, str]
    due: dt.date | None
    grace_days: int
    outcome: Outcome
    done_on: dt.date | None
    evidence: str
    sources: tuple[str, ...]
    basis: str
    note: str = ""
    reviewer: str = ""
    second_reviewer: str = ""
    version: int = 1

    @property
    def last_day(self) -> dt.date | None:
        """Last day before it counts as overdue."""
        return self.due + dt.timedelta(self.grace_days) if self.due else None

    def state(self, day: dt.date) -> State:
        """State on a day; an outcome that came later is not yet known on it."""
        if self.outcome and self.done_on and self.done_on <= day:
            if self.outcome == "kept" and self.last_day and self.done_on > self.last_day:
                return "kept-late"
            return self.outcome
        if self.due is None or self.last_day is None:
            return "undated"
        if day <= self.due:
            return "open"
        return "in-grace" if day <= self.last_day else "overdue"

    def days_over(self, day: dt.date) -> int:
        """Days between the day it was due and a day; negative before it, 0 where no day was named."""
        return (day - self.due).days if self.due else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An agreement, project or target as it was announced.

    Attributes
    ----------
    id, kind, parties
        Identifier, kind, and the ISO codes of those who gave their word.
    title
        By language code (``en`` always present).
    date, place
        As far as the source says: a day, a month or a year.
    value, unit
        Amount named, if any.
    stated_deadline, deadline_date
        The deadline in the source's own words, and as a day where it can be read as one.
    variant_of
        Entry of which this is another account; empty for the first. Both are kept.
    """

    id: str
    kind: str
    parties: tuple[str, ...]
    title: dict[str, str]
    date: str
    place: str
    value: float | None
    unit: str
    stated_deadline: str
    deadline_date: dt.date | None
    variant_of: str
    sources: tuple[str, ...]
    basis: str
    note: str = ""
    reviewer: str = ""
    version: int = 1

    def has(self, *countries: str) -> bool:
        """Whether all of some countries are parties."""
        return set(countries) <= set(self.parties)


def due_first(milestones: tuple[Milestone, ...], day: dt.date) -> list[Milestone]:
    """Milestones in the order of :data:`STATES`, the longest overdue and the next due first."""
    far = dt.date.max
    return sorted(milestones, key=lambda m: (STATES.index(m.state(day)), m.due or far, m.id))
