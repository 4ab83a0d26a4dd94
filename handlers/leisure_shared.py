"""Leisure: the categories that all owners share, and the galleries of places and tickets, contract 2.8."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.leisure import LeisureCategories, PlacePictures, TicketPictures
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.leisure import LeisureCategory, Picture
from resources.fields import Photo, Text
from resources.resource import READS, ListView, Op, Resource

# A gallery is a part of its place or ticket.
GALLERY_NEEDS: Mapping[Op, Permission] = {
    **READS,
    Op.CREATE: Permission.UPDATE,
    Op.DELETE: Permission.UPDATE,
}


def category_title(category: LeisureCategory, locale: Locale) -> str:
    """The name in the person's language."""
    return category.ref.best(locale.language)


def picture_title(key: str) -> Callable[[Picture, Locale], str]:
    """Makes the title of a picture: what is on it, else its number."""
    return lambda picture, locale: picture.description or f"{locale.t(f'{key}.one')} {picture.id}"


async def places_left(source: LeisureCategories, caller: Caller, record_id: int, locale: Locale) -> str:
    """How many places a delete leaves without a category."""
    amount = await source.places_count(caller, record_id)
    return locale.html("leisure_categories.impact", n=amount.count, count=str(amount)) if amount.count else ""


CATEGORIES: Resource[LeisureCategory] = Resource(
    module=Module.LEISURE,
    key="leisure_categories",
    code="lc",
    icon="🗂",
    model=LeisureCategory,
    source=LeisureCategories,
    # The backend lets anybody change what all owners share: here only those who decide about everybody's content.
    needs={
        **READS,
        Op.CREATE: Permission.MODERATE,
        Op.EDIT: Permission.MODERATE,
        Op.DELETE: Permission.MODERATE,
    },
    title=category_title,
    fields=(
        Text(name="name", required=True, max_len=100),
        Text(name="name_ru", required=True, max_len=100),
        Photo(name="icon_url", removable=False),
    ),
    list=ListView(line=category_title),
    card=("icon_url", "name", "name_ru"),
    form=("name", "name_ru", "icon_url"),
    impact=places_left,
)


def gallery(
    key: str, code: str, parent: str, source: type[PlacePictures | TicketPictures]
) -> Resource[Picture]:
    """The gallery of one kind. The backend can add and delete pictures, not change them."""
    return Resource(
        module=Module.LEISURE,
        key=key,
        code=code,
        icon="🖼",
        model=Picture,
        source=source,
        parent=parent,
        needs=GALLERY_NEEDS,
        title=picture_title(key),
        fields=(
            Photo(name="image_url", required=True, editable=False, at_create=True),
            Text(name="description", editable=False, max_len=255),
        ),
        list=ListView(line=picture_title(key)),
        card=("image_url", "description"),
        form=("image_url", "description"),
    )


PLACE_PHOTOS = gallery("place_photos", "lg", "pl", PlacePictures)
TICKET_PHOTOS = gallery("ticket_photos", "tg", "tk", TicketPictures)
