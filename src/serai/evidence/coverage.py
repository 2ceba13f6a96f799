"""How much of an event each language or country was told: the communication gap as a number.

An event is a set of claims. The recall of a group is the share of all claims told anywhere that at least one of its
outlets told. Outlets are drawn again and again (bootstrap over sources) for an interval. With fewer than
:data:`FEWEST` tracked outlets a group gets no figure: the list, not the press, would be measured. The list of
outlets is data, and its digest goes with every figure, since adding an outlet changes it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from serai.core.errors import DataError, InputError, Issue
from serai.core.files import sha256
from serai.data.read import csv_rows, decode

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

FEWEST: Final = 5
DRAWS: Final = 2000
SEED: Final = 20250527
COLUMNS: Final = ("source", "published", "claim", "value", "voice")


@dataclass(frozen=True, slots=True)
class Report:
    """One claim told by one outlet.

    Attributes
    ----------
    source
        Identifier of the outlet.
    language
        Language of the article.
    published
        When; midnight UTC where only the day is known.
    claim
        Identifier of what was told, the same in every language.
    value
        The figure it gave, if any.
    voice
        ISO code of the country of whoever was quoted for it, if any.
    """

    source: str
    language: str
    published: dt.datetime
    claim: str
    value: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Coverage by the outlets of one language or country.

    Attributes
    ----------
    name, sources, reporting
        Language or country, outlets tracked, and how many told anything.
    claims
        Claims told by at least one.
    refused
        Why there is no figure; empty where there is one.
    presence, recall, recall_low, recall_high
        Shares from 0 to 1; the interval is the 10th to 90th percentile over draws of outlets.
    lag_h
        Hours from the first report anywhere to the first here.
    value_agreement
        Share of its reports of a disputed figure that give the figure most reports give; None without any.
    other_voice
        Share of its quoted reports in which somebody of another country speaks; None without any.
    """

    name: str
    sources: int
    reporting: int
    claims: int
    refused: str = ""
    presence: float | None = None
    recall: float | None = None
    recall_low: float | None = None
    recall_high: float | None = None
    lag_h: float | None = None
    value_agreement: float | None = None
    other_voice: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of an event.

    Attributes
    ----------
    by
        ``language`` or ``country``.
    claims
        Claims told anywhere.
    list_digest
        Digest of the list of outlets.
    groups
        In the order of names.
    """

    by: str
    claims: int
    list_digest: str
    groups: tuple[Group, ...]


def _when(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def read_reports(path: Path, media: pd.DataFrame) -> tuple[Report, ...]:
    """Read reports from a CSV file with the columns of :data:`COLUMNS` (and, if wanted, ``language``).

    Raises
    ------
    DataError
        With every fault: an unknown outlet, a date that is none, an empty claim.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}", "Name a CSV file.") from fault
    text, issues = decode(path.name, content)
    rows, more = csv_rows(path.name, text) if not issues else ([], [])
    issues = [*issues, *more]
    header = [c.strip() for c in rows[0]] if rows else []
    if not issues and not {"source", "published", "claim"} <= set(header):
        issues = [Issue(path.name, 1, "", "", "source, published and claim are needed", "Add the columns.")]
    languages = {r.id: r.languages.split(";") for r in media.itertuples(index=False)}
    out: list[Report] = []
    for number, cells in enumerate(rows[1:] if not issues else [], start=2):
        row = dict(zip(header, (c.strip() for c in cells), strict=False))
        if row["source"] not in languages:
            remedy = "Add the outlet to the table media, or correct it."
            issues.append(Issue(path.name, number, "source", row["source"], "no outlet of that name", remedy))
            continue
        try:
            when = _when(row["published"])
        except ValueError:
            issues.append(Issue(path.name, number, "published", row["published"], "no date", "Write YYYY-MM-DD."))
            continue
        if not row["claim"]:
            issues.append(Issue(path.name, number, "claim", "", "a value is required", "Name the claim."))
            continue
        language = row.get("language") or languages[row["source"]][0]
        out.append(Report(row["source"], language, when, row["claim"], row.get("value", ""), row.get("voice", "")))
    if issues:
        raise DataError(str(path), tuple(issues))
    return tuple(out)


