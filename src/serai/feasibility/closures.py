"""Closures as regimes: a way is open for a while, shut for a while, and neither length is known well.

Open and shut spells follow each other (an alternating renewal process); the record gives how many there were and
how long they lasted. With exponential spells the rates at which a way shuts and opens again have Gamma
distributions given the record (Jeffreys prior), whose width is the uncertainty of the regime itself: a short record
with two closures says little, and a closure that has not ended counts its days but no end.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serai.core.errors import InputError
from serai.core.units import DAYS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Record:
    """What was seen of a way.

    Attributes
    ----------
    closures, reopenings
        How often it shut and opened again while watched.
    open_days, shut_days
        Days watched in either state.
    """

    closures: int
    reopenings: int
    open_days: float
    shut_days: float


@dataclass(frozen=True, slots=True)
class Regime:
    """Rates of an alternating process, [...] over draws.

    Attributes
    ----------
    open_mean_days, shut_mean_days
        Mean length of an open and of a shut spell; infinite where it never ends.
    """

    open_mean_days: Array
    shut_mean_days: Array

    @property
    def open_share(self) -> Array:
        """Share of days open in the long run, [...]."""
        return np.asarray(1.0 / (1.0 + self.shut_mean_days / self.open_mean_days))

    @property
    def open_days_per_year(self) -> Array:
        """Days open a year in the long run, [...]."""
        return np.asarray(DAYS_PER_YEAR * self.open_share)


def record_from_spells(shut: Sequence[tuple[dt.date, dt.date | None]], start: dt.date, end: dt.date) -> Record:
    """Count the closures of a period.

    Parameters
    ----------
    shut
        First and last day of each closure; no last day where it has not ended.
    start, end
        First and last day watched.

    Raises
    ------
    InputError
        When the period is empty, or a closure ends before it begins or overlaps another.
    """
    if end < start:
        raise InputError("The period watched ends before it begins", "Give its first and last day.")
    closures = reopenings = 0
    shut_days = 0
    last = dt.date.min
    for first, final in sorted(shut, key=lambda s: s[0]):
        stop = final or dt.date.max
        if stop < first or first <= last:
            raise InputError(f"The closure of {first} ends too early or overlaps another", "Correct its days.")
        last = stop
        if stop < start or first > end:
            continue
        closures += first >= start
        reopenings += stop < end
        shut_days += (min(stop, end) - max(first, start)).days + 1
    watched = (end - start).days + 1
    return Record(closures, reopenings, float(watched - shut_days), float(shut_days))


def shut_spells(status: pd.DataFrame, kind: str, name: str, mode: str) -> list[tuple[dt.date, dt.date | None]]:
    """Closures on record of one object, overlapping rows joined.

    Parameters
    ----------
    status
        The status table of a package.
    kind, name, mode
        The object; rows for all modes count too.
    """
    mine = status[(status["kind"] == kind) & (status["object"] == name) & status["mode"].isin([mode, ""])]
    rows = sorted(
        (row.valid_from, row.valid_to or dt.date.max)
        for row in mine.itertuples(index=False)
        if row.state == "closed" and row.valid_from
    )
    out: list[tuple[dt.date, dt.date]] = []
    for first, stop in rows:
        if out and first <= _next_day(out[-1][1]):
            out[-1] = (out[-1][0], max(out[-1][1], stop))
        else:
            out.append((first, stop))
    return [(first, None if stop == dt.date.max else stop) for first, stop in out]


def _next_day(day: dt.date) -> dt.date:
    return day if day == dt.date.max else day + dt.timedelta(days=1)


def regime(record: Record, close_point: npt.ArrayLike = 0.5, reopen_point: npt.ArrayLike = 0.5) -> Regime:
    """Regime at points of its own uncertainty.

    Rate of closing: Gamma(closures + 1/2, open days); rate of reopening: Gamma(reopenings + 1/2, shut days). A state
    that was never seen counts as watched for one day, so that its length is nearly unknown, not infinite.

    Parameters
    ----------
    record
        What was seen.
    close_point, reopen_point
        [...] points in (0, 1), such as two columns of a Sobol sequence.
    """
    from scipy.special import gammaincinv

    watched = record.open_days + record.shut_days
    if watched <= 0:
        raise InputError("Nothing was watched", "Give a period with at least a day.")
    open_days, shut_days = max(record.open_days, 1.0), max(record.shut_days, 1.0)
    closing = gammaincinv(record.closures + 0.5, np.asarray(close_point, dtype=np.float64)) / open_days
    opening = gammaincinv(record.reopenings + 0.5, np.asarray(reopen_point, dtype=np.float64)) / shut_days
    return Regime(np.asarray(1.0 / closing), np.asarray(1.0 / opening))
