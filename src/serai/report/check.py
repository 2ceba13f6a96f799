"""A checked article for people: a table in the terminal and a page of its own."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from serai.evidence.check import LIMIT_OF_USE
from serai.report.faces import font_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from serai.evidence.check import Report
    from serai.evidence.types import Check, Part

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
_CODE: Final = re.compile(r"\b[A-Z]{3}\b")
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
            told = f"{slots.get('qual') or ''} {slots.get('cur') or ''} {shown} {slots.get('unit') or ''}".strip()
            parts.insert(0, told.replace(" m t", " Mt") if slots.get("unit") == "t" else told)
        elif name not in {"qual", "cur", "unit"}:
            parts.append(f"{name.replace('_', ' ')} {shown}")
    return "; ".join(" ".join(p.split()) for p in parts)


def _number(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        for size, word in ((1e9, " bn"), (1e6, " m")):
            if abs(value) >= size:
                return f"{value / size:g}{word}"
        return f"{value:,.10g}" if abs(value) >= 10_000 else f"{value:g}"
    return str(value)


def spoken(text: str, names: Mapping[str, str]) -> str:
    """Write countries by their names instead of their codes."""
    return _CODE.sub(lambda m: names.get(m.group(), m.group()), text)


def speaker_text(check: Check) -> str:
    """Who said it, as one line."""
    who = check.claim.speaker
    return ", ".join(x for x in (who.name, who.role, who.country) if x)


def print_report(report: Report, console: Console | None = None) -> None:
    """Print a checked article as a table, with what stands behind each verdict below it."""
    from rich.console import Console as RichConsole
    from rich.markup import escape
    from rich.table import Table

    out = console or RichConsole(highlight=False)
    if not out.is_terminal and console is None:
        out = RichConsole(highlight=False, width=130)
    article = report.article
    out.print(f"[bold]{escape(article.title or article.source)}[/bold]")
    about = [
        article.publisher,
        article.byline,
        article.lang,
        f"{article.date or 'no date'} ({article.date_reason or article.date_basis})",
    ]
    out.print(escape(" · ".join(x for x in about if x)))
    for warning in article.warnings:
        out.print(f"[yellow]{escape(warning)}[/yellow]")
    if article.removed:
        n = len(article.removed)
        out.print(f"{n} {'line' if n == 1 else 'lines'} of links and teasers left out")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    then = report.checks[0].then if report.checks else ""
    for name in ("", "Claim", "Meant as", "Says", f"On {then}" if then else "Then", f"On {report.as_of}", "Weight"):
        table.add_column(name, overflow="fold")
    for check in report.checks:
        claim = check.claim
        table.add_row(
            claim.id,
            claim.type.replace("_", " "),
            claim.modality.value,
            escape(f"“{short_quote(claim.span.quote)}” {spoken(value_text(check), report.names)}"),
            _coloured(check.verdict_then.value),
            _coloured(check.verdict_now.value),
            check.materiality.value,
        )
    out.print(table)
    for check in report.checks:
        out.print(f"\n[bold]{check.claim.id}[/bold] {escape(spoken(check.finding, report.names))}")
        for line in check.arithmetic[:MOST_SUMS]:
            out.print(escape(f"    {spoken(line, report.names)}"), style="dim")
        if len(check.arithmetic) > MOST_SUMS:
            out.print(f"    and {len(check.arithmetic) - MOST_SUMS} lines more (--json)", style="dim")
        if check.would_change:
            open_ = check.verdict_now.value in {"unverifiable", "disputed", "plausible", "implausible"}
            out.print(escape(f"    Would {'settle' if open_ else 'change'} it: {check.would_change}"))
        out.print(escape(f"    Ask: {check.next_question}"))
    if not report.checks:
        out.print("No claim was found.")
    out.print(f"\n{LIMIT_OF_USE} Package {report.package} {report.version}, {report.digest[:12]}.", style="dim")


def _coloured(verdict: str) -> str:
    colour = COLOURS.get(verdict, "")
    return f"[{colour}]{verdict}[/{colour}]" if colour else verdict


def page(report: Report) -> str:
    """Return a checked article as a self-contained HTML page; no more than twelve words are quoted at a time."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(files("serai.report").joinpath("check.html.j2").read_text(encoding="utf-8"))
    rtl = report.article.lang == "ur"
    return template.render(
        article=report.article.as_json(),
        rows=[_row(c, report.names) for c in report.checks],
        as_of=report.as_of.isoformat(),
        then=report.checks[0].then if report.checks else "",
        package=f"{report.package} {report.version}",
        digest=report.digest[:12],
        limit=LIMIT_OF_USE,
        rtl=rtl,
        fonts=font_rules("NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold") if rtl else "",
        counts=_counts(report),
    )


def _counts(report: Report) -> list[tuple[str, int]]:
    order: dict[str, int] = {}
    for check in report.checks:
        order[check.verdict_now.value] = order.get(check.verdict_now.value, 0) + 1
    return sorted(order.items(), key=lambda item: (-item[1], item[0]))


def _row(check: Check, names: Mapping[str, str]) -> dict[str, Any]:
    claim = check.claim
    then, now = check.verdict_then.value, check.verdict_now.value
    return {
        "id": claim.id,
        "type": claim.type.replace("_", " "),
        "modality": claim.modality.value,
        "quote": short_quote(claim.span.quote),
        "value": spoken(value_text(check), names),
        "speaker": spoken(speaker_text(check), names),
        "then": then,
        "now": now,
        "class_then": _class(then),
        "class_now": _class(now),
        "materiality": check.materiality.value,
        "finding": spoken(check.finding, names),
        "arithmetic": [spoken(line, names) for line in check.arithmetic],
        "parts": [_part(p, names) for p in check.parts],
        "evidence": [
            {"id": e.id, "says": spoken(e.says, names), "source": e.source, "basis": e.basis, "date": e.date}
            for e in (*check.evidence, *(e for p in check.parts for e in p.evidence))
        ],
        "would_change": check.would_change,
        "question": check.next_question,
        "lang": claim.lang,
    }


def _part(part: Part, names: Mapping[str, str]) -> dict[str, Any]:
    told = ("finding_then", "finding_now")
    return {k: spoken(str(v), names) if k in told else v for k, v in part.as_json().items()}


def _class(verdict: str) -> str:
    return {"green": "good", "red": "bad", "yellow": "split", "cyan": "due"}.get(COLOURS.get(verdict, ""), "open")
