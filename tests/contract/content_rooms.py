"""What the recordings of projects, leisure, volunteers, broadcasts, e-mails and analytics started with.

`PREPARE` fills an empty sandbox, `steps_before` makes what happened between two recordings without being
recorded, `requests` and `objects` are what the access table needs: bodies and ids of fresh objects.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from sandbox.crm import CrmServer
from sandbox.crm.groups.analytics.tables import LoginAttempt
from sandbox.crm.groups.broadcasts.tables import Broadcast
from sandbox.crm.groups.leisure import tables as leisure
from sandbox.crm.groups.projects import tables as projects
from sandbox.crm.groups.user_telegram import LinkToken
from sandbox.crm.groups.users import User
from sandbox.crm.groups.volunteers import fixed
from sandbox.crm.groups.volunteers import tables as volunteers
from sandbox.crm.store import Base, utc_now
from sandbox.crm.tables import Admin, TelegramSession

RECORDINGS = Path(__file__).parents[1] / "data" / "contract" / "recordings"
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
    # Broadcasts are over before the next request then.
    monkeypatch.setattr("sandbox.crm.groups.broadcasts.delivery.PAUSE", 0)


def add(crm: CrmServer, *rows: Base) -> int:
    """Stores the rows; the primary key of the last."""
    with crm.room.db.session() as session:
        for row in rows:
            session.add(row)
            session.flush()
        key = inspect(rows[-1]).identity
    return int(key[0]) if key else 0


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


# --- volunteers -----------------------------------------------------------------------------------


def with_volunteers(crm: CrmServer) -> None:
    """The three people of the recordings, the last of whom has no balance."""
    users = json.loads((RECORDINGS / "users.json").read_text("utf-8"))[0]["response"]["json"]
    add(crm, *(User(**row) for row in users))
    people = (
        ("Әлия Тестбаева", 1, 1, "VOLUNTEER"),
        ("Иван <Пример> & Ко", 2, 2, "TEAM_LEADER"),
        ("Жанар Қожабек (балансы жоқ)", 6, 7, "VOLUNTEER"),
    )
    for name, user_id, direction, status in people:
        volunteer = add(
            crm,
            volunteers.Volunteer(
                full_name=name,
                user_id=user_id,
                direction_id=direction,
                volunteer_status=status,
                created_at=utc_now(),
            ),
        )
        if user_id <= 2:
            add(crm, balance(volunteer, balance=200, total_earned=260, events_participated=4))


def balance(volunteer_id: int, **columns: int) -> volunteers.VolunteerBalance:
    return volunteers.VolunteerBalance(volunteer_id=volunteer_id, **columns)


def applications(crm: CrmServer) -> None:
    for volunteer_id, role in ((1, "VOLUNTEER"), (2, "TEAM_LEADER"), (3, "VOLUNTEER")):
        row = volunteers.VolunteerApplication(volunteer_id=volunteer_id, event_id=1, applied_role=role)
        add(crm, row)


def report(volunteer_id: int, task_id: int = 1) -> volunteers.TaskReport:
    return volunteers.TaskReport(
        volunteer_id=volunteer_id,
        task_id=task_id,
        report_text="Орындалды ✅ <фото>",
        report_photo_url="/uploads/task_reports/x.jpg",
    )


def reports(crm: CrmServer) -> None:
    """The application of somebody who is gone goes too."""
    with crm.room.db.session() as session:
        session.delete(session.get_one(volunteers.VolunteerApplication, 4))
    add(crm, report(1), report(2), report(3))


def purchase(volunteer_id: int, benefit_id: int = 1, **columns: Any) -> volunteers.Purchase:
    return volunteers.Purchase(volunteer_id=volunteer_id, benefit_id=benefit_id, cost=60, **columns)


def promotion(volunteer_id: int) -> volunteers.PromotionRequest:
    return volunteers.PromotionRequest(
        volunteer_id=volunteer_id, requested_status="TEAM_LEADER", v_coins_at_request=200
    )


def volunteer_event() -> volunteers.VolunteerEvent:
    return volunteers.VolunteerEvent(title="x", event_date=utc_now())


# --- broadcasts, e-mails, analytics, links --------------------------------------------------------


def with_sessions(crm: CrmServer) -> None:
    """Nine people of the administration are in Telegram."""
    for number in range(1, 9):
        add(crm, TelegramSession(telegram_user_id=str(700000900 + number), admin_id=2))


def broadcast(created_by: int, **columns: Any) -> Broadcast:
    return Broadcast(**{"title": "x", "message": "x"} | columns, created_by=created_by)


def with_sent_broadcast(crm: CrmServer) -> None:
    moment = datetime(2026, 11, 21, 10, 24, 18)
    counts = {"total_recipients": 3, "sent_count": 2, "failed_count": 1}
    row = broadcast(2, id=7, title="Жіберілген", status="sent", sent_at=moment, completed_at=moment, **counts)
    add(crm, row)


def with_bot_token(crm: CrmServer) -> None:
    crm.room.outside.telegram = True
    crm.room.outside.blocked = {"700000903"}
    add(crm, broadcast(2, id=8))


def with_mail_provider(crm: CrmServer) -> None:
    crm.room.outside.mail = True
    crm.room.outside.refused = {"fail@example.kz"}


def with_logins(crm: CrmServer) -> None:
    """Seventeen, six of them failed; six users who came today, and three more admins."""
    users = json.loads((RECORDINGS / "users.json").read_text("utf-8"))[0]["response"]["json"]
    add(crm, *(User(**row, created_at=utc_now()) for row in users))
    for number in range(3):
        crm.add_admin(f"sbx_more{number}", "client")
    for number in range(1, 18):
        admin_id = number if number <= 11 else None
        status = "success" if number <= 11 else "failed"
        add(crm, LoginAttempt(admin_id=admin_id, user_type="admin", status=status, created_at=utc_now()))


def with_link_tokens(crm: CrmServer) -> None:
    users = json.loads((RECORDINGS / "users.json").read_text("utf-8"))[0]["response"]["json"]
    add(crm, *(User(**row) for row in users))
    late, early = utc_now() + timedelta(minutes=10), utc_now() - timedelta(minutes=1)
    for token, user_id, expires_at in (
        ("tok-valid-1", 1, late),
        ("tok-valid-2", 2, late),
        ("tok-expired", 2, early),
    ):
        with crm.room.db.session() as session:
            session.add(LinkToken(token=token, user_id=user_id, expires_at=expires_at))


# --- all ------------------------------------------------------------------------------------------

PREPARE: dict[str, Callable[[CrmServer], None]] = {
    "projects": lambda _crm: None,
    "leisure": lambda _crm: None,
    "volunteers": with_volunteers,
    "broadcasts": with_sessions,
    "emails": lambda _crm: None,
    "analytics": with_logins,
    "user-telegram": with_link_tokens,
}


def steps_before(crm: CrmServer) -> dict[str, Callable[[], object]]:
    """By the name of a recording: what has to happen right before it."""
    return {
        "applications": lambda: applications(crm),
        "quirk: one application of a deleted volunteer makes the list 500": lambda: add(
            crm, volunteers.VolunteerApplication(volunteer_id=99, event_id=1)
        ),
        "task reports": lambda: reports(crm),
        "purchases": lambda: add(crm, *(purchase(1) for _ in range(4))),
        "promotion requests (no paging)": lambda: add(crm, *(promotion(1) for _ in range(3))),
        "delete event is a soft delete": lambda: add(crm, volunteer_event()),
        "stats of a delivered one: delivered_count and success_rate stay 0": lambda: with_sent_broadcast(crm),
        "[bot token set] create": lambda: with_bot_token(crm),
        "[bot token set] send with broken HTML is accepted": lambda: add(
            crm,
            broadcast(2, id=10, title="Қате HTML", message="<b>x", target_audience="active_sessions"),
        ),
        "test mail: no address in the profile": lambda: change(crm, Admin, 1, email=None),
        "[mail provider set] partial success": lambda: with_mail_provider(crm),
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

    def volunteer(self) -> int:
        made = add(self.crm, volunteers.Volunteer(user_id=1, full_name="x"))
        add(self.crm, balance(made, balance=0, total_earned=0))
        return made

    def application(self) -> int:
        row = volunteers.VolunteerApplication(volunteer_id=self.volunteer(), event_id=1)
        return add(self.crm, row)

    def report(self) -> int:
        task = add(self.crm, volunteers.VolunteerTask(event_id=1, title="x"))
        return add(self.crm, report(self.volunteer(), task))

    def requirement(self) -> str:
        if not self.crm.rows(volunteers.StatusRequirement):
            add(self.crm, volunteers.StatusRequirement(**fixed.default_requirements()[0]))
        return "VOLUNTEER"

    def objects(self, operation: str) -> Objects:
        """Makers of the ids that an operation's path names; a submission belongs to the newest project."""
        if "/projects/" in operation:
            return {
                "project_id": lambda: self.project(operation),
                "application_id": lambda: 1,
                "submission_id": lambda: int(self.crm.rows(projects.FormSubmission)[-1]["id"]),
            }
        if "/leisure/" in operation:
            return {
                "place_id": lambda: add(self.crm, place(self.owner_id)),
                "ticket_id": lambda: add(self.crm, ticket(self.owner_id)),
                "promo_id": lambda: add(self.crm, promo(self.owner_id)),
            }
        if "/volunteer/" in operation:
            state = "approved" if "complete" in operation else "pending"
            return {
                "application_id": self.application,
                "volunteer_id": self.volunteer,
                "event_id": lambda: add(self.crm, volunteer_event()),
                "benefit_id": lambda: add(self.crm, volunteers.Benefit(**BENEFIT)),
                "purchase_id": lambda: add(self.crm, purchase(self.volunteer(), status=state)),
                "request_id": lambda: add(self.crm, promotion(self.volunteer())),
                "completion_id": self.report,
                "status": self.requirement,
            }
        if "/broadcasts/" in operation:
            return {"broadcast_id": lambda: add(self.crm, broadcast(self.owner_id))}
        return {}


