"""Rounds of random coffee that run by themselves: once, reported, told of when they did not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from handlers.community.coffee import running, scheduled, solving
from sandbox.crm.groups.community.tables import MemberRow, RoundRow
from tests.flows.coffee_stage import (
    DUE,
    LATE,
    ROUNDS,
    audited,
    commits,
    due,
    forget,
    groups,
    heard,
    minute,
    opened,
    rounds,
    seen_long_ago,
)
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.support import community
from tests.support.errands import sent_out
from tests.support.stage import until

# --- by itself --------------------------------------------------------------------------------------------


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
        (said,) = messages(reported, "coffee.telling")
        assert str(count) in said
    (entry,) = await audited(stage, "commit scheduled")
    assert (entry.record_id, entry.admin_id) == (one["id"], stage.crm.admin_id("administrator"))
    await community.over(stage.redis_url, "coffee", one["id"])
    assert all(group["notified_at"] for group in community.groups_of(stage.crm, one["id"]))
    for reported in (hand, reader):
        await until(reported.reads(reported.t("tellings.done")))
    await hand.tap("nav.back")
    assert hand.sees("coffee_rounds.action.groups")
    assert hand.t("tellings.mark.done") in hand.text


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
    forget(stage, "once:coffee_run:*")
    await minute(stage)
    await minute(stage)
    assert len(rounds(stage)) == before + 1
    assert len(commits(stage)) == 1


@pytest.mark.parametrize("moment", ["stored", "_follow", "order_telling"])
async def test_what_a_dead_worker_left_is_brought_to_its_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, moment: str
):
    hand = await reporting(stage)
    due(stage, DUE)
    await seen_long_ago(stage)
    before = len(rounds(stage))
    was = getattr(running, moment)
    died: list[str] = []

    async def dies(*parts: Any, **named: Any) -> Any:
        """Does its work the second time; the first time the round is stored at most."""
        if died:
            return await was(*parts, **named)
        if moment == "stored":
            await was(*parts, **named)
        died.append(moment)
        raise ConnectionError

    monkeypatch.setattr(running, moment, dies)
    await minute(stage)
    await until(lambda: died)
    assert len(rounds(stage)) == before + 1
    assert [one for one in hand.person.bot_messages if hand.t("coffee.telling") in one.text] == []
    forget(stage, "once:coffee_run:*")
    for _ in range(2):
        await minute(stage)
    assert len(rounds(stage)) == before + 1
    assert len(commits(stage)) == 1
    assert len([one for one in hand.person.bot_messages if hand.t("coffee.telling") in one.text]) == 1
    (entry,) = await audited(stage, "commit scheduled")
    assert entry.after["groups"] == len(groups(stage, rounds(stage)[-1]["id"]))


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
    reader = await reporting(stage, "government", name="Gulnar", user_id=4600)
    due(stage, LATE)
    before = len(rounds(stage))
    await seen_long_ago(stage)
    for _ in range(3):
        await minute(stage)
    assert len(rounds(stage)) == before
    assert len(messages(hand, "coffee.not_run")) == 1
    # A worker that died before it could note the run as settled.
    forget(stage, "coffee:run:*")
    await minute(stage)
    assert len(messages(hand, "coffee.not_run")) == 1
    assert messages(other, "coffee.not_run") == []
    # Who may not prepare one is told all the same, and offered nothing.
    assert len(messages(reader, "coffee.not_run")) == 1
    assert not reader.sees("coffee_rounds.action.prepare")
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
