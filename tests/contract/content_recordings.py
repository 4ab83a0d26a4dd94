"""What the recordings of news, vacancies, courses, tech tasks, experts, resumes, certificates started with,

and what was done to the database between their requests.
"""

from datetime import datetime
from typing import Any

from sandbox.crm import CrmServer
from sandbox.crm.groups.news_tables import News
from sandbox.crm.store import Base

# News are compared with the clock; the recordings were taken then.
RECORDED_AT = datetime(2026, 11, 21, 10, 24, 14, 841730)

# Requests of the access table that need more than a path: JSON bodies and forms of operations.
JSON_BODIES: dict[str, dict[str, Any]] = {
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
