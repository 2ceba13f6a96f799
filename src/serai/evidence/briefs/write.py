"""Write a brief: about 120 words and a box of figures, from a pair's figures or an article's checks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from serai.core.errors import InputError
from serai.evidence.briefs.grammar import Language, bare, language, latin, ltr, plain
from serai.evidence.ledger.review import clip_quote
from serai.evidence.ledger.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.data.package import Meta
    from serai.evidence.briefs.facts import Names, PairFacts, Spread, StateFacts, WayFacts
    from serai.evidence.types import Article, Check

Audience = Literal["press", "business"]
AUDIENCES: Final = ("press", "business")
MOST_NAMED: Final = 2
MOST_QUOTED: Final = 3
IN_LINE: Final = ("supported", "plausible", "kept", "promise-open")
AGAINST: Final = ("contradicted", "implausible", "overdue", "abandoned")


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief in one language.

    Attributes
    ----------
    lang, audience
        Language code, and ``press``, ``business`` or ``article``.
    title, sentences, notes
        Text with marks of direction (see :mod:`serai.evidence.briefs.grammar`).
    box
        Rows (what, figure, eight in ten) of the box.
    goods
        Rows (goods, value, freight, delivered, share) of the second table; empty if not asked for.
    """

    lang: str
    audience: str
    title: str
    sentences: tuple[str, ...]
    box: tuple[tuple[str, str, str], ...]
    goods: tuple[tuple[str, str, str, str, str], ...]
    notes: tuple[str, ...]

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return language(self.lang).direction

    def words(self) -> int:
        """Count the words of the running text."""
        return len(bare(" ".join(self.sentences)).split())

    def text(self) -> str:
        """Give the brief as plain text."""
        lines = [self.title, "", " ".join(self.sentences), ""]
        lines += [f"{a}: {b}" + (f" ({c})" if c else "") for a, b, c in self.box]
        if self.goods:
            words = language(self.lang).words["box"]
            lines += ["", " | ".join(words[k] for k in ("goods", "value", "freight", "delivered", "share"))]
            lines += [" | ".join(row) for row in self.goods]
        lines += ["", *self.notes]
        return plain("\n".join(lines), self.direction) + "\n"


def name_in(lang: Language, names: Names) -> str:
    """Choose a name in a language, English where the package has none."""
    found = names.get(lang.code) or names["en"]
    return latin(found) if lang.code == "ur" else found


def way_words(lang: Language, way: WayFacts, *, beside: WayFacts | None = None) -> str:
    """Say how a way goes: its modes and what it passes; beside another way only what the other does not pass."""
    modes = lang.list_of([lang.words["mode"][m] for m in way.modes])
    own = [n for n in way.via if beside is None or n not in beside.via] or list(way.via)
    if not own:
        return modes
    via = lang.list_of([name_in(lang, n) for n in own], len(own) if beside is None else MOST_NAMED)
    return f"{modes} {lang.say('brief.via', list=via)}"


def state_words(lang: Language, s: StateFacts) -> str:
    """Say of an unconfirmed state what was last heard, and when."""
    state = lang.words["state"][s.state]
    return lang.say("brief.last", name=name_in(lang, s.name), state=state, date=lang.date(s.confirmed_on))


def _priced(lang: Language, usd_per_t: float | None) -> str:
    return lang.say("brief.nowhere") if usd_per_t is None else lang.usd_t(usd_per_t)


def _span(lang: Language, spread: Spread, unit: float = 1.0) -> str:
    return lang.span(spread.low / unit, spread.high / unit)


def _ends(lang: Language, facts: PairFacts) -> dict[str, str]:
    out = {}
    for key, names in (("a", facts.origin), ("b", facts.destination)):
        name = names.get(lang.code) or names["en"]
        out[key] = name_in(lang, names)
        for case in {"ru": ("gen", "acc"), "kk": ("abl", "dat")}.get(lang.code, ()):
            out[f"{key}_{case}"] = lang.cased(name, case)
    return out


