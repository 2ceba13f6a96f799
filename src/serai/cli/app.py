"""The application the commands hang on, and the options they share."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from serai.data.package import Package

app = typer.Typer(
    help="Examine whether an economic corridor works, and whether what is said about it is true.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
AsOf = Annotated[str | None, typer.Option("--as-of", help="Day of the answer, YYYY-MM-DD; today by default.")]
With = Annotated[list[Path] | None, typer.Option("--with", help="Your own figures, .xlsx or .csv; may be repeated.")]
PackageName = Annotated[str, typer.Option("--package", "-p", help="Name or folder of the data package.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def open_(package: str, overlays: list[Path] | None) -> Package:
    """Open a package with the user's figures laid over it."""
    from serai.api import open_package

    return open_package(package, overlays=overlays or [])


def open_corridor_(package: str, overlays: list[Path] | None) -> Package:
    """Open a package likewise, and its corridor where it has one, as an earlier command kept it."""
    from serai.corridor.ready import open_ready

    opened = open_(package, overlays)
    if len(opened["economies"]) and len(opened["trade_seed"]):
        open_ready(opened)
    return opened


def print_json(content: object) -> None:
    """Print plain data as JSON."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def split(text: str | None) -> list[str]:
    """Split a comma-separated option."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    if version:
        from serai import __version__

        typer.echo(f"serai {__version__}")
        raise typer.Exit
