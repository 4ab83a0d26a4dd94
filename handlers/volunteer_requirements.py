"""What each volunteer status asks for and gives: contract 2.10."""

from __future__ import annotations

from api.volunteers import StatusRequirements
from locales.locale import Locale
from models.access import Module, Permission
from models.volunteer import VolunteerStatus
from models.volunteer_shop import StatusRequirement
from resources.fields import Choice, LongText, Number
from resources.resource import READS, Deed, ListView, Mood, Op, Resource

STATUS = Choice(name="status", editable=False, options=VolunteerStatus, texts="volunteers_status")


def title(row: StatusRequirement, locale: Locale) -> str:
    """The status."""
    return STATUS.show(row.status, locale)


def line(row: StatusRequirement, locale: Locale) -> str:
    """``Team leader · 🪙 150``."""
    return f"{title(row, locale)} · 🪙 {locale.number(row.v_coins_required or 0)}"


def subtitle(row: StatusRequirement, locale: Locale) -> str:
    """That promotions go by numbers of their own, whatever stands here."""
    return locale.t("status_requirements.ignored")


STATUS_REQUIREMENTS: Resource[StatusRequirement] = Resource(
    module=Module.VOLUNTEERS,
    key="status_requirements",
    code="vs",
    icon="📶",
    model=StatusRequirement,
    source=StatusRequirements,
    needs={**READS, Op.EDIT: Permission.UPDATE},
    title=title,
    fields=(
        STATUS,
        Number(name="level", editable=False),
        Number(name="v_coins_required", required=True, most=1_000_000),
        LongText(name="benefits_ru"),
        LongText(name="benefits_kz"),
    ),
    list=ListView(line=line, search=False),
    card=("level", "v_coins_required", "benefits_kz", "benefits_ru"),
    subtitle=subtitle,
    deeds=(Deed("reset", "rs", Permission.UPDATE, icon="↩️", mood=Mood.BAD, confirm=True),),
)
