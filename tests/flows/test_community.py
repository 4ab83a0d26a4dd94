"""The community: who may what, members from registration to block, the boards, pairs and bars, and a CRM without it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import redis as redis_sync

from keyboards.callbacks import Go, Press
from sandbox.crm import CrmServer
from sandbox.crm.groups.community.tables import BarRow, MemberRow, PairRow
from sandbox.telegram import TelegramServer
from tests.flows.conftest import TOKEN, Stage
from tests.flows.hand import Hand
from tests.matrix.test_access import keyed

READERS = ("government", "administrator", "super_admin")
WRITERS = ("administrator", "super_admin")
STRANGERS = ("npo", "msb", "volunteer_admin", "client")
LISTS = {"members": "mb", "mentors": "mt", "mentees": "mn", "mentor_pairs": "mp", "match_bars": "mx"}
DEEDS = ("approve", "reject", "block", "unblock")
WRITES = (
    (Press.DEED_NOW, "mb", "ap"), (Press.DEED, "mb", "rj"), (Press.DEED, "mb", "bl"), (Press.DEED_NOW, "mb", "ub"),
    (Press.EDIT, "mb", ""), (Press.DELETE_NOW, "mb", ""), (Press.DEED, "mp", "en"), (Press.CREATE, "mx", ""),
    (Press.DELETE_NOW, "mx", ""),
)  # fmt: skip
"""Every way to change something, as its button's address says it."""
COMMUNITY = "/community/"


def members(stage: Stage, **wanted: Any) -> list[dict[str, Any]]:
    """The members with these values as the CRM has them now, newest last."""
    rows = stage.crm.rows(MemberRow)
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def member(stage: Stage, member_id: int) -> dict[str, Any]:
    return next(row for row in stage.crm.rows(MemberRow) if row["id"] == member_id)


def written(stage: Stage) -> list[str]:
    return [f"{one.method} {one.path}" for one in stage.writes() if COMMUNITY in one.path]


async def opened(hand: Hand, key: str) -> Hand:
    return await (await hand.say("/menu")).tap("module.community", f"{key}.title")


# --- who may what -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", READERS)
async def test_who_may_read_sees_all_lists_and_their_cards(stage: Stage, role: str):
    hand = await stage.hand(role)
    for key in LISTS:
        await opened(hand, key)
        assert hand.t(f"{key}.title") in hand.text
        assert hand.sees("list.new") == (key in ("match_bars", "mentor_pairs") and role in WRITERS)
        await hand.tap(hand.labels[0])
        assert hand.sees("card.edit") == (key == "members" and role in WRITERS)
        assert hand.sees("card.delete") == (key in ("members", "match_bars") and role in WRITERS)
        assert hand.sees("mentor_pairs.action.end") == (key == "mentor_pairs" and role in WRITERS)
        await hand.tap("nav.back")
        assert hand.t(f"{key}.title") in hand.text


async def test_government_decides_nothing(stage: Stage):
    hand = await stage.hand("government")
    for status in ("pending", "approved", "blocked"):
        await hand.open(members(stage, status=status)[-1]["id"], "mb")
        assert not any(hand.sees(f"members.action.{deed}") for deed in DEEDS), status


@pytest.mark.parametrize("role", STRANGERS)
async def test_others_see_nothing_of_it(stage: Stage, role: str):
    hand = await stage.hand(role)
    assert not hand.sees("module.community")
    stage.crm.clear_requests()
    for code in LISTS.values():
        for press in (Press.LIST, Press.CARD):
            await hand.forge(Go(press, code, 1 if press == Press.CARD else 0).pack())
    await hand.forge(Go(Press.TOOL, "mb", arg="ov").pack())
    await hand.forge(Go(Press.ACTION, "mb", 1, "tw").pack())
    assert not stage.crm.requests_to(COMMUNITY)


@pytest.mark.parametrize("role", ["government", *STRANGERS])
async def test_forged_writes_are_refused(stage: Stage, role: str):
    hand = await stage.hand(role)
    stage.crm.clear_requests()
    for press, code, arg in WRITES:
        go = Go(press, code, 0 if press == Press.CREATE else 1, arg)
        said = await hand.forge(
            keyed(stage, hand, go) if press in (Press.DEED_NOW, Press.DELETE_NOW) else go.pack()
        )
        # A press that takes long is answered without a word.
        assert said in (hand.t("error.forbidden_toast"), ""), (press, code, arg)
    assert written(stage) == []


# --- members ----------------------------------------------------------------------------------------------


