"""The vacancies source against a small backend that behaves as contract 2.5 says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.errors import Invalid, NotFound, UnknownOutcome
from api.vacancies import Vacancies
from models.access import Role
from models.common import ModerationStatus, Ref
from models.vacancy import SkillsNote
from resources.queries import ListQuery

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
BASE = datetime(2026, 11, 21, 20, 0)
PROFESSIONS = {1: ("Разработчик", "Әзірлеуші"), 2: ("Водитель", "Жүргізуші"), 3: ("Устаревшая", "Ескірген")}
CITIES = {1: ("Караганда", "Қарағанды"), 2: ("Темиртау", "Теміртау")}
SKILLS = {1: ("Python", "Python"), 2: ("Общение", "Қарым-қатынас")}
BARE = ("profession_id", "city_id", "title_kz", "title_ru", "admin_id", "salary")
ADMIN = "/api/v2/vacancies/admin/"
VALUES: dict[str, Any] = {
    "profession_id": {"id": 1, "kk": "Әзірлеуші", "ru": "Разработчик"},
    "city_id": {"id": 1, "kk": "Қарағанды", "ru": "Караганда"},
    "description_kz": "Маман керек 100%",
    "description_ru": "Нужен специалист",
    "employment_type": "full_time",
    "work_type": "office",
    "contact_email": "hr@Example.kz",
    "company_name": "ТОО «Өрлеу»",
    "salary_min": 300000,
    "deadline": "2027-05-01",
    "required_skills": [{"id": 1, "kk": "Python", "ru": "Python"}],
}


def vacancy(number: int, **values: Any) -> dict[str, Any]:
    """Vacancy number n: created n minutes before the base."""
    return {
        "id": number,
        "profession_id": 1 + number % 2,
        "city_id": 1,
        "title_kz": None,
        "title_ru": None,
        "description_kz": f"сипаттама {number}",
        "description_ru": f"описание {number}",
        "requirements_kz": None,
        "requirements_ru": None,
        "employment_type": "full_time",
        "work_type": "вахта",
        "salary": None,
        "salary_min": 100000 + number,
        "salary_max": None,
        "experience_years": None,
        "contact_email": "hr@example.kz",
        "contact_phone": "+77010000000",
        "company_name": None,
        "admin_id": 2,
        "is_active": True,
        "deadline": None,
        "created_at": (BASE - timedelta(minutes=number)).isoformat(),
        "updated_at": None,
        "moderation_status": "approved",
        "moderated_at": None,
        "moderated_by": None,
        "moderation_comment": None,
        "is_admin_created": True,
        "source_channel": None,
        "source_message_id": None,
    } | values


def bare(row: dict[str, Any]) -> dict[str, Any]:
    """The row as the moderation routes answer it."""
    kept = {name: value for name, value in row.items() if name not in BARE}
    return kept | {"profession": None, "city": None, "required_skills": []}


@dataclass
class Crm:
    """The backend; ``own`` are the records of msb, ``skills`` those of each vacancy."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    own: set[int] | None = None
    skills: dict[int, list[int]] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    after: Callable[[httpx.Request], httpx.Response | None] = lambda _: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path, query = request.url.path, request.url.params
        if any(path.startswith(one) for one in self.broken):
            return httpx.Response(500, text="Internal Server Error")
        if path.startswith("/api/v2/resumes/"):
            assert "authorization" not in request.headers
            return self._lookup(path)
        if path.startswith(ADMIN):
            assert "authorization" in request.headers
        elif path == "/api/v2/vacancies/":
            return httpx.Response(200, json=self._public(query))
        if request.method == "GET" and path.endswith("/stats"):
            statuses = [row["moderation_status"] for row in self.rows]
            found = {name: statuses.count(name) for name in ("pending", "approved", "rejected")}
            return httpx.Response(200, json={"total": len(statuses), **found})
        if path.endswith(("/list", "/all-statuses")):
            return self._listed(path, query)
        return self._written(request) if request.method != "GET" else self._card(path)

    def calls(self, part: str) -> list[httpx.Request]:
        return [one for one in self.asked if part in str(one.url)]

    def row(self, number: int) -> dict[str, Any]:
        return next(row for row in self.rows if row["id"] == number)

    def _lookup(self, path: str) -> httpx.Response:
        names = {"professions": PROFESSIONS, "cities": CITIES, "skills": SKILLS}[path.rpartition("/")[2]]
        return httpx.Response(
            200,
            json=[
                {"id": number, "name_ru": ru, "name_kz": kz, "is_active": number != 3}
                for number, (ru, kz) in names.items()
            ],
        )

    def _listed(self, path: str, query: httpx.QueryParams) -> httpx.Response:
        skip, limit = int(query["skip"]), int(query["limit"])
        rows = sorted(self.rows, key=lambda row: str(row["created_at"]), reverse=True)
        if path.endswith("/all-statuses"):
            assert limit <= 100
            status = query.get("moderation_status")
            rows = [bare(row) for row in rows if status in (None, row["moderation_status"])]
        else:
            assert limit <= 1000
            rows = [row for row in rows if self.own is None or row["id"] in self.own]
            rows = [row for row in rows if self._narrowed(row, query)]
        return httpx.Response(200, json=rows[skip : skip + limit])

    def _narrowed(self, row: dict[str, Any], query: httpx.QueryParams) -> bool:
        text = "".join(
            str(row[f"{part}_{query.get('lang', 'ru')}"] or "") for part in ("title", "description")
        )
        return (
            query.get("is_active") in (None, str(row["is_active"]).lower())
            and query.get("profession_id") in (None, str(row["profession_id"]))
            and query.get("city_id") in (None, str(row["city_id"]))
            and like(query.get("keyword", ""), text)
        )

    def _public(self, query: httpx.QueryParams) -> list[dict[str, Any]]:
        rows = [row for row in self.rows if row["is_active"]]
        for name in ("profession_id", "city_id", "employment_type", "work_type"):
            rows = [row for row in rows if query.get(name) in (None, str(row[name]))]
        return [
            {
                "id": row["id"],
                "required_skills": [named(SKILLS, one) for one in self.skills.get(row["id"], [])],
            }
            for row in rows[: int(query["limit"])]
        ]

    def _card(self, path: str) -> httpx.Response:
        number = int(path.rpartition("/")[2])
        found = [row for row in self.rows if row["id"] == number and (self.own is None or number in self.own)]
        if not found:
            return httpx.Response(
                404, json={"detail": "Вакансия не найдена или у вас нет прав на её просмотр"}
            )
        return httpx.Response(200, json=found[0])

    def _written(self, request: httpx.Request) -> httpx.Response:
        *_, number, verb = request.url.path.split("/")
        if verb == "create":
            body = json.loads(request.content)
            body.pop("required_skills", None)
            made = vacancy(900, **body) | {
                "title_kz": None,
                "title_ru": None,
                "created_at": "2026-11-21T20:29:00",
            }
            self.rows.append(made)
            return self.after(request) or httpx.Response(201, json=made)
        if verb in ("approve", "reject"):
            row = self.row(int(number))
            row["moderation_status"] = {"approve": "approved", "reject": "rejected"}[verb]
            if verb == "reject":
                return httpx.Response(500, text="Internal Server Error")
            return httpx.Response(200, json=bare(row))
        row = self.row(int(verb))
        row.update(json.loads(request.content) if request.method == "PUT" else {"is_active": False})
        row.pop("required_skills", None)
        answer = httpx.Response(200, json=row) if request.method == "PUT" else httpx.Response(204)
        return self.after(request) or answer


