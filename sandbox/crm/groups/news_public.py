"""What everybody may do with news, and what the parser may (contract 2.9)."""

from fastapi import HTTPException
from sqlalchemy import func, select

from sandbox.crm.groups.judging import check_lengths
from sandbox.crm.groups.news_shapes import NewsResponse, NewsSubmit
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.news_work import COLUMNS, PUBLIC, any_news, listed, opened
from sandbox.crm.room import RoomDep
from sandbox.crm.store import utc_now


async def get_all_news(room: RoomDep, category: str | None = None) -> list[NewsResponse]:
    """All public articles without pages, latest first."""
    found = select(News).where(PUBLIC)
    if category:
        found = found.where(News.category == category)
    return listed(room, found.order_by(News.date.desc(), News.id.desc()))


async def get_all_categories(room: RoomDep) -> list[str]:
    """Of all articles, also of unpublished ones."""
    named = select(News.category).where(News.category.is_not(None))
    with opened(room) as session:
        found = session.scalars(named.group_by(News.category).order_by(func.max(News.id).desc()))
        return [category for category in found if category is not None]


async def get_news_by_id(id: int, room: RoomDep) -> NewsResponse:
    with opened(room) as session:
        return NewsResponse.model_validate(any_news(session, id))


async def increment_news_view(id: int, room: RoomDep) -> NewsResponse:
    with opened(room) as session:
        row = any_news(session, id)
        row.view_count = (row.view_count or 0) + 1
        session.flush()
        return NewsResponse.model_validate(row)


async def submit_news_from_parser(body: NewsSubmit, room: RoomDep) -> NewsResponse:
    check_lengths(body.model_dump(), COLUMNS)
    now = utc_now()
    with opened(room) as session:
        if session.scalar(select(News.id).where(News.source_url == body.source_url).limit(1)):
            raise HTTPException(409, "News article from this URL already exists")
        row = News(**body.model_dump(), date=now, created_at=now)
        session.add(row)
        session.flush()
        return NewsResponse.model_validate(row)
