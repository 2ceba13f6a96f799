"""A checked article for people: a table in the terminal and a page of its own."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from serai.evidence.check import LIMIT_OF_USE
from serai.report.faces import FACES, font_rules
from serai.report.language import MINUS, as_html, whole_days
from serai.report.reader import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from serai.evidence.check import Report
    from serai.evidence.types import Check, Part
    from serai.report.reader import Reader

COLOURS: Final = {
    "supported": "green",
    "kept": "green",
    "plausible": "green",
    "contradicted": "red",
    "implausible": "red",
    "overdue": "red",
    "abandoned": "red",
    "disputed": "yellow",
    "partly-kept": "yellow",
    "promise-open": "cyan",
}
MOST_SUMS: Final = 12
"""Lines of arithmetic shown in the terminal."""
QUOTE_WORDS: Final = 12
"""No longer quotation is shown."""
_URDU: Final = re.compile("[\u0600-\u06ff]")
_WEB: Final = re.compile("https?://")
_CODE: Final = re.compile(r"\b[A-Z]{3}\b")
_MILLION_T: Final = re.compile(r" m\b(?: t$)?")
_MINUS: Final = re.compile(r"(?<![\w.,)])-(?=\d)")
_COUNTED: Final = {"container", "day", "hour", "month", "train", "truck", "wagon", "week", "year"}
_LABELS: Final = {
    "from_value": "before {shown}",
    "growth_pct": "growth {shown}%",
    "growth_x": "growth {shown} times",
    "n": "number {shown}",
}
_UNSHOWN: Final = {"node_ids", "port_ids", "place_ids", "parties", "per", "rank", "stance", "what"}


def short_quote(text: str) -> str:
    """No more than twelve words of a quotation, on one line."""
    words = text.split()
    return " ".join(words[:QUOTE_WORDS]) + (" …" if len(words) > QUOTE_WORDS else "")


def value_text(check: Check) -> str:
    """Return the main value of a claim with its unit."""
    slots = check.claim.slots
    parts: list[str] = []
    for name, value in slots.items():
        if name in _UNSHOWN or value is None or value == "":
            continue
        if isinstance(value, tuple):
            items = [str(v) for v in value]
            comma = "، " if _URDU.search("".join(items)) else ", "
            shown = " to ".join(_number(v) for v in value) if name == "value" else comma.join(items)
        else:
            shown = _number(value)
        if name == "value":
            unit = _unit(str(slots.get("unit") or ""), value)
            told = f"{slots.get('qual') or ''} {slots.get('cur') or ''} {shown} {unit}".strip()
            parts.insert(0, _MILLION_T.sub(" Mt", told) if unit == "t" else told)
        elif name not in {"qual", "cur", "unit"}:
            parts.append(_LABELS.get(name, "{name} {shown}").format(name=name, shown=shown.replace("_", " ")))
    return "; ".join(" ".join(p.split()) for p in parts)


def _unit(unit: str, value: object) -> str:
    """Give the unit of a value as people write it beside more than one."""
    return f"{unit}s" if unit in _COUNTED and value != 1 else unit


def _number(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        for size, word in ((1e9, " bn"), (1e6, " m")):
            if abs(value) >= size:
                return f"{value / size:g}{word}"
        return f"{value:,.10g}" if abs(value) >= 10_000 else f"{value:g}"
    return str(value)


def spoken(text: str, names: Mapping[str, str], reader: Reader = ENGLISH) -> str:
    """Say what a check says in the reader's language, countries by their names instead of their codes."""
    return reader.turn(_MINUS.sub(MINUS, _CODE.sub(lambda m: names.get(m.group(), m.group()), text)))


def speaker_text(check: Check, names: Mapping[str, str], reader: Reader = ENGLISH) -> str:
    """Who said it, as one line: name and office as the article prints them."""
    who = check.claim.speaker
    return reader.tongue.list(x for x in (who.name, who.role, spoken(who.country, names, reader)) if x)


def print_report(report: Report, console: Console | None = None, reader: Reader = ENGLISH) -> None:
    """Print a checked article as a table, with what stands behind each verdict below it."""
    from rich.markup import escape

    from serai.report.console import terminal

    out = console or terminal()
    article = report.article
    out.print(f"[bold]{escape(article.title or article.source)}[/bold]")
    reason = reader.turn(article.date_reason) or article.date_basis
    about = [
        article.publisher,
        article.byline,
        article.lang,
        f"{reader.tongue.ltr(article.date) or reader.say('no date')} ({reason})",
    ]
    out.print(escape(" · ".join(x for x in about if x)))
    for warning in article.warnings:
        out.print(f"[yellow]{escape(reader.turn(warning))}[/yellow]")
    if article.removed:
        out.print(reader.say("Lines of links and teasers left out: {x}", x=len(article.removed)))
    out.print(_table(report, reader))
    for check in report.checks:
        _print_behind(check, report.names, reader, out)
    if not report.checks:
        out.print(reader.say("No claim was found."))
    package = f"{report.package} {report.version}"
    said = reader.say("As of {day}. Package {package}, digest {digest}.",
                      day=report.as_of.isoformat(), package=package, digest=report.digest[:12])  # fmt: skip
    out.print(f"\n{reader.say(LIMIT_OF_USE)} {said} {_unchecked(reader)}".rstrip(), style="dim")


