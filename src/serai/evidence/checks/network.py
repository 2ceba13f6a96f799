"""Checks against the network: lengths, ways, journey times, gateways, capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from serai.evidence.checks.base import Finding, agrees, evidence_of, first_day, last_day, money, unverifiable, within
from serai.evidence.types import Evidence, Materiality, Verdict

if TYPE_CHECKING:
    import datetime as dt

    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Fact, Facts, Journey

LENGTH_SLACK: Final = 0.07
"""Published lengths of one road differ by this much with where its ends are put."""
HUGE: Final = 2.5
"""A capacity this many times the busiest known port of the network is not plausible without works."""


def main_city(facts: Facts, country: str) -> str:
    """Most populous zone of a country; empty where it has none."""
    frame = facts.package["places"]
    rows = frame[(frame["country"] == country) & frame["zone"]]
    return str(rows.sort_values(["weight", "id"], ascending=[False, True])["id"].iloc[0]) if len(rows) else ""


def _project_id(q: Question) -> str:
    label = q.slot("project")
    return next((i for (kind, i), name in q.facts.names.labels.items() if kind == "project" and name == label), "")


def _place_id(q: Question, label: str) -> str:
    if not label:
        return ""
    from serai.evidence.text import fold

    found = q.facts.names.find(fold(label, "en"), label)
    return found[0].id if found and found[0].kind == "place" else ""


def distance(q: Question) -> Finding:
    """Judge a length against the network, or against what other sources say of the project."""
    values, qual = q.values(), q.slot("qual")
    known = q.facts.facts("length", subject=_project_id(q) or "-", known_by=q.day)
    if known:
        return _spread(q, known, "km", "Which section is counted, from where to where?")
    a, b = _place_id(q, q.slot("from")), _place_id(q, q.slot("to"))
    if not (a and b) or a == b or q.slot("kind"):
        return unverifiable(
            "The ends of this length are not both named, or not on the network.",
            "From where to where, by which road or line?",
            materiality=Materiality.MINOR,
        )
    sums, rows, fits = [], [], False
    for mode in ("road", "rail"):
        km = q.facts.length_km(a, b, mode)
        if km:
            sums.append(
                f"{q.slot('from')} to {q.slot('to')} by {mode}: "
                f"{km[1]:,.0f} km on the network ({km[0]:,.0f} to {km[2]:,.0f})"
            )
            rows.append(Evidence(f"model/length/{mode}/{a}-{b}", sums[-1], "context", "", "derived"))
            fits = (
                fits
                or any(agrees(values, qual, x, LENGTH_SLACK) for x in km)
                or within(min(values), km[0], km[2], LENGTH_SLACK)
            )
    if not sums:
        return unverifiable(
            "No road or railway joins the two on the network.", "By which way?", materiality=Materiality.MINOR
        )
    sums.append(f"claimed {' to '.join(f'{v:,.0f}' for v in values)} km")
    return Finding(
        Verdict.SUPPORTED if fits else Verdict.IMPLAUSIBLE,
        "The network gives the same length."
        if fits
        else "The network gives another length; a longer way round may be meant.",
        tuple(sums),
        tuple(rows),
        Materiality.MINOR,
        "The list of places the way passes.",
        "By which way?",
    )


def _spread(q: Question, known: tuple[Fact, ...], unit: str, question: str) -> Finding:
    values = q.values()
    low, high = min(f.number for f in known), max(f.number for f in known)
    sums = tuple(
        f"{f.known_on.isoformat()}: {f.number:,.0f} {unit}{' (' + f.note + ')' if f.note else ''}" for f in known
    )
    hit = [f for f in known if agrees(values, q.slot("qual"), f.number, 0.03)]
    inside = within(min(values), low, high, 0.03)
    alike = high <= 1.1 * low
    verdict = Verdict.SUPPORTED if inside and alike else Verdict.DISPUTED if inside else Verdict.CONTRADICTED
    return Finding(
        verdict,
        f"Sources say {low:,.0f} to {high:,.0f} {unit} for this project.",
        sums,
        tuple(evidence_of(f, "supports" if f in hit else "context") for f in known),
        Materiality.MINOR if unit == "km" else Materiality.DECISIVE,
        "The feasibility study, with the section each figure covers.",
        question,
    )


def journey_time(q: Question) -> Finding:
    """Days against the model's P10 to P90 and against published journeys."""
    facts, values = q.facts, q.values()
    if (
        q.slot("unit") == "%"
        or q.slot("kind") in {"reduction_by", "reduction_pct"}
        or q.slot("unit") not in {"day", "hour"}
    ):
        return unverifiable(
            "A saving needs the time before and after, on the same way.",
            "From how many days to how many, between which places, door to door?",
        )
    days = tuple(v / 24 for v in values) if q.slot("unit") == "hour" else values
    a, b = _place_id(q, q.slot("from")), _place_id(q, q.slot("to"))
    if not (a and b) or a == b:
        ends = q.parties
        project = _project_id(q)
        table = facts.package["projects"].set_index("id")
        if project in table.index:
            ends = tuple(str(table.loc[project, "countries"]).split(";"))
        a, b = (main_city(facts, ends[0]), main_city(facts, ends[-1])) if len(ends) > 1 else ("", "")
    if not (a and b):
        return unverifiable(
            "The ends of the journey are not named.", "Between which places, door to door or border to border?"
        )
    way = facts.journey(a, b, q.said)
    seen = facts.observed(a, b, q.day)
    sums, rows = [], []
    if way:
        sums.append(
            f"model, {a} to {b} on {q.said}: "
            f"P10 {way.days_p10:.1f}, P50 {way.days_p50:.1f}, P90 {way.days_p90:.1f} days"
        )
        rows.append(Evidence(f"model/journey/{a}-{b}/{q.said}", sums[-1], "context", "", "derived", q.said.isoformat()))
    for o in seen:
        sums.append(f"published {o.date}: {o.days_low:g} to {o.days_high:g} days ({o.claim})")
        rows.append(Evidence(f"observations/{o.id}", sums[-1], "context", o.source, "reported", o.date))
    if not sums:
        return unverifiable("Neither the model nor a published journey gives this time.", "Between which places?")
    low = min([way.days_p10] if way else [], default=1e9)
    high = max([way.days_p90] if way else [], default=0.0)
    usual = [o for o in seen if o.claim not in {"plan", "disrupted"}]  # what was only planned, or broke down, is told
    low = min([low, *(o.days_low for o in usual)])
    high = max([high, *(o.days_high for o in usual)])
    inside = min(days) <= high and max(days) >= low
    says = f"The range known is {low:.0f} to {high:.0f} days."
    before = q.values("from_value")
    if before:
        sums.append(
            f"the base of {before[0]:g} days is {'inside' if low <= before[0] <= high else 'outside'} that range"
        )
        if before[0] > high:
            says += f" The base it is compared with, {before[0]:g} days, is longer than any known journey."
    verdict = Verdict.PLAUSIBLE if inside else Verdict.IMPLAUSIBLE
    return Finding(
        verdict,
        says,
        tuple(sums),
        tuple(rows),
        Materiality.DECISIVE if before else Materiality.MATERIAL,
        "Dated journeys with both ends and the wait at borders.",
        "Door to door or border to border, loaded or empty, on how many trips?",
    )


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
                    f"{spot} by {state.mode or 'all'}: {state.words()}",
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


