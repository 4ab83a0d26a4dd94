"""Experts: contract 2.13. They can be entered, but neither changed nor deleted through the backend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.experts import Experts
from locales.locale import Locale
from models.access import Module, Permission
from models.expert import Expert
from resources.fields import DateTime, FieldError, Link, LongText, Phone, Photo, Rows, Text
from resources.fields.month import Month
from resources.resource import READS, ListView, Op, Resource

_PERIOD = re.compile(r"((?:\d{1,2}[./])?\d{4})(?:\s*[-–—]\s*((?:\d{1,2}[./])?\d{4})?)?\s+([^\s\-–—].*)")
_DASHES = (" — ", " – ", " - ")

SINCE = Month(name="start_date", required=True)
UNTIL = Month(name="end_date")


def read_study(text: str, locale: Locale) -> dict[str, Any]:
    """A row of ``2010–2014 University — specialization``. Raises ``FieldError``."""
    row, rest = read_period(text, locale, "experts.education.unclear")
    university, specialization = divided(rest)
    row["university"] = UNIVERSITY.parse(university, locale)
    return {**row, "specialization": SUBJECT.parse(specialization, locale)} if specialization else row


def read_job(text: str, locale: Locale) -> dict[str, Any]:
    """A row of ``2015–2019 Company — position``. Raises ``FieldError``."""
    row, rest = read_period(text, locale, "experts.experience.unclear")
    company, position = divided(rest)
    if not position:
        raise FieldError("experts.experience.unclear")
    return {
        **row,
        "company_name": COMPANY.parse(company, locale),
        "position": POSITION.parse(position, locale),
    }


def read_period(text: str, locale: Locale, unclear: str) -> tuple[dict[str, Any], str]:
    """The months a row begins with, and the rest of it. Raises ``FieldError`` with the key ``unclear``."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise FieldError(unclear)
    row = {"start_date": SINCE.parse(found[1], locale)}
    if found[2]:
        row["end_date"] = UNTIL.parse(found[2], locale)
        if row["end_date"] < row["start_date"]:
            raise FieldError("experts.period.backwards")
    return row, found[3].strip()


def divided(text: str) -> tuple[str, str]:
    """What stands before the first dash between spaces, and what stands after it."""
    place, dash = min(((text.find(dash), dash) for dash in _DASHES if dash in text), default=(len(text), ""))
    return text[:place].strip(), text[place + len(dash) :].strip()


def period(row: Mapping[str, Any], locale: Locale) -> str:
    """``2010 – 06.2014``; without an end it lasts."""
    until = UNTIL.show(row.get("end_date"), locale) or locale.t("experts.period.now")
    return f"{SINCE.show(row.get('start_date'), locale)} – {until}"


def study_line(row: Mapping[str, Any], locale: Locale) -> str:
    """``2010 – 2014 · University — specialization, degree · certificates``."""
    what = ", ".join(str(row[part]) for part in ("specialization", "degree") if row.get(part))
    where = f"{row.get('university')} — {what}" if what else str(row.get("university"))
    return " · ".join(filter(None, (period(row, locale), where, row.get("certificates"))))


def job_line(row: Mapping[str, Any], locale: Locale) -> str:
    """``2015 – now · Company — position · what was done``."""
    did = " ".join(str(row.get("work_description") or "").split())
    # Where there was no company, people type a dash.
    names = (str(row.get(part) or "").strip() for part in ("company_name", "position"))
    where = " — ".join(name for name in names if name.strip("-–—"))
    return " · ".join(filter(None, (period(row, locale), where, did)))


def line(expert: Expert, locale: Locale) -> str:
    """``Name · specialization``."""
    return f"{expert.full_name or locale.t('card.untitled')} · {expert.specialization}"


UNIVERSITY = Text(name="university", required=True)
SUBJECT = Text(name="specialization")
COMPANY = Text(name="company_name", required=True)
POSITION = Text(name="position", required=True)

EDUCATION = Rows(
    name="education", editable=False, read_line=read_study, line=study_line, max_rows=20,
    columns=(SINCE, UNTIL, UNIVERSITY, SUBJECT, Text(name="degree"), Text(name="certificates")),
)  # fmt: skip

EXPERIENCE = Rows(
    name="experience", editable=False, read_line=read_job, line=job_line, max_rows=20,
    columns=(SINCE, UNTIL, COMPANY, POSITION, LongText(name="work_description", max_len=2000)),
)  # fmt: skip

EXPERTS: Resource[Expert] = Resource(
    module=Module.EXPERTS,
    key="experts",
    code="ex",
    icon="🧠",
    model=Expert,
    source=Experts,
    needs={**READS, Op.CREATE: Permission.CREATE},
    title=lambda expert, locale: expert.full_name,
    fields=(
        Text(name="full_name", required=True, editable=False, max_len=255),
        Text(name="specialization", required=True, editable=False, max_len=255),
        Text(name="city", editable=False, max_len=100),
        Text(name="address", editable=False, max_len=255),
        # The register is public: whoever is in it wants to be reached.
        Phone(name="phone", editable=False, masked=False),
        Link(name="website", editable=False),
        EDUCATION,
        EXPERIENCE,
        Photo(name="avatar", editable=False, at_create=True),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(line=line),
    card=(
        "specialization", "city", "address", "phone", "website", "education", "experience", "created_at",
    ),
    form=(
        "full_name", "specialization", "phone", "website", "city", "address", "education", "experience", "avatar",
    ),
)  # fmt: skip