def _sentences(lang: Language, facts: PairFacts, audience: Audience) -> list[str]:
    ends, day = _ends(lang, facts), lang.date(facts.day)
    if not facts.ways:
        out = [lang.say("brief.none", date=day, **ends)]
    else:
        best = facts.ways[0]
        cost, days = lang.usd_t(best.cost_usd_per_t.middle), lang.days(best.time_h.middle)
        way = way_words(lang, best, beside=facts.ways[1] if len(facts.ways) > 1 else None)
        out = [lang.say("brief.best", date=day, way=way, cost=cost, days=days, **ends)]
        if audience == "press":
            out.append(_range_words(lang, facts, best))
        out.append(_next_words(lang, facts))
    if facts.unknown:
        listed = lang.list_of([state_words(lang, s) for s in facts.unknown], MOST_NAMED)
        out.append(lang.say("brief.unsure", list=listed))
    else:
        out.append(lang.say("brief.sure"))
    if facts.turns:
        a, b = (_priced(lang, x) for x in (facts.if_open_usd_per_t, facts.if_shut_usd_per_t))
        out.append(lang.say("brief.decides", open=a, shut=b))
    if audience == "business":
        out += _sector_words(lang, facts)
    elif facts.ways:
        out.append(lang.say("brief.assumed", share=lang.share(facts.ways[0].assumed_share)))
    if facts.unknown:
        out.append(lang.say("brief.ask", name=name_in(lang, facts.unknown[0].name)))
    return out


def _range_words(lang: Language, facts: PairFacts, best: WayFacts) -> str:
    c, t = best.cost_usd_per_t, best.time_h
    return lang.say(
        "brief.range",
        goods=name_in(lang, facts.goods).lower() if lang.code != "ur" else name_in(lang, facts.goods),
        cost=lang.usd_t(c.low, c.high),
        days=lang.days(t.low, t.high),
    )


def _next_words(lang: Language, facts: PairFacts) -> str:
    if len(facts.ways) < 2:
        return lang.say("brief.only")
    way = facts.ways[1]
    cost, days = lang.usd_t(way.cost_usd_per_t.middle), lang.days(way.time_h.middle)
    return lang.say("brief.next", way=way_words(lang, way, beside=facts.ways[0]), cost=cost, days=days)


def _sector_words(lang: Language, facts: PairFacts) -> list[str]:
    best = [g for g in facts.sectors if g.share is not None][:3]
    if not best:
        return []
    items = [
        lang.say("brief.sector", goods=name_in(lang, g.name).lower(), share=lang.share(g.share or 0.0)) for g in best
    ]
    return [lang.say("brief.sectors", list=lang.list_of(items))]


def _box(lang: Language, facts: PairFacts) -> list[tuple[str, str, str]]:
    word = lang.words["box"]
    if not facts.ways:
        return [(word["way"], lang.say("brief.nowhere"), "")]
    best = facts.ways[0]
    rows = [
        (word["way"], way_words(lang, best), ""),
        (word["cost"], lang.usd_t(best.cost_usd_per_t.middle), _span(lang, best.cost_usd_per_t)),
        (word["time"], lang.days(best.time_h.middle), _span(lang, best.time_h, 24.0)),
        (word["distance"], f"{lang.rounded(best.length_km)} {lang.say('unit.km')}", ""),
    ]
    if len(facts.ways) > 1:
        c, t = facts.ways[1].cost_usd_per_t, facts.ways[1].time_h
        rows += [
            (word["next_cost"], lang.usd_t(c.middle), _span(lang, c)),
            (word["next_time"], lang.days(t.middle), _span(lang, t, 24.0)),
        ]
    if facts.turns:
        rows.append((word["if_open"], _priced(lang, facts.if_open_usd_per_t), ""))
        rows.append((word["if_shut"], _priced(lang, facts.if_shut_usd_per_t), ""))
    rows.append((word["assumed"], lang.share(best.assumed_share), ""))
    return rows


def _goods(lang: Language, facts: PairFacts) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for g in facts.sectors:
        name, value = name_in(lang, g.name), lang.rounded(g.value_usd_per_t)
        if g.freight_usd_per_t is None or g.share is None:
            rows.append((name, value, lang.say("brief.nowhere"), "", ""))
            continue
        delivered = lang.rounded(g.value_usd_per_t + g.freight_usd_per_t)
        rows.append((name, value, lang.rounded(g.freight_usd_per_t), delivered, lang.share(g.share)))
    return rows