async def test_members_are_narrowed_by_what_they_are(stage: Stage):
    hand = await opened(await stage.hand("administrator"), "members")
    assert "of 400" in hand.text
    for option, wanted in (
        ("choice.members_status.blocked", {"status": "blocked"}),
        ("choice.members_segment.npo", {"segment": "npo"}),
        ("choice.members_level.expert", {"level": "expert"}),
        ("choice.members_role.mentor", {"mentorship_role": "mentor"}),
        ("choice.members_coffee.yes", {"coffee_enabled": True}),
    ):
        await opened(hand, "members")
        await hand.tap("list.filters", option, "list.show")
        assert f"of {len(members(stage, **wanted))}" in hand.text, option
    await opened(hand, "members")
    await hand.tap("list.filters", "City: …")
    await hand.say("қарағ")
    await hand.tap("Қарағанды")
    assert "Қарағанды" in hand.text
    assert f"of {len(members(stage, city='Қарағанды'))}" in hand.text
    await hand.tap("✕ Қарағанды")
    assert "of 400" in hand.text


async def test_members_are_found_by_typing_in_any_spelling(stage: Stage):
    hand = await opened(await stage.hand("administrator"), "members")
    await hand.say("наталья семенова")
    assert hand.sees("Наталья Семёнова")
    await opened(hand, "members")
    await hand.say("member7@example.com")
    assert hand.sees(member(stage, 7)["full_name"])


async def test_a_member_is_approved_and_everybody_sees_by_whom(stage: Stage):
    waiting = members(stage, status="pending")[5]
    hand = await stage.hand("administrator")
    await hand.open(waiting["id"], "mb")
    assert hand.t("choice.moderation_status.pending") in hand.text
    await hand.tap("members.action.approve")
    assert hand.toast == hand.t("members.done.approve")
    assert member(stage, waiting["id"])["status"] == "approved"
    assert hand.t("stamp.you") in hand.text
    assert not hand.sees("members.action.approve")
    other = await stage.hand("super_admin", name="Serik", user_id=2002)
    await other.open(waiting["id"], "mb")
    assert stage.crm.admin("administrator").name in other.text
    assert written(stage) == [f"POST /api/v2/community/members/{waiting['id']}/approve"]


async def test_who_presses_second_does_nothing(stage: Stage):
    waiting = members(stage, status="pending")[5]["id"]
    hand, other = (
        await stage.hand("administrator"),
        await stage.hand("super_admin", name="Serik", user_id=2002),
    )
    for one in (hand, other):
        await one.open(waiting, "mb")
    await hand.tap("members.action.approve")
    await other.tap("members.action.approve")
    assert other.toast == other.t("deed.not_now")
    assert member(stage, waiting)["decided_by"] == stage.crm.admin_id("administrator")
    assert len(written(stage)) == 1


async def test_a_member_is_rejected_with_a_reason(stage: Stage):
    waiting = members(stage, status="pending")[5]["id"]
    hand = await stage.hand("administrator")
    await hand.open(waiting, "mb")
    await hand.tap("members.action.reject")
    await hand.say("Укажите <b>полное</b> имя & город")
    await hand.tap("form.send" if hand.sees("form.send") else hand.labels[0])
    found = member(stage, waiting)
    assert (found["status"], found["reject_reason"]) == ("rejected", "Укажите <b>полное</b> имя & город")
    assert "Укажите <b>полное</b> имя & город" in hand.text


async def test_block_and_unblock(stage: Stage):
    known = members(stage, status="approved")[3]["id"]
    hand = await stage.hand("super_admin")
    await hand.open(known, "mb")
    await hand.tap("members.action.block")
    await hand.say("Спам")
    await hand.tap(hand.labels[0])
    assert member(stage, known)["status"] == "blocked"
    assert hand.t("choice.members_status.blocked") in hand.text
    assert not hand.sees("members.action.block")
    await hand.tap("members.action.unblock")
    assert member(stage, known)["status"] == "approved"
    assert hand.toast == hand.t("members.done.unblock")


