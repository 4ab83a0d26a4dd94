"""160 demo news: drafts, scheduled, published, rejected, from the parser, with old fields and without titles."""

import random
from datetime import timedelta
from typing import Any

from sandbox.crm.groups import news_texts as texts
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import SeedContext

HOW_MANY = 160
SCHEDULED = 34
LONG = (4, 51, 101)
MODERATORS = ("administrator", "administrator2", "super_admin")
# What becomes of an article: who wrote it, what state it is in, what the moderators said.
FATES = (
    ("admin", "published", "approved"),
    ("admin", "published", "approved"),
    ("parser", "draft", "pending"),
    ("admin", "draft", "pending"),
    ("parser", "draft", "approved"),
    ("admin", "published", "rejected"),
    ("parser", "draft", "rejected"),
    ("admin", "draft", "approved"),
)


def seed_news(context: SeedContext) -> None:
    """Stores the news; tomorrow's four slots are full, those of the days after lack some."""
    # An own source: news do not change what other groups draw from the common one.
    source = random.Random("news")
    rows = [_article(context, source, number) for number in range(HOW_MANY)]
    for place, row in enumerate(rows[:SCHEDULED]):
        _schedule(context, row, place)
    store(context, News, rows)


def _article(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    author, status, verdict = FATES[number % len(FATES)]
    created = context.now - timedelta(hours=7 * number + source.randrange(7), minutes=source.randrange(60))
    judged = None if verdict == "pending" else created + timedelta(minutes=source.randrange(5, 900))
    title_kz, title_ru = _titles(number)
    summary_kz, summary_ru = source.choice(texts.SUMMARIES)
    moderator = MODERATORS[number % len(MODERATORS)]
    # One in nine is older than the two languages: its texts are in the fields without one.
    old = number % 9 == 8
    name, address = texts.SOURCES[number % len(texts.SOURCES)]
    parsed = author == "parser"
    return {
        "id": number + 1,
        "title": title_ru or title_kz if old else None,
        "description": summary_ru if old else None,
        "content_text": _body(source, number, 1) if old else None,
        "title_kz": None if old else title_kz,
        "description_kz": None if old else summary_kz,
        "content_text_kz": None if old else _body(source, number, 0),
        "title_ru": None if old else title_ru,
        "description_ru": None if old else summary_ru,
        "content_text_ru": None if old or number % 11 == 5 else _body(source, number, 1),
        "photo_url": _photo(number),
        "category": texts.CATEGORIES[number % len(texts.CATEGORIES)],
        "date": created,
        "source_url": f"{address}/{number + 1}" if parsed else None,
        "source_name": name if parsed else None,
        "language": ("kz", "ru")[number % 2] if parsed else None,
        "keywords_matched": "жастар, молодёжь" if parsed and number % 3 else None,
        "moderation_status": verdict,
        "created_at": created,
        "moderated_at": judged,
        "moderated_by": context.admin_ids[moderator] if judged else None,
        "status": None if old and status == "draft" else status,
        "publish_at": None,
        "published_at": created if status == "published" else None,
        "is_admin_created": None if old and parsed else not parsed,
        "view_count": None if old else int(900 * source.random() ** 3) if status == "published" else 0,
    }


def _schedule(context: SeedContext, row: dict[str, Any], place: int) -> None:
    """Makes a recent article one that waits for its hour."""
    midnight = context.now.replace(hour=0)
    hours = (11, 11, 11, 13, 13, 13, 13, 18, 18, 18, 21, 21, 21, 21)
    day, slot = divmod(place, len(hours))
    moment = midnight + timedelta(days=1 + day, hours=hours[slot], minutes=(slot % 3) * 10 - 10)
    row |= {
        "status": "scheduled",
        "publish_at": moment,
        "published_at": None,
        "moderation_status": "approved",
        "moderated_at": row["created_at"],
        "moderated_by": context.admin_ids[MODERATORS[place % len(MODERATORS)]],
        "is_admin_created": True,
        "view_count": 0,
        "source_url": None,
        "source_name": None,
        "language": None,
    }


def _titles(number: int) -> tuple[str | None, str | None]:
    if number % 17 == 2:
        return texts.AWKWARD[number // 17 % len(texts.AWKWARD)]
    title_kz, title_ru = texts.TITLES[(number * 7) % len(texts.TITLES)]
    return None if number % 10 == 3 else title_kz, None if number % 10 == 6 else title_ru


def _body(source: random.Random, number: int, language: int) -> str:
    if number in LONG:
        return "\n\n".join(texts.BODIES[step % len(texts.BODIES)][language] for step in range(90))
    return "\n\n".join(pair[language] for pair in source.sample(texts.BODIES, source.randrange(1, 4)))


def _photo(number: int) -> str | None:
    match number % 6:
        case 0:
            return f"/uploads/events/poster-{number // 6 % 7}.jpg"
        case 1:
            return "https://news.example.com/photo.jpg"
        case 2:
            return ""
        case 3:
            return f"/uploads/documents/lost-{number}.jpg"
    return None
