"""What the groups share, and how a group plugs in."""

import importlib
import pkgutil
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session

from sandbox.crm.faults import Faults
from sandbox.crm.outside import Outside
from sandbox.crm.store import Database, utc_now
from sandbox.crm.tokens import Tokens

KEPT_REQUESTS = 10_000


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One entry of the unified moderation lists, before its description is cut."""

    id: int
    title: str
    description: str | None
    moderation_status: str
    created_at: datetime
    moderated_at: datetime | None
    admin_id: int | None


@dataclass(frozen=True)
class Moderated:
    """A kind of content in the unified moderation.

    `counted_as` is its key in the statistics, `rows(session, statuses, limit, by_moderation)` its newest
    entries of those states: by creation, or by moderation time. It may raise `BackendError`.
    """

    entity_type: str
    counted_as: str
    counts: Callable[[Session], dict[str, int]]
    rows: Callable[[Session, tuple[str, ...], int, bool], Sequence[Waiting]]


@dataclass(frozen=True)
class SeedContext:
    """What a group's seed works with; its random source is the same every time."""

    session: Session
    random: random.Random
    now: datetime
    uploads: Path
    admin_ids: dict[str, int]


@dataclass(frozen=True)
class Group:
    """A group of operations: each module of `sandbox.crm.groups` that holds a `GROUP` is one.

    `extension` names what the group adds to the backend; "" for a part of the backend itself.
    """

    router: Callable[[], APIRouter]
    moderated: tuple[Moderated, ...] = ()
    seed: Callable[[SeedContext], None] | None = None
    upload_folders: tuple[str, ...] = ()
    extension: str = ""


@dataclass(kw_only=True)
class RecordedRequest:
    """A request as it arrived and the status that left; 0 while or when no status was sent.

    `json` is the body where it is JSON, `form` the names of the fields where it is a form.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    json: Any = None
    form: tuple[str, ...] = ()
    status: int = 0
    at: datetime = field(default_factory=utc_now)


@dataclass(kw_only=True)
class Room:
    """Everything one sandbox owns; two of them never share anything."""

    db: Database
    tokens: Tokens
    uploads: Path
    groups: tuple[Group, ...]
    faults: Faults = field(default_factory=Faults)
    outside: Outside = field(default_factory=Outside)
    requests: deque[RecordedRequest] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    drop_after_500: bool = False
    bot_username: str = "tabys_sandbox_bot"
    chat_url: str | None = None


def find_groups() -> tuple[Group, ...]:
    """The groups, in the order of their module names."""
    package = importlib.import_module("sandbox.crm.groups")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = (importlib.import_module(f"sandbox.crm.groups.{name}") for name in names)
    return tuple(module.GROUP for module in modules if hasattr(module, "GROUP"))


async def room_of(request: Request) -> Room:
    room: Room = request.app.state.room
    return room


RoomDep = Annotated[Room, Depends(room_of)]
