"""Forms of projects and their questions on recorded answers: contract 2.7."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Explained, Invalid, NotFound, UnknownOutcome
from api.projects import FormFields, FormTemplates
from api.projects.fields import numbers
from resources.queries import ListQuery
from tests.unit.api.projects_crm import Crm, project, recorded

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Almaty")
EXP, IDEA = zlib.crc32(b"f-exp"), zlib.crc32(b"f-idea")
ASKED = "GET /1/form-template"
WRITTEN = "PUT /1/form-template"


def template(**values: Any) -> dict[str, Any]:
    return recorded("form template (no authentication)") | values


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm()
    crm.on("GET /admin/1", project(1))
    crm.on(ASKED, template())

    def put(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=template() | (crm.bodies[-1] or {}))

    crm.replies[WRITTEN] = put
    return crm


@pytest.fixture
def forms(wire) -> FormTemplates:
    return FormTemplates(wire.backend, timezone=ZONE, now=lambda: NOW).under(1)


@pytest.fixture
def fields(wire) -> FormFields:
    return FormFields(wire.backend, timezone=ZONE, now=lambda: NOW).under(1)


def sent(crm: Crm) -> list[dict[str, Any]]:
    """The questions of the last write."""
    found: list[dict[str, Any]] = crm.bodies[-1]["fields"]
    return found


async def test_the_form_is_a_list_of_one_that_has_the_projects_id(crm, forms, npo):
    crm.on(ASKED, template(id=77))
    page = await forms.page(npo, ListQuery())
    assert ([one.id for one in page.items], page.total) == ([1], 1)
    assert (await forms.get(npo, 1)).asked == 2
    with pytest.raises(NotFound):
        await forms.get(npo, 77)


async def test_without_a_form_the_list_is_empty(crm, forms, npo):
    crm.on(ASKED, 404)
    crm.on(WRITTEN, 404)
    page = await forms.page(npo, ListQuery())
    assert (list(page.items), page.total, page.has_next) == ([], 0, False)


async def test_a_form_that_is_switched_off_is_404_for_admins_too_and_read_by_an_empty_update(crm, forms, npo):
    crm.on(ASKED, httpx.Response(404, json=recorded("an inactive form is 404")))
    crm.on(WRITTEN, recorded("switch the form off"))
    found = await forms.get(npo, 1)
    assert not found.is_active
    assert (crm.calls[-1], crm.bodies[-1]) == (WRITTEN, {})


async def test_a_new_form_carries_the_project_in_its_body_too(crm, forms, npo):
    crm.on("POST /1/form-template", httpx.Response(201, json=recorded("create form template")))
    made = await forms.create(npo, {"title_kz": "Сауалнама", "title_ru": "Анкета"})
    assert (made.id, made.title_kz) == (1, "Сауалнама")
    assert crm.bodies[-1] == {"title_kz": "Сауалнама", "title_ru": "Анкета", "project_id": 1, "fields": []}


async def test_a_second_form_is_refused_in_words(crm, forms, npo):
    crm.on("POST /1/form-template", httpx.Response(400, json=recorded("create form template twice")))
    with pytest.raises(Explained) as caught:
        await forms.create(npo, {"title_kz": "x", "title_ru": "x"})
    assert caught.value.detail == "project_forms.error.exists"


async def test_a_lost_form_is_found_by_its_titles(crm, forms, npo):
    crm.on(ASKED, template(title_kz="А", title_ru="Б"))
    assert await forms.find_created(npo, {"title_kz": "А", "title_ru": "Б"}) is not None
    assert await forms.find_created(npo, {"title_kz": "А", "title_ru": "В"}) is None


async def test_switching_a_form_on_and_off(crm, forms, npo):
    await forms.deactivate(npo, 1, {})
    assert crm.bodies[-1] == {"is_active": False}
    await forms.activate(npo, 1, {})
    assert crm.bodies[-1] == {"is_active": True}
    with pytest.raises(Invalid):
        await forms.update(npo, 1, {"title_ru": None})


async def test_q7_a_form_with_submissions_stays_and_it_is_said_why(crm, forms, npo):
    crm.on("DELETE /1/form-template", 500)
    with pytest.raises(Explained) as caught:
        await forms.delete(npo, 1)
    assert caught.value.detail == "project_forms.error.kept"
    crm.on("DELETE /1/form-template", httpx.Response(204))
    await forms.delete(npo, 1)


@pytest.mark.parametrize("number", [2, 77])
async def test_a_form_is_only_reached_by_its_own_project(crm, forms, npo, number):
    for attempt in (forms.delete(npo, number), forms.update(npo, number, {"title_ru": "x"})):
        with pytest.raises(NotFound):
            await attempt
    assert crm.writes == []


@pytest.mark.parametrize("name", ["forms", "fields"])
async def test_only_application_projects_of_ones_own_have_forms(crm, npo, name, forms, fields):
    source = {"forms": forms, "fields": fields}[name]
    for reply in (404, project(1, project_type="voting")):
        crm.calls.clear()
        crm.on("GET /admin/1", reply)
        for attempt in (
            source.page(npo, ListQuery()), source.get(npo, 1), source.delete(npo, 1),
            source.update(npo, EXP, {"title_ru": "x"}), source.create(npo, {"type": "text", "title_kz": "x"}),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                await attempt
        assert set(crm.calls) == {"GET /admin/1"}


async def test_questions_in_their_order(crm, fields, npo):
    rows = template()["fields"]
    crm.on(ASKED, template(fields=[rows[1] | {"order": 2}, rows[0] | {"order": 1}]))
    page = await fields.page(npo, ListQuery())
    assert [(one.id, one.field_id, one.position, one.last) for one in page.items] == [
        (EXP, "f-exp", 1, False), (IDEA, "f-idea", 2, True),
    ]  # fmt: skip
    assert (page.items[0].options, page.items[0].required, page.total) == ("0-1\n2+", True, 2)
    page = await fields.page(npo, ListQuery(page=2, size=1))
    assert ([one.id for one in page.items], page.has_next) == ([IDEA], False)


def test_a_question_keeps_its_number_wherever_it_stands():
    assert numbers(["a", "b"]) == list(reversed(numbers(["b", "a"])))
    twins = numbers(["a", "a", "b"])
    assert len(set(twins)) == 3
    assert twins[0] == numbers(["a"])[0]
    assert all(number > 0 for number in numbers([f"f-{n}" for n in range(500)]))


async def test_a_new_question_goes_to_the_end_and_leaves_the_others_as_they_are(crm, fields, npo):
    values = {
        "type": "dropdown",
        "label_kz": "Қайдан?",
        "label_ru": "Откуда?",
        "options": " Дос \n\nTV\nTV",
        "required": True,
    }
    made = await fields.create(npo, values)
    rows = sent(crm)
    assert rows[:2] == [row | {"order": place} for place, row in enumerate(template()["fields"], 1)]
    assert rows[2]["options"] == ["Дос", "TV"]
    assert (rows[2]["order"], rows[2]["required"], rows[2]["type"]) == (3, True, "dropdown")
    assert (made.field_id, made.position, made.last) == (rows[2]["id"], 3, True)
    assert crm.writes == [WRITTEN]


async def test_whether_an_answer_is_needed_is_always_yes_or_no(crm, fields, npo):
    for value, expected in ((None, False), (True, True), (False, False)):
        await fields.update(npo, EXP, {"required": value})
        assert next(row for row in sent(crm) if row["id"] == "f-exp")["required"] is expected


async def test_a_number_of_a_question_is_never_given_again(crm, fields, npo):
    values = {"type": "text", "label_kz": "А", "label_ru": "Б"}
    names = set()
    for _ in range(5):
        await fields.create(npo, values)
        names.add(sent(crm)[-1]["id"])
    assert len(names) == 5


async def test_the_first_question_makes_the_form(crm, fields, npo):
    crm.on(ASKED, 404)
    crm.on(WRITTEN, 404)

    def post(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json=template() | crm.bodies[-1])

    crm.replies["POST /1/form-template"] = post
    made = await fields.create(npo, {"type": "text", "label_kz": "Аты", "label_ru": "Имя"})
    body = crm.bodies[-1]
    assert (body["project_id"], body["title_kz"], body["title_ru"]) == (
        1, "Жас стартапшы 🚀 <2027> & гранттар", "Молодой стартапер",
    )  # fmt: skip
    assert (made.label_ru, made.position) == ("Имя", 1)


@pytest.mark.parametrize("options", [None, "", " \n "])
async def test_a_choice_without_options_is_refused_before_it_is_sent(crm, fields, npo, options):
    with pytest.raises(Invalid) as caught:
        await fields.create(npo, {"type": "radio", "label_kz": "А", "label_ru": "Б", "options": options})
    assert (caught.value.wrong[0].field, caught.value.wrong[0].key) == (
        "options",
        "project_fields.error.options",
    )
    with pytest.raises(Invalid):
        await fields.update(npo, EXP, {"options": options})
    assert crm.writes == []


async def test_options_of_a_question_that_has_none_are_left_out(crm, fields, npo):
    await fields.create(npo, {"type": "text", "label_kz": "А", "label_ru": "Б", "options": "x"})
    assert sent(crm)[-1]["options"] is None


async def test_a_lost_question_is_found_by_its_words(crm, fields, npo):
    found = await fields.find_created(npo, {"type": "radio", "label_kz": "Тәжірибе", "label_ru": "Опыт"})
    assert found is not None
    assert found.id == EXP
    assert (
        await fields.find_created(npo, {"type": "text", "label_kz": "Тәжірибе", "label_ru": "Опыт"}) is None
    )


async def test_a_changed_question_keeps_all_that_is_not_shown(crm, fields, npo):
    changed = await fields.update(npo, IDEA, {"label_ru": "Ваша идея", "type": "file", "hint_kz": None})
    rows = sent(crm)
    assert rows[1] == template()["fields"][1] | {"label_ru": "Ваша идея", "order": 2}
    assert rows[1]["validation"]["max_length"] == 500
    assert (changed.label_ru, changed.type) == ("Ваша идея", "textarea")
    await fields.update(npo, EXP, {"options": "a\nb"})
    assert sent(crm)[0]["options"] == ["a", "b"]


async def test_moving_a_question(crm, fields, npo):
    moved = await fields.move_down(npo, EXP, {})
    assert [row["id"] for row in sent(crm)] == ["f-idea", "f-exp"]
    assert [row["order"] for row in sent(crm)] == [1, 2]
    assert (moved.id, moved.position, moved.last) == (EXP, 2, True)
    moved = await fields.move_up(npo, IDEA, {})
    assert [row["id"] for row in sent(crm)] == ["f-idea", "f-exp"]
    assert moved.position == 1


async def test_the_first_question_does_not_move_up(crm, fields, npo):
    assert (await fields.move_up(npo, EXP, {})).position == 1
    assert (await fields.move_down(npo, IDEA, {})).position == 2
    assert crm.writes == []


async def test_a_deleted_question_goes_and_nothing_hangs_on_it(crm, fields, npo):
    rows = template()["fields"]
    crm.on(ASKED, template(fields=[*rows, rows[1] | {"id": "f-after", "order": 3, "depends_on": "f-exp"}]))
    await fields.delete(npo, EXP)
    assert [(row["id"], row["order"], row["depends_on"]) for row in sent(crm)] == [
        ("f-idea", 1, None), ("f-after", 2, None),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        await fields.delete(npo, 5)


async def test_a_lost_write_of_the_list_stays_unknown(crm, fields, npo):
    crm.on(WRITTEN, 500)
    with pytest.raises(UnknownOutcome):
        await fields.move_down(npo, EXP, {})


async def test_how_many_have_answered(crm, fields, npo):
    crm.on("GET /1/submissions", recorded("submissions"))
    assert await fields.submissions(npo) == 2
