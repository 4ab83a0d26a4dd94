"""Lists: where one is, turning pages, filters, order, search."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.events import EVENTS
from resources.queries import PAGE_SIZE
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.strict import LOCALES


def titles(hand: Hand) -> list[str]:
    """What stands behind the dot of each row: the titles on the page, in order."""
    rows = [
        button["text"]
        for row in hand.screen.keyboard
        for button in row
        if button.get("callback_data", "").startswith("cdev")
    ]
    return [row.partition(" · ")[2] for row in rows]


def by_date(events: list[dict[str, Any]]) -> list[str]:
    ordered = sorted(events, key=lambda event: (event["event_date"], event["id"]), reverse=True)
    return [str(event["title"]) for event in ordered]


def shown_as(event_titles: list[str]) -> list[str]:
    """As rows show them: one line."""
    return [" ".join(title.split()) or "(no title)" for title in event_titles]


def match(rows: list[str], wanted: list[str]) -> bool:
    """True when the rows are these titles, cut where they are long."""
    return len(rows) == len(wanted) and all(
        title.startswith(row.removesuffix("…")) for row, title in zip(rows, shown_as(wanted), strict=True)
    )


@pytest.mark.parametrize("language", LOCALES)
async def test_pages_with_a_total_say_where_one_is(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    wanted = by_date(stage.crm.events())
    await hand.tap(hand.events)
    assert hand.t("list.of_total", first="1", last="7", total="200") in hand.text
    assert hand.t("list.type_to_search") in hand.text
    assert match(titles(hand), wanted[:7])
    await hand.tap("pager.next", "pager.next")
    assert hand.t("list.of_total", first="15", last="21", total="200") in hand.text
    assert match(titles(hand), wanted[14:21])
    await hand.tap("pager.previous")
    assert match(titles(hand), wanted[7:14])
    assert hand.sees("2 / 29")


async def test_a_page_is_jumped_to_by_button_and_by_number(stage: Stage):
    hand = await stage.hand("administrator")
    wanted = by_date(stage.crm.events())
    await hand.tap(hand.events, "1 / 29")
    assert hand.t("list.jump_title") in hand.text
    await hand.tap("29")
    assert match(titles(hand), wanted[196:])
    assert not hand.sees("pager.next")
    await hand.tap("29 / 29")
    await hand.say("3")
    assert match(titles(hand), wanted[14:21])
    await hand.tap("3 / 29")
    await hand.say("99999")
    assert match(titles(hand), wanted[196:])
    await hand.tap("29 / 29", "nav.back")
    assert match(titles(hand), wanted[196:])
    await hand.tap("29 / 29")
    await hand.say("дебат")
    assert hand.t("list.searched", text="дебат") in hand.text


async def test_own_records_only_and_no_total(stage: Stage):
    npo = await stage.hand("npo")
    own = by_date(stage.events_of("npo"))
    await npo.tap(npo.events)
    assert npo.t("list.more", first="1", last="7") in npo.text
    assert match(titles(npo), own[:7])
    seen = titles(npo)
    while npo.sees("pager.next"):
        await npo.tap("pager.next")
        seen += titles(npo)
    assert match(seen, own)
    assert len(own) == 40


@pytest.mark.parametrize("login", ["administrator", "npo"])
@pytest.mark.parametrize("status", ["pending", "approved", "rejected"])
async def test_the_state_filters(stage: Stage, login: str, status: str):
    hand = await stage.hand(login)
    events = stage.crm.events() if login == "administrator" else stage.events_of(login)
    wanted = sorted(
        (event for event in events if event["moderation_status"] == status),
        key=lambda event: (event["created_at"], event["id"]),
        reverse=True,
    )
    await hand.tap(hand.events, "list.filters", f"choice.moderation_status.{status}")
    assert hand.sees(f"● {hand.t(f'choice.moderation_status.{status}')}")
    await hand.tap("list.show")
    assert hand.t(f"choice.moderation_status.{status}") in hand.text.splitlines()[0]
    assert match(titles(hand), [event["title"] for event in wanted[:7]])
    await hand.tap(f"✕ {hand.t(f'choice.moderation_status.{status}')}")
    assert hand.t(f"choice.moderation_status.{status}") not in hand.text.splitlines()[0]
    assert match(titles(hand), by_date(events)[:7])


async def test_format_and_period_filter_together_and_are_reset(stage: Stage):
    hand = await stage.hand("administrator")
    now = datetime.now(UTC).replace(tzinfo=None)
    wanted = by_date(
        [event for event in stage.crm.events() if event["format"] == "Online" and event["event_date"] > now]
    )
    await hand.tap(hand.events, "list.filters", "choice.format.Online", "choice.period.upcoming", "list.show")
    assert match(titles(hand), wanted[:7])
    first = hand.text.splitlines()[0]
    assert hand.t("choice.format.Online") in first
    assert hand.t("choice.period.upcoming") in first
    await hand.tap("list.reset")
    assert match(titles(hand), by_date(stage.crm.events())[:7])
    assert not hand.sees("list.reset")


@pytest.mark.parametrize("period", ["today", "week", "month", "past"])
async def test_every_period_asks_for_its_days(stage: Stage, period: str):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events, "list.filters", f"choice.period.{period}")
    stage.crm.clear_requests()
    await hand.tap("list.show")
    query = stage.crm.requests_to("admin/list")[-1].query
    begin, end = (
        query.get(name) and datetime.fromisoformat(query[name]) for name in ("from_date", "to_date")
    )
    if period == "past":
        assert begin is None
        assert abs(end - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)
    else:
        days = {"today": (1,), "week": (7,), "month": (28, 29, 30, 31)}[period]
        assert round((end - begin) / timedelta(days=1)) in days
        assert begin <= datetime.now(UTC).replace(tzinfo=None) <= end


@pytest.mark.parametrize("sort", ["nearest", "created"])
async def test_orders(stage: Stage, sort: str):
    hand = await stage.hand("administrator")
    events = stage.crm.events()
    wanted = {
        "nearest": sorted(events, key=lambda event: (event["event_date"], event["id"])),
        "created": sorted(events, key=lambda event: (event["created_at"], event["id"]), reverse=True),
    }[sort]
    await hand.tap(hand.events, "list.filters", f"sort.{sort}", "list.show")
    assert match(titles(hand), [event["title"] for event in wanted[:7]])
    await hand.tap("pager.next")
    assert match(titles(hand), [event["title"] for event in wanted[7:14]])


async def test_back_from_a_card_keeps_page_filter_and_order(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events, "list.filters", "choice.format.Offline", "list.show", "pager.next")
    before = hand.seen()
    await hand.tap(before[1][2][0], "nav.back")
    assert hand.seen() == before


@pytest.mark.parametrize("language", LOCALES)
async def test_typing_searches(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    await hand.tap(hand.events)
    await hand.say("Дебатный")
    assert hand.t("list.searched", text="Дебатный") in hand.text
    assert titles(hand)
    assert all("Дебатный" in title for title in titles(hand))
    await hand.tap("✕ «Дебатный»")
    assert match(titles(hand), by_date(stage.crm.events())[:7])


async def test_a_search_keeps_the_filters_and_another_one_replaces_it(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events, "list.filters", "choice.moderation_status.pending", "list.show")
    await hand.say("форум")
    assert hand.t("choice.moderation_status.pending") in hand.text.splitlines()[0]
    ids = {event["title"] for event in stage.crm.events() if event["moderation_status"] == "pending"}
    assert titles(hand)
    assert all(
        any(title.startswith(row.removesuffix("…")) for title in shown_as(sorted(ids)))
        for row in titles(hand)
    )
    await hand.say("zzzzzz")
    assert hand.t("list.nothing_found") in hand.text
    assert not hand.sees("форум")
    assert hand.sees("list.reset")
    await hand.tap("list.reset")
    assert len(titles(hand)) == PAGE_SIZE


async def test_pages_of_a_search_turn(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    await hand.say("а")
    searched = hand.seen()
    await hand.tap("pager.next")
    assert hand.t("list.searched", text="а") in hand.text
    assert hand.seen() != searched
    await hand.tap("pager.previous")
    assert hand.seen() == searched


ALIKE = [("болашак", "Болашақ"), ("китап", "Кітап"), ("слет", "Слёт"), ("КАЙЫРЫМДЫЛЫК", "Қайырымдылық")]


@pytest.mark.parametrize(("typed", "stored"), ALIKE)
async def test_letters_that_look_alike_are_found(stage: Stage, typed: str, stored: str):
    hand = await stage.hand("administrator")
    event = next(event for event in stage.crm.events() if stored in event["title"])
    status = event["moderation_status"]
    await hand.tap(hand.events, "list.filters", f"choice.moderation_status.{status}", "list.show")
    await hand.say(typed)
    assert titles(hand), hand.text
    assert all(stored.lower() in title.lower() or "слёт" in title.lower() for title in titles(hand))


@pytest.mark.parametrize(("typed", "stored"), ALIKE)
async def test_letters_that_look_alike_are_found_by_the_backends_search(
    stage: Stage, typed: str, stored: str
):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    await hand.say(typed)
    assert any(stored in title for title in titles(hand)), hand.text


async def test_wildcards_of_the_backend_are_plain_letters(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    for typed in ("100%", "_", "\\", "%"):
        await hand.say(typed)
        found = [
            event for event in stage.crm.events() if typed in event["title"] or typed in event["description"]
        ]
        assert len(titles(hand)) == min(7, len(found)), typed


async def test_an_empty_list_says_why_and_offers_the_first_record(stage: Stage):
    stage.crm.add_admin("fresh", "npo", "Fresh")
    npo = await stage.hand("fresh")
    await npo.tap(npo.events)
    assert npo.t("events.empty") in npo.text
    assert npo.sees("list.new")
    assert not npo.sees("list.select")
    await npo.tap("list.filters", "choice.format.Online", "list.show")
    assert npo.t("list.nothing_found") in npo.text
    await npo.tap("list.filters", "choice.format.Online", "choice.moderation_status.pending", "list.show")
    assert npo.t("list.nothing_found") in npo.text


async def test_the_second_tap_on_a_filter_removes_it(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events, "list.filters")
    before = hand.seen()
    await hand.tap("choice.format.Online", "choice.format.Online")
    assert hand.seen() == before


async def test_filters_cost_no_call_of_the_crm(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    stage.crm.clear_requests()
    await hand.tap("list.filters", "choice.format.Online", "choice.period.week", "sort.created")
    assert stage.crm.requests_to("/api/v2/events") == []


@pytest.mark.parametrize("language", LOCALES)
async def test_searching_everywhere(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    await hand.say("форум")
    assert hand.t("find.results", text="форум") in hand.text
    assert titles(hand)
    all_of_them = hand.t("find.all", module=hand.t("events.title"))
    await hand.tap(all_of_them)
    assert hand.t("list.searched", text="форум") in hand.text
    await hand.say("/find zzzzzz")
    assert hand.t("find.nothing") in hand.text
    await hand.say("/find")
    assert hand.t("find.question") in hand.text
    await hand.say("дебатный")
    await hand.tap(hand.screen.buttons[0][0])
    assert "Дебатный" in hand.text


async def test_a_search_says_when_a_module_cannot_be_searched(stage: Stage):
    hand = await stage.hand("administrator")
    stage.crm.faults.add("status", "/api/v2/events", status=500)
    await hand.say("форум")
    name = f"{EVENTS.icon} {hand.t('events.title')}"
    assert hand.t("find.failed", modules=name) in hand.text
    assert hand.t("find.nothing") not in hand.text


async def test_a_list_that_got_shorter_shows_its_last_page(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events, "1 / 29", "29")
    last = [
        int(button["callback_data"].split(".")[1], 36)
        for row in hand.screen.keyboard
        for button in row
        if button.get("callback_data", "").startswith("cdev")
    ]
    await hand.tap("pager.previous")
    other = await stage.hand("super_admin", user_id=2002)
    for record_id in last:
        await other.open(record_id)
        await other.tap("card.delete", "delete.confirm")
    assert len(stage.crm.events()) == 200 - len(last)
    await hand.tap("pager.next")
    assert titles(hand) or hand.t("list.past_the_end") in hand.text
    assert hand.sees("nav.home")