def _table(report: Report, reader: Reader) -> Table:
    """One line for each claim, with both verdicts."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    then = report.checks[0].then if report.checks else ""
    days = [reader.say("On {day}", day=day) for day in (then, report.as_of.isoformat()) if day]
    if not then:
        days.insert(0, reader.say("Then"))
    heads = [reader.say(word) for word in ("Claim", "Meant as", "Says")]
    for name in ("", *heads, *days, reader.say("Weight")):
        table.add_column(name, overflow="fold")
    for check in report.checks:
        claim = check.claim
        says = spoken(value_text(check), report.names, reader)
        table.add_row(
            claim.id,
            reader.turn(claim.type.replace("_", " ")),
            reader.turn(claim.modality.value),
            escape(f"“{short_quote(claim.span.quote)}” {says}"),
            _coloured(check.verdict_then.value, reader),
            _coloured(check.verdict_now.value, reader),
            reader.turn(check.materiality.value),
        )
    return table


def _print_behind(check: Check, names: Mapping[str, str], reader: Reader, out: Console) -> None:
    """Print what stands behind a verdict, and what to ask next."""
    from rich.markup import escape

    out.print(f"\n[bold]{check.claim.id}[/bold] {escape(spoken(check.finding, names, reader))}")
    for line in check.arithmetic[:MOST_SUMS]:
        out.print(escape(f"    {spoken(line, names, reader)}"), style="dim")
    if len(check.arithmetic) > MOST_SUMS:
        out.print("    " + reader.say("Lines more: {x} (--json)", x=len(check.arithmetic) - MOST_SUMS), style="dim")
    if check.would_change:
        open_ = check.verdict_now.value in {"unverifiable", "disputed", "plausible", "implausible"}
        key = "Would settle it: {what}" if open_ else "Would change it: {what}"
        out.print(escape(f"    {reader.say(key, what=spoken(check.would_change, names))}"))
    out.print(escape(f"    {reader.say('Ask: {what}', what=spoken(check.next_question, names))}"))


def _unchecked(reader: Reader) -> str:
    """Say that no native reader has checked a language; nothing of English."""
    return str(reader.tongue.words.get("unchecked", ""))


def _coloured(verdict: str, reader: Reader) -> str:
    colour, word = COLOURS.get(verdict, ""), reader.turn(verdict)
    return f"[{colour}]{word}[/{colour}]" if colour else word


def page(report: Report, reader: Reader = ENGLISH, sources: pd.DataFrame | None = None) -> str:
    """Return a checked article as a self-contained HTML page; no more than twelve words are quoted at a time.

    Parameters
    ----------
    report, reader
        What was found, and the language of the page.
    sources
        The table `sources` of the package: evidence leads to the addresses in it.
    """
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["isolate"] = as_html
    template = environment.from_string(files("serai.report").joinpath("check.html.j2").read_text(encoding="utf-8"))
    article, tongue = report.article, reader.tongue
    rows = [] if sources is None else sources[["id", "title", "address"]].to_dict("records")
    known = {str(r["id"]): {str(k): str(v) for k, v in r.items()} for r in rows if _WEB.match(str(r["address"]))}
    told = template.render(
        article=article.as_json(),
        reason=reader.turn(article.date_reason),
        warnings=[reader.turn(w) for w in article.warnings],
        rows=[_row(c, report.names, reader, known) for c in report.checks],
        as_of=report.as_of.isoformat(),
        then=report.checks[0].then if report.checks else "",
        package=f"{report.package} {report.version}",
        digest=report.digest[:12],
        limit=reader.say(LIMIT_OF_USE),
        unchecked=_unchecked(reader),
        code=tongue.code,
        direction=tongue.direction,
        fonts=font_rules(*FACES) if "ur" in {tongue.code, article.lang} else "",
        counts=_counts(report, reader),
        _=reader.say,
    )
    return whole_days(told)


def _counts(report: Report, reader: Reader) -> list[tuple[int, str]]:
    order: dict[str, int] = {}
    for check in report.checks:
        order[check.verdict_now.value] = order.get(check.verdict_now.value, 0) + 1
    return [(n, reader.turn(v)) for v, n in sorted(order.items(), key=lambda item: (-item[1], item[0]))]


def _row(check: Check, names: Mapping[str, str], reader: Reader, known: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    claim = check.claim
    then, now = check.verdict_then.value, check.verdict_now.value
    return {
        "id": claim.id,
        "type": reader.turn(claim.type.replace("_", " ")),
        "modality": reader.turn(claim.modality.value),
        "quote": short_quote(claim.span.quote),
        "value": spoken(value_text(check), names, reader),
        "speaker": speaker_text(check, names, reader),
        "then": reader.turn(then),
        "now": reader.turn(now),
        "class_then": _class(then),
        "class_now": _class(now),
        "materiality": reader.turn(check.materiality.value),
        "finding": spoken(check.finding, names, reader),
        "arithmetic": [spoken(line, names, reader) for line in check.arithmetic],
        "parts": [_part(p, names, reader) for p in check.parts],
        "evidence": [
            {
                "id": e.id,
                "says": spoken(e.says, names, reader),
                "basis": reader.turn(e.basis),
                "sources": [known.get(s, {"id": s, "address": ""}) for s in e.source.split(";") if s],
            }
            for e in (*check.evidence, *(e for p in check.parts for e in p.evidence))
        ],
        "would_change": spoken(check.would_change, names, reader),
        "question": spoken(check.next_question, names, reader),
        "lang": claim.lang,
    }


def _part(part: Part, names: Mapping[str, str], reader: Reader) -> dict[str, str]:
    told = ("name", "verdict_then", "verdict_now", "finding_then", "finding_now")
    return {k: spoken(str(v), names, reader) for k, v in part.as_json().items() if k in told}


def _class(verdict: str) -> str:
    return {"green": "good", "red": "bad", "yellow": "split", "cyan": "due"}.get(COLOURS.get(verdict, ""), "open")
