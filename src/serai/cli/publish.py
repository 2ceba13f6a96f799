"""Tell it again: a brief in four languages, and the public site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from serai.cli.app import AsOf, PackageName, With, app, open_
from serai.cli.ledger import Database, open_book
from serai.core.errors import InputError

if TYPE_CHECKING:
    import datetime as dt

    from serai.data.package import Package
    from serai.evidence.briefs.write import Audience, Brief


@app.command()
def brief(
    pair: Annotated[tuple[str, str] | None, typer.Option("--pair", help="Two places, by name in any script.")] = None,
    article: Annotated[str | None, typer.Option("--article", help="A file or address to check and tell of.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="en, ru, ur or kk.")] = "en",
    audience: Annotated[str, typer.Option("--for", help="press or business.")] = "press",
    commodity: Annotated[str, typer.Option("--commodity", "-c", help="Commodity.")] = "manufactures",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A .txt, .html, .csv or .xlsx file; the terminal by default.")
    ] = None,
    as_of: AsOf = None,
    overlays: With = None,
    package: PackageName = "ewec",
) -> None:
    """Write about 120 words and a box of figures, for press or business, in English, Russian, Urdu or Kazakh."""
    from serai.api import as_day
    from serai.report.brief import write_brief

    if (pair is None) == (article is None):
        raise InputError("A brief is on a pair or on an article", "Give --pair A B or --article FILE.")
    opened, day = open_(package, overlays), as_day(as_of)
    if article is not None:
        made = _article_brief(article, opened, lang, day)
    else:
        made = _pair_brief(opened, pair or ("", ""), lang, audience, commodity, day)
    if out is None:
        typer.echo(made.text(), nl=False)
        return
    write_brief(made, out)
    typer.echo(f"Wrote {made.words()} words to {out}")


def _article_brief(article: str, package: Package, lang: str, day: dt.date) -> Brief:
    from serai.api import today
    from serai.evidence.article import read_article
    from serai.evidence.briefs.grammar import language
    from serai.evidence.briefs.write import article_brief
    from serai.evidence.check import check_article
    from serai.report.check import spoken
    from serai.report.reader import reader

    language(lang)
    report = check_article(read_article(article, today=today(), date=""), package, as_of=day)
    told = reader(lang, package)
    return article_brief(
        report.article, report.checks, lang, package.meta, day, lambda text: spoken(text, report.names, told)
    )


def _pair_brief(
    package: Package, pair: tuple[str, str], lang: str, audience: str, commodity: str, day: dt.date
) -> Brief:
    from serai.data.names import find_place
    from serai.evidence.briefs.facts import pair_facts
    from serai.evidence.briefs.grammar import LANGUAGES, language
    from serai.evidence.briefs.write import pair_brief
    from serai.freight.routes import compile_package

    language(lang)
    ends = [find_place(package["places"], name) for name in pair]
    facts = pair_facts(
        compile_package(package),
        ends[0],
        ends[1],
        day=day,
        commodity=commodity,
        passages={code: language(code).words["passage"] for code in LANGUAGES},
        sectors=audience == "business",
    )
    return pair_brief(facts, lang, cast("Audience", audience))  # another is refused there


@app.command()
def site(
    out: Annotated[Path, typer.Argument(help="Folder of the site.")],
    address: Annotated[
        str, typer.Option(help="Where it will stand, such as https://example.org/; for the feeds.")
    ] = "",
    since: Annotated[str | None, typer.Option(help="Day from which changes are shown, YYYY-MM-DD.")] = None,
    database: Database = None,
    as_of: AsOf = None,
    overlays: With = None,
    package: PackageName = "ewec",
) -> None:
    """Write the public site in four languages; nothing unreviewed is on it."""
    from serai.api import as_day
    from serai.evidence.ledger.entries import read_book
    from serai.evidence.ledger.review import read_docket
    from serai.report.site import write_site
    from serai.report.site.gather import gather

    opened, day = open_(package, overlays), as_day(as_of)
    start = as_day(since) if since else None
    if start and start >= day:
        raise InputError(f"--since {since} is not before {day.isoformat()}", "Name an earlier day.")
    if opened.meta.overlays:
        raise InputError("A public site is not made of your own figures", "Leave --with out.")
    ledger = open_book(opened, database)
    data = gather(opened, read_book(ledger), read_docket(ledger), day, start)
    count = write_site(data, out, address)
    typer.echo(f"Wrote {count} files to {out}. Open {out / 'index.html'}.")
    if not address:
        typer.echo("Without --address the feeds carry only relative addresses.")
