"""Fetch a page politely and safely: public hosts only, the address pinned, robots obeyed, size and time limited."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from serai.core.errors import InputError
from serai.evidence.text import decode

if TYPE_CHECKING:
    from collections.abc import Callable


AGENT: Final = "serai-check/0.1 (reads one article at its user's request)"
MOST_BYTES: Final = 5_000_000
"""Of a page, packed or unpacked."""
MOST_SECONDS: Final = 20.0
MOST_REDIRECTS: Final = 5
_PORTS: Final = {"http": 80, "https": 443}
PAGES: Final = ("text/html", "application/xhtml+xml", "text/plain")
FEEDS: Final = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
    "application/xml",
    "text/xml",
)
LONGEST_PAUSE_S: Final = 30.0
"""A host that asks for longer pauses is not asked twice."""


class FetchError(InputError):
    """A page that was not fetched, and why."""


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page: where it was found at last, its media type and text."""

    address: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered: status, headers in lower case, and a body not yet unpacked."""

    status: int
    headers: dict[str, str]
    body: bytes


def public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """IP addresses of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise FetchError(f"There is no host {host!r}", "Check the address.") from fault
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def pin(address: str, resolver: Callable[[str, int], list[str]] = resolve) -> tuple[str, str, int]:
    """Check an address and choose the one IP address it will be fetched from.

    Returns
    -------
    tuple
        IP address, host and port.

    Raises
    ------
    FetchError
        For another scheme than http or https, credentials, an odd port, or a host any of whose addresses is not public:
        the one checked is the one connected to, so a second answer of its name server changes nothing.
    """
    parts = urlsplit(address)
    if parts.scheme not in _PORTS:
        raise FetchError(f"{parts.scheme or address!r} is not fetched", "Name an http or https address, or a file.")
    if parts.username or parts.password or "@" in parts.netloc:
        raise FetchError("An address with a user name in it is not fetched", "Take it out.")
    try:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    except ValueError as fault:
        raise FetchError(f"{address!r} is not an address", "Check it.") from fault
    if not host or port not in _PORTS.values():
        raise FetchError(f"{address!r} names no host or an unusual port", "Only ports 80 and 443 are fetched.")
    found = resolver(host, port)
    if not found or not all(public(ip) for ip in found):
        raise FetchError(
            f"{host} is not on the public internet", "Only public hosts are fetched; save the page to a file."
        )
    return found[0], host, port


def _unpack(body: bytes, coding: str) -> bytes:
    """Unpack a body, stopping at the limit: what swells beyond it is refused, never held."""
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError(f"The page is packed with {coding!r}", "Save it to a file and name that.")
    worker = zlib.decompressobj(47 if "gzip" in coding else 15)
    try:
        out = worker.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        worker = zlib.decompressobj(-15)
        try:
            out = worker.decompress(body, MOST_BYTES + 1)
        except zlib.error as fault:
            raise FetchError("The page is packed in a way that cannot be read", "Save it to a file.") from fault
    if len(out) > MOST_BYTES:
        raise FetchError(f"The page unpacks to more than {MOST_BYTES // 1_000_000} MB", "Save its text to a file.")
    return out


