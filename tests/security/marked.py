"""Every record of the sandbox CRM with a mark of its own in each of its texts, and who may read which mark.

The rights are written down here a second time, from the contract and not from the bot, so that a mistake there is
not made here as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, Table, cast, func, insert, literal, select, update

from sandbox.crm.store import Base
from tests.support.stage import Stage

MARK = re.compile(r"zq([a-z]{2})(\d+)x")
SEARCH = "zq"
"""What every mark begins with: a search for it finds everything there is to find."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Records of one table. ``code``: how their mark begins. ``owner``: the column of the admin they belong to;
    ``parent``: the column and the kind of the record they belong to. ``waits``: what makes one wait."""

    table: str
    code: str
    module: str
    columns: tuple[str, ...]
    owner: str = ""
    parent: tuple[str, str] | None = None
    waits: tuple[str, str] | None = None
    since: str = "created_at"

    @property
    def rows(self) -> Table:
        """The table itself."""
        return Base.metadata.tables[self.table]


_TITLES = ("title", "title_ru", "description", "description_ru")
_MODERATED = ("moderation_status", "pending")
KINDS = (
    Kind("events", "ev", "events", ("title", "description"), "admin_id", waits=_MODERATED),
    Kind("event_participants", "ea", "events", ("first_name", "company_name"), parent=("event_id", "events")),
    Kind("vacancies", "va", "vacancies", ("title_kz", "title_ru", "description_kz", "company_name"), "admin_id",
         waits=_MODERATED),
    Kind("projects", "pr", "projects", (*_TITLES, "author"), "admin_id", waits=_MODERATED),
    Kind("voting_participants", "pa", "projects", ("name", "description"), parent=("project_id", "projects")),
    Kind("form_submissions", "su", "projects", ("applicant_name",), parent=("project_id", "projects"),
         waits=("status", "pending"), since="submitted_at"),
    Kind("places", "pl", "leisure", _TITLES, "admin_id", waits=_MODERATED),
    Kind("tickets", "tk", "leisure", _TITLES, "admin_id", waits=_MODERATED),
    Kind("promo_actions", "pm", "leisure", _TITLES, "admin_id", waits=_MODERATED),
    Kind("courses", "co", "courses", ("title", "description"), waits=_MODERATED),
    Kind("news", "nw", "news", ("title", "title_kz", "title_ru", "description_kz", "description_ru"),
         waits=_MODERATED),
    Kind("volunteers", "vo", "volunteers", ("full_name",)),
    Kind("volunteer_events", "ve", "volunteers", ("title", "title_kz", "description")),
    Kind("volunteer_tasks", "vt", "volunteers", ("title",)),
    Kind("volunteer_benefits", "vb", "volunteers", ("title", "title_kz")),
    Kind("volunteer_task_completions", "vr", "volunteers", ("report_text",), waits=("report_status", "pending")),
    Kind("tech_tasks", "tt", "tech_tasks", ("title_kz", "title_ru", "description_kz")),
    Kind("experts", "ex", "experts", ("full_name",)),
    Kind("resumes", "rs", "resumes", ("full_name", "about_me")),
    Kind("community_members", "mb", "community", ("full_name", "about"), waits=("status", "pending"),
         since="submitted_at"),
    Kind("broadcasts", "bc", "broadcasts", ("title", "message")),
    Kind("notifications", "nt", "notifications", ("title_kz", "title_ru")),
)  # fmt: skip
BY_CODE = {kind.code: kind for kind in KINDS}
BY_TABLE = {kind.table: kind for kind in KINDS}

_CONTENT = frozenset(
    [
        "volunteers",
        "vacancies",
        "leisure",
        "projects",
        "events",
        "news",
        "courses",
        "experts",
        "resumes",
        "tech_tasks",
    ]
)
_OFFICE = _CONTENT | {"broadcasts", "notifications", "community"}
READS: Mapping[str, frozenset[str]] = {
    "client": frozenset(),
    "volunteer_admin": frozenset({"volunteers"}),
    "msb": frozenset({"vacancies", "leisure"}),
    "npo": frozenset({"projects", "events"}),
    "government": _CONTENT | {"community"},
    "administrator": _OFFICE,
    "super_admin": _OFFICE,
}
OWN = frozenset({"msb", "npo"})
"""Roles that see nothing but what is theirs."""
UNREADABLE: Mapping[str, frozenset[str]] = {"government": frozenset({"su"})}
"""Kinds that the backend refuses to a role in a module which that role reads otherwise."""


def mark(kind: Kind, record_id: int) -> str:
    """The mark of a record."""
    return f"zq{kind.code}{record_id}x"


def marked(stage: Stage) -> None:
    """Writes its mark in front of every text of every record."""
    with stage.crm.room.db.session() as session:
        for kind in KINDS:
            table = kind.rows
            for name in kind.columns:
                column = table.c[name]
                number = cast(table.c.id, String)
                words = literal(f"zq{kind.code}") + number + literal("x ") + func.coalesce(column, "")
                session.execute(update(table).values({name: words}))


def another(stage: Stage, kind: Kind, owner: str = "", parent: int = 0) -> int:
    """The id of a new record that waits, like one that waits already, of that admin or under that parent."""
    assert kind.waits is not None
    table, (name, value) = kind.rows, kind.waits
    admin_id = stage.crm.admin_id(owner) if owner else 0
    with stage.crm.room.db.session() as session:
        found = session.execute(select(table).where(table.c[name] == value).limit(1)).mappings().first()
        assert found is not None, f"nothing of {kind.table} waits"
        number = int(session.execute(select(func.max(table.c.id))).scalar_one()) + 1
        values: dict[str, Any] = dict(found) | {"id": number}
        values |= {one: f"{mark(kind, number)} жаңа" for one in kind.columns}
        values |= {one.name: f"79{number:08}" for one in table.c if one.unique}
        values[kind.since] = datetime.now(UTC).replace(tzinfo=None)
        if kind.owner:
            values[kind.owner] = admin_id
        if kind.parent and parent:
            values[kind.parent[0]] = parent
        session.execute(insert(table).values(values))
    return number


def owner_of(stage: Stage, kind: Kind, record_id: int) -> int | None:
    """The admin that a record belongs to; None where records belong to nobody."""
    if kind.parent is not None:
        column, above = kind.parent
        return owner_of(stage, BY_TABLE[above], _value(stage, kind, record_id, column))
    return _value(stage, kind, record_id, kind.owner) if kind.owner else None


def ids_of(stage: Stage, kind: Kind, owner: str = "") -> list[int]:
    """Ids of that kind, newest first; of one admin's only when ``owner`` is given."""
    with stage.crm.room.db.session() as session:
        ids = list(session.execute(select(kind.rows.c.id).order_by(kind.rows.c.id.desc())).scalars())
    me = stage.crm.admin_id(owner) if owner else None
    return [one for one in ids if not owner or owner_of(stage, kind, one) == me]


def _value(stage: Stage, kind: Kind, record_id: int, column: str) -> int:
    with stage.crm.room.db.session() as session:
        table = kind.rows
        return int(session.execute(select(table.c[column]).where(table.c.id == record_id)).scalar_one() or 0)


def forbidden(stage: Stage, login: str, role: str, said: Iterable[str]) -> set[str]:
    """The marks in ``said`` that this admin may not read."""
    found = {match.group(0): match for one in said for match in MARK.finditer(one)}
    return {name for name, match in found.items() if not _may(stage, login, role, match)}


def _may(stage: Stage, login: str, role: str, match: re.Match[str]) -> bool:
    kind, record_id = BY_CODE[match[1]], int(match[2])
    if kind.module not in READS[role] or kind.code in UNREADABLE.get(role, frozenset()):
        return False
    if role not in OWN:
        return True
    owner = owner_of(stage, kind, record_id)
    return owner is not None and owner == stage.crm.admin_id(login)
