"""150 demo volunteers of every status, 60 events, and what waits: applications, reports, purchases, requests."""

import random
from datetime import timedelta
from typing import Any

from sandbox.crm.groups import event_texts
from sandbox.crm.groups.seeding import AWKWARD, pictures, store
from sandbox.crm.groups.volunteers import fixed, tables, texts
from sandbox.crm.room import SeedContext

VOLUNTEERS, EVENTS, BENEFITS = 150, 60, 24
APPLICATIONS, REPORTS, PURCHASES, PROMOTIONS = 420, 180, 150, 48
USERS = 60
ROLES = ("VOLUNTEER", "VOLUNTEER", "TEAM_LEADER", "SUPERVISOR")
Rows = list[dict[str, Any]]


def seed_volunteers(context: SeedContext) -> None:
    # An own source: other groups' data stay the same when this one changes.
    source = random.Random(79)
    photos = pictures(context, "task_reports")
    store(context, tables.Volunteer, [_volunteer(context, source, place) for place in range(VOLUNTEERS)])
    store(context, tables.VolunteerBalance, _balances(source))
    store(context, tables.VolunteerEvent, [_event(context, source, place) for place in range(EVENTS)])
    store(context, tables.VolunteerTask, _tasks())
    store(context, tables.VolunteerApplication, _applications(context, source))
    store(context, tables.TaskReport, _reports(context, source, photos))
    store(context, tables.Benefit, [_benefit(context, place) for place in range(BENEFITS)])
    store(context, tables.Purchase, _purchases(context, source))
    store(context, tables.PromotionRequest, _promotions(context, source))
    store(context, tables.StatusRequirement, fixed.default_requirements())


