"""What every request passes before it is answered: host, origin, rate, size and time; and what every answer carries.

Plain ASGI, so that nothing is buffered twice and streams stay streams.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from serai.server.settings import Settings

SAFE: Final = ("GET", "HEAD", "OPTIONS")
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)
CLIENTS: Final = 10_000
UPLOADS: Final = "/api/v1/overlays"


def header(scope: Scope, name: bytes) -> str:
    """Value of a header, or nothing; of several the first."""
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


def host_of(authority: str) -> str:
    """Host of ``host:port``, without the port and the brackets of an address."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    return authority.rpartition(":")[0].lower() if ":" in authority else authority.lower()


class Refused(Exception):  # noqa: N818 - an answer rather than an error
    """A request that is not answered: why, and when to come back."""

    def __init__(self, status: int, what: str, remedy: str = "", again_s: int = 0) -> None:
        super().__init__(what)
        self._status, self._again_s = status, again_s
        self._body = json.dumps({"detail": what, "remedy": remedy}).encode()

    async def answer(self, send: Send) -> None:
        """Say so."""
        head = [(b"content-type", b"application/json"), (b"content-length", str(len(self._body)).encode())]
        if self._again_s:
            head.append((b"retry-after", str(self._again_s).encode()))
        await send({"type": "http.response.start", "status": self._status, "headers": head})
        await send({"type": "http.response.body", "body": self._body})


class Guard:
    """Checks around an application.

    Parameters
    ----------
    app
        The application.
    settings
        Of the server.
    log
        Told of every request before its answer leaves, so that nobody knows of a write that is not on record.
    """

    def __init__(self, app: ASGIApp, settings: Settings, log: Callable[[dict[str, Any]], None]) -> None:
        self.app, self._settings, self._log = app, settings, log
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, told = time.perf_counter(), False

        def tell(status: int) -> None:
            nonlocal told
            told = True
            self._log(
                {
                    "client": scope["client"][0] if scope.get("client") else "",
                    "who": scope.get("serai_who", ""),
                    "method": scope["method"],
                    "path": scope["path"],
                    "status": status,
                    "ms": round((time.perf_counter() - begun) * 1000, 1),
                }
            )

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                tell(message["status"])
                message = {**message, "headers": [*message["headers"], *_dress(scope, message["headers"])]}
            await send(message)

        try:
            await self._checked(scope, receive, dressed)
        finally:
            if not told:
                tell(0)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._admit(scope)
            if scope["method"] not in SAFE:
                receive = _replay(await self._whole_body(scope, receive), receive)
        except Refused as fault:
            await fault.answer(send)
            return
        await self.app(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        """Look at what the head of a request says."""
        authority = header(scope, b"host")
        if host_of(authority) not in self._settings.hosts:
            raise Refused(421, "This server does not answer to that name", "Start it with --allow-host.")
        if scope["method"] not in SAFE and not _same_origin(scope, authority):
            raise Refused(403, "The request comes from another site")
        if wait := self._wait_s(scope):
            raise Refused(429, "Too many requests from this address", "Wait a little.", max(1, round(wait)))
        length = header(scope, b"content-length")
        if length and not (length.isascii() and length.isdigit()):
            raise Refused(400, "Content-Length is no number")
        if length and int(length) > self._limit(scope):
            raise self._too_large(scope)

    def _limit(self, scope: Scope) -> int:
        limits = self._settings.limits
        return limits.upload_bytes if scope["path"] == UPLOADS else limits.body_bytes

    def _too_large(self, scope: Scope) -> Refused:
        return Refused(413, f"The request is over {self._limit(scope) // 1024} KiB", "Send less.")

    async def _whole_body(self, scope: Scope, receive: Receive) -> bytes:
        try:
            body = await asyncio.wait_for(_body(receive, self._limit(scope)), self._settings.limits.body_s)
        except TimeoutError:
            raise Refused(408, "The request did not arrive in time") from None
        if body is None:
            raise self._too_large(scope)
        return body

    def _wait_s(self, scope: Scope) -> float:
        """Take one from the client's bucket; how long it must wait where that is empty."""
        if not scope["path"].startswith("/api/"):
            return 0.0
        limits, now = self._settings.limits, time.monotonic()
        client = scope["client"][0] if scope.get("client") else ""
        level, then = self._buckets.pop(client, (limits.burst, now))
        level = min(limits.burst, level + (now - then) * limits.requests_per_s)
        self._buckets[client] = (level - 1.0 if level >= 1.0 else level, now)
        while len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if level >= 1.0 else (1.0 - level) / limits.requests_per_s


def _same_origin(scope: Scope, authority: str) -> bool:
    """Whether a write comes from this server's own page, or from no page at all."""
    if header(scope, b"sec-fetch-site") not in {"", "same-origin", "none"}:
        return False
    origin = header(scope, b"origin")
    return not origin or urlsplit(origin).netloc.lower() == authority.lower()


def _dress(scope: Scope, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers that every answer carries."""
    framable = scope["path"].startswith("/embed/")
    policy = POLICY.format(ancestors="*" if framable else "'none'")
    out = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]
    if not framable:
        out += [(b"x-frame-options", b"DENY"), (b"cross-origin-opener-policy", b"same-origin")]
        out.append((b"cross-origin-resource-policy", b"same-origin"))
    if not any(name == b"cache-control" for name, _ in given):
        out.append((b"cache-control", b"no-store"))
    return out


async def _body(receive: Receive, limit: int) -> bytes | None:
    """Read a body whole; None where it is over the limit."""
    parts: list[bytes] = []
    size = 0
    while True:
        message: MutableMapping[str, Any] = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more; afterwards whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
