"""A brief as a page and as tables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from serai.core.errors import InputError
from serai.core.files import write_bytes, write_text
from serai.evidence.briefs.grammar import bare, language, marked
from serai.evidence.ledger.exchange import guard_frame
from serai.report.faces import font_rules
from serai.report.workbook import workbook

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from serai.evidence.briefs.write import Brief

STYLE = (
    "body{font:1.05rem/1.6 'Noto Sans',system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1.25rem;"
    "color:#1d2429;background:#fff}:lang(ur){font-family:'Noto Naskh Arabic','Segoe UI',sans-serif;line-height:1.85}"
    "td:nth-child(3){white-space:nowrap}h1{font-size:1.5rem;line-height:1.4}"
    "table{border-collapse:collapse;width:100%;font-size:.95rem;margin:1.2rem 0}"
    "th,td{text-align:start;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #d9dfe3}th{font-weight:600}"
    ".notes{font-size:.85rem;color:#5b666e}@media(prefers-color-scheme:dark){body{color:#e6eaec;background:#14191d}"
    "th,td{border-color:#37424a}.notes{color:#a2adb4}}@media print{body{margin:0}}"
)


def brief_html(brief: Brief) -> str:
    """Give a brief as one self-contained page."""
    word = language(brief.lang).words["box"]
    box = "".join(
        f'<tr><th scope="row">{marked(a)}</th><td>{marked(b)}</td><td>{marked(c)}</td></tr>' for a, b, c in brief.box
    )
    goods = ""
    if brief.goods:
        head = "".join(f'<th scope="col">{word[k]}</th>' for k in ("goods", "value", "freight", "delivered", "share"))
        rows = "".join(f"<tr>{''.join(f'<td>{marked(x)}</td>' for x in row)}</tr>" for row in brief.goods)
        goods = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    notes = "".join(f"<p>{marked(x)}</p>" for x in brief.notes)
    fonts = font_rules("NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold") if brief.direction == "rtl" else ""
    return (
        f'<!doctype html>\n<html lang="{brief.lang}" dir="{brief.direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{marked(bare(brief.title))}</title><style>{fonts}{STYLE}</style></head>\n<body><h1>{marked(brief.title)}</h1>\n"
        f"<p>{marked(' '.join(brief.sentences))}</p>\n<table><tbody>{box}</tbody></table>\n{goods}\n"
        f'<div class="notes">{notes}</div></body></html>\n'
    )


def brief_frames(brief: Brief) -> dict[str, pd.DataFrame]:
    """Give the figures of a brief as tables."""
    import pandas as pd

    word = language(brief.lang).words["box"]
    frames = {"figures": pd.DataFrame(brief.box, columns=[word["item"], word["figure"], word["range"]])}
    if brief.goods:
        columns = [word[k] for k in ("goods", "value", "freight", "delivered", "share")]
        frames["goods"] = pd.DataFrame(brief.goods, columns=columns)
    return {name: guard_frame(frame.map(bare)) for name, frame in frames.items()}


def write_brief(brief: Brief, path: Path) -> None:
    """Write a brief as .txt, .html, .csv or .xlsx, after the ending of the name."""
    kind = path.suffix.lower()
    if kind == ".html":
        write_text(path, brief_html(brief))
    elif kind == ".xlsx":
        lines = [bare(x) for x in (brief.title, *brief.sentences, *brief.notes)]
        write_bytes(path, workbook(brief_frames(brief), lines))
    elif kind == ".csv":
        out = io.StringIO(newline="")
        for frame in brief_frames(brief).values():
            frame.to_csv(out, index=False, lineterminator="\n")
        write_text(path, out.getvalue(), bom=True)
    elif kind == ".txt":
        write_text(path, brief.text())
    else:
        raise InputError(f"No brief is written as {path.suffix or path.name!r}", "Use .txt, .html, .csv or .xlsx.")
