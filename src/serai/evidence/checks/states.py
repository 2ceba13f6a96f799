"""Checks of states: how stable a place is, what is open, what stands in the way, who gains."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from serai.data.library import package_scenarios
from serai.evidence.checks.base import Finding, evidence_of, unverifiable
from serai.evidence.checks.frontier import frontier
from serai.evidence.checks.lookup import main_city, title
from serai.evidence.facts import INTEGRATION
from serai.evidence.types import Evidence, Materiality, Part, Verdict

if TYPE_CHECKING:
    from serai.evidence.checks.base import Question
    from serai.evidence.facts import Fact, Facts

NO_DATA: Final = "no data"


def _one(q: Question, name: str, judge: _Judge) -> Part:
    then, now = judge(q, q.said), judge(q, q.day)
    rows = dict.fromkeys([*then[2], *now[2]])
    return Part(name, then[0], now[0], then[1], now[1], tuple(rows))


def _violence(q: Question, day: dt.date) -> _Judged:
    place = q.slot("place")
    kinds = ("terrorism_deaths", "civilians_killed", "cross_border_civilians_killed", "terrorism_rank")
    rows = [f for k in kinds for f in q.facts.facts(k, subject=place, known_by=day)]
    if not rows:
        return Verdict.UNVERIFIABLE, NO_DATA, ()
    deaths = [f for f in rows if f.predicate == "terrorism_deaths"]
    border = [f for f in rows if f.predicate == "cross_border_civilians_killed"]
    rank = [f for f in rows if f.predicate == "terrorism_rank"]
    says = []
    better = False
    if len(deaths) > 1:
        a, b = deaths[0], deaths[-1]
        better = b.number < 0.5 * a.number
        says.append(
            f"deaths from terrorism {a.number:,.0f} ({a.period}) to {b.number:,.0f} ({b.period}), "
            f"{b.number / a.number - 1:+.0%}"
        )
    if rank:
        says.append(f"still {rank[-1].number:.0f}th of the world's index ({rank[-1].period})")
    if border:
        says.append(f"{border[-1].number:.0f} civilians killed by cross-border fighting in {border[-1].period}")
    verdict = Verdict.CONTRADICTED if border else Verdict.SUPPORTED if better else Verdict.DISPUTED
    return verdict, "; ".join(says), tuple(evidence_of(f) for f in rows)


def open_days(facts: Facts, spots: list[str], since: dt.date, until: dt.date) -> dict[int, float]:
    """Share of days, by year, on which a road crossing was open, averaged over the crossings whose state is known."""
    frame = facts.package["status"]
    rows = frame[(frame["kind"] == "crossing") & frame["object"].isin(spots) & frame["mode"].isin(["road", ""])]
    days: dict[int, list[float]] = {}
    for spot in spots:
        own = rows[rows["object"] == spot].sort_values("valid_from")
        for row in own.itertuples(index=False):
            start = max(row.valid_from or since, since)
            end = min(row.valid_to or until, until)
            for year in range(start.year, end.year + 1):
                a, b = max(start, dt.date(year, 1, 1)), min(end, dt.date(year, 12, 31))
                if b >= a:
                    cell = days.setdefault(year, [0.0, 0.0])
                    cell[0] += (b - a).days + 1 if row.state == "open" else 0
                    cell[1] += (b - a).days + 1
    return {y: c[0] / c[1] for y, c in sorted(days.items()) if c[1]}


def _neighbours(facts: Facts, place: str) -> dict[str, list[str]]:
    frame = facts.package["crossings"]
    members = set(facts.package["countries"].loc[facts.package["countries"]["member"], "iso3"])
    out: dict[str, list[str]] = {}
    for spot, a, b in zip(frame["place"], frame["exit_country"], frame["entry_country"], strict=True):
        if a == place and b in members and spot not in out.setdefault(b, []):
            out[b].append(spot)
    return out


def _crossings(q: Question, day: dt.date) -> _Judged:
    place = q.slot("place")
    near = _neighbours(q.facts, place)
    if not near:
        return Verdict.UNVERIFIABLE, NO_DATA, ()
    shut: list[tuple[str, list[str], str]] = []
    says: list[str] = []
    rows: list[Evidence] = []
    for other, spots in sorted(near.items()):
        line = frontier(q.facts, place, other, day)
        says.append(f"{other} {line.open} (of {line.total})")
        rows += line.evidence
        if line.shut:
            shut.append((other, spots, line.last_confirmed))
    text = f"crossings open on {day}: {', '.join(says)}"
    for other, spots, confirmed in shut:
        until = min(day, dt.date.fromisoformat(confirmed)) if confirmed else day
        share = open_days(q.facts, spots, dt.date(until.year - 1, 1, 1), until)
        told = f" when last confirmed, {confirmed} or later" if confirmed else ""
        text += f"; with {other} all shut{told} ({', '.join(f'{y}: days open {s:.0%}' for y, s in share.items())})"
    verdict = Verdict.CONTRADICTED if shut else Verdict.SUPPORTED
    return verdict, text, tuple(rows)


def _recognition(q: Question, day: dt.date) -> _Judged:
    rows = q.facts.facts("recognised_by", subject=q.slot("place"), known_by=day)
    states = [f for f in rows if f.object]
    if not rows:
        return Verdict.UNVERIFIABLE, NO_DATA, ()
    if not states:
        return Verdict.CONTRADICTED, "no state recognises the government", tuple(evidence_of(f) for f in rows)
    names = ", ".join(f"{f.object} ({f.period})" for f in states)
    return Verdict.DISPUTED, f"recognised by {len(states)}: {names}", tuple(evidence_of(f) for f in rows)


def _finance(q: Question, day: dt.date) -> _Judged:
    rows = q.facts.facts("payments_abroad", subject=q.slot("place"), known_by=day)
    if not rows:
        return Verdict.UNVERIFIABLE, NO_DATA, ()
    latest = rows[-1]
    age = (day - latest.known_on).days / 365
    says = f"{latest.says} Last known {latest.known_on.isoformat()}, {age:.1f} years earlier; nothing later: {NO_DATA}."
    return Verdict.CONTRADICTED if age < 2.5 else Verdict.UNVERIFIABLE, says, (evidence_of(latest),)


def stability(q: Question) -> Finding:
    """Judge a claim of stability in four parts, each with its evidence or no data; of violence, what is known."""
    parts = (
        _one(q, "violence", _violence),
        _one(q, "crossings", _crossings),
        _one(q, "recognition", _recognition),
        _one(q, "finance", _finance),
    )
    calm = q.slot("state") == "stabilised"
    verdicts = [p.verdict_now if q.day > q.said else p.verdict_then for p in parts]
    known = [v for v in verdicts if v is not Verdict.UNVERIFIABLE]
    if not known:
        return unverifiable(
            "Nothing known bears on it: no data.", "By which measure: deaths, open crossings, recognition, payments?"
        )
    good = sum(v is Verdict.SUPPORTED for v in known)
    bad = sum(v is Verdict.CONTRADICTED for v in known)
    crossing = parts[1].verdict_now if q.day > q.said else parts[1].verdict_then
    violence = parts[0].verdict_now if q.day > q.said else parts[0].verdict_then
    if calm:
        verdict = (
            Verdict.CONTRADICTED
            if Verdict.CONTRADICTED in {crossing, violence}
            else Verdict.DISPUTED
            if good
            else Verdict.UNVERIFIABLE
        )
    else:
        verdict = Verdict.SUPPORTED if violence is Verdict.CONTRADICTED else Verdict.DISPUTED
    says = (
        f"On {q.day}: {good} of {len(parts)} measures bear it out, {bad} speak against it, "
        f"{len(known) - good - bad} mixed, {len(parts) - len(known)} without data."
    )
    if not calm:
        says = f"On {q.day}: {parts[0].finding_now if q.day > q.said else parts[0].finding_then}."
    return Finding(
        verdict,
        says,
        tuple(f"{p.name}: {p.finding_now if q.day > q.said else p.finding_then}" for p in parts),
        (),
        Materiality.DECISIVE,
        "Crossings open for a whole season, a second year without cross-border fighting, a bank that settles abroad.",
        "Stable by which measure, and for whom: residents, carriers, insurers or banks?",
        parts,
    )


def border(q: Question) -> Finding:
    """Judge a border said to be shut or open, against the status table on the day."""
    claimed = q.slot("state")
    spots = [p for p in q.names("place_ids") if p in set(q.facts.package["crossings"]["place"])]
    board = q.facts.status(q.day)
    rows: list[Evidence] = []
    states: list[str] = []
    stale = False
    if not spots and len(q.parties) > 1:
        line = frontier(q.facts, q.parties[0], q.parties[1], q.day)
        stale = bool(line.last_confirmed)
        rows += line.evidence
        states = ["open"] * line.open + ["closed"] * (line.total - line.open)
    for spot in spots:
        for mode in ("road", "rail"):
            found = board.find("crossing", spot, mode)
            if found is not None:
                states.append(found.state)
                stale = stale or not found.known
                rows.append(
                    Evidence(
                        f"status/{spot}.{mode}",
                        f"{title(q.facts, spot)} by {mode}: {found.words()}",
                        "context",
                        found.source,
                        found.basis,
                        found.confirmed_on.isoformat(),
                    )
                )
                break
    if not states:
        return unverifiable(
            "No status of this border is in the package.", "Which crossing, for which goods, and who confirms it?"
        )
    shut = all(s == "closed" for s in states)
    good = shut if claimed == "closed" else any(s in {"open", "restricted"} for s in states)
    return Finding(
        Verdict.SUPPORTED if good else Verdict.CONTRADICTED,
        f"On {q.day} {'every' if shut else 'not every'} crossing in question was shut "
        f"({states.count('closed')} of {len(states)})" + (", by a state no longer confirmed." if stale else "."),
        (),
        tuple(rows),
        Materiality.DECISIVE,
        "A customs notice of a later day.",
        "For which goods and which direction, and since which hour?",
    )


def barrier(q: Question) -> Finding:
    """Barriers named, each with the gap that is measured."""
    items = " ".join(q.names("items"))
    facts, parts = q.facts, []
    ends = [main_city(facts, c) for c in _ends(q)]
    if any(
        w in items
        for w in (
            "connect",
            "transport",
            "infrastr",
            "logist",
            "связан",
            "транспорт",
            "инфраструк",
            "ٹرانسپورٹ",
            "رابط",
            "көлік",
            "инфра",
            "custom",
            "distance",
        )
    ):
        parts.append(_one(q, "connectivity", lambda _q, day: _connectivity(facts, ends, day)))
    if any(
        w in items
        for w in (
            "communic",
            "informat",
            "language",
            "коммуник",
            "информ",
            "مواصلات",
            "معلومات",
            "رابط",
            "байланыс",
            "ақпарат",
        )
    ):
        parts.append(_one(q, "communication", lambda _q, day: _communication(facts, tuple(_ends(q)), day)))
    known = [p for p in parts if p.verdict_now is not Verdict.UNVERIFIABLE]
    if not parts or not known:
        return unverifiable(
            "No measure of these barriers is in the package.", "How many hours, dollars or refusals does it cost?"
        )
    return Finding(
        Verdict.SUPPORTED,
        "The gap is measured: " + "; ".join(f"{p.name}, {p.finding_now}" for p in known) + ".",
        (),
        (),
        Materiality.DECISIVE,
        "Fewer hours and dollars at borders; figures that both sides print alike.",
        "Which of the two costs a shipper more, in days and in dollars?",
        tuple(parts),
    )


def _ends(q: Question) -> list[str]:
    frame = q.facts.package["countries"]
    members = set(frame.loc[frame["member"], "iso3"])
    return [c for c in q.parties or (q.claim.speaker.country,) if c in members][:2]


def _connectivity(facts: Facts, ends: list[str], day: dt.date) -> _Judged:
    if len(ends) < 2 or not all(ends):
        return Verdict.UNVERIFIABLE, NO_DATA, ()
    way = facts.journey(ends[0], ends[1], day)
    if way is None:
        return Verdict.SUPPORTED, f"no way from {title(facts, ends[0])} to {title(facts, ends[1])} on {day}", ()
    says = (
        f"{title(facts, ends[0])} to {title(facts, ends[1])} on {day}: {way.days_p50:.0f} days "
        f"({way.days_p10:.0f} to {way.days_p90:.0f}), USD {way.usd_per_t:.0f} a tonne, "
        f"{way.border_share:.0%} of the hours at {len(way.borders)} borders"
    )
    return (
        Verdict.SUPPORTED,
        says,
        (Evidence(f"model/journey/{ends[0]}-{ends[1]}/{day}", says, "supports", "", "derived", day.isoformat()),),
    )


def _communication(facts: Facts, pair: tuple[str, ...], day: dt.date) -> _Judged:
    rows: tuple[Fact, ...] = ()
    if len(pair) == 2:
        rows = facts.facts("trade_turnover", subject=pair[0], other=pair[1], known_by=day, either=True)
    by_year: dict[str, list[Fact]] = {}
    for fact in rows:
        by_year.setdefault(fact.period, []).append(fact)
    shared = [f for f in by_year.values() if len({x.reporter for x in f}) > 1]
    if not shared:
        return Verdict.UNVERIFIABLE, NO_DATA, ()
    latest = shared[-1]
    low, high = min(latest, key=lambda f: f.number), max(latest, key=lambda f: f.number)
    says = (
        f"for {low.period} {low.reporter} prints USD {low.number / 1e6:.0f} m of trade and "
        f"{high.reporter} USD {high.number / 1e6:.0f} m, "
        f"{high.number / low.number:.1f} times as much; coverage by language: {NO_DATA}"
    )
    return Verdict.SUPPORTED, says, (evidence_of(low), evidence_of(high))


def _m(usd: float) -> str:
    """Millions without a fraction, and no minus before nothing."""
    return f"{usd / 1e6:,.0f}".replace("-0", "0") if abs(usd) < 5e5 else f"{usd / 1e6:,.0f}"


def _cases(q: Question) -> str:
    """Tell over which cases the gains range."""
    titles = {s.name: s.title for s in package_scenarios(q.facts.package)}
    cases = [titles.get(f.object, f.object) for f in q.facts.facts(INTEGRATION, known_by=dt.date.max)]
    return f"Middle, and least to most, over {len(cases)} cases of deeper integration: {'; '.join(cases)}."


def benefit(q: Question) -> Finding:
    """Regions said to gain, against the equilibrium's gain by region."""
    gains = q.facts.benefits(q.names("regions"), q.day)
    if gains is None:
        return unverifiable(
            f"Gain by region ({', '.join(q.names('regions'))}): {NO_DATA}; "
            "no equilibrium of trade has been solved for it.",
            "Gain for whom, through which goods, if which borders are open?",
            change="A solved equilibrium with the corridor and without.",
        )
    sums = tuple(f"{r}: USD {_m(v[1])} m a year ({_m(v[0])} to {_m(v[2])})" for r, v in gains.items())
    every = all(v[0] > 0 for v in gains.values())
    lose = [r for r, v in gains.items() if _m(v[0]).startswith("-")]
    little = [r for r, v in gains.items() if r not in lose and _m(v[1]) == "0"]
    says = "Every region gains over the whole range." if every else "Not every region gains over the whole range."
    if lose:
        says += f" May lose in one case or another: {', '.join(lose)}."
    if little:
        says += f" Next to nothing in the middle case: {', '.join(little)}."
    return Finding(
        Verdict.PLAUSIBLE if every else Verdict.DISPUTED,
        f"{says} {_cases(q)}",
        sums,
        (Evidence(f"model/benefits/{q.day}", "; ".join(sums), "context", "", "derived", q.day.isoformat()),),
        Materiality.DECISIVE,
        "Another set of works, or open borders.",
        "Gain for whom, through which goods, if which borders are open?",
    )


if TYPE_CHECKING:
    from collections.abc import Callable

    _Judged = tuple[Verdict, str, tuple[Evidence, ...]]
    _Judge = Callable[[Question, dt.date], _Judged]