def capacity(q: Question) -> Finding:
    """Judge a capacity beside the cargo the place has carried, and beside the busiest of the network."""
    unit = q.slot("unit")
    values = q.values()
    kind = {"t": "throughput", "TEU": "throughput_teu"}.get(unit, "")
    all_known = q.facts.facts(kind, known_by=q.day) if kind else ()
    project = _project_id(q)
    carried = q.facts.facts("cargo", subject=project or "-", known_by=q.day)
    place = next((e.id for e in _near_ports(q)), "")
    own = [f for f in all_known if f.subject == place]
    if carried and unit == "t":
        best = max(carried, key=lambda f: f.number)
        told = (
            f"most carried so far: {best.number / 1e6:.2f} Mt ({best.period})",
            f"claimed {max(values) / 1e6:.1f} Mt: {max(values) / best.number:.1f} times",
        )
        return Finding(
            Verdict.PLAUSIBLE if max(values) < 4 * best.number else Verdict.IMPLAUSIBLE,
            f"The most carried in a year is {best.number / 1e6:.1f} Mt.",
            told,
            (evidence_of(best),),
            Materiality.MATERIAL,
            "The narrowest section's capacity, with its ferries and trains.",
            "Capacity of which section, today or after which works?",
        )
    if not all_known or (not own and max(values) < HUGE * max(f.number for f in all_known)):
        return unverifiable(
            "No throughput is known to set it beside.",
            "Capacity of what, today or after which works, and who measured it?",
        )
    top = max(all_known, key=lambda f: f.number)
    sums = [f"{f.subject}: {f.number:,.0f} {unit} in {f.period}" for f in dict.fromkeys([*own, top])]
    sums.append(f"claimed {max(values):,.0f} {unit}: {max(values) / top.number:.1f} times the busiest port known")
    bad = max(values) > HUGE * top.number
    return Finding(
        Verdict.IMPLAUSIBLE if bad else Verdict.PLAUSIBLE,
        f"The busiest port of the network handles {top.number / 1e6:.0f} million {unit} a year.",
        tuple(sums),
        tuple(evidence_of(f) for f in dict.fromkeys([*own, top])),
        Materiality.MATERIAL,
        "A design document with berths, draught and cranes.",
        "Today or after which works, and who pays for them?",
    )


