"""The demo data of all groups together: quick, the same every time, and with invented people only."""

import re
import time
from typing import Any

from sandbox.crm import CrmServer
from sandbox.crm.groups import course_tables, expert_tables, resume_tables, tech_task_tables
from sandbox.crm.groups.certificates import Certificate
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.vacancy_tables import Vacancy, VacancySkill
from sandbox.crm.store import Base

TABLES: tuple[type[Base], ...] = (
    News,
    Vacancy,
    VacancySkill,
    course_tables.Course,
    course_tables.CourseTestAnswer,
    tech_task_tables.TechTask,
    tech_task_tables.TechTaskSolution,
    expert_tables.Expert,
    expert_tables.ExpertExperience,
    resume_tables.Resume,
    resume_tables.ResumeSkill,
    Certificate,
)


def timeless(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the columns that lie around now."""
    return [
        {name: value for name, value in row.items() if isinstance(value, str | int | None)} for row in rows
    ]


async def test_seed_is_the_same_every_time(seeded: CrmServer) -> None:
    # Processor time: what else the machine does is not the seed's fault.
    started = time.process_time()
    async with CrmServer() as again:
        assert time.process_time() - started < 1.5
        for table in TABLES:
            assert timeless(seeded.rows(table)) == timeless(again.rows(table))


async def test_addresses_and_numbers_belong_to_nobody(seeded: CrmServer) -> None:
    text = repr([seeded.rows(table) for table in TABLES])
    assert all(host == "example.com" for host in re.findall(r"[\w.]+@([\w.]+)", text))
    assert all(number.startswith("+7700") for number in re.findall(r"\+7\d{10}", text))