def notes_of(lang: Language, meta: Meta, day: dt.date, title: str) -> tuple[str, ...]:
    """Say what every page carries: state, how to cite, limit of use, boundaries, and whether a native has read it."""
    from serai import __version__

    about = {"name": ltr(meta.name), "version": ltr(meta.version), "digest": ltr(meta.digest[:12])}
    date = lang.date(day)
    cite = lang.say("note.cite", serai=ltr(__version__), title=title, date=date, **about)
    lines = [lang.say("note.state", date=date, **about), cite, lang.say("note.limit"), lang.say("note.boundary")]
    return tuple(x for x in (*lines, lang.say("note.native")) if x)


def pair_brief(facts: PairFacts, code: str, audience: Audience = "press") -> Brief:
    """Write the brief on a pair of places.

    Parameters
    ----------
    facts
        The figures; for business with sectors.
    code
        Language.
    audience
        ``press`` or ``business``.
    """
    if audience not in AUDIENCES:
        raise InputError(f"--for {audience} is not known", f"Use {' or '.join(AUDIENCES)}.")
    lang = language(code)
    title = lang.say("brief.title", **_ends(lang, facts))
    return Brief(
        code,
        audience,
        title,
        tuple(_sentences(lang, facts, audience)),
        tuple(_box(lang, facts)),
        tuple(_goods(lang, facts)) if audience == "business" else (),
        notes_of(lang, facts.meta, facts.day, title),
    )


def _about(lang: Language, article: Article) -> str:
    """Tell in brackets who published an article, and when, as far as it is known."""
    day = lang.date(dt.date.fromisoformat(article.date)) if len(article.date) == 10 else article.date
    known = [x for x in (latin(shown(article.publisher)), day) if x]
    return f" ({lang.comma.join(known)})" if known else ""


def _verdicts(lang: Language, check: Check) -> str:
    """Tell the verdict; where the two days differ, both with their days."""
    then, now = (lang.words["verdict"][v.value] for v in (check.verdict_then, check.verdict_now))
    if then == now:
        return str(now)
    said, day = (lang.date(dt.date.fromisoformat(d)) for d in (check.then, check.now))
    return lang.say("article.both", then=then, said=said, now=now, day=day)


def article_brief(
    article: Article,
    checks: tuple[Check, ...],
    code: str,
    meta: Meta,
    day: dt.date,
    turn: Callable[[str], str] = str,
) -> Brief:
    """Write the brief on an article: what was said, what holds, what does not, what to ask next.

    The verdicts are those a program proposes, and the brief says so.

    Parameters
    ----------
    article, checks
        What was read, and its claims judged.
    code
        Language.
    meta, day
        The package and the day of the second verdict.
    turn
        Sets what a check asks, which is in English, in the language.
    """
    lang = language(code)
    own = str if article.lang == "ur" else ltr  # a quotation runs as its own language does
    named = own(shown(article.title) or article.source)
    weight = {"decisive": 0, "material": 1, "minor": 2}
    ranked = sorted(checks, key=lambda c: weight[c.materiality.value])

    def quoted(verdicts: tuple[str, ...] | None) -> list[str]:
        out = []
        for c in ranked:
            word = c.verdict_now.value
            if (word in verdicts) if verdicts is not None else word not in (*IN_LINE, *AGAINST):
                quote = lang.say("article.quote", quote=own(clip_quote(shown(c.claim.span.quote))))
                out.append(f"{quote} ({_verdicts(lang, c)})")
        return out

    sentences = [
        lang.say(
            "article.count",
            n=str(len(checks)),
            title=named,
            about=_about(lang, article),
        )
    ]
    for key, verdicts in (("holds", IN_LINE), ("against", AGAINST), ("open", None)):
        if items := quoted(verdicts):
            sentences.append(lang.say(f"article.{key}", list=lang.list_of(items, MOST_QUOTED)))
    asked = next((c for c in ranked if c.next_question), None)
    if asked:
        sentences.append(lang.say("article.ask", question=turn(shown(asked.next_question))))
    title = lang.say("article.title", title=named)
    rows = tuple(
        (own(clip_quote(shown(c.claim.span.quote))), _verdicts(lang, c), lang.words["materiality"][c.materiality.value])
        for c in checks
    )
    return Brief(
        code,
        "article",
        title,
        tuple(sentences),
        rows,
        (),
        (lang.say("article.draft"), *notes_of(lang, meta, day, title)),
    )
