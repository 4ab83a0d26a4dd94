"""125 demo resumes, published and not. All people are invented."""

import random
from datetime import date, timedelta
from typing import Any

from sandbox.crm.groups import event_texts as names
from sandbox.crm.groups import resume_tables as tables
from sandbox.crm.groups.lookup_seed import PROFESSIONS, SKILLS
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import SeedContext

HOW_MANY = 125
LONG = (5, 64)
ABOUT = (
    "Python 🐍 & SQL, команда жұмысын жақсы көремін.",
    None,
    "Ищу первую работу.\n\nБыстро учусь, готов к переезду.",
    "<b>Жауапты</b> әрі еңбекқор",
    "",
)
LEVELS = ("secondary", "vocational", "bachelor", "master", "phd")


def seed_resumes(context: SeedContext) -> None:
    # An own source: resumes do not change what other groups draw from the common one.
    source = random.Random("resumes")
    rows = [_resume(context, source, number) for number in range(HOW_MANY)]
    entered = {row["id"]: row["created_at"] for row in rows}
    studies = [
        {
            "resume_id": number,
            "institution_name": "Үлгі университеті" if place else "Колледж «Пример & Ко»",
            "specialization": "CS" if number % 2 else "Бухгалтерлік есеп",
            "education_level": LEVELS[(number + place) % len(LEVELS)],
            "start_year": 2012 + number % 10,
            "end_year": None if place else 2016 + number % 10,
            "is_current": place > 0,
            "created_at": moment,
        }
        for number, moment in entered.items()
        for place in range(number % 3)
    ]
    work = [
        {
            "resume_id": number,
            "company_name": source.choice(names.COMPANIES),
            "position": ("Junior", "Стажёр", "Маман <2-санат>")[number % 3],
            "responsibilities": None if number % 2 else "Есептер, отчёты & документы",
            "start_date": date(2019 + number % 6, 7, 1),
            "end_date": None if place == 0 else date(2025, 12, 31),
            "is_current": place == 0,
            "created_at": moment,
        }
        for number, moment in entered.items()
        for place in range((number + 2) % 3)
    ]
    how_many_skills = sum(len(members) for members in SKILLS.values())
    skills = [
        {
            "resume_id": number,
            "skill_id": skill,
            "skill_level": (None, "Орташа", "Продвинутый")[skill % 3],
            "created_at": moment,
        }
        for number, moment in entered.items()
        for skill in source.sample(range(1, how_many_skills + 1), number % 5)
    ]
    store(context, tables.Resume, rows)
    store(context, tables.ResumeEducation, studies)
    store(context, tables.ResumeWorkExperience, work)
    store(context, tables.ResumeSkill, skills)


def _resume(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    entered = context.now - timedelta(hours=13 * number + source.randrange(13))
    about = ABOUT[number % len(ABOUT)]
    return {
        "id": number + 1,
        "user_id": 1 + number % 60,
        "profession_id": source.randrange(1, sum(len(members) for members in PROFESSIONS.values()) + 1),
        "full_name": f"{source.choice(names.LAST_NAMES)} {source.choice(names.FIRST_NAMES)}",
        "gender": ("female", "male")[number % 2],
        "city_id": source.randrange(1, 20),
        "phone_number": f"+7700500{number:04d}",
        "birth_date": date(1985 + number % 23, 1 + number % 12, 1 + number % 28),
        "citizenship": "Қазақстан",
        "about_me": "\n\n".join(ABOUT[2:4] * 60) if number in LONG else about,
        "salary_expectation": (None, "400000", "от 250 000 тг", "келісім бойынша")[number % 4],
        "employment_type": (None, "full_time", "part_time")[number % 3],
        "is_active": number % 16 != 9,
        "is_published": number % 4 != 2,
        "created_at": entered,
        "updated_at": entered + timedelta(hours=number % 7),
    }
