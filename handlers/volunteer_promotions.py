"""Volunteers' requests for a higher status: contract 2.10."""

from __future__ import annotations

from collections.abc import Mapping

from api.volunteers import PromotionRequests
from locales.locale import Locale
from models.access import Module, Permission
from models.volunteer import VolunteerStatus
from models.volunteer_work import PromotionRequest, PromotionStatus
from resources.fields import Choice, DateTime, LongText, Number, Text
from resources.resource import READS, Deed, Filter, ListView, Mood, Resource, Waiting

MARKS: Mapping[str | None, str] = {
    PromotionStatus.PENDING: "⏳", PromotionStatus.APPROVED: "✅", PromotionStatus.REJECTED: "⛔",
}  # fmt: skip

WANTED = Choice(name="requested_status", editable=False, options=VolunteerStatus, texts="volunteers_status")
PRESENT = Choice(name="current_status", editable=False, options=VolunteerStatus, texts="volunteers_status")


def title(request: PromotionRequest, locale: Locale) -> str:
    """The volunteer's name."""
    return request.volunteer_name or locale.t("card.untitled")


def line(request: PromotionRequest, locale: Locale) -> str:
    """``⏳ Aigerim Sapar · Team leader``."""
    mark = MARKS.get(request.status, "")
    parts = (f"{mark} {title(request, locale)}".strip(), WANTED.show(request.requested_status, locale))
    return " · ".join(part for part in parts if part)


def waits(request: PromotionRequest) -> bool:
    """True while nobody has decided; the backend itself would decide it again."""
    return request.status == PromotionStatus.PENDING


PROMOTION_REQUESTS: Resource[PromotionRequest] = Resource(
    module=Module.VOLUNTEERS,
    key="promotion_requests",
    code="vq",
    icon="⬆️",
    model=PromotionRequest,
    source=PromotionRequests,
    needs=READS,
    waiting=Waiting({"status": "pending"}, waits, "approve", "reject", reasons="promotions"
    ),
    title=title,
    fields=(
        Text(name="volunteer_name", editable=False),
        PRESENT,
        WANTED,
        Number(name="v_coins_at_request", editable=False),
        Number(name="current_v_coins", editable=False),
        Choice(name="status", editable=False, options=PromotionStatus, texts="promotion_requests_status"),
        LongText(name="admin_comment", editable=False),
        DateTime(name="created_at", editable=False),
        DateTime(name="reviewed_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(Filter("status", tuple(PromotionStatus), texts="promotion_requests_status"),),
    ),
    card=(
        "current_status", "requested_status", "status", "v_coins_at_request", "current_v_coins", "created_at",
        "reviewed_at", "admin_comment",
    ),
    deeds=(
        Deed(
            "approve", "ap", Permission.UPDATE, method="accept", icon="✅", mood=Mood.GOOD, once=True,
            fields=(LongText(name="praise", max_len=1000),),
            offered=waits, reached=lambda one, values: one.status == PromotionStatus.APPROVED,
        ),
        Deed(
            "reject", "rj", Permission.UPDATE, method="refuse", icon="⛔", mood=Mood.BAD, once=True,
            fields=(LongText(name="comment", required=True, max_len=1000),),
            offered=waits, reached=lambda one, values: one.status == PromotionStatus.REJECTED,
        ),
    ),
)  # fmt: skip
