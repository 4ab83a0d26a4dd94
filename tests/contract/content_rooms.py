"""What the recordings of projects, leisure, volunteers, broadcasts, e-mails and analytics started with.

`PREPARE` fills an empty sandbox, `steps_before` makes what happened between two recordings without being
recorded, `requests` and `objects` are what the access table needs: bodies and ids of fresh objects.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.leisure import tables as leisure
from sandbox.crm.groups.projects import tables as projects
from sandbox.crm.store import Base, utc_now
from sandbox.crm.tables import Admin

RECORDED_AT = datetime(2026, 11, 21, 10, 24, 15)
Objects = dict[str, Callable[[], int | str]]


class ClockOfTheRecordings(datetime):
    """Runs from the day of the recordings on, a little with every look."""

    looks = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "ClockOfTheRecordings":
        cls.looks += 1
        moment = RECORDED_AT + timedelta(microseconds=1 + cls.looks % 900_000)
        return cls.fromtimestamp(moment.replace(tzinfo=UTC).timestamp(), tz)


def set_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the sandbox's own clock stand where it stood then; deadlines and "today" depend on it."""
    monkeypatch.setattr("sandbox.crm.store.datetime", ClockOfTheRecordings)


def add(crm: CrmServer, *rows: Base) -> int:
    """Stores the rows; the id of the last."""
    with crm.room.db.session() as session:
        for row in rows:
            session.add(row)
            session.flush()
    last: int = rows[-1].id
    return last


def change(crm: CrmServer, table: type[Base], row_id: int, **columns: Any) -> None:
    with crm.room.db.session() as session:
        row = session.get_one(table, row_id)
        for name, value in columns.items():
            setattr(row, name, value)


# --- projects -------------------------------------------------------------------------------------


def project(admin_id: int, kind: str = "application", **columns: Any) -> projects.Project:
    now = utc_now().replace(microsecond=0)
    common: dict[str, Any] = {
        "title": "Жоба",
        "title_ru": "Проект",
        "description": "Сипаттама",
        "description_ru": "Описание",
        "author": "Автор",
        "project_type": kind,
        "status": "active",
        "start_date": now - timedelta(days=5),
        "end_date": now + timedelta(days=20),
        "moderation_status": "approved",
        "admin_id": admin_id,
    }
    return projects.Project(**common | columns)


def form(project_id: int) -> projects.FormTemplate:
    now = utc_now()
    return projects.FormTemplate(
        project_id=project_id, title_kz="x", title_ru="x", fields=[], created_at=now, updated_at=now
    )


def submission(project_id: int, template_id: int) -> projects.FormSubmission:
    return projects.FormSubmission(
        project_id=project_id, form_template_id=template_id, phone_number="87010000000", responses={}
    )


def with_votes(crm: CrmServer) -> None:
    """One vote row, yet a counter of seven."""
    change(crm, projects.VotingParticipant, 1, votes_count=7)
    add(crm, projects.Vote(project_id=3, participant_id=1, user_id=1))


# --- leisure --------------------------------------------------------------------------------------

TEXTS = {"title": "x", "title_ru": "x", "description": "x", "description_ru": "x"}
PLACE = TEXTS | {"address": "x"}
TICKET = PLACE | {"event_date": "2030-01-01T10:00:00"}
PROMO = TEXTS | {
    "related_type": "place",
    "related_id": 1,
    "start_date": "2030-01-01",
    "end_date": "2030-02-01",
}


def place(admin_id: int) -> leisure.Place:
    return leisure.Place(**PLACE, admin_id=admin_id)


def ticket(admin_id: int) -> leisure.Ticket:
    return leisure.Ticket(**PLACE, event_date=utc_now(), admin_id=admin_id)


def promo(admin_id: int) -> leisure.Promo:
    dates = {"start_date": utc_now(), "end_date": utc_now()}
    return leisure.Promo(**TEXTS, **dates, related_type="place", related_id=1, admin_id=admin_id)


# --- all ------------------------------------------------------------------------------------------

PREPARE: dict[str, Callable[[CrmServer], None]] = {
    "projects": lambda _crm: None,
    "leisure": lambda _crm: None,
}


def steps_before(crm: CrmServer) -> dict[str, Callable[[], object]]:
    """By the name of a recording: what has to happen right before it."""
    return {
        "delete form template: not the owner": lambda: add(crm, project(4, id=5), form(5)),
        "results": lambda: with_votes(crm),
        "complete: any end user may": lambda: add(
            crm, project(4, "voting", id=6), projects.VotingParticipant(project_id=6, name="x")
        ),
    }


class Content:
    """Fresh objects of an owner, and the bodies of valid requests, for the access table."""

    def __init__(self, crm: CrmServer, owner: str) -> None:
        self.crm = crm
        self.owner = owner

    @property
    def owner_id(self) -> int:
        """Nobody, when there is no such admin: an outsider owns nothing."""
        known = {row["login"]: row["id"] for row in self.crm.rows(Admin)}
        return int(known.get(self.owner, 0))

    def project(self, operation: str) -> int:
        made = add(self.crm, project(self.owner_id))
        if "form-template" in operation and operation.startswith("POST"):
            return made
        template = add(self.crm, form(made))
        if "form-template" not in operation:
            add(self.crm, submission(made, template))
        return made

    def objects(self, operation: str) -> Objects:
        """Makers of the ids that an operation's path names; a submission belongs to the newest project."""
        return {
            "project_id": lambda: self.project(operation),
            "place_id": lambda: add(self.crm, place(self.owner_id)),
            "ticket_id": lambda: add(self.crm, ticket(self.owner_id)),
            "promo_id": lambda: add(self.crm, promo(self.owner_id)),
            "application_id": lambda: 1,
            "submission_id": lambda: int(self.crm.rows(projects.FormSubmission)[-1]["id"]),
        }


PROJECT = {
    "title": "x",
    "title_ru": "x",
    "description": "x",
    "description_ru": "x",
    "author": "x",
    "project_type": "application",
    "start_date": "2030-01-01",
    "end_date": "2030-02-01",
}
FORM = {"project_id": 1, "title_kz": "x", "title_ru": "x", "fields": []}

BODIES: dict[str, Any] = {
    "POST /api/v2/leisure/admin/places/create": PLACE,
    "POST /api/v2/leisure/admin/tickets/create": TICKET,
    "POST /api/v2/leisure/admin/promo/create": PROMO,
    "PUT /api/v2/leisure/admin/places/{place_id}": {"title": "y"},
    "PUT /api/v2/leisure/admin/tickets/{ticket_id}": {"title": "y"},
    "PUT /api/v2/leisure/admin/promo/{promo_id}": {"title": "y"},
    "POST /api/v2/projects/admin/create": PROJECT,
    "PUT /api/v2/projects/admin/{project_id}": {"title": "y"},
    "POST /api/v2/projects/{project_id}/form-template": FORM,
    "PUT /api/v2/projects/{project_id}/form-template": {"title_kz": "y"},
    "PUT /api/v2/projects/{project_id}/submissions/{submission_id}/status": {"status": "approved"},
    "PUT /api/v2/projects/applications/{application_id}/status": {"status": "approved"},
}
