"""How a server is set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may ask of a server.

    Attributes
    ----------
    body_bytes, upload_bytes
        Largest body of a question, and of a workbook.
    body_s
        Time for a body to arrive.
    quick_s, solve_s, own_s, job_s
        Time for an answer about routes, for a counterfactual, for one with figures of the user's own, and for a
        decision or a whole study, which somebody follows and may stop.
    waiting
        Questions that may wait for a worker; more are told to come back.
    requests_per_s, burst
        Of one client; a page's own files do not count.
    answers_bytes, uploads
        Size of the memory of answers, and uploads held; the oldest go first.
    ledger_s
        How long an answer from the ledger is given again; what is written here shows at once.
    """

    body_bytes: int = 256 * 1024
    upload_bytes: int = 4 * 1024 * 1024
    head_s: float = 10.0
    body_s: float = 10.0
    quick_s: float = 20.0
    solve_s: float = 60.0
    own_s: float = 900.0
    job_s: float = 3600.0
    waiting: int = 32
    requests_per_s: float = 50.0
    burst: float = 200.0
    answers_bytes: int = 64 * 1024 * 1024
    uploads: int = 32
    ledger_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One server.

    Attributes
    ----------
    package
        Name or folder of the data package.
    database
        Address of the ledger; the user's own by default.
    hosts
        Host names it answers to.
    tokens
        Role and holder by token.
    private
        Whether reading needs a role too.
    workers
        Processes for routes and, as many again, for solving.
    secure
        Whether browsers reach it by HTTPS only.
    audit
        File of the audit log; the log on the error stream if empty.
    """

    package: str
    database: str | None = None
    hosts: tuple[str, ...] = LOOPBACK
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    private: bool = False
    workers: int = 1
    secure: bool = False
    audit: str = ""
    limits: Limits = field(default_factory=Limits)
