"""Lines of experts, resumes, users and tech tasks: what is typed into rows, what is shown of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from handlers.experts import EDUCATION, EXPERIENCE
from handlers.resumes import skill_line, study_line, work_line
from handlers.tech_tasks import line as task_line
from handlers.users import line as user_line
from models.tech_task import TechTask
from models.user import User
from resources.fields import FieldError
from tests.matrix.strict import LOCALES

EN = LOCALES["en"]


@pytest.mark.parametrize(
    ("typed", "row"),
    [
        ("2010–2014 ҚарТУ", ("2010-01-01", "2014-01-01", "ҚарТУ", None)),
        ("09.2010 - 06.2014 ҚарТУ — Құқық", ("2010-09-01", "2014-06-01", "ҚарТУ", "Құқық")),
        ("2020 ҚарТУ - IT", ("2020-01-01", None, "ҚарТУ", "IT")),
        ("2020– Университет Нархоз — Право — МП", ("2020-01-01", None, "Университет Нархоз", "Право — МП")),
        ("2018—2019 Школа-гимназия", ("2018-01-01", "2019-01-01", "Школа-гимназия", None)),
    ],
)
def test_a_line_of_education_is_read(typed: str, row: tuple[Any, ...]):
    found = EDUCATION.read_line(typed, EN)
    names = ("start_date", "end_date", "university", "specialization")
    assert tuple(found.get(name) for name in names) == row


@pytest.mark.parametrize(
    ("typed", "row"),
    [
        ("09.2015–2019 Орталық — психолог", ("2015-09-01", "2019-01-01", "Орталық", "психолог")),
        ("2015 - Орталық - психолог", ("2015-01-01", None, "Орталық", "психолог")),
    ],
)
def test_a_line_of_experience_is_read(typed: str, row: tuple[Any, ...]):
    found = EXPERIENCE.read_line(typed, EN)
    assert tuple(found.get(name) for name in ("start_date", "end_date", "company_name", "position")) == row


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        (EDUCATION, "ҚарТУ", "experts.education.unclear"),
        (EDUCATION, "2014", "experts.education.unclear"),
        (EDUCATION, "2014–2010 ҚарТУ", "experts.period.backwards"),
        (EDUCATION, "13.2014 ҚарТУ", "field.error.month"),
        (EDUCATION, "1800 ҚарТУ", "field.error.month"),
        (EDUCATION, "2014 — ", "experts.education.unclear"),
        (EXPERIENCE, "2014 Орталық", "experts.experience.unclear"),
        (EXPERIENCE, "2014 — психолог", "experts.experience.unclear"),
    ],
)
def test_what_cannot_be_read_is_explained(field: Any, typed: str, key: str):
    with pytest.raises(FieldError) as raised:
        field.read_line(typed, EN)
    assert raised.value.key == key


def test_rows_of_a_card_are_lines():
    study = {
        "university": "ҚарТУ", "start_date": "2010-09-01T00:00:00Z", "end_date": "2014-01-01T00:00:00Z",
        "specialization": "CS", "degree": "PhD", "certificates": "№ 12",
    }  # fmt: skip
    assert EDUCATION.line(study, EN) == "09.2010 – 2014 · ҚарТУ — CS, PhD · № 12"
    assert EDUCATION.line({"university": "ҚарТУ", "start_date": "2010-09-01"}, EN) == "09.2010 – now · ҚарТУ"
    job = {"company_name": "А", "position": "Б", "start_date": "2015-01-01", "work_description": "в\nг"}
    assert EXPERIENCE.line(job, EN) == "2015 – now · А — Б · в г"


def test_lines_of_a_resume():
    study = {
        "institution_name": "А", "specialization": "Б", "education_level": "master", "start_year": 2012,
        "end_year": 2016, "is_current": False,
    }  # fmt: skip
    assert study_line(study, EN) == "2012 – 2016 · А — Б · master"
    assert (
        study_line({**study, "education_level": "mba", "is_current": True}, EN) == "2012 – now · А — Б · mba"
    )
    work = {
        "company_name": "А", "position": "Б", "start_date": "2019-07-01", "end_date": "2025-12-31",
        "is_current": False, "responsibilities": None,
    }  # fmt: skip
    assert work_line(work, EN) == "07.2019 – 12.2025 · А — Б"
    assert work_line({**work, "is_current": True}, EN) == "07.2019 – now · А — Б"
    skill = {"skill": {"id": 3, "kk": None, "ru": "Питон"}, "skill_level": None}
    assert skill_line(skill, EN) == "Питон"
    assert skill_line({"skill": {"id": 3}, "skill_level": "орташа"}, EN) == "#3 (орташа)"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "Әлия"),
        ({"status": "blocked", "user_type": "organization"}, "⛔ 🏢 Әлия"),
        ({"full_name": None}, "7 701 ••• •• 01"),
        ({"full_name": "  "}, "7 701 ••• •• 01"),
    ],
)
def test_a_user_in_a_line(values: dict[str, Any], line: str):
    user = {
        "id": 1,
        "phone_number": "77010000001",
        "full_name": "Әлия",
        "status": "active",
        "user_type": "individual",
    }
    assert user_line(User.model_validate(user | values), EN) == line


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "1 Mar 2027 · Сайт"),
        ({"is_active": False, "deadline": None}, "🔒 Сайт"),
        ({"status": "completed", "title_ru": "", "title_kz": ""}, "🏁 1 Mar 2027 · (no title)"),
        ({"title_kz": "Сайт жасау", "title_ru": ""}, "1 Mar 2027 · Сайт жасау"),
    ],
)
def test_a_tech_task_in_a_line(values: dict[str, Any], line: str):
    task = {
        "id": 1, "title_ru": "Сайт", "status": "collecting_offers", "user_id": 1, "is_active": True,
        "deadline": date(2027, 3, 1), "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    assert task_line(TechTask.model_validate(task | values), EN) == line
