"""No role ever receives a record it could not open: not in an alert, a card, a list, a picker, a search or a file.

Every record carries a mark. Each role looks at everything it can reach, and presses what it was never shown; then
all that the bot ever sent to it is searched for marks.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import aiohttp
import pytest

from keyboards.callbacks import Go, Place, Press
from sandbox.telegram import Person
from tests.flows.hand import Hand
from tests.security.marked import (
    BY_TABLE,
    KINDS,
    READS,
    SEARCH,
    Kind,
    another,
    forbidden,
    ids_of,
    marked,
    owner_of,
)
from tests.support.stage import Stage, addresses, until

SCREENS = 90
"""Screens that each person opens by the buttons they see."""
OF_A_KIND = 3
"""Buttons of one op and list that are pressed."""
PERSONS = {
    "super_admin": "super_admin", "administrator": "administrator", "government": "government", "npo": "npo",
    "second_npo": "npo", "msb": "msb", "second_msb": "msb", "volunteer_admin": "volunteer_admin", "client": "client",
}  # fmt: skip
LEFT_OUT = (Press.LOGOUT, Press.SIGN_OUT, Press.LANGUAGE, Press.LOOK_AS, Press.MINE_END, Press.SESSIONS_END)
"""Buttons that end the walk, or make it one of another role."""
SOON = 30.0


async def signed_in(stage: Stage, login: str) -> Hand:
    """A person who wants alerts of whatever there is."""
    hand = Hand(
        await stage.signed_in(login, name=login.title(), user_id=8001 + list(PERSONS).index(login)), "en"
    )
    await hand.say("/settings")
    return await hand.tap("alerts.title", "alerts.turn_on")


def owned(stage: Stage) -> None:
    """Everybody who sees their own only owns something of each kind, with something under it."""
    for kind in KINDS:
        if not kind.owner or kind.waits is None:
            continue
        for login, role in PERSONS.items():
            if kind.module in READS[role] and role in ("npo", "msb"):
                number = another(stage, kind, login)
                if kind.table == "projects":
                    for below in KINDS:
                        if below.parent == ("project_id", "projects") and below.waits:
                            another(stage, below, parent=number)


def news(stage: Stage) -> None:
    """One new record of every kind that waits, of every owner, all at once."""
    owned(stage)
    for kind in KINDS:
        if kind.waits is not None and not kind.owner and not kind.parent:
            another(stage, kind)


async def wander(hand: Hand) -> int:
    """Presses what is on the screens, a few of each sort, nothing that writes; how many were opened."""
    waiting = ["me--", *addresses(hand.screen)]
    seen: set[str] = set()
    kinds: Counter[str] = Counter()
    while waiting and len(seen) < SCREENS:
        data = waiting.pop(0)
        go = Go.unpack(data)
        if go is None or data in seen or go.key or go.op in LEFT_OUT:
            continue
        sort = f"{go.op}{go.res}{go.arg[:1]}"
        if kinds[sort] >= OF_A_KIND:
            continue
        seen.add(data)
        kinds[sort] += 1
        await hand.person.press(data, hand.screen.id, timeout=15, settle=True)
        waiting += addresses(hand.screen)
    return len(seen)


async def forge(stage: Stage, hand: Hand) -> None:
    """Addresses of records and lists that nobody showed this person, and the searches that find everything."""
    for resource_code, kind in _addressable():
        for record_id in _others(stage, kind, hand):
            place = ""
            if kind.parent is not None:
                column = kind.rows.c[kind.parent[0]]
                with stage.crm.room.db.session() as session:
                    parent = session.query(column).filter(kind.rows.c.id == record_id).scalar()
                place = Place(parent=int(parent)).pack()
            for op in (
                Press.CARD,
                Press.TRIAGE,
                Press.REASON,
                Press.READ,
                Press.EDIT,
                Press.DELETE,
                Press.LIST,
            ):
                go = Go(op, resource_code, 0 if op == Press.LIST else record_id, view=place)
                await hand.person.press(go.pack(), hand.screen.id, timeout=15, settle=True)
            await hand.say(f"/start {resource_code}_{record_id}")
    await hand.forge(Go(Press.FIND).pack())
    await hand.say(SEARCH)
    await hand.say("/approvals")
    await hand.say(SEARCH)


def _others(stage: Stage, kind: Kind, hand: Hand) -> list[int]:
    """The newest record, and the newest that is not this person's."""
    ids = ids_of(stage, kind)
    me = next(
        (one["admin_id"] for one in stage.crm.sessions() if one["telegram_user_id"] == str(hand.person.id)), 0
    )
    return list(dict.fromkeys([ids[0], *[one for one in ids[:20] if owner_of(stage, kind, one) != me][:1]]))


