"""Tables of leisure. Nothing here is tied together by foreign keys: rows may point to what is gone."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.groups.moderated import ModeratedRow
from sandbox.crm.store import Base, utc_now


class Shown(ModeratedRow):
    """What places and tickets share."""

    __abstract__ = True

    address: Mapped[str]
    price: Mapped[str | None]
    main_photo_url: Mapped[str | None]
    address_link: Mapped[str | None]
    instagram_url: Mapped[str | None]
    tiktok_url: Mapped[str | None]
    whatsapp_number: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active")
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class Place(Shown):
    __tablename__ = "places"

    category_id: Mapped[int | None]
    event_date: Mapped[datetime | None]
    rating: Mapped[float] = mapped_column(default=0.0)
    views_count: Mapped[int] = mapped_column(default=0)


class Ticket(Shown):
    __tablename__ = "tickets"

    event_date: Mapped[datetime]


class Promo(ModeratedRow):
    __tablename__ = "promo_actions"

    related_type: Mapped[str]
    related_id: Mapped[int]
    discount_text: Mapped[str | None]
    promo_code: Mapped[str | None]
    promo_image_url: Mapped[str | None]
    start_date: Mapped[datetime]
    end_date: Mapped[datetime]
    status: Mapped[str] = mapped_column(default="active")
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class LeisureCategory(Base):
    __tablename__ = "leisure_categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_ru: Mapped[str]
    icon_url: Mapped[str | None]


class Picture(Base):
    """One picture of a gallery; it stays behind when its place or ticket is deleted."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(index=True)
    image_url: Mapped[str]
    description: Mapped[str | None]


class PlacePicture(Picture):
    __tablename__ = "place_gallery"


class TicketPicture(Picture):
    __tablename__ = "ticket_gallery"