def like(pattern: str, text: str) -> bool:
    """The backend's substring match: ``_`` is any character."""
    return (
        re.search("".join("." if one == "_" else re.escape(one) for one in pattern), text, re.I) is not None
    )


def named(names: dict[int, tuple[str, str]], number: int) -> dict[str, Any]:
    return {"id": number, "name_ru": names[number][0], "name_kz": names[number][1]}


@pytest.fixture
def crm(wire):
    wire.answers = Crm([vacancy(number) for number in range(1, 31)])
    return wire.answers


@pytest.fixture
def source(wire, crm):
    return Vacancies(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


@pytest.fixture
def msb(crm, admin):
    admin.role = Role.MSB
    crm.own = {2, 4, 6}
    return admin


def ids(page) -> list[int]:
    return [one.id for one in page.items]


def body(request: httpx.Request) -> dict[str, Any]:
    return json.loads(request.content)


# --- lists ------------------------------------------------------------------------------------------------


async def test_a_page_has_names_and_a_total(admin, source, crm):
    page = await source.page(admin, ListQuery(page=2))
    assert ids(page) == list(range(8, 15))
    assert page.total == 30
    assert page.items[0].profession_id == Ref(id=1, kk="Әзірлеуші", ru="Разработчик")
    assert page.items[0].city_id.ru == "Караганда"
    assert page.items[0].moderation_status is ModerationStatus.APPROVED


async def test_q8_the_last_page_knows_that_it_is_the_last(admin, source, crm):
    page = await source.page(admin, ListQuery(page=5))
    assert ids(page) == [29, 30]
    assert not page.has_next


async def test_q21_rows_of_the_moderation_list_are_completed(admin, source, crm):
    for number in (3, 20, 25):
        crm.row(number)["moderation_status"] = "pending"
    page = await source.page(admin, ListQuery(filters={"moderation_status": "pending"}))
    assert ids(page) == [3, 20, 25]
    assert page.total == 3
    assert [one.profession_id.ru for one in page.items] == ["Водитель", "Разработчик", "Водитель"]
    assert len(crm.calls("admin/list")) == 0


async def test_a_row_that_cannot_be_completed_is_still_listed(admin, source, crm, hurried):
    crm.row(3).update(moderation_status="pending", company_name="ТОО")
    crm.broken = {f"{ADMIN}3"}
    page = await source.page(admin, ListQuery(filters={"moderation_status": "pending"}))
    assert ids(page) == [3]
    assert page.items[0].heading("ru") == "ТОО"
    assert "required_skills" not in page.items[0].model_fields_set


async def test_many_rows_of_the_moderation_list_are_completed_in_one_call(admin, source, crm):
    page = await source.page(admin, ListQuery(size=60, filters={"moderation_status": "approved"}))
    assert len(page.items) == 30
    assert all(one.profession_id for one in page.items)
    assert len(crm.calls("vacancies/admin/")) == 3


async def test_what_is_older_than_the_admin_list_gives_at_once_is_read_one_by_one(admin, source, crm):
    crm.rows = [vacancy(number) for number in range(1, 1021)]
    for number in range(1005, 1021):
        crm.row(number)["moderation_status"] = "pending"
    page = await source.page(admin, ListQuery(size=50, filters={"moderation_status": "pending"}))
    assert len(page.items) == 16
    assert all(one.profession_id.ru for one in page.items)


async def test_q21_lists_do_not_claim_to_know_the_skills(admin, source, crm):
    """An export asks which attributes a row was served with."""
    for filters in ({}, {"moderation_status": "approved"}):
        page = await source.page(admin, ListQuery(filters=filters))
        assert {"required_skills", "skills_note"}.isdisjoint(page.items[0].model_fields_set)
    assert "required_skills" in (await source.get(admin, 4)).model_fields_set


async def test_msb_never_reads_the_lists_of_everyone(msb, source, crm):
    crm.row(2)["moderation_status"] = crm.row(5)["moderation_status"] = "pending"
    for filters in (
        {},
        {"moderation_status": "pending"},
        {"is_active": "yes", "moderation_status": "pending"},
    ):
        assert set(ids(await source.page(msb, ListQuery(filters=filters)))) <= crm.own
    assert ids(await source.page(msb, ListQuery(filters={"moderation_status": "pending"}))) == [2]
    assert ids(await source.page(msb, ListQuery(search="описание"))) == [2, 4, 6]
    assert crm.calls("moderation/") == []


async def test_active_and_inactive(admin, source, crm):
    crm.row(9)["is_active"] = False
    assert ids(await source.page(admin, ListQuery(filters={"is_active": "no"}))) == [9]
    page = await source.page(admin, ListQuery(filters={"is_active": "yes", "moderation_status": "approved"}))
    assert ids(page) == [1, 2, 3, 4, 5, 6, 7]
    assert 9 not in ids(await source.page(admin, ListQuery(page=2, filters={"is_active": "yes"})))


@pytest.mark.parametrize(("value", "found"), [("open", [1, 2]), ("past", [3]), ("none", [4, 5, 6])])
async def test_deadlines_end_with_the_day_in_the_zone_of_the_person(admin, source, crm, value, found):
    # In Almaty it is the 22nd already.
    for number, day in ((1, "2026-11-23"), (2, "2026-11-22"), (3, "2026-11-21")):
        crm.row(number)["deadline"] = day
    page = await source.page(admin, ListQuery(size=3, filters={"deadline": value}))
    assert ids(page) == found


async def test_waiting_ones_with_another_filter_are_looked_through_in_the_short_list(admin, source, crm):
    crm.row(5).update(moderation_status="pending", deadline="2020-01-01")
    page = await source.page(admin, ListQuery(filters={"moderation_status": "pending", "deadline": "past"}))
    assert ids(page) == [5]
    assert page.items[0].profession_id.ru == "Водитель"
    assert crm.calls("admin/list") == []


# --- search -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("сипаттама 7", [7]),
        ("описание 7", [7]),
        ("жургизуши", [1, 3, 5, 7, 9, 11, 13]),
        ("орлеу", [8]),
        ("темиртау", [10]),
        ("срочно", [12]),
        ("100%", [14]),
        ("100_", []),
    ],
)
async def test_a_search_finds_what_is_written_in_both_languages(admin, source, crm, typed, found):
    crm.row(8)["company_name"] = "ТОО «Өрлеу»"
    crm.row(10)["city_id"] = 2
    crm.row(12)["title_ru"] = "Срочно! Курьер"
    crm.row(14)["requirements_kz"] = "100% жауапкершілік"
    page = await source.page(admin, ListQuery(search=typed))
    assert ids(page) == found
    assert page.complete


