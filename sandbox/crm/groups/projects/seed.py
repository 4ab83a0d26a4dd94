"""130 demo projects in every state: votings with votes, forms of every field type with submissions."""

import random
from datetime import datetime, timedelta
from typing import Any

from sandbox.crm.groups import event_texts
from sandbox.crm.groups.projects import tables, texts
from sandbox.crm.groups.seeding import AWKWARD, picture_for, pictures, provenance, store
from sandbox.crm.room import SeedContext

HOW_MANY = 130
# Of thirteen in a row four are the npo's; one belongs to nobody: it came from the public site.
OWNERS = (
    "npo", "npo2", "administrator", "npo", "npo2", "super_admin", "npo",
    "newcomer", "administrator2", "npo", "npo2", None, "administrator",
)  # fmt: skip
STATUSES = ("active", "active", "completed", "active", "cancelled", "active", "draft")
LONG_TEXTS = (9, 48, 87)
Rows = list[dict[str, Any]]


def seed_projects(context: SeedContext) -> None:
    """Numbers from 0 count from the newest project; the ids count from the oldest."""
    # An own source: other groups' data stay the same when this one changes.
    source = random.Random(31)
    photos = pictures(context, "projects")
    projects = [_project(context, source, number, photos) for number in reversed(range(HOW_MANY))]
    store(context, tables.Project, projects)
    votings = [row for row in projects if row["project_type"] == "voting"]
    participants, votes = _voting(source, votings, pictures(context, "participants"))
    store(context, tables.VotingParticipant, participants)
    store(context, tables.Vote, votes)
    store(context, tables.VotingResult, _results(votings, participants))
    store(context, tables.ProjectPicture, _gallery(projects, photos))
    open_ones = [row for row in projects if row["project_type"] == "application"]
    store(context, tables.ProjectApplication, _applications(source, open_ones))
    templates = _templates(open_ones)
    store(context, tables.FormTemplate, templates)
    store(context, tables.FormSubmission, _submissions(context, source, templates))


