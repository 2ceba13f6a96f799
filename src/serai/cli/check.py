"""The claims of an article, each set beside what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import AsJson, AsOf, PackageName, With, app, open_, print_json


@app.command()
def check(
    article: Annotated[str, typer.Argument(help="A text file, an HTML file, or an address.")],
    date: Annotated[str | None, typer.Option("--date", help="Day of the article, if it does not say.")] = None,
    as_of: AsOf = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page of its own here.")] = None,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Check an article: its claims, a verdict for the day it was said and one for today, and what to ask next."""
    from serai.api import as_day, today
    from serai.evidence.article import read_article
    from serai.evidence.check import check_article

    day = as_day(as_of)
    given = as_day(date).isoformat() if date else ""
    report = check_article(read_article(article, today=today(), date=given), open_(package, overlays), as_of=day)
    if html:
        from serai.core.files import write_text
        from serai.report.check import page

        write_text(html, page(report))
    if as_json:
        print_json(report.as_json())
        return
    from serai.report.check import print_report

    print_report(report)
