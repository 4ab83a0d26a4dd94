"""Leisure: contract section 2.8, raw rows of places, tickets and promo; categories, galleries and totals."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from models.common import BilingualRecord, Localized, Record, Ref, UtcDateTime


class PlaceStatus(StrEnum):
    """Whether a place is shown."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class TicketStatus(StrEnum):
    """Whether tickets are sold."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    SOLD_OUT = "sold_out"


class PromoStatus(StrEnum):
    """Whether a promo is shown; it also needs its dates to run."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"


class RelatedType(StrEnum):
    """What a promo is for."""

    TICKET = "ticket"
    PLACE = "place"


class Content(BilingualRecord):
    """What the three moderated kinds share. The columns ``status`` and ``related_type`` take any text."""

    updated_at: UtcDateTime | None = None

    @property
    def name(self) -> Localized:
        """The title in both languages."""
        return Localized(kk=self.title, ru=self.title_ru)

    @property
    def ref(self) -> Ref:
        """The record as another one points at it."""
        return Ref(id=self.id, kk=self.title, ru=self.title_ru)


class Attraction(Content):
    """What places and tickets share."""

    address: str
    price: str | None = None
    main_photo_url: str | None = None
    address_link: str | None = None
    instagram_url: str | None = None
    tiktok_url: str | None = None
    whatsapp_number: str | None = None


class Place(Attraction):
    """A place to spend time at. Its category may be one that was deleted."""

    category_id: Ref | None = None
    event_date: UtcDateTime | None = None
    rating: float | None = None
    views_count: int | None = None


class Ticket(Attraction):
    """Something that tickets are sold for."""

    event_date: UtcDateTime


class Promo(Content):
    """A promo action of a place or of a ticket, which may be gone."""

    related_type: str
    related_id: Ref
    discount_text: str | None = None
    promo_code: str | None = None
    promo_image_url: str | None = None
    start_date: UtcDateTime
    end_date: UtcDateTime


class LeisureCategory(Record):
    """A kind of places; all owners share them."""

    name: str
    name_ru: str
    icon_url: str | None = None

    @property
    def ref(self) -> Ref:
        """The category as a place points at it."""
        return Ref(id=self.id, kk=self.name, ru=self.name_ru)


class Picture(Record):
    """One picture of a gallery."""

    image_url: str
    description: str | None = None


class TopPlace(BaseModel):
    """One of the places looked at most."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    title: str | None = None
    title_ru: str | None = None
    views_count: int | None = None
    rating: float | None = None


class LeisureStats(BaseModel):
    """Totals over all owners and all moderation states."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    total_tickets: int
    active_tickets: int
    total_places: int
    active_places: int
    total_categories: int
    active_promos: int
    top_places: tuple[TopPlace, ...] = ()