def incidence(reports: tuple[Report, ...], outlets: list[str], claims: list[str]) -> NDArray[np.bool_]:
    """Mark which outlet told which claim.

    Returns
    -------
    ndarray
        told[outlet, claim].
    """
    told = np.zeros((len(outlets), len(claims)), dtype=bool)
    row = {name: i for i, name in enumerate(outlets)}
    column = {name: i for i, name in enumerate(claims)}
    for r in reports:
        if r.source in row:
            told[row[r.source], column[r.claim]] = True
    return told


def recall_interval(told: NDArray[np.bool_], claims: int, draws: int = DRAWS) -> tuple[float, float]:
    """Spread of a group's recall over draws of its outlets with replacement.

    Parameters
    ----------
    told
        told[outlet, claim] of the group's outlets.
    claims
        Claims told anywhere.
    draws
        How many draws.

    Returns
    -------
    low, high
        10th and 90th percentile. The set of claims stays that of the whole press, so the interval is one of the
        choice of outlets in the group alone, and its upper end is never above what all of them told.
    """
    n = len(told)
    picks = np.random.default_rng(SEED).integers(0, n, size=(draws, n))
    recall = told[picks].any(axis=1).sum(axis=1) / claims
    low, high = np.quantile(recall, [0.1, 0.9])
    return float(low), float(high)


def _majority(reports: tuple[Report, ...]) -> dict[str, str]:
    """Give for each disputed claim the value most reports give; a claim whose first two values tie has none."""
    counts: dict[str, Counter[str]] = {}
    for r in reports:
        if r.value:
            counts.setdefault(r.claim, Counter())[r.value] += 1
    ranked = {claim: values.most_common(2) for claim, values in counts.items() if len(values) > 1}
    return {claim: first[0] for claim, (first, second) in ranked.items() if first[1] > second[1]}


def _share(hits: list[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def coverage(media: pd.DataFrame, reports: tuple[Report, ...], by: str = "language") -> Coverage:
    """Measure the coverage of an event.

    Parameters
    ----------
    media
        The table of tracked outlets.
    reports
        What they told.
    by
        ``language`` or ``country``.

    Raises
    ------
    InputError
        For another `by`, or without any report.
    """
    if by not in {"language", "country"}:
        raise InputError(f"--by {by} is not known", "Use language or country.")
    if not reports:
        raise InputError("Nothing is reported of the event", "Give at least one report.")
    claims = sorted({r.claim for r in reports})
    first = min(r.published for r in reports)
    country = {r.id: r.country for r in media.itertuples(index=False)}
    tracked: dict[str, list[str]] = {}
    for r in media.itertuples(index=False):
        for name in r.languages.split(";") if by == "language" else [r.country]:
            tracked.setdefault(name, []).append(r.id)
    majority = _majority(reports)
    groups = []
    for name, outlets in sorted(tracked.items()):
        own = tuple(
            r for r in reports if r.source in outlets and (by == "country" or r.language == name)
        )  # fmt: skip
        told = incidence(own, outlets, claims)
        counted = Group(name, len(outlets), int(told.any(axis=1).sum()), int(told.any(axis=0).sum()))
        groups.append(_measured(counted, told, own, country, majority, first, len(claims)))
    return Coverage(by, len(claims), sha256("\n".join(sorted(country)).encode())[:12], tuple(groups))


def _measured(
    group: Group,
    told: NDArray[np.bool_],
    own: tuple[Report, ...],
    country: dict[str, str],
    majority: dict[str, str],
    first: dt.datetime,
    claims: int,
) -> Group:
    counts = (group.name, group.sources, group.reporting, group.claims)
    if group.sources < FEWEST:
        return Group(*counts, refused=f"{group.sources} tracked outlets, {FEWEST} are needed")
    low, high = recall_interval(told, claims)
    return Group(
        *counts,
        presence=group.reporting / group.sources,
        recall=group.claims / claims,
        recall_low=low,
        recall_high=high,
        lag_h=min((r.published - first).total_seconds() for r in own) / 3600 if own else None,
        value_agreement=_share([r.value == majority[r.claim] for r in own if r.value and r.claim in majority]),
        other_voice=_share([r.voice != country[r.source] for r in own if r.voice]),
    )


def coverage_json(found: Coverage) -> dict[str, Any]:
    """Coverage as plain data; what was refused or is unknown is null."""
    return {
        "by": found.by,
        "claims": found.claims,
        "list_digest": found.list_digest,
        "fewest_outlets": FEWEST,
        "groups": [asdict(g) for g in found.groups],
    }
