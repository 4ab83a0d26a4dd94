"""What the recordings of moderation, news, vacancies, courses, tech tasks, experts, resumes, certificates need.

`PREPARE` fills an empty sandbox, `steps_before` makes what happened between two recordings without being
recorded, `BODIES`, `FORMS` and `objects` are what the access table needs.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import inspect, update

from sandbox.crm import CrmServer
from sandbox.crm.groups import course_tables as courses
from sandbox.crm.groups import expert_tables as experts
from sandbox.crm.groups import resume_tables as resumes
from sandbox.crm.groups import tech_task_tables as tech_tasks
from sandbox.crm.groups.certificates import Certificate
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.groups.lookup_tables import City, Profession, Region, Skill
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.vacancy_tables import Vacancy
from sandbox.crm.store import Base, utc_now
from tests.contract import content_rooms
from tests.contract.recorded import recordings

# Requests of the access table that need more than a path: JSON bodies and forms of operations.
VACANCY = {
    "profession_id": 1,
    "city_id": 1,
    "title_kz": "x",
    "title_ru": "x",
    "description_kz": "x",
    "description_ru": "x",
    "employment_type": "x",
    "work_type": "x",
    "contact_email": "x@example.com",
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v2/vacancies/admin/create": VACANCY,
    "PUT /api/v2/vacancies/admin/{vacancy_id}": {"salary_min": 1},
    "PATCH /api/v2/vacancies/{vacancy_id}/applications/{application_id}": {"status": "accepted"},
    "POST /api/v2/admin/news/": {"title_kz": "x"},
    "PUT /api/v2/admin/news/{id}": {"title_kz": "y"},
    "POST /api/v2/admin/news/{id}/schedule": {"news_id": 0, "publish_at": "2099-01-01T11:00:00"},
}


COURSE_FORM = {
    "title": "x",
    "description": "x",
    "course_url": "x",
    "language": "kz",
    "duration": "1",
    "skills": "x",
    "currency": "KZT",
    "price": "0",
    "is_free": "true",
}
FORMS = {
    "POST /api/v2/courses/admin/create": COURSE_FORM,
    "PUT /api/v2/courses/admin/{course_id}": COURSE_FORM,
    "POST /api/v2/certificates/": {"title": "x"},
}
QUERIES = {"PUT /api/v2/experts/{request_id}/status": {"status": "approved"}}


def stored(crm: CrmServer, row: Base) -> int:
    """The id of the row, which is in the database from now on."""
    with crm.room.db.session() as session:
        session.add(row)
        session.flush()
        return row.id


def a_news(crm: CrmServer) -> int:
    return stored(crm, News(title_ru="x"))


def a_vacancy(crm: CrmServer, owner: str | None = None, **columns: Any) -> int:
    admin_id = crm.admin_id(owner) if owner else None
    return stored(crm, Vacancy(description_kz="x", description_ru="x", admin_id=admin_id, **columns))


def give_titles(crm: CrmServer) -> None:
    """The recordings wrote titles into the database here, which no route can."""
    titles = {"title_kz": "Python әзірлеушісі", "title_ru": "Python-разработчик"}
    with crm.room.db.session() as session:
        session.execute(update(Vacancy).values(**titles))


COURSE: dict[str, Any] = {
    "title": "Пайдаланушы курсы",
    "description": "Қауымдастықтан",
    "course_url": "https://example.kz/u",
    "language": "kz",
    "duration": 30,
    "skills": "soft",
    "currency": "KZT",
    "price": 0.0,
    "is_free": True,
    "author_id": 1,
}


def a_course(crm: CrmServer) -> int:
    """A course of the community, waiting."""
    return stored(crm, courses.Course(**COURSE))


def add_chapter(crm: CrmServer) -> None:
    """The chapter of course 1 that the recordings put there."""
    answer = courses.CourseTestAnswer(answer_text="4", is_correct=True)
    test = courses.CourseTest(question="2+2?", answers=[answer])
    lesson = courses.CourseLesson(
        title="Сабақ 1", description="Кіріспе", video_url="https://youtu.be/y", order=1, tests=[test]
    )
    stored(crm, courses.CourseChapter(course_id=1, title="1-тарау", order=1, lessons=[lesson]))


# --- lookups --------------------------------------------------------------------------------------


def with_lookups(crm: CrmServer) -> None:
    """The rows that the lookup recordings found: taken from their first answers, completed."""
    found = {recording["name"]: recording["response"]["json"] for recording in recordings("lookups")}
    listed = {
        Profession: found["professions"],
        Region: found["regions"],
        City: found["cities of a region"],
        Skill: found["skills"],
    }
    with crm.room.db.session() as session:
        for table, rows in listed.items():
            for row in rows:
                created_at = datetime.fromisoformat(row["created_at"])
                session.add(table(**row | {"created_at": created_at}))
        # The one city of the other region was never asked for.
        session.add(City(id=3, region_id=2, name_ru="Жезказган", name_kz="Жезқазған"))
        # Nor were all skills.
        session.add(Skill(id=1, name_ru="Python", name_kz="Python", category="IT"))


# --- moderation -----------------------------------------------------------------------------------


COUNTED = {
    "events": "event",
    "vacancies": "vacancy",
    "courses": "course",
    "projects": "project",
    "places": "place",
    "tickets": "ticket",
    "promo_actions": "promo",
}


def with_all_kinds(crm: CrmServer) -> None:
    """What the moderation recordings found: all that their lists show, and older content up to their counts."""
    found = {recording["name"]: recording["response"]["json"] for recording in recordings("moderation")}
    makers = moderated_makers(crm)
    items = found["queue, newest first, descriptions cut to 200 characters"]
    items += found["recent (sorted by created_at, no date limit)"]
    for item in items:
        texts = {"title": item["title"], "description": item["description"]}
        made = makers[item["entity_type"]](texts | {"admin_id": item["admin_id"]})
        made.id = item["id"]
        put(crm, made, item["moderation_status"], datetime.fromisoformat(item["created_at"]))
    for kind, counts in found["stats"].items():
        if kind == "total_pending":
            continue
        listed = [item for item in items if item["entity_type"] == COUNTED[kind]]
        for number in range(counts["total"] - len(listed)):
            older = datetime(2026, 11, 21, 10, number)
            put(crm, makers[COUNTED[kind]]({"title": "x", "description": "x"}), "approved", older)


def put(crm: CrmServer, row: Any, status: str, created_at: datetime) -> None:
    row.moderation_status, row.created_at = status, created_at
    row.moderated_at = None if status == "pending" else created_at + timedelta(seconds=1)
    stored(crm, row)


def moderated_makers(crm: CrmServer) -> dict[str, Callable[[dict[str, Any]], Base]]:
    """Of each kind a function that makes one of a title, a description and perhaps an owner."""

    def changed(row: Base, fields: dict[str, Any]) -> Base:
        for name, value in fields.items():
            setattr(row, name, value)
        return row

    return {
        "event": lambda fields: Event(event_date=utc_now(), location="x", format="Online", **fields),
        "vacancy": lambda fields: Vacancy(
            title_kz=fields["title"],
            description_kz=fields["description"],
            description_ru="x",
            admin_id=fields.get("admin_id"),
        ),
        "course": lambda fields: courses.Course(
            **COURSE | {"title": fields["title"], "description": fields["description"]}
        ),
        "project": lambda fields: changed(content_rooms.project(4), fields),
        "place": lambda fields: changed(content_rooms.place(4), fields),
        "ticket": lambda fields: changed(content_rooms.ticket(4), fields),
        "promo": lambda fields: changed(content_rooms.promo(4), fields),
    }


def take_title(crm: CrmServer, status: str) -> None:
    """One vacancy of that state as the API would have made it: without titles."""
    with crm.room.db.session() as session:
        where = Vacancy.moderation_status == status
        session.execute(update(Vacancy).where(where).values(title_kz=None, title_ru=None))


# --- tech tasks, experts, resumes, certificates -------------------------------------------------------------

TECH_TASK: dict[str, Any] = {
    "title_kz": "x",
    "title_ru": "x",
    "description_kz": "x",
    "description_ru": "x",
    "category": "x",
    "user_id": 1,
}


def like(table: type[Base], row: dict[str, Any]) -> Base:
    """A row with the values of an answer; times and dates are recognised by their columns."""
    values: dict[str, Any] = {}
    for name, column in inspect(table).columns.items():
        value = row.get(name)
        if isinstance(value, str) and column.type.python_type is datetime:
            value = datetime.fromisoformat(value)
        elif isinstance(value, str) and column.type.python_type is date:
            value = date.fromisoformat(value)
        if name in row:
            values[name] = value
    return table(**values)


def answers(group: str) -> dict[str, Any]:
    return {recording["name"]: recording["response"]["json"] for recording in recordings(group)}


def with_tech_tasks(crm: CrmServer) -> None:
    found = answers("tech-tasks")
    for row in reversed(found["admin list (inactive too, true total)"]["tasks"]):
        stored(crm, like(tech_tasks.TechTask, row))
    for solution in found["admin detail with solutions"]["solutions"]:
        stored(crm, like(tech_tasks.TechTaskSolution, solution))
        for file in solution["files"]:
            stored(crm, like(tech_tasks.SolutionFile, file))
    for file in found["public detail"]["files"]:
        stored(crm, like(tech_tasks.TechTaskFile, file))


def with_resumes(crm: CrmServer) -> None:
    found = answers("resumes")
    stored(crm, like(resumes.Resume, found["list (published)"][0]))
    stored(crm, like(resumes.Resume, found["quirk: unpublished ones are readable by anyone"][0]))
    parts = {
        "education": resumes.ResumeEducation,
        "work-experience": resumes.ResumeWorkExperience,
        "skills": resumes.ResumeSkill,
    }
    for name, table in parts.items():
        for row in found[name]:
            stored(crm, like(table, row))


def with_certificates(crm: CrmServer) -> None:
    stored(crm, like(Certificate, answers("certificates")["detail: only its owner"]))
    folder = crm.room.uploads / "certificates" / "1"
    folder.mkdir(parents=True)
    (folder / "c.png").write_bytes(b"x" * 40)
    (folder / "c.pdf").write_bytes(b"x" * 8)


def a_request(crm: CrmServer) -> str:
    """The public id of a request to an expert."""
    expert = stored(crm, experts.Expert(full_name="x", specialization="x"))
    wish = experts.Collaboration(expert_id=expert, user_name="x", user_email="x@example.com")
    stored(crm, wish)
    return wish.request_id


def a_certificate(crm: CrmServer) -> int:
    """Of the first user."""
    return stored(crm, Certificate(user_id=1, title="x", issue_date=date(2026, 1, 1)))


# --- all ------------------------------------------------------------------------------------------

PREPARE: dict[str, Callable[[CrmServer], None]] = {
    "lookups": with_lookups,
    "moderation": with_all_kinds,
    "vacancies": with_lookups,
    "tech-tasks": with_tech_tasks,
    "resumes": with_resumes,
    "certificates": with_certificates,
}


def steps_before(crm: CrmServer) -> dict[str, Callable[[], object]]:
    return {
        "public detail (raw row, also inactive)": lambda: give_titles(crm),
        "quirk: one pending vacancy created through the API makes the queue 500": lambda: take_title(
            crm, "pending"
        ),
        "quirk: a moderated untitled vacancy makes recent 500": lambda: take_title(crm, "approved"),
        "moderation pending": lambda: a_course(crm) if len(crm.rows(courses.Course)) == 2 else None,
        "delete is a hard delete": lambda: stored(crm, tech_tasks.TechTask(**TECH_TASK)),
        "public detail with chapters (each read adds a view)": lambda: add_chapter(crm),
    }


def objects(crm: CrmServer, owner: str) -> dict[str, Callable[[], int | str]]:
    """A fresh object for each placeholder in the paths of the access table."""
    return {
        "id": lambda: a_news(crm),
        "vacancy_id": lambda: a_vacancy(crm, owner),
        "application_id": lambda: 1,
        "course_id": lambda: a_course(crm),
        "task_id": lambda: stored(crm, tech_tasks.TechTask(**TECH_TASK)),
        "request_id": lambda: a_request(crm),
        "certificate_id": lambda: a_certificate(crm),
    }
