"""Broadcasts: contract 2.11."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.broadcasts import Broadcasts
from handlers.broadcasts.reading import note_read, read_press
from handlers.broadcasts.screens import (
    audience,
    awaits,
    changeable,
    deletable,
    impact,
    is_out,
    line,
    preview,
    resumable,
    statistics,
    subtitle,
    title,
)
from models.access import Module, Permission, Role
from models.broadcast import PREFIX, Audience, Broadcast, BroadcastStatus, Origin
from resources.fields import Choice, DateTime, Formatted, Number, Text
from resources.resource import RECORDS, Action, Deed, Filter, ListView, Mood, Op, Resource

__all__ = ["BROADCASTS", "CLAIMED", "SCOPE", "note_read", "read_press"]

SCOPE = "broadcast_send"
"""What the deed shares with the job that sends scheduled ones: never both at the same moment."""
CLAIMED = 90
"""Seconds for which one who sends keeps all others from it; longer than any call may take."""
RETRIED = 600


def by_role(values: Mapping[str, Any]) -> bool:
    """True when a role is to be picked."""
    return values.get("target_audience") == Audience.ROLE


def roleless(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """An audience of one role needs the role: the backend takes it without one and then refuses to send."""
    if by_role(values) and not values.get("target_role"):
        return "target_role", "broadcasts.check.role"
    return None


def copied(values: dict[str, Any]) -> dict[str, Any]:
    """A copy goes out when somebody says so."""
    return {name: value for name, value in values.items() if name != "scheduled_at"}


BROADCASTS: Resource[Broadcast] = Resource(
    module=Module.BROADCASTS,
    key="broadcasts",
    code="bc",
    icon="📢",
    model=Broadcast,
    source=Broadcasts,
    needs=RECORDS,
    title=title,
    subtitle=subtitle,
    fields=(
        Text(name="title", required=True, max_len=255),
        Formatted(name="message", required=True, before=PREFIX),
        Choice(
            name="target_audience",
            required=True,
            options=Audience,
            texts="broadcasts_audience",
            format=audience,
        ),
        Choice(name="target_role", required=True, options=Role, texts="broadcasts_role", when=by_role),
        DateTime(name="scheduled_at", future=True, removable=False),
        Number(name="total_recipients", editable=False),
        DateTime(name="sent_at", editable=False),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("status", tuple(BroadcastStatus), texts="broadcasts_status"),
            Filter("origin", tuple(Origin), texts="broadcasts_origin"),
        ),
    ),
    card=("target_audience", "target_role", "scheduled_at", "sent_at", "created_at", "message"),
    form=("title", "message", "target_audience", "target_role", "scheduled_at"),
    check=roleless,
    duplicate=copied,
    only_for={Op.EDIT: changeable, Op.DELETE: deletable},
    actions=(
        Action("preview", "pv", Permission.READ, preview, icon="👁"),
        Action("statistics", "st", Permission.READ, statistics, icon="📊"),
    ),
    deeds=(
        Deed(
            "send",
            "sd",
            Permission.CREATE,
            confirm=True,
            mood=Mood.GOOD,
            icon="📤",
            offered=awaits,
            reached=is_out,
            pause=CLAIMED,
            scope=SCOPE,
            impact=impact,
        ),
        Deed(
            "retry",
            "ry",
            Permission.CREATE,
            confirm=True,
            icon="🔁",
            offered=resumable,
            pause=RETRIED,
            scope="broadcast_retry",
        ),
    ),
)
