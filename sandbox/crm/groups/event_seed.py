"""200 demo events in every state, with programmes, speakers, participants and some photos."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sandbox.crm.groups import event_tables as tables
from sandbox.crm.groups import event_texts as texts
from sandbox.crm.groups.seeding import store
from sandbox.crm.posters import save_poster
from sandbox.crm.room import SeedContext

HOW_MANY = 200
POSTERS = 8
OWNERS = ("npo", "npo2", "administrator", "administrator2", "super_admin")
# Content of an npo waits for approval; what administrators create is approved at once.
NPO_STATES = ("pending", "approved", "pending", "approved", "rejected", "approved", "pending", "approved")
LONG_TEXTS = (11, 47, 90, 133, 176)
MISSING_PHOTOS = (23, 64, 105)


def seed_events(context: SeedContext) -> None:
    """Stores the events; the first of `AWKWARD_TITLES` are among them, owned by the npo."""
    photos = _posters(context)
    events = [_event(context, number, photos) for number in range(HOW_MANY)]
    store(context, tables.Event, events)
    store(context, tables.EventProgram, _programs(context))
    store(context, tables.EventSpeaker, _speakers(context))
    store(context, tables.EventParticipant, _participants(context, events))


def _posters(context: SeedContext) -> list[str]:
    folder = context.uploads / "events"
    names = [f"poster-{number}.{'png' if number % 4 == 3 else 'jpg'}" for number in range(POSTERS)]
    for number, name in enumerate(names):
        save_poster(folder / name, number, "TABYS")
    return [f"/uploads/events/{name}" for name in names]


def _event(context: SeedContext, number: int, photos: list[str]) -> dict[str, Any]:
    source = context.random
    owner = OWNERS[number % len(OWNERS)]
    by_npo = owner.startswith("npo")
    if by_npo:
        state = NPO_STATES[number // len(OWNERS) % len(NPO_STATES)]
    else:
        state = "rejected" if number % 29 == 0 else "approved"
    created = context.now - timedelta(hours=9 * number + source.randrange(9), minutes=source.randrange(60))
    day = (context.now + timedelta(days=source.randrange(-180, 240))).replace(hour=0)
    judged = (
        None if state == "pending" else created + timedelta(hours=source.randrange(1, 30) if by_npo else 0)
    )
    online = source.random() < 0.3
    return {
        "id": number + 1,
        "title": _title(number),
        "event_date": day + timedelta(minutes=30 * source.randrange(6, 28)),
        "location": source.choice(texts.ONLINE_PLACES if online else texts.PLACES),
        "format": "Online" if online else "Offline",
        "description": _description(context, number),
        "event_photo": _photo(number, photos),
        "admin_id": context.admin_ids[owner],
        "created_at": created,
        "updated_at": judged or created,
        "moderation_status": state,
        "moderated_at": judged,
        "moderated_by": None if judged is None else context.admin_ids["administrator" if by_npo else owner],
        "is_admin_created": not by_npo,
    }


def _title(number: int) -> str:
    # Every fifth event is the npo's; a few of its early ones carry the awkward titles.
    place, rest = divmod(number, 15)
    if rest == 5 and place < len(texts.AWKWARD_TITLES):
        return texts.AWKWARD_TITLES[place]
    title = texts.TITLES[(number * 7) % len(texts.TITLES)]
    season = number // len(texts.TITLES)
    return f"{title} · {season + 1}" if season else title


def _description(context: SeedContext, number: int) -> str:
    if number in LONG_TEXTS:
        return "\n\n".join(texts.PARAGRAPHS[step % len(texts.PARAGRAPHS)] for step in range(48))
    return "\n\n".join(context.random.sample(texts.PARAGRAPHS, context.random.randrange(1, 4)))


def _photo(number: int, photos: list[str]) -> str | None:
    if number in MISSING_PHOTOS:
        return f"/uploads/events/lost-{number}.jpg"
    return photos[number // 4 % len(photos)] if number % 4 == 0 else None


def _programs(context: SeedContext) -> list[dict[str, Any]]:
    rows = []
    for number in range(0, HOW_MANY, 2):
        start = 30 * context.random.randrange(16, 24)
        for step in range(context.random.randrange(2, 7)):
            line = texts.PROGRAM_LINES[step % len(texts.PROGRAM_LINES)]
            rows.append({"event_id": number + 1, "time": start + 45 * step, "description": line})
    return rows


def _speakers(context: SeedContext) -> list[dict[str, Any]]:
    source = context.random
    return [
        {
            "event_id": number + 1,
            "first_name": source.choice(texts.FIRST_NAMES),
            "last_name": source.choice(texts.LAST_NAMES),
            "middle_name": None,
            "bio": source.choice(texts.BIOS),
            "photo_url": None,
            "linkedin_url": "https://www.linkedin.com/in/example" if number % 2 else None,
            "instagram_url": None,
            "facebook_url": None,
        }
        for number in range(0, HOW_MANY, 3)
        for _ in range(source.randrange(1, 4))
    ]


def _participants(context: SeedContext, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    source = context.random
    rows: list[dict[str, Any]] = []
    for event in events:
        if event["moderation_status"] != "approved":
            continue
        # Most events draw few people, some many; the first approved one is full.
        count = 60 if not rows else int(60 * source.random() ** 3)
        for place in range(count):
            registered: datetime = event["created_at"] + timedelta(hours=place + 1)
            rows.append(
                {
                    "event_id": event["id"],
                    "first_name": source.choice(texts.FIRST_NAMES),
                    "last_name": source.choice(texts.LAST_NAMES),
                    "company_name": source.choice(texts.COMPANIES),
                    "email": f"guest{len(rows) + 1}@example.com",
                    "registration_id": str(UUID(int=source.getrandbits(128), version=4)),
                    "created_at": registered,
                }
            )
    return rows