def _project(context: SeedContext, source: random.Random, number: int, photos: list[str]) -> dict[str, Any]:
    made = provenance(context, source, number, OWNERS)
    voting = number % 5 == 2
    titles = texts.VOTINGS if voting else texts.APPLICATIONS
    title, title_ru = titles[number * 3 % len(titles)]
    if number % 13 == 3 and number // 13 < len(AWKWARD):
        title, title_ru = AWKWARD[number // 13]
    description, description_ru = texts.DESCRIPTIONS[number % len(texts.DESCRIPTIONS)]
    if number in LONG_TEXTS:
        description, description_ru = "\n\n".join([description] * 30), "\n\n".join([description_ru] * 30)
    status = STATUSES[number % len(STATUSES)]
    if made["moderation_status"] == "pending":
        status = "draft"
    start: datetime = made["created_at"].replace(minute=0) + timedelta(days=source.randrange(1, 5))
    end = start + timedelta(days=source.randrange(20, 200))
    if status == "completed":
        end = min(end, context.now - timedelta(days=1))
        start = min(start, end - timedelta(days=10))
    elif status == "active":
        end = max(end, context.now + timedelta(days=source.randrange(1, 90)))
    return made | {
        "id": HOW_MANY - number,
        "title": title[:255],
        "title_ru": title_ru[:255],
        "description": description,
        "description_ru": description_ru,
        "author": texts.AUTHORS[number % len(texts.AUTHORS)],
        "project_type": "lottery" if number == 64 else "voting" if voting else "application",
        "status": status,
        "start_date": start,
        "end_date": end,
        "photo_url": picture_for(number, photos, "projects"),
        "video_url": "https://www.youtube.com/watch?v=example" if number % 9 == 0 else None,
    }


def _voting(source: random.Random, votings: Rows, photos: list[str]) -> tuple[Rows, Rows]:
    participants: Rows = []
    votes: Rows = []
    for place, project in enumerate(votings):
        for position in range(place % 7):
            name, kazakh, russian = texts.PARTICIPANTS[position % len(texts.PARTICIPANTS)]
            count = 0 if project["status"] == "draft" else source.randrange(0, 40)
            participants.append(
                {
                    "id": len(participants) + 1,
                    "project_id": project["id"],
                    "name": name,
                    "description": kazakh,
                    "description_ru": russian,
                    "photo_url": photos[position % len(photos)] if position % 2 else None,
                    "video_url": None,
                    "instagram_url": "https://instagram.com/example" if position == 0 else None,
                    "facebook_url": None,
                    "linkedin_url": None,
                    "twitter_url": None,
                    "votes_count": count,
                    "created_at": project["created_at"] + timedelta(hours=position),
                }
            )
            # Some counters run ahead of the vote rows, as they do in the backend.
            rows = count - count % 5
            votes += [
                {"project_id": project["id"], "participant_id": len(participants), "user_id": user + 1}
                for user in range(rows)
            ]
    return participants, votes


def _results(votings: Rows, participants: Rows) -> Rows:
    """Stored for the completed votings, which is why those cannot be deleted."""
    rows: Rows = []
    for project in votings:
        if project["status"] != "completed":
            continue
        own = [row for row in participants if row["project_id"] == project["id"]]
        ranked = sorted(own, key=lambda row: -row["votes_count"])
        rows += [
            {
                "project_id": project["id"],
                "participant_id": row["id"],
                "position": position,
                "votes_count": row["votes_count"],
            }
            for position, row in enumerate(ranked, 1)
        ]
    return rows


def _gallery(projects: Rows, photos: list[str]) -> Rows:
    return [
        {
            "project_id": project["id"],
            "image_url": photos[(project["id"] + step) % len(photos)],
            "description": None if step else "Сурет / фото <1>",
            "created_at": project["created_at"],
        }
        for project in projects[::9]
        for step in range(1 + project["id"] % 3)
    ]


def _applications(source: random.Random, projects: Rows) -> Rows:
    return [
        {
            "project_id": project["id"],
            "phone_number": f"7700{source.randrange(10**7):07d}",
            "applicant_name": source.choice(event_texts.FIRST_NAMES) if step % 3 else None,
            "email": None,
            "description": "Қатысқым келеді / хочу участвовать",
            "document_url": None,
            "status": ("pending", "approved", "rejected")[step % 3],
            "admin_comment": None,
            "created_at": project["created_at"] + timedelta(hours=step),
            "reviewed_at": None,
        }
        for project in projects[::6]
        for step in range(4)
    ]


def _templates(projects: Rows) -> Rows:
    """Two of three application projects have a form; some forms are switched off, some are short."""
    rows: Rows = []
    for place, project in enumerate(projects):
        if place % 3 == 2:
            continue
        rows.append(
            {
                "id": len(rows) + 1,
                "project_id": project["id"],
                "title_kz": "Қатысушы сауалнамасы",
                "title_ru": "Анкета участника",
                "description_kz": None if place % 2 else "Барлық өрістерді толтырыңыз",
                "description_ru": None if place % 2 else "Заполните все поля",
                "fields": texts.FIELDS[:2] if place % 10 == 4 else [] if place % 10 == 7 else texts.FIELDS,
                "is_active": place % 8 != 3,
                "created_at": project["created_at"],
                "updated_at": project["created_at"] + timedelta(hours=2),
            }
        )
    return rows


def _submissions(context: SeedContext, source: random.Random, templates: Rows) -> Rows:
    rows: Rows = []
    for place, template in enumerate(templates):
        # One form draws a crowd, most draw a few, some nobody.
        count = 70 if place == len(templates) - 2 else place * 5 % 13
        for step in range(count):
            state = ("pending", "approved", "rejected", "pending")[(place + step) % 4]
            sent: datetime = template["created_at"] + timedelta(hours=3 * step + 3)
            rows.append(
                {
                    "project_id": template["project_id"],
                    "form_template_id": template["id"],
                    "user_id": 1 + step % 60 if step % 3 else None,
                    "phone_number": f"+7700{source.randrange(10**7):07d}",
                    "email": f"applicant{len(rows) + 1}@example.com" if step % 4 else None,
                    "applicant_name": _name(source) if step % 6 else None,
                    "responses": _responses(source, template["fields"], step),
                    "status": state,
                    "admin_comment": "Құжат жетіспейді / не хватает документа"
                    if state == "rejected"
                    else None,
                    "reviewed_by": None if state == "pending" else context.admin_ids["npo"],
                    "reviewed_at": None if state == "pending" else sent + timedelta(hours=20),
                    "submitted_at": min(sent, context.now),
                }
            )
    return rows


def _name(source: random.Random) -> str:
    return f"{source.choice(event_texts.FIRST_NAMES)} {source.choice(event_texts.LAST_NAMES)}"


def _responses(source: random.Random, fields: list[dict[str, Any]], step: int) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "name": _name(source),
        "idea": source.choice(texts.ANSWERS),
        "source": source.choice(texts.FIELDS[2]["options"]),
        "topics": source.sample(texts.FIELDS[3]["options"], step % 4),
        "experience": source.choice(texts.FIELDS[4]["options"]),
        "cv": "https://api.tabys.example/uploads/forms/project_1/lost.pdf",
        "born": f"200{step % 10}-0{1 + step % 9}-1{step % 10}",
        "team": 1 + step % 5,
        "mail": f"team{step}@example.com",
        "phone2": "87010000000",
        "site": "https://example.com/?a=1&b=<2>",
        "level": 1 + step % 5,
        "city": "Қарағанды",
        "district": "Қазыбек би ауданы",
        "address": "Бұқар жырау 1, кв. <5>",
    }
    # Later people skip what they may.
    asked = [field for field in fields if field["required"] or step % 5 != 4]
    return {field["id"]: answers[field["id"]] for field in asked}