async def test_beyond_the_newest_thousand_the_backend_finds_in_both_languages(admin, source, crm):
    crm.rows = [vacancy(number) for number in range(1, 1300)]
    crm.row(1200)["description_kz"] = "Тірек сөз"
    crm.row(1250)["description_ru"] = "ТІРЕК"
    page = await source.page(admin, ListQuery(search="тирек"))
    assert ids(page) == [1200, 1250]
    assert not page.complete
    crm.row(1299)["profession_id"] = 3
    crm.row(1298)["city_id"] = 2
    assert ids(await source.page(admin, ListQuery(search="Темиртау"))) == [1298]


async def test_a_search_keeps_the_filters(admin, source, crm):
    crm.row(7)["is_active"] = False
    crm.row(8)["moderation_status"] = "rejected"
    page = await source.page(admin, ListQuery(search="описание", filters={"is_active": "no"}))
    assert ids(page) == [7]
    page = await source.page(admin, ListQuery(search="описание", filters={"moderation_status": "rejected"}))
    assert ids(page) == [8]


# --- cards ------------------------------------------------------------------------------------------------


async def test_a_card_has_names_and_skills(admin, source, crm):
    crm.skills = {4: [1, 2]}
    card = await source.get(admin, 4)
    assert card.profession_id.kk == "Әзірлеуші"
    assert card.required_skills == (
        Ref(id=1, kk="Python", ru="Python"),
        Ref(id=2, kk="Қарым-қатынас", ru="Общение"),
    )
    assert card.skills_note is None
    (public,) = crm.calls("/vacancies/?")
    assert "authorization" not in public.headers


