"""Categories and galleries, whose routes ask for no token: contract 2.8."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Invalid, NotFound, UnknownOutcome
from api.leisure import LeisureCategories, PlacePictures, TicketPictures
from models.access import Role
from models.common import Upload
from resources.queries import ListQuery
from tests.unit.api.conftest import Admin
from tests.unit.api.leisure_backend import rows_of

ZONE = ZoneInfo("Asia/Almaty")
PHOTO = Upload(b"\xff\xd8picture", "photo.jpg", "image/jpeg")


@dataclass
class Crm:
    """Categories, galleries of place and ticket 1 to 3 by picture id, owners; what is sent is only noted."""

    categories: list[dict[str, Any]] = field(default_factory=list)
    galleries: dict[int, list[int]] = field(default_factory=dict)
    described: dict[int, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    own: frozenset[int] = frozenset((1, 2, 3))
    asked: list[httpx.Request] = field(default_factory=list)
    lost: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path
        if path.startswith("/uploads/"):
            return httpx.Response(200, content=self.files[path])
        if request.method != "GET":
            body = {"message": "ok", "id": 50, "image_url": "https://api.tabys.example/uploads/new.jpg"}
            return httpx.Response(500) if self.lost else httpx.Response(200, json=body)
        if path.endswith("/list"):
            rows = [row for row in rows_of(path.split("/")[-2], 3) if row["id"] in self.own]
            if "category_id" in request.url.params:
                rows = rows[:1] * 150
            skip, limit = int(request.url.params["skip"]), int(request.url.params["limit"])
            return httpx.Response(200, json=rows[skip : skip + limit])
        if path.endswith("/categories"):
            return httpx.Response(200, json=self.categories)
        return httpx.Response(200, json={"gallery": self._gallery(int(path.rpartition("/")[2]))})

    def _gallery(self, owner: int) -> list[dict[str, Any]]:
        return [
            {
                "id": number,
                "image_url": f"https://api.tabys.example/uploads/g/{number}.jpg",
                "description": self.described.get(number),
            }
            for number in self.galleries.get(owner, ())
        ]

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [
            (one.method, one.url.path.removeprefix("/api/v2/leisure/"))
            for one in self.asked
            if one.method != "GET"
        ]


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm(
        categories=[
            {"id": 2, "name": "Мұражай", "name_ru": "Музеи", "icon_url": None},
            {
                "id": 1,
                "name": "Саябақ",
                "name_ru": "Парки",
                "icon_url": "https://api.tabys.example/uploads/i.png",
            },
        ],
        galleries={1: [10, 11], 2: [20]},
        described={11: "Көрініс"},
    )
    return crm


@pytest.fixture
def categories(wire, clock) -> LeisureCategories:
    return LeisureCategories(wire.backend, timezone=ZONE, clock=clock)


@pytest.fixture(params=[PlacePictures, TicketPictures])
def gallery(request, wire, clock):
    return request.param(wire.backend, timezone=ZONE, clock=clock).under(1)


def ids(page) -> list[int]:
    return [item.id for item in page.items]


async def test_categories_come_whole(crm, categories, admin):
    page = await categories.page(admin, ListQuery(size=7))
    assert (ids(page), page.total, page.has_next, page.scanned) == ([2, 1], 2, False, None)
    assert page.items[1].icon_url == "http://crm.test/uploads/i.png"
    assert ids(await categories.page(admin, ListQuery(search="парк"))) == [1]
    assert (await categories.get(admin, 1)).ref.kk == "Саябақ"
    with pytest.raises(NotFound):
        await categories.get(admin, 3)


async def test_a_category_is_a_form(crm, categories, admin):
    made = await categories.update(admin, 1, {"name_ru": "Парки и скверы"})
    assert made.id == 1
    sent = next(one for one in crm.asked if one.method == "PUT")
    assert b"name_ru=" in sent.content
    assert b"name=" not in sent.content.replace(b"name_ru=", b"")


@pytest.mark.parametrize("values", [{"name": "", "name_ru": "x"}, {"name": "x", "name_ru": None}])
async def test_an_empty_name_never_goes_out(crm, categories, admin, values):
    for write in (categories.create(admin, values), categories.update(admin, 1, values)):
        with pytest.raises(Invalid):
            await write
    assert crm.writes == []


async def test_a_new_category_of_which_the_answer_is_lost_is_found_by_its_names(crm, categories, admin):
    crm.categories.append({"id": 3, "name": "Саябақ", "name_ru": "Парки", "icon_url": None})
    assert (await categories.find_created(admin, {"name": "Саябақ", "name_ru": "Парки"})).id == 3
    assert await categories.find_created(admin, {"name": "Саябақ", "name_ru": "Парк"}) is None


async def test_an_icon_is_a_file_of_the_form(crm, categories, admin):
    assert await categories.upload_photo(admin, 1, PHOTO) == "http://crm.test/uploads/i.png"
    sent = next(one for one in crm.asked if one.method == "PUT")
    assert b'name="icon"' in sent.content
    assert PHOTO.content in sent.content


async def test_places_that_would_keep_the_dangling_id_are_counted(crm, categories, admin):
    assert str(await categories.places_count(admin, 1)) == "100+"


# --- galleries -------------------------------------------------------------------------------------


async def test_a_gallery_is_read(crm, gallery, admin):
    page = await gallery.page(admin, ListQuery(size=7))
    assert (ids(page), page.total, page.scanned) == ([10, 11], 2, None)
    assert page.items[0].image_url == "http://crm.test/uploads/g/10.jpg"
    assert ids(await gallery.page(admin, ListQuery(search="вокзал"))) == []
    assert ids(await gallery.page(admin, ListQuery(search="көрініс"))) == [11]


async def test_reading_a_gallery_counts_one_visit_and_no_more(crm, gallery, admin, clock):
    def visits() -> int:
        return len(
            [one for one in crm.asked if "/admin/" not in one.url.path and one.url.path.endswith("/1")]
        )

    await gallery.page(admin, ListQuery())
    await gallery.get(admin, 10)
    await gallery.page(admin, ListQuery())
    assert visits() == 1
    clock.now += 21
    await gallery.page(admin, ListQuery())
    assert visits() == 2


async def test_q19_anothers_gallery_is_neither_read_nor_written(crm, gallery):
    msb = Admin(Role.MSB)
    crm.own = frozenset((2,))
    for call in (
        gallery.page(msb, ListQuery()),
        gallery.get(msb, 10),
        gallery.create(msb, {"image_url": PHOTO}),
        gallery.delete(msb, 10),
        gallery.find_created(msb, {"image_url": PHOTO}),
    ):
        with pytest.raises(NotFound):
            await call
    assert {one.url.path.rpartition("/")[2] for one in crm.asked} <= {"list", "categories"}


async def test_q19_a_kept_gallery_is_no_way_around_the_owner(crm, gallery, admin):
    await gallery.page(admin, ListQuery())
    crm.own = frozenset((2,))
    with pytest.raises(NotFound):
        await gallery.page(Admin(Role.MSB), ListQuery())


async def test_q19_a_picture_of_another_gallery_is_not_deleted(crm, gallery, admin):
    with pytest.raises(NotFound):
        await gallery.delete(admin, 20)
    assert crm.writes == []
    await gallery.delete(admin, 10)
    assert crm.writes == [("DELETE", f"{gallery.plural}/gallery/10")]


async def test_a_picture_is_added_with_its_description(crm, gallery, admin):
    await gallery.page(admin, ListQuery())
    picture = await gallery.create(admin, {"image_url": PHOTO, "description": "Кіреберіс"})
    assert (picture.id, picture.image_url) == (50, "http://crm.test/uploads/new.jpg")
    assert picture.description == "Кіреберіс"
    sent = next(one for one in crm.asked if one.method == "POST")
    assert sent.url.path.endswith(f"/{gallery.plural}/1/gallery")
    assert b'name="image"' in sent.content
    assert "Кіреберіс".encode() in sent.content
    crm.galleries[1].append(50)
    assert ids(await gallery.page(admin, ListQuery())) == [10, 11, 50]


@pytest.mark.parametrize("value", [None, "https://example.com/a.png", Upload(b"x", "a.svg", "image/svg+xml")])
async def test_q15_what_is_no_picture_never_goes_out(crm, gallery, admin, value):
    with pytest.raises(Invalid):
        await gallery.create(admin, {"image_url": value})
    assert crm.writes == []


async def test_a_picture_whose_answer_is_lost_is_known_by_its_bytes(crm, gallery, admin):
    crm.lost = True
    with pytest.raises(UnknownOutcome):
        await gallery.create(admin, {"image_url": PHOTO})
    crm.files = {"/uploads/g/10.jpg": PHOTO.content, "/uploads/g/12.jpg": b"another"}
    crm.galleries[1].append(12)
    assert (await gallery.find_created(admin, {"image_url": PHOTO})).id == 10
    assert await gallery.find_created(admin, {"image_url": PHOTO, "description": "x"}) is None
    crm.files["/uploads/g/10.jpg"] = b"gone"
    assert await gallery.find_created(admin, {"image_url": PHOTO}) is None


async def test_galleries_do_not_mix(crm, gallery, admin):
    assert ids(await gallery.page(admin, ListQuery())) == [10, 11]
    assert ids(await gallery.under(2).page(admin, ListQuery())) == [20]
    assert ids(await gallery.page(admin, ListQuery())) == [10, 11]
