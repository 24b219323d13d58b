"""One database, two makes: SQLite for trying and small towns, PostgreSQL for cities.

SQLite runs in WAL with foreign keys on and full durability; a writer begins with BEGIN IMMEDIATE, a reader deferred, so two
writers never deadlock half-way. PostgreSQL locks rows, in the order of `kit.locks`.

A database is opened with the key that seals what lies in it; every session carries it (`sealer_of`), so that a reading statement
and the opening of what it brought stand together.

`reading()` never commits. `writing()` commits once at its end, after what was put off until then (`at_the_end`: the log); an
`Answer` (a lawful no) is committed with its audit row and then travels on; anything else rolls back.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, BigInteger, Connection, DateTime, Engine, Executable, MetaData, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from backend.kit import savepoints
from backend.kit.crypto import Sealer
from backend.kit.errors import Answer, Misconfigured

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment; stored in UTC, answered in UTC. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_LAST_ACTS, _CLOSING, _WAITS = "last_acts", "closing_acts", "creditbridge_waits"

Fen = BigInteger
Json = JSON().with_variant(JSONB(), "postgresql")


# A pooled connection to PostgreSQL that lay longer is asked whether it is still there before it is used.
IDLE_SECONDS = 1.0
# How long a request waits for a connection before it is told that too many are at it.
POOL_SECONDS = 10


class Base(DeclarativeBase):
    """Root of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment(), dict[str, Any]: Json, list[Any]: Json}


def _plain(item: Any) -> Any:
    if isinstance(item, Decimal):
        return str(item)
    if hasattr(item, "isoformat"):
        return item.isoformat()
    if hasattr(item, "as_dict"):
        return item.as_dict()
    raise TypeError(f"{type(item).__name__} cannot be kept as JSON")


# One encoder for all: `json.dumps` would make a new one for every column of every row.
_dumps = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


class Database:
    """An engine and its two ways in."""

    def __init__(self, url: str, sealer: Sealer | None = None) -> None:
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise Misconfigured(f"DATABASE_URL begins with sqlite:/// or postgresql://, not “{url.split(':')[0]}:”")
        self.url = url
        self.sealer = sealer
        self.is_sqlite = url.startswith("sqlite")
        # Whatever fails, no statement's values (passwords' hashes, credit data) stand in the error that may be logged.
        options: dict[str, Any] = {"json_serializer": _dumps, "hide_parameters": True}
        if self.is_sqlite:
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
        else:
            # As long as SQLite lets a writer wait, and no longer: whoever holds a lock for ever must not hold everybody.
            options |= {"pool_size": 10, "max_overflow": 20, "pool_timeout": POOL_SECONDS}
            options["connect_args"] = {"options": "-c lock_timeout=30s"}
        self.engine: Engine = create_engine(url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _sqlite_connect)
            event.listen(self.engine, "begin", _sqlite_begin)
        else:
            event.listen(self.engine, "checkin", _left)
            event.listen(self.engine, "checkout", _asked_whether_alive)
        writer = self.engine.execution_options(creditbridge_writes=True)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info={"sealer": sealer})
        self._writers = sessionmaker(writer, expire_on_commit=False, info={"sealer": sealer})
        self._hasty = writer.execution_options(creditbridge_lasts=False)
        # SQLite lets a second writer wait by sleeping; within one process a lock hands over at once.
        self._one_writer = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; whatever it changed is thrown away."""
        with self._sessions() as session:
            yield session
            # What was read outlives the session: a rollback alone would leave its rows empty.
            session.expunge_all()
            session.rollback()

    @contextmanager
    def writing(self, *, lasts: bool = True) -> Iterator[Session]:
        """A session that commits once, at its end. `lasts` False: the commit does not wait for the disk. Others see it at once,
        and the next commit that lasts takes it along to the disk; a power cut before that takes it back. Only for what nobody is
        told of until then."""
        with self._one_writer, self._writers() if lasts else self._writers(bind=self._hasty) as session:
            connection = session.connection()
            if not (lasts or self.is_sqlite):
                with _in_one_go(connection):  # with the BEGIN before it
                    on_cursor(connection, "SET LOCAL synchronous_commit TO off")
            try:
                yield session
            except Answer:
                _end(session)
                raise
            except BaseException:
                session.rollback()
                raise
            _end(session)

    def tell(self, **info: Any) -> None:
        """What every session opened from now on carries in its `info`."""
        for sessions in (self._sessions, self._writers):
            sessions.configure(info={**sessions.kw["info"], **info})

    def dispose(self) -> None:
        self.engine.dispose()


def at_the_end(session: Session, name: str, act: Callable[[Session], None]) -> None:
    """Do this once, just before the transaction commits: what would hold up others is held as briefly as can be."""
    session.info.setdefault(_LAST_ACTS, {})[name] = act


def with_the_commit(session: Session, statement: Executable, values: Mapping[str, Any]) -> None:
    """Write this last of all, in one go with the commit: nobody in this transaction waits for its answer, or reads it again.
    Asked for inside a savepoint that is given up, it is not written."""
    savepoints.growing(session, _CLOSING).append((statement, values))


def _end(session: Session) -> None:
    session.flush()
    for act in session.info.pop(_LAST_ACTS, {}).values():
        act(session)
    closing = savepoints.growing(session, _CLOSING)
    if closing:
        connection = session.connection()
        with _in_one_go(connection) as driver:
            for statement, values in closing:
                connection.execute(statement, values)
            if driver is not None:
                driver.commit()  # the session's own has nothing left to say then
    session.commit()
    savepoints.forget(session)


@contextmanager
def _in_one_go(connection: Connection) -> Iterator[Any]:
    """PostgreSQL is sent all of it at once and answers once, at the end of the block: each answer that is waited for costs two
    changes of process. Inside nothing may be read. SQLite lies in our own process: there it changes nothing."""
    if connection.dialect.name == "sqlite":
        yield None
        return
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.pipeline():
            yield driver
    except connection.dialect.loaded_dbapi.Error as fault:
        raise driver_error(connection, None, fault) from fault


def sealer_of(session: Session) -> Sealer:
    """The key by which this database's sealed columns open. A database opened without one gives nothing sealed away."""
    found = session.info.get("sealer")
    if not isinstance(found, Sealer):
        raise Misconfigured("the database was opened without the key that seals its records (CREDITBRIDGE_RECORD_KEY)")
    return found


