"""Every resource x op x role: a button is drawn where the policy allows, and a forged one works nowhere else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import redis
from redis.asyncio import Redis

from handlers.modules import RESOURCES
from keyboards.callbacks import Go, Place, Press
from models.access import OFFICE, Need, Principal, Role
from resources.resource import Op, Resource
from services import policy
from services.audit import Audit, AuditEntry
from services.keys import UiKey
from services.operation_keys import OperationKeys
from services.preferences import UiField
from services.vault import Vault
from tests.flows.conftest import TOKEN, Stage
from tests.flows.hand import Hand

LOGINS: dict[Role | None, str | None] = {role: role.value for role in Role} | {None: None}
BY_CODE = {resource.code: resource for resource in RESOURCES}
PARENT_PAGES = 5
"""Pages of a parent's list that are looked through for one with children."""
BUTTONS = {
    Op.CREATE: Press.CREATE,
    Op.EDIT: Press.EDIT,
    Op.DELETE: Press.DELETE,
}
FORGED = {
    Op.LIST: Press.LIST,
    Op.CARD: Press.CARD,
    Op.CREATE: Press.CREATE,
    Op.EDIT: Press.EDIT,
    Op.DELETE: Press.DELETE_NOW,
    Op.MODERATE: Press.APPROVE,
    Op.EXPORT: Press.EXPORT,
}


def allowed(role: Role | None, resource: Resource[Any], op: Op) -> bool:
    principal = Principal(1, 1 if role else None, role)
    return op in resource.needs and policy.allows(principal, Need(resource.needs[op], resource.module))


def keyed(stage: Stage, hand: Hand, go: Go) -> str:
    """The address with the very key that the bot would draw: only the policy is left to refuse it."""
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        epoch = str(client.hget(UiKey(hand.person.id).name, UiField.EPOCH) or "")
    keys = OperationKeys(Vault.of([], TOKEN).hmac_secret("operations"))
    now = stage.telegram.state.clock()
    return replace(go, key=keys.draw(epoch, hand.person.id, go.scope, now)).pack()


def serves(resource: Resource[Any], method: str, path: str) -> bool:
    """True for a request that this resource's source makes, counters and sessions aside."""
    operations: Any = resource.source
    named = {name for names in operations.operations.values() for name in names}
    return not re.search("telegram-auth|/stats$", path) and any(
        re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(name)), f"{method} {path}") for name in named
    )


def drawn(hand: Hand) -> list[Go]:
    data = [button.get("callback_data") for row in hand.screen.keyboard for button in row]
    return [go for go in map(Go.unpack, data) if go is not None]


async def records_of(stage: Stage, resource: Resource[Any], role: Role | None) -> tuple[list[int], str]:
    """Ids that this role may see, or that an administrator sees where it may see none, and the place of their list:
    of a child under the first record of its parent that has two, or the one there can be."""
    seeing = next(
        one for one in (role, Role.ADMINISTRATOR, Role.SUPER_ADMIN) if allowed(one, resource, Op.LIST)
    )
    hand = await stage.hand(LOGINS[seeing], user_id=7007)
    await _acted(stage, resource)
    if resource.sole:
        return [resource.sole], ""
    places = [""]
    if resource.parent:
        places = [place async for place in parents_of(hand, resource)]
    for place in places:
        await hand.forge(Go(Press.LIST, resource.code, view=place).pack())
        ids = [go.id for go in drawn(hand) if go.op == Press.CARD and go.res == resource.code]
        if len(ids) > (0 if resource.list.single else 1):
            return ids, place
    raise AssertionError(f"{resource.key}: no list with two records")


async def _acted(stage: Stage, resource: Resource[Any]) -> None:
    """What the bot itself keeps begins empty: somebody else signs in, two things are done."""
    if resource.key == "sessions":
        await stage.hand("government", user_id=7300)
    if resource.key == "audit":
        entry = AuditEntry(1.8e9, 7, 7300, "Ada", "administrator", "edit", "events", 1)
        async with Redis.from_url(stage.redis_url, decode_responses=True) as client:
            await Audit(client).add(entry, entry)


async def parents_of(hand: Hand, resource: Resource[Any]) -> AsyncIterator[str]:
    """The places of the lists under the first records of the parent that lead to such a list."""
    for number in range(1, PARENT_PAGES + 1):
        page = Place(page=number)
        await hand.forge(Go(Press.LIST, resource.parent, view=page.pack()).pack())
        for record_id in [go.id for go in drawn(hand) if go.op == Press.CARD]:
            if resource.shown_for is not None:
                await hand.forge(Go(Press.CARD, resource.parent, record_id).pack())
                if not any(go.op == Press.LIST and go.res == resource.code for go in drawn(hand)):
                    continue
            yield Place(parent=record_id).pack()


