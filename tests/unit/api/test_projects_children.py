"""Participants and pictures of a project on recorded answers: contract 2.7."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Explained, Invalid, NotFound, UnknownOutcome
from api.projects import Gallery, Participants
from models.common import Upload
from resources.queries import ListQuery
from tests.unit.api.projects_crm import Crm, project, recorded

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Almaty")
PNG = Upload(b"\x89PNG bytes", "a.png", "image/png")


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm()
    crm.on("GET /admin/3", project(3, project_type="voting"))
    crm.on("GET /3", recorded("public detail (voting)"))
    return crm


@pytest.fixture
def people(wire) -> Participants:
    return Participants(wire.backend, timezone=ZONE, now=lambda: NOW).under(3)


@pytest.fixture
def gallery(wire) -> Gallery:
    return Gallery(wire.backend, timezone=ZONE, now=lambda: NOW).under(3)


def detail(**values: Any) -> dict[str, Any]:
    return recorded("public detail (voting)") | values


def person(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Қатысушы {number}",
        "votes_count": 0,
        "created_at": "2026-11-21T10:20:00",
    } | values


async def test_participants_of_the_public_detail(crm, people, npo):
    page = await people.page(npo, ListQuery(size=1))
    assert ([one.name for one in page.items], page.total, page.has_next) == (["Ерасыл"], 2, True)
    assert page.items[0].votes_count == 7
    assert page.items[0].photo_url.startswith("http://crm.test/uploads/participants/")
    assert crm.calls == ["GET /admin/3", "GET /3"]


async def test_participants_are_searched_by_the_bot(crm, people, npo):
    crm.on("GET /3", detail(participants=[person(1, name="Ёлка"), person(2, description_ru="про елку")]))
    page = await people.page(npo, ListQuery(search="елк"))
    assert [one.id for one in page.items] == [1, 2]


@pytest.mark.parametrize(
    "name", ["page", "get", "create", "find_created", "update", "delete", "upload_photo"]
)
async def test_nothing_is_asked_about_somebody_elses_project(crm, people, npo, name):
    crm.on("GET /admin/3", 404)
    with pytest.raises(NotFound):
        await {
            "page": lambda: people.page(npo, ListQuery()),
            "get": lambda: people.get(npo, 1),
            "create": lambda: people.create(npo, {"name": "x"}),
            "find_created": lambda: people.find_created(npo, {"name": "x"}),
            "update": lambda: people.update(npo, 1, {"name": "x"}),
            "delete": lambda: people.delete(npo, 1),
            "upload_photo": lambda: people.upload_photo(npo, 1, PNG),
        }[name]()
    assert crm.calls == ["GET /admin/3"]


@pytest.mark.parametrize("name", ["get", "update", "delete", "upload_photo"])
async def test_a_participant_of_another_project_is_none_of_this_one(crm, people, npo, name):
    """The routes name the participant alone: nobody else looks whose it is."""
    with pytest.raises(NotFound):
        await {
            "get": lambda: people.get(npo, 77),
            "update": lambda: people.update(npo, 77, {"name": "x"}),
            "delete": lambda: people.delete(npo, 77),
            "upload_photo": lambda: people.upload_photo(npo, 77, PNG),
        }[name]()
    assert crm.writes == []


async def test_only_votings_have_participants(crm, people, npo):
    crm.on("GET /admin/3", project(3))
    with pytest.raises(NotFound):
        await people.page(npo, ListQuery())


async def test_adding_a_participant(crm, people, npo):
    crm.on("POST /3/participants", recorded("add participant 2"))
    crm.on("GET /3", detail(participants=[person(1), person(2)]))
    made = await people.create(npo, {"name": "Айдана & Ко", "description_ru": "О ней", "votes_count": 100})
    assert made.id == 2
    assert crm.bodies[1] == {"name": "Айдана & Ко", "description_ru": "О ней"}


async def test_an_added_participant_that_is_not_listed_is_unknown(crm, people, npo):
    crm.on("POST /3/participants", {"participant_id": 99})
    with pytest.raises(UnknownOutcome):
        await people.create(npo, {"name": "x"})


@pytest.mark.parametrize("failure", [500, 401, 404])
async def test_an_added_participant_stands_when_the_list_cannot_be_read(crm, people, npo, hurried, failure):
    """A failed read after the write must not look like a failed write: it would be made a second time."""
    crm.on("POST /3/participants", recorded("add participant 2"))
    crm.on("GET /3", failure)
    made = await people.create(npo, {"name": "Айдана", "video_url": "https://a.kz/v"})
    number = recorded("add participant 2")["participant_id"]
    assert (made.id, made.name, made.video_url) == (number, "Айдана", "https://a.kz/v")
    assert crm.writes == ["POST /3/participants"]


async def test_an_answer_without_the_number_of_what_was_added_is_unknown(crm, people, npo, hurried):
    crm.on("POST /3/participants", {"participant_id": "two"})
    crm.on("GET /3", 500)
    with pytest.raises(UnknownOutcome):
        await people.create(npo, {"name": "x"})


async def test_a_lost_create_is_found_by_its_values(crm, people, npo):
    rows = [
        person(1, name="Айдана", created_at="2026-11-20T10:00:00"),
        person(2, name="Айдана"),
        person(3, name="Айдана", description="другое"),
    ]
    crm.on("GET /3", detail(participants=rows))
    found = await people.find_created(npo, {"name": "Айдана", "description": None})
    assert found is not None
    assert found.id == 2
    assert await people.find_created(npo, {"name": "нет"}) is None


async def test_only_what_the_route_takes_is_sent(crm, people, npo):
    """Votes and the Russian description are not among it: contract 2.7."""
    crm.on("PUT /participants/1", recorded("update participant (description_ru is ignored)"))
    values = {"name": "Ерасыл", "video_url": None, "description_ru": "x", "votes_count": 1000}
    await people.update(npo, 1, values)
    assert crm.bodies[crm.calls.index("PUT /participants/1")] == {"name": "Ерасыл", "video_url": None}
    with pytest.raises(Invalid):
        await people.update(npo, 1, {"name": None})


async def test_q7_a_participant_with_stored_results_stays_and_it_is_said_why(crm, people, npo):
    crm.on("DELETE /participants/1", 500)
    with pytest.raises(Explained) as caught:
        await people.delete(npo, 1)
    assert caught.value.detail == "project_participants.error.kept"


async def test_deleting_a_participant(crm, people, npo):
    crm.on("DELETE /participants/1", recorded("delete participant"))
    await people.delete(npo, 1)
    assert crm.writes == ["DELETE /participants/1"]


async def test_a_participants_photo(crm, people, npo):
    crm.on("POST /3/participants/1/upload-photo", recorded("participant photo"))
    path = await people.upload_photo(npo, 1, PNG)
    assert path.startswith("http://crm.test/uploads/participants/")
    with pytest.raises(Explained):
        await people.delete_photo(npo, 1)


def pictures(*rows: dict[str, Any]) -> dict[str, Any]:
    return detail(gallery=list(rows))


def picture(number: int, description: str | None = None) -> dict[str, Any]:
    return {
        "id": number,
        "image_url": f"https://api.tabys.example/uploads/gallery/{number}.png",
        "description": description,
    }


async def test_pictures(crm, gallery, npo):
    crm.on("GET /3", pictures(picture(1, "Сурет"), picture(2)))
    page = await gallery.page(npo, ListQuery())
    assert [one.description for one in page.items] == ["Сурет", None]
    assert (await gallery.get(npo, 2)).image_url == "http://crm.test/uploads/gallery/2.png"
    with pytest.raises(NotFound):
        await gallery.get(npo, 3)


async def test_adding_a_picture(crm, gallery, npo):
    crm.on("POST /3/upload-gallery", recorded("gallery upload"))
    crm.on("GET /3", pictures(picture(1, "Сурет")))
    made = await gallery.create(npo, {"image_url": PNG, "description": "Сурет"})
    assert made.id == 1
    sent = crm.bodies[1]
    assert b'name="file"; filename="a.png"' in sent
    assert b'name="description"' in sent
    await gallery.create(npo, {"image_url": PNG})
    assert b'name="description"' not in crm.bodies[-2]


@pytest.mark.parametrize("failure", [500, 401, 404])
async def test_an_added_picture_stands_when_the_list_cannot_be_read(crm, gallery, npo, hurried, failure):
    crm.on("POST /3/upload-gallery", recorded("gallery upload"))
    crm.on("GET /3", failure)
    made = await gallery.create(npo, {"image_url": PNG, "description": "Сурет"})
    assert (made.id, made.description) == (recorded("gallery upload")["id"], "Сурет")
    assert made.image_url.startswith("http://crm.test/uploads/")
    assert crm.writes == ["POST /3/upload-gallery"]


async def test_a_lost_picture_is_known_by_its_bytes(crm, gallery, npo, wire):
    crm.on("GET /3", pictures(picture(1, "Сурет"), picture(2, "Сурет"), picture(3, "Сурет"), picture(4)))

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/uploads/"):
            return httpx.Response(
                200, content=PNG.content if request.url.path.endswith("/2.png") else b"other"
            )
        return crm(request)

    wire.answers = answer
    found = await gallery.find_created(npo, {"image_url": PNG, "description": "Сурет"})
    assert found is not None
    assert found.id == 2
    assert await gallery.find_created(npo, {"image_url": PNG, "description": "другая"}) is None


@pytest.mark.parametrize("name", ["page", "get", "create", "find_created", "delete"])
async def test_no_picture_of_somebody_elses_project(crm, gallery, npo, name):
    crm.on("GET /admin/3", 404)
    with pytest.raises(NotFound):
        await {
            "page": lambda: gallery.page(npo, ListQuery()),
            "get": lambda: gallery.get(npo, 1),
            "create": lambda: gallery.create(npo, {"image_url": PNG}),
            "find_created": lambda: gallery.find_created(npo, {"image_url": PNG}),
            "delete": lambda: gallery.delete(npo, 1),
        }[name]()
    assert crm.calls == ["GET /admin/3"]


async def test_deleting_a_picture_of_this_project_only(crm, gallery, npo):
    crm.on("GET /3", pictures(picture(1)))
    crm.on("DELETE /gallery/1", recorded("gallery delete"))
    with pytest.raises(NotFound):
        await gallery.delete(npo, 2)
    assert crm.writes == []
    await gallery.delete(npo, 1)
    assert crm.writes == ["DELETE /gallery/1"]


def test_binding_leaves_the_source_itself_alone(wire):
    source = Gallery(wire.backend, timezone=ZONE)
    assert (source.under(3).project_id, source.under(4).project_id, source.project_id) == (3, 4, 0)
