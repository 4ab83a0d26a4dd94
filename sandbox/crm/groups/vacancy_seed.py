"""190 demo vacancies in every state: active and not, with and without titles, deadlines past and to come."""

import random
from datetime import timedelta
from typing import Any

from sandbox.crm.groups import vacancy_texts as texts
from sandbox.crm.groups.lookup_seed import PROFESSIONS, REGIONS, SKILLS
from sandbox.crm.groups.seeding import store
from sandbox.crm.groups.vacancy_tables import Vacancy, VacancySkill
from sandbox.crm.room import SeedContext

HOW_MANY = 190
LONG = (3, 58, 121)
# None is the parser. Every fifth vacancy, 38 in all, is the msb's.
OWNERS = ("msb", None, "administrator", "super_admin", "administrator2")
REFUSED_OWNER = "refused"
CHECKED_STATES = ("pending", "approved", "pending", "rejected", "approved", "approved", "pending")


def seed_vacancies(context: SeedContext) -> None:
    """Stores the vacancies with their skills."""
    # An own source: vacancies do not change what other groups draw from the common one.
    source = random.Random("vacancies")
    rows = [_vacancy(context, source, number) for number in range(HOW_MANY)]
    store(context, Vacancy, rows)
    how_many_skills = sum(len(members) for members in SKILLS.values())
    store(
        context,
        VacancySkill,
        [
            {"vacancy_id": number + 1, "skill_id": skill}
            for number in range(0, HOW_MANY, 2)
            for skill in source.sample(range(1, how_many_skills + 1), source.randrange(1, 6))
        ],
    )


def _vacancy(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    owner = OWNERS[number % len(OWNERS)]
    # A few of the second administrator's belong to the msb whose registration was refused.
    if number % 35 == 34:
        owner = REFUSED_OWNER
    checked = owner in ("msb", REFUSED_OWNER)
    place = number // len(OWNERS)
    unchecked_state = "rejected" if number % 23 == 1 else "approved"
    state = CHECKED_STATES[place % len(CHECKED_STATES)] if checked else unchecked_state
    created = context.now - timedelta(hours=8 * number + source.randrange(8), minutes=source.randrange(60))
    judged = None if state == "pending" else created + timedelta(hours=source.randrange(1, 40))
    parsed = owner is None
    title_kz, title_ru = texts.TITLES[place % len(texts.TITLES)] if parsed else (None, None)
    return {
        "id": number + 1,
        "title_kz": title_kz,
        "title_ru": title_ru,
        **_texts(source, number),
        **_place(source, number, parsed),
        **_conditions(context, source, number),
        "admin_id": context.admin_ids[owner] if owner else None,
        "is_active": number % 12 != 7,
        "created_at": created,
        "updated_at": judged or created,
        "moderation_status": state,
        "moderated_at": None if parsed and state == "approved" else judged,
        "moderated_by": _moderator(context, owner, judged is not None, state),
        "is_admin_created": not (checked or parsed),
        "source_channel": texts.CHANNELS[place % len(texts.CHANNELS)] if parsed else None,
        "source_message_id": 1000 + number if parsed else None,
    }


def _moderator(context: SeedContext, owner: str | None, judged: bool, state: str) -> int | None:
    if not judged or (owner is None and state == "approved"):
        return None
    # A second pair of eyes looks at what the checked ones write; the others sign their own.
    signer = owner if owner in ("administrator2", "super_admin") else "administrator"
    return context.admin_ids[signer]


def _texts(source: random.Random, number: int) -> dict[str, str | None]:
    offer_kz, offer_ru = source.choice(texts.OFFERS)
    needs_kz, needs_ru = source.choice(texts.NEEDS)
    if number in LONG:
        offer_kz, offer_ru = (
            "\n\n".join(pair[language] for pair in texts.OFFERS * 14) for language in (0, 1)
        )
    return {
        "description_kz": offer_kz,
        "description_ru": offer_ru,
        "requirements_kz": None if number % 4 == 1 else needs_kz,
        "requirements_ru": None if number % 4 in (1, 2) else needs_ru,
    }


def _place(source: random.Random, number: int, parsed: bool) -> dict[str, int | None]:
    professions = sum(len(members) for members in PROFESSIONS.values())
    cities = sum(len(places) for _, _, places in REGIONS)
    # Most work is in the home region, whose cities come first.
    city = source.randrange(1, 11) if source.random() < 0.7 else source.randrange(1, cities)
    return {
        "profession_id": None if parsed else source.randrange(1, professions + 1),
        "city_id": None if parsed and number % 3 == 0 else city,
    }


def _conditions(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    lowest = 5000 * source.randrange(17, 90)
    deadline = context.now.date() + timedelta(days=source.randrange(-60, 120))
    return {
        "employment_type": None if number % 10 == 1 else source.choice(texts.EMPLOYMENT),
        "work_type": None if number % 10 == 6 else source.choice(texts.WORK),
        "salary": None,
        "salary_min": None if number % 6 == 5 else lowest,
        # The backend does not mind when the upper end is the lower one.
        "salary_max": (
            None if number % 5 == 3 else lowest // 2 if number == 40 else lowest + 10_000 * (number % 9)
        ),
        "experience_years": source.choice((None, 0, 0, 1, 2, 5)),
        "contact_email": None if number % 10 == 1 else f"hr{number + 1}@example.com",
        "contact_phone": None if number % 3 == 0 else f"+7700100{number:04d}",
        "company_name": source.choice(texts.COMPANIES),
        "deadline": None if number % 4 == 2 else deadline,
    }
