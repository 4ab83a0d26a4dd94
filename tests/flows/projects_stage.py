"""Projects as the sandbox has them, and ways to them."""

from __future__ import annotations

from typing import Any

from keyboards.callbacks import Go, Place, Press
from sandbox.crm.groups.projects import tables
from tests.flows.conftest import Stage
from tests.flows.hand import Hand

ROLES = ("client", "volunteer_admin", "msb", "npo", "government", "administrator", "super_admin")
CHILDREN = {"pp": "voting", "pg": "", "pt": "application", "pf": "application", "ps": "application"}


def project(stage: Stage, record_id: int) -> dict[str, Any] | None:
    """The project as the CRM has it now; None when it is gone."""
    return next((row for row in stage.crm.rows(tables.Project) if row["id"] == record_id), None)


def projects(stage: Stage, login: str = "", **wanted: Any) -> list[dict[str, Any]]:
    """The projects with these values, of that admin or of all, by id."""
    owner = stage.crm.admin_id(login) if login else None
    return [
        row
        for row in stage.crm.rows(tables.Project)
        if (owner is None or row["admin_id"] == owner) and all(row[name] == wanted[name] for name in wanted)
    ]


def of(stage: Stage, table: Any, project_id: int) -> list[dict[str, Any]]:
    """The rows of a table that belong to that project."""
    return [row for row in stage.crm.rows(table) if row["project_id"] == project_id]


def voting(stage: Stage, login: str = "", **wanted: Any) -> dict[str, Any]:
    """A voting with participants."""
    return max(
        projects(stage, login, project_type="voting", **wanted),
        key=lambda row: len(of(stage, tables.VotingParticipant, row["id"])),
    )


def with_form(stage: Stage, login: str = "", **wanted: Any) -> dict[str, Any]:
    """An application project whose open form most people have filled in."""
    open_ones = {row["project_id"] for row in stage.crm.rows(tables.FormTemplate) if row["is_active"]}
    return max(
        (
            row
            for row in projects(stage, login, project_type="application", **wanted)
            if row["id"] in open_ones
        ),
        key=lambda row: len(of(stage, tables.FormSubmission, row["id"])),
    )


def without_form(stage: Stage, login: str) -> dict[str, Any]:
    """An application project that has no form."""
    having = {row["project_id"] for row in stage.crm.rows(tables.FormTemplate)}
    return next(row for row in projects(stage, login, project_type="application") if row["id"] not in having)


def form_of(stage: Stage, project_id: int) -> dict[str, Any] | None:
    """The form as the CRM has it now."""
    return next(iter(of(stage, tables.FormTemplate, project_id)), None)


def place(project_id: int) -> str:
    """The first page of the list of that project's children, as an address carries it."""
    return Place(parent=project_id).pack()


def child(code: str, project_id: int, record_id: int = 0, op: str = "", arg: str = "") -> Go:
    """The address of a child's list, or of something of one of its records."""
    return Go(op or (Press.CARD if record_id else Press.LIST), code, record_id, arg, place(project_id))


async def opened(hand: Hand, code: str, project_id: int, record_id: int = 0) -> Hand:
    """The list or card of a child, as a press on its button shows it."""
    await hand.forge(child(code, project_id, record_id).pack())
    return hand


def drawn(hand: Hand) -> list[Go]:
    """The addresses behind all buttons."""
    data = [button.get("callback_data") for row in hand.screen.keyboard for button in row]
    return [go for go in map(Go.unpack, data) if go is not None]
