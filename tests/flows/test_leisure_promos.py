"""Promo actions: what they are for, and when."""

from __future__ import annotations

import pytest

from keyboards.callbacks import Go, Press, to_base36
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.leisure_hand import CONTENT, DECIDERS, TABLES, foreign, instant, own, row, rows, title_of
from tests.matrix.strict import LOCALES

PROMOS = CONTENT["pm"]
VALUES = {
    "title": "Студенттерге жеңілдік",
    "title_ru": "Скидка студентам",
    "description": "Сипаттама",
    "description_ru": "Описание",
    "discount_text": "-30%",
    "promo_code": "TABYS30",
}
REST = VALUES | {
    "start_date": "01.12.2027 10:00",
    "end_date": "31.12.2027 22:00",
    "status": "choice.promos.status.active",
}


async def begin(stage: Stage, login: str, language: str = "en") -> Hand:
    hand = await stage.hand(login, language)
    await hand.tap("module.leisure", "promos.title", "list.new")
    stage.crm.clear_requests()
    return hand


def options(hand: Hand) -> list[int]:
    """Ids of the places or tickets that the step offers."""
    code = PROMOS.by_name["related_id"].code
    goes = [Go.unpack(button["callback_data"]) for line in hand.screen.keyboard for button in line]
    return [int(go.arg[3:], 36) for go in goes if go and go.op == Press.VALUE and go.arg.startswith(code)]


async def fill_rest(hand: Hand, answers: dict[str, str]) -> None:
    """Everything behind what the promo is for."""
    for name in PROMOS.form[2:]:
        assert hand.t(f"promos.field.{name}") in hand.text, hand.text
        value = answers.get(name, "form.skip")
        await (hand.tap(value) if hand.sees(value) else hand.say(value))


@pytest.mark.parametrize(("kind", "code"), [("place", "pl"), ("ticket", "tk")])
async def test_msb_promotes_its_own_place_or_ticket(stage: Stage, kind: str, code: str):
    hand = await begin(stage, "msb")
    await hand.tap(f"choice.promos.related_type.{kind}")
    offered = options(hand)
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        offered += options(hand)
    mine = {one["id"] for one in rows(stage, code, admin_id=stage.crm.admin_id("msb"))}
    assert set(offered) == mine
    chosen = row(stage, code, offered[-1])
    await hand.tap(title_of(chosen)[:50])
    await fill_rest(hand, REST)
    await hand.tap("form.save")
    made = rows(stage, "pm")[-1]
    assert {name: made[name] for name in VALUES} == VALUES
    assert (made["related_type"], made["related_id"] in mine) == (kind, True)
    assert (made["start_date"], made["end_date"]) == (
        instant(2027, 12, 1, 10, 0),
        instant(2027, 12, 31, 22, 0),
    )
    assert (made["moderation_status"], made["admin_id"]) == ("pending", stage.crm.admin_id("msb"))
    assert title_of(row(stage, code, made["related_id"])) in " ".join(hand.text.split())


async def test_a_forged_choice_of_anothers_place_is_not_taken(stage: Stage):
    hand = await begin(stage, "msb")
    await hand.tap("choice.promos.related_type.place")
    address = Go.unpack(next(button["callback_data"] for line in hand.screen.keyboard for button in line))
    code, other = PROMOS.by_name["related_id"].code, foreign(stage, "pl")
    await hand.forge(Go(Press.VALUE, "pm", 0, f"{code}{to_base36(other['id'])}", address.view).pack())
    assert hand.t("promos.hint.related_id") in hand.text
    assert title_of(other) not in hand.text


async def test_a_search_finds_what_the_promo_is_for(stage: Stage):
    hand = await begin(stage, "administrator")
    await hand.tap("choice.promos.related_type.place")
    await hand.say("планетарий")
    assert options(hand)
    assert all("ланетар" in label for label in hand.labels[: len(options(hand))])


async def test_what_went_away_meanwhile_is_not_promoted_and_the_form_is_kept(stage: Stage):
    hand = await begin(stage, "administrator")
    await hand.tap("choice.promos.related_type.place")
    place = options(hand)[0]
    await hand.tap(hand.labels[0])
    await fill_rest(hand, REST)
    with stage.crm.room.db.session() as session:
        session.delete(session.get_one(TABLES["pl"], place))
    await hand.tap("form.save")
    assert hand.t("promos.unrelated") in hand.text
    assert stage.writes() == []
    await hand.say("/drafts")
    assert hand.t("drafts.some") in hand.text


