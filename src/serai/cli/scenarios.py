"""The scenarios that come with a package."""

from __future__ import annotations

from typing import Annotated

import typer

from serai.cli.app import AsJson, PackageName, app, open_, print_json


@app.command()
def scenarios(
    lang: Annotated[str, typer.Option(help="Language of the descriptions: en, ru, ur or kk.")] = "en",
    package: PackageName = "ewec",
    as_json: AsJson = False,
) -> None:
    """List the scenarios that come with the package; routes, compare and others take them by name."""
    from serai.data.library import package_scenarios, scenario_json

    found = package_scenarios(open_(package, None))
    if as_json:
        print_json({"scenarios": [scenario_json(s) for s in found]})
        return
    for entry in found:
        unchecked = " [not checked by a native reader]" if lang in entry.unchecked else ""
        typer.echo(f"{entry.name}: {entry.title}")
        typer.echo(f"  {entry.description.get(lang) or entry.description['en']}{unchecked}")
