"""What breaks a corridor, who stays in, and which projects go together: tables from worlds already solved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from serai.core.errors import SeraiError
from serai.core.units import DAYS_PER_YEAR
from serai.data.names import place_names, short_name
from serai.feasibility.appraisal import present_value
from serai.feasibility.closures import record_from_spells, shut_spells
from serai.feasibility.coalition import (
    exit_after_sunk,
    game,
    in_core,
    least_core,
    minimal_transfers,
    shapley,
    veto_power,
)
from serai.feasibility.financing import annuity
from serai.feasibility.portfolio import best_order, best_portfolio, complementarity
from serai.study.money import flows_of, read_terms, shut_days
from serai.study.worlds import built_by, loss_usd, project_sets

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from serai.data.package import Package
    from serai.feasibility.coalition import Game
    from serai.feasibility.corridor_model import CorridorModel
    from serai.study.money import Money, Terms
    from serai.study.spec import DecisionSpec
    from serai.study.worlds import Worlds
    from serai.study.worth import Worth

SINCE = 2021
"""First year of the record of closures."""


def resilience_tables(
    package: Package, model: CorridorModel, worlds: Worlds, own: list[int], as_of: dt.date
) -> dict[str, pd.DataFrame]:
    """Loss while a crossing is shut, expected loss a year of each regime, and days usable since 2021."""
    import datetime as dt

    names = place_names(package)
    regimes = {str(r["id"]): {str(k): v for k, v in r.items()} for r in package["closure_regimes"].to_dict("records")}
    critical, expected, usable = [], [], []
    for key, reply in worlds.shut.items():
        kind, name = key.split(":", 1)
        loss = loss_usd(reply, own, name)
        if kind == "crossing":
            critical.append(
                {
                    "crossing": name,
                    "name": short_name(names[name]),
                    "loss_usd_m_per_year": loss.usd_per_year / 1e6,
                    "reason": loss.reason,
                }
            )
            for mode in sorted(set(package["crossings"].query("place == @name")["mode"])):
                spells = shut_spells(package["status"], "crossing", name, mode)
                record = record_from_spells(spells, dt.date(SINCE, 1, 1), as_of)
                share = record.open_days / (record.open_days + record.shut_days)
                usable.append(
                    {
                        "crossing": name,
                        "name": short_name(names[name]),
                        "mode": mode,
                        "open_days_per_year": DAYS_PER_YEAR * share,
                        "closures": record.closures,
                        "shut_days": record.shut_days,
                    }
                )
        else:
            r = regimes[name]
            days = [float(shut_days(r, r[f"rate_per_year{e}"])) for e in ("_low", "", "_high")]
            expected.append(
                {
                    "regime": name,
                    "shut_days_per_year_low": days[0],
                    "shut_days_per_year": days[1],
                    "shut_days_per_year_high": days[2],
                    "loss_usd_m_if_a_year": loss.usd_per_year / 1e6,
                    "expected_loss_usd_m": loss.usd_per_year / 1e6 * days[1] / DAYS_PER_YEAR,
                    "basis": r["basis"],
                    "reason": loss.reason,
                }
            )
    return {
        "decision_criticality": _sorted(critical, "loss_usd_m_per_year"),
        "decision_closures": _sorted(expected, "expected_loss_usd_m"),
        "decision_usable_days": pd.DataFrame(usable),
    }


def _sorted(rows: list[dict[str, Any]], column: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    return (
        frame.sort_values(column, ascending=False, kind="stable", na_position="first").reset_index(drop=True)
        if rows
        else frame
    )


def yearly_cost(terms: Terms, rate: float) -> float:
    """Yearly cost of a project: annuity of the capital over its life, and upkeep, USD."""
    capital = terms.cost_usd[1]
    return annuity(capital, rate, max(round(terms.plan.life_years), 1)) + capital * terms.plan.o_and_m_share


def coalition_tables(
    package: Package, model: CorridorModel, worlds: Worlds, spec: DecisionSpec, terms: tuple[Terms, ...], rate: float
) -> tuple[Game | None, dict[str, pd.DataFrame]]:
    """Play the game of the members: shares, veto, payments that keep all in, and who would leave once it is paid."""
    players = spec.players
    if len(players) < 2 or any(r.reason for r in worlds.coalitions.values()):
        return None, {"decision_coalition": pd.DataFrame()}
    at = {m: model.countries.index(m) for m in players}
    cost = {t.project: yearly_cost(t, rate) for t in terms}
    v = np.zeros(1 << len(players))
    for mask in range(1, len(v)):
        inside = tuple(m for i, m in enumerate(players) if mask >> i & 1)
        group = frozenset(inside)
        ev = worlds.coalitions[group].ev_usd_per_year[1]
        # In the order of the players: a set has another one in every run, and with it other last digits.
        v[mask] = sum(float(ev[at[m]]) for m in inside) - sum(cost[p] for p in built_by(package, spec, group))
    found = game(players, v / 1e6)
    everyone = frozenset(players)
    whole = worlds.coalitions[everyone].ev_usd_per_year[1]
    gain = np.array([float(whole[at[m]]) for m in players]) / 1e6
    paid = np.array([_cost_share(package, p, players) * cost[p] / 1e6 for p in built_by(package, spec, everyone)])
    net = gain - (paid.sum(axis=0) if len(paid) else 0.0)
    leave = np.array([[float(_left(worlds, everyone - {m})[at[n]]) / 1e6 for n in players] for m in players])
    veto, shares, gone = veto_power(found), shapley(found.v), exit_after_sunk(gain, leave)
    try:
        moved = minimal_transfers(found, net + (found.v[-1] - net.sum()) / len(players), against_coalitions=False).paid
    except SeraiError:
        moved = np.full(len(players), math.nan)
    frame = pd.DataFrame(
        {
            "member": players,
            "gain_usd_m": gain,
            "net_gain_usd_m": net,
            "shapley_usd_m": shares,
            "lost_without_usd_m": veto.lost,
            "lost_share": veto.lost_share,
            "veto": veto.veto,
            "transfer_usd_m": moved,
            "temptation_to_leave_usd_m": gone.temptation,
            "harm_by_leaving_usd_m": gone.harm,
        }
    )
    core = least_core(found)
    summary = pd.DataFrame(
        {
            "worth_usd_m": [float(found.v[-1])],
            "least_core_excess_usd_m": [core.excess],
            "shapley_in_core": [in_core(found, shares)],
            "worlds": [len(v) - 1],
        }
    )
    return found, {"decision_coalition": frame, "decision_coalition_whole": summary}


def _left(worlds: Worlds, rest: frozenset[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Gains of all economies when one member no longer takes part."""
    return np.asarray(worlds.coalitions[rest].ev_usd_per_year[1])


