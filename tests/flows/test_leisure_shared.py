"""Categories that all owners share, and galleries: routes that ask for no token, so the bot must."""

from __future__ import annotations

import pytest

from keyboards.callbacks import Go, Place, Press
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.leisure_hand import DECIDERS, GALLERIES, WRITERS, foreign, own, refused, row, rows
from tests.flows.pictures import picture
from tests.matrix.test_access import keyed

PARENTS = {"lg": "pl", "tg": "tk"}
ROUTES = {"lg": "places", "tg": "tickets"}


# --- categories --------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", DECIDERS)
async def test_who_decides_keeps_the_categories(stage: Stage, login: str):
    hand = await stage.hand(login)
    await hand.tap("module.leisure", "leisure_categories.title", "list.new")
    await hand.say("Кітапханалар")
    await hand.say("Библиотеки")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    await hand.tap("form.save")
    made = rows(stage, "lc")[-1]
    assert (made["name"], made["name_ru"]) == ("Кітапханалар", "Библиотеки")
    assert made["icon_url"].startswith("/uploads/leisure_icons/")
    assert hand.has_photo
    await hand.tap("card.edit", "leisure_categories.field.name_ru")
    await hand.say("Читальни")
    await hand.tap("form.save")
    assert row(stage, "lc", made["id"])["name_ru"] == "Читальни"
    assert "Читальни" in hand.text
    await hand.tap("card.delete", "delete.confirm")
    assert row(stage, "lc", made["id"]) is None


async def test_an_icon_is_replaced_but_never_removed(stage: Stage):
    hand = await stage.hand("administrator")
    for _ in range(2):
        await hand.open(1, "lc")
        await hand.tap("card.edit", "leisure_categories.field.icon_url")
        assert not hand.sees("form.clear")
        before = row(stage, "lc", 1)["icon_url"]
        await hand.person.send_photo(picture())
        await hand.person.settle()
        await hand.tap("form.save")
        assert row(stage, "lc", 1)["icon_url"] not in (None, before)


async def test_a_deleted_category_names_the_places_that_keep_its_id(stage: Stage):
    hand = await stage.hand("administrator")
    count = len(rows(stage, "pl", category_id=1))
    await hand.open(1, "lc")
    await hand.tap("card.delete")
    assert hand.t("leisure_categories.impact", n=count, count=str(count)) in hand.text


@pytest.mark.parametrize("login", ["msb", "government"])
async def test_q19_the_others_read_them_and_no_more(stage: Stage, login: str):
    hand = await stage.hand(login)
    await hand.tap("module.leisure", "leisure_categories.title")
    assert not hand.sees("list.new")
    await hand.open(1, "lc")
    assert "Парки" in hand.text
    assert not hand.sees("card.edit")
    assert not hand.sees("card.delete")
    stage.crm.clear_requests()
    for press in (Press.CREATE, Press.EDIT, Press.EDIT_FIELD, Press.DELETE, Press.DELETE_NOW, Press.SELECT):
        await refused(stage, hand, Go(press, "lc", 1))


# --- galleries ---------------------------------------------------------------------------------------


def owner_of(stage: Stage, login: str, code: str) -> int:
    """A place or ticket that this person may change, without pictures yet."""
    parents = rows(stage, PARENTS[code], admin_id=stage.crm.admin_id(login))
    taken = {one["owner_id"] for one in rows(stage, code)}
    return int(next(one["id"] for one in parents if one["id"] not in taken))


async def open_gallery(stage: Stage, hand: Hand, code: str, parent: int) -> None:
    await hand.open(parent, PARENTS[code])
    await hand.tap(f"{GALLERIES[code].key}.title")
    stage.crm.clear_requests()


@pytest.mark.parametrize("login", WRITERS)
@pytest.mark.parametrize("code", GALLERIES)
async def test_pictures_are_added_and_deleted(stage: Stage, code: str, login: str):
    hand = await stage.hand(login)
    parent, key = owner_of(stage, login, code), GALLERIES[code].key
    await open_gallery(stage, hand, code, parent)
    assert hand.t(f"{key}.empty") in hand.text
    await hand.tap("list.new")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    await hand.say("Кіреберіс <1>")
    await hand.tap("form.save")
    made = rows(stage, code)[-1]
    assert (made["owner_id"], made["description"]) == (parent, "Кіреберіс <1>")
    assert hand.has_photo
    assert "Кіреберіс <1>" in hand.text
    await hand.tap("nav.back")
    assert hand.sees("Кіреберіс <1>")
    await hand.tap("Кіреберіс <1>", "card.delete", "delete.confirm")
    assert row(stage, code, made["id"]) is None
    assert [one.method for one in stage.writes()] == ["POST", "DELETE"]
    await hand.tap("nav.back")
    assert hand.sees(f"{key}.title")


@pytest.mark.parametrize("code", GALLERIES)
async def test_government_looks_at_pictures(stage: Stage, code: str):
    hand = await stage.hand("government")
    shown = rows(stage, code)[0]
    await open_gallery(stage, hand, code, shown["owner_id"])
    assert not hand.sees("list.new")
    await hand.tap(hand.labels[0])
    assert hand.has_photo
    assert not hand.sees("card.delete")
    view = Place(parent=shown["owner_id"]).pack()
    for press in (Press.CREATE, Press.DELETE, Press.DELETE_NOW, Press.SELECT):
        await refused(stage, hand, Go(press, code, shown["id"], view=view))


@pytest.mark.parametrize("code", GALLERIES)
async def test_q19_anothers_gallery_is_out_of_msbs_reach(stage: Stage, code: str):
    hand = await stage.hand("msb")
    mine = {one["id"] for one in rows(stage, PARENTS[code], admin_id=stage.crm.admin_id("msb"))}
    other = next(one for one in rows(stage, code) if one["owner_id"] not in mine)
    stage.crm.clear_requests()
    for parent in (other["owner_id"], own(stage, PARENTS[code])["id"]):
        view = Place(parent=parent).pack()
        for press in (Press.CARD, Press.DELETE, Press.DELETE_NOW):
            await refused_or_gone(stage, hand, Go(press, code, other["id"], view=view))
    await hand.forge(Go(Press.LIST, code, view=Place(parent=other["owner_id"]).pack()).pack())
    assert not hand.has_photo
    assert row(stage, code, other["id"]) == other
    assert not [
        one for one in stage.crm.requests if one.path.endswith(f"/{ROUTES[code]}/{other['owner_id']}")
    ]


async def refused_or_gone(stage: Stage, hand: Hand, go: Go) -> None:
    """The press shows no picture and writes nothing."""
    await hand.forge(keyed(stage, hand, go))
    assert not hand.has_photo
    assert stage.writes() == []


@pytest.mark.parametrize("code", GALLERIES)
async def test_q19_no_picture_is_added_to_what_is_anothers(stage: Stage, code: str):
    hand = await stage.hand("msb")
    other, count = foreign(stage, PARENTS[code]), len(rows(stage, code))
    await hand.forge(Go(Press.CREATE, code, view=Place(parent=other["id"]).pack()).pack())
    if hand.sees("nav.cancel"):
        await hand.person.send_photo(picture())
        await hand.person.settle()
        await hand.tap("form.skip", "form.save")
    assert len(rows(stage, code)) == count