async def test_skills_of_an_inactive_one_are_told_to_be_unknown(admin, source, crm):
    crm.row(4)["is_active"] = False
    assert (await source.get(admin, 4)).skills_note is SkillsNote.HIDDEN
    assert crm.calls("/vacancies/?") == []


async def test_names_that_cannot_be_had_do_not_lose_the_card(admin, source, crm, hurried):
    crm.broken = {"/api/v2/resumes/"}
    card = await source.get(admin, 4)
    assert card.profession_id == Ref(id=1)
    assert card.city_id == Ref(id=1)
    assert card.description_ru == "описание 4"


@pytest.mark.parametrize("answer", [{"detail": "no list"}, [], [{"id": 5, "required_skills": []}]])
async def test_skills_that_cannot_be_had_do_not_lose_the_card(admin, source, crm, answer):
    crm._public = lambda _: answer
    card = await source.get(admin, 4)
    assert card.skills_note is SkillsNote.UNREAD
    assert card.profession_id.ru == "Разработчик"


async def test_the_card_of_another_admin_is_not_found_and_nothing_public_is_asked(msb, source, crm):
    with pytest.raises(NotFound):
        await source.get(msb, 5)
    assert crm.calls("/vacancies/?") == []


@pytest.mark.parametrize(
    ("values", "language", "heading"),
    [
        ({"company_name": "ТОО"}, "kk", "Әзірлеуші · ТОО"),
        ({"company_name": "ТОО"}, "ru", "Разработчик · ТОО"),
        ({"company_name": "ТОО"}, "en", "Разработчик · ТОО"),
        ({"title_kz": "Аспаз", "title_ru": None}, "ru", "Аспаз"),
        ({"title_kz": "", "title_ru": " "}, "ru", "Разработчик"),
        ({"profession_id": None}, "ru", "#2"),
        ({"profession_id": 99}, "ru", "#99"),
    ],
)
async def test_titles_that_nobody_stored_are_made(admin, source, crm, values, language, heading):
    crm.row(2).update(values)
    assert (await source.get(admin, 2)).heading(language) == heading


