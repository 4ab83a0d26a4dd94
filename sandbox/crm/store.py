"""The sandbox's database: one SQLite connection that behaves like the backend's PostgreSQL where it shows."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import StaticPool


class BackendError(Exception):
    """Something the backend does not survive: the answer is its plain-text 500."""


class Base(DeclarativeBase):
    """Parent of every table; a group declares its own tables in its own file."""

    # Ids of deleted rows never come back, as with the backend's sequences.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012


class Database:
    """All rows. Work inside `session()` must not await: that is what makes each request's work atomic."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self.engine: Engine = create_engine(
            "sqlite://" if path == ":memory:" else f"sqlite:///{path}",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
        )
        event.listen(self.engine, "connect", _prepare_connection)
        event.listen(self.engine, "before_cursor_execute", _refuse_nul)

    def create_tables(self) -> None:
        Base.metadata.create_all(self.engine)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back when the block raises. Its rows stay readable."""
        with self._lock, Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        self.engine.dispose()


def _prepare_connection(connection: Any, _record: Any) -> None:
    # SQLite's own lower() leaves Cyrillic letters alone, which would make every search case-sensitive.
    connection.create_function("lower", 1, lambda text: text if text is None else str(text).lower())
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")


def _refuse_nul(_c: Any, _cursor: Any, _statement: str, parameters: Any, _ctx: Any, _many: bool) -> None:
    # PostgreSQL cannot store NUL in text; SQLite can.
    if _holds_nul(parameters):
        raise BackendError("NUL character in a string")


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return any(_holds_nul(item) for item in value)
    return False


def utc_now() -> datetime:
    """Now as the backend stores it: UTC without zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def as_stored(moment: datetime) -> datetime:
    """Aware times become UTC, naive ones stay as they are; the result is naive."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def window(skip: int, limit: int) -> tuple[int, int]:
    """(skip, limit) of a list without declared limits; negative values are a 500 there."""
    if skip < 0 or limit < 0:
        raise BackendError("negative skip or limit")
    return skip, limit
