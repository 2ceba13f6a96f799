"""The workbench: a page in the browser, on this machine or for a team."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serai.cli.app import PackageName, app
from serai.core.errors import InputError, MissingPartError

if TYPE_CHECKING:
    from serai.server.settings import Settings


def _settings(
    package: str, database: str | None, host: str, names: list[str], tokens: Path | None, **other: object
) -> tuple[Settings, str]:
    """Give the settings of a server, and the key of its only user where it has no file of tokens."""
    from serai.server.access import read_tokens
    from serai.server.settings import LOOPBACK, Settings

    local = host in LOOPBACK
    known, key = (read_tokens(tokens), "") if tokens else ({}, "")
    if not tokens and local:
        key = secrets.token_urlsafe(24)
        known = {key: ("reviewer", "local")}
    hosts = tuple(dict.fromkeys((*LOOPBACK, *(n.lower() for n in names), *(() if local else (host,)))))
    return Settings(package=package, database=database, hosts=hosts, tokens=known, **other), key  # type: ignore[arg-type]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    database: Annotated[
        str | None, typer.Option("--db", envvar="SERAI_LEDGER", help="Ledger: sqlite:///FILE or postgresql://...")
    ] = None,
    tokens: Annotated[
        Path | None, typer.Option(help="File with role (reader, analyst, reviewer), name and token a line.")
    ] = None,
    allow_host: Annotated[list[str] | None, typer.Option(help="Name it is reached by; may be repeated.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes for routes, and as many to solve.")] = 1,
    private: Annotated[bool, typer.Option("--private", help="Reading needs a token too.")] = False,
    secure: Annotated[bool, typer.Option("--https", help="It is reached by HTTPS, through a proxy.")] = False,
    audit: Annotated[Path | None, typer.Option(help="File to which every write is logged.")] = None,
    package: PackageName = "ewec",
) -> None:
    """Serve the workbench and the interface of programs; on this machine only, unless told otherwise."""
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as fault:
        raise MissingPartError("The server is not installed", "Install serai[server].") from fault
    from serai.data.package import locate
    from serai.server.app import run
    from serai.server.assets import page_files

    locate(package)
    if private and not tokens:
        raise InputError("--private needs --tokens", "Without tokens nobody could read.")
    settings, key = _settings(
        package, database, host, allow_host or [], tokens,
        private=private, workers=workers, secure=secure, audit=str(audit or ""),
    )  # fmt: skip
    at = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    if not page_files():
        typer.echo("The page was not built (make web); the interface of programs answers all the same.")
    typer.echo(f"Open {at}{f'#key={key}' if key else ''}   Stop with Ctrl-C.")
    run(settings, host, port)