def _cost_share(package: Package, project: str, players: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Shares of the players in a project's cost: by its payers, else even among the countries it lies in."""
    from serai.data.projects import project_terms

    payers = {p: f.mode for p, f in project_terms(package, project).payers.items() if p in players}
    if not payers:
        soil = str(package["projects"].set_index("id")["countries"][project]).split(";")
        payers = {c: 1.0 for c in soil if c in players}
    whole = sum(payers.values())
    return np.array([payers.get(m, 0.0) / whole if whole else 0.0 for m in players])


def portfolio_tables(
    package: Package,
    worlds: Worlds,
    spec: DecisionSpec,
    own: list[int],
    worth: Worth,
) -> dict[str, pd.DataFrame]:
    """Net present value of every set that was solved, the best within the budget, and what pairs add to each other."""
    projects = tuple(dict.fromkeys((spec.stage_one, spec.project, *spec.alternatives)))
    last = worth.main.plan.last_year
    terms = {}
    for p in projects:
        try:
            terms[p] = read_terms(package, p, spec, worth.main.plan.first_year, last)
        except SeraiError:
            continue
    usable = tuple(p for p in projects if p in terms)
    solved = {s for s in map(frozenset, project_sets(spec)) if s <= set(usable) and not worlds.sets[s].reason}

    def gain(names: frozenset[str]) -> float:
        return float(worlds.sets[names].ev_usd_per_year[1][own].sum())

    def saved(names: frozenset[str]) -> float:
        return float(worlds.sets[names].saved_t_per_year[1])

    def npv(names: frozenset[str]) -> float:
        alone = {p: gain(frozenset([p])) for p in names}
        less = {p: saved(frozenset([p])) for p in names}
        # What they bring beyond their parts is there when the last of them opens.
        last_open = max(sorted(names), key=lambda p: terms[p].build_years[1])
        alone[last_open] += gain(names) - sum(alone.values())
        less[last_open] += saved(names) - sum(less.values())
        total = 0.0
        for p in sorted(names):
            money = _middle(terms[p], worth)
            flows = flows_of(
                terms[p],
                money,
                np.array([alone[p]]),
                worth.base_year,
                worth.middle.open_days,
                saved_t_per_year=np.array([less[p]]),
            )
            total += float(present_value(flows.net, worth.rate)[0])
        return total

    rows = [
        {
            "projects": " + ".join(sorted(s)),
            "size": len(s),
            "npv_usd_m": npv(s) / 1e6,
            "cost_usd_m": sum(terms[p].cost_usd[1] for p in s) / 1e6,
            "members_gain_usd_m_per_year": float(worlds.sets[s].ev_usd_per_year[1][own].sum()) / 1e6,
        }
        for s in sorted(solved, key=lambda s: (len(s), sorted(s)))
    ]

    def of(mask: int) -> float:
        return npv(frozenset(p for i, p in enumerate(usable) if mask >> i & 1))

    every = len(solved) == (1 << len(usable)) - 1
    cost = np.array([terms[p].cost_usd[1] for p in usable])
    out = {"decision_portfolio": pd.DataFrame(rows)}
    if every:
        best = best_portfolio(cost, of, 1e6 * spec.budget_usd_m)
        pairs = complementarity(len(usable), of) / 1e6
        out["decision_best_set"] = pd.DataFrame(
            {
                "chosen": [" + ".join(best.members(usable)) or "none"],
                "order": [", ".join(_order(best.chosen, usable, terms, gain, worth))],
                "npv_usd_m": [best.worth_usd / 1e6],
                "cost_usd_m": [best.cost_usd / 1e6],
                "budget_usd_m": [spec.budget_usd_m],
                "exact": [best.exact],
                "sets_tried": [best.asked],
            }
        )
        out["decision_pairs"] = pd.DataFrame(
            [
                {"a": usable[i], "b": usable[j], "beyond_their_parts_usd_m": float(pairs[i, j])}
                for i in range(len(usable))
                for j in range(i)
            ]
        )
    return out


def _order(
    chosen: int,
    names: tuple[str, ...],
    terms: Mapping[str, Terms],
    gain: Callable[[frozenset[str]], float],
    worth: Worth,
) -> tuple[str, ...]:
    """Order in which a set is best built one after the other; none where the years of the appraisal do not suffice.

    At the gain of the base year, which a growth common to all would not reorder, on the days the way is open.
    """
    money = {p: _middle(terms[p], worth) for p in names}
    paid = [m[f"{p}.cost"] * m[f"{p}.cost_ratio"] * m.economic_over_financial for p, m in money.items()]
    cost = np.concatenate(paid)
    build = np.concatenate([m[f"{p}.build_years"] for p, m in money.items()])
    running = cost * np.array([terms[p].plan.o_and_m_share for p in names])
    years = worth.main.plan.last_year - worth.main.plan.first_year + 1
    inside = np.array([bool(chosen >> i & 1) for i in range(len(names))])
    if build[inside].sum() > years:
        return ()

    def yearly(mask: int) -> float:
        built = [i for i in range(len(names)) if mask >> i & 1]
        whole = gain(frozenset(names[i] for i in built))
        open_share = float(worth.middle.open_days[0]) / DAYS_PER_YEAR
        return (whole * open_share if whole > 0 else whole) - float(running[built].sum())

    return tuple(names[i] for i in best_order(chosen, yearly, cost, build, worth.rate, years).order)


def _middle(terms: Terms, worth: Worth) -> Money:
    """Most likely money of a project; those outside the decision have no overrun of their own among the draws."""
    from serai.study.money import Money

    known = dict(zip(worth.middle.names, worth.middle.values[0].tolist(), strict=True))
    known.setdefault(f"{terms.project}.cost", terms.cost_usd[1])
    known.setdefault(f"{terms.project}.build_years", terms.build_years[1])
    for end in ("cost_ratio", "traffic_ratio"):
        twin = f"{worth.main.project}.{end}"
        if terms.kind == worth.main.kind and twin in known:
            known.setdefault(f"{terms.project}.{end}", known[twin])
    return Money(tuple(known), np.array([list(known.values())]), worth.middle.regimes)
