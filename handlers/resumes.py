"""Resumes: contract 2.13. People write them on the site; admins only read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.lookups import Cities, Professions
from api.resumes import Resumes
from locales.locale import Locale
from models.access import Module
from models.common import Ref
from models.resume import Employment, Gender, Resume
from resources.fields import Choice, Date, DateTime, FieldError, Flag, LongText, Phone, Relation, Rows, Text
from resources.fields.month import Month
from resources.resource import READS, Filter, ListView, Resource

LEVELS = ("secondary", "vocational", "bachelor", "master", "phd")
MONTH = Month(name="start_date", editable=False)


def line(resume: Resume, locale: Locale) -> str:
    """``Name · profession``; unpublished ones are marked."""
    hidden = "" if resume.is_published else "🔒 "
    profession = resume.profession.best(locale.language) if resume.profession else ""
    return hidden + " · ".join(filter(None, (resume.full_name.strip(), profession)))


def subtitle(resume: Resume, locale: Locale) -> str:
    """Who can see it on the site."""
    return locale.t("resumes.seen.yes" if resume.is_published else "resumes.seen.no")


def unreadable(text: str, locale: Locale) -> dict[str, Any]:
    """Never a row: resumes are not written here. Raises ``FieldError``."""
    raise FieldError("field.error.not_typed")


def study_line(row: Mapping[str, Any], locale: Locale) -> str:
    """``2012 – 2016 · College — specialization · bachelor``."""
    level = str(row.get("education_level") or "")
    words = locale.t(f"resumes.level.{level}") if level in LEVELS else level
    last = (
        locale.t("resumes.now")
        if row.get("is_current") or not row.get("end_year")
        else str(row.get("end_year"))
    )
    where = f"{row.get('institution_name')} — {row.get('specialization')}"
    return " · ".join(filter(None, (f"{row.get('start_year')} – {last}", where, words)))


def work_line(row: Mapping[str, Any], locale: Locale) -> str:
    """``07.2019 – now · Company — position · what was done``."""
    open_ended = row.get("is_current") or not row.get("end_date")
    last = locale.t("resumes.now") if open_ended else MONTH.show(row.get("end_date"), locale)
    did = " ".join(str(row.get("responsibilities") or "").split())
    where = f"{row.get('company_name')} — {row.get('position')}"
    return " · ".join(filter(None, (f"{MONTH.show(row.get('start_date'), locale)} – {last}", where, did)))


def skill_line(row: Mapping[str, Any], locale: Locale) -> str:
    """``Python (advanced)``."""
    name = Ref.model_validate(row["skill"]).best(locale.language)
    return f"{name} ({row['skill_level']})" if row.get("skill_level") else name


def salary(value: Any, locale: Locale) -> str:
    """``400,000``; the backend keeps free text, which stays as it is."""
    text = str(value or "").strip()
    return locale.number(int(text)) if text.isascii() and text.isdigit() and len(text) < 16 else text


def texts(*names: str) -> tuple[Text, ...]:
    """Columns that are only shown."""
    return tuple(Text(name=name, editable=False) for name in names)


EDUCATION = Rows(
    name="education", editable=False, read_line=unreadable, line=study_line,
    columns=texts(
        "institution_name", "specialization", "education_level", "start_year", "end_year", "is_current"
    ),
)  # fmt: skip

WORK = Rows(
    name="work_experience", editable=False, read_line=unreadable, line=work_line,
    columns=texts("company_name", "position", "responsibilities", "start_date", "end_date", "is_current"),
)  # fmt: skip

SKILLS = Rows(
    name="skills", editable=False, read_line=unreadable, line=skill_line,
    columns=texts("skill", "skill_level"),
)  # fmt: skip

RESUMES: Resource[Resume] = Resource(
    module=Module.RESUMES,
    key="resumes",
    code="rs",
    icon="📄",
    model=Resume,
    source=Resumes,
    needs=READS,
    title=lambda resume, locale: resume.full_name,
    subtitle=subtitle,
    fields=(
        Text(name="full_name", editable=False),
        Relation(name="profession", editable=False, lookup=Professions),
        Relation(name="city", editable=False, lookup=Cities),
        Phone(name="phone_number", editable=False),
        Choice(name="gender", editable=False, options=Gender, texts="resumes_gender"),
        Date(name="birth_date", editable=False),
        Text(name="citizenship", editable=False),
        Text(name="salary_expectation", editable=False, format=salary),
        Choice(name="employment_type", editable=False, options=Employment, texts="resumes_employment"),
        LongText(name="about_me", editable=False),
        EDUCATION,
        WORK,
        SKILLS,
        Flag(name="is_published", editable=False),
        DateTime(name="updated_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("is_published", ("yes", "no"), texts="resumes_published"),
            Filter("gender", tuple(Gender), texts="resumes_gender"),
            Filter("profession_id", texts="resumes_profession", lookup=Professions),
            Filter("city_id", texts="resumes_city", lookup=Cities),
        ),
    ),
    card=(
        "profession", "city", "phone_number", "gender", "birth_date", "citizenship", "salary_expectation",
        "employment_type", "updated_at", "about_me", "education", "work_experience", "skills",
    ),
)  # fmt: skip
