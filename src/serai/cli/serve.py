"""The workbench: a page in the browser, on this machine or for a team."""

from __future__ import annotations

import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from serai.cli.app import PackageName, app
from serai.core.errors import InputError, MissingPartError


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
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise MissingPartError("The server is not installed", "Install serai[server].")
    from serai.data.package import locate
    from serai.server.access import read_tokens
    from serai.server.app import run
    from serai.server.assets import page_files
    from serai.server.settings import LOOPBACK, Settings

    locate(package)
    if private and not tokens:
        raise InputError("--private needs --tokens", "Without tokens nobody could read.")
    local = host in LOOPBACK
    key = "" if tokens or not local else secrets.token_urlsafe(24)
    known = read_tokens(tokens) if tokens else {key: ("reviewer", "local")} if key else {}
    settings = Settings(
        package=package,
        database=database,
        hosts=tuple(dict.fromkeys((*LOOPBACK, *(n.lower() for n in allow_host or []), *(() if local else (host,))))),
        tokens=known,
        private=private,
        workers=workers,
        secure=secure,
        audit=str(audit or ""),
    )
    at = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    if not page_files():
        typer.echo("The page was not built (make web); the interface of programs answers all the same.")
    typer.echo(f"Open {at}{f'#key={key}' if key else ''}   Stop with Ctrl-C.")
    run(settings, host, port)
