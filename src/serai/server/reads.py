"""What everybody may ask."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from serai import __version__
from serai.server.common import FAULTS, OPEN, Reader, TheHall, send
from serai.server.content import as_json
from serai.server.hall import today
from serai.server.questions import (
    CheckQuestion,
    CompareQuestion,
    DayQuery,
    DecisionQuestion,
    GradientQuery,
    LedgerLists,
    LedgerRecord,
    RoutesQuery,
    RoutesQuestion,
    SolveQuestion,
    StatusQuery,
)
from serai.server.said import asked_language

if TYPE_CHECKING:
    from serai.server.access import Holder
    from serai.server.content import Content
    from serai.server.hall import Hall
    from serai.server.questions import Question

LOOK_S: Final = 0.25
"""How often to look whether whoever asked is still there."""
GONE: Final = 499
"""What the log says of a question that nobody waited for; no client is told."""
reads = APIRouter(prefix="/api/v1", responses=FAULTS)
JSON_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    304: {"description": "What the client has is still the answer."},
}


async def _answer(request: Request, hall: Hall, question: Question) -> Response:
    asking = asyncio.ensure_future(_asked(request, hall, question))
    try:
        while not asking.done() and not (await asyncio.wait({asking}, timeout=LOOK_S))[0]:
            if await request.is_disconnected():
                return Response(status_code=GONE)
    finally:
        asking.cancel()
    content, tag = asking.result()
    return send(request, content, tag if request.method == "GET" else "")


async def _asked(request: Request, hall: Hall, question: Question) -> tuple[Content, str]:
    return await _said(request, hall, *await hall.ask(question))


async def _said(request: Request, hall: Hall, content: Content, tag: str) -> tuple[Content, str]:
    """Add what the answer says in the language the client asks for."""
    return await hall.said(content, tag, asked_language(request.headers.get("accept-language", "")))


def _drafts(who: Holder) -> bool:
    return who.may("analyst")


@reads.get("/packages", openapi_extra=OPEN, summary="The package this server answers from")
def packages(hall: TheHall, who: Reader) -> dict[str, Any]:
    """Name the package, how to cite it, and what this server offers."""
    from serai.server.atlas import meta_json

    return {
        "serai": __version__,
        "today": today().isoformat(),
        "packages": [meta_json(hall.package)],
        "offers": {"ledger": True, "trade": bool(len(hall.package["trade_totals"])), **hall.study_offer},
        "role": who.role,
    }


@reads.get(
    "/packages/{name}",
    openapi_extra=OPEN,
    responses={**JSON_ANSWER, 404: FAULTS[400]},
    summary="Everything a page draws of a package",
)
async def package(request: Request, hall: TheHall, _: Reader, name: Annotated[str, Path(max_length=80)]) -> Response:
    """Places, lines, crossings, names, scenarios, projects, sources and the boundaries of the map."""
    if name != hall.package.meta.name:
        raise HTTPException(404, f"This server has no package {name}")
    return send(request, *await _said(request, hall, *await hall.atlas()))


@reads.get("/scenarios", openapi_extra=OPEN, responses=JSON_ANSWER, summary="The scenarios that come with the package")
async def scenarios(request: Request, hall: TheHall, _: Reader) -> Response:
    """Name, title, description in four languages, and changes of each."""
    return send(request, *await _said(request, hall, *await hall.scenarios()))


@reads.get(
    "/status", openapi_extra=OPEN, responses=JSON_ANSWER, summary="What is open on a day, and how far that is known"
)
async def status(request: Request, hall: TheHall, _: Reader, query: Annotated[StatusQuery, Query()]) -> Response:
    """As ``serai status list --json``."""
    return await _answer(request, hall, query)


@reads.get("/routes", openapi_extra=OPEN, responses=JSON_ANSWER, summary="Ways between two places on a day")
async def routes(request: Request, hall: TheHall, _: Reader, query: Annotated[RoutesQuery, Query()]) -> Response:
    """As ``serai routes --json``."""
    return await _answer(request, hall, RoutesQuestion(**query.model_dump()))


@reads.post(
    "/routes", openapi_extra=OPEN, responses=JSON_ANSWER, summary="Ways between two places, with changes of one's own"
)
async def routes_with_changes(request: Request, hall: TheHall, _: Reader, question: RoutesQuestion) -> Response:
    """As ``serai routes --json``, with operations and workbooks applied first."""
    return await _answer(request, hall, question)


@reads.post("/solve", openapi_extra=OPEN, responses=JSON_ANSWER, summary="Who gains and what flows where under a case")
async def solve(request: Request, hall: TheHall, _: Reader, question: SolveQuestion) -> Response:
    """As ``serai solve --json``: the case beside the same day without it."""
    return await _answer(request, hall, question)


@reads.post("/compare", openapi_extra=OPEN, responses=JSON_ANSWER, summary="Two cases side by side")
async def compare(request: Request, hall: TheHall, _: Reader, question: CompareQuestion) -> Response:
    """Best ways of pairs of places in both; gains and flows from the first to the second."""
    return await _answer(request, hall, question)


@reads.get(
    "/decision", openapi_extra=OPEN, responses=JSON_ANSWER, summary="What the study decides, where that was worked out"
)
async def decision(request: Request, hall: TheHall, _: Reader, query: Annotated[DayQuery, Query()]) -> Response:
    """Choices, scorecard and coalition; null where no job ``{"decision": {}}`` has worked them out yet."""
    found = hall.known(DecisionQuestion(as_of=query.as_of or today().isoformat()))
    return send(request, *await _said(request, hall, *(found or (as_json({"decision": None}), ""))))


@reads.get(
    "/gradient",
    openapi_extra=OPEN,
    responses=JSON_ANSWER,
    summary="Who gains from a day less at each border, port and line",
)
async def gradient(request: Request, hall: TheHall, _: Reader, query: Annotated[GradientQuery, Query()]) -> Response:
    """As ``serai gradient --json``."""
    return await _answer(request, hall, query)


@reads.post(
    "/check", openapi_extra=OPEN, responses=JSON_ANSWER, summary="The claims of an article, each with its verdicts"
)
async def check(request: Request, hall: TheHall, _: Reader, question: CheckQuestion) -> Response:
    """As ``serai check --json``, of a text that is sent along; no address is fetched and nothing is kept."""
    return await _answer(request, hall, question)


@reads.get("/ledger", openapi_extra=OPEN, responses=JSON_ANSWER, summary="Agreements, promises by urgency, and claims")
async def ledger(request: Request, hall: TheHall, who: Reader, query: Annotated[DayQuery, Query()]) -> Response:
    """Claims that wait for a reviewer are shown to analysts and reviewers only."""
    day = query.as_of or today().isoformat()
    return await _answer(request, hall, LedgerLists(day=day, drafts=_drafts(who)))


@reads.get("/ledger/{name}", openapi_extra=OPEN, responses=JSON_ANSWER, summary="One entry, promise or claim")
async def record(
    request: Request,
    hall: TheHall,
    who: Reader,
    name: Annotated[str, Path(min_length=1, max_length=120)],
    query: Annotated[DayQuery, Query()],
) -> Response:
    """With its other accounts, sources, opinions, replies, corrections and history."""
    day = query.as_of or today().isoformat()
    return await _answer(request, hall, LedgerRecord(day=day, name=name, drafts=_drafts(who)))
