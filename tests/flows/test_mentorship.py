"""From a mentee who waits to a pair that knows: suggestions, reasons, a choice by hand, and what stands in the way."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from keyboards.callbacks import Go, Press, to_base36
from sandbox.crm.groups.community.tables import BarRow, MemberRow, PairRow
from services.audit import Audit
from services.redis_client import open_redis
from services.tellings import Line
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.test_access import keyed
from tests.support import community
from tests.support.stage import until

PAIRS = "/mentorship/pairs$"


def active(stage: Stage) -> dict[int, int]:
    """Mentee -> mentor of the pairs that work together."""
    return {
        row["mentee_id"]: row["mentor_id"] for row in stage.crm.rows(PairRow) if row["status"] == "active"
    }


def row(stage: Stage, member_id: int) -> dict[str, Any]:
    return next(one for one in stage.crm.rows(MemberRow) if one["id"] == member_id)


def waiting(stage: Stage) -> int:
    """A mentee without a mentor."""
    taken = active(stage)
    return next(
        one["id"]
        for one in stage.crm.rows(MemberRow)
        if one["mentorship_role"] == "mentee" and one["status"] == "approved" and one["id"] not in taken
    )


def mentors(stage: Stage, *, free: bool = True) -> list[int]:
    """Approved mentors with room, or without any."""
    taken = list(active(stage).values())
    return [
        one["id"]
        for one in stage.crm.rows(MemberRow)
        if one["mentorship_role"] == "mentor"
        and one["status"] == "approved"
        and (one["mentorship_capacity"] > taken.count(one["id"])) == free
    ]


def fitting(stage: Stage, mentee: int, mentor: int) -> None:
    """Makes the two fit better than any others."""
    shared = {
        "mentorship_topics": ["Право", "IT"],
        "mentorship_languages": ["ru"],
        "city": "Астана",
        "segment": "npo",
    }
    for one in (mentee, mentor):
        community.change(stage.crm, one, **shared)


async def card(stage: Stage, mentee: int, role: str = "administrator", **who: Any) -> Hand:
    hand = await stage.hand(role, **who)
    return await hand.open(mentee, "mn")


def best(stage: Stage) -> tuple[int, int]:
    """A mentee and the mentor that fits best, by id."""
    mentee, mentor = waiting(stage), mentors(stage)[0]
    fitting(stage, mentee, mentor)
    return mentee, mentor


async def test_the_best_three_are_suggested_with_their_reasons(stage: Stage):
    mentee, mentor = best(stage)
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions")
    for part in ("1. ", "2. ", "3. ", "%", "▓"):
        assert part in hand.text
    assert "4. " not in hand.text
    first = hand.text.partition("2. ")[0]
    assert community.name_of(stage.crm, mentor) in first
    for reason, params in (
        ("topics", {"names": "IT, Право"}), ("language", {"names": hand.t("choice.members_language.ru")}),
        ("city", {"name": "Астана"}), ("segment", {"name": hand.t("choice.members_segment.npo")}),
    ):  # fmt: skip
        assert hand.t(f"mentorship.reason.{reason}", **params) in first, reason
    assert "✗ " in hand.text
    await hand.tap("👤 1.")
    assert community.name_of(stage.crm, mentor) in hand.text
    assert hand.t("mentors.field.free") in hand.text


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_pairing_tells_both_and_the_card_says_so(stage: Stage, language: str):
    mentee, mentor = best(stage)
    chats = [
        community.with_chat(stage.crm, stage.telegram, one, language=language) for one in (mentor, mentee)
    ]
    hand = await stage.hand("administrator", language)
    await hand.open(mentee, "mn")
    await hand.tap("mentees.action.suggestions", "🤝 1.")
    assert community.name_of(stage.crm, mentor) in hand.text
    assert hand.t("mentorship.reason.city", name="Астана") in hand.text
    assert stage.writes() == []
    await hand.tap("mentorship.pair_now")
    assert hand.toast == hand.t("mentorship.paired")
    assert active(stage)[mentee] == mentor
    for chat, side, other in ((chats[0], "mentor", mentee), (chats[1], "mentee", mentor)):
        await until(partial(getattr, chat, "bot_messages"))
        (message,) = chat.bot_messages
        assert hand.t(f"tell.{side}.head") in message.text
        assert community.name_of(stage.crm, other) in message.text
    (pair,) = [
        one for one in stage.crm.rows(PairRow) if one["mentee_id"] == mentee and one["status"] == "active"
    ]
    found = await community.over(stage.redis_url, "pair", pair["id"])
    assert found.members(Line.SENT) == sorted((mentee, mentor))
    await until(
        lambda: next(one for one in stage.crm.rows(PairRow) if one["id"] == pair["id"])["notified_at"]
    )
    messages = len(hand.person.bot_messages)
    await hand.open(pair["id"], "mp")
    assert hand.t("tellings.mark.done") in hand.text
    assert hand.t("mentor_pairs.untold") not in hand.text
    assert messages == 1, "whoever paired them is told of nothing but trouble"
    client = open_redis(stage.redis_url)
    (entry,) = [one for one in (await Audit(client).page()).entries if one.resource == "mentor_pairs"]
    await client.aclose()
    assert (entry.op, entry.record_id) == ("create", pair["id"])


async def test_who_could_not_be_told_stands_on_the_card(stage: Stage):
    mentee, mentor = best(stage)
    community.change(stage.crm, mentor, channel="telegram", telegram_user_id=None)
    blocked = community.with_chat(stage.crm, stage.telegram, mentee)
    blocked.block()
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions", "🤝 1.", "mentorship.pair_now")
    await until(lambda: "Blocked the bot: 1" in hand.text)
    assert "No way to be told: 1" in hand.text
    await hand.tap("nav.back")
    assert "blocked the bot: 1" in hand.text
    assert "no way to tell: 1" in hand.text
    community.with_chat(stage.crm, stage.telegram, mentor)
    blocked.chat.blocked = False
    await hand.tap("mentor_pairs.action.telling", "🔁")
    pair = next(
        one for one in stage.crm.rows(PairRow) if one["mentee_id"] == mentee and one["status"] == "active"
    )
    found = await community.over(stage.redis_url, "pair", pair["id"])
    assert found.members(Line.SENT) == sorted((mentee, mentor))


async def test_a_pair_that_nobody_told_is_told_by_a_press(stage: Stage):
    pair = next(
        one for one in stage.crm.rows(PairRow) if one["status"] == "active" and one["notified_at"] is None
    )
    chats = [
        community.with_chat(stage.crm, stage.telegram, pair[side]) for side in ("mentor_id", "mentee_id")
    ]
    hand = await stage.hand("administrator")
    await hand.open(pair["id"], "mp")
    assert hand.t("mentor_pairs.untold") in hand.text
    await hand.tap("mentor_pairs.action.telling")
    assert hand.t("tellings.before", n=2, count="2") in hand.text
    assert not any(one.bot_messages for one in chats)
    data, message = hand.data("tellings.now"), hand.screen.id
    for _ in range(3):
        await hand.person.press(data, message, settle=True)
    await community.over(stage.redis_url, "pair", pair["id"])
    assert [len(one.bot_messages) for one in chats] == [1, 1]
    await hand.open(pair["id"], "mp")
    assert hand.t("tellings.mark.done") in hand.text
    reader = await stage.hand("government", name="Gul", user_id=2004)
    await reader.open(pair["id"], "mp")
    await reader.tap("mentor_pairs.action.telling")
    assert reader.t("tellings.done") in reader.text


async def test_a_mentor_is_chosen_by_hand_by_typing(stage: Stage):
    mentee = waiting(stage)
    mentor = mentors(stage)[-1]
    full = mentors(stage, free=False)[0]
    community.change(stage.crm, mentor, full_name="Ёлка Тестова")
    community.change(stage.crm, full, full_name="Тестова Занятая")
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions", "mentees.action.choose")
    assert hand.t("mentor_pairs.hint.mentor_id").split(".")[0] in hand.text
    await hand.say("тестова")
    assert hand.sees("Ёлка Тестова")
    assert not hand.sees("Тестова Занятая")
    await hand.tap("Ёлка Тестова")
    assert "Ёлка Тестова" in hand.text
    assert "%" in hand.text
    assert stage.writes() == []
    await hand.tap("mentorship.pair_now")
    assert active(stage)[mentee] == mentor
    assert hand.t("mentor_pairs.title") not in hand.text
    await hand.say("/drafts")
    assert not hand.sees("mentor_pairs.one")


async def test_both_are_chosen_by_hand_from_the_list_of_pairs(stage: Stage):
    hand = await stage.hand("administrator")
    await (await hand.say("/menu")).tap("module.community", "mentor_pairs.title", "list.new")
    mentee = waiting(stage)
    community.change(stage.crm, mentee, full_name="Айша Күткен")
    mentor = mentors(stage)[0]
    community.change(stage.crm, mentor, full_name="Тәлім Гер")
    await hand.say("айша")
    await hand.tap("Айша Күткен")
    await hand.say("тәлім")
    await hand.tap("Тәлім Гер")
    await hand.tap("mentorship.pair_now")
    assert active(stage)[mentee] == mentor


async def test_never_this_pair_asks_and_bars_them(stage: Stage):
    mentee, mentor = best(stage)
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions", "🤝 1.", "mentorship.never")
    assert stage.writes() == []
    name = community.name_of(stage.crm, mentor)
    assert name in hand.text
    await hand.tap("form.save")
    two = (min(mentee, mentor), max(mentee, mentor))
    assert two in {(one["a_id"], one["b_id"]) for one in stage.crm.rows(BarRow)}
    await hand.open(mentee, "mn")
    await hand.tap("mentees.action.suggestions")
    assert name not in hand.text
    await hand.forge(Go(Press.ACTION, "mn", mentee, f"su{to_base36(mentor)}").pack())
    assert hand.t("mentorship.barred") in hand.text
    assert not hand.sees("mentorship.pair_now")


# --- what stands in the way -------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["taken", "full", "barred"])
async def test_what_changed_meanwhile_is_said_in_words_over_the_fresh_state(stage: Stage, why: str):
    mentee, mentor = best(stage)
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions", "🤝 1.")
    with stage.crm.room.db.session() as session:
        if why == "taken":
            session.add(
                PairRow(mentor_id=mentors(stage)[-1], mentee_id=mentee, created_by=1, status="active")
            )
        elif why == "full":
            community.change(stage.crm, mentor, mentorship_capacity=0)
        else:
            session.add(BarRow(a_id=min(mentee, mentor), b_id=max(mentee, mentor), created_by=1))
    before = active(stage)
    await hand.tap("mentorship.pair_now")
    assert hand.t(f"mentorship.{why}") in hand.text
    assert hand.toast == hand.t("mentorship.not_paired")
    assert not hand.sees("mentorship.pair_now")
    assert active(stage) == before


async def test_two_admins_press_at_once_and_there_is_one_pair(stage: Stage):
    mentee, mentor = best(stage)
    hands = [
        await card(stage, mentee),
        await card(stage, mentee, "super_admin", name="Serik", user_id=2002),
    ]
    for hand in hands:
        await hand.tap("mentees.action.suggestions", "🤝 1.")
    for hand in hands:
        await hand.tap("mentorship.pair_now")
    assert active(stage)[mentee] == mentor
    assert (
        len(
            [
                one
                for one in stage.crm.rows(PairRow)
                if one["mentee_id"] == mentee and one["status"] == "active"
            ]
        )
        == 1
    )
    assert hands[1].t("mentorship.taken") in hands[1].text
    assert hands[1].sees(community.name_of(stage.crm, mentor))


async def test_a_double_tap_makes_one_pair_and_shows_it(stage: Stage):
    mentee, mentor = best(stage)
    for one in (mentee, mentor):
        community.with_chat(stage.crm, stage.telegram, one)
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions", "🤝 1.")
    data, message = hand.data("mentorship.pair_now"), hand.screen.id
    for _ in range(3):
        await hand.person.press(data, message, settle=True)
    assert len(stage.crm.requests_to(PAIRS, "POST")) == 1
    assert hand.sees("mentor_pairs.action.end")


async def test_a_lost_answer_is_found_again(stage: Stage):
    mentee, mentor = best(stage)
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions", "🤝 1.")
    stage.crm.faults.add("reset", PAIRS, method="POST", after=True, times=1)
    await hand.tap("mentorship.pair_now")
    assert active(stage)[mentee] == mentor
    assert hand.toast == hand.t("mentorship.paired")
    assert len(stage.crm.requests_to(PAIRS, "POST")) == 1


async def test_a_mentee_who_has_a_mentor_is_led_to_the_pair(stage: Stage):
    mentee, mentor = next(iter(active(stage).items()))
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions")
    assert hand.t("mentees.has_mentor").removeprefix("🤝 ") in hand.text
    await hand.tap(f"🤝 {community.name_of(stage.crm, mentor)}")
    assert hand.sees("mentor_pairs.action.end")


# --- who may ----------------------------------------------------------------------------------------------


async def test_government_reads_the_reasons_and_pairs_nobody(stage: Stage):
    mentee, mentor = best(stage)
    hand = await (await card(stage, mentee, "government")).tap("mentees.action.suggestions")
    assert "▓" in hand.text
    assert not hand.sees("🤝 1.")
    assert not hand.sees("mentees.action.choose")
    await hand.forge(Go(Press.ACTION, "mn", mentee, f"su{to_base36(mentor)}").pack())
    assert not hand.sees("mentorship.pair_now")
    assert not hand.sees("mentorship.never")


@pytest.mark.parametrize("role", ["government", "npo", "msb", "volunteer_admin", "client"])
async def test_forged_presses_write_nothing(stage: Stage, role: str):
    mentee, mentor = best(stage)
    pair = next(one["id"] for one in stage.crm.rows(PairRow) if one["notified_at"] is None)
    hand = await stage.hand(role)
    stage.crm.clear_requests()
    for go in (
        Go(Press.PAIR_NOW, "mp", mentee, to_base36(mentor)),
        Go(Press.ACTION, "mn", mentee, f"sun-{to_base36(mentor)}"),
        Go(Press.ACTION, "mn", mentee, "ch"),
        Go(Press.CREATE, "mp"),
        Go(Press.TELL_NOW, id=pair, arg="p"),
    ):
        await hand.forge(keyed(stage, hand, go))
        await hand.forge(go.pack())
    assert [one for one in stage.writes() if "community" in one.path] == []


async def test_looking_on_shows_the_reasons_and_begins_nothing(stage: Stage):
    mentee, mentor = best(stage)
    hand = await stage.hand("super_admin")
    await (await hand.say("/menu")).tap("office.title", "look.title", "role.administrator")
    await hand.open(mentee, "mn")
    await hand.tap("mentees.action.suggestions", "🤝 1.")
    assert community.name_of(stage.crm, mentor) in hand.text
    for go in (Go(Press.PAIR_NOW, "mp", mentee, to_base36(mentor)), Go(Press.ACTION, "mn", mentee, "ch")):
        await hand.forge(keyed(stage, hand, go))
    await hand.forge(Go(Press.ACTION, "mn", mentee, f"sun-{to_base36(mentor)}").pack())
    assert stage.writes() == []
    await hand.say("/drafts")
    assert not hand.sees("mentor_pairs.one")


async def test_a_key_of_another_two_pairs_nobody(stage: Stage):
    mentee, mentor = best(stage)
    hand = await (await card(stage, mentee)).tap("mentees.action.suggestions", "🤝 1.")
    drawn = Go.unpack(hand.data("mentorship.pair_now"))
    assert drawn is not None
    other = Go(drawn.op, drawn.res, drawn.id, to_base36(mentors(stage)[-1]), drawn.view, drawn.key)
    await hand.forge(other.pack())
    assert mentee not in active(stage)
    assert mentor


async def test_nobody_is_told_by_a_button_that_was_not_drawn(stage: Stage):
    pair = next(
        one for one in stage.crm.rows(PairRow) if one["status"] == "active" and one["notified_at"] is None
    )
    hand = await stage.hand("administrator")
    await hand.forge(Go(Press.TELL_NOW, id=pair["id"], arg="p").pack())
    await hand.forge(Go(Press.TELL_NOW, id=pair["id"], arg="p", key="A" * 14).pack())
    await hand.open(pair["id"], "mp")
    assert hand.t("mentor_pairs.untold") in hand.text
    assert hand.t("tellings.mark.open") not in hand.text
    assert not stage.crm.requests_to("/notified$")
