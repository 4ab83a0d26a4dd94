"""Many at once: ticking rows across pages, one question, a result for each."""

from __future__ import annotations

import pytest

from handlers.modules import RESOURCES
from keyboards.callbacks import Go, Place, Press
from resources.resource import Op
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.strict import LOCALES
from tests.support.stage import until


def ids(hand: Hand) -> list[int]:
    """The records whose boxes are on the page."""
    rows = [button.get("callback_data", "") for row in hand.screen.keyboard for button in row]
    found = [data.split(".")[1] for data in rows if data.startswith("tiev") and data.split(".")[1]]
    return [int(number, 36) for number in found]


async def selecting(stage: Stage, language: str = "en") -> Hand:
    hand = await stage.hand("administrator", language)
    await hand.tap(
        hand.events, "list.filters", "choice.moderation_status.pending", "list.show", "list.select"
    )
    return hand


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(("what", "word"), [("approve", "approved"), ("reject", "rejected")])
async def test_rows_of_two_pages_are_decided_together(stage: Stage, language: str, what: str, word: str):
    hand = await selecting(stage, language)
    assert not hand.sees(hand.t(f"bulk.{what}", n=1))
    first, second = ids(hand)[:2]
    await hand.tap(hand.labels[0], hand.labels[1])
    assert hand.labels[0].startswith("☑")
    assert hand.labels[2].startswith("☐")
    await hand.tap("pager.next")
    third = ids(hand)[0]
    await hand.tap(hand.labels[0])
    assert hand.t("bulk.ticked", n=3) in hand.text
    await hand.tap(hand.t(f"bulk.{what}", n=3))
    assert hand.t(f"bulk.ask_{what}", n=3) in hand.text
    assert str(stage.event(first)["title"])[:20] in hand.text
    stage.crm.clear_requests()
    await hand.tap(hand.t(f"bulk.{what}", n=3))
    assert hand.t(f"bulk.done_{what}", n=3) in hand.text
    assert [stage.event(one)["moderation_status"] for one in (first, second, third)] == [word] * 3
    assert len(stage.writes()) == 3
    await hand.tap("nav.back")
    assert hand.t("choice.moderation_status.pending") in hand.text.splitlines()[0]


async def test_a_whole_page_is_deleted_and_failures_are_retried(stage: Stage):
    hand = await selecting(stage)
    wanted = ids(hand)
    await hand.tap("bulk.page")
    assert all(label.startswith("☑") for label in hand.labels[: len(wanted)])
    other = await stage.hand("super_admin", user_id=2002)
    await other.open(wanted[0])
    await other.tap("card.delete", "delete.confirm")
    stage.crm.faults.add("status", f"admin/{wanted[1]}$", method="DELETE", status=403)
    await hand.tap(hand.t("bulk.delete", n=7))
    assert hand.t("delete.warning") in hand.text
    assert hand.t("bulk.gone") in hand.text
    await hand.tap(hand.t("bulk.delete", n=7))
    assert hand.t("bulk.done_delete", n=5) in hand.text
    assert hand.text.count(hand.t("bulk.gone")) == 1
    assert hand.text.count(hand.t("bulk.failed")) == 1
    stage.crm.faults.clear()
    await hand.tap(hand.t("bulk.retry", n=2), hand.t("bulk.delete", n=2))
    assert hand.t("bulk.done_delete", n=1) in hand.text
    assert [stage.event(one) for one in wanted] == [None] * 7


async def test_ticks_are_taken_back(stage: Stage):
    hand = await selecting(stage)
    empty = hand.seen()
    await hand.tap(hand.labels[0])
    assert hand.seen() != empty
    await hand.tap(hand.labels[0])
    assert hand.seen() == empty
    await hand.tap("bulk.page", "bulk.none")
    assert hand.seen() == empty


async def test_cancel_comes_first_and_changes_nothing(stage: Stage):
    hand = await selecting(stage)
    await hand.tap("bulk.page")
    before = hand.seen()
    stage.crm.clear_requests()
    await hand.tap(hand.t("bulk.reject", n=7))
    assert hand.labels[0] == hand.t("nav.cancel")
    await hand.tap("nav.cancel")
    assert hand.seen() == before
    assert stage.writes() == []


async def test_a_double_tap_runs_once(stage: Stage):
    hand = await selecting(stage)
    await hand.tap("bulk.page", hand.t("bulk.approve", n=7))
    data, message = hand.data(hand.t("bulk.approve", n=7)), hand.screen.id
    stage.crm.clear_requests()
    for _ in range(3):
        await hand.person.press(data, message)
    await hand.person.settle()
    assert len(stage.writes()) == 7
    assert hand.person.unanswered == []


async def test_an_npo_deletes_its_own_but_decides_nothing(stage: Stage):
    npo = await stage.hand("npo")
    await npo.tap(npo.events, "list.select")
    one = ids(npo)[0]
    await npo.tap(npo.labels[0])
    assert npo.sees(npo.t("bulk.delete", n=1))
    assert not npo.sees(npo.t("bulk.approve", n=1))
    await npo.tap(npo.t("bulk.delete", n=1), npo.t("bulk.delete", n=1))
    assert stage.event(one) is None


async def test_nothing_ticked_any_more_shows_the_boxes_again(stage: Stage):
    hand = await selecting(stage)
    await hand.tap("bulk.page")
    old = hand.data(hand.t("bulk.approve", n=7))
    await hand.tap("bulk.none")
    stage.crm.clear_requests()
    await hand.forge(old)
    assert hand.t("bulk.ticked", n=0) in hand.text
    assert stage.writes() == []


async def test_what_is_ticked_under_one_record_is_not_ticked_under_another(stage: Stage):
    hand = await stage.hand("administrator")
    child = next(one for one in RESOURCES if one.parent and Op.EXPORT in one.needs and not one.list.single)
    await hand.forge(Go(Press.LIST, child.parent).pack())
    buttons = [button.get("callback_data") for row in hand.screen.keyboard for button in row]
    parents = [go.id for go in map(Go.unpack, buttons) if go and go.op == Press.CARD]
    lists = []
    for parent in parents:
        place = Place(parent=parent).pack()
        await hand.forge(Go(Press.LIST, child.code, view=place).pack())
        if hand.sees("list.select"):
            lists.append(place)
    first, second = lists[:2]
    await hand.forge(Go(Press.TICK, child.code, arg="page", view=first).pack())
    assert hand.sees("☑")
    await hand.forge(Go(Press.SELECT, child.code, view=second).pack())
    assert hand.t("bulk.ticked", n=0) in hand.text
    await hand.forge(Go(Press.SELECT, child.code, view=first).pack())
    assert hand.t("bulk.ticked", n=0) not in hand.text
    await hand.tap("export.button", "export.make")
    await until(lambda: [one for one in hand.person.bot_messages if one.document])
