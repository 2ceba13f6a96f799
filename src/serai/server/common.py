"""What the addresses of the server share: who asks, and how an answer is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from serai.server.access import COOKIE, CSRF_HEADER, NOBODY, Holder, Sessions
from serai.server.guard import SAFE
from serai.server.hall import Hall

if TYPE_CHECKING:
    from collections.abc import Callable

    from serai.server.content import Content

bearer = HTTPBearer(auto_error=False, description="A token of the server's token file.")
REVALIDATE: Final = "no-cache"


class Problem(BaseModel):
    """What is wrong, and the remedy."""

    detail: str
    remedy: str = ""


OPEN: Final[dict[str, Any]] = {"security": [{}]}
"""Added to the description of what needs no role; taken off again where the server is private."""
FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Problem, "description": "The request cannot be read."},
    401: {"model": Problem, "description": "A role is needed."},
    403: {"model": Problem, "description": "The role does not allow it, or the request comes from another site."},
    408: {"model": Problem, "description": "The request did not arrive in time."},
    409: {"model": Problem, "description": "The work was taken back."},
    413: {"model": Problem, "description": "The request is too large."},
    421: {"model": Problem, "description": "The server does not answer to that name."},
    422: {"model": Problem, "description": "A mistake in the request: what, where, and the remedy."},
    429: {"model": Problem, "description": "Too many requests."},
    501: {"model": Problem, "description": "An optional part is not installed."},
    503: {"model": Problem, "description": "No room or no time now; Retry-After says when to ask again."},
}


def hall(request: Request) -> Hall:
    """State of the server."""
    found: Hall = request.app.state.hall
    return found


def holder(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Holder:
    """Who asks: by bearer token, or by the session of a browser; embedded pages have none."""
    sessions: Sessions = request.app.state.sessions
    if given is not None:
        found = sessions.of_token(given.credentials)
        if found is NOBODY:
            raise HTTPException(401, "The token is not known", {"WWW-Authenticate": "Bearer"})
    else:
        found = sessions.of_cookie(request.cookies.get(COOKIE, ""))
        if found.csrf and request.method not in SAFE:
            import hmac

            sent = request.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode(), found.csrf.encode()):
                raise HTTPException(403, f"A page must send {CSRF_HEADER} with every write")
    request.scope["serai_who"] = found.name
    return found


def needs(role: str) -> Callable[..., Holder]:
    """Require a role."""

    def check(who: Annotated[Holder, Depends(holder)]) -> Holder:
        if not who.may(role):
            if who.role:
                raise HTTPException(403, f"This needs the role of {role}")
            raise HTTPException(401, f"This needs a token with the role of {role}", {"WWW-Authenticate": "Bearer"})
        return who

    return check


def reader(request: Request, who: Annotated[Holder, Depends(holder)]) -> Holder:
    """Let everybody read, unless the server is private."""
    if request.app.state.settings.private and not who.may("reader"):
        raise HTTPException(401, "This server is private", {"WWW-Authenticate": "Bearer"})
    return who


TheHall = Annotated[Hall, Depends(hall)]
Reader = Annotated[Holder, Depends(reader)]


def send(request: Request, content: Content, tag: str = "", status: int = 200) -> Response:
    """Send an answer: not again where the client has it, packed where it takes that."""
    head = {"Vary": "Accept-Encoding, Accept-Language"}
    if tag:
        head |= {"ETag": tag, "Cache-Control": REVALIDATE}
        if request.headers.get("if-none-match", "") in {tag, f"W/{tag}"}:
            return Response(status_code=304, headers=head)
    if content.name:
        head["Content-Disposition"] = f'attachment; filename="{content.name}"'
    body = content.body
    if content.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, head["Content-Encoding"] = content.packed, "gzip"
    return Response(body, status, head, content.media_type)
