"""Write the site: four languages, one style sheet, feeds; the same input gives the same bytes."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from serai.core.errors import InputError
from serai.core.files import staged_folder, write_bytes, write_text
from serai.evidence.briefs.grammar import LANGUAGES, bare, language, marked
from serai.evidence.briefs.write import notes_of
from serai.evidence.feeds import json_feed, rss
from serai.evidence.ledger.text import checked_address, shown
from serai.report.site.pages import MENU, Pages, address_of, pair_address

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from serai.evidence.briefs.grammar import Language
    from serai.report.site.gather import SiteData


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(
        loader=PackageLoader("serai.report.site", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # What `marked` returns has been escaped by it.
    env.filters["m"] = lambda text: Markup(marked(str(text)))  # noqa: S704
    env.filters["bare"] = lambda text: shown(bare(str(text)))
    return env


def _page(env: Environment, data: SiteData, lang: Language, template: str, page: str, content: dict[str, Any]) -> str:
    s = lang.words["site"]
    heading = content.pop("heading")
    goods = data.pairs[0].goods if data.pairs else {"en": ""}
    lead = lang.say(
        f"site.lead_{template if template != 'pair' else 'pairs'}",
        a=lang.date(data.since),
        b=lang.date(data.day),
        goods=(goods.get(lang.code) or goods["en"]).lower(),
    )
    return env.get_template(f"{template}.html.j2").render(
        lang=lang,
        languages=[language(code) for code in LANGUAGES],
        s=s,
        n=lang.words["note"],
        page=page,
        menu=[(s[name], address_of(name)) for name in MENU],
        heading=heading,
        lead=lead,
        notes=notes_of(lang, data.package.meta, data.day, heading),
        **content,
    )


def _language_files(env: Environment, data: SiteData, code: str, address: str) -> dict[str, str]:
    lang = language(code)
    base = f"{address}{code}/" if address else ""
    pages = Pages(data, lang, base)
    out = {}
    makers = {name: getattr(pages, "pair_list" if name == "pairs" else name) for name in MENU}
    for name, make in makers.items():
        content = {"heading": lang.words["site"][name], **make()}
        out[address_of(name)] = _page(env, data, lang, name, address_of(name), content)
    for a, b in data.country_pairs:
        heading = lang.say("pair", a=pages.country(a), b=pages.country(b))
        own = pair_address(a, b)
        out[own] = _page(env, data, lang, "pair", own, {"heading": heading, **pages.pair(a, b)})
    title, items = lang.words["site"]["title"], pages.feed()
    out["feed.xml"] = rss(title, f"{base}index.html", f"{base}feed.xml", code, items, data.day)
    out["feed.json"] = json_feed(title, f"{base}index.html", f"{base}feed.json", code, items)
    return out


def _choose(data: SiteData) -> str:
    """Give the first page: the four languages, no redirect, no script."""
    links = "".join(
        f'<li><a lang="{code}" dir="{lang.direction}" href="{code}/index.html">{lang.words["name"]}: '
        f"{lang.words['site']['title']}</a></li>\n"
        for code in LANGUAGES
        for lang in [language(code)]
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'\">\n"
        '<title>Serai</title>\n<link rel="stylesheet" href="style.css">\n</head>\n<body>\n<main>\n'
        f'<h1>{marked(data.package.meta.title)}</h1>\n<ul class="plain">\n{links}</ul>\n</main>\n</body>\n</html>\n'
    )


def _fonts() -> dict[str, bytes]:
    """Give the faces that come with Serai, as woff2; none where this build has none."""
    folder = files("serai.report").joinpath("fonts")
    if not folder.is_dir():
        return {}
    return {f.name: f.read_bytes() for f in sorted(folder.iterdir(), key=lambda f: f.name) if f.name.endswith(".woff2")}


def _faces(names: list[str]) -> str:
    """Give the rules that load the faces: `NotoSans-Bold.woff2` is the bold of Noto Sans."""
    rules = []
    for name in names:
        family, _, weight = name.removesuffix(".woff2").partition("-")
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", family)
        rules.append(
            f'@font-face{{font-family:"{spaced}";font-weight:{700 if weight == "Bold" else 400};font-display:swap;'
            f'src:local("{spaced}{" Bold" if weight == "Bold" else ""}"),url(fonts/{name}) format("woff2")}}\n'
        )
    return "".join(rules)


def write_site(data: SiteData, out: Path, address: str = "") -> int:
    """Write the site to a folder; a failure leaves the folder as it was.

    Parameters
    ----------
    data
        From :func:`serai.report.site.gather.gather`.
    out
        The folder; files of other names in it are left alone.
    address
        Where the site will stand, such as ``https://example.org/``; feeds then carry full addresses.

    Returns
    -------
    int
        How many files were written.
    """
    if address:
        address = checked_address(address).rstrip("/") + "/"
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file", "Name a folder.")
    env = _environment()
    written = {"index.html": _choose(data), ".nojekyll": ""}
    fonts = _fonts()
    style = files("serai.report.site").joinpath("style.css").read_text(encoding="utf-8")
    written["style.css"] = _faces(list(fonts)) + style
    for code in LANGUAGES:
        for name, content in _language_files(env, data, code, address).items():
            written[f"{code}/{name}"] = content
    with staged_folder(out) as stage:
        for name, content in written.items():
            write_text(stage / name, content)
        for name, face in fonts.items():
            write_bytes(stage / "fonts" / name, face)
    return len(written) + len(fonts)
