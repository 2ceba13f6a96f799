"""The check of ports as a gateway: share, rank, rivals, cost, time, and the loss without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from serai.evidence.checks.base import Finding, evidence_of, first_day, last_day, money, unverifiable
from serai.evidence.checks.lookup import main_city, title
from serai.evidence.types import Evidence, Materiality, Verdict

if TYPE_CHECKING:
    import datetime as dt

    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Facts, Journey


_LEADS: Final = {
    Verdict.SUPPORTED: "The goods seen on the way and the model both bear it out.",
    Verdict.PLAUSIBLE: "One of the five best ways by cost and time, but no count shows that trade depends on it.",
    Verdict.IMPLAUSIBLE: "Nothing known shows that trade depends on these ports: others do better by cost and time.",
}


def gateway(q: Question) -> Finding:
    """Ports as someone's gateway: share seen, rank, rivals, cost, time, and the loss without them."""
    facts = q.facts
    frame = facts.package["places"]
    mine = [p for p in q.names("port_ids") if p in set(frame["id"])]
    users = [c for c in q.names("for") if c in set(facts.package["countries"]["iso3"])]
    user = users[0] if users else ""
    origin = main_city(facts, user) if user else ""
    if not origin or not mine:
        return unverifiable(
            "Whose gateway is not said, or the port is not on the network.",
            "For which country's trade, in which goods?",
        )
    rivals = ocean_ports(facts)
    ways = _ways(q, origin, sorted({*rivals, *mine}), q.day)
    ranked = sorted(ways, key=lambda p: ways[p].generalized_usd_per_t)
    label = {p: title(facts, p) for p in ranked}
    sums = []
    for p in [*ranked[:3], *(m for m in ranked[3:] if m in mine)]:
        w = ways[p]
        sums.append(
            f"{ranked.index(p) + 1} of {len(ranked)}: {label[p]}, "
            f"USD {w.usd_per_t:.0f} per t ({w.usd_per_t_p10:.0f}-{w.usd_per_t_p90:.0f}), "
            f"{w.days_p50:.0f} days ({w.days_p10:.0f}-{w.days_p90:.0f}), "
            f"over {', '.join(title(facts, x) for x in w.borders)}"
        )
    rank_row = Evidence(
        f"model/gateways/{origin}/{q.day}", "; ".join(sums), "context", "", "derived", q.day.isoformat()
    )
    loss, loss_row = _loss(q, origin, mine)
    seen, share_says, seen_rows = _observed_share(
        q, user, {owner for p, owner in zip(frame["id"], frame["country"], strict=True) if p in mine}
    )
    of = _country(facts, user)
    best_mine = min((ranked.index(m) + 1 for m in mine if m in ranked), default=0)
    essential = bool(seen) and best_mine == 1
    verdict = Verdict.SUPPORTED if essential else Verdict.PLAUSIBLE if 0 < best_mine <= 5 else Verdict.IMPLAUSIBLE
    says = (
        f"{_LEADS[verdict]} {share_says} By cost and time the best of the named ports "
        f"ranks {best_mine} of {len(ranked)} from {title(facts, origin)}; {loss}"
    )
    return Finding(
        verdict,
        says,
        tuple(sums),
        (rank_row, loss_row, *seen_rows),
        Materiality.DECISIVE,
        f"A count of {of}'s containers at these ports, and open crossings on the way for a year.",
        f"How many of {of}'s containers passed these ports last year, by which border, and at what price?",
    )


def _country(facts: Facts, code: str) -> str:
    frame = facts.package["countries"]
    return str(dict(zip(frame["iso3"], frame["name"], strict=True)).get(code, code))


def ocean_ports(facts: Facts) -> list[str]:
    """Ports that ships join to a gateway overseas; those of an inland sea are none."""
    frame = facts.package["places"]
    links = facts.package["links"]
    links = links[links["mode"] == "sea"]
    reached = set(frame.loc[frame["kind"] == "gateway", "id"])
    grown = True
    while grown:
        joined = links["from"].isin(reached) | links["to"].isin(reached)
        more = set(links.loc[joined, "from"]) | set(links.loc[joined, "to"])
        grown = not more <= reached
        reached |= more
    return sorted(set(frame.loc[frame["kind"] == "port", "id"]) & reached)


