"""The words of each page in one language, from the gathered data; nothing of HTML."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from serai.evidence.briefs.grammar import bare, latin, ltr
from serai.evidence.briefs.write import name_in, pair_brief, way_words
from serai.evidence.feeds import FeedItem, claim_review, json_ld
from serai.evidence.ledger.promises import due_first
from serai.report.site.gather import weight

if TYPE_CHECKING:
    from serai.data.status import Status
    from serai.evidence.briefs.facts import Names, PairFacts
    from serai.evidence.briefs.grammar import Language
    from serai.evidence.ledger.promises import Entry, Milestone
    from serai.report.site.gather import SiteData

MENU: Final = ("home", "changes", "routes", "promises", "trade", "pairs", "claims", "corrections", "about")
TONE: Final = {
    "overdue": "bad",
    "in-grace": "warn",
    "partly-kept": "warn",
    "kept": "good",
    "kept-late": "good",
    "abandoned": "bad",
    "contradicted": "bad",
    "implausible": "warn",
    "disputed": "warn",
    "plausible": "good",
    "supported": "good",
}
STATE_TONE: Final = ("bad", "warn", "warn", "warn", "", "good")
AUTHOR: Final = "Serai"


def address_of(page: str) -> str:
    """File of a page."""
    return "index.html" if page == "home" else f"{page}.html"


def pair_address(a: str, b: str) -> str:
    """File of the page of a country pair."""
    return f"pair-{a.lower()}-{b.lower()}.html"


class Pages:
    """The pages of one language. Every method returns what its template shows."""

    def __init__(self, data: SiteData, lang: Language, base: str) -> None:
        self.data, self.lang, self.base = data, lang, base
        self.s = lang.words["site"]
        sources = data.package["sources"]
        self.sources = {
            r.id: {"title": r.title, "publisher": r.publisher, "address": r.address}
            for r in sources.itertuples(index=False)
        } | {
            x.id: {"title": x.title, "publisher": x.publisher, "address": x.address} for x in data.book.sources.values()
        }

    # ------------------------------------------------------------------------------------------- small parts

    def cite(self, ids: tuple[str, ...] | str) -> list[dict[str, str]]:
        """Give sources that have an address on the web, each once."""
        names = ids.split(";") if isinstance(ids, str) else ids
        found = [self.sources[i] for i in dict.fromkeys(names) if i in self.sources]
        return [{**f, "publisher": self.name(f["publisher"])} for f in found if f["address"].startswith("http")]

    def name(self, text: str) -> str:
        """Give a name in Latin letters, marked where the page runs from right to left."""
        return latin(text) if self.lang.direction == "rtl" else text

    def country(self, code: str) -> str:
        """Name of a country; its code where the package does not know it."""
        names = self.data.countries.get(code)
        return name_in(self.lang, names) if names else ltr(code)

    def parties(self, codes: tuple[str, ...]) -> str:
        """Names of countries."""
        return self.lang.comma.join(self.country(c) for c in codes)

    def text(self, texts: dict[str, str]) -> str:
        """Give a text in the language of the page, in English where it has none."""
        own = texts.get(self.lang.code)
        return own or ltr(texts["en"])

    def when(self, text: str) -> str:
        """Give a day, month or year as the page says it."""
        parts = [int(p) for p in text.split("-")]
        if len(parts) == 3:
            return self.lang.date(dt.date(*parts))
        if len(parts) == 2:
            month = self.lang.words["months"][parts[1] - 1]
            return self.lang.say("month_date", month=month, year=str(parts[0]))
        return text

    def state(self, s: Status | None) -> dict[str, str] | None:
        """Give a state with its tone; of an unknown one also what was last heard."""
        if s is None:
            return None
        words = self.lang.words["state"]
        shown = words[s.state] if s.known else words["unknown"]
        return {"state": shown, "last": "" if s.known else words[s.state], "tone": STATE_TONE[weight(s)]}

    def status_row(self, names: Names, s: Status) -> dict[str, Any]:
        """One row of the board."""
        return {
            "name": name_in(self.lang, names),
            "mode": self.lang.words["mode"].get(s.mode, ""),
            "since": self.lang.date(s.valid_from) if s.valid_from else "",
            "confirmed": self.lang.date(s.confirmed_on),
            "ago": self.lang.say("site.ago", n=self.lang.number(s.days_old)) if s.days_old else "",
            "sources": self.cite(s.source),
            **(self.state(s) or {}),
        }

    def milestone(self, m: Milestone) -> dict[str, Any]:
        """One promise with its state on the day."""
        state, day = m.state(self.data.day), self.data.day
        over = m.days_over(day)
        key, n = ("site.over", over) if state in {"overdue", "in-grace"} else ("site.in_days", -over)
        entry = self.data.book.entries[m.entry_id]
        return {
            "id": m.id,
            "entry_id": entry.variant_of or entry.id,
            "what": self.text(m.what),
            "title": self.text(entry.title),
            "parties": self.parties(entry.parties),
            "state": self.lang.words["promise"][state],
            "tone": TONE.get(state, ""),
            "due": self.lang.date(m.due) if m.due else "",
            "when": self.lang.say(key, n=self.lang.number(n)) if state in {"overdue", "in-grace", "open"} else "",
            "evidence": m.evidence,
            "sources": self.cite(m.sources),
        }

    def entry(self, e: Entry, *, first: bool = True) -> dict[str, Any]:
        """One entry with its other accounts and replies."""
        variants = self.data.book.variants(e.id) if first else []
        return {
            "id": e.id,
            "date": self.when(e.date),
            "kind": self.lang.words["entry"].get(e.kind, e.kind),
            "parties": self.parties(e.parties),
            "title": self.text(e.title),
            "sources": self.cite(e.sources),
            "variants": [self.entry(v, first=False) for v in variants],
            "replies": self.replies(e.id),
        }

    def replies(self, name: str) -> list[dict[str, str]]:
        """Give what the named replied."""
        return [
            {
                "words": r.words,
                "party": self.name(r.party),
                "title": self.lang.say("site.replied", party=self.name(r.party)),
                "date": self.lang.date(r.received_on),
            }
            for r in self.data.docket.replies
            if r.subject_id == name
        ]

    def way(self, facts: PairFacts) -> dict[str, Any]:
        """Give the brief on a pair."""
        brief = pair_brief(facts, self.lang.code)
        return {"title": brief.title, "words": " ".join(brief.sentences), "box": brief.box}

    # ------------------------------------------------------------------------------------------------ pages

    def home(self) -> dict[str, Any]:
        """Give what is open, shut and unknown."""
        rows = [(weight(s), self.status_row(n, s)) for n, s in self.data.statuses]
        groups = [
            (self.s[key], tone, [r for w, r in rows if w in weights])
            for key, tone, weights in (
                ("closed_n", "shut", (0, 2)),
                ("unknown_shut_n", "unknown-shut", (1, 3)),
                ("unknown_open_n", "unknown-open", (4,)),
                ("open_n", "open", (5,)),
            )
        ]
        states = [m.state(self.data.day) for m in self.data.book.milestones.values()]
        tones = ("bad", "warn", "", "good")
        counts = [
            (self.lang.number(len(found)), title, f"#{anchor}" if found else "#main", tone)
            for (title, anchor, found), tone in zip(groups, tones, strict=True)
        ]
        counts.append((self.lang.number(states.count("overdue")), self.s["overdue_n"], "promises.html", "bad"))
        return {"counts": counts, "groups": groups}

    def changes(self) -> dict[str, Any]:
        """States that differ between two days."""
        rows = []
        for c in self.data.changes:
            last = c.after or c.before
            rows.append(
                {
                    "name": name_in(self.lang, c.name),
                    "mode": self.lang.words["mode"].get(c.mode, ""),
                    "before": self.state(c.before),
                    "after": self.state(c.after),
                    "confirmed": self.lang.date(last.confirmed_on) if last else "",
                    "sources": self.cite(last.source) if last else [],
                }
            )
        return {"rows": rows}

    def routes(self) -> dict[str, Any]:
        """Price and time of the main pairs."""
        table = []
        for f in self.data.pairs:
            best = f.ways[0] if f.ways else None
            ends = (name_in(self.lang, f.origin), name_in(self.lang, f.destination))
            c, t = (best.cost_usd_per_t, best.time_h) if best else (None, None)
            none = self.lang.say("brief.nowhere")
            table.append(
                {
                    "pair": self.lang.say("pair", a=ends[0], b=ends[1]),
                    "price": self.lang.rounded(c.middle) if c else none,
                    "price_span": self.lang.span(c.low, c.high) if c else "",
                    "time": self.lang.number(round(t.middle / 24)) if t else "",
                    "time_span": self.lang.span(t.low / 24, t.high / 24) if t else "",
                    "open": self.case(f, f.if_open_usd_per_t),
                    "shut": self.case(f, f.if_shut_usd_per_t),
                    "way": way_words(self.lang, best) if best else none,
                }
            )
        return {"table": table, "ways": [self.way(f) for f in self.data.pairs]}

    def case(self, facts: PairFacts, price: float | None) -> str:
        """Give a price in one of two cases; nothing where no unknown state bears on the pair."""
        if not facts.turns:
            return ""
        return self.lang.say("brief.nowhere") if price is None else self.lang.rounded(price)

    def promises(self) -> dict[str, Any]:
        """All promises, the overdue first, and all entries."""
        book = self.data.book
        ordered = due_first(tuple(book.milestones.values()), self.data.day)
        entries = [e for e in book.entries.values() if not e.variant_of]
        newest = sorted(sorted(entries, key=lambda e: e.id), key=lambda e: e.date, reverse=True)
        return {"rows": [self.milestone(m) for m in ordered], "all": [self.entry(e) for e in newest]}

    def trade_groups(self, rows: list[Any]) -> list[dict[str, Any]]:
        """Give reports of trade by pair of countries, with how far two counts of one thing are apart."""
        groups: dict[tuple[str, str], list[Any]] = {}
        for r in rows:
            groups.setdefault(tuple(sorted((r.reporter, r.partner))), []).append(r)
        known = [p for p in self.data.country_pairs if p in groups]
        order = known + sorted(set(groups) - set(known))
        return [self.trade_group(pair, groups[pair]) for pair in order]

    def trade_group(self, pair: tuple[str, str], rows: list[Any]) -> dict[str, Any]:
        """Give reports of one pair."""
        counts: dict[tuple[str, ...], list[float]] = {}
        for r in rows:
            counts.setdefault((r.period, *directed(r)), []).append(r.value_usd_m)
        ratios = [
            f"{self.name(key[0])}: "
            + self.lang.say("site.ratio", n=self.lang.number(max(values) / min(values), 1))
            for key, values in sorted(counts.items())
            if len(values) > 1 and min(values) > 0
        ]  # fmt: skip
        ordered = sorted(rows, key=lambda r: (r.period.removeprefix("FY"), r.flow, r.reporter), reverse=True)
        return {
            "title": self.lang.say("pair", a=self.country(pair[0]), b=self.country(pair[1])),
            "rows": [self.trade_row(r) for r in ordered],
            "ratios": ratios,
        }

    def trade_row(self, r: Any) -> dict[str, Any]:  # noqa: ANN401
        """One report of trade."""
        word = self.lang.words
        return {
            "period": self.name(r.period),
            "flow": f"{word['flow'][r.flow]} ({self.country(r.reporter)})",
            "by": self.name(r.reported_by),
            "value": self.lang.number(r.value_usd_m, 0 if r.value_usd_m >= 100 else 1),
            "how": word["definition"][r.definition],
            "sources": self.cite(r.source),
        }

    def trade(self) -> dict[str, Any]:
        """Trade as each side reports it."""
        return {"groups": self.trade_groups(list(self.data.trade))}

    def pair_list(self) -> dict[str, Any]:
        """Give the country pairs that have a page."""
        rows = []
        for a, b in self.data.country_pairs:
            entries = len(self.data.entries_of(a, b))
            promises, trade = self.s["promises"], self.s["trade"]
            reports = len(self.data.trade_of(a, b))
            rows.append(
                {
                    "address": pair_address(a, b),
                    "title": self.lang.say("pair", a=self.country(a), b=self.country(b)),
                    "counts": f"{promises}: {self.lang.number(entries)} · {trade}: {self.lang.number(reports)}",
                }
            )
        return {"rows": rows}

    def pair(self, a: str, b: str) -> dict[str, Any]:
        """One country pair."""
        place = self.data.country_of
        main = [f for f in self.data.pairs if {place[f.ends[0]], place[f.ends[1]]} == {a, b}]
        entries = self.data.entries_of(a, b)
        own = {e.id for e in entries} | {v.id for e in entries for v in self.data.book.variants(e.id)}
        milestones = tuple(m for m in self.data.book.milestones.values() if m.entry_id in own)
        return {
            "ways": [self.way(f) for f in main],
            "rows": [self.milestone(m) for m in due_first(milestones, self.data.day)],
            "groups": self.trade_groups(self.data.trade_of(a, b)),
            "all": [self.entry(e) for e in entries],
        }

    def claims(self) -> dict[str, Any]:
        """Claims with a verdict that stands."""
        rows = []
        word = self.lang.words
        for c, v in self.data.docket.published():
            review = claim_review(c, v, f"{self.base}claims.html#{c.id}", word["verdict"][v.verdict_now], AUTHOR)
            rows.append(
                {
                    "id": c.id,
                    "lang": c.lang,
                    "quote": c.quote,
                    "speaker": self.name(c.speaker),
                    "said_on": self.lang.date(c.said_on) if c.said_on else "",
                    "sources": self.cite_source(c.source),
                    "then": word["verdict"][v.verdict_then],
                    "then_tone": TONE.get(v.verdict_then, ""),
                    "now": word["verdict"][v.verdict_now],
                    "now_tone": TONE.get(v.verdict_now, ""),
                    "materiality": word["materiality"][v.materiality],
                    "why": v.rationale,
                    "evidence": self.cite_source(v.evidence),
                    "reviewers": self.lang.comma.join(self.name(r) for r in (v.reviewer, v.second_reviewer) if r),
                    "replies": self.replies(c.id),
                    "json_ld": json_ld(review),
                }
            )
        return {"rows": rows}

    def cite_source(self, source: Any) -> list[dict[str, str]]:  # noqa: ANN401
        """Cite one source by its publisher, or its title where the publisher is not named."""
        if not source.address.startswith(("http://", "https://")):
            return []
        return [{"title": source.title, "publisher": source.publisher or source.title, "address": source.address}]

    def said(self, text: str) -> str:
        """Give a pair of verdicts in the language of the page; any other text as it is."""
        words = self.lang.words["verdict"]
        parts = text.split(" / ")
        return " / ".join(words[p] for p in parts) if all(p in words for p in parts) else text

    def corrections(self) -> dict[str, Any]:
        """Give what was put right, the newest first."""
        ordered = sorted(self.data.docket.corrections, key=lambda c: c.decided_on, reverse=True)
        return {
            "rows": [
                {"subject": ltr(c.subject_id), "was": self.said(c.was), "now": self.said(c.now_is), "why": c.why,
                 "date": self.lang.date(c.decided_on)}
                for c in ordered
            ]
        }  # fmt: skip

    def about(self) -> dict[str, Any]:
        """Give what the site is, and how many records it stands on."""
        book, number = self.data.book, self.lang.number
        rows = [
            (self.s["promises"], number(len(book.milestones))),
            (self.s["sources"], number(len(self.data.package["sources"]))),
            (self.s["claims"], number(len(self.data.docket.published()))),
        ]
        return {"facts": rows}

    def feed(self) -> list[FeedItem]:
        """Give what happened: changed states, overdue promises, verdicts, corrections; the newest first."""
        items = []
        for c in self.data.changes:
            s = c.after
            # That a report has grown old is on the page; a feed tells only what became otherwise.
            if s is None or (c.before is not None and c.before.state == s.state):
                continue
            said = self.state(s) or {}
            title = f"{bare(name_in(self.lang, c.name))}: {said['state']}"
            title += f" ({said['last']})" if said["last"] else ""
            day = min(s.confirmed_on, self.data.day)
            key = f"state-{s.object}-{s.mode or 'all'}-{s.state}-{'known' if s.known else 'unknown'}-{day.isoformat()}"
            items.append(FeedItem(key, f"{self.base}changes.html", title, s.reason, day))
        for m in due_first(tuple(self.data.book.milestones.values()), self.data.day):
            if m.state(self.data.day) == "overdue" and m.last_day:
                row = self.milestone(m)
                title = f"{row['state']}: {bare(row['what'])}"
                text = f"{bare(row['title'])}. {m.evidence}"
                day = m.last_day + dt.timedelta(1)
                items.append(FeedItem(f"overdue-{m.id}-{day}", f"{self.base}promises.html#{m.id}", title, text, day))
        for claim, v in self.data.docket.published():
            title = f"{self.lang.words['verdict'][v.verdict_now]}: {claim.quote}"
            where = f"{self.base}claims.html#{claim.id}"
            items.append(FeedItem(f"verdict-{claim.id}-{v.recorded_on}", where, title, v.rationale, v.recorded_on))
        for n, x in enumerate(self.data.docket.corrections):
            title = f"{self.s['corrections']}: {x.subject_id}"
            where = f"{self.base}corrections.html"
            items.append(FeedItem(f"correction-{n}", where, title, f"{x.was} → {x.now_is}", x.decided_on))
        return sorted(sorted(items, key=lambda i: i.id), key=lambda i: i.day, reverse=True)


def directed(r: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Give what a report counts, so that two counts of the same goods fall together: turnover, or from whom to whom."""
    if r.flow == "turnover":
        return ("turnover",)
    return (r.reporter, r.partner) if r.flow == "exports" else (r.partner, r.reporter)
