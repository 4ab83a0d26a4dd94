"""Vacancies: contract 2.5."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from api.lookups import Cities, Professions, Skills
from api.vacancies import Vacancies
from handlers._engine.own import ListContext
from keyboards.buttons import navigation
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.vacancy import Employment, Share, SkillsNote, Vacancy, WorkPlace
from resources.fields import (
    Choice,
    Date,
    DateTime,
    Email,
    LongText,
    Number,
    Phone,
    Relation,
    Relations,
    Text,
)
from resources.queries import Counts
from resources.resource import MODERATED, Deed, Filter, ListView, Mood, Resource, Tool, Waiting
from utils.html import Html, bold, italic, lines
from views.bars import bar
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import STATUS_MARKS
from views.screen import Outcome, Screen


def title(vacancy: Vacancy, locale: Locale) -> str:
    """The stored title, else profession and company."""
    return vacancy.heading(locale.language)


def line(vacancy: Vacancy, locale: Locale) -> str:
    """``⏸ Developer · Company · City``."""
    city = vacancy.city_id.best(locale.language) if vacancy.city_id else ""
    named = " · ".join(part for part in (label(title(vacancy, locale), 44), city) if part)
    return named if vacancy.is_active else f"⏸ {named}"


def visibility(vacancy: Vacancy, locale: Locale) -> str:
    """Whether people see it on the site, and whether they come too late."""
    state = locale.t("vacancies.on_site" if vacancy.is_active else "vacancies.off_site")
    overdue = vacancy.deadline is not None and vacancy.deadline < datetime.now(locale.zone).date()
    return f"{state} · {locale.t('vacancies.overdue')}" if overdue else state


def years(value: Any, locale: Locale) -> str:
    """``2 years``; none needed for 0."""
    if value is None:
        return ""
    if value == 0:
        return locale.t("vacancies.no_experience")
    return locale.t("vacancies.years", n=value, count=locale.number(value))


def channel(value: Any, locale: Locale) -> str:
    """The Telegram channel a parser found it in."""
    return f"@{str(value).removeprefix('@')}" if value else ""


def wrong_salary(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """The upper bound when it lies below the lower one, which the backend would take."""
    least, most = values.get("salary_min"), values.get("salary_max")
    return (
        ("salary_max", "vacancies.wrong_salary")
        if least is not None and most is not None and least > most
        else None
    )


def copied(values: dict[str, Any]) -> dict[str, Any]:
    """The same vacancy again; a last day that has passed is left open."""
    last = values.get("deadline")
    past = bool(last) and date.fromisoformat(str(last)[:10]) < datetime.now(UTC).date()
    return {**values, "deadline": None} if past else values


async def impact(source: Vacancies, caller: Caller, record_id: int, locale: Locale) -> str:
    """That a deletion only takes it off the site."""
    return locale.html("vacancies.impact")


async def statistics(tool: ListContext) -> Outcome:
    """What waits, and which professions and cities have most vacancies on the site."""
    ctx, locale = tool.ctx, tool.ctx.locale
    counters, (professions, cities) = await asyncio.gather(
        ctx.app.records.counters(ctx.caller, (tool.resource,)), tool.source.busiest()
    )
    counts = counters.get(tool.resource.code)
    parts = [bold(f"📊 {locale.t('vacancies.title')}"), *_decided(counts, locale)]
    for name, shares in (("professions", professions), ("cities", cities)):
        parts += ["", bold(locale.t(f"vacancies.stats.{name}")), *_bars(shares, locale)]
    text = lines(*parts, "", italic(locale.t("vacancies.stats.note")))
    return Outcome(Screen(fit(text, TEXT_LIMIT), (navigation(locale, tool.back()),)))


def _decided(counts: Counts | None, locale: Locale) -> list[Html | str]:
    """The moderation counters; nothing for those who see their own records only."""
    if counts is None:
        return []
    found = {"pending": counts.pending, "approved": counts.approved, "rejected": counts.rejected}
    rows = [
        f"{STATUS_MARKS[name]} {locale.t(f'choice.moderation_status.{name}')}: {locale.number(count)}"
        for name, count in found.items()
    ]
    return ["", bold(locale.t("vacancies.stats.moderation")), *rows]


def _bars(shares: Sequence[Share], locale: Locale) -> list[Html | str]:
    if not shares:
        return [locale.t("vacancies.stats.nothing")]
    most = max(1, *(share.count for share in shares))
    return [
        lines(
            f"{bar(share.count / most)} {locale.number(share.count)} · {label(share.ref.best(locale.language), 60)}"
        )
        for share in shares
    ]


VACANCIES: Resource[Vacancy] = Resource(
    module=Module.VACANCIES,
    key="vacancies",
    code="va",
    icon="💼",
    entity="vacancies",
    waiting=Waiting(queue="vacancy"),
    model=Vacancy,
    source=Vacancies,
    announced=True,
    needs=MODERATED,
    title=title,
    subtitle=visibility,
    fields=(
        Relation(name="profession_id", required=True, lookup=Professions),
        Text(name="company_name", max_len=255),
        Relation(name="city_id", required=True, lookup=Cities),
        Choice(name="employment_type", required=True, options=Employment, texts="vacancy_employment"),
        Choice(name="work_type", required=True, options=WorkPlace, texts="vacancy_work"),
        Number(name="salary_min", unit="unit.tenge"),
        Number(name="salary_max", unit="unit.tenge"),
        Number(name="experience_years", most=60, format=years),
        LongText(name="description_kz", required=True),
        LongText(name="description_ru", required=True),
        LongText(name="requirements_kz"),
        LongText(name="requirements_ru"),
        Relations(name="required_skills", lookup=Skills),
        Date(name="deadline", future=True),
        Email(name="contact_email", required=True),
        Phone(name="contact_phone"),
        Choice(name="skills_note", editable=False, options=SkillsNote, texts="vacancy_skills"),
        Text(name="source_channel", editable=False, format=channel),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("moderation_status", ("pending", "approved", "rejected")),
            Filter("is_active", ("yes", "no"), texts="vacancy_active"),
            Filter("deadline", ("open", "past", "none"), texts="vacancy_deadline"),
            Filter("employment_type", tuple(Employment), texts="vacancy_employment"),
            Filter("work_type", tuple(WorkPlace), texts="vacancy_work"),
        ),
    ),
    card=(
        "profession_id", "company_name", "city_id", "employment_type", "work_type", "salary_min", "salary_max",
        "experience_years", "required_skills", "skills_note", "deadline", "contact_email", "contact_phone",
        "source_channel", "created_at", "description_kz", "description_ru", "requirements_kz", "requirements_ru",
    ),
    form=(
        "profession_id", "company_name", "city_id", "employment_type", "work_type", "description_kz",
        "description_ru", "contact_email", "contact_phone", "salary_min", "salary_max", "experience_years",
        "requirements_kz", "requirements_ru", "required_skills", "deadline",
    ),
    deeds=(
        Deed(
            "activate", "ac", Permission.UPDATE, icon="🟢", mood=Mood.GOOD,
            offered=lambda vacancy: not vacancy.is_active, reached=lambda vacancy, _: vacancy.is_active,
        ),
        Deed(
            "deactivate", "de", Permission.UPDATE, icon="⏸",
            offered=lambda vacancy: vacancy.is_active, reached=lambda vacancy, _: not vacancy.is_active,
        ),
    ),
    tools=(Tool("statistics", "st", Permission.READ, statistics, icon="📊", calls=("counts", "busiest")),),
    remoderated=frozenset(
        {
            "description_kz", "description_ru", "requirements_kz", "requirements_ru", "company_name",
            "profession_id",
        }
    ),
    impact=impact,
    soft=True,
    check=wrong_salary,
    duplicate=copied,
)  # fmt: skip