def _addressable() -> Iterator[tuple[str, Kind]]:
    """Codes of the bot's lists, by the table that they show."""
    codes = {
        "events": "ev", "vacancies": "va", "projects": "pr", "voting_participants": "pp", "form_submissions": "ps",
        "places": "pl", "tickets": "tk", "promo_actions": "pm", "courses": "co", "news": "nw", "volunteers": "vo",
        "volunteer_events": "ve", "volunteer_benefits": "vb", "volunteer_task_completions": "vr", "tech_tasks": "tt",
        "experts": "ex", "resumes": "rs", "community_members": "mb", "broadcasts": "bc", "notifications": "nt",
    }  # fmt: skip
    for kind in KINDS:
        if kind.table in codes:
            yield codes[kind.table], kind


async def files(hand: Hand) -> None:
    """An export of the first list that this person may export."""
    await hand.say("/menu")
    for code in ("ev", "va", "pr", "pl", "vo", "mb"):
        await hand.forge(Go(Press.LIST, code).pack())
        if hand.sees("export.button"):
            await hand.tap("export.button")
            if hand.sees("export.make"):
                # Otherwise one that the walk ordered is still being made.
                await hand.tap("export.make")
            await until(lambda: any("document" in one.raw for one in hand.person.messages), SOON)
            return


def received(stage: Stage, person: Person) -> list[str]:
    """Everything the bot ever sent to that person: texts, buttons, answers, and what stands in its files."""
    found = [
        json.dumps(call.params, ensure_ascii=False, default=str)
        for call in stage.telegram.calls
        if str(call.params.get("chat_id")) == str(person.id)
    ]
    found += [str(answer["text"]) for answer in person.answers]
    for message in person.messages:
        if "document" in message.raw:
            stored = stage.telegram.state.files.by_id(message.raw["document"]["file_id"])
            assert stored is not None
            found += _words(stored.data)
    return found


def _words(data: bytes) -> list[str]:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return [data.decode("utf-8", "replace")]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]


def furnished(stage: Stage) -> None:
    """Everything is marked, and everybody who sees their own only has a neighbour."""
    marked(stage)
    stage.crm.add_admin("second_npo", "npo")
    stage.crm.add_admin("second_msb", "msb")
    owned(stage)


async def test_nobody_is_alerted_of_what_they_could_not_open(polled: Stage):
    stage = polled
    furnished(stage)
    async with stage.bot_here(ALERTS_EVERY="1", LOGIN_RATE_LIMIT="100/min") as log:
        hands = {login: await signed_in(stage, login) for login in PERSONS}
        # What waited before is known to all before something new comes.
        await until(
            lambda: all(one["primed"] for one in watches(stage).values() if _decides(one, hands)), SOON
        )
        news(stage)
        alerted = [login for login, role in PERSONS.items() if role not in SILENT]
        # Whoever hears too much is to be named before whoever hears nothing.
        with contextlib.suppress(AssertionError):
            await until(lambda: all("zq" in _said(hands[login]) for login in alerted), SOON)
        # One alone, too, of each owner: that comes as a card.
        for login in ("npo", "second_npo"):
            with stage.redis.client() as client:
                for user_id, watch in watches(stage).items():
                    client.hset("alerts:people", user_id, json.dumps(watch | {"merged_at": 0.0}))
            number = another(stage, BY_TABLE["events"], login)
            with contextlib.suppress(AssertionError):
                await until(partial(_was_told, hands["administrator"], f"zqev{number}x"), SOON)
        await asyncio.sleep(6)
        said = {login: received(stage, hand.person) for login, hand in hands.items()}
        assert {login: bad for login in PERSONS if (bad := _wrong(stage, login, said[login]))} == {}
        assert {login for login, hand in hands.items() if "zq" in _said(hand)} == set(alerted)
        assert _was_told(hands["administrator"], f"zqev{number}x")
    assert "Traceback" not in log.getvalue()


