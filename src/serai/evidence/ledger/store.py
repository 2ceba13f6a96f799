"""Open a ledger's database, SQLite or PostgreSQL, and write to it so that nothing is lost.

Every write is one transaction; a write that began from an older version than the one that stands is refused,
so two people at once cannot overwrite each other.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from serai.core.errors import EXIT_MISSING, InputError, SeraiError
from serai.core.files import user_folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Row

    AnyRow: TypeAlias = Row[*tuple[Any, ...]]
    """A row whose columns only the table knows."""

HEAD: Final = "0001"
"""Revision of the database that this program reads and writes."""
WAIT_S: Final = 30
LOCK: Final = 7331
_BUSY: Final = "Try again; another program is writing."
_REMEDY: Final = {
    "full": "Make room on the disk and repeat; nothing of this step was written.",
    "locked": _BUSY,
    "could not extend": "Make room on the disk and repeat; nothing of this step was written.",
    "readonly": "Name a database you may write, with --database.",
    "no password": "Give the address of the database as postgresql://USER:PASSWORD@HOST/NAME.",
    "connection": "See that the database runs and that its address is right.",
}


class LedgerError(SeraiError):
    """The ledger's database cannot be opened, read or written."""


class ChangedError(SeraiError):
    """What was to be changed has been changed by somebody else since it was read."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger.

    Attributes
    ----------
    engine
        SQLAlchemy engine, its database at revision :data:`HEAD`.
    name
        Where it is, without a password, for messages.
    """

    engine: Engine
    name: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read in one transaction, and so from one state."""
        with _told(self.name), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction: all of the block, or nothing when it raises.

        Writers wait for each other from the first statement on, so what one reads in the block is what stands
        when it writes: two reviewers who agree at the same moment cannot both miss the other.
        """
        with _told(self.name), self.engine.execution_options(serai_write=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK})")
            yield connection


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn a fault of the database into one line with its remedy."""
    from sqlalchemy.exc import DBAPIError, IntegrityError

    try:
        yield
    except IntegrityError as fault:
        text = str(fault.orig).splitlines()[0]
        if "unique" in text.lower():
            raise ChangedError(f"ledger {name}: somebody else wrote this first", "Look again and repeat.") from fault
        raise LedgerError(f"ledger {name} refuses the row: {text}", "Complete the row.") from fault
    except DBAPIError as fault:
        text = (str(fault.orig).splitlines() or ["no reason given"])[0]
        remedy = next((r for word, r in _REMEDY.items() if word in text.lower()), "See the database's own log.")
        raise LedgerError(f"ledger {name}: {text}", remedy) from fault


def default_address() -> str:
    """Address of the ledger in the user's own folder."""
    return f"sqlite:///{(user_folder() / 'ledger.sqlite').as_posix()}"


def _write_ahead(raw: sqlite3.Connection) -> None:
    """Let readers read while one writes; SQLite does not wait by itself for another who switches this on."""
    import sqlite3
    import time

    for attempt in range(WAIT_S * 20):
        try:
            raw.execute("pragma journal_mode=wal")
        except sqlite3.OperationalError:
            if attempt == WAIT_S * 20 - 1:
                raise
            time.sleep(0.05)
        else:
            return


def _engine(address: str) -> tuple[Engine, str]:
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    try:
        url = make_url(address)
        kind = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as fault:
        raise InputError(
            "--database is no address of a database", "Write sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from fault
    if kind == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        try:
            return create_engine(url, pool_pre_ping=True), url.render_as_string(hide_password=True)
        except ModuleNotFoundError as fault:
            missing = InputError("PostgreSQL needs psycopg", "Install it: pip install 'serai[server]'.")
            missing.exit_code = EXIT_MISSING
            raise missing from fault
    if kind != "sqlite":
        raise InputError(f"No ledger is kept in {kind}", "Use sqlite:///FILE or postgresql://USER@HOST/NAME.")
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise LedgerError(
                f"ledger {url.database} cannot be made: {fault.strerror}", "Name another place."
            ) from fault
    pool = {"poolclass": NullPool} if url.database and url.database != ":memory:" else {}
    engine = create_engine(url, connect_args={"timeout": WAIT_S}, **pool)

    @event.listens_for(engine, "connect")
    def _prepare(raw: sqlite3.Connection, _: object) -> None:
        raw.isolation_level = None
        for pragma in ("foreign_keys=on", "recursive_triggers=on", "synchronous=full"):
            raw.execute(f"pragma {pragma}")
        _write_ahead(raw)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the lock at once lets two writers wait for each other instead of failing at the first write.
        write = connection.get_execution_options().get("serai_write")
        connection.exec_driver_sql("begin immediate" if write else "begin")

    return engine, url.database or "in memory"


def _revision(connection: Connection) -> str | None:
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def migrate(ledger: Ledger, to: str = HEAD) -> None:
    """Bring the database to a revision, up or down (``base`` is the empty database), all or nothing."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("serai.evidence.ledger").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    with ledger.writing() as connection:
        config.attributes["connection"] = connection
        current = _revision(connection)
        if to == "base":
            command.downgrade(config, "base")
        elif current != to:
            command.upgrade(config, to)


def open_ledger(address: str | None = None) -> Ledger:
    """Open a ledger, and bring its database up to date.

    Parameters
    ----------
    address
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``; the user's own folder by default.

    Raises
    ------
    InputError, LedgerError
        When the address is wrong, the database cannot be opened, or it was written by a newer program.
    """
    ledger = Ledger(*_engine(address or default_address()))
    try:
        with ledger.reading() as connection:
            revision = _revision(connection)
        if revision is not None and revision > HEAD:
            raise LedgerError(f"ledger {ledger.name} was written by a newer Serai", "Update Serai.")
        if revision != HEAD:
            migrate(ledger)
    except BaseException:
        ledger.engine.dispose()
        raise
    return ledger
