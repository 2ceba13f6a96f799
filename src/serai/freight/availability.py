"""How often a corridor was usable, from the dated status of everything on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from serai.data.status import USABLE, status_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from serai.data.status import Status


@dataclass(frozen=True, slots=True)
class Availability:
    """Days of a period by what is on record; they add up to `days`.

    Attributes
    ----------
    open_days
        Open on record.
    limited_days
        Restricted or open to bilateral trade only.
    shut_days
        Closed, or not yet built.
    unknown_days
        Nothing on record, or past its shelf life.
    """

    object: str
    mode: str
    start: dt.date
    end: dt.date
    open_days: int
    limited_days: int
    shut_days: int
    unknown_days: int

    @property
    def days(self) -> int:
        """Length of the period."""
        return (self.end - self.start).days + 1

    @property
    def usable_share_of_known(self) -> float:
        """Share of the days on record on which cargo could pass; NaN when nothing is on record."""
        known = self.days - self.unknown_days
        return (self.open_days + self.limited_days) / known if known else float("nan")


def _breaks(status: pd.DataFrame, start: dt.date, end: dt.date) -> list[dt.date]:
    """Days on which the record may change: begins and ends of rows, and the ends of their shelf lives."""
    days = {start}
    for row in status.itertuples(index=False):
        if row.valid_from:
            days.add(row.valid_from)
        if row.valid_to:
            days.add(row.valid_to + dt.timedelta(days=1))
        else:
            days.update(row.confirmed_on + dt.timedelta(days=d) for d in (8, 31, 91))
    return sorted(d for d in days if start <= d <= end)


def availability(status: pd.DataFrame, kind: str, name: str, mode: str, start: dt.date, end: dt.date) -> Availability:
    """Count the days of a period by the state of one object.

    Parameters
    ----------
    status
        The status table.
    kind, name, mode
        The object; rows for all modes count too.
    start, end
        First and last day.
    """
    mine = status[(status["kind"] == kind) & (status["object"] == name) & status["mode"].isin([mode, ""])]
    counts = {"open": 0, "limited": 0, "shut": 0, "unknown": 0}
    breaks = [*_breaks(mine, start, end), end + dt.timedelta(days=1)]
    for first, after in pairwise(breaks):
        entries = list(status_on(mine, first).values())
        worst = _worst(entries)
        counts[worst] += (after - first).days
    return Availability(name, mode, start, end, counts["open"], counts["limited"], counts["shut"], counts["unknown"])


def _worst(entries: list[Status]) -> str:
    if not entries:
        return "unknown"
    latest = max(entries, key=lambda s: (s.valid_from or dt.date.min, s.state not in USABLE))
    if not latest.known:
        return "unknown"
    if latest.state == "open":
        return "open"
    return "limited" if latest.state in USABLE else "shut"


def corridor_availability(
    status: pd.DataFrame, name: str, borders: Iterable[tuple[str, str]], start: dt.date, end: dt.date
) -> Availability:
    """Availability of a chain of crossings: its state on a day is the worst of theirs.

    Parameters
    ----------
    status
        The status table.
    name
        What to call the chain.
    borders
        Place and mode of each crossing.
    start, end
        First and last day.
    """
    chain = list(borders)
    frames = [
        status[(status["kind"] == "crossing") & (status["object"] == p) & status["mode"].isin([m, ""])]
        for p, m in chain
    ]
    breaks = sorted({d for frame in frames for d in _breaks(frame, start, end)} | {start})
    breaks.append(end + dt.timedelta(days=1))
    order = ["shut", "unknown", "limited", "open"]
    counts = dict.fromkeys(order, 0)
    for first, after in pairwise(breaks):
        states = [_worst(list(status_on(frame, first).values())) for frame in frames] or ["unknown"]
        counts[min(states, key=order.index)] += (after - first).days
    return Availability(name, "", start, end, counts["open"], counts["limited"], counts["shut"], counts["unknown"])
