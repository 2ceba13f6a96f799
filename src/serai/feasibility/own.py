"""Appraise and play with tables of the user's own, and say the result in lines and in plain data."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, SupportsFloat

import numpy as np

from serai.core.errors import DataError, InputError, Issue
from serai.data.schema import Field
from serai.feasibility.appraisal import (
    ADB2017,
    Convention,
    WorldBank2016,
    appraise,
    irr_roots,
    present_value,
    sensitivity_indicators,
    switching_values,
)
from serai.feasibility.cashflow import ITEMS, CashFlows, cash_flows
from serai.feasibility.coalition import MOST_FOR_PROGRAMS, game, minimal_transfers, nucleolus
from serai.feasibility.rounding import shown
from serai.feasibility.sheet import read_sheet
from serai.feasibility.stability import stability, stability_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serai.feasibility.coalition import Game, Transfers

LARGEST: Final = 1e15
AS_ZERO: Final = 1e-9
"""Share of an item that is rounding and no change."""
CONVENTIONS: Final[Mapping[str, Convention]] = {"adb": ADB2017(), "world-bank": WorldBank2016()}
BCR: Final = "benefit and carbon over capital and O&M net of the residual, present values"

FLOW_FIELDS: Final = (
    Field("year", "integer", "Calendar year", required=True, minimum=1900, maximum=2400),
    *(
        Field(name, "number", text, unit="USD", minimum=least, maximum=LARGEST)
        for name, text, least in (
            ("capital", "Capital cost", 0.0),
            ("o_and_m", "Cost of keeping and running", 0.0),
            ("benefit", "Benefit to all, with and without the project", -LARGEST),
            ("fees", "Fees collected from users, a transfer", -LARGEST),
            ("carbon", "Worth of emissions saved", -LARGEST),
            ("residual", "Worth of what is left", -LARGEST),
        )
    ),
)
WORTH_FIELDS: Final = (
    Field("coalition", "string", "Members joined by +", required=True),
    *(
        Field(name, "number", text, required=name == "value", minimum=-LARGEST, maximum=LARGEST)
        for name, text in (("value", "Worth"), ("low", "Low end"), ("high", "High end"))
    ),
)


def convention(name: str, rate: float | None) -> Convention:
    """Return a convention by its short name, at its own rate or another.

    Raises
    ------
    InputError
        When there is no such convention, or the rate is none.
    """
    if name not in CONVENTIONS:
        raise InputError(f"--convention {name} is not known", f"Use {' or '.join(CONVENTIONS)}.")
    chosen = CONVENTIONS[name]
    if rate is None:
        return chosen
    if not 0.0 <= rate <= 1.0:
        raise InputError(f"--rate {rate:g} is no share a year", "Give 0.09 for 9 %.")
    return replace(chosen, rate=rate)


def read_cash_flows(path: Path) -> CashFlows:
    """Read a cash flow; columns and cells left out are zero.

    Raises
    ------
    InputError, DataError
        When the table cannot be read, or its years do not follow each other.
    """
    rows = read_sheet(path, FLOW_FIELDS)
    years = np.array([r["year"] for r in rows], dtype=np.int64)
    names = [f.name for f in FLOW_FIELDS[1:]]
    return cash_flows(years, {n: np.array([r[n] or 0.0 for r in rows], dtype=np.float64) for n in names})


def _plain(value: SupportsFloat) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def appraisal_data(flows: CashFlows, rules: Convention) -> dict[str, Any]:
    """Appraise one cash flow; plain data, None where a figure does not exist."""
    found = appraise(flows, rules)
    low, high = rules.bounds
    collected = bool(np.any(flows.fees))
    return {
        "convention": found.convention,
        "rate": found.rate,
        "years": [int(flows.years[0]), int(flows.years[-1])],
        "npv_usd": _plain(found.npv_usd),
        "npv_at_bounds_usd": {f"{low:g}": _plain(found.npv_low_rate_usd), f"{high:g}": _plain(found.npv_high_rate_usd)},
        "eirr": _plain(found.eirr),
        "eirr_roots": list(irr_roots(flows.net)),
        "mirr": _plain(found.mirr),
        "bcr": _plain(found.bcr),
        "bcr_is": BCR,
        "payback_years": _plain(found.payback_years),
        "discounted_payback_years": _plain(found.discounted_payback_years),
        "present_value_usd": {item: _plain(found.pv_usd[item]) for item in ITEMS},
        "switching_values": {k: _plain(v) for k, v in switching_values(found).items()},
        "sensitivity_indicators": {k: _plain(v) for k, v in sensitivity_indicators(found).items()},
        "financial": {
            "npv_usd": _plain(present_value(flows.financial, rules.rate)),
            "firr_roots": list(irr_roots(flows.financial)),
        }
        if collected
        else None,
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _rate_line(name: str, roots: list[float], instead: float | None) -> str:
    if len(roots) == 1:
        return f"{name} {_percent(roots[0])}."
    beside = f" The modified rate is {_percent(instead)}." if instead is not None else ""
    if roots:
        return f"{name}: {len(roots)} rates fit, {', '.join(map(_percent, roots))}; none decides.{beside}"
    return f"{name}: no rate makes the present value zero.{beside}"


def _switching_lines(changes: Mapping[str, float]) -> list[str]:
    """Say by how much each item alone would have to change for a net present value of zero."""
    if not changes:
        return ["Nothing flows that could switch the result."]
    if all(abs(change) < AS_ZERO for change in changes.values()):
        return ["The net present value is zero as it stands."]
    lines = ["The net present value is zero when"]
    for item, change in changes.items():
        word = "more" if change > 0 else "less"
        size = f"{100 * abs(change):,.0f}" if abs(change) >= 0.005 else "under 1"
        note = "" if abs(change) <= 1 or change > 0 else " (it would have to change its sign)"
        lines.append(f"  {item} is {size} % {word}{note}.")
    return lines


def appraisal_lines(data: Mapping[str, Any]) -> list[str]:
    """Say an appraisal in lines."""
    npv = data["npv_usd"]
    beside = ", ".join(f"{shown(v, v, v)} at {_percent(float(k))}" for k, v in data["npv_at_bounds_usd"].items())
    lines = [
        f"{data['convention']}, {_percent(data['rate'])}, {data['years'][0]}-{data['years'][1]}.",
        f"Net present value {shown(npv, npv, npv)} USD ({beside}).",
        _rate_line("Economic rate of return", data["eirr_roots"], data["mirr"]),
    ]
    bcr = data["bcr"]
    lines.append(f"Benefit over cost {bcr:.2f} ({data['bcr_is']})." if bcr is not None else "Benefit over cost: none.")
    for name, key in (("Paid back", "payback_years"), ("Paid back, discounted,", "discounted_payback_years")):
        years = data[key]
        lines.append(f"{name} after {years:.1f} years." if years is not None else f"{name} never.")
    changes = {item: change for item, change in data["switching_values"].items() if change is not None}
    lines += _switching_lines(changes)
    if data["financial"]:
        money = data["financial"]["npv_usd"]
        lines.append(f"To whoever runs it: net present value {shown(money, money, money)} USD.")
        lines.append(_rate_line("Financial rate of return", data["financial"]["firr_roots"], None))
    return lines


def read_game(path: Path) -> tuple[Game, tuple[Game, ...]]:
    """Read the worth of every coalition; the members are those that are named.

    Returns
    -------
    central, ends
        The game, and its variants at all low and all high ends where these are given for every coalition.

    Raises
    ------
    DataError
        With every coalition that is missing, twice there or out of range.
    """
    rows = read_sheet(path, WORTH_FIELDS)
    groups = [tuple(p.strip() for p in re.split(r"[+;]", r["coalition"])) for r in rows]
    members = tuple(sorted({m for g in groups for m in g if m}))
    if len(members) > MOST_FOR_PROGRAMS:
        raise InputError(
            f"{path} names {len(members)} members", f"Join members to {MOST_FOR_PROGRAMS} or fewer, joined by +."
        )
    bit = {m: 1 << i for i, m in enumerate(members)}
    issues: list[Issue] = []
    seen: dict[int, dict[str, Any]] = {}
    for row, group in zip(rows, groups, strict=True):
        issue = _group_issue(row, group, sum(bit.get(m, 0) for m in set(group)) in seen)
        if issue:
            issues.append(replace(issue, table=path.name))
        seen[sum(bit.get(m, 0) for m in set(group))] = row
    missing = [m for m in range(1, 1 << len(members)) if m not in seen]
    for mask in missing[:20]:
        who = "+".join(m for m in members if bit[m] & mask)
        issues.append(Issue(path.name, None, "coalition", who, "the coalition is missing", "Give its worth."))
    if len(missing) > 20:
        issues.append(Issue(path.name, None, "coalition", "", f"and {len(missing) - 20} more are missing", "Add them."))
    if issues:
        raise DataError(str(path), tuple(issues))
    worth = {name: [0.0] + [seen[m][name] for m in range(1, 1 << len(members))] for name in ("value", "low", "high")}
    ends = [] if None in worth["low"] or None in worth["high"] else [worth["low"], worth["high"]]
    return game(members, worth["value"]), tuple(game(members, e) for e in ends)


def _group_issue(row: dict[str, Any], group: tuple[str, ...], twice: bool) -> Issue | None:
    what = ""
    if "" in group or len(set(group)) < len(group):
        what = "a member is empty or stands twice"
    elif twice:
        what = "the coalition stands twice"
    elif (row["low"] is None) != (row["high"] is None):
        what = "a range has one end"
    elif row["low"] is not None and not row["low"] <= row["value"] <= row["high"]:
        what = "not low <= value <= high"
    return Issue("", row["row"], "coalition", row["coalition"][:60], what, "Correct the row.") if what else None


def read_gains(text: str, members: tuple[str, ...]) -> list[float]:
    """Read what members gain by themselves from "A:10,B:-3".

    Raises
    ------
    InputError
        When a member is missing, unknown or named twice, or a gain is no number.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, amount = part.rpartition(":")
        try:
            gain = float(amount)
        except ValueError:
            gain = math.nan
        if name.strip() not in members or name.strip() in found or not abs(gain) <= LARGEST:
            raise InputError(f"--gains {part.strip()!r} is no member with its gain", f"Name {', '.join(members)} once.")
        found[name.strip()] = gain
    if missing := [m for m in members if m not in found]:
        raise InputError(f"--gains leaves out {missing[0]}", "Give the gain of every member.")
    return [found[m] for m in members]