class _Pinned(http.client.HTTPConnection):
    """A connection to one IP address under the name of its host."""

    def __init__(self, ip: str, host: str, port: int, *, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._ip, self._secure = ip, secure

    def connect(self) -> None:
        """Connect to the pinned address; the certificate must be that of the host."""
        self.sock = socket.create_connection((self._ip, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def ask(address: str, ip: str, host: str, port: int, deadline: float) -> Answer:
    """Ask one host for one page; no more than the limit is read, and not beyond the deadline."""
    parts = urlsplit(address)
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    if re.search(r"[\x00-\x20\x7f]", path):
        raise FetchError(f"{address!r} is not an address", "Write spaces as %20.")
    path = re.sub(r"[^\x21-\x7e]", lambda m: "".join(f"%{b:02X}" for b in m.group().encode()), path)
    connection = _Pinned(
        ip, host, port, secure=parts.scheme == "https", timeout=max(0.5, min(10.0, deadline - time.monotonic()))
    )
    headers = {
        "User-Agent": AGENT,
        "Accept": ", ".join((*PAGES, *FEEDS)),
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        chunks, size = [], 0
        while chunk := response.read1(65_536):
            size += len(chunk)
            if size > MOST_BYTES:
                raise FetchError(f"The page is larger than {MOST_BYTES // 1_000_000} MB", "Save its text to a file.")
            if time.monotonic() > deadline:
                raise FetchError(
                    f"{host} did not answer in {MOST_SECONDS:.0f} s", "Try later, or save the page to a file."
                )
            chunks.append(chunk)
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, b"".join(chunks))
    except (OSError, http.client.HTTPException) as fault:
        raise FetchError(
            f"{host} cannot be read: {fault or type(fault).__name__}", "Try later, or save the page to a file."
        ) from fault
    finally:
        connection.close()


def _rules(
    robots: str, resolver: Callable[[str, int], list[str]], asker: Callable[..., Answer], deadline: float
) -> RobotFileParser:
    """Rules of a host's robots file; no file allows all, an unreadable one nothing."""
    answer = asker(robots, *pin(robots, resolver), deadline)
    rules = RobotFileParser()
    rules.modified()
    if answer.status in {401, 403} or answer.status >= 500:
        rules.parse(["User-agent: *", "Disallow: /"])
    elif answer.status == 200:
        body = _unpack(answer.body, answer.headers.get("content-encoding", ""))
        rules.parse(body.decode("utf-8", "replace").splitlines())
    return rules


@dataclass(slots=True)
class Manners:
    """How hosts are treated over several requests: rules are read once, and each host is given time between pages.

    `pause_s` seconds lie between two pages of a host, or its Crawl-delay if that is longer; `clock` and `sleep` are
    replaced in tests.
    """

    pause_s: float = 2.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    rules: dict[str, RobotFileParser] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)

    def allows(
        self, address: str, resolver: Callable[[str, int], list[str]], asker: Callable[..., Answer], deadline: float
    ) -> bool:
        """Whether the host's robots file lets a page be read."""
        parts = urlsplit(address)
        robots = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
        if robots not in self.rules:
            self.rules[robots] = _rules(robots, resolver, asker, deadline)
        return self.rules[robots].can_fetch(_NAME, address)

    def wait(self, address: str, host: str) -> float:
        """Let the host rest; returns the seconds slept. Raise FetchError if it asks for longer than anyone waits."""
        parts = urlsplit(address)
        rules = self.rules.get(urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", "")))
        said = float(rules.crawl_delay(_NAME) or 0) if rules else 0.0
        rest = max(self.pause_s, said)
        left = 0.0
        if host in self.asked:
            if rest > LONGEST_PAUSE_S:
                raise FetchError(f"{host} asks for {rest:.0f} s between pages", "Open this one yourself.")
            left = max(0.0, self.asked[host] + rest - self.clock())
            if left:
                self.sleep(left)
        self.asked[host] = self.clock()
        return left


_NAME: Final = "serai-check"


def fetch(
    address: str,
    *,
    kinds: tuple[str, ...] = PAGES,
    manners: Manners | None = None,
    resolver: Callable[[str, int], list[str]] = resolve,
    asker: Callable[..., Answer] = ask,
) -> Page:
    """Fetch a page.

    Parameters
    ----------
    address
        An http or https address.
    kinds
        Media types taken.
    manners
        Kept over several pages; of this one alone by default.
    resolver, asker
        How names are resolved and hosts asked; replaced in tests.

    Raises
    ------
    FetchError
        When the host is private (also after a redirect), forbids it, is too slow, or sends too much or no text.
    """
    manners = manners or Manners(pause_s=0.0)
    deadline = time.monotonic() + MOST_SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        ip, host, port = pin(address, resolver)
        if not manners.allows(address, resolver, asker, deadline):
            raise FetchError(
                f"{host} asks programs not to read {address}", "Open it yourself and save its text to a file."
            )
        deadline += manners.wait(address, host)
        answer = asker(address, ip, host, port, deadline)
        if answer.status in {301, 302, 303, 307, 308} and "location" in answer.headers:
            address = urljoin(address, answer.headers["location"])
            continue
        if answer.status != 200:
            raise FetchError(f"{host} answers {answer.status}", "Check the address, or save the page to a file.")
        content = answer.headers.get("content-type", "text/html")
        kind = content.split(";")[0].strip().lower()
        if kind not in kinds:
            raise FetchError(f"{address} is {kind}, not a page", "Name an article's page.")
        charset = re.search(r"charset=[\"']?([\w-]+)", content, re.IGNORECASE)
        body = _unpack(answer.body, answer.headers.get("content-encoding", ""))
        return Page(address, kind, decode(body, charset[1] if charset else ""))
    raise FetchError(f"{address} redirects more than {MOST_REDIRECTS} times", "Name the page it ends at.")
