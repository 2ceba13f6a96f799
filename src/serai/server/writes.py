"""What needs a role: sessions, workbooks, jobs, recorded states, and the words of reviewers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Path, Request, Response
from fastapi.responses import StreamingResponse

from serai.core.errors import InputError
from serai.server.access import COOKIE, NOBODY, SESSION_S, Holder, Sessions
from serai.server.common import FAULTS, OPEN, Reader, TheHall, holder, needs, send
from serai.server.jobs import events
from serai.server.questions import CheckQuestion, Intake, JobQuestion, Login, Review, StatusNote, UploadCheck, Verdict
from serai.server.workbooks import check_archive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from serai.server.jobs import Job

NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {**FAULTS[400], "description": "There is none of that name."}}
writes = APIRouter(prefix="/api/v1", responses=FAULTS)
Analyst = Annotated[Holder, Depends(needs("analyst"))]
Reviewer = Annotated[Holder, Depends(needs("reviewer"))]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
JobName = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


def _who(who: Holder) -> dict[str, str]:
    return {"role": who.role, "name": who.name, "csrf": who.csrf}


@writes.get("/session", openapi_extra=OPEN, summary="Who the server takes you for")
def session(who: Annotated[Holder, Depends(holder)]) -> dict[str, str]:
    """Role, name, and the value a page must send with every write."""
    return _who(who)


@writes.post("/session", status_code=201, summary="Exchange a token for a session of this browser")
def log_in(request: Request, response: Response, login: Login) -> dict[str, str]:
    """Set a cookie that no script reads and no other site sends."""
    sessions: Sessions = request.app.state.sessions
    who = sessions.of_token(login.token)
    if who is NOBODY:
        raise HTTPException(401, "The token is not known", {"WWW-Authenticate": "Bearer"})
    value, opened = sessions.begin(who)
    response.set_cookie(
        COOKIE, value, max_age=SESSION_S, path="/api/", httponly=True, samesite="strict",
        secure=request.app.state.settings.secure,
    )  # fmt: skip
    return _who(opened)


@writes.delete("/session", status_code=204, summary="End the session of this browser")
def log_out(request: Request, _: Annotated[Holder, Depends(needs("reader"))]) -> Response:
    """Forget the session and its cookie."""
    sessions: Sessions = request.app.state.sessions
    sessions.end(request.cookies.get(COOKIE, ""))
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/api/")
    return answer


@writes.post("/overlays", status_code=201, summary="Lay a workbook or a CSV file of one's own over the package")
async def overlay(
    hall: TheHall,
    _: Analyst,
    content: Annotated[bytes, Body(media_type="application/octet-stream", min_length=1)],
    x_file_name: Annotated[str, Header(max_length=120, pattern=r"^[\w .()-]+\.(xlsx|csv)$")],
) -> dict[str, Any]:
    """Keep it in memory under its digest, which other questions name; it never touches the package or a disk."""
    if x_file_name.endswith(".xlsx"):
        check_archive(content)
    key = hall.hold(re.sub(r"[^A-Za-z0-9._-]+", "_", x_file_name), content)
    try:
        found, _tag = await hall.ask(UploadCheck(overlays=[key]))
    except BaseException:
        hall.forget(key)
        raise
    return {"id": key, **json.loads(found.body)}


@writes.delete("/overlays/{key}", status_code=204, summary="Forget a workbook")
def forget(hall: TheHall, _: Analyst, key: Digest) -> Response:
    """Drop it from memory."""
    hall.forget(key)
    return Response(status_code=204)


def _job(hall: TheHall, name: str) -> Job:
    job = hall.jobs.get(name)
    if job is None:
        raise HTTPException(404, "There is no such job")
    return job


@writes.post("/jobs", status_code=202, summary="Start a counterfactual, a decision or a whole study")
async def start(hall: TheHall, _: Analyst, response: Response, question: JobQuestion) -> dict[str, Any]:
    """Follow it under its address; what was accepted is not lost when a worker ends."""
    kinds = {"solve": question.solve, "decision": question.decision, "report": question.report}
    asked = [(k, q) for k, q in kinds.items() if q is not None]
    if len(asked) != 1:
        raise InputError("A job is one of `solve`, `decision` and `report`", "Give one of them.")
    job = hall.start(*asked[0])
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job.as_json()


@writes.get("/jobs/{name}", openapi_extra=OPEN, responses=NOT_FOUND, summary="How far a job is")
async def job(hall: TheHall, _: Reader, name: JobName) -> dict[str, Any]:
    """State, progress and, where it failed, why."""
    return _job(hall, name).as_json()


@writes.get(
    "/jobs/{name}/events",
    openapi_extra=OPEN,
    responses={**NOT_FOUND, 200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    summary="The progress of a job as it happens",
)
async def follow(request: Request, hall: TheHall, _: Reader, name: JobName) -> Response:
    """Server-sent events: ``progress`` and, once, ``end``."""
    followed = _job(hall, name)

    async def lines() -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        async for kind, shown in events(followed):
            if await request.is_disconnected():
                return
            yield ": alive\n\n" if kind == "beat" else f"event: {kind}\ndata: {json.dumps(shown)}\n\n"

    head = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), media_type="text/event-stream", headers=head)


@writes.get(
    "/jobs/{name}/result",
    openapi_extra=OPEN,
    responses={**NOT_FOUND, 200: {"content": {"application/json": {}, "application/zip": {}}}},
    summary="What a job came to",
)
async def result(request: Request, hall: TheHall, _: Reader, name: JobName) -> Response:
    """Answer of a finished job."""
    found = _job(hall, name)
    if found.result is None:
        raise HTTPException(409, f"The job is {found.state}")
    return send(request, found.result)


@writes.delete("/jobs/{name}", responses=NOT_FOUND, status_code=202, summary="Take a job back")
async def cancel(hall: TheHall, _: Analyst, name: JobName) -> dict[str, Any]:
    """End the work on it."""
    found = _job(hall, name)
    if found.task is not None and found.state in {"waiting", "running"}:
        found.task.cancel()
    return found.as_json()


@writes.post("/status", status_code=201, summary="Record a dated, sourced status")
async def note(request: Request, hall: TheHall, _: Reviewer, said: StatusNote) -> Response:
    """Append it to the server's own records; the package stays as it is."""
    return send(request, (await hall.ask(said))[0], status=201)


@writes.post("/ledger/{claim}/review", summary="Give a reviewer's word on a claim")
async def review(
    request: Request,
    hall: TheHall,
    who: Reviewer,
    claim: Annotated[str, Path(min_length=1, max_length=120)],
    word: Review,
) -> Response:
    """Verdicts that accuse stand when two reviewers agree."""
    return send(request, (await hall.ask(Verdict(claim=claim, review=word, by=who.name)))[0])


@writes.post("/articles", status_code=201, summary="Check an article and enter its claims as drafts")
async def intake(request: Request, hall: TheHall, who: Analyst, article: CheckQuestion) -> Response:
    """They wait for a reviewer; nothing of it is public before."""
    return send(request, (await hall.ask(Intake(article=article, by=who.name)))[0], status=201)
