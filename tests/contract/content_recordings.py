"""What the recordings of news, vacancies, courses, tech tasks, experts, resumes, certificates started with,

and what was done to the database between their requests.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from sandbox.crm import CrmServer
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.vacancy_tables import Vacancy
from sandbox.crm.store import Base

# News are compared with the clock; the recordings were taken then.
RECORDED_AT = datetime(2026, 11, 21, 10, 24, 14, 841730)

# Requests of the access table that need more than a path: JSON bodies and forms of operations.
VACANCY = {
    "profession_id": 1,
    "city_id": 1,
    "title_kz": "x",
    "title_ru": "x",
    "description_kz": "x",
    "description_ru": "x",
    "employment_type": "x",
    "work_type": "x",
    "contact_email": "x@example.com",
}
JSON_BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v2/vacancies/admin/create": VACANCY,
    "PUT /api/v2/vacancies/admin/{vacancy_id}": {"salary_min": 1},
    "PATCH /api/v2/vacancies/{vacancy_id}/applications/{application_id}": {"status": "accepted"},
    "POST /api/v2/admin/news/": {"title_kz": "x"},
    "PUT /api/v2/admin/news/{id}": {"title_kz": "y"},
    "POST /api/v2/admin/news/{id}/schedule": {"news_id": 0, "publish_at": "2099-01-01T11:00:00"},
}


def stored(crm: CrmServer, row: Base) -> int:
    """The id of the row, which is in the database from now on."""
    with crm.room.db.session() as session:
        session.add(row)
        session.flush()
        return row.id


def a_news(crm: CrmServer) -> int:
    return stored(crm, News(title_ru="x"))


def a_vacancy(crm: CrmServer, owner: str | None = None, **columns: Any) -> int:
    admin_id = crm.admin_id(owner) if owner else None
    return stored(crm, Vacancy(description_kz="x", description_ru="x", admin_id=admin_id, **columns))


def give_titles(crm: CrmServer) -> None:
    """The recordings wrote titles into the database here, which no route can."""
    titles = {"title_kz": "Python әзірлеушісі", "title_ru": "Python-разработчик"}
    with crm.room.db.session() as session:
        session.execute(update(Vacancy).values(**titles))
