"""The claims of an article, or of each article of a feed, set beside what is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serai.cli.app import AsJson, AsOf, PackageName, With, app, open_, print_json

if TYPE_CHECKING:
    import datetime as dt

    from serai.data.package import Package
    from serai.evidence.incoming import Reading
    from serai.evidence.syndication import Feed


@app.command()
def check(
    article: Annotated[str, typer.Argument(help="A text or HTML file, a feed, or the address of a page or feed.")],
    date: Annotated[str | None, typer.Option("--date", help="Day of the article, if it does not say.")] = None,
    as_of: AsOf = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the table and the page: en, ru, ur or kk.")] = "en",
    html: Annotated[Path | None, typer.Option("--html", help="Write a page of its own here.")] = None,
    brief: Annotated[str | None, typer.Option("--brief", help="A brief instead of a table: en, ru, ur or kk.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=50, help="Of a feed: entries read, newest first.")] = 5,
    since: Annotated[str | None, typer.Option("--since", help="Of a feed: no entry of an earlier day.")] = None,
    overlays: With = None,
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """Check an article: its claims, a verdict for the day it was said and one for today, and what to ask next."""
    from serai.api import as_day, today
    from serai.evidence.briefs.grammar import language
    from serai.evidence.check import check_article
    from serai.evidence.fetch import Manners
    from serai.evidence.incoming import open_source, read_entries
    from serai.evidence.syndication import Feed
    from serai.report.reader import reader

    for code in (lang, brief):
        if code:
            language(code)
    day = as_day(as_of)
    given = as_day(date).isoformat() if date else ""
    manners = Manners()
    found = open_source(article, today=today(), date=given, manners=manners)
    if isinstance(found, Feed):
        _only_for_an_article(html, date, brief)
        first = as_day(since) if since else None
        readings = read_entries(found, today=today(), most=most, since=first, manners=manners)
        _feed(found, readings, open_(package, overlays), day, lang, as_json=as_json)
        return
    opened = open_(package, overlays)
    report = check_article(found, opened, as_of=day)
    if html:
        from serai.core.files import write_text
        from serai.report.check import page

        write_text(html, page(report, reader(lang, opened), opened["sources"]))
    if as_json:
        print_json(report.as_json())
        return
    if brief:
        from serai.evidence.briefs.write import article_brief
        from serai.report.check import spoken

        told = reader(brief, opened)
        made = article_brief(
            report.article, report.checks, brief, opened.meta, day, lambda text: spoken(text, report.names, told)
        )
        typer.echo(made.text(), nl=False)
        return
    from serai.report.check import print_report

    print_report(report, reader=reader(lang, opened))


def _only_for_an_article(html: Path | None, date: str | None, brief: str | None) -> None:
    from serai.core.errors import InputError

    if html or date or brief:
        raise InputError(
            "A feed holds more than one article", "Leave out --html, --brief and --date, or name one entry's page."
        )


def _feed(
    feed: Feed, readings: tuple[Reading, ...], package: Package, day: dt.date, lang: str, *, as_json: bool
) -> None:
    """Check what was read of a feed, and show it."""
    from serai.evidence.check import Report, check_article
    from serai.report.check import print_report
    from serai.report.feed import feed_json, print_readings
    from serai.report.reader import reader

    reports: dict[int, Report] = {
        r.number: check_article(r.article, package, as_of=day) for r in readings if r.article and r.copy_of is None
    }
    if as_json:
        content: dict[str, Any] = feed_json(feed, readings, reports)
        print_json(content)
        return
    print_readings(feed, readings, reports)
    for report in reports.values():
        typer.echo("")
        print_report(report, reader=reader(lang, package))