async def test_another_kind_forgets_what_was_picked(stage: Stage):
    hand = await begin(stage, "administrator")
    await hand.tap("choice.promos.related_type.place")
    place = row(stage, "pl", options(hand)[0])
    await hand.tap(hand.labels[0])
    await fill_rest(hand, REST)
    assert title_of(place)[:40] in " ".join(hand.text.split())
    await hand.tap("promos.field.related_type", "choice.promos.related_type.ticket")
    assert hand.t("form.missing") in hand.text
    assert title_of(place)[:40] not in " ".join(hand.text.split())
    assert not hand.sees("form.save")


@pytest.mark.parametrize("language", LOCALES)
async def test_a_promo_ends_after_it_begins(stage: Stage, language: str):
    hand = await begin(stage, "administrator", language)
    await hand.tap("choice.promos.related_type.place")
    await hand.tap(hand.labels[0])
    await fill_rest(hand, REST | {"end_date": "01.12.2027 09:00"})
    await hand.tap("form.save")
    assert hand.t("promos.check.dates") in hand.text
    assert stage.writes() == []
    await hand.say("01.12.2027 11:00")
    await hand.tap("form.save")
    assert rows(stage, "pm")[-1]["end_date"] == instant(2027, 12, 1, 11, 0)


async def test_q11_an_edited_end_is_checked_against_the_stored_beginning(stage: Stage):
    hand = await stage.hand("administrator")
    promo = rows(stage, "pm")[-1]
    await hand.open(promo["id"], "pm")
    await hand.tap("card.edit", "promos.field.end_date")
    await hand.say("01.01.2020 10:00")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("promos.check.dates") in hand.text
    assert stage.writes() == []
    await hand.say("01.01.2030 10:00")
    await hand.tap("form.save")
    assert row(stage, "pm", promo["id"])["end_date"] == instant(2030, 1, 1, 10, 0)
    assert [one.json for one in stage.writes()] == [{"end_date": "2030-01-01T05:00:00"}]


@pytest.mark.parametrize("login", DECIDERS)
async def test_what_a_promo_is_for_can_be_changed_within_its_kind(stage: Stage, login: str):
    hand = await stage.hand(login)
    promo = rows(stage, "pm", related_type="ticket")[-1]
    await hand.open(promo["id"], "pm")
    await hand.tap("card.edit")
    assert not hand.sees("promos.field.related_type")
    await hand.tap("promos.field.related_id")
    ticket = next(number for number in options(hand) if number != promo["related_id"])
    assert row(stage, "tk", ticket)
    await hand.tap(hand.labels[options(hand).index(ticket)])
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert row(stage, "pm", promo["id"])["related_id"] == ticket
    assert [one.json for one in stage.writes()] == [{"related_id": ticket}]


async def test_a_promo_of_what_is_gone_still_opens(stage: Stage):
    hand = await stage.hand("government")
    promo = rows(stage, "pm", related_id=9000)[0]
    await hand.open(promo["id"], "pm")
    assert "#9000" in hand.text


async def test_q8_promo_is_searched_by_the_bot(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap("module.leisure", "promos.title")
    stage.crm.clear_requests()
    await hand.say("утренний")
    count = len([one for one in rows(stage, "pm") if "Утренний" in one["title_ru"]])
    assert hand.t("list.of_total", first=1, last=min(7, count), total=count) in hand.text
    assert all("search" not in one.query for one in stage.crm.requests)


async def test_a_copy_follows_the_first_one(stage: Stage):
    hand = await stage.hand("msb")
    promo = own(stage, "pm", related_type="place")
    mine = own(stage, "pl")
    await hand.open(promo["id"], "pm")
    await hand.tap("card.duplicate", "promos.field.related_id")
    await hand.tap(
        hand.labels[options(hand).index(mine["id"])] if mine["id"] in options(hand) else hand.labels[0]
    )
    await hand.tap("form.save")
    made = rows(stage, "pm")[-1]
    assert made["id"] != promo["id"]
    assert made["start_date"] >= promo["end_date"]
    assert made["end_date"] - made["start_date"] == promo["end_date"] - promo["start_date"]
