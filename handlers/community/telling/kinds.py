"""What members are told of: whom it concerns, how it is noted in the CRM that they know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.community import CoffeeRounds, Members, Pairs
from api.errors import NotFound
from handlers.community.shown import CODES
from middlewares.context import App
from models.access import Caller
from models.community import Channel, CoffeeGroup, CoffeeRound, Member, MemberStatus, PairStatus, RoundStatus
from services.tellings import Line

PAIR, COFFEE, ASK = "pair", "coffee", "ask"
SINGLY = 20
"""Members up to whom each one is read alone; more are read out of the list."""
TELEGRAM, EMAIL = Channel.TELEGRAM, Channel.EMAIL


@dataclass(frozen=True, slots=True)
class Party:
    """Those who are matched with each other; of a pair the mentor comes first. ``told``: the CRM knows that they
    were told."""

    id: int
    members: tuple[Member, ...]
    told: bool = False
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom it concerns; ``over`` is the key of why nobody is told any more."""

    parties: tuple[Party, ...] = ()
    over: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """``plan`` reads whom it concerns, ``mark`` notes that a party was told in that channel; None: nothing is noted.
    ``source`` serves the records that it is about, ``anew`` tells members although the CRM knows that they were."""

    icon: str
    source: type[Any]
    plan: Callable[[App, Caller, int], Awaitable[Plan]]
    mark: Callable[[App, Caller, int, Party, str], Awaitable[None]] | None = None
    channels: tuple[str, ...] = (TELEGRAM, EMAIL)
    anew: bool = False


def ways(kind: Kind, member: Member) -> tuple[str, ...] | Line:
    """The channels in which the member is told; else why in none."""
    if member.channel == Channel.NONE or member.notify_matches is False:
        return Line.DECLINED
    wanted = kind.channels if member.channel in (None, Channel.BOTH) else (member.channel,)
    address = {TELEGRAM: chat_of(member), EMAIL: member.email}
    found = tuple(way for way in kind.channels if way in wanted and address[Channel(way)])
    if not found and member.channel == EMAIL and EMAIL not in kind.channels:
        return Line.DECLINED
    if member.status != MemberStatus.APPROVED:
        return Line.NO_WAY
    return found or Line.NO_WAY


def chat_of(member: Member) -> int:
    """The chat with the member; 0 without one."""
    known = member.telegram_user_id or ""
    return int(known) if known.isascii() and known.isdigit() and len(known) <= 19 else 0


async def members_of(app: App, caller: Caller, ids: Iterable[int]) -> dict[int, Member]:
    """These members as they are now, by id; those who are gone are left out."""
    source: Members = app.records.source(app.registry.by_code[CODES["members"]])
    wanted = set(ids)
    found: dict[int, Member] = {}
    if len(wanted) > SINGLY:
        everybody = await source.every(caller, status=MemberStatus.APPROVED)
        found = {one.id: one for one in everybody if one.id in wanted}
    for some in _in_parts(sorted(wanted - found.keys())):
        read = await asyncio.gather(*(_unless_gone(source, caller, one) for one in some))
        found |= {one.id: one for one in read if one is not None}
    return found


def _in_parts(ids: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), SINGLY):
        yield ids[start : start + SINGLY]


async def _unless_gone(source: Members, caller: Caller, member_id: int) -> Member | None:
    try:
        return await source.get(caller, member_id)
    except NotFound:
        return None


async def _pair(app: App, caller: Caller, record_id: int) -> Plan:
    source: Pairs = app.records.source(app.registry.by_code[CODES["pairs"]])
    pair = await source.get(caller, record_id)
    if pair.status != PairStatus.ACTIVE:
        return Plan(over="tellings.ended")
    found = await members_of(app, caller, (pair.mentor.id, pair.mentee.id))
    two = (pair.mentor.id, pair.mentee.id)
    if not all(one in found for one in two):
        return Plan(over="tellings.gone")
    return Plan((Party(pair.id, tuple(found[one] for one in two), pair.notified_at is not None),))


async def _mark_pair(app: App, caller: Caller, record_id: int, party: Party, channel: str) -> None:
    source: Pairs = app.records.source(app.registry.by_code[CODES["pairs"]])
    await source.notified(caller, record_id)


def rounds_of(app: App) -> CoffeeRounds:
    """What serves the coffee rounds."""
    found: CoffeeRounds = app.records.source(app.registry.by_code[CODES["rounds"]])
    return found


async def _coffee(app: App, caller: Caller, record_id: int) -> Plan:
    return await _plan_of(app, caller, await rounds_of(app).get(caller, record_id))


async def _ask(app: App, caller: Caller, record_id: int) -> Plan:
    return await _plan_of(app, caller, await rounds_of(app).get(caller, record_id), silent=True)


async def _plan_of(app: App, caller: Caller, round_: CoffeeRound, *, silent: bool = False) -> Plan:
    """The groups of a round; with ``silent`` those alone that were told, and from whom nothing was heard."""
    if round_.status == RoundStatus.ROLLED_BACK:
        return Plan(over="tellings.rolled_back")
    groups = [one for one in round_.groups if not silent or is_silent(one)]
    found = await members_of(app, caller, (one for group in groups for one in group.member_ids))
    return Plan(
        tuple(
            Party(
                group.id,
                tuple(found[one] for one in group.member_ids if one in found),
                group.notified_at is not None,
                round_.day,
            )
            for group in groups
        )
    )


def is_silent(group: CoffeeGroup) -> bool:
    """True for a group that was told, and from whom nothing was heard."""
    return group.notified_at is not None and not group.feedback.answers


async def _mark_group(app: App, caller: Caller, record_id: int, party: Party, channel: str) -> None:
    await rounds_of(app).told(caller, record_id, party.id, channel, key=f"telling:{record_id}:{party.id}")


KINDS: Mapping[str, Kind] = {
    PAIR: Kind("🤝", Pairs, _pair, _mark_pair),
    COFFEE: Kind("☕", CoffeeRounds, _coffee, _mark_group),
    ASK: Kind("💬", CoffeeRounds, _ask, channels=(TELEGRAM,), anew=True),
}
