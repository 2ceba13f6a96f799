"""The application: what is asked at which address, by whom."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from serai import __version__
from serai.core.errors import EXIT_FAULT, EXIT_MISSING, SeraiError
from serai.server.access import Sessions
from serai.server.guard import Guard
from serai.server.hall import Hall
from serai.server.pages import pages
from serai.server.pool import BusyError, CancelledError, DeadlineError
from serai.server.reads import reads
from serai.server.writes import writes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp

    from serai.server.settings import Settings

LOG = logging.getLogger("serai.server")
AUDITED = ("POST", "PUT", "PATCH", "DELETE")
AGAIN_S = 2
UNCLOSED = ("session_api_v1_session_get",)
"""What a private server tells everybody too: whom it takes them for."""


def problem(status: int, what: str, remedy: str = "") -> JSONResponse:
    """Say what is wrong and what to do."""
    head = {"Retry-After": str(AGAIN_S)} if status == 503 else {}
    if status == 401:
        head["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"detail": what, "remedy": remedy}, status, head)


def status_of(fault: SeraiError) -> int:
    """HTTP status of a fault."""
    if isinstance(fault, BusyError | DeadlineError):
        return 503
    if isinstance(fault, CancelledError):
        return 409
    if fault.exit_code == EXIT_FAULT:
        return 500
    return 501 if fault.exit_code == EXIT_MISSING else 422


async def _told(_: Request, fault: SeraiError) -> JSONResponse:
    return problem(status_of(fault), fault.what, fault.remedy)


async def _malformed(_: Request, fault: RequestValidationError) -> JSONResponse:
    first = fault.errors()[0]
    place = ".".join(str(p) for p in first["loc"][1:]) or "the request"
    return problem(422, f"{place}: {first['msg']}", "The documentation of the interface lists what is taken.")


async def _refused(_: Request, fault: HTTPException) -> JSONResponse:
    answer = problem(fault.status_code, str(fault.detail))
    answer.headers.update(fault.headers or {})
    return answer


def _now() -> str:
    import datetime as dt

    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _logger(settings: Settings) -> Callable[[dict[str, Any]], None]:
    """Write a line of JSON for each request; writes go to the audit file as well, if there is one."""
    from pathlib import Path

    def log(entry: dict[str, Any]) -> None:
        line = json.dumps({"at": _now(), **entry})
        LOG.info(line)
        if settings.audit and entry["method"] in AUDITED:
            with Path(settings.audit).open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")

    return log


async def _announce(hall: Hall) -> None:
    """Write a line to the log when the corridor is open."""
    LOG.info(json.dumps({"at": _now(), "ready": "solve", "s": round(await hall.ready(), 1)}))


def _close(described: dict[str, Any]) -> None:
    """Take "without a role" off the description of a private server; it is made once and kept."""
    for operations in described["paths"].values():
        for operation in operations.values():
            if operation.get("security") and operation["operationId"] not in UNCLOSED:
                operation["security"] = [way for way in operation["security"] if way]


def create_app(settings: Settings, *, warm: bool = True) -> ASGIApp:
    """Make the application of a server.

    Parameters
    ----------
    settings
        Of the server.
    warm
        Whether to open the corridor, and to draw up what a page needs, before anybody asks for it.
    """

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        hall = Hall(settings, LOG.error, warm=warm)
        hall.open()
        app.state.hall = hall
        early = [asyncio.ensure_future(hall.atlas()), asyncio.ensure_future(_announce(hall))] if warm else []
        try:
            yield
        finally:
            for one in early:
                one.cancel()
            hall.close()

    app = FastAPI(
        title="Serai",
        version=__version__,
        description="Routes, states, scenarios, gains, claims: the answers of the command line over HTTP.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
        exception_handlers={SeraiError: _told, RequestValidationError: _malformed, HTTPException: _refused},
    )
    app.state.settings = settings
    app.state.sessions = Sessions(settings.tokens)
    app.include_router(reads)
    app.include_router(writes)
    app.include_router(pages)
    if settings.private:
        _close(app.openapi())
    return Guard(app, settings, _logger(settings))


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped: one process that answers, and its workers."""
    import uvicorn

    from serai.server.wire import protocol

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    logging.getLogger("uvicorn.access").disabled = True
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        http=protocol(settings.limits.head_s),
        ws="none",
        workers=1,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=5,
        limit_concurrency=500,
    )