@pytest.mark.parametrize(
    ("field", "typed", "column", "value"),
    [
        ("city", "Шымкент", "city", "Шымкент"),
        ("mentorship_topics", "IT, Қаржы ,IT", "mentorship_topics", ["IT", "Қаржы"]),
        ("mentorship_languages", "kazakh, ru", "mentorship_languages", ["kk", "ru"]),
        ("mentorship_capacity", "4", "mentorship_capacity", 4),
        ("coffee_enabled", "yes", "coffee_enabled", True),
        ("channel", "E-mail", "channel", "email"),
    ],
)
async def test_a_field_is_edited_in_the_version_that_was_seen(
    stage: Stage, field: str, typed: str, column: str, value: Any
):
    known = members(stage, status="approved", mentorship_role="none", coffee_enabled=False)[0]
    hand = await stage.hand("administrator")
    await hand.open(known["id"], "mb")
    await hand.tap("card.edit", f"members.field.{field}")
    await hand.say(typed)
    await hand.tap("form.save")
    assert member(stage, known["id"])[column] == value
    [sent] = [one for one in stage.writes() if COMMUNITY in one.path]
    assert sent.method == "PATCH"
    assert sent.headers["if-match"] == str(known["version"])
    assert sent.headers["idempotency-key"]
    assert member(stage, known["id"])["version"] == known["version"] + 1


async def test_what_changed_meanwhile_is_not_overwritten(stage: Stage):
    known = members(stage, status="approved")[4]
    hand = await stage.hand("administrator")
    await hand.open(known["id"], "mb")
    await hand.tap("card.edit", "members.field.city")
    await hand.say("Шымкент")
    # Another field changes between the bot's look and its write: only the version tells.
    stage.crm.faults.add("status", r"/community/members/\d+$", method="PATCH", status=412, times=1)
    await hand.tap("form.save")
    assert hand.t("edit.changed_meanwhile") in hand.text
    assert member(stage, known["id"])["city"] == known["city"]
    await hand.tap("form.save")
    assert member(stage, known["id"])["city"] == "Шымкент"


async def test_an_answer_that_was_lost_is_not_sent_again(stage: Stage):
    waiting = members(stage, status="pending")[5]["id"]
    hand = await stage.hand("administrator")
    await hand.open(waiting, "mb")
    stage.crm.faults.add("reset", r"/approve$", after=True, times=1)
    await hand.tap("members.action.approve")
    assert hand.toast == hand.t("members.done.approve")
    assert len(written(stage)) == 1


async def test_who_may_be_there_twice_is_hinted_and_listed(stage: Stage):
    again = next(row for row in members(stage, status="pending") if row["full_name"] == "Айгерим Сапарова")
    hand = await stage.hand("government")
    await hand.open(again["id"], "mb")
    first = next(row for row in members(stage) if row["full_name"] == "Айгерім Сапарова")
    assert "Айгерім Сапарова" in hand.text
    assert hand.t("members.same_email") in hand.text
    await hand.tap("members.action.twins", "Айгерім Сапарова")
    assert hand.text.splitlines()[2].endswith("Айгерім Сапарова") or "Айгерім Сапарова" in hand.text
    assert first["city"] is None or first["city"] in hand.text
    await hand.open(members(stage, status="approved")[0]["id"], "mb")
    await hand.tap("members.action.twins")


async def test_a_hint_that_cannot_be_had_costs_nobody_the_card(stage: Stage):
    again = next(row for row in members(stage, status="pending") if row["full_name"] == "Айгерим Сапарова")
    hand = await stage.hand("government")
    stage.crm.faults.add("status", r"/community/members$", status=500)
    await hand.open(again["id"], "mb")
    assert "Айгерим Сапарова" in hand.text
    assert hand.sees("members.action.twins")


async def test_erasing_says_what_goes_and_asks(stage: Stage):
    known = members(stage, status="approved")[4]["id"]
    hand = await stage.hand("administrator")
    await hand.open(known, "mb")
    await hand.tap("card.delete")
    assert hand.t("members.impact") in hand.text
    await hand.tap("delete.confirm")
    assert member(stage, known)["erased_at"] is not None


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_statistics_by_period(stage: Stage, language: str):
    hand = await opened(await stage.hand("government", language), "members")
    await hand.tap("members.action.overview")
    assert f"{hand.t('choice.members_status.pending')}: 40" in hand.text
    assert hand.t("members.sum.funnel") in hand.text
    month = hand.text
    await hand.tap("members.period.365d")
    assert hand.text != month
    assert hand.sees(f"● {hand.t('members.period.365d')}")
    await hand.tap("nav.back")
    assert hand.t("members.title") in hand.text


# --- mentorship -------------------------------------------------------------------------------------------


async def test_mentors_with_room_and_their_pairs(stage: Stage):
    hand = await opened(await stage.hand("government"), "mentors")
    assert "of 60" in hand.text
    assert hand.labels[0].startswith("🟢 4/4")
    await hand.tap("list.filters", "choice.mentors_available.no", "list.show")
    assert all(label.startswith("⚪ 0/") for label in hand.labels[:5])
    await hand.tap(hand.labels[0])
    assert f"{hand.t('mentors.field.free')}: 0" in hand.text
    await hand.tap("mentors.action.pairs", "🤝")
    assert hand.t("mentor_pairs.field.mentee_id") in hand.text


