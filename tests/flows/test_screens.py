"""The living message, the way back, pictures that come and go, buttons that are old."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from sandbox.crm.groups.event_tables import Event
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.strict import LOCALES, TEXTS

STEPS = 50


def store(stage: Stage, name: str, content: bytes, event_id: int) -> None:
    """Gives the event that picture."""
    (stage.crm.room.uploads / "events" / name).write_bytes(content)
    with stage.crm.room.db.session() as session:
        session.get_one(Event, event_id).event_photo = f"/uploads/events/{name}"


def poster(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", size).save(buffer, "PNG")
    return buffer.getvalue()


async def test_a_tour_of_fifty_steps_stays_in_one_message(stage: Stage):
    hand = await stage.hand("administrator")
    source = random.Random(7)
    seen = {hand.screen.id}
    for step in range(STEPS):
        avoided = {hand.t(key) for key in ("logout.confirm", "delete.confirm", "delete.soft")}
        labels = [
            button["text"]
            for row in hand.screen.keyboard
            for button in row
            if "callback_data" in button and button["text"] not in avoided
        ]
        if step % 10 == 9:
            await hand.say("форум")
        else:
            await hand.tap(source.choice(labels))
        assert len(hand.person.bot_messages) == 1
        assert len(hand.person.messages) == 1
        seen.add(hand.screen.id)
    assert hand.person.unanswered == []


async def test_moving_about_never_sends(stage: Stage):
    hand = await stage.hand("administrator")
    without = next(event["id"] for event in stage.crm.events() if not event["event_photo"])
    await hand.open(without)
    stage.telegram.clear_calls()
    await hand.tap(
        "card.edit",
        "nav.back",
        "events.action.participants",
        "nav.back",
        "nav.back",
        "list.filters",
        "nav.home",
    )
    methods = {call.method for call in stage.telegram.calls}
    assert "sendMessage" not in methods
    assert "editMessageText" in methods


async def walk(hand: Hand, limit: int) -> dict[str, list[str]]:
    """Every screen reached by breadth-first search over its buttons: how to get there, and what is drawn."""
    start = hand.data("nav.home") if hand.sees("nav.home") else "me"
    found: dict[str, list[str]] = {}
    waiting: list[list[str]] = [[]]
    known = {""}
    while waiting and len(found) < limit:
        path = waiting.pop(0)
        await hand.forge(start)
        for data in path:
            await hand.person.press(data, hand.screen.id, settle=True)
        buttons = [
            button["callback_data"]
            for row in hand.screen.keyboard
            for button in row
            if "callback_data" in button
        ]
        found[" > ".join(path)] = buttons
        check_ways(hand, path)
        for data in buttons:
            kind = shape(data)
            if kind not in known and not writes(data):
                known.add(kind)
                waiting.append([*path, data])
    return found


def shape(data: str) -> str:
    """Addresses of the same kind: which record, day or draft it is makes no other screen."""
    op, *rest = data.split(".")
    return ".".join([op, *("#" if part else "" for part in rest[:1]), *(part[:3] for part in rest[1:2])])


def writes(data: str) -> bool:
    key = data.split(".")[4] if data.count(".") >= 4 else ""
    return bool(key) or data[:2] in ("so", "fz", "la", "tz")


def check_ways(hand: Hand, path: list[str]) -> None:
    """The way home stands in the last row of every screen but the menu itself."""
    is_menu = hand.sees("menu.settings")
    assert is_menu or hand.t("nav.home") in hand.screen.buttons[-1], f"no way home after {path}: {hand.text}"


async def test_no_screen_is_a_dead_end(stage: Stage):
    hand = await stage.hand("administrator")
    found = await walk(hand, 60)
    assert len(found) > 15
    assert all(buttons for buttons in found.values())
    assert max(len(path.split(" > ")) for path in found) <= 6
    assert stage.writes() == []


@pytest.mark.parametrize("login", ["administrator", "npo"])
async def test_back_restores_an_equal_screen(stage: Stage, login: str):
    hand = await stage.hand(login)
    own = stage.events_of("npo")[0]["id"]
    await hand.tap(hand.events, "list.filters", "choice.format.Offline", "list.show")
    for way in (["list.filters"], ["list.select"], [hand.labels[0]]):
        before = hand.seen()
        await hand.tap(*way, "nav.back")
        assert hand.seen() == before, way
    await hand.open(own)
    card = hand.seen()
    for way in (["card.edit"], ["card.delete"], ["events.action.participants"]):
        await hand.tap(*way, "nav.back")
        assert hand.seen() == card, way
    await hand.tap("card.edit")
    fields = hand.seen()
    for name in ("title", "event_date", "format", "location", "description", "event_photo"):
        await hand.tap(f"events.field.{name}", "nav.back")
        assert hand.seen() == fields, name


async def test_text_and_photo_change_places_in_one_message(stage: Stage):
    hand = await stage.hand("administrator")
    events = stage.crm.events()
    photos = [event["id"] for event in events if event["event_photo"] and "lost" not in event["event_photo"]][
        :2
    ]
    plain = [event["id"] for event in events if not event["event_photo"]][:2]
    lists = hand.events
    for first, second in (
        (photos[0], photos[1]),
        (photos[0], plain[0]),
        (plain[0], photos[1]),
        (plain[0], plain[1]),
    ):
        for record_id in (first, second):
            await hand.forge("me")
            await hand.open(record_id)
            assert hand.has_photo == (record_id in photos)
            assert hand.sees("card.edit")
            assert len(hand.person.messages) == 1
            await hand.tap("card.edit")
            assert not hand.has_photo
            await hand.tap("nav.back")
            assert hand.has_photo == (record_id in photos)
            assert len(hand.person.messages) == 1
    await hand.tap("nav.home")
    assert hand.sees(lists)


async def test_pictures_that_telegram_would_not_take(stage: Stage):
    hand = await stage.hand("administrator")
    lost = next(event["id"] for event in stage.crm.events() if "lost" in (event["event_photo"] or ""))
    store(stage, "large.png", poster((6000, 5000)), 1)
    store(stage, "narrow.png", poster((2100, 100)), 2)
    store(stage, "text.png", b"no picture at all", 3)
    for record_id in (lost, 1, 2, 3):
        await hand.open(record_id)
        assert not hand.has_photo
        assert hand.sees("card.edit")
        assert len(hand.person.messages) == 1
        assert stage.event(record_id)["title"][:20] in hand.text


# --- old buttons -----------------------------------------------------------------------------------------


async def collected(stage: Stage, hand: Hand, event_id: int) -> list[str]:
    """Addresses of many screens, the writing ones among them."""
    found: list[str] = []

    def take() -> None:
        found.extend(b["callback_data"] for row in hand.screen.keyboard for b in row if "callback_data" in b)

    await hand.open(event_id)
    take()
    await hand.tap("card.delete")
    take()
    await hand.open(event_id)
    await hand.tap("card.edit")
    take()
    await hand.tap("events.field.location")
    await hand.say("Elsewhere")
    take()
    await hand.tap("nav.home", hand.events, "list.select", "bulk.page", hand.t("bulk.delete", n=7))
    take()
    return sorted(set(found))


@pytest.mark.parametrize("change", ["logout", "client", "flush", "deleted admin"])
async def test_old_buttons_execute_nothing(stage: Stage, change: str):
    hand = await stage.hand("administrator")
    event = stage.events_of("npo", moderation_status="pending")[0]
    addresses = await collected(stage, hand, event["id"])
    assert {data[:2] for data in addresses} >= {"ap", "rj", "de", "dx", "bx", "ef", "sv"}
    if change == "logout":
        await hand.say("/logout")
    elif change == "client":
        stage.crm.set_role("administrator", "client")
        stage.flush()
    elif change == "flush":
        stage.flush()
    else:
        stage.crm.delete_admin("administrator")
    before = stage.crm.events()
    stage.crm.clear_requests()
    for data in addresses:
        await hand.forge(data)
    assert stage.writes() == []
    assert stage.crm.events() == before
    assert hand.person.unanswered == []
    assert hand.labels


async def test_an_old_write_redraws_the_card_with_a_note(stage: Stage):
    hand = await stage.hand("administrator")
    event = stage.events_of("npo", moderation_status="pending")[0]
    await hand.open(event["id"])
    stage.flush()
    await hand.tap("card.approve")
    assert hand.t("stale.screen") in hand.text
    assert event["title"] in hand.text
    assert stage.event(event["id"])["moderation_status"] == "pending"
    await hand.tap("card.approve")
    assert stage.event(event["id"])["moderation_status"] == "approved"


@pytest.mark.parametrize(
    "data",
    [
        "zz",
        "zzev.1",
        "liqq",
        "xx--.1",
        "cdev",
        "cdev.zzzzzzzzzzzz",
        "doev...nodraft",
        "sl",
        "🙂",
        "jumble of words",
    ],
)
async def test_unknown_buttons_are_answered(stage: Stage, data: str):
    hand = await stage.hand("administrator")
    await hand.forge(data)
    assert hand.sees("nav.home") or hand.sees(hand.events)
    assert stage.writes() == []
    assert hand.person.unanswered == []


async def test_a_search_that_redis_forgot_is_told(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    await hand.say("форум")
    again = hand.data("list.filters")
    stage.flush()
    await hand.forge(again)
    await hand.tap("list.show")
    assert hand.t("stale.search_lost") in hand.text


async def test_buttons_work_after_a_restart(stage: Stage):
    hand = await stage.hand("administrator")
    event = stage.events_of("npo", moderation_status="pending")[0]
    await hand.open(event["id"])
    await stage.restart()
    await hand.tap("card.approve")
    assert stage.event(event["id"])["moderation_status"] == "approved"


# --- languages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_no_screen_mixes_languages(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    foreign = {
        form: key
        for other in LOCALES
        if other != language
        for key, text in TEXTS[other].texts.items()
        for form in (text if isinstance(text, tuple) else (text,))
        if len(form) >= 6 and "{" not in form and "<" not in form and form not in own_texts(language)
    }
    event = stage.events_of("npo", moderation_status="pending")[0]
    for way in (
        [], ["menu.status"], ["menu.settings"], ["menu.help"], ["/find"], [hand.events], [hand.events, "list.filters"],
        [hand.events, "list.select"], [hand.events, "list.new"], [hand.events, "list.new", "nav.cancel"],
    ):  # fmt: skip
        await hand.say("/menu")
        for step in way:
            await (
                hand.say(step)
                if step.startswith("/")
                else hand.tap(step)
                if step != "nav.home"
                else hand.say("/menu")
            )
        assert foreign_in(hand, foreign) == set(), way
    await hand.open(event["id"])
    for way in ([], ["card.edit"], ["nav.back", "card.delete"], ["nav.cancel", "events.action.participants"]):
        await hand.tap(*way)
        assert foreign_in(hand, foreign) == set(), way
    assert [one["description"] for one in hand.person.commands] == [
        TEXTS[language](f"command.{one['command']}") for one in hand.person.commands
    ]


def own_texts(language: str) -> set[str]:
    return {
        form
        for text in TEXTS[language].texts.values()
        for form in (text if isinstance(text, tuple) else (text,))
    }


def foreign_in(hand: Hand, foreign: dict[str, str]) -> set[str]:
    """Lines and labels that are a text of another language."""
    shown = {
        *hand.labels,
        *hand.text.splitlines(),
        *(line.partition(":")[0] for line in hand.text.splitlines()),
    }
    return {line for line in shown if line in foreign}


async def test_the_language_changes_at_once_and_stays(stage: Stage):
    hand = await stage.hand("administrator", "en")
    await hand.tap("menu.settings", "settings.language", "Қазақша")
    assert hand.toast == TEXTS["kk"]("settings.saved")
    hand.language = "kk"
    assert hand.t("settings.title") in hand.text
    assert hand.person.commands[0]["description"] == TEXTS["kk"]("command.menu")
    await stage.restart()
    await hand.tap("nav.home")
    assert hand.sees(hand.events)
    await hand.say("/logout")
    assert hand.t("logout.done") in hand.text
    await hand.tap("menu.language", "English")
    hand.language = "en"
    assert hand.t("welcome.title") in hand.text


async def test_an_unknown_language_is_the_default_one(stage: Stage):
    guest = Hand(stage.telegram.person("Ann", language_code="fr"), "ru")
    await guest.say("/start")
    assert guest.t("welcome.title") in guest.text


async def test_times_follow_the_chosen_zone(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(1)
    assert "UTC+5" in hand.text
    await hand.say("/settings")
    await hand.tap("settings.zone", "Moscow")
    assert "UTC+3" in hand.text
    await hand.tap("settings.zone")
    await hand.say("Atlantis")
    assert hand.t("settings.zone_unknown", name="Atlantis") in hand.text
    await hand.say("asia/tokyo")
    assert "Tokyo" in hand.text
    await hand.open(1)
    assert "UTC+9" in hand.text


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("count", [1, 2, 5, 11, 21])
def test_counts_are_said_as_the_language_says_them(language: str, count: int):
    text = TEXTS[language]("events.impact", n=count, count=str(count))
    assert str(count) in text
    forms = TEXTS[language].texts["events.impact"]
    expected = {"ru": {1: 0, 2: 1, 5: 2, 11: 2, 21: 0}}.get(language, {1: 0}).get(count, 1)
    assert text == forms[expected].format(n=count, count=count)
