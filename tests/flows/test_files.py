"""Files an op answers with come below the screen, in messages of their own."""

from __future__ import annotations

import dataclasses

import pytest

from handlers import events, modules
from resources.resource import Resource
from tests.flows.conftest import Stage
from utils.html import Html
from views.screen import File, Outcome


@pytest.fixture
def sends_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The events' named action answers with a file instead of its list."""

    async def participants(rctx) -> Outcome:
        return Outcome(files=(File("people.csv", b"a;b", Html("<b>2</b>")), File("more.csv", b"c")))

    action = dataclasses.replace(events.EVENTS.actions[0], run=participants)
    changed: Resource = dataclasses.replace(events.EVENTS, actions=(action,))
    monkeypatch.setattr("composition.RESOURCES", (changed, *modules.RESOURCES[1:]))


async def test_files_come_in_their_order_and_the_screen_stays(sends_a_file, stage: Stage):
    await stage.restart()
    ann = await stage.hand("administrator")
    await ann.open(stage.crm.events()[0]["id"])
    before = ann.screen.id
    await ann.tap("events.action.participants")
    await ann.person.settle()
    living, *files = ann.person.bot_messages
    assert living.id == before
    assert [file.document["file_name"] for file in files if file.document] == ["people.csv", "more.csv"]
    assert ann.person.unanswered == []


async def test_a_file_that_telegram_does_not_take_is_told_on_the_living_message(sends_a_file, stage: Stage):
    await stage.restart()
    ann = await stage.hand("administrator")
    await ann.open(stage.crm.events()[0]["id"])
    stage.telegram.faults.add("flood", method="sendDocument", seconds=60)
    await ann.tap("events.action.participants")
    await ann.person.settle()
    assert len(ann.person.bot_messages) == 1
    assert ann.t("file.not_sent") in ann.text
    assert ann.sees("nav.home")