BENEFIT = {"title": "x", "description": "x", "v_coins_cost": 1}
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

VOLUNTEER = "/api/v2/admin/volunteer"
COINS = {"amount": 1, "reason": "x", "type": "add"}
QUERIES: dict[str, Any] = {
    f"PATCH {VOLUNTEER}/applications/{{application_id}}/attendance": {"attended": "true"},
    f"POST {VOLUNTEER}/volunteers/{{volunteer_id}}/coins": COINS,
}
BODIES: dict[str, Any] = {
    "POST /api/v1/broadcasts/": {"title": "x", "message": "x"},
    "PUT /api/v1/broadcasts/{broadcast_id}": {"title": "y"},
    "POST /api/v2/admin/emails/send": {"recipients": ["a@example.kz"], "subject": "x", "body_html": "x"},
    f"POST {VOLUNTEER}/events": {"title": "x", "event_date": "2030-01-01"},
    f"PUT {VOLUNTEER}/events/{{event_id}}": {"title": "x", "event_date": "2030-01-01"},
    f"POST {VOLUNTEER}/events/{{event_id}}/tasks": {"title": "x"},
    f"POST {VOLUNTEER}/benefits": BENEFIT,
    f"PUT {VOLUNTEER}/benefits/{{benefit_id}}": BENEFIT,
    f"POST {VOLUNTEER}/purchases/{{purchase_id}}/cancel": {"reason": "x"},
    f"POST {VOLUNTEER}/promotion-requests/{{request_id}}/approve": {},
    f"POST {VOLUNTEER}/promotion-requests/{{request_id}}/reject": {"admin_comment": "x"},
    f"POST {VOLUNTEER}/task-reports/{{completion_id}}/approve": {},
    f"POST {VOLUNTEER}/task-reports/{{completion_id}}/reject": {"admin_comment": "x"},
    f"PUT {VOLUNTEER}/status-requirements/{{status}}": {"v_coins_required": 1},
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
