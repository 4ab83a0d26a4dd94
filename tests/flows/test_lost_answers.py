"""A form whose answer was lost: saved again, it makes nothing twice, whichever button leads back to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
import redis as redis_sync

from handlers.events import EVENTS
from services.keys import OperationKey
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.test_forms import VALUES, begin, fill, newest
from tests.flows.volunteering import balance, said
from tests.matrix.strict import LOCALES

AGAIN: Sequence[tuple[str, ...]] = (("nav.back",), ("nav.home", "menu.drafts"))
"""The ways back to the form that lead past "Try again", whose key already knows of the first try."""


async def unanswered_create(stage: Stage, *, done: bool) -> Hand:
    """The screen after a create whose answer was lost; ``done``: the record was made."""
    hand = await begin(stage)
    await fill(hand)
    stage.crm.faults.add("status", "/admin/list", status=503)
    stage.crm.faults.add("reset", "/create$", method="POST", after=done, times=1)
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("error.unknown_outcome") in hand.text
    stage.crm.faults.clear()
    return hand


async def back_to_the_form(hand: Hand, way: Sequence[str]) -> None:
    for label in way:
        await hand.tap(hand.t(label, n=1))
    if "menu.drafts" in way:
        await hand.tap(hand.labels[0])
    assert hand.t("form.summary") in hand.text
    assert hand.t("form.doubtful") in hand.text


@pytest.mark.parametrize("way", AGAIN, ids=("back", "drafts"))
@pytest.mark.parametrize("done", [True, False], ids=("made", "not_made"))
async def test_a_form_saved_again_makes_one_record(stage: Stage, way: tuple[str, ...], done: bool):
    hand = await unanswered_create(stage, done=done)
    await back_to_the_form(hand, way)
    await hand.tap("form.save")
    assert hand.toast == hand.t("done.created")
    assert [event["title"] for event in stage.crm.events()].count(VALUES["title"]) == 1
    assert newest(stage)["location"] in hand.text
    assert sum(one.path.endswith("/create") for one in stage.writes()) == 2 - done


async def test_a_doubtful_form_stays_doubtful_while_nobody_can_look(stage: Stage):
    hand = await unanswered_create(stage, done=True)
    await back_to_the_form(hand, ("nav.back",))
    stage.crm.faults.add("status", "/admin/list", status=503)
    await hand.tap("form.save")
    assert [event["title"] for event in stage.crm.events()].count(VALUES["title"]) == 1
    stage.crm.faults.clear()
    await back_to_the_form(hand, ("nav.back",))
    await hand.tap("form.save")
    assert [event["title"] for event in stage.crm.events()].count(VALUES["title"]) == 1


async def test_what_was_changed_since_is_asked_about(stage: Stage):
    """Looking for the new values would not find what the first try made."""
    hand = await unanswered_create(stage, done=True)
    await back_to_the_form(hand, ("nav.back",))
    await hand.tap("events.field.title")
    await hand.say("Another title")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("form.again_question") in hand.text
    assert stage.writes() == []
    await hand.tap("error.check")
    assert hand.sees(VALUES["title"][:20])


async def test_what_is_too_old_to_be_looked_for_is_asked_about(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    hand = await unanswered_create(stage, done=True)
    await back_to_the_form(hand, ("nav.back",))
    monkeypatch.setattr("handlers._engine.save.FRESH", timedelta(seconds=-1))
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("form.again_question") in hand.text
    assert stage.writes() == []
    await hand.tap("form.again")
    # Within the hour it is found all the same.
    assert [event["title"] for event in stage.crm.events()].count(VALUES["title"]) == 1


@pytest.fixture
def contradicting() -> Iterator[Callable[[], None]]:
    """Makes every set of values of an event contradict itself from then on."""

    def begin_to() -> None:
        object.__setattr__(EVENTS, "check", lambda values: ("title", "field.error.blank"))

    yield begin_to
    object.__setattr__(EVENTS, "check", None)


async def test_values_that_contradict_each_other_keep_the_doubt(
    stage: Stage, contradicting: Callable[[], None]
):
    """A process that died while it saved left the key behind: it is not forgotten before somebody looked."""
    hand = await unanswered_create(stage, done=True)
    name = OperationKey(hand.person.id, hand.data("error.retry").rpartition(".")[2]).name
    contradicting()
    with redis_sync.Redis.from_url(stage.redis_url) as client:
        client.set(name, "p:1:another-process")
        await hand.tap("error.retry")
        assert hand.t("field.error.blank") in hand.text
        assert bytes(client.get(name) or b"").startswith(b"u:")


async def unanswered_coins(stage: Stage, language: str = "en") -> Hand:
    hand = await stage.hand("volunteer_admin", language)
    await hand.open(21, "vo")
    await hand.tap("volunteers.action.add_coins")
    await hand.say("25")
    await hand.say("x")
    stage.crm.faults.add("reset", "/coins$", after=True, times=1)
    await hand.tap("form.save")
    assert hand.t("error.unknown_outcome") in hand.text
    stage.crm.clear_requests()
    return hand


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("way", [("nav.back", "form.save"), ("error.retry",)], ids=("back", "retry"))
async def test_coins_are_sent_again_only_when_that_is_said(stage: Stage, way: tuple[str, ...], language: str):
    before = balance(stage, 21)
    hand = await unanswered_coins(stage, language)
    await hand.tap(*way)
    assert balance(stage, 21) == before + 25
    assert stage.writes() == []
    assert hand.t("form.again_question") in hand.text
    await hand.tap("nav.back")
    assert hand.t("form.doubtful") in hand.text
    await hand.tap("form.save", "form.again")
    assert balance(stage, 21) == before + 50
    assert said(hand, hand.t("volunteers.done.add_coins"))


async def test_saying_it_twice_pays_once_more(stage: Stage):
    before = balance(stage, 21)
    hand = await unanswered_coins(stage)
    await hand.tap("nav.back", "form.save")
    data, message = hand.data("form.again"), hand.screen.id
    for _ in range(3):
        await hand.person.press(data, message)
    await hand.person.settle()
    assert balance(stage, 21) == before + 50


async def test_the_same_deed_begun_anew_tells_of_the_first(stage: Stage):
    hand = await unanswered_coins(stage)
    await hand.open(21, "vo")
    await hand.tap("volunteers.action.add_coins")
    assert hand.t("form.doubtful") in hand.text
    await hand.tap("nav.cancel", "form.discard", "volunteers.action.add_coins")
    assert hand.t("volunteers.hint.amount") in hand.text
    await hand.open(22, "vo")
    await hand.tap("volunteers.action.add_coins")
    assert hand.t("volunteers.hint.amount") in hand.text


async def test_the_question_leads_to_the_record_first(stage: Stage):
    hand = await unanswered_coins(stage)
    await hand.tap("nav.back", "form.save", "error.check")
    assert hand.t("volunteers.field.v_coins_balance") in hand.text
    assert stage.writes() == []