def _near_ports(q: Question) -> list[Fact]:
    """Ports named in the quote, as their throughput rows' subjects."""
    from serai.evidence.text import fold

    found = q.facts.names.find(fold(q.claim.span.quote, q.claim.lang), q.claim.span.quote)
    return [e for e in found if e.kind == "place"]  # type: ignore[misc]


def share(q: Question) -> Finding:
    """Judge a share of the ports of a country, from their throughput."""
    rows = q.facts.facts("throughput", known_by=q.day)
    if len({r.subject for r in rows}) < 2:
        return unverifiable(
            "Throughput of all the rivals is not in the package.",
            "Share of what, in which year, by weight or by value?",
        )
    return unverifiable(
        "Throughput is known for some ports only: no share can be taken.",
        "Share of what, in which year, by weight or by value?",
    )


def title(facts: Facts, place: str) -> str:
    """Return the name of a place."""
    return facts.names.labels.get(("place", place), place)


def _ways(q: Question, origin: str, ports: list[str], day: dt.date) -> dict[str, Journey]:
    return {p: j for p in ports if (j := q.facts.journey(origin, p, day))}


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
    for p in [*ranked[:3], *(m for m in mine if m in ranked[3:])]:
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
    best_mine = min((ranked.index(m) + 1 for m in mine if m in ranked), default=0)
    essential = bool(seen) and best_mine == 1
    says = (
        f"Essential would be missed if it were gone. {share_says} By cost and time the best of the named ports "
        f"ranks {best_mine} of {len(ranked)} from {title(facts, origin)}; {loss}"
    )
    verdict = Verdict.SUPPORTED if essential else Verdict.PLAUSIBLE if 0 < best_mine <= 5 else Verdict.IMPLAUSIBLE
    return Finding(
        verdict,
        says,
        tuple(sums),
        (rank_row, loss_row, *seen_rows),
        Materiality.DECISIVE,
        "A count of this country's containers at these ports, and open crossings on the way for a year.",
        "How many of this country's containers passed these ports last year, by which border, and at what price?",
    )


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
        return 0.0, "No count of this country's cargo at these ports is in the package: no data.", tuple(rows)
    whole = [f for f in bilateral if (a := first_day(f.period)) and (b := last_day(f.period)) and (b - a).days > 350]
    latest = whole[-6:] or bilateral[-6:]
    low, high = min(f.number for f in latest), max(f.number for f in latest)
    total = world[-1].number
    rows += [evidence_of(f) for f in latest]
    rivals = "; ".join(f"{f.object} {f.number / 1e6:.1f} Mt" for f in sorted(flows, key=lambda f: -f.number))
    says = (
        f"No count of transit at these ports is known; all trade with their country was "
        f"{low / total:.2%} to {high / total:.2%} of this "
        f"country's trade ({money(low)} to {money(high)} of {money(total)})."
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
            f"without them nothing is lost on the way to {len(parts)} gateways overseas: "
            f"none of the best ways uses them on {q.day}."
        )
    else:
        mean = sum(p[3] for p in parts if p[3] != float("inf")) / len(parts)
        says = (
            f"without them {len(hurt)} of {len(parts)} gateways overseas are further away, "
            f"{title(q.facts, worst[0])} most: USD {worst[3]:+.0f} per t with "
            f"time counted, {worst[2]:+.1f} days; USD {mean:+.1f} per t on average."
        )
    return says, Evidence(f"model/without/{'+'.join(ports)}/{q.day}", says, "context", "", "derived", q.day.isoformat())
