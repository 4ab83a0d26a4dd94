"""What another process may do with the whole sandbox, by `VERB path` under `/sandbox`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, cast

from sandbox.telegram.wire import Json

if TYPE_CHECKING:
    from sandbox.telegram.server import TelegramServer

_KINDS = ("group", "supergroup", "channel")


async def _overview(server: TelegramServer, _asked: Json) -> Json:
    state = server.state
    return {
        "bot": state.me,
        "persons": [person.user for person in server.persons.values()],
        "faults": [fault.payload() for fault in server.faults.active],
        "webhook": state.webhook.config.url if state.webhook else "",
        "flood": {"total": state.flood.total, "chat": state.flood.chat, "refused": state.flood.refused},
    }


async def _add_person(server: TelegramServer, asked: Json) -> Json:
    name = str(asked.get("name") or "").strip()
    if not name:
        raise ValueError("name is needed")
    number = asked.get("id")
    person = server.person(
        name,
        user_id=int(number) if number is not None else None,
        username=asked.get("username"),
        language_code=str(asked.get("language_code") or "ru"),
    )
    return person.user


async def _add_group(server: TelegramServer, asked: Json) -> Json:
    kind = str(asked.get("kind") or "supergroup")
    if kind not in _KINDS:
        raise ValueError(f"kind is one of {', '.join(_KINDS)}")
    members = [server.persons[int(number)] for number in asked.get("members", [])]
    chosen = cast("Literal['group', 'supergroup', 'channel']", kind)
    group = server.group(str(asked.get("title") or "Group"), members, chat_id=asked.get("id"), kind=chosen)
    return group.chat.info


async def _calls(server: TelegramServer, asked: Json) -> Json:
    wanted = str(asked.get("method") or "").lower()
    after = int(asked.get("after", 0))
    first = server.calls.total - len(server.calls)
    calls = [
        call.payload()
        for number, call in enumerate(server.calls, first + 1)
        if number > after and (not wanted or call.method.lower() == wanted)
    ]
    return {"total": server.calls.total, "calls": calls[-int(asked.get("limit", 1000)) :]}


async def _clear_calls(server: TelegramServer, _asked: Json) -> Json:
    server.clear_calls()
    return {}


async def _faults(server: TelegramServer, _asked: Json) -> list[Json]:
    return [fault.payload() for fault in server.faults.active]


async def _add_fault(server: TelegramServer, asked: Json) -> Json:
    times, chat = asked.get("times"), asked.get("chat_id")
    fault = server.faults.add(
        str(asked.get("kind")),
        method=str(asked.get("method") or ".*"),
        times=int(times) if times is not None else None,
        after=bool(asked.get("after")),
        seconds=float(asked.get("seconds", 1)),
        chat_id=int(chat) if chat is not None else None,
    )
    return fault.payload()


async def _clear_faults(server: TelegramServer, asked: Json) -> Json:
    if "id" in asked:
        server.faults.remove(int(asked["id"]))
    else:
        server.faults.clear()
    return {}


async def _flood(server: TelegramServer, asked: Json) -> Json:
    total, chat = asked.get("total"), asked.get("chat")
    server.flood_limits(
        total=float(total) if total is not None else None,
        chat=float(chat) if chat is not None else None,
        burst=float(asked.get("burst", 3)),
    )
    return {}


async def _redeliver(server: TelegramServer, asked: Json) -> Json:
    times = int(asked.get("times", 1))
    parallel = bool(asked.get("parallel", True))
    return {"statuses": await server.redeliver(int(asked["update_id"]), times, parallel=parallel)}


async def _push(server: TelegramServer, asked: Json) -> Json:
    update = asked["update"]
    if not isinstance(update, dict):
        raise ValueError("update must be an object")
    return {"update_id": server.push_raw(update)}


async def _deliveries(server: TelegramServer, _asked: Json) -> Json:
    hook = server.state.webhook
    return {
        "url": hook.config.url if hook else "",
        "waiting": hook.waiting if hook else len(server.state.updates.pending),
        "statuses": list(hook.state.statuses) if hook else [],
    }


async def _settle(server: TelegramServer, asked: Json) -> Json:
    await server.settle(float(asked.get("timeout", 10)))
    return {}


Control = Callable[["TelegramServer", Json], Awaitable[Any]]
CONTROLS: dict[str, Control] = {
    "GET state": _overview,
    "POST person": _add_person,
    "POST group": _add_group,
    "GET calls": _calls,
    "DELETE calls": _clear_calls,
    "GET faults": _faults,
    "POST faults": _add_fault,
    "DELETE faults": _clear_faults,
    "POST flood": _flood,
    "POST redeliver": _redeliver,
    "POST push": _push,
    "GET deliveries": _deliveries,
    "POST settle": _settle,
}
