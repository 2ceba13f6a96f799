"""Sums of money: trade and aims for it, deals, costs of works, pledges, export potential."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from serai.evidence.context import TO, Draft, common_slots, date_slots, draft_of
from serai.evidence.quantities import BARE
from serai.evidence.types import Modality

if TYPE_CHECKING:
    from serai.evidence.context import Sentence
    from serai.evidence.quantities import Quantity
    from serai.evidence.types import Slot

_LEAST: Final = 0.45
_FEW: Final = {"USD": 1e5, "EUR": 1e5, "": 1e5, "CNY": 1e6, "AED": 1e6}
_WORTH: Final = re.compile(
    r"\b(?:portfolio|projects?|goods|items|property|assets?|equipment|market)\b[^,;]{0,20}\bworth\b[^,;]{0,12}$"
)
_FORMER: Final = re.compile(
    r"(?:from|с|compared to|against|нынешних|текущих)\s+(?:an?\s+|the\s+)?"
    r"(?:(?:current|earlier|previous|initial|original)\s+)?$"
)
_BY: Final = re.compile(r"(?:\bby|\bна)\s+(?:(?:an? (?:average|total) of|as much as)\s+)?(?:\w+\s+)?$")
_RISE_OF: Final = re.compile(r"\b(?:increase|rise|bump|jump|gain|growth|decrease|drop|fall|decline|surge) of\s+$")
_THAN: Final = re.compile(
    r"\s+(?:up|down) (?:year|on|from)\b|\s*(?:\([^)]*\)\s*)?(?:or [\w. -]{2,14} )?(?:more|less|higher|lower"
    r"|fewer|above|below)(?: than)?\b"
    r"(?! (?:than \d|\d))|\s*(?:\([^)]*\)\s*)?(?:груз\w+ )?(?:или (?:на |в )?[\w,%]+ (?:\w+ )?)?"
    r"(?:больше|меньше|выше|ниже)\b|\s*(?:کم|زیادہ)\b|\s*(?:کی|کا)\s+(?:\S+\s+)?(?:کمی|اضافہ|اضافے)\b"
)
_KK_DELTA: Final = re.compile(r"\w*(?:ға|ге|қа|ке)\s+(?:арт|өс|ұлғай|көбей|төменде|азай|көп\b|аз\b|артық|кем\b)")
_THE_COST: Final = re.compile(r"\s+(?:total )?cost\b")
_HEADS: Final = {
    "trade_volume": "trade",
    "agreement_value": "worth",
    "project_cost": "cost",
    "investment_pledge": "invest",
}
_ADJECTIVE: Final = re.compile(r"\d[^\W\d]*-(?:thousand|million|billion|trillion)|(?:million|billion)-")
_COSTING: Final = re.compile(r"\W*(?:\w+ )?(?:costs?|price|стоимость|لاگت|құны)\s*:")
_MIXED: Final = re.compile(r"[\s-]*(?:\(?[^\W\d_]+\)?[\s-]+){0,5}")
_TO_NAME: Final = re.compile(
    r"[\s-]*(?:worth\s+)?(?:(?!(?:of|for|in|to|on|from|under|loan|credit|into|by|the)\b)[a-z-]+\s+){0,2}"
)
_URDU_WORK: Final = re.compile(r"\s*(?:کے|کا|کی)\s+(?:\S+\s+){0,2}(?:منصوب|پراجیکٹ|پروجیکٹ)")
_FUNDS: Final = re.compile(
    r"[\s-]+(?:[\w-]+\s+){0,2}(?:loan|financing|credit|grant|facility|funding)\b(?!\s+agreements?\s+(?:was|were))"
)
_REFUSED: Final = re.compile(
    r"\b(?:(?:did|does|do|has|have|had|could|would|will) not|never|failed to|refus\w+ to|declin\w+ to)\s+"
    r"(?:\w+\s+){1,6}$"
    r"|\bне (?:предостав|выдел|дал|получ)\w*\s+(?:\w+\s+){0,3}$"
)
_REFUSED_AFTER: Final = re.compile(
    r"\b(?:was|were|been|is) (?:refused|declined|rejected|turned down)\b|\bотказал|سے انکار|مسترد|бас тарт"
)
_BOUGHT: Final = re.compile(
    r"\b(?:buy|buys|bought|buying|purchas\w+|acquir\w+|procur\w+)\b[^.;]*\bfor\s+$"
    r"|\b(?:купи\w+|закуп\w+|приобр\w+)\b[^.;]*\bза\s+$"
)
_A_YEAR: Final = re.compile(r"\s*(?:an?|per|each|every) year\b|\s*(?:annually|в год|жылына|سالانہ)")
_BUILT_AT: Final = re.compile(
    r"\b(?:built|constructed|erected|completed) (?:at|for) (?:a|the|an) (?:\w+ )?(?:cost|price)\b"
)
_FDI: Final = re.compile(r"\b(?:foreign direct investments?|fdi|foreign investments?)\b")
_YEARLY: Final = re.compile(
    r"\b(?:annual|yearly|годов\w+|ежегодн\w+|жыл сайынғы|سالانہ)\s+(?:\w+\s+)?"
    r"(?:cost|expen|затрат|расход|шығын|اخراجات)"
)
_LINKS: Final = {"into", "between", "through", "via", "over", "trade", "worth", "a", "an", "this", "that"}


def _qualifies_asset(s: Sentence, q: Quantity) -> bool:
    """Whether a sum stands before what it buys: a $1.2 billion power project."""
    tail = re.sub(r"^\s+worth\s+(?!of\b)", " ", re.sub(r"^\s*\([^)]*\)", "", s.right(q, 60)))
    if s.lex.lang == "ur":
        return _URDU_WORK.match(tail) is not None
    named = [e for e in s.entities if e.kind == "project" and e.id in s.works and e.start >= q.end]
    if s.lex.lang == "en" and any(_TO_NAME.fullmatch(s.whole[q.end : e.start]) for e in named):
        return True
    spot = next(iter(s.lex.near("asset", tail)), None)
    if s.lex.lang != "en" or spot is None or not _MIXED.fullmatch(tail[: spot[0]]):
        return False
    return not any(w in s.lex.stopwords or w in _LINKS for w in tail[: spot[0]].replace("-", " ").split())


def lent(s: Sentence, q: Quantity) -> bool:
    """Whether a sum stands before the money it is: a $2bn financing package."""
    return _FUNDS.match(s.right(q, 40)) is not None


def _without_carried(s: Sentence, slots: dict[str, Slot]) -> None:
    """Trade and deals belong to a project only where their own sentence names it."""
    if not any(e.kind == "project" for e in s.entities):
        slots.pop("project", None)


def earlier_sum(s: Sentence, q: Quantity) -> Draft | None:
    """Return the value an amount of trade is said to start from."""
    if q.before is None:
        return None
    slots = common_slots(s, q)
    slots.pop("from_value")
    slots.pop("qual", None)
    slots["value"], slots["cur"] = q.before, q.cur or "USD?"
    return Draft("trade_volume", Modality.ACTUAL, slots, q.start, q.end, 0.6)


def aimed(s: Sentence, q: Quantity) -> bool:
    """Whether an amount of trade is aimed at rather than reached."""
    target, actual = s.near("target", q, reach=30), s.near("actual", q, reach=30)
    left = s.left(q, 18)
    if q.before is None and _FORMER.search(left):
        return False
    if q.before is not None:
        verb_last = s.lex.lang[:2] in {"ur", "kk"}
        return s.lex.has("target", s.around(q, 80) if verb_last else s.left(q, 80))
    before = s.clause(q)
    moved = s.lex.has("actual", before) and not s.lex.has("target", before)  # "fell 58% to $334m"
    if not moved and (q.qual == "up to" or TO.search(left)):
        target += 0.25
    when = s.date_near((q.start + q.end) // 2, 60)
    if when and s.ref and when.first > s.ref.isoformat():
        target += 0.3
    if s.lex.has("target", s.left(q, 16)):
        target += 0.3  # "the goal of $100 million has been named"
    if "potential" in s.left(q, 40):
        target += 0.3
    return target > actual


def is_delta(s: Sentence, q: Quantity) -> bool:
    """Whether an amount is that by which something rose or fell."""
    if s.lex.lang.startswith("kk"):
        return _KK_DELTA.match(s.whole[q.end - 2 : q.end] + s.right(q, 24)) is not None
    if re.search(r"\b(?:fewer|additional|extra)\b", s.whole[q.start : q.end]):
        return True
    if _THAN.match(s.right(q, 50)):
        return True
    by = _BY.search(s.left(q, 28)) is not None and s.lex.has("grow", s.left(q, 48))
    return by or _RISE_OF.search(s.left(q, 24)) is not None


def _is_adjective(s: Sentence, q: Quantity) -> bool:
    """Whether a sum stands before what it is of, and that is no trade: an 18-billion-dollar strategy."""
    return _ADJECTIVE.search(s.whole[q.start : q.end]) is not None and not s.lex.has("trade", s.right(q, 30))


def _scores(s: Sentence, q: Quantity) -> dict[str, float]:
    """How near a sum stands to the words of each type, more where they govern it."""
    worth, deal = s.near("worth", q), s.near("deal", q)
    titled = _COSTING.match(s.clause(q)) is not None
    made = _BUILT_AT.search(s.clause(q, 60)) is not None
    build = s.near("asset", q) or (0.5 if s.project or s.asset_before or titled or made else 0.0)
    score = {
        "trade_volume": 1.1 * s.near("trade", q) + 0.3 * s.near("bilateral", q),
        "agreement_value": (1.0 * max(worth, 0.4) + 0.9 * deal)
        * (1.0 if worth > 0.3 and deal else 0.45 if deal else 0.0),
        "project_cost": 1.05 * s.near("cost", q) + 0.35 * build if build and s.has("cost") else 0.0,
        "investment_pledge": 1.15 * s.near("invest", q) + 0.15 * build if s.has("invest") else 0.0,
        "export_potential": 2.0 * s.near("potential", q) if s.has("potential") else 0.0,
    }
    for kind, concept in _HEADS.items():
        if score[kind] and s.bound(concept, q):
            score[kind] += 0.4
    if s.bound("target", q) and (s.has("trade") or s.trade_before) and "invest" not in s.text:
        score["trade_volume"] += 1.0  # "committed to a target of $2 billion"
    if s.has("sign") and s.bound("deal", q):
        score["agreement_value"] += 0.5  # "signed investment agreements exceeding $3 billion"
    if build and _THE_COST.match(s.right(q, 14)):
        score["project_cost"] += 1.0
    if lent(s, q):
        score["investment_pledge"] += 0.8
    elif _qualifies_asset(s, q):
        score["project_cost"] += 1.0
    if _is_adjective(s, q):
        score["trade_volume"] = 0.0
    return score


def _something_else(s: Sentence, q: Quantity, kind: str) -> bool:
    """Whether a sum is none of its kind: a loss, a duty, a difference, what a work was thought to cost before."""
    if kind == "investment_pledge" and (
        _REFUSED.search(s.clause(q, 60)) or _REFUSED_AFTER.search(s.clause_after(q, 90))
    ):
        return True
    if kind == "trade_volume" and _BOUGHT.search(s.clause(q, 90)):
        return True
    if kind == "trade_volume":
        return is_delta(s, q) or (s.has("money_not") and not s.has("bilateral"))
    if kind == "project_cost" and (_YEARLY.search(s.clause(q, 60)) or _A_YEAR.match(s.right(q, 16))):
        return True
    return kind == "project_cost" and q.before is None and _FORMER.search(s.left(q, 24)) is not None


_MEANT: Final = {
    "trade_volume": Modality.ACTUAL,
    "project_cost": Modality.FORECAST,
    "investment_pledge": Modality.PLANNED,
    "export_potential": Modality.CAPACITY,
    "agreement_value": Modality.ACTUAL,
}


def _kind_of(s: Sentence, q: Quantity) -> tuple[str, float] | None:
    """Type of a sum, and how sure; None where nothing says what it is for."""
    if q.top < _FEW.get(q.cur, 1e7) or s.lex.has("each", s.right(q, 30)):
        return None  # small change, or so much for each tonne
    foreign = _FDI.search(s.text) is not None and not s.lex.has("money_not", _FDI.sub(" ", s.text))
    if (
        s.has("money_not")
        and not (foreign and (s.project or s.has("asset")))  # what flows into a country, not into one work
        and not s.has("deal")
        and not _qualifies_asset(s, q)
        and s.near("money_not", q, reach=80) > 0.3
        and s.near("money_not", q) > s.near("trade", q) - 0.25
    ):
        return None
    score = _scores(s, q)
    kind = max(score, key=lambda k: score[k])
    named = _WORTH.search(s.left(q, 50)) is not None and not s.has("trade")
    if score[kind] < _LEAST and not named and (s.trade_before or s.has("trade")) and not _is_adjective(s, q):
        score["trade_volume"] = max(
            s.near("target", q, reach=30), s.near("actual", q, reach=30), 0.5 if s.has("trade") else 0.0
        )
        kind = "trade_volume"
    bare = q.family == BARE and kind not in {"trade_volume", "agreement_value"} and not _qualifies_asset(s, q)
    return None if score[kind] < _LEAST or bare or _something_else(s, q, kind) else (kind, score[kind])


def money(s: Sentence, q: Quantity) -> Draft | None:
    """Type an amount of money; None where nothing says what it is for."""
    found = _kind_of(s, q)
    if found is None:
        return None
    kind, score = found
    slots = common_slots(s, q)
    slots["cur"] = q.cur or "USD?"
    modality = _MEANT[kind]
    if kind in {"trade_volume", "agreement_value", "export_potential"}:
        _without_carried(s, slots)
    if kind == "trade_volume":
        future = aimed(s, q)
        date_slots(s, q, slots, future=future)
        kind, modality = ("trade_target", Modality.TARGET) if future else (kind, modality)
    elif kind == "project_cost" and q.before is not None:
        slots["prev"] = q.before
    elif kind == "agreement_value":
        if place := s.places:
            slots["place"] = place[0].label
        if s.has("sign_plan") and not s.has("sign"):
            modality = Modality.PLANNED
    return draft_of(kind, modality, slots, q, 0.35 + 0.3 * score)
