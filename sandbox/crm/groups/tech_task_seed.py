"""130 demo tech tasks, active and not, with solutions, files, budgets and deadlines past and to come."""

import random
from datetime import timedelta
from typing import Any

from sandbox.crm.groups import tech_task_tables as tables
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import SeedContext

HOW_MANY = 130
LONG = (6, 71)
CROWDED = 8
TITLES = (
    ("Сайт жасау 🌐 <SPA> & API", "Разработка сайта 🌐 <SPA> & API"),
    ("Мобильді қосымша: экологиялық карта", "Мобильное приложение: экологическая карта"),
    ("Телеграм-бот: кезекке жазылу", "Телеграм-бот: запись в очередь"),
    ("Логотип және фирмалық стиль", "Логотип и фирменный стиль"),
    ("Деректерді талдау: жастар сауалнамасы", "Анализ данных: опрос молодёжи"),
    ("Үй-жайдың 3D моделі", "3D-модель помещения"),
    ("Сабақ кестесінің жүйесі", "Система расписания занятий"),
    ("«R&D» зертханасына датчиктер", "Датчики для лаборатории «R&D»"),
)
AWKWARD = (
    ("<b>Қалың</b>", "<script>alert('task')</script>"),
    ("", ""),
    ("Ұзақ" * 90, "О" * 400),
    ("👨‍👩‍👧‍👦🏳️‍🌈", "AT&amp;T &lt;задача&gt;"),
)
TEXTS = (
    ("Талаптар тіркелген файлда.", "Требования в приложенном файле."),
    ("Жоба үш айда аяқталуы керек.\n\nНәтиже — жұмыс істейтін прототип.",
     "Проект нужно закончить за три месяца.\n\nРезультат — рабочий прототип."),
)  # fmt: skip
CATEGORIES = ("web", "mobile", "design", "data", "hardware", "Басқа")
TECHNOLOGIES: tuple[list[str] | None, ...] = (
    ["python"],
    ["react", "node"],
    [],
    None,
    ["C++ & C#", "1С", "<html>"],
)
FIELDS = ("Білім", "Экология", None, "Здравоохранение", "Мәдениет")


def seed_tech_tasks(context: SeedContext) -> None:
    """Stores the tasks; the newest but eight has more solutions than its detail shows."""
    # An own source: tech tasks do not change what other groups draw from the common one.
    source = random.Random("tech tasks")
    tasks = [_task(context, source, number) for number in range(HOW_MANY)]
    solutions = [
        _solution(context, source, task["id"], place)
        for task in tasks
        for place in range(55 if task["id"] == CROWDED else int(5 * source.random() ** 2))
    ]
    files = [
        {
            "task_id": task["id"],
            "file_path": f"/uploads/tech_tasks/{task['id']}/files/a.pdf",
            "original_name": name,
        }
        for task in tasks[::3]
        for name in ("ТЗ.pdf", "Қосымша <1> & 2.docx")[: 1 + task["id"] % 2]
    ]
    offered = [
        {
            "solution_id": number,
            "file_path": f"/uploads/tech_tasks/solutions/{number}/a.pdf",
            "original_name": "ұсыныс.pdf",
        }
        for number in range(1, len(solutions) + 1, 4)
    ]
    store(context, tables.TechTask, tasks)
    store(context, tables.TechTaskSolution, solutions)
    store(context, tables.TechTaskFile, files)
    store(context, tables.SolutionFile, offered)


def _task(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    title_kz, title_ru = (
        AWKWARD[number // 19 % len(AWKWARD)] if number % 19 == 5 else TITLES[number * 3 % len(TITLES)]
    )
    text_kz, text_ru = TEXTS[number % len(TEXTS)]
    copies = 60 if number in LONG else 1
    created = context.now - timedelta(hours=15 * number + source.randrange(15))
    lowest = 50_000 * source.randrange(1, 20)
    return {
        "id": number + 1,
        "title_kz": title_kz,
        "title_ru": title_ru,
        "description_kz": "\n\n".join([text_kz] * copies),
        "description_ru": "\n\n".join([text_ru] * copies),
        "category": CATEGORIES[number % len(CATEGORIES)],
        "preferred_technologies": TECHNOLOGIES[number % len(TECHNOLOGIES)],
        "field_of_application": FIELDS[number % len(FIELDS)],
        "deadline": None
        if number % 4 == 1
        else context.now.date() + timedelta(days=source.randrange(-60, 120)),
        "budget_from": None if number % 5 == 2 else lowest,
        "budget_to": None if number % 3 == 2 else lowest * 3,
        "contact_email": None if number % 6 == 0 else f"task{number + 1}@example.com",
        "contact_phone": None if number % 2 else f"+7700200{number:04d}",
        "status": "completed" if number % 7 == 3 else "collecting_offers",
        "user_id": 1 + number % 40,
        "is_active": number % 9 != 4,
        "created_at": created,
        "updated_at": None if number % 3 else created + timedelta(hours=2),
    }


def _solution(context: SeedContext, source: random.Random, task: int, place: int) -> dict[str, Any]:
    return {
        "tech_task_id": task,
        "description_kz": "Шешім: <прототип> & құжаттама",
        "description_ru": "Решение: <прототип> & документация",
        "proposed_budget": None if place % 3 == 2 else 10_000 * source.randrange(5, 90),
        "proposed_timeline": (None, "2 ай", "6 недель")[place % 3],
        "user_id": 1 + (task + place) % 40,
        "status": ("pending", "approved", "rejected")[place % 3],
        "created_at": context.now - timedelta(hours=task + place),
        "updated_at": None,
    }
