"""125 demo experts with what they studied and where they worked. All of them are invented."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sandbox.crm.groups import event_texts as names
from sandbox.crm.groups import expert_tables as tables
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import SeedContext

HOW_MANY = 125
SPECIALIZATIONS = (
    "Психология", "IT және бағдарламалау", "Маркетинг & PR", "Заңгер", "Финансовый консультант",
    "Мансап кеңесшісі", "HR", "Дизайн <UX>", "Логопедия", "Спорт жаттықтырушысы 🏋️",
)  # fmt: skip
CITIES = ("Қарағанды", "Темиртау", "Балқаш", None, "Шахтинск", "Сарань")
AWKWARD_NAMES = (
    "<b>Эксперт</b> & Ко",
    "Ұзақ" * 40,
    "👩‍⚕️ Дәрігер",
    "",
)


def seed_experts(context: SeedContext) -> None:
    # An own source: experts do not change what other groups draw from the common one.
    source = random.Random("experts")
    rows = [_expert(context, source, number) for number in range(HOW_MANY)]
    store(context, tables.Expert, rows)
    studies = [
        {
            "expert_id": number + 1,
            "university": "Үлгі университеті" if place else "Пример-университет <КарУ>",
            "start_date": datetime(2000 + number % 18, 9, 1),
            "end_date": None if number % 5 == 0 else datetime(2004 + number % 18, 6, 30),
            "specialization": None if number % 3 else "Психология",
            "degree": ("PhD", None, "бакалавр")[number % 3],
            "certificates": None if number % 4 else "Сертификат № 12 & 13",
        }
        for number in range(HOW_MANY)
        for place in range(number % 3)
    ]
    work = [
        {
            "expert_id": number + 1,
            "company_name": source.choice(names.COMPANIES),
            "position": "Жетекші маман",
            "start_date": datetime(2010 + number % 12, 1 + number % 12, 1),
            "end_date": None if place == 0 else datetime(2024, 1, 1),
            "work_description": None if number % 2 else "Консультации, тренинги\nи супервизия.",
        }
        for number in range(HOW_MANY)
        for place in range((number + 1) % 4)
    ]
    wishes = [
        {
            "request_id": str(UUID(int=source.getrandbits(128), version=4)),
            "expert_id": 1 + number * 3 % HOW_MANY,
            "user_name": source.choice(names.FIRST_NAMES),
            "user_email": f"guest{number + 1}@example.com",
            "user_phone": None if number % 2 else f"+7700300{number:04d}",
            "message": None if number % 4 == 0 else "Кеңес керек",
            "status": ("pending", "approved", "rejected")[number % 3],
            "created_at": context.now - timedelta(hours=number),
        }
        for number in range(30)
    ]
    store(context, tables.ExpertEducation, studies)
    store(context, tables.ExpertExperience, work)
    store(context, tables.Collaboration, wishes)


def _expert(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    name = f"{source.choice(names.LAST_NAMES)} {source.choice(names.FIRST_NAMES)}"
    if number % 31 == 7:
        name = AWKWARD_NAMES[number // 31 % len(AWKWARD_NAMES)]
    entered = context.now - timedelta(hours=30 * number)
    return {
        "id": number + 1,
        "full_name": name,
        "specialization": SPECIALIZATIONS[number % len(SPECIALIZATIONS)],
        "phone": None if number % 4 == 1 else f"+7700400{number:04d}",
        "website": (None, "https://example.com", "", "example.kz без протокола")[number % 4],
        "city": CITIES[number % len(CITIES)],
        "address": None if number % 3 else "Үлгі көшесі, 1",
        "avatar_url": None,
        "created_at": entered,
        "updated_at": entered,
    }
