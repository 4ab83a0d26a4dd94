"""What the handlers of news share: sessions, look-ups, the order of lists."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException
from sqlalchemy import Select, and_, or_, update
from sqlalchemy.orm import Session

from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.groups.news_shapes import NewsResponse, PublicationStatus
from sandbox.crm.groups.news_tables import News
from sandbox.crm.room import Room
from sandbox.crm.store import utc_now

COLUMNS = {
    "title": 255, "title_kz": 255, "title_ru": 255, "source_name": 255, "category": 100,
    "photo_url": 500, "source_url": 1000, "language": 10,
}  # fmt: skip
PUBLIC = or_(
    News.status == PublicationStatus.PUBLISHED,
    and_(News.moderation_status == ModerationStatus.APPROVED, News.status == PublicationStatus.DRAFT),
)
NEWEST = (News.created_at.desc(), News.id.desc())


@contextmanager
def opened(room: Room) -> Iterator[Session]:
    """A session in which everything due is already published; the backend's scheduler looks each minute."""
    due = update(News).where(News.status == PublicationStatus.SCHEDULED, News.publish_at <= utc_now())
    with room.db.session() as session:
        session.execute(due.values(status=PublicationStatus.PUBLISHED.value, published_at=News.publish_at))
        yield session


def any_news(session: Session, news_id: int) -> News:
    row = session.get(News, news_id)
    if row is None:
        raise HTTPException(404, "News not found")
    return row


def listed(room: Room, found: Select[News]) -> list[NewsResponse]:
    with opened(room) as session:
        return [NewsResponse.model_validate(row) for row in session.scalars(found)]