def _left(_: Any, record: Any) -> None:
    record.info["left"] = monotonic()


def _asked_whether_alive(connection: Any, record: Any, _: Any) -> None:
    """As pool_pre_ping asks, but not of a connection that was in use a moment ago: asking takes a round trip each time."""
    if monotonic() - record.info.get("left", 0.0) > IDLE_SECONDS:
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except Exception as gone:
            raise DisconnectionError("the connection was closed meanwhile") from gone


def _sqlite_connect(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        *("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=30000"),
        *("wal_autocheckpoint=8000", "cache_size=-65536"),
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    asked = connection.get_execution_options()
    # In WAL both keep the order of commits and never break the file; NORMAL leaves it to the next FULL one to wait for the disk.
    waits = "FULL" if asked.get("creditbridge_lasts", True) else "NORMAL"
    if connection.info.get(_WAITS, "FULL") != waits:
        on_cursor(connection, f"PRAGMA synchronous={waits}")
        connection.info[_WAITS] = waits
    on_cursor(connection, "BEGIN IMMEDIATE" if asked.get("creditbridge_writes") else "BEGIN")


def on_cursor(connection: Connection, text: str) -> Any:
    """Execute on a cursor of the driver, which is answered: what every transaction does, at the cost of the statement alone.

    What the driver refuses comes out as SQLAlchemy's errors all the same.
    """
    cursor = connection.connection.cursor()
    try:
        return cursor.execute(text)
    except connection.dialect.loaded_dbapi.Error as fault:
        raise driver_error(connection, cursor, fault) from fault


def driver_error(connection: Connection, cursor: Any, fault: Any) -> BaseException:
    """The driver's error as SQLAlchemy would have raised it; a connection that is gone is not used again."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(fault, connection.connection.dbapi_connection, cursor)
    if gone:
        connection.invalidate(fault)
    base = dialect.loaded_dbapi.Error
    said = DBAPIError.instance(None, None, fault, base, connection_invalidated=gone, dialect=dialect)
    return cast(BaseException, said)


# Deadlock, serialization, lock and statement time-outs, a server that goes down or comes up: the same again may well work.
PASSING = frozenset({"40P01", "40001", "55P03", "57014", "57P01", "57P02", "57P03"})
_BUSY, _LOCKED = 5, 6  # SQLite's primary result codes


def is_passing(error: BaseException) -> bool:
    """Whether an error of the database is of its moment, and not of what was asked of it."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    code = int(getattr(error.orig, "sqlite_errorcode", None) or 0) & 0xFF
    return error.connection_invalidated or state in PASSING or state.startswith("08") or code in (_BUSY, _LOCKED)