async def test_mentees_who_wait_longest_come_first(stage: Stage):
    hand = await opened(await stage.hand("government"), "mentees")
    assert "of 90" in hand.text
    assert hand.labels[0].startswith("⏳")
    days = [int(label.split()[1]) for label in hand.labels[:7]]
    assert days == sorted(days, reverse=True)
    await hand.tap(hand.labels[0])
    assert "⏳" in hand.text
    await hand.tap("mentees.action.pairs", "mentors.profile")
    assert hand.t("members.field.mentorship_role") in hand.text
    await opened(hand, "mentees")
    await hand.tap("list.filters", "choice.mentees_unmatched.no", "list.show")
    assert "of 48" in hand.text
    assert hand.labels[0].startswith("🤝")


async def test_a_pair_ends_with_a_reason(stage: Stage):
    hand = await opened(await stage.hand("administrator"), "mentor_pairs")
    await hand.tap("list.filters", "choice.mentor_pairs_status.active", "list.show")
    assert "of 48" in hand.text
    await hand.tap(hand.labels[0], "mentor_pairs.action.end")
    await hand.say("Цель достигнута")
    await hand.tap(hand.labels[0])
    assert hand.toast == hand.t("mentor_pairs.done.end")
    assert not hand.sees("mentor_pairs.action.end")
    [done] = [
        row for row in stage.crm.rows(PairRow) if row["end_reason"] == "Цель достигнута" and row["id"] == 1
    ]
    assert done["status"] == "ended"
    assert written(stage) == ["POST /api/v2/community/mentorship/pairs/1/end"]


async def test_a_bar_is_made_of_two_found_by_name_and_taken_away(stage: Stage):
    hand = await opened(await stage.hand("administrator"), "match_bars")
    await hand.tap("list.new")
    await hand.say("Айгерім Сапарова")
    await hand.tap("Айгерім Сапарова")
    await hand.say("Айгерім Сапарова")
    await hand.tap("Айгерім Сапарова")
    await hand.tap("form.skip", "form.save")
    assert hand.t("match_bars.same") in hand.text
    assert written(stage) == []
    await hand.say("Наталья Семёнова")
    await hand.tap("Наталья Семёнова")
    if hand.sees("form.save"):
        await hand.tap("form.save")
    assert (
        "Айгерім Сапарова ✕ Наталья Семёнова" in hand.text
        or "Наталья Семёнова ✕ Айгерім Сапарова" in hand.text
    )
    assert len(stage.crm.rows(BarRow)) == 13
    await hand.tap("card.delete", "delete.confirm")
    assert len(stage.crm.rows(BarRow)) == 12


# --- a CRM without it -------------------------------------------------------------------------------------


@pytest.fixture
async def bare(redis_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A bot in front of a CRM that has no such operations, as the backend of today."""
    with redis_sync.Redis.from_url(redis_url) as client:
        client.flushall()
    async with AsyncExitStack() as stack:
        crm = await stack.enter_async_context(CrmServer(community=False, uploads=tmp_path))
        telegram = await stack.enter_async_context(TelegramServer(TOKEN))
        env = {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "TABYS_API_URL": crm.url,
            "REDIS_URL": redis_url, "OPS_PORT": "0", "LOG_LEVEL": "WARNING", "ADMIN_RATE_LIMIT": "6000/min",
        }  # fmt: skip
        stage = Stage(crm, telegram, redis_url, env)
        async with stage.bot:
            await stage.start_bot()
            yield stage


async def test_without_the_operations_nothing_is_drawn_nor_served(bare: Stage):
    hand = await bare.hand("super_admin")
    assert not hand.sees("module.community")
    await hand.say("/status")
    assert hand.t("status.complete") in hand.text
    bare.crm.clear_requests()
    for code in LISTS.values():
        await hand.forge(Go(Press.LIST, code).pack())
        await hand.forge(Go(Press.CARD, code, 1).pack())
    for press, code, arg in WRITES:
        await hand.forge(keyed(bare, hand, Go(press, code, 1, arg)))
    await hand.say("Айгерім")
    assert not bare.crm.requests_to(COMMUNITY)


async def test_with_the_operations_it_is(stage: Stage):
    hand = await stage.hand("super_admin")
    assert hand.sees("module.community")
    await hand.say("/status")
    assert hand.t("status.complete") in hand.text
