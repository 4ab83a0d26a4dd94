"""Random coffee: its schedule, a round looked through, changed and stored, taken back, and rounds run by themselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import redis as redis_sync
from sqlalchemy import update

from handlers.community.coffee import scheduled, solving
from keyboards.callbacks import Go, Press, from_base36, to_base36
from sandbox.crm.groups.community.tables import BarRow, GroupRow, MemberRow, RoundRow, ScheduleRow
from services.audit import Audit, AuditEntry
from services.redis_client import open_redis
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.test_access import keyed
from tests.support.errands import sent_out
from tests.support.stage import until

READERS = ("government", "administrator", "super_admin")
WRITERS = ("administrator", "super_admin")
STRANGERS = ("npo", "msb", "volunteer_admin", "client")
ROUNDS = "/api/v2/community/coffee/rounds"
SCHEDULE = "/api/v2/community/coffee/schedule"
ZONE = ZoneInfo("Asia/Almaty")
DUE = timedelta(minutes=3)
LATE = timedelta(hours=2)


def rounds(stage: Stage) -> list[dict[str, Any]]:
    """The rounds, newest last."""
    return sorted(stage.crm.rows(RoundRow), key=lambda row: row["id"])


def groups(stage: Stage, round_id: int) -> list[list[int]]:
    return [sorted(row["member_ids"]) for row in stage.crm.rows(GroupRow) if row["round_id"] == round_id]


def name_of(stage: Stage, member_id: int) -> str:
    return next(str(row["full_name"]) for row in stage.crm.rows(MemberRow) if row["id"] == member_id)


def settings(stage: Stage) -> dict[str, Any]:
    return dict(stage.crm.rows(ScheduleRow)[0]["settings"])


def set_schedule(stage: Stage, **values: Any) -> None:
    with stage.crm.room.db.session() as session:
        session.execute(update(ScheduleRow).values(settings=settings(stage) | values))


def commits(stage: Stage) -> list[Any]:
    return [one for one in stage.writes() if one.path == ROUNDS]


def written(stage: Stage) -> list[str]:
    return [f"{one.method} {one.path}" for one in stage.writes() if "/community/" in one.path]


async def opened(hand: Hand) -> Hand:
    """Before the list of rounds."""
    return await (await hand.say("/menu")).tap("module.community", "coffee_rounds.title")


async def prepared(stage: Stage, login: str = "administrator", **who: Any) -> Hand:
    """Before the preview of a round for today."""
    hand = await opened(await stage.hand(login, **who))
    await hand.tap("coffee_rounds.action.prepare")
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.commit"))
    return hand


def drawn_groups(hand: Hand) -> list[str]:
    """The buttons of groups on the screen."""
    return [label for label in hand.labels if " · " in label and not label.startswith(("🔁 Rep", "🪑"))]


def heard(hand: Hand, words: str) -> bool:
    """True when a toast said it, or the screen did because the press had been answered already."""
    return words == hand.toast or words in hand.text


async def stored(hand: Hand) -> Hand:
    return await hand.tap("coffee.commit", "coffee.commit_now")


# --- who may what -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", READERS)
async def test_who_may_read_sees_rounds_and_schedule(stage: Stage, role: str):
    hand = await opened(await stage.hand(role))
    assert "of 52" in hand.text
    assert hand.sees("coffee_rounds.action.prepare") == (role in WRITERS)
    await hand.tap(hand.labels[0])
    assert hand.sees("coffee_rounds.action.groups")
    await hand.tap("nav.back", "coffee_rounds.action.schedule")
    assert hand.t("coffee_schedule.field.next_run_at") in hand.text
    assert hand.sees("card.edit") == (role in WRITERS)
    await hand.tap("nav.back")
    assert hand.t("coffee_rounds.title") in hand.text


async def test_the_schedule_opens_as_a_card_from_the_menu(stage: Stage):
    hand = await (await stage.hand("government")).say("/menu")
    await hand.tap("module.community")
    hub = hand.seen()
    await hand.tap("coffee_schedule.title")
    assert hand.t("coffee_schedule.field.weekdays") in hand.text
    await hand.tap("nav.back")
    assert hand.seen() == hub


@pytest.mark.parametrize("role", STRANGERS)
async def test_others_see_nothing_of_it(stage: Stage, role: str):
    hand = await stage.hand(role)
    stage.crm.clear_requests()
    for go in (
        Go(Press.LIST, "cf"), Go(Press.LIST, "cs"), Go(Press.CARD, "cf", 5), Go(Press.CARD, "cs", 1),
        Go(Press.TOOL, "cf", arg="pr"), Go(Press.TOOL, "cf", arg="sc"), Go(Press.ACTION, "cf", 5, "gr"),
        Go(Press.MATCH_REPORT, "cf", arg="1"), Go(Press.MATCH, "cf"),
    ):  # fmt: skip
        await hand.forge(go.pack())
    assert not stage.crm.requests_to("/community/")


@pytest.mark.parametrize("role", ["government", *STRANGERS])
async def test_forged_writes_are_refused(stage: Stage, role: str):
    hand = await stage.hand(role)
    today = datetime.now(ZONE)
    stage.crm.clear_requests()
    for go in (
        Go(Press.MATCH_SOLVE, "cf", arg=f"d{today:%Y%m%d}"), Go(Press.MATCH_SOLVE, "cf", arg="abc-a"),
        Go(Press.MATCH, "cf"), Go(Press.MATCH_TURN, "cf", arg="abc-l1"), Go(Press.MATCH_NOW, "cf", arg="abc"),
        Go(Press.DEED, "cf", 5, "rb"), Go(Press.EDIT, "cs", 1), Go(Press.TOOL, "cf", arg="pr"),
    ):  # fmt: skip
        data = keyed(stage, hand, go) if go.op == Press.MATCH_NOW else go.pack()
        assert await hand.forge(data) in (hand.t("error.forbidden_toast"), ""), go
    await asyncio.sleep(0.5)
    assert written(stage) == []
    assert not stage.crm.requests_to("/coffee/candidates")


# --- the schedule -----------------------------------------------------------------------------------------


async def change(hand: Hand, name: str) -> Hand:
    """At the question for one field."""
    await hand.tap("card.edit", f"coffee_schedule.field.{name}")
    return hand


async def test_what_an_administrator_changes_the_government_sees(stage: Stage):
    hand = await opened(await stage.hand("administrator"))
    await hand.tap("coffee_rounds.action.schedule")
    await change(hand, "weekdays")
    await hand.tap("choice.coffee_weekday.2", "choice.coffee_weekday.4", "choice.coffee_weekday.0")
    await hand.tap("form.review", "form.save")
    assert settings(stage)["weekdays"] == [2, 4]
    await change(hand, "time")
    await hand.say("25:61")
    assert hand.t("field.error.clock") in hand.text
    await hand.say("9.30")
    await hand.tap("form.save")
    await change(hand, "timezone")
    await hand.say("Atlantis")
    assert hand.t("field.error.zone") in hand.text
    await hand.say("tashkent")
    await hand.tap("form.save")
    await change(hand, "timezone")
    await hand.tap("Asia/Aqtau", "form.save")
    await change(hand, "lookback_weeks")
    await hand.say("53")
    assert "52" in hand.text
    await hand.say("0")
    await hand.tap("form.save")
    await change(hand, "odd_policy")
    await hand.tap("choice.coffee_odd.skip", "form.save")
    await change(hand, "cooldown_minutes")
    await hand.say("15")
    await hand.tap("form.save")
    kept = settings(stage)
    wanted = {
        "weekdays": [2, 4], "time": "09:30", "timezone": "Asia/Aqtau", "lookback_weeks": 0, "odd_policy": "skip",
        "cooldown_minutes": 15, "enabled": True,
    }  # fmt: skip
    assert {name: kept[name] for name in wanted} == wanted
    other = await stage.hand("government", "ru", name="Berik", user_id=4100)
    await other.say("/menu")
    await other.tap("module.community", "coffee_schedule.title")
    assert "Среда, Пятница" in other.text
    assert "09:30" in other.text
    assert other.t("choice.coffee_odd.skip") in other.text


async def test_holidays_are_typed_as_people_write_days(stage: Stage):
    hand = await stage.hand("super_admin")
    past = (datetime.now(ZONE) - timedelta(days=30)).date().isoformat()
    set_schedule(stage, holidays=[past])
    await hand.open(1, "cs")
    await change(hand, "holidays")
    year = datetime.now(ZONE).year + 1
    await hand.say(f"16.12.{year}\n{year}-03-08")
    await hand.tap("form.review", "form.save")
    assert settings(stage)["holidays"] == [f"{year}-03-08", f"{year}-12-16"]
    assert f"8 March {year}" in hand.text
    await change(hand, "holidays")
    await hand.say("yesterday-ish")
    assert hand.t("field.error.date") in hand.text


async def test_switching_it_off_leaves_no_next_run(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(1, "cs")
    assert hand.t("coffee_schedule.field.next_run_at") in hand.text
    await change(hand, "enabled")
    await hand.tap("coffee.off", "form.save")
    assert settings(stage)["enabled"] is False
    assert hand.t("coffee_schedule.field.next_run_at") not in hand.text


# --- history ----------------------------------------------------------------------------------------------


async def test_a_round_shows_who_met_whom_and_how_it_was(stage: Stage):
    last = rounds(stage)[-1]
    hand = await stage.hand("government")
    await hand.open(last["id"], "cf")
    made = groups(stage, last["id"])
    assert f"{len(made)} of {len(made)}" in hand.text
    await hand.tap("coffee_rounds.action.groups")
    first = next(row for row in stage.crm.rows(GroupRow) if row["round_id"] == last["id"])
    assert " · ".join(name_of(stage, one) for one in first["member_ids"]) in hand.text
    await hand.tap("pager.next", "2 / ")
    pages = -(-len(made) // 8)
    await hand.tap(str(pages))
    assert f"of {len(made)}" in hand.text
    await hand.tap("nav.back", "coffee_rounds.action.feedback")
    assert "▓" in hand.text
    assert hand.t("coffee.answered") in hand.text


# --- preparing --------------------------------------------------------------------------------------------


async def test_a_round_is_stored_just_as_it_was_looked_at(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    assert stage.writes() == []
    first = drawn_groups(hand)
    # Two of different groups change places.
    await hand.tap(first[0], "⇄")
    chosen, other = first[0].split(" · ")[-2], first[1].split(" · ")[-1]
    assert hand.sees(f"● {chosen.removeprefix('🔁 ')}"[:12])
    await hand.tap(f"⇄ {other[:20]}")
    assert heard(hand, hand.t("coffee.swapped"))
    by_hand = [label for label in hand.labels if "✋" in label]
    assert by_hand
    assert hand.t("coffee.proof.hand") in hand.text
    # One of them stays when the rest is matched anew.
    await hand.tap(by_hand[0], "coffee.lock")
    assert hand.sees("coffee.unlock")
    await hand.tap("nav.back")
    locked = next(label for label in hand.labels if "🔒" in label)
    await hand.tap("coffee.again")
    await until(lambda: hand.sees("coffee.commit"))
    assert locked.split(" · ")[-1] in next(label for label in hand.labels if "🔒" in label)
    previewed = await all_groups(hand)
    assert stage.writes() == []
    await hand.tap("coffee.commit")
    assert len(rounds(stage)) == before
    await hand.tap("coffee.commit_now")
    assert heard(hand, hand.t("coffee.committed"))
    one = rounds(stage)[-1]
    assert len(rounds(stage)) == before + 1
    names = {row["id"]: row["full_name"] for row in stage.crm.rows(MemberRow)}
    made = [" · ".join(names[who] for who in sorted(group)) for group in groups(stage, one["id"])]
    assert sorted(made) == sorted(previewed)
    assert one["planned_for"] == datetime.now(ZONE).date()
    assert hand.sees("coffee_rounds.action.roll_back")
    (entry,) = await audited(stage, "commit")
    assert (entry.record_id, entry.after["groups"]) == (one["id"], len(made))
    # The preview is gone, and a button of it does nothing but say so.
    await hand.forge(Go(Press.MATCH, "cf", arg="abc-p1").pack())
    assert hand.t("coffee.gone") in hand.text


async def all_groups(hand: Hand) -> list[str]:
    """The names in each group, over all pages."""
    await hand.say("1")
    found = [bare(label) for label in drawn_groups(hand)]
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        found += [bare(label) for label in drawn_groups(hand)]
    return found


def bare(label: str) -> str:
    """The names without the marks before them."""
    words = label.split(" ")
    while words[0] in ("🔒", "✋", "👥"):
        words.pop(0)
    if words[0] == "🔁":
        words = words[3:]
    while words[0] in ("👥",):
        words.pop(0)
    return " ".join(words)


async def audited(stage: Stage, op: str) -> list[AuditEntry]:
    client = open_redis(stage.redis_url)
    found = [one for one in (await Audit(client).page()).entries if one.op == op]
    await client.aclose()
    return found


async def test_two_members_are_swapped_with_two_taps_across_pages(stage: Stage):
    hand = await prepared(stage)
    first = bare(drawn_groups(hand)[0]).split(" · ")[0]
    await hand.tap(drawn_groups(hand)[0], "⇄", "pager.next")
    assert hand.t("coffee.swap_with", name=first) in hand.text
    other = next(label for label in hand.labels if label.startswith("⇄"))
    await hand.tap(other)
    assert len([label for label in hand.labels if "✋" in label]) >= 1
    await hand.say(first)
    assert other.removeprefix("⇄ ") not in bare(drawn_groups(hand)[0])


async def test_a_group_says_why_it_meets(stage: Stage):
    hand = await prepared(stage)
    await hand.tap(drawn_groups(hand)[0])
    assert hand.t("coffee.why.new") in hand.text or "week" in hand.text
    await hand.tap("nav.back")
    assert hand.sees("coffee.commit")


async def test_a_typed_name_finds_the_group_and_a_number_the_page(stage: Stage):
    hand = await prepared(stage)
    await hand.say("3")
    assert "17–24 of" in hand.text
    name = bare(drawn_groups(hand)[2]).split(" · ")[1]
    await hand.say(name)
    assert hand.sees(name)
    await hand.say("nobody at all")
    assert hand.t("list.nothing_found") in hand.text


async def test_a_button_of_an_earlier_version_changes_nothing(stage: Stage):
    hand = await prepared(stage)
    await hand.tap(drawn_groups(hand)[0])
    lock, choose = hand.data("coffee.lock"), hand.data("⇄")
    await hand.tap("coffee.lock", "nav.back")
    shown = hand.seen()
    for data in (lock, choose):
        await hand.forge(data)
        assert hand.t("coffee.stale") in hand.text
    await hand.say("1")
    assert hand.seen() == shown
    stale = Go.unpack(lock)
    assert stale is not None
    go = Go(Press.MATCH_NOW, "cf", arg=stale.arg.partition("-")[0])
    await hand.forge(keyed(stage, hand, go))
    assert written(stage) == []
    assert hand.t("coffee.stale") in hand.text


async def test_a_bar_keeps_a_swap_from_being_made(stage: Stage):
    hand = await prepared(stage)
    one, other = (await members_of(hand, 0))[0], (await members_of(hand, 1))[0]
    await hand.tap("coffee.drop")
    with stage.crm.room.db.session() as session:
        session.add(BarRow(a_id=min(one, other), b_id=max(one, other), created_by=1))
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.commit"))
    await hand.forge(Go(Press.MATCH, "cf", arg=f"{version(hand)}-g{to_base36(one)}").pack())
    partner = next(who for who in moving(hand) if who != one)
    await hand.forge(Go(Press.MATCH_TURN, "cf", arg=f"{version(hand)}-k{to_base36(partner)}").pack())
    await hand.forge(Go(Press.MATCH_TURN, "cf", arg=f"{version(hand)}-s{to_base36(other)}").pack())
    names = [name_of(stage, who) for who in sorted((one, other))]
    assert heard(hand, hand.t("coffee.refused.barred", a=names[0], b=names[1]))


def addresses(hand: Hand) -> list[Go]:
    found = (Go.unpack(button.get("callback_data")) for row in hand.screen.keyboard for button in row)
    return [go for go in found if go is not None]


def version(hand: Hand) -> str:
    """The version that the buttons on the screen were drawn for."""
    return next(
        go.arg.partition("-")[0] for go in addresses(hand) if go.op in (Press.MATCH, Press.MATCH_TURN)
    )


def moving(hand: Hand) -> list[int]:
    """Who can change places on the screen of a group."""
    return [from_base36(go.arg.partition("-k")[2]) for go in addresses(hand) if "-k" in go.arg]


async def members_of(hand: Hand, number: int) -> list[int]:
    """The members of a group on the page, which is shown again afterwards."""
    await hand.tap(drawn_groups(hand)[number])
    found = moving(hand)
    await hand.tap("nav.back")
    return found


async def test_dropping_it_leaves_nothing(stage: Stage):
    hand = await prepared(stage)
    await hand.tap("coffee.drop")
    assert heard(hand, hand.t("coffee.dropped"))
    assert not hand.sees("👀")
    assert written(stage) == []


async def test_it_is_found_again_and_is_nobody_else_s(stage: Stage):
    hand = await prepared(stage)
    await opened(hand)
    await hand.tap("coffee_rounds.action.prepare", "👀")
    assert hand.sees("coffee.commit")
    other = await opened(await stage.hand("super_admin", name="Berik", user_id=4200))
    await other.tap("coffee_rounds.action.prepare")
    assert not other.sees("👀")
    await other.forge(hand.data("coffee.commit"))
    assert other.t("coffee.gone") in other.text


async def test_two_store_at_once_and_the_second_is_told_why_not(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    other = await prepared(stage, "super_admin", name="Berik", user_id=4300)
    for one in (hand, other):
        await one.tap("coffee.commit")
    await asyncio.gather(hand.tap("coffee.commit_now"), other.tap("coffee.commit_now"))
    assert len(rounds(stage)) == before + 1
    won, lost = (hand, other) if hand.sees("coffee_rounds.action.groups") else (other, hand)
    assert heard(won, won.t("coffee.committed"))
    assert heard(lost, lost.t("coffee.not_committed"))
    assert "Another one can be stored from" in lost.text
    assert lost.sees("coffee.commit")
    (entry,) = [one for one in await audited(stage, "commit") if one.outcome == "refused"]
    assert entry.resource == "coffee_rounds"


async def test_somebody_who_is_not_due_any_more_is_named(stage: Stage):
    hand = await prepared(stage)
    name = bare(drawn_groups(hand)[0]).split(" · ")[0]
    with stage.crm.room.db.session() as session:
        session.execute(update(MemberRow).where(MemberRow.full_name == name).values(coffee_enabled=False))
    await stored(hand)
    assert heard(hand, hand.t("coffee.not_committed"))
    assert name in hand.text.split("\n")[0]


async def test_a_lost_answer_is_found_again(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    stage.crm.faults.add("reset", f"{ROUNDS}$", method="POST", after=True)
    await stored(hand)
    assert heard(hand, hand.t("coffee.committed"))
    assert len(rounds(stage)) == before + 1


async def test_a_double_tap_stores_one(stage: Stage):
    before = len(rounds(stage))
    hand = await prepared(stage)
    await hand.tap("coffee.commit")
    data = hand.data("coffee.commit_now")
    await asyncio.gather(hand.forge(data), hand.forge(data))
    await hand.forge(data)
    assert len(rounds(stage)) == before + 1
    assert len(commits(stage)) == 1


async def test_a_round_is_taken_back_until_somebody_knows(stage: Stage):
    hand = await stored(await prepared(stage))
    one = rounds(stage)[-1]
    await hand.tap("coffee_rounds.action.roll_back")
    await hand.say("Wrong day")
    await hand.tap("form.save")
    assert rounds(stage)[-1]["status"] == "rolled_back"
    assert rounds(stage)[-1]["rollback_reason"] == "Wrong day"
    assert not hand.sees("coffee_rounds.action.roll_back")
    # Another one may be stored at once: it never was.
    await opened(hand)
    await hand.tap("coffee_rounds.action.prepare")
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.commit"))
    await stored(hand)
    assert rounds(stage)[-1]["id"] > one["id"]
    with stage.crm.room.db.session() as session:
        told = datetime.now(UTC).replace(tzinfo=None)
        session.execute(
            update(GroupRow).where(GroupRow.round_id == rounds(stage)[-1]["id"]).values(notified_at=told)
        )
    await hand.tap("coffee_rounds.action.roll_back")
    assert hand.t("deed.not_now") in hand.text


async def test_too_few_people_are_said(stage: Stage):
    with stage.crm.room.db.session() as session:
        session.execute(update(MemberRow).values(coffee_enabled=False))
    hand = await opened(await stage.hand("administrator"))
    await hand.tap("coffee_rounds.action.prepare")
    assert hand.t("coffee.too_few") in hand.text
    assert not [label for label in hand.labels if label.startswith("🎲")]
    go = Go(Press.MATCH_SOLVE, "cf", arg=f"d{datetime.now(ZONE):%Y%m%d}")
    await hand.forge(go.pack())
    await until(lambda: hand.sees("coffee.try_again"))
    assert hand.t("coffee.too_few") in hand.text


async def test_a_crm_that_is_away_leaves_a_way_on(stage: Stage):
    hand = await opened(await stage.hand("administrator"))
    await hand.tap("coffee_rounds.action.prepare")
    stage.crm.faults.add("status", "/coffee/history", status=503)
    await hand.tap(next(label for label in hand.labels if label.startswith("🎲")))
    await until(lambda: hand.sees("coffee.try_again"))
    assert hand.t("coffee.unavailable") in hand.text
    stage.crm.faults.clear()
    await hand.tap("coffee.try_again")
    await until(lambda: hand.sees("coffee.commit"))


async def test_looking_on_as_another_role_writes_nothing(stage: Stage):
    hand = await stage.hand("super_admin")
    await hand.say("/admin")
    await hand.tap("look.title", "role.administrator")
    await opened(hand)
    await hand.tap("coffee_rounds.action.prepare")
    said = await hand.forge(hand.data(next(label for label in hand.labels if label.startswith("🎲"))))
    assert said == hand.t("look.blocked")
    said = await hand.forge(Go(Press.MATCH_REPORT, "cf", arg="1").pack())
    assert said == hand.t("look.blocked")
    await asyncio.sleep(0.5)
    assert not stage.crm.requests_to("/coffee/history")
    assert written(stage) == []


# --- by itself --------------------------------------------------------------------------------------------


def due(stage: Stage, ago: timedelta) -> None:
    """A round was due that long ago, by a schedule that has been like that for long."""
    here = datetime.now(ZONE) - ago
    set_schedule(
        stage,
        enabled=True,
        weekdays=[here.weekday()],
        time=f"{here:%H:%M}",
        timezone="Asia/Almaty",
        holidays=[],
    )


async def minute(stage: Stage) -> None:
    """The job has run to its end once more; the schedule is known since long ago."""
    await sent_out(stage.redis_url, scheduled.JOB)
    known = -1
    for _ in range(3):
        await asyncio.sleep(0.25)
        while known != len(stage.crm.requests):
            known = len(stage.crm.requests)
            await asyncio.sleep(0.3)


async def seen_long_ago(stage: Stage) -> None:
    """The bot has known this schedule for a week."""
    await minute(stage)
    with redis_sync.Redis.from_url(stage.redis_url) as client:
        assert client.exists("coffee:seen")
        client.hset("coffee:seen", "since", "1")


async def reporting(stage: Stage, login: str = "administrator", **who: Any) -> Hand:
    """A person who asked for reports."""
    hand = await opened(await stage.hand(login, **who))
    await hand.tap("coffee_rounds.action.reports", "coffee.reports_are_off")
    assert heard(hand, hand.t("coffee.reports_on"))
    return hand


def messages(hand: Hand, key: str) -> list[str]:
    return [one.text for one in hand.person.bot_messages if hand.t(key) in one.text]


async def test_what_is_due_is_run_once_and_reported(stage: Stage):
    hand = await reporting(stage)
    reader = await reporting(stage, "government", language="ru", name="Berik", user_id=4400)
    due(stage, DUE)
    before = len(rounds(stage))
    await seen_long_ago(stage)
    assert len(rounds(stage)) == before
    await asyncio.gather(*(sent_out(stage.redis_url, scheduled.JOB) for _ in range(4)))
    await until(lambda: len(rounds(stage)) > before)
    for _ in range(2):
        await minute(stage)
    assert len(rounds(stage)) == before + 1
    assert len(commits(stage)) == 1
    one = rounds(stage)[-1]
    count = len(groups(stage, one["id"]))
    for reported in (hand, reader):
        (said,) = [text for text in (m.text for m in reported.person.bot_messages) if str(count) in text]
        assert reported.t("coffee.not_telling") in said
    (entry,) = await audited(stage, "commit scheduled")
    assert (entry.record_id, entry.admin_id) == (one["id"], stage.crm.admin_id("administrator"))
    await hand.tap("coffee.open_round")
    assert hand.sees("coffee_rounds.action.groups")


async def test_what_was_rolled_back_is_not_run_again(stage: Stage):
    await stage.hand("administrator")
    due(stage, DUE)
    await seen_long_ago(stage)
    before = len(rounds(stage))
    await minute(stage)
    await until(lambda: len(rounds(stage)) == before + 1)
    with stage.crm.room.db.session() as session:
        session.execute(
            update(RoundRow).where(RoundRow.id == rounds(stage)[-1]["id"]).values(status="rolled_back")
        )
    await minute(stage)
    await minute(stage)
    assert len(rounds(stage)) == before + 1


async def test_a_lost_answer_of_a_run_is_found_again(stage: Stage):
    await stage.hand("administrator")
    due(stage, DUE)
    await seen_long_ago(stage)
    before = len(rounds(stage))
    stage.crm.faults.add("reset", f"{ROUNDS}$", method="POST", after=True)
    await minute(stage)
    await minute(stage)
    assert len(rounds(stage)) == before + 1
    assert len(commits(stage)) == 1


async def test_a_schedule_that_was_just_made_runs_nothing_of_the_past(stage: Stage):
    await reporting(stage)
    before = len(rounds(stage))
    due(stage, timedelta(minutes=20))
    await minute(stage)
    await minute(stage)
    assert len(rounds(stage)) == before


async def test_what_is_late_is_told_once_and_not_run(stage: Stage):
    hand = await reporting(stage)
    other = await stage.hand("super_admin", name="Berik", user_id=4500)
    due(stage, LATE)
    before = len(rounds(stage))
    await seen_long_ago(stage)
    for _ in range(3):
        await minute(stage)
    assert len(rounds(stage)) == before
    assert len(messages(hand, "coffee.not_run")) == 1
    assert messages(other, "coffee.not_run") == []
    await hand.tap("coffee_rounds.action.prepare")
    assert hand.t("coffee.rules") in hand.text


async def test_a_round_within_the_cooldown_is_told_not_repeated(stage: Stage):
    hand = await reporting(stage)
    due(stage, DUE)
    await seen_long_ago(stage)
    before = len(rounds(stage))
    # Stored by hand shortly before it was due, for another day.
    with stage.crm.room.db.session() as session:
        now = datetime.now(UTC).replace(tzinfo=None)
        session.execute(
            update(RoundRow)
            .where(RoundRow.id == rounds(stage)[-1]["id"])
            .values(created_at=now - timedelta(minutes=10), planned_for=(now - timedelta(days=3)).date())
        )
    await minute(stage)
    await minute(stage)
    assert len(rounds(stage)) == before
    assert len(messages(hand, "coffee.not_run")) == 1


async def test_too_few_are_told_and_nothing_is_stored(stage: Stage):
    hand = await reporting(stage)
    with stage.crm.room.db.session() as session:
        session.execute(update(MemberRow).values(coffee_enabled=False))
    due(stage, DUE)
    await seen_long_ago(stage)
    await minute(stage)
    await minute(stage)
    assert commits(stage) == []
    assert len(messages(hand, "coffee.not_run")) == 1


@pytest.mark.parametrize("login", ["government", "npo", None])
async def test_without_anybody_who_may_nothing_is_asked(stage: Stage, login: str | None):
    await stage.hand(login)
    due(stage, DUE)
    stage.crm.clear_requests()
    await sent_out(stage.redis_url, scheduled.JOB)
    await asyncio.sleep(1.0)
    assert not stage.crm.requests_to("/community/")


async def test_a_crm_that_is_away_is_asked_again_the_next_minute(stage: Stage):
    await stage.hand("administrator")
    due(stage, DUE)
    await seen_long_ago(stage)
    before = len(rounds(stage))
    stage.crm.faults.add("status", "/coffee/candidates", status=503)
    await minute(stage)
    assert len(rounds(stage)) == before
    stage.crm.faults.clear()
    await asyncio.sleep(1.0)
    await minute(stage)
    await until(lambda: len(rounds(stage)) == before + 1)


def test_the_jobs_end_before_another_worker_would_begin_them():
    assert scheduled.SECONDS < scheduled.CLAIMED
    assert solving.SECONDS < 300
