"""130 demo places, 124 tickets and 120 promo in every state, with galleries, lost photos and dangling ids."""

import random
from datetime import datetime, timedelta
from typing import Any

from sandbox.crm.groups.leisure import tables, texts
from sandbox.crm.groups.seeding import AWKWARD, picture_for, pictures, provenance, store
from sandbox.crm.room import SeedContext

PLACES, TICKETS, PROMOS = 130, 124, 120
# Of thirteen in a row four are the msb's; the last belongs to nobody.
OWNERS = (
    "msb", "refused", "administrator", "msb", "refused", "super_admin", "msb",
    "administrator2", "refused", "msb", "administrator", "administrator2", None,
)  # fmt: skip
GONE_CATEGORY = 99
LONG_TEXTS = (10, 49, 88)
Rows = list[dict[str, Any]]


def seed_leisure(context: SeedContext) -> None:
    # An own source: other groups' data stay the same when this one changes.
    source = random.Random(53)
    store(
        context,
        tables.LeisureCategory,
        [{"name": name, "name_ru": name_ru, "icon_url": None} for name, name_ru in texts.CATEGORIES],
    )
    photos = pictures(context, "places")
    places = [_place(context, source, number, photos) for number in reversed(range(PLACES))]
    store(context, tables.Place, places)
    tickets = [_ticket(context, source, number, photos) for number in reversed(range(TICKETS))]
    store(context, tables.Ticket, tickets)
    promos = [_promo(context, source, number, photos) for number in reversed(range(PROMOS))]
    store(context, tables.Promo, promos)
    store(context, tables.PlacePicture, _gallery(PLACES, photos))
    store(context, tables.TicketPicture, _gallery(TICKETS, photos))


def _common(
    context: SeedContext, source: random.Random, number: int, titles: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    made = provenance(context, source, number, OWNERS)
    title, title_ru = titles[number * 5 % len(titles)]
    if number % 13 == 6 and number // 13 < len(AWKWARD):
        title, title_ru = AWKWARD[number // 13]
    description, description_ru = texts.DESCRIPTIONS[number % len(texts.DESCRIPTIONS)]
    if number in LONG_TEXTS:
        description, description_ru = "\n\n".join([description] * 40), "\n\n".join([description_ru] * 40)
    return made | {
        "title": title[:255],
        "title_ru": title_ru[:255],
        "description": description,
        "description_ru": description_ru,
        "updated_at": made["moderated_at"] or made["created_at"],
    }


def _contacts(number: int, photos: list[str]) -> dict[str, Any]:
    return {
        "address": texts.ADDRESSES[number % len(texts.ADDRESSES)],
        "price": texts.PRICES[number % len(texts.PRICES)],
        "main_photo_url": picture_for(number, photos, "places"),
        "address_link": "https://2gis.kz/karaganda?q=<1>&p=2" if number % 3 else None,
        "instagram_url": "https://instagram.com/example" if number % 4 else None,
        "tiktok_url": "https://tiktok.com/@example" if number % 5 == 0 else None,
        "whatsapp_number": "+77010000000" if number % 2 else None,
    }


def _place(context: SeedContext, source: random.Random, number: int, photos: list[str]) -> dict[str, Any]:
    category = source.randrange(1, len(texts.CATEGORIES) + 1)
    day = (context.now + timedelta(days=source.randrange(-60, 120))).replace(hour=12)
    return (
        _common(context, source, number, texts.PLACES)
        | _contacts(number, photos)
        | {
            "id": PLACES - number,
            # Some have no category, one has a category that was deleted.
            "category_id": GONE_CATEGORY if number == 17 else None if number % 11 == 5 else category,
            "event_date": day if number % 8 == 0 else None,
            "rating": round(source.uniform(0, 5), 2) if number % 6 else 0.0,
            "views_count": source.randrange(0, 5000) if number % 7 else 0,
            "status": "inactive" if number % 9 == 4 else "active",
        }
    )


def _ticket(context: SeedContext, source: random.Random, number: int, photos: list[str]) -> dict[str, Any]:
    evening = (context.now + timedelta(days=source.randrange(-90, 150))).replace(hour=14)
    return (
        _common(context, source, number, texts.TICKETS)
        | _contacts(number, photos)
        | {
            "id": TICKETS - number,
            "event_date": evening + timedelta(minutes=30 * source.randrange(0, 5)),
            "status": ("active", "active", "sold_out", "active", "inactive")[number % 5],
        }
    )


def _promo(context: SeedContext, source: random.Random, number: int, photos: list[str]) -> dict[str, Any]:
    made = _common(context, source, number, texts.PROMOS)
    start: datetime = (context.now + timedelta(days=source.randrange(-120, 40))).replace(hour=0)
    end = start + timedelta(days=source.randrange(7, 120))
    ended = end < context.now
    for_ticket = number % 3 == 1
    return made | {
        "id": PROMOS - number,
        "related_type": "ticket" if for_ticket else "place",
        # One in twenty points to something that is gone.
        "related_id": 9000 if number % 20 == 8 else source.randrange(1, TICKETS if for_ticket else PLACES),
        "discount_text": texts.DISCOUNTS[number % len(texts.DISCOUNTS)],
        "promo_code": f"TABYS{number}" if number % 4 else None,
        "promo_image_url": picture_for(number, photos, "promo"),
        "start_date": start,
        "end_date": end,
        "status": "expired" if ended and number % 2 else "inactive" if number % 10 == 7 else "active",
    }


def _gallery(owners: int, photos: list[str]) -> Rows:
    return [
        {
            "owner_id": owner,
            "image_url": photos[(owner + step) % len(photos)],
            "description": "Көрініс / вид <1>" if step == 0 else None,
        }
        for owner in range(1, owners + 1, 2)
        for step in range(owner // 2 % 5)
    ]