def _ways(q: Question, origin: str, ports: list[str], day: dt.date) -> dict[str, Journey]:
    return {p: j for p in ports if (j := q.facts.journey(origin, p, day))}


def _observed_share(q: Question, user: str, owners: set[str]) -> tuple[float, str, tuple[Evidence, ...]]:
    """Share of the user's trade seen on the way of these ports: at most all trade with their owners."""
    world = q.facts.facts("trade_turnover", subject=user, other="WORLD", known_by=q.day)
    bilateral = [
        f
        for o in sorted(owners)
        for f in q.facts.facts("trade_turnover", subject=user, other=o, known_by=q.day, either=True)
    ]
    flows = q.facts.facts("gateway_cargo", subject=user, known_by=q.day)
    rows = [evidence_of(f) for f in [*flows, *world]]
    if not world or not bilateral:
        return 0.0, f"No count of {_country(q.facts, user)}'s cargo at these ports is known: no data.", tuple(rows)
    whole = [f for f in bilateral if (a := first_day(f.period)) and (b := last_day(f.period)) and (b - a).days > 350]
    latest = whole[-6:] or bilateral[-6:]
    low, high = min(f.number for f in latest), max(f.number for f in latest)
    total = world[-1].number
    rows += [evidence_of(f) for f in latest]
    rivals = "; ".join(
        f"{_country(q.facts, f.object)} {f.number / 1e6:.1f} Mt" for f in sorted(flows, key=lambda f: -f.number)
    )
    of, hosts = _country(q.facts, user), " and ".join(_country(q.facts, o) for o in sorted(owners))
    says = (
        f"No count of {of}'s cargo at these ports is known; all its trade with {hosts} was "
        f"{low / total:.2%} to {high / total:.2%} of its whole trade ({money(low)} to {money(high)} of {money(total)})."
    )
    if rivals:
        says += f" Rival ways carry: {rivals}."
    return high / total if high / total > 0.05 else 0.0, says, tuple(rows)


def _loss(q: Question, origin: str, ports: list[str]) -> tuple[str, Evidence]:
    """Tell what the way to the gateways overseas costs more once these ports are shut."""
    frame = q.facts.package["places"]
    ends = frame[(frame["kind"] == "gateway")]
    members = dict(zip(q.facts.package["countries"]["iso3"], q.facts.package["countries"]["macro_region"], strict=True))
    chosen = [
        p
        for p, c in zip(ends["id"], ends["country"], strict=True)
        if members.get(c) in {"Middle East", "South Asia", "Southeast Asia"}
    ]
    parts = []
    for end in sorted(chosen):
        with_ = q.facts.journey(origin, end, q.day)
        without = q.facts.journey(origin, end, q.day, close=tuple(ports))
        if with_ and without:
            parts.append(
                (
                    end,
                    without.usd_per_t - with_.usd_per_t,
                    without.days_p50 - with_.days_p50,
                    without.generalized_usd_per_t - with_.generalized_usd_per_t,
                )
            )
        elif with_:
            parts.append((end, float("inf"), float("inf"), float("inf")))
    hurt = [p for p in parts if p[3] > 0.5]
    worst = max(parts, key=lambda p: p[3], default=None)
    if worst is None:
        says = "the loss without them cannot be told: no way overseas is known."
    elif not hurt:
        says = (
            f"without them nothing is lost on the way to {len(parts)} ports overseas: "
            f"none of the best ways uses them on {q.day}."
        )
    else:
        mean = sum(p[3] for p in parts if p[3] != float("inf")) / len(parts)
        verb = "is" if len(hurt) == 1 else "are"
        says = (
            f"without them {len(hurt)} of {len(parts)} ports overseas {verb} further away, "
            f"{title(q.facts, worst[0])} most: USD {worst[3]:+.0f} per t with "
            f"time counted, {worst[2]:+.1f} days; USD {mean:+.1f} per t on average."
        )
    return says, Evidence(f"model/without/{'+'.join(ports)}/{q.day}", says, "context", "", "derived", q.day.isoformat())