async def ways_to(hand: Hand, resource: Resource[Any], place: str) -> list[Go]:
    """The buttons that lead to the list: in the menu, in the hub of a module with several, on the parent's card."""
    await hand.say("/menu")
    if resource.parent:
        await hand.forge(Go(Press.CARD, resource.parent, Place.parent_of(place)).pack())
    elif resource.module in OFFICE:
        if any(go.op == Press.OFFICE for go in drawn(hand)):
            await hand.forge(Go(Press.OFFICE).pack())
    else:
        hubs = [go for go in drawn(hand) if go.op == Press.HUB and BY_CODE[go.res].module is resource.module]
        for go in hubs:
            await hand.forge(go.pack())
    return [go for go in drawn(hand) if go.op == Press.LIST and go.res == resource.code]


async def cards_of(hand: Hand, resource: Resource[Any], ids: list[int], place: str) -> list[list[Go]]:
    """The buttons of each of these cards: an op may be there for some of the records only."""
    found = []
    for record_id in ids:
        await hand.forge(Go(Press.CARD, resource.code, record_id, view=place).pack())
        found.append(drawn(hand))
    return found


@pytest.mark.parametrize("role", LOGINS, ids=str)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
async def test_drawn_allowed_and_executed_are_one(stage: Stage, resource: Resource[Any], role: Role | None):
    ids, place = await records_of(stage, resource, role)
    hand = await stage.hand(LOGINS[role], user_id=7100)
    assert bool(await ways_to(hand, resource, place)) == allowed(role, resource, Op.LIST)
    if allowed(role, resource, Op.LIST):
        await hand.forge(Go(Press.LIST, resource.code, view=place).pack())
        several = not resource.list.single
        creates = allowed(role, resource, Op.CREATE) and several
        assert any(go.op == Press.CREATE for go in drawn(hand)) == creates
        bulk = any(allowed(role, resource, op) for op in (Op.DELETE, Op.MODERATE, Op.EXPORT))
        assert any(go.op == Press.SELECT for go in drawn(hand)) == (bulk and several)
        assert any(go.op == Press.EXPORT for go in drawn(hand)) == allowed(role, resource, Op.EXPORT)
    await hand.forge(Go(Press.CARD, resource.code, ids[0], view=place).pack())
    card = drawn(hand)
    for op, press in BUTTONS.items():
        if op is not Op.CREATE:
            cards = [card] if op not in resource.only_for else await cards_of(hand, resource, ids, place)
            assert any(go.op == press for one in cards for go in one) == allowed(role, resource, op), op
    decisions = any(go.op in (Press.APPROVE, Press.REJECT) for go in card)
    assert decisions == allowed(role, resource, Op.MODERATE)
    for action in resource.actions:
        shown = any(go.op == Press.ACTION and go.arg.startswith(action.code) for go in card)
        principal = Principal(1, 1 if role else None, role)
        assert shown == policy.allows(principal, Need(action.permission, resource.module))


@pytest.mark.parametrize("role", LOGINS, ids=str)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
async def test_a_forged_press_does_what_the_role_may(
    stage: Stage, resource: Resource[Any], role: Role | None
):
    ids, place = await records_of(stage, resource, role)
    hand = await stage.hand(LOGINS[role], user_id=7100)
    await hand.say("/menu")
    for number, (op, press) in enumerate(FORGED.items()):
        if op not in resource.needs:
            continue
        record_id = 0 if op in (Op.LIST, Op.CREATE, Op.EXPORT) else ids[number % len(ids)]
        go = Go(press, resource.code, record_id, view=place)
        data = keyed(stage, hand, go) if op in (Op.DELETE, Op.MODERATE) else go.pack()
        stage.crm.clear_requests()
        said = await hand.forge(data)
        if allowed(role, resource, op):
            assert hand.t("error.forbidden_toast") != said, op
            continue
        assert stage.writes() == [], op
        assert hand.t("error.forbidden_toast") == said or role is None, op
        if not allowed(role, resource, Op.LIST):
            # The menu that is shown instead counts what else there is, and nothing of this.
            asked = [one.path for one in stage.crm.requests if serves(resource, one.method, one.path)]
            assert asked == [], op


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)
async def test_a_key_of_another_person_or_record_is_worth_nothing(stage: Stage, resource: Resource[Any]):
    ids, place = await records_of(stage, resource, Role.ADMINISTRATOR)
    hand = await stage.hand("administrator", user_id=7100)
    other = await stage.hand("super_admin", user_id=7200)
    await hand.say("/menu")
    good = Go.unpack(keyed(stage, hand, Go(Press.DELETE_NOW, resource.code, ids[0], view=place)))
    assert good is not None
    stage.crm.clear_requests()
    await other.forge(good.pack())
    for data in (
        *(replace(good, id=other_id) for other_id in ids[1:2]),
        replace(good, op=Press.APPROVE),
        replace(good, key=""),
        replace(good, key="x" * 14),
    ):
        await hand.forge(data.pack())
    assert stage.writes() == []
    await hand.forge(good.pack())
    assert len(stage.writes()) == int(Op.DELETE in resource.needs)