SILENT = ("government", "msb", "client")
"""Roles that decide nothing."""


def watches(stage: Stage) -> dict[str, dict[str, Any]]:
    """What each person asked for."""
    with stage.redis.client() as client:
        return {user_id: json.loads(raw) for user_id, raw in client.hgetall("alerts:people").items()}


def _decides(watch: dict[str, Any], hands: dict[str, Hand]) -> bool:
    return any(
        hand.person.id == watch["user_id"] for login, hand in hands.items() if PERSONS[login] not in SILENT
    )


@pytest.mark.parametrize("login", PERSONS)
async def test_nobody_sees_what_they_could_not_open(polled: Stage, login: str):
    """On any screen that buttons, links, searches and forged addresses lead to, and in a file."""
    stage = polled
    furnished(stage)
    async with stage.bot_here() as log:
        hand = await signed_in(stage, login)
        for text in ("/menu", "/approvals"):
            await hand.say(text)
            await wander(hand)
        await forge(stage, hand)
        await files(hand)
        said = received(stage, hand.person)
        bad = _wrong(stage, login, said)
        assert bad == [], next(one for one in said if bad[0] in one)
        _looked_enough(login, said)
    assert "Traceback" not in log.getvalue()


def _was_told(hand: Hand, mark: str) -> bool:
    return mark in _said(hand)


def _said(hand: Hand) -> str:
    return "\n".join(one.text for one in hand.person.bot_messages)


def _wrong(stage: Stage, login: str, said: list[str]) -> list[str]:
    return sorted(forbidden(stage, login, PERSONS[login], said))


def _looked_enough(login: str, said: list[str]) -> None:
    """A walk that sees nothing proves nothing: something of every kind that they may read was seen."""
    role, words = PERSONS[login], "\n".join(said)
    for kind in KINDS:
        if kind.module not in READS[role] or (role == "government" and kind.code == "su"):
            continue
        if kind.code in ("vt", "nt", "ea", "pa") or (role in ("npo", "msb") and not kind.owner):
            continue
        assert f"{SEARCH}{kind.code}" in words, f"{login} saw nothing of {kind.table}"


async def test_the_marks_are_those_of_the_backend(polled: Stage):
    """What the test holds to be forbidden, the backend refuses as well, where it has a route for one record."""
    stage = polled
    stage.crm.add_admin("second_npo", "npo")
    owned_by_other = {kind.table: ids_of(stage, kind)[0] for kind in KINDS}
    routes = {
        "events": "/api/v2/events/admin/{id}", "vacancies": "/api/v2/vacancies/admin/{id}",
        "projects": "/api/v2/projects/admin/{id}", "tech_tasks": "/api/v2/tech-tasks/admin/{id}",
        "community_members": "/api/v2/community/members/{id}", "broadcasts": "/api/v1/broadcasts/{id}",
    }  # fmt: skip
    refused = Counter[str]()
    for login in ("client", "volunteer_admin", "msb", "npo", "government"):
        headers = {"Authorization": f"Bearer {stage.crm.token(login)}"}
        async with aiohttp.ClientSession(stage.crm.url, headers=headers) as http:
            for kind in KINDS:
                if kind.table not in routes or kind.module in READS[login]:
                    continue
                async with http.get(routes[kind.table].format(id=owned_by_other[kind.table])) as answer:
                    refused[str(answer.status)] += 1
                    assert answer.status in (403, 404), (login, kind.table, answer.status)
    assert refused


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked for less: the walk opens hundreds of screens in a few seconds."""
    monkeypatch.setattr("handlers.menu.COUNTERS_WITHIN", 3.0)
