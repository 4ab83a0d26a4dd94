"""One Bot API call: found, counted, faulted, performed, answered."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from time import perf_counter

from sandbox.telegram.calls import Call
from sandbox.telegram.chats import Activity
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.faulting import after_faults, before_faults
from sandbox.telegram.faults import Fault
from sandbox.telegram.methods import table
from sandbox.telegram.params import Params
from sandbox.telegram.state import State

_METHODS = table()


@dataclass(slots=True)
class Answer:
    """What goes back over HTTP; `drop` resets the connection instead."""

    status: int
    body: bytes
    content_type: str = "application/json"
    drop: bool = False


def proper_name(method: str) -> str:
    """The method's name as documented, or as it came when unknown."""
    known = _METHODS.get(method.lower())
    return known[0] if known else method


async def perform(state: State, method: str, params: Params) -> Answer:
    """The answer to a call by an authorised bot; the call is recorded whatever happens."""
    name = proper_name(method)
    chat_id = _chat_id(state, params)
    call = Call(name, params.values, chat_id, state.clock())
    began = perf_counter()
    # Polling is not work: a waiting getUpdates must not look like a busy bot.
    activity = _activity(state, chat_id) if name != "getUpdates" else None
    if activity:
        activity.running += 1
    faults = state.faults.take(name, chat_id) if state.faults.active else []
    try:
        answer = await _faulted(state, name, params, faults) if faults else await _run(state, name, params)
    finally:
        if activity:
            activity.running -= 1
            activity.touch()
    call.status, call.took = answer.status, perf_counter() - began
    if answer.status != 200:
        call.description = answer.body[:300].decode(errors="replace")
    params.loggable()
    state.calls.add(call)
    if state.stream.watched and name != "getUpdates":
        state.stream.publish({"kind": "call", "call": call.payload()})
    return answer


async def _faulted(state: State, name: str, params: Params, faults: list[Fault]) -> Answer:
    refused = await before_faults(faults)
    if refused is None:
        answer = await _run(state, name, params)
        refused = await after_faults(faults)
        if refused is None:
            return answer
    status, body, content_type, drop = refused
    return Answer(status, body, content_type, drop)


async def _run(state: State, name: str, params: Params) -> Answer:
    known = _METHODS.get(name.lower())
    try:
        if known is None:
            raise ApiError(404, "Not Found: method not found")
        if not state.flood.open:
            state.flood.check(name, params.integer("chat_id"), state.clock())
        result = known[1](state, params)
        if inspect.isawaitable(result):
            result = await result
    except ApiError as problem:
        return _refusal(problem)
    except (TypeError, ValueError, KeyError, AttributeError) as problem:
        # Parameters of a shape that no client sends; Telegram has a text of its own for each.
        return _refusal(bad_request(f"can't parse parameters: {problem}"))
    body = json.dumps({"ok": True, "result": result}, ensure_ascii=False)
    # Lone surrogates can come in only through raw updates; they stay visible as escapes.
    return Answer(200, body.encode("utf-8", "surrogatepass"))


def _refusal(problem: ApiError) -> Answer:
    body = json.dumps(problem.payload(), ensure_ascii=False)
    return Answer(problem.code, body.encode("utf-8", "replace"))


def _chat_id(state: State, params: Params) -> int | None:
    value = params.values.get("chat_id")
    if value is None:
        query = state.queries.open.get(str(params.values.get("callback_query_id", "")))
        return query.owner.id if query else None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _activity(state: State, chat_id: int | None) -> Activity | None:
    chat = state.chats.get(chat_id) if chat_id is not None else None
    return chat.activity if chat else None