def _volunteer(context: SeedContext, source: random.Random, place: int) -> dict[str, Any]:
    name = f"{source.choice(event_texts.FIRST_NAMES)} {source.choice(event_texts.LAST_NAMES)}"
    if place % 25 == 7:
        name = AWKWARD[place // 25][place % 2]
    return {
        "id": place + 1,
        # The site has fewer users: the phone of the others is unknown.
        "user_id": place + 1 if place < USERS else 1000 + place,
        "full_name": name,
        "volunteer_status": fixed.STATUSES[(0, 0, 1, 0, 2, 0, 1, 0, 3, 0)[place % 10]],
        "direction_id": place % 11 or None,
        "missed_in_a_row": place % 5 if place % 3 == 0 else 0,
        "created_at": context.now - timedelta(hours=17 * (VOLUNTEERS - place), minutes=place),
    }


def _balances(source: random.Random) -> Rows:
    """Every tenth volunteer has none."""
    rows: Rows = []
    for place in range(VOLUNTEERS):
        if place % 10 == 9:
            continue
        earned = source.randrange(0, 600) if place % 6 else 0
        rows.append(
            {
                "volunteer_id": place + 1,
                # An administrator may have set a debt.
                "balance": -15 if place == 33 else earned - earned % 7 * 10 if earned > 60 else earned,
                "total_earned": earned,
                "events_participated": earned // 20,
                "achievements_count": earned // 150,
            }
        )
    return rows


def _event(context: SeedContext, source: random.Random, place: int) -> dict[str, Any]:
    title, title_kz = texts.EVENTS[place * 3 % len(texts.EVENTS)]
    if place % 10 == 6 and place // 10 < len(AWKWARD):
        title_kz, title = AWKWARD[place // 10]
    description, description_kz = texts.EVENT_TEXTS[place % len(texts.EVENT_TEXTS)]
    if place in (12, 37) and description:
        description *= 80
    past = place % 3 == 2
    day = (context.now + timedelta(days=source.randrange(1, 90) * (-1 if past else 1))).replace(hour=4)
    return {
        "id": place + 1,
        "title": title,
        "title_kz": title_kz,
        "description": description,
        "description_kz": description_kz,
        "event_date": day + timedelta(minutes=30 * source.randrange(0, 12)),
        "location": texts.PLACES[place % len(texts.PLACES)],
        "direction_id": place % 11 or None,
        "v_coins_reward": 5 * source.randrange(1, 8),
        "photo_bonus": 5,
        "status": ("completed", "cancelled")[place % 9 == 8]
        if past
        else ("ongoing" if place % 10 == 3 else "upcoming"),
        "whatsapp_group_link": "https://chat.whatsapp.com/example" if place % 4 else None,
        "required_volunteers": source.randrange(0, 60),
        "required_team_leaders": source.randrange(0, 5),
        "required_supervisors": source.randrange(0, 2),
        "is_active": place % 15 != 14,
    }


def _tasks() -> Rows:
    """One to four of each event; the ids count through."""
    return [
        {
            "event_id": place + 1,
            "title": title,
            "description": description,
            "for_role": role,
            "is_required": step == 0,
            "v_coins_bonus": bonus,
        }
        for place in range(EVENTS)
        for step, (title, description, role, bonus) in enumerate(texts.TASKS[: 1 + place % 4])
    ]


def _applications(context: SeedContext, source: random.Random) -> Rows:
    rows: Rows = []
    for place in range(APPLICATIONS):
        status = ("pending", "approved", "pending", "approved", "rejected", "cancelled")[place % 6]
        attended = status == "approved" and place % 4 == 1
        rows.append(
            {
                "volunteer_id": source.randrange(1, VOLUNTEERS + 1),
                # The first event draws a crowd.
                "event_id": 1 if place % 7 == 0 else source.randrange(1, EVENTS + 1),
                "applied_role": ROLES[place % len(ROLES)],
                "status": status,
                "attended": attended,
                "missed": status == "approved" and place % 12 == 3,
                "report_submitted": attended and place % 8 == 1,
                "created_at": context.now - timedelta(hours=2 * (APPLICATIONS - place), minutes=place % 60),
            }
        )
    return rows


def _reports(context: SeedContext, source: random.Random, photos: list[str]) -> Rows:
    tasks = sum(1 + place % 4 for place in range(EVENTS))
    rows: Rows = []
    for place in range(REPORTS):
        status = ("pending", "approved", "pending", "rejected", "pending", "not_submitted")[place % 6]
        sent = status != "not_submitted"
        lost = "/uploads/task_reports/lost.jpg"
        rows.append(
            {
                "volunteer_id": source.randrange(1, VOLUNTEERS + 1),
                "task_id": source.randrange(1, tasks + 1),
                "report_text": texts.REPORTS[place % len(texts.REPORTS)] if sent else None,
                "report_photo_url": None
                if not sent or place % 3 == 0
                else lost
                if place % 30 == 10
                else photos[place % len(photos)],
                "report_status": status,
                "admin_comment": texts.COMMENTS[place % len(texts.COMMENTS)]
                if status == "rejected"
                else None,
                "v_coins_earned": 5 if status == "approved" else 0,
                "created_at": context.now - timedelta(hours=3 * (REPORTS - place)),
            }
        )
    return rows


def _benefit(context: SeedContext, place: int) -> dict[str, Any]:
    title, title_kz, description, category, cost, status = texts.BENEFITS[place % len(texts.BENEFITS)]
    limited = place % 3 != 1
    return {
        "id": place + 1,
        "title": f"{title} · {place // 8 + 1}" if place >= 8 else title,
        "title_kz": title_kz,
        "description": description,
        "description_kz": None,
        "v_coins_cost": cost + 5 * (place // 8),
        "min_status": status,
        "category": category,
        "stock_limit": 20 if limited else None,
        # Some are sold out, of some more came back than there were.
        "stock_available": (0, 12, 21)[place % 3] if limited else None,
        "icon_url": "https://example.com/icon.png" if place % 4 == 0 else None,
        "is_active": place % 7 != 6,
        "created_at": context.now - timedelta(days=BENEFITS - place),
    }


def _purchases(context: SeedContext, source: random.Random) -> Rows:
    rows: Rows = []
    for place in range(PURCHASES):
        status = ("pending", "approved", "completed", "cancelled", "pending")[place % 5]
        made = context.now - timedelta(hours=5 * (PURCHASES - place))
        rows.append(
            {
                "volunteer_id": source.randrange(1, VOLUNTEERS + 1),
                "benefit_id": 1 + place % BENEFITS,
                "cost": texts.BENEFITS[place % BENEFITS % len(texts.BENEFITS)][4],
                "status": status,
                "created_at": made,
                "completed_at": made + timedelta(hours=4) if status == "completed" else None,
                "admin_notes": "Берілді / выдано <лично>" if status == "completed" and place % 2 else None,
            }
        )
    return rows


def _promotions(context: SeedContext, source: random.Random) -> Rows:
    rows: Rows = []
    for place in range(PROMOTIONS):
        status = ("pending", "approved", "pending", "rejected")[place % 4]
        made = context.now - timedelta(hours=13 * (PROMOTIONS - place))
        rows.append(
            {
                "volunteer_id": source.randrange(1, VOLUNTEERS + 1),
                "requested_status": fixed.STATUSES[1 + place % 3],
                "v_coins_at_request": 150 + 10 * (place % 20),
                "status": status,
                "created_at": made,
                "reviewed_at": None if status == "pending" else made + timedelta(days=1),
                "admin_comment": texts.COMMENTS[2] if status == "rejected" else None,
            }
        )
    return rows
