"""What fails together, and what another way is worth because it stands in: tables from worlds already solved."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.core.errors import InputError
from serai.core.units import DAYS_PER_YEAR
from serai.data.names import place_names, short_name
from serai.feasibility.closures import record_from_spells, shut_spells
from serai.feasibility.resilience import ClosureRisk, worth_of_second_way
from serai.study.money import shut_days

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.data.package import Package
    from serai.feasibility.corridor_model import CorridorModel, Reply
    from serai.study.worlds import Worlds

SINCE = dt.date(2021, 1, 1)
"""First day of the record of closures, where no regime is stated."""


def joint_tables(
    package: Package, model: CorridorModel, worlds: Worlds, own: list[int], case: frozenset[str], as_of: dt.date
) -> dict[str, pd.DataFrame]:
    """Losses while two crossings or passages are shut at once, and the worth of the projects as a second way.

    Parameters
    ----------
    package, model, worlds
        The package, and what was solved on it.
    own
        Positions of the members among the economies.
    case
        The projects that are the second way.
    as_of
        Last day of the record of closures.
    """
    names = place_names(package)

    def name(key: str) -> str:
        kind, _, thing = key.partition(":")
        return short_name(names.get(thing, thing.title())) if kind == "crossing" else thing

    def gain(reply: Reply, world: int = 1) -> float:
        return float(reply.ev_usd_per_year[world][own].sum())

    shares = {key: _shut_share(package, model, key, as_of) for key in worlds.standby}
    joint: list[dict[str, Any]] = []
    for (a, b), reply in worlds.joint.items():
        alone = [-gain(worlds.standby[x]) for x in (a, b)]
        both = -gain(reply)
        joint.append(
            {
                "a": a,
                "b": b,
                "name_a": name(a),
                "name_b": name(b),
                "loss_a_usd_m": alone[0] / 1e6,
                "loss_b_usd_m": alone[1] / 1e6,
                "loss_both_usd_m": both / 1e6,
                "beyond_their_parts_usd_m": (both - sum(alone)) / 1e6,
                "days_both_shut_per_year": DAYS_PER_YEAR * shares[a] * shares[b],
                "reason": reply.reason,
            }
        )
    second: list[dict[str, Any]] = []
    open_day = gain(worlds.sets[case])
    for key, reply in worlds.standby.items():
        row = {
            "shut": key,
            "name": name(key),
            "days_shut_per_year": DAYS_PER_YEAR * shares[key],
            "reason": reply.reason,
        }
        try:
            on_open, standing_in = _second_way(key, shares[key], reply, open_day, gain)
        except InputError as fault:
            on_open = standing_in = float("nan")
            row["reason"] = reply.reason or fault.what
        row |= {
            "worth_on_open_days_usd_m": on_open / 1e6,
            "worth_while_shut_usd_m": (gain(reply, 2) - gain(reply)) / 1e6,
            "worth_of_standing_in_usd_m": standing_in / 1e6,
        }
        second.append(row)
    return {"decision_joint": _worst_first(joint, "loss_both_usd_m"), "decision_second_way": pd.DataFrame(second)}


def _second_way(
    key: str, share: float, reply: Reply, open_day: float, gain: Callable[..., float]
) -> tuple[float, float]:
    risk = ClosureRisk(key, frozenset([key]), share)
    return worth_of_second_way(
        [risk], lambda shut: gain(reply) if shut else 0.0, lambda shut: gain(reply, 2) if shut else open_day
    )


def _shut_share(package: Package, model: CorridorModel, key: str, as_of: dt.date) -> float:
    """Share of days a crossing or passage is shut: by its regimes, else by the record of its closures."""
    kind, _, thing = key.partition(":")
    sides = model.world.compiled.sides.get(thing, frozenset())
    open_share, found = 1.0, False
    for r in package["closure_regimes"].to_dict("records"):
        objects = frozenset(str(r["object"]).split(";"))
        if (r["kind"] == kind and thing in objects) or (
            r["kind"] == "country" and kind == "crossing" and sides == objects
        ):
            found = True
            open_share *= 1.0 - float(shut_days(r, r["rate_per_year"])) / DAYS_PER_YEAR
    if found:
        return 1.0 - open_share
    modes = sorted(set(package["crossings"].query("place == @thing")["mode"])) if kind == "crossing" else [""]
    records = [record_from_spells(shut_spells(package["status"], kind, thing, m), SINCE, as_of) for m in modes]
    return float(np.mean([r.shut_days / (r.open_days + r.shut_days) for r in records]))


def _worst_first(rows: list[dict[str, Any]], column: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    if not rows:
        return frame
    return frame.sort_values(column, ascending=False, kind="stable", na_position="first").reset_index(drop=True)
