"""The experts source on recorded answers and a small backend (contract 2.13)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Invalid, NotFound, UnknownOutcome
from api.experts import Experts
from models.common import Upload
from resources.queries import ListQuery
from tests.contract.recorded import recordings

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "full_name": "Сәуле <PhD> & Co\x00",
    "specialization": "Психология",
    "phone": "+77010000000",
    "website": None,
    "education": [{"university": "ҚарТУ", "start_date": "2010-09-01", "end_date": None}],
}


def recorded(name: str) -> Any:
    return next(one["response"] for one in recordings("experts") if one["name"] == name)


def answer(name: str) -> httpx.Response:
    found = recorded(name)
    return httpx.Response(found["status"], json=found["json"])


@pytest.fixture
def experts(wire) -> Experts:
    return Experts(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


def parts(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


async def test_the_recorded_list_and_card_are_read(wire, experts, admin):
    wire.says(answer("list"))
    page = await experts.page(admin, ListQuery())
    assert [(one.id, one.city, one.created_at) for one in page.items] == [(1, "Қарағанды", None)]
    wire.says(answer("detail"))
    expert = await experts.get(admin, 1)
    assert (expert.education[0].university, expert.education[0].end_date) == ("ҚарТУ", None)
    assert expert.experience[0].position == "Психолог"
    assert expert.created_at is not None
    assert expert.avatar is None


async def test_the_search_is_the_backends(wire, experts, admin):
    wire.says(answer("search"))
    page = await experts.page(admin, ListQuery(search="лог"))
    assert page.scanned is None
    assert wire.asked[0].url.path == "/api/v2/experts/search"
    assert dict(wire.asked[0].url.params) == {"search": "лог", "skip": "0", "limit": "8"}


async def test_a_search_for_signs_that_mean_anything_there_is_looked_through(wire, experts, admin):
    rows = [{"id": n, "full_name": f"{n}0%", "specialization": "x"} for n in (1, 2)]
    rows.append({"id": 3, "full_name": "300", "specialization": "x"})
    wire.says(httpx.Response(200, json=rows))
    page = await experts.page(admin, ListQuery(search="0%"))
    assert [one.id for one in page.items] == [1, 2]
    assert page.scanned == 3


async def test_an_expert_who_is_not_there(wire, experts, admin):
    wire.says(answer("detail: unknown"))
    with pytest.raises(NotFound):
        await experts.get(admin, 999)


async def test_create_sends_a_form_with_both_lists_as_json(wire, experts, admin):
    wire.says(answer("create (multipart, no authentication); avatar is stored but never returned"))
    made = await experts.create(admin, VALUES)
    form = parts(wire.asked[0])
    assert form.keys() == {"full_name", "specialization", "phone", "education", "experience"}
    assert form["full_name"] == "Сәуле <PhD> & Co"
    assert json.loads(form["education"]) == VALUES["education"]
    assert json.loads(form["experience"]) == []
    assert made.id == 1


async def test_create_sends_the_avatar_along(wire, experts, admin):
    wire.says(answer("create (multipart, no authentication); avatar is stored but never returned"))
    await experts.create(admin, {**VALUES, "avatar": Upload(b"\x89PNG", "a.png", "image/png")})
    request = wire.asked[0]
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert b'name="avatar"; filename="a.png"' in request.content
    assert b"Content-Type: image/png" in request.content


async def test_a_refused_row_is_told_with_its_place_although_the_detail_is_a_sentence(wire, experts, admin):
    refused = recorded("create: bad items (detail is a string)")
    assert isinstance(refused["json"]["detail"], str)
    wire.says(answer("create: bad items (detail is a string)"))
    with pytest.raises(Invalid) as raised:
        await experts.create(admin, VALUES)
    assert [(one.path, one.message) for one in raised.value.wrong] == [
        (("education", 0, "university"), "Field required"),
        (("education", 0, "start_date"), "Field required"),
    ]
    assert raised.value.status == 422


async def test_a_sentence_without_places_stays_what_it_is(wire, experts, admin):
    wire.says(httpx.Response(422, json={"detail": "Ошибка"}))
    with pytest.raises(Invalid) as raised:
        await experts.create(admin, VALUES)
    assert (raised.value.wrong, raised.value.detail) == ((), "Ошибка")


@pytest.mark.parametrize("name", ["full_name", "specialization"])
async def test_an_empty_name_is_not_sent(wire, experts, admin, name):
    with pytest.raises(Invalid):
        await experts.create(admin, {**VALUES, name: ""})
    assert wire.asked == []


async def test_a_lost_answer_is_not_a_refusal(wire, experts, admin):
    wire.says(httpx.ReadError("reset"))
    with pytest.raises(UnknownOutcome):
        await experts.create(admin, VALUES)


@pytest.mark.parametrize(
    ("born", "studies", "found"),
    [
        (NOW - timedelta(minutes=5), 1, 8),
        (NOW - timedelta(hours=2), 1, None),
        (NOW - timedelta(minutes=5), 0, None),
    ],
)
async def test_the_created_one_is_found_by_its_values_and_its_age(wire, experts, admin, born, studies, found):
    row = {"id": 8, "full_name": "Сәуле <PhD> & Co", "specialization": "Психология", "phone": "+77010000000"}
    others = [{**row, "id": 9, "phone": None}, {**row, "id": 10, "city": "Абай"}]
    study = {"university": "ҚарТУ", "start_date": "2010-09-01T00:00:00"}

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/experts/"):
            return httpx.Response(200, json=[*others, row])
        assert request.url.path == "/api/v2/experts/8"
        times = {"created_at": born.isoformat(), "updated_at": born.isoformat()}
        return httpx.Response(200, json={**row, **times, "education": [study] * studies, "experience": []})

    wire.answers = serve
    expert = await experts.find_created(admin, VALUES)
    assert (expert.id if expert else None) == found


def test_there_is_no_update_and_no_delete():
    assert not hasattr(Experts, "update")
    assert not hasattr(Experts, "delete")
    assert recorded("no update or delete exists")["status"] == 405
