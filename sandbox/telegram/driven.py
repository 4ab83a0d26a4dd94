"""What another process may let a person or a group do, by `VERB name` under their address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from sandbox.telegram.groups import Group
from sandbox.telegram.persons import Person, Press, Wait
from sandbox.telegram.views import MessageView
from sandbox.telegram.wire import Json

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramServer

_WAITS = ("none", "answer", "screen", "settle")


def shown(view: MessageView) -> Json:
    """A message as JSON: id, from_bot, text, html, buttons and the raw object."""
    return {
        "id": view.id,
        "from_bot": view.from_bot,
        "text": view.text,
        "html": view.html,
        "buttons": view.buttons,
        "raw": view.raw,
    }


async def _after(person: Person, asked: Json, update_id: int) -> Json:
    if asked.get("settle"):
        await person.settle(float(asked.get("timeout", 5)))
    return {"update_id": update_id}


async def _send(person: Person, asked: Json) -> Json:
    extra = asked.get("extra") or {}
    return await _after(person, asked, await person.send(_text(asked), **extra))


async def _start(person: Person, asked: Json) -> Json:
    return await _after(person, asked, await person.start(asked.get("payload") or None))


async def _photo(person: Person, asked: Json) -> Json:
    return await _after(person, asked, await person.send_photo(_body(asked), asked.get("caption")))


async def _document(person: Person, asked: Json) -> Json:
    name, mime = str(asked.get("name", "file.bin")), str(asked.get("mime") or asked["content_type"])
    return await _after(
        person, asked, await person.send_document(_body(asked), name, mime, asked.get("caption"))
    )


async def _forward(person: Person, asked: Json) -> Json:
    update_id = await person.forward(
        _text(asked), sender=asked.get("sender"), hidden_name=asked.get("hidden_name")
    )
    return await _after(person, asked, update_id)


async def _via_bot(person: Person, asked: Json) -> Json:
    return await _after(person, asked, await person.send_via_bot(_text(asked)))


async def _edit(person: Person, asked: Json) -> Json:
    return await _after(person, asked, await person.edit(int(asked["message_id"]), _text(asked)))


async def _delete(person: Person, asked: Json) -> Json:
    person.delete(int(asked["message_id"]))
    return {}


async def _click(person: Person, asked: Json) -> Json:
    wait = str(asked.get("wait", "settle"))
    if wait not in _WAITS:
        raise ValueError(f"wait is one of {', '.join(_WAITS)}")
    number = asked.get("message_id")
    label, data = asked.get("text"), asked.get("data")
    if label is None and data is None:
        raise ValueError("text or data is needed")
    press = await person.act(label, data, number, float(asked.get("timeout", 5)), cast("Wait", wait))
    return _pressed(press)


async def _press(person: Person, asked: Json) -> Json:
    press = await person.press(
        str(asked["data"]),
        asked.get("message_id"),
        inaccessible=bool(asked.get("inaccessible")),
        timeout=float(asked.get("timeout", 5)),
        settle=bool(asked.get("settle")),
    )
    return _pressed(press)


def _pressed(press: Press) -> Json:
    return {
        "update_id": press.update_id,
        "query_id": press.query_id,
        "answer": press.answer,
        "seconds": press.seconds,
    }


async def _settle(person: Person, asked: Json) -> Json:
    await person.settle(float(asked.get("timeout", 5)))
    return {}


async def _block(person: Person, _asked: Json) -> Json:
    person.block()
    return {}


async def _unblock(person: Person, _asked: Json) -> Json:
    person.unblock()
    return {}


async def _messages(person: Person, asked: Json) -> list[Json]:
    after = int(asked.get("after", 0))
    return [shown(view) for view in person.messages if view.id > after]


async def _last(person: Person, _asked: Json) -> Json:
    return shown(person.last)


async def _answers(person: Person, _asked: Json) -> Json:
    return {"answers": person.answers, "unanswered": person.unanswered}


async def _commands(person: Person, _asked: Json) -> list[Json]:
    return person.commands


async def _chat(person: Person, _asked: Json) -> Json:
    """Everything that the page needs to draw the chat."""
    return person.overview()


PersonAction = Callable[[Person, Json], Awaitable[Any]]
PERSON_ACTIONS: dict[str, PersonAction] = {
    "POST send": _send,
    "POST start": _start,
    "POST photo": _photo,
    "POST document": _document,
    "POST forward": _forward,
    "POST via_bot": _via_bot,
    "POST edit": _edit,
    "POST delete": _delete,
    "POST click": _click,
    "POST press": _press,
    "POST settle": _settle,
    "POST block": _block,
    "POST unblock": _unblock,
    "GET messages": _messages,
    "GET last": _last,
    "GET answers": _answers,
    "GET commands": _commands,
    "GET chat": _chat,
}


async def _group_send(server: TelegramServer, group: Group, asked: Json) -> Json:
    if asked.get("anonymous"):
        return {"update_id": await group.send_anonymous(_text(asked))}
    if asked.get("as_bot"):
        return {"update_id": await group.send_as_bot(_text(asked))}
    if "person" not in asked:
        return {"update_id": await group.post(_text(asked))}
    return {"update_id": await group.send(server.persons[int(asked["person"])], _text(asked))}


async def _group_messages(_server: TelegramServer, group: Group, _asked: Json) -> list[Json]:
    return [shown(view) for view in group.messages]


async def _group_settle(_server: TelegramServer, group: Group, asked: Json) -> Json:
    await group.settle(float(asked.get("timeout", 5)))
    return {}


GroupAction = Callable[["TelegramServer", Group, Json], Awaitable[Any]]
GROUP_ACTIONS: dict[str, GroupAction] = {
    "POST send": _group_send,
    "POST settle": _group_settle,
    "GET messages": _group_messages,
}


def _text(asked: Json) -> str:
    text = asked.get("text")
    if not isinstance(text, str):
        raise ValueError("text is needed")
    return text


def _body(asked: Json) -> bytes:
    body = asked.get("body")
    if not isinstance(body, bytes):
        raise ValueError("the file is expected as the body, with its own content type")
    return body
