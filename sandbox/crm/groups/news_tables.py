"""The table of news."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.groups.judging import Judged
from sandbox.crm.store import Base, utc_now


class News(Judged, Base):
    """An article; the fields without a language are older than the ones with, and mostly empty."""

    __tablename__ = "news"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None]
    description: Mapped[str | None]
    content_text: Mapped[str | None]
    title_kz: Mapped[str | None]
    description_kz: Mapped[str | None]
    content_text_kz: Mapped[str | None]
    title_ru: Mapped[str | None]
    description_ru: Mapped[str | None]
    content_text_ru: Mapped[str | None]
    photo_url: Mapped[str | None]
    category: Mapped[str | None]
    date: Mapped[datetime] = mapped_column(default=utc_now)
    source_url: Mapped[str | None]
    source_name: Mapped[str | None]
    language: Mapped[str | None]
    keywords_matched: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    status: Mapped[str | None] = mapped_column(default="draft")
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    is_admin_created: Mapped[bool | None] = mapped_column(default=False)
    view_count: Mapped[int | None] = mapped_column(default=0)
