"""The scenarios that come with a package."""

from __future__ import annotations

from typing import Annotated

import typer

from serai.cli.app import AsJson, PackageName, app, open_, print_json
from serai.core.errors import InputError

LANGUAGES = ("en", "ru", "ur", "kk")


@app.command()
def scenarios(
    lang: Annotated[str, typer.Option(help="Language of titles and descriptions: en, ru, ur or kk.")] = "en",
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """List the scenarios that come with the package; routes, compare and others take them by name."""
    from serai.data.library import package_scenarios, scenario_json
    from serai.data.texts import told_in

    if lang not in LANGUAGES:
        raise InputError(f"There is no language {lang!r}", f"Use {', '.join(LANGUAGES)}.")
    opened = open_(package, None)
    found = package_scenarios(opened)
    if as_json:
        print_json({"scenarios": [scenario_json(s) for s in found]})
        return
    if not found:
        typer.echo(f"{opened.meta.title} brings no scenario of its own.")
    tell = told_in(opened, lang)
    for entry in found:
        title, text = tell(entry.title), tell(entry.description["en"])
        if lang in entry.description:
            text = entry.description[lang], lang in entry.unchecked
        typer.echo(f"{entry.name}: {_marked(*title)}")
        typer.echo(f"  {_marked(*text)}")


def _marked(text: str, unchecked: bool) -> str:
    return text + (" [not checked by a native reader]" if unchecked else "")
