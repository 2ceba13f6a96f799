"""What is open on a day, and how far that is known.

A status holds from a first to a last day and was confirmed on some day. An open-ended status past its
shelf life is *unknown*: neither open nor closed, whatever it was when last heard of.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from serai.data.package import Package

State = Literal["open", "restricted", "bilateral", "closed", "under_construction", "planned"]
Assume = Literal["last", "open", "shut", "reopened"]
SHELF_LIFE_DAYS: Final = {"crossing": 30, "place": 30, "link": 30, "passage": 7}
RAIL_SHELF_LIFE_DAYS: Final = 90
USABLE: Final = ("open", "restricted", "bilateral")
LIMITED: Final = ("restricted", "bilateral")


@dataclass(frozen=True, slots=True)
class Status:
    """State of one object on one day.

    Attributes
    ----------
    kind, object, mode
        What it is about; `mode` is empty when all modes are meant.
    state
        The state last heard of.
    known
        False when that is past its shelf life on the day asked about.
    confirmed_on, days_old
        When it was last confirmed, and how many days before the day asked about.
    """

    kind: str
    object: str
    mode: str
    state: str
    known: bool
    valid_from: dt.date | None
    valid_to: dt.date | None
    confirmed_on: dt.date
    days_old: int
    reason: str
    source: str
    basis: str
    origin: str

    def usable(self, assume: Assume = "last") -> bool:
        """Whether cargo may pass, an unknown state being taken as `assume` says.

        "last" takes the last state as it was; "open" takes every unknown closure as lifted; "shut" takes
        what was closed or restricted when last heard of as shut; "reopened" takes every closure, known or
        not, as lifted, to see what it costs.
        """
        if assume == "reopened" and self.state == "closed":
            return True
        if not self.known and assume == "open" and self.contested:
            return True
        if not self.known and assume == "shut" and self.state in LIMITED:
            return False
        return self.state in USABLE

    @property
    def contested(self) -> bool:
        """Unknown, and closed or limited when last heard of: the answer may turn on it."""
        return not self.known and self.state in ("closed", *LIMITED)

    @property
    def by_scenario(self) -> str:
        """The scenario that sets the state, as "by scenario NAME", or empty; such a state needs no confirmation."""
        return f"by {self.origin.replace(':', ' ', 1)}" if self.origin.startswith("scenario:") else ""

    def words(self) -> str:
        """Say the state in words that cannot be read as a claim about today when it is not one."""
        state = self.state.replace("_", " ")
        if self.by_scenario:
            return f"{state} {self.by_scenario}"
        if self.known:
            return f"{state}, confirmed {self.confirmed_on.isoformat()}"
        return f"unknown; {state} when last confirmed on {self.confirmed_on.isoformat()}, {self.days_old} days earlier"


def shelf_life_days(kind: str, mode: str) -> int:
    """Days after which an open-ended status is unknown."""
    return RAIL_SHELF_LIFE_DAYS if mode == "rail" and kind == "crossing" else SHELF_LIFE_DAYS[kind]


_SEVERITY = {"closed": 0, "under_construction": 1, "planned": 2, "bilateral": 3, "restricted": 4, "open": 5}


def status_on(status: pd.DataFrame, day: dt.date) -> dict[tuple[str, str, str], Status]:
    """State of every object with a row that holds on a day.

    Parameters
    ----------
    status
        The status table.
    day
        The day asked about.

    Returns
    -------
    dict
        (kind, object, mode) -> Status. Of several rows that hold, the latest to begin wins; of those
        that begin together, the most restrictive. Rows confirmed after the day still count: what is
        known today about a past day is known.
    """
    best: dict[tuple[str, str, str], tuple[tuple[dt.date, int], Status]] = {}
    for row in status.itertuples(index=False):
        start, end = row.valid_from or None, row.valid_to or None
        if (start and start > day) or (end and end < day):
            continue
        old = (day - row.confirmed_on).days
        known = end is not None or old <= shelf_life_days(row.kind, row.mode)
        entry = Status(
            row.kind,
            row.object,
            row.mode,
            row.state,
            known,
            start,
            end,
            row.confirmed_on,
            max(old, 0),
            row.reason,
            row.source,
            row.basis,
            row.origin,
        )
        key = (row.kind, row.object, row.mode)
        rank = (start or dt.date.min, -_SEVERITY[row.state])
        if key not in best or rank > best[key][0]:
            best[key] = (rank, entry)
    return {key: entry for key, (_, entry) in best.items()}


@dataclass(frozen=True, slots=True)
class Board:
    """Everything known about what is open on a day."""

    day: dt.date
    entries: dict[tuple[str, str, str], Status]

    def find(self, kind: str, name: str, mode: str = "") -> Status | None:
        """Return the status of an object by one mode: its own row, else the one for all modes.

        Of a row for the mode and a row for all modes the later to begin wins.
        """
        own = self.entries.get((kind, name, mode)) if mode else None
        every = self.entries.get((kind, name, ""))
        if own is None or every is None:
            return own or every
        starts = (own.valid_from or dt.date.min, every.valid_from or dt.date.min)
        return every if starts[1] > starts[0] else own

    def contested(self) -> list[Status]:
        """Objects whose state is unknown and was closed or restricted when last heard of."""
        return [s for s in self.entries.values() if s.contested]

    def stale(self) -> list[Status]:
        """Objects whose state is past its shelf life."""
        return [s for s in self.entries.values() if not s.known]

    def sorted(self) -> list[Status]:
        """All entries by kind, object and mode."""
        return [self.entries[k] for k in sorted(self.entries)]


def board(package: Package, day: dt.date) -> Board:
    """Status board of a package on a day."""
    return Board(day, status_on(package["status"], day))


def names_of(statuses: Iterable[Status]) -> list[str]:
    """Names of the objects, each once."""
    return list(dict.fromkeys(s.object for s in statuses))