def game_data(central: Game, ends: tuple[Game, ...], gains: list[float] | None) -> tuple[dict[str, Any], list[str]]:
    """Examine a game; plain data, and the same in lines.

    Parameters
    ----------
    central, ends
        The game and its variants.
    gains
        What each member gains by itself when all take part; adds up to the worth of all.
    """
    found = stability(central, ends)
    transfers: Transfers | None = None
    if gains is not None:
        transfers = minimal_transfers(central, np.array(gains), against_coalitions=True)
    best = nucleolus(central)
    by_member = {
        m: {
            "shapley": float(found.share[i]),
            "shapley_low": float(found.share_low[i]),
            "shapley_high": float(found.share_high[i]),
            "nucleolus": float(best[i]),
            "lost_share": _plain(found.lost_share[i]),
            "veto": bool(found.veto[i]),
            "transfer": float(transfers.paid[i]) if transfers else None,
        }
        for i, m in enumerate(found.members)
    }
    data = {
        "worth": found.worth,
        "worth_low": found.worth_low,
        "worth_high": found.worth_high,
        "least_core_excess": found.gap,
        "stable_share": found.stable_share,
        "members": by_member,
        "moved": transfers.moved if transfers else None,
        "subsidy": transfers.subsidy if transfers else None,
    }
    return data, stability_lines(found, transfers)
