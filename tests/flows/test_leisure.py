"""Places, tickets and promo actions: what each role does with them, from the button to the row in the CRM."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keyboards.callbacks import Go, Place, Press
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.leisure_hand import (
    CONTENT,
    DECIDERS,
    OTHERS,
    READERS,
    STANDING,
    fill,
    foreign,
    instant,
    own,
    refused,
    row,
    rows,
    title_of,
)
from tests.flows.pictures import picture
from tests.matrix.strict import LOCALES
from tests.matrix.test_access import keyed

ATTRACTION = {
    "title": "Орталық саябақ <b>&",
    "title_ru": "Центральный парк",
    "description": "Сипаттама",
    "description_ru": "Описание",
    "address": "Қарағанды, Бұқар жырау 1",
}
WRITES = (Press.EDIT, Press.DELETE, Press.DELETE_NOW, Press.APPROVE, Press.REJECT)


async def begin(stage: Stage, code: str, login: str) -> Hand:
    hand = await stage.hand(login)
    await hand.tap("module.leisure", f"{CONTENT[code].key}.title", "list.new")
    stage.crm.clear_requests()
    return hand


def cards(hand: Hand) -> list[int]:
    """Ids of the records that the screen leads to."""
    goes = [Go.unpack(button.get("callback_data")) for line in hand.screen.keyboard for button in line]
    return [go.id for go in goes if go and go.op == Press.CARD]


# --- who sees what -----------------------------------------------------------------------------------


@pytest.mark.parametrize("login", READERS)
async def test_the_hub_leads_to_every_list(stage: Stage, login: str):
    hand = await stage.hand(login)
    for code, resource in STANDING.items():
        await hand.say("/menu")
        await hand.tap("module.leisure")
        hub = hand.seen()
        await hand.tap(f"{resource.key}.title")
        assert hand.t(f"{resource.key}.title") in hand.text
        writes = {"government": False, "msb": code != "lc"}.get(login, True)
        assert hand.sees("list.new") == writes
        await hand.tap("nav.back")
        assert hand.seen() == hub


@pytest.mark.parametrize("login", OTHERS)
async def test_others_neither_see_nor_reach_it(stage: Stage, login: str):
    hand = await stage.hand(login)
    assert not hand.sees("module.leisure")
    stage.crm.clear_requests()
    for code in (*STANDING, "lg", "tg"):
        view = "1_" if code in ("lg", "tg") else ""
        for press in (Press.HUB, Press.LIST, Press.CARD, Press.CREATE, Press.TOOL, Press.DEED, *WRITES):
            go = Go(press, code, 1, {Press.TOOL: "sx", Press.DEED: "rt"}.get(press, ""), view)
            await refused(stage, hand, go)
    assert [one for one in stage.crm.requests if "leisure" in one.path] == []


@pytest.mark.parametrize("code", CONTENT)
async def test_msb_sees_its_own_only(stage: Stage, code: str):
    hand = await stage.hand("msb")
    await hand.tap("module.leisure", f"{CONTENT[code].key}.title")
    mine = stage.crm.admin_id("msb")
    shown: list[int] = []
    while True:
        shown += cards(hand)
        if not hand.sees("pager.next"):
            break
        await hand.tap("pager.next")
    assert sorted(shown) == [one["id"] for one in rows(stage, code, admin_id=mine)]


@pytest.mark.parametrize("code", CONTENT)
async def test_a_foreign_record_is_out_of_msbs_reach(stage: Stage, code: str):
    hand = await stage.hand("msb")
    other = foreign(stage, code)
    await hand.open(other["id"], code)
    assert title_of(other) not in hand.text
    stage.crm.clear_requests()
    for press in WRITES:
        await hand.forge(keyed(stage, hand, Go(press, code, other["id"])))
        assert title_of(other) not in hand.text
    assert [one for one in stage.writes() if one.method != "DELETE"] == []
    assert row(stage, code, other["id"]) == other


@pytest.mark.parametrize("code", CONTENT)
async def test_government_reads_and_no_more(stage: Stage, code: str):
    hand = await stage.hand("government")
    record = rows(stage, code, moderation_status="pending")[0]
    await hand.open(record["id"], code)
    assert title_of(record) in " ".join(hand.text.split())
    for label in ("card.approve", "card.reject", "card.edit", "card.delete", "card.duplicate"):
        assert not hand.sees(label)
    stage.crm.clear_requests()
    for press in (*WRITES, Press.CREATE, Press.DUPLICATE, Press.DEED):
        go = Go(press, code, record["id"], "rt" if press is Press.DEED else "")
        await refused(stage, hand, go)
    assert stage.writes() == []


# --- moderation --------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", DECIDERS)
@pytest.mark.parametrize("code", CONTENT)
async def test_deciders_approve_and_reject(stage: Stage, code: str, login: str):
    hand = await stage.hand(login)
    record = own(stage, code, moderation_status="pending")
    await hand.open(record["id"], code)
    await hand.tap("card.approve")
    assert hand.toast == hand.t("done.approved")
    assert row(stage, code, record["id"])["moderation_status"] == "approved"
    assert not hand.sees("card.approve")
    await hand.tap("card.reject")
    assert row(stage, code, record["id"])["moderation_status"] == "rejected"


@pytest.mark.parametrize("code", CONTENT)
async def test_q19_msb_does_not_decide_about_itself(stage: Stage, code: str):
    hand = await stage.hand("msb")
    record = own(stage, code, moderation_status="pending")
    await hand.open(record["id"], code)
    assert title_of(record) in " ".join(hand.text.split())
    assert not hand.sees("card.approve")
    stage.crm.clear_requests()
    for press in (Press.APPROVE, Press.REJECT):
        await refused(stage, hand, Go(press, code, record["id"]))
    assert stage.writes() == []


@pytest.mark.parametrize("login", ["msb", "administrator"])
@pytest.mark.parametrize("code", CONTENT)
async def test_the_pending_ones(stage: Stage, code: str, login: str):
    hand = await stage.hand(login)
    await hand.tap("module.leisure", f"{CONTENT[code].key}.title", "list.filters")
    await hand.tap("choice.moderation_status.pending", "list.show")
    who = {"admin_id": stage.crm.admin_id("msb")} if login == "msb" else {}
    count = len(rows(stage, code, moderation_status="pending", **who))
    assert count
    assert hand.t("list.of_total", first=1, last=min(7, count), total=count) in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_places_of_a_category(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    await hand.tap("module.leisure", "places.title", "list.filters")
    filters = hand.seen()
    name = {"kk": "Саябақтар"}.get(language, "Парки")
    caption = hand.t("filter.places.category")
    await hand.tap(caption[0].upper() + caption[1:])
    assert hand.t("form.type_to_find") in hand.text
    await hand.tap("nav.back")
    assert hand.seen() == filters
    await hand.tap(caption[0].upper() + caption[1:])
    await hand.say(name[:4].lower())
    assert [label for label in hand.labels if label == name] == [name]
    await hand.tap(name)
    assert hand.t("list.more", first=1, last=7) in hand.text
    assert {row(stage, "pl", number)["category_id"] for number in cards(hand)} == {1}
    assert name in hand.text.splitlines()[0]
    assert hand.sees(f"✕ {name}")
    await hand.tap("list.filters")
    assert hand.sees(f"● {name}")
    await hand.tap("choice.moderation_status.pending", "list.show")
    both = len(rows(stage, "pl", category_id=1, moderation_status="pending"))
    assert hand.t("list.of_total", first=1, last=min(7, both), total=both) in hand.text
    await hand.tap(f"✕ {name}")
    assert name not in hand.text.splitlines()[0]


async def test_a_category_beyond_one_digit_and_one_that_is_gone(stage: Stage):
    hand = await stage.hand("msb")
    view = Place(options=(0, 0, 0, 99), sort=0).pack()
    await hand.forge(Go(Press.LIST, "pl", view=view).pack())
    assert "#99" in hand.text.splitlines()[0]
    mine = rows(stage, "pl", category_id=99, admin_id=stage.crm.admin_id("msb"))
    assert (mine, cards(hand)) == ([], [])
    for arg in ("", "3-", "9", "_", "Z9", "0", "3zzzzzz", "3_1"):
        await hand.forge(Go(Press.CHOOSE, "pl", arg=arg).pack())
        assert hand.sees("nav.back")


# --- a new record, its dates, its photo --------------------------------------------------------------


async def test_msb_adds_a_place(stage: Stage):
    hand = await begin(stage, "pl", "msb")
    answers = ATTRACTION | {
        "category_id": "Парки",
        "price": "Тегін",
        "whatsapp_number": "8 701 000 00 00",
        "event_date": "25.12.2027 10:00",
        "status": "choice.places.status.active",
    }
    await fill(hand, CONTENT["pl"], answers, until="main_photo_url")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    await hand.tap("form.save")
    made = rows(stage, "pl")[-1]
    assert {name: made[name] for name in ATTRACTION} == ATTRACTION
    assert made["event_date"] == instant(2027, 12, 25, 10, 0)
    assert (made["category_id"], made["whatsapp_number"]) == (1, "+77010000000")
    assert (made["admin_id"], made["moderation_status"]) == (stage.crm.admin_id("msb"), "pending")
    assert made["main_photo_url"].startswith("/uploads/")
    assert hand.has_photo
    assert hand.t("created.pending") in hand.text
    bodies = [one.json for one in stage.writes()]
    assert [one.method for one in stage.writes()] == ["POST", "PUT"]
    assert bodies[1] == {"main_photo_url": made["main_photo_url"]}
    assert bodies[0].keys() == {
        *ATTRACTION,
        "category_id",
        "price",
        "whatsapp_number",
        "event_date",
        "status",
    }


@pytest.mark.parametrize("login", DECIDERS)
async def test_deciders_add_tickets_that_are_approved_at_once(stage: Stage, login: str):
    hand = await begin(stage, "tk", login)
    answers = ATTRACTION | {"event_date": "10.01.2028 19:30", "status": "choice.tickets.status.active"}
    await fill(hand, CONTENT["tk"], answers)
    await hand.tap("form.save")
    made = rows(stage, "tk")[-1]
    assert (made["event_date"], made["moderation_status"]) == (instant(2028, 1, 10, 19, 30), "approved")


@pytest.mark.parametrize("language", LOCALES)
async def test_q11_an_edited_date_is_the_instant_that_was_meant(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    record = rows(stage, "tk")[-1]
    await hand.open(record["id"], "tk")
    await hand.tap("card.edit", "tickets.field.event_date")
    await hand.say("10.01.2028 19:30")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert row(stage, "tk", record["id"])["event_date"] == instant(2028, 1, 10, 19, 30)
    assert [one.json for one in stage.writes()] == [{"event_date": "2028-01-10T14:30:00"}]
    assert "19:30" in hand.text


async def test_a_copy_of_past_tickets_lies_ahead(stage: Stage):
    hand = await stage.hand("administrator")
    record = rows(stage, "tk")[0]
    await hand.open(record["id"], "tk")
    await hand.tap("card.duplicate", "form.save")
    made = rows(stage, "tk")[-1]
    assert made["id"] != record["id"]
    assert made["title"] == " ".join(record["title"].split())
    assert (made["event_date"] - record["event_date"]).days % 7 == 0
    assert made["event_date"] > datetime.now(UTC).replace(tzinfo=None)


# --- edits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CONTENT)
async def test_q22_msb_is_warned_and_only_what_changed_is_sent(stage: Stage, code: str):
    hand = await stage.hand("msb")
    record, key = own(stage, code, moderation_status="approved"), CONTENT[code].key
    await hand.open(record["id"], code)
    await hand.tap("card.edit")
    assert hand.t("edit.remoderation") in hand.text
    await hand.tap(f"{key}.field.status")
    await hand.tap(f"choice.{key}.status.{'active' if record['status'] == 'inactive' else 'inactive'}")
    assert hand.t("edit.remoderation") not in hand.text
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert [list(one.json) for one in stage.writes()] == [["status"]]
    assert row(stage, code, record["id"])["moderation_status"] == "approved"
    await hand.tap("card.edit", f"{key}.field.title_ru")
    await hand.say("Другое название")
    assert hand.t("edit.remoderation") in hand.text
    await hand.tap("form.save")
    changed = row(stage, code, record["id"])
    assert (changed["moderation_status"], changed["title_ru"]) == ("pending", "Другое название")


async def test_a_new_main_photo_of_msbs_place_goes_back_to_moderation(stage: Stage):
    hand = await stage.hand("msb")
    record = own(stage, "pl", moderation_status="approved")
    await hand.open(record["id"], "pl")
    await hand.tap("card.edit", "places.field.main_photo_url")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    assert hand.t("edit.remoderation") in hand.text
    await hand.tap("form.save")
    changed = row(stage, "pl", record["id"])
    assert changed["moderation_status"] == "pending"
    assert changed["main_photo_url"].startswith("/uploads/documents/")


@pytest.mark.parametrize("login", DECIDERS)
async def test_deciders_rate_places(stage: Stage, login: str):
    hand = await stage.hand(login)
    await hand.open(5, "pl")
    await hand.tap("places.action.rate")
    await hand.say("10")
    assert hand.t("field.error.range", least="0", most="9.99") in hand.text
    await hand.say("4,5")
    await hand.tap("form.save")
    assert hand.toast == hand.t("places.done.rate")
    assert row(stage, "pl", 5)["rating"] == 4.5


async def test_q19_an_owner_does_not_rate_itself(stage: Stage):
    hand = await stage.hand("msb")
    record = own(stage, "pl")
    await hand.open(record["id"], "pl")
    assert not hand.sees("places.action.rate")
    stage.crm.clear_requests()
    await refused(stage, hand, Go(Press.DEED, "pl", record["id"], "rt"))
    assert stage.writes() == []


@pytest.mark.parametrize("login", ["msb", *DECIDERS])
async def test_a_delete_names_what_stays_behind(stage: Stage, login: str):
    hand = await stage.hand(login)
    place = own(stage, "pl") if login == "msb" else rows(stage, "pl")[20]
    owner = stage.crm.admin_id("msb")
    promo = [
        one
        for one in rows(stage, "pm", related_type="place", related_id=place["id"])
        if login != "msb" or one["admin_id"] == owner
    ]
    await hand.open(place["id"], "pl")
    await hand.tap("card.delete")
    if promo:
        assert hand.t("places.impact", n=len(promo), count=str(len(promo))) in hand.text
    await hand.tap("delete.confirm")
    assert row(stage, "pl", place["id"]) is None
    assert hand.t("done.deleted") == hand.toast


# --- statistics ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", READERS)
async def test_statistics(stage: Stage, login: str):
    hand = await stage.hand(login)
    await hand.tap("module.leisure", "places.title")
    place = hand.seen()
    await hand.tap("places.action.statistics")
    active = len(rows(stage, "pl", status="active"))
    total = len(rows(stage, "pl"))
    assert hand.t("places.stats.places", active=str(active), total=str(total)) in hand.text
    assert len(cards(hand)) == (0 if login == "msb" else 5)
    await hand.tap("nav.back")
    assert hand.seen() == place