async def test_the_free_words_of_the_backend_are_kept(admin, source, crm):
    crm.row(2)["employment_type"] = "Толық жұмыс күні"
    assert (await source.get(admin, 2)).employment_type == "Толық жұмыс күні"
    assert (await source.get(admin, 2)).work_type == "вахта"


# --- writing ----------------------------------------------------------------------------------------------


async def test_titles_are_sent_though_they_are_thrown_away(admin, source, crm):
    made = await source.create(admin, VALUES)
    sent = body(crm.calls("/create")[0])
    assert sent["title_kz"] == "Әзірлеуші · ТОО «Өрлеу»"
    assert sent["title_ru"] == "Разработчик · ТОО «Өрлеу»"
    assert sent["profession_id"] == 1
    assert sent["required_skills"] == [1]
    assert sent["deadline"] == "2027-05-01"
    assert made.heading("kk") == "Әзірлеуші · ТОО «Өрлеу»"
    assert [skill.ru for skill in made.required_skills] == ["Python"]


async def test_titles_can_be_made_of_an_id_alone(admin, source, crm):
    await source.create(
        admin, VALUES | {"profession_id": {"id": 2, "kk": None, "ru": None}, "company_name": None}
    )
    assert body(crm.calls("/create")[0])["title_kz"] == "Жүргізуші"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"profession_id": {"id": 0, "kk": None, "ru": None}}, "profession_id"),
        ({"city_id": {"id": 0, "kk": None, "ru": None}}, "city_id"),
        ({"required_skills": [{"id": 77, "kk": None, "ru": None}]}, "required_skills"),
        ({"required_skills": [{"id": 0, "kk": None, "ru": None}]}, "required_skills"),
        ({"description_kz": None}, "description_kz"),
        ({"contact_email": ""}, "contact_email"),
    ],
)
async def test_q7_what_would_be_a_500_is_not_sent(admin, source, crm, values, name):
    for attempt in (source.create(admin, VALUES | values), source.update(admin, 1, values)):
        with pytest.raises(Invalid) as caught:
            await attempt
        assert caught.value.wrong[0].field == name
    assert [one for one in crm.asked if one.method != "GET"] == []


@pytest.mark.parametrize(
    ("detail", "name"), [("Профессия не найдена", "profession_id"), ("Город не найден", "city_id")]
)
async def test_an_inactive_profession_is_no_missing_vacancy(admin, source, crm, detail, name):
    crm.after = lambda _: httpx.Response(404, json={"detail": detail})
    for attempt in (source.create(admin, VALUES), source.update(admin, 1, {"work_type": "office"})):
        with pytest.raises(Invalid) as caught:
            await attempt
        assert caught.value.wrong[0].field == name


