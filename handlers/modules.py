"""The modules of the CRM that this bot serves, in the order of the menu."""

from __future__ import annotations

from typing import Any

from handlers.events import EVENTS
from handlers.experts import EXPERTS
from handlers.news import NEWS
from handlers.resumes import RESUMES
from handlers.tech_tasks import TECH_TASKS
from handlers.users import USERS
from handlers.vacancies import VACANCIES
from resources.resource import Resource

RESOURCES: tuple[Resource[Any], ...] = (
    EVENTS, NEWS, VACANCIES,
    TECH_TASKS, EXPERTS, RESUMES, USERS,
)  # fmt: skip
