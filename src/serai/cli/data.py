"""Check, describe and write data packages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import AsJson, PackageName, With, app, open_, print_json, split

data_app = typer.Typer(help="Check, describe and write data packages.", no_args_is_help=True)
app.add_typer(data_app, name="data")


@data_app.command("check")
def data_check(
    path: Annotated[str, typer.Argument(help="Folder or name of a data package.")], overlays: With = None
) -> None:
    """Validate a package and its scenarios; every fault is shown at once."""
    from serai.core.errors import DataError
    from serai.data.library import check_scenarios

    package = open_(path, overlays)
    if issues := check_scenarios(package):
        raise DataError(f"data package {path}", tuple(issues))
    rows = sum(len(t) for t in package.tables.values())
    typer.echo(
        f"{package.meta.title}: {len(package.tables)} tables, {rows} rows, no fault. Digest {package.meta.digest[:12]}."
    )


@data_app.command("new")
def data_new(folder: Annotated[Path, typer.Argument(help="New folder.")]) -> None:
    """Write an empty package to fill in."""
    from serai.api import today
    from serai.data.package import new_package

    new_package(folder, folder.name.lower(), today())
    typer.echo(f"Wrote an empty package to {folder}; fill the tables and run: serai data check {folder}")


@data_app.command("describe")
def data_describe(
    table: Annotated[str | None, typer.Argument(help="Only this table.")] = None,
    form: Annotated[str, typer.Option("--format", help="text, markdown or json.")] = "text",
    places: Annotated[bool, typer.Option("--places", help="List the places of the package instead.")] = False,
    package: PackageName = "ewec",
) -> None:
    """Describe the format: tables, columns, units."""
    from serai.data import describe

    if places:
        typer.echo(describe.places_text(open_(package, None)))
        return
    typer.echo(describe.format_text(table, form))


@data_app.command("sources")
def data_sources(overlays: With = None, package: PackageName = "ewec", as_json: AsJson = False) -> None:
    """List the sources of a package and how much rests on each."""
    from serai.data import describe

    rows = describe.source_use(open_(package, overlays))
    if as_json:
        print_json(rows)
        return
    from serai.report.console import print_sources

    print_sources(rows)


@data_app.command("template")
def data_template(
    path: Annotated[Path, typer.Argument(help="Workbook to write, such as my.xlsx.")],
    package: PackageName = "ewec",
) -> None:
    """Write a workbook of the package's figures for you to change and lay over with --with."""
    from serai.data.overlay import write_template

    write_template(open_(package, None), path)
    typer.echo(f"Wrote {path}. Change what you know better, then add --with {path} to routes, solve, study and others.")


@data_app.command("sea")
def data_sea(
    origin: Annotated[str, typer.Argument(help="Port.")],
    destination: Annotated[str, typer.Argument(help="Port.")],
    avoid: Annotated[str | None, typer.Option(help="Passages to avoid, such as suez,hormuz.")] = None,
    package: PackageName = "ewec",
) -> None:
    """Measure a sea leg and the passages it uses (needs the extra `sea`)."""
    from serai.data.names import find_place
    from serai.data.sea import measure

    places = open_(package, None)["places"].set_index("id")
    a, b = (find_place(places.reset_index(), t) for t in (origin, destination))
    leg = measure(places.loc[a, ["lat", "lon"]].tolist(), places.loc[b, ["lat", "lon"]].tolist(), tuple(split(avoid)))
    typer.echo(f"{a} - {b}: {leg.length_km:.0f} km (great circle {leg.great_circle_km:.0f}), passages: "
               f"{', '.join(leg.passages) or 'none'}")  # fmt: skip
