"""The modules of the CRM that this bot serves, in the order of the menu."""

from __future__ import annotations

from typing import Any

from handlers.events import EVENTS
from handlers.experts import EXPERTS
from handlers.leisure import PLACES, PROMOS, TICKETS
from handlers.leisure_shared import CATEGORIES as LEISURE_CATEGORIES
from handlers.leisure_shared import PLACE_PHOTOS, TICKET_PHOTOS
from handlers.news import NEWS
from handlers.resumes import RESUMES
from handlers.tech_tasks import TECH_TASKS
from handlers.users import USERS
from handlers.vacancies import VACANCIES
from resources.resource import Resource

RESOURCES: tuple[Resource[Any], ...] = (
    EVENTS, NEWS, VACANCIES,
    PLACES, TICKETS, PROMOS, LEISURE_CATEGORIES, PLACE_PHOTOS, TICKET_PHOTOS,
    TECH_TASKS, EXPERTS, RESUMES, USERS,
)  # fmt: skip
