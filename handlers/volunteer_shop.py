"""Benefits and the purchases of them: contract 2.10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.volunteers import Benefits, Purchases
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.common import Localized
from models.volunteer import VolunteerStatus
from models.volunteer_shop import Benefit, Purchase, PurchaseStatus
from resources.fields import Choice, DateTime, Flag, LongText, Number, Phone, Photo, Text
from resources.resource import READS, RECORDS, Deed, Filter, ListView, Mood, Resource, Waiting

COINS = 1_000_000
MARKS: Mapping[str | None, str] = {
    PurchaseStatus.PENDING: "⏳", PurchaseStatus.APPROVED: "✅", PurchaseStatus.COMPLETED: "🏁",
    PurchaseStatus.CANCELLED: "🚫",
}  # fmt: skip


def benefit_title(benefit: Benefit, locale: Locale) -> str:
    """The title; ``title`` itself is Russian."""
    return Localized(benefit.title_kz, benefit.title).best(locale.language) or locale.t("card.untitled")


def benefit_line(benefit: Benefit, locale: Locale) -> str:
    """``Thermos · 🪙 80 · 12 left``, with a mark when it was deleted."""
    mark = "🚫 " if benefit.is_active is False else ""
    parts = [f"{mark}{benefit_title(benefit, locale)}"]
    if benefit.v_coins_cost is not None:
        parts.append(f"🪙 {locale.number(benefit.v_coins_cost)}")
    if benefit.stock_limit is not None and benefit.stock_available is not None:
        parts.append(locale.t("benefits.left", left=locale.number(benefit.stock_available)))
    return " · ".join(parts)


def benefit_subtitle(benefit: Benefit, locale: Locale) -> str:
    """That it was deleted, or that any edit fills its stock up: the backend replaces all fields at once."""
    if benefit.is_active is False:
        return locale.t("benefits.deleted")
    if benefit.stock_limit and benefit.stock_available != benefit.stock_limit:
        return locale.t("benefits.refill", limit=locale.number(benefit.stock_limit))
    return ""


async def impact(source: Any, caller: Caller, record_id: int, locale: Locale) -> str:
    """That nothing brings it back."""
    return locale.html("benefits.no_way_back")


def purchase_title(purchase: Purchase, locale: Locale) -> str:
    """The benefit."""
    return purchase.benefit_title or locale.t("card.untitled")


def purchase_line(purchase: Purchase, locale: Locale) -> str:
    """``⏳ Thermos · Aigerim Sapar``."""
    mark = MARKS.get(purchase.status, "")
    parts = (f"{mark} {purchase_title(purchase, locale)}".strip(), purchase.volunteer_name)
    return " · ".join(part for part in parts if part)


BENEFITS: Resource[Benefit] = Resource(
    module=Module.VOLUNTEERS,
    key="benefits",
    code="vb",
    icon="🎁",
    model=Benefit,
    source=Benefits,
    needs=RECORDS,
    title=benefit_title,
    fields=(
        Text(name="title", required=True, max_len=255),
        Text(name="title_kz", max_len=255),
        LongText(name="description", required=True),
        LongText(name="description_kz"),
        Number(name="v_coins_cost", required=True, most=COINS),
        Choice(name="min_status", required=True, options=VolunteerStatus, texts="volunteers_status"),
        Text(name="category", max_len=100),
        Number(name="stock_limit", most=COINS),
        Photo(name="icon_url"),
        Number(name="stock_available", editable=False),
        Flag(name="is_active", editable=False),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(
        line=benefit_line,
        filters=(
            Filter("is_active", ("yes", "no"), texts="benefits_active"),
            Filter("min_status", tuple(VolunteerStatus), texts="volunteers_status"),
            Filter("missing", ("kk", "ru")),
        ),
    ),
    card=(
        "icon_url", "v_coins_cost", "min_status", "category", "stock_available", "stock_limit", "is_active",
        "created_at", "description", "description_kz",
    ),
    form=(
        "title", "title_kz", "description", "description_kz", "v_coins_cost", "min_status", "category", "stock_limit",
        "icon_url",
    ),
    subtitle=benefit_subtitle,
    impact=impact,
)  # fmt: skip

PURCHASES: Resource[Purchase] = Resource(
    module=Module.VOLUNTEERS,
    key="purchases",
    code="vu",
    icon="🛍",
    model=Purchase,
    source=Purchases,
    needs=READS,
    waiting=Waiting(
        {"status": "pending"}, lambda one: one.status == PurchaseStatus.PENDING, "approve", "cancel",
        reasons="purchases"
    ),
    title=purchase_title,
    fields=(
        Text(name="volunteer_name", editable=False),
        Phone(name="volunteer_phone", editable=False),
        Text(name="benefit_title", editable=False),
        Number(name="cost", editable=False),
        Choice(name="status", editable=False, options=PurchaseStatus, texts="purchases_status"),
        DateTime(name="created_at", editable=False),
        DateTime(name="completed_at", editable=False),
        LongText(name="admin_notes", editable=False),
    ),
    list=ListView(
        line=purchase_line,
        filters=(Filter("status", tuple(PurchaseStatus), texts="purchases_status"),),
    ),
    card=(
        "volunteer_name", "volunteer_phone", "cost", "status", "created_at", "completed_at", "admin_notes",
    ),
    deeds=(
        Deed(
            "approve", "ap", Permission.UPDATE, method="accept", icon="✅", mood=Mood.GOOD,
            offered=lambda one: one.status == PurchaseStatus.PENDING,
            reached=lambda one, values: one.status == PurchaseStatus.APPROVED,
        ),
        Deed(
            "complete", "co", Permission.UPDATE, icon="🏁", mood=Mood.GOOD,
            fields=(LongText(name="note", max_len=500),),
            offered=lambda one: one.status == PurchaseStatus.APPROVED,
            reached=lambda one, values: one.status == PurchaseStatus.COMPLETED,
        ),
        Deed(
            "cancel", "cn", Permission.UPDATE, icon="🚫", mood=Mood.BAD, once=True,
            fields=(LongText(name="reason", required=True, max_len=500),),
            offered=lambda one: one.is_open,
            reached=lambda one, values: one.status == PurchaseStatus.CANCELLED,
        ),
    ),
)  # fmt: skip