async def test_a_missing_vacancy_stays_missing(admin, source, crm):
    crm.after = lambda _: httpx.Response(404, json={"detail": "Вакансия не найдена или у вас нет прав"})
    with pytest.raises(NotFound):
        await source.update(admin, 1, {"work_type": "office"})


async def test_q22_just_what_changed_is_sent(admin, source, crm):
    await source.update(admin, 3, {"salary_max": 600000})
    assert body(crm.calls("admin/3")[0]) == {"salary_max": 600000}


async def test_emptied_skills_are_an_empty_list(admin, source, crm):
    await source.update(admin, 3, {"required_skills": None})
    assert body(crm.calls("admin/3")[0]) == {"required_skills": []}


async def test_q4_activity_is_changed_by_an_edit(admin, source, crm):
    assert not (await source.deactivate(admin, 3, {})).is_active
    assert (await source.activate(admin, 3, {})).is_active
    assert [(one.method, body(one)) for one in crm.asked if one.method != "GET"] == [
        ("PUT", {"is_active": False}),
        ("PUT", {"is_active": True}),
    ]
    assert crm.calls("activate") == []


async def test_a_deletion_switches_off(admin, source, crm):
    await source.delete(admin, 3)
    assert not crm.row(3)["is_active"]
    assert not (await source.get(admin, 3)).is_active


async def test_a_deletion_whose_answer_is_lost_is_read_back(admin, source, crm):
    crm.after = lambda _: httpx.Response(500, text="Internal Server Error")
    await source.delete(admin, 3)

    def not_done(request: httpx.Request) -> httpx.Response:
        crm.row(4)["is_active"] = True
        return httpx.Response(500, text="Internal Server Error")

    crm.after = not_done
    with pytest.raises(UnknownOutcome):
        await source.delete(admin, 4)


async def test_q3_reject_answers_500_but_worked(admin, source, crm):
    crm.skills = {3: [1]}
    record = await source.reject(admin, 3)
    assert record.moderation_status is ModerationStatus.REJECTED
    assert record.profession_id.ru == "Водитель"
    assert len(crm.calls("/reject")) == 1


async def test_q3_a_reject_that_did_not_work_is_not_told_as_done(admin, source, crm, wire):
    served = wire.answers

    def refuse(request: httpx.Request) -> httpx.Response:
        answer = served(request)
        if request.url.path.endswith("/reject"):
            crm.row(3)["moderation_status"] = "pending"
        return answer

    wire.answers = refuse
    with pytest.raises(UnknownOutcome):
        await source.reject(admin, 3)


async def test_q21_an_approval_is_answered_with_the_whole_record(admin, source, crm):
    crm.row(3)["moderation_status"] = "pending"
    record = await source.approve(admin, 3)
    assert record.moderation_status is ModerationStatus.APPROVED
    assert record.profession_id.ru == "Водитель"


async def test_q3_many_rejections_do_not_open_the_breaker(admin, source, crm):
    for number in range(1, 13):
        await source.reject(admin, number)
    assert ids(await source.page(admin, ListQuery(filters={"moderation_status": "rejected"}))) == list(
        range(1, 8)
    )


async def test_a_create_whose_answer_is_lost_is_found(admin, source, crm):
    crm.after = lambda _: httpx.Response(500, text="Internal Server Error")
    with pytest.raises(UnknownOutcome):
        await source.create(admin, VALUES)
    found = await source.find_created(admin, VALUES)
    assert found is not None
    assert found.id == 900
    assert await source.find_created(admin, VALUES | {"company_name": "ТОО 2"}) is None
    crm.row(900)["created_at"] = "2026-11-21T19:00:00"
    assert await source.find_created(admin, VALUES) is None


async def test_busiest(admin, source, wire):
    def answer(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        kind = request.url.path.rpartition("-")[2]
        row = {f"{kind}_id": 1, f"{kind}_name_ru": kind, f"{kind}_name_kz": "ат", "vacancies_count": 2}
        return httpx.Response(200, json=[row])

    wire.answers = answer
    professions, cities = await source.busiest()
    assert [(one.ref.ru, one.count) for one in (*professions, *cities)] == [("profession", 2), ("city", 2)]
