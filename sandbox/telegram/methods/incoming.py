"""Methods through which the bot takes updates and answers presses."""

from __future__ import annotations

from sandbox.telegram.callbacks import answer_payload
from sandbox.telegram.entities import utf16_length
from sandbox.telegram.errors import bad_request, conflict
from sandbox.telegram.hooking import drop_webhook, start_webhook
from sandbox.telegram.params import Params
from sandbox.telegram.state import State
from sandbox.telegram.wire import Json


async def get_updates(state: State, params: Params) -> list[Json]:
    """The unconfirmed updates; 409 while a webhook is set or when another poller takes over."""
    if state.webhook:
        reason = "can't use getUpdates method while webhook is active"
        raise conflict(f"{reason}; use deleteWebhook to delete the webhook first")
    state.updates.allow(params.sequence("allowed_updates"))
    limit = params.integer("limit")
    timeout = params.integer("timeout") or 0
    limit = 100 if limit is None else min(max(limit, 1), 100)
    return await state.updates.poll(params.integer("offset") or 0, limit, min(max(timeout, 0), 50))


async def set_webhook(state: State, params: Params) -> bool:
    """True; an empty url removes the webhook."""
    await start_webhook(state, params)
    return True


async def delete_webhook(state: State, params: Params) -> bool:
    """True; undelivered updates wait for getUpdates unless drop_pending_updates is set."""
    await drop_webhook(state)
    if params.flag("drop_pending_updates"):
        state.updates.drop_all()
    return True


def get_webhook_info(state: State, _params: Params) -> Json:
    """What is set and what went wrong last."""
    hook = state.webhook
    info: Json = {
        "url": hook.config.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": hook.waiting if hook else len(state.updates.pending),
    }
    if hook:
        info |= {"max_connections": hook.config.max_connections, "ip_address": "127.0.0.1"}
        if hook.state.last_error:
            info |= {
                "last_error_date": int(hook.state.last_error_at),
                "last_error_message": hook.state.last_error,
            }
    if state.updates.allowed:
        info["allowed_updates"] = sorted(state.updates.allowed)
    return info


def answer_callback_query(state: State, params: Params) -> bool:
    """True; once per query, in time, with at most 200 characters."""
    text = params.text("text")
    if text and utf16_length(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    query = state.queries.take(params.required_text("callback_query_id"), state.clock())
    query.answer = answer_payload(text, params.flag("show_alert"), params.text("url"))
    query.owner.answers.append(query.answer | {"data": query.data, "query_id": query.id})
    query.owner.activity.touch()
    if query.chat is not query.owner:
        query.chat.activity.touch()
    if state.stream.watched:
        state.stream.publish(
            {"kind": "answer", "chat_id": query.owner.id, "query_id": query.id} | query.answer
        )
    return True
