"""Groups, channels, forwards, other bots: never a session, no data, at most one polite answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from sandbox.telegram import Group, Person
from tests.support.stage import Stage, packed, shows

Way = Callable[[Group, Person, str], Awaitable[int]]


async def _anonymous(group: Group, person: Person, text: str) -> int:
    return await group.send_anonymous(text)


async def _member(group: Group, person: Person, text: str) -> int:
    return await group.send(person, text)


async def _bot(group: Group, person: Person, text: str) -> int:
    return await group.send_as_bot(text)


async def _post(group: Group, person: Person, text: str) -> int:
    return await group.post(text)


IN_GROUPS: dict[str, tuple[str, Way]] = {
    "group": ("group", _member),
    "supergroup": ("supergroup", _member),
    "anonymous admin": ("supergroup", _anonymous),
    "bot in a group": ("supergroup", _bot),
    "channel": ("channel", _post),
}


@pytest.mark.parametrize("where", IN_GROUPS)
async def test_a_group_or_channel_gets_no_session_and_no_data(where: str, polled: Stage):
    kind, send = IN_GROUPS[where]
    async with polled.bot_here() as log:
        ann = await polled.signed_in("super_admin")
        # Everything is asked for, as if somebody had changed the registration.
        polled.telegram.state.updates.allowed = None
        group = polled.telegram.group("All", [ann], kind=kind)
        polled.crm.clear_requests()
        code = polled.crm.otp("administrator")
        for text in (
            f"/login {code}",
            code,
            "/start",
            f"/start otp_{code}",
            "/menu@tabys_sandbox_bot",
            "/find x",
        ):
            await send(group, ann, text)
        await group.settle(8)
        assert polled.crm.requests == []
        answers = group.bot_messages
        assert len(answers) <= 1
        assert all(not answer.keyboard for answer in answers)
        carrying = {message.id for message in group.messages if code in message.text}
        tried = {call.params["message_id"] for call in polled.telegram.calls.of("deleteMessage")}
        if where != "channel":
            assert len(carrying | tried) >= 3
            assert carrying <= tried
        with polled.redis.client() as client:
            assert list(client.keys("tg_session:*")) == [f"tg_session:{ann.id}"]
    assert "Traceback" not in log.getvalue()


async def test_a_press_in_a_group_shows_nothing_and_is_answered(polled: Stage):
    async with polled.bot_here():
        ann = await polled.signed_in("super_admin")
        group = polled.telegram.group("All", [ann])
        polled.crm.clear_requests()
        pressed = await ann.press(packed("li"), 1, chat=group.chat, timeout=8)
        await group.settle(8)
        await ann.settle(8)
        assert polled.crm.requests == []
        assert group.bot_messages == []
        assert [answer["show_alert"] for answer in ann.answers if answer["query_id"] == pressed.query_id] == [
            True
        ]


async def _forward(person: Person, text: str) -> int:
    return await person.forward(text, hidden_name="Somebody")


async def _own_forward(person: Person, text: str) -> int:
    return await person.forward(text, sender=person.user)


async def _via_bot(person: Person, text: str) -> int:
    return await person.send_via_bot(text)


async def _edited(person: Person, text: str) -> int:
    await person.send("hello")
    number = person.messages[-1].id
    return await person.edit(number, text)


async def _as_channel(person: Person, text: str) -> int:
    return await person.send(text, sender_chat={"id": -100, "type": "channel", "title": "C"})


IN_PRIVATE = {
    "forwarded": _forward,
    "own forward": _own_forward,
    "via bot": _via_bot,
    "edited": _edited,
    "as a channel": _as_channel,
}


@pytest.mark.parametrize("how", IN_PRIVATE)
async def test_a_code_that_the_person_did_not_type_signs_nobody_in(how: str, polled: Stage):
    async with polled.bot_here() as log:
        polled.telegram.state.updates.allowed = None
        ann = polled.telegram.person("Ann", language_code="en")
        code = polled.crm.otp("administrator")
        await IN_PRIVATE[how](ann, f"/login {code}")
        await IN_PRIVATE[how](ann, code)
        await ann.settle(8)
        assert polled.crm.requests_to("/verify-otp$") == []
        assert shows(ann, "li") is None
        if how != "edited":
            assert not any(code in message.text for message in ann.messages), ann.messages
            assert len(ann.bot_messages) <= 1
    assert "Traceback" not in log.getvalue()


async def test_a_bot_as_sender_is_not_spoken_to(polled: Stage):
    async with polled.bot_here():
        ann = polled.telegram.person("Ann", language_code="en")
        robot = ann.user | {"is_bot": True}
        message = {"message_id": 5, "date": 1, "chat": ann.chat.info, "from": robot}
        polled.telegram.push_raw({"message": message | {"text": f"/login {polled.crm.otp('npo')}"}})
        polled.telegram.push_raw(
            {
                "callback_query": {
                    "id": "1",
                    "from": robot,
                    "message": message,
                    "chat_instance": "1",
                    "data": "liev",
                }
            }
        )
        await polled.telegram.settle(8)
        assert not [r for r in polled.crm.requests if "telegram-auth" in r.path]
        assert ann.bot_messages == []
