"""Methods that put new messages into a chat."""

from __future__ import annotations

from typing import Any

from sandbox.telegram.chats import Chat, Message
from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import StoredFile
from sandbox.telegram.keyboards import any_markup
from sandbox.telegram.methods.content import call_caption, caption, file_for, message_text, sent_file
from sandbox.telegram.params import Params
from sandbox.telegram.state import State
from sandbox.telegram.wire import Json

_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
_CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "document",
    "link_preview_options",
    "show_caption_above_media",
)


def send_message(state: State, params: Params) -> Json:
    """The sent text message."""
    chat = state.open_chat(params)
    return _post(state, params, chat, message_text(state, params, "message is too long"))


async def send_photo(state: State, params: Params) -> Json:
    """The sent photo message."""
    chat = state.open_chat(params)
    fields = call_caption(state, params)
    return _post(state, params, chat, (await sent_file(state, params, "photo")).media() | fields)


async def send_document(state: State, params: Params) -> Json:
    """The sent document message."""
    chat = state.open_chat(params)
    fields = call_caption(state, params)
    return _post(state, params, chat, (await sent_file(state, params, "document")).media() | fields)


async def send_media_group(state: State, params: Params) -> list[Json]:
    """The sent album of 2-10 photos or 2-10 documents."""
    chat = state.open_chat(params)
    media = params.sequence("media") or []
    if not 2 <= len(media) <= 10:
        raise bad_request("wrong number of messages in album: there must be 2-10 items")
    if len({item.get("type") if isinstance(item, dict) else None for item in media}) > 1:
        raise bad_request("media of these types can't be mixed in an album")
    contents = [
        (await media_file(state, params, item)).media() | _item_caption(state, item) for item in media
    ]
    album = str(state.calls.total + 10**12)
    return [_post(state, params, chat, content | {"media_group_id": album}) for content in contents]


def _item_caption(state: State, item: Json) -> Json:
    return caption(state, item.get("caption"), item.get("parse_mode"), item.get("caption_entities"))


async def media_file(state: State, params: Params, item: Any) -> StoredFile:
    """The file of one InputMedia; only photos and documents are known here."""
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    kind = item.get("type")
    if kind not in {"photo", "document"}:
        raise bad_request("can't parse InputMedia: type must be photo or document")
    return await file_for(state, params, item.get("media"), str(kind))


def _post(state: State, params: Params, chat: Chat, content: Json) -> Json:
    inline, other = any_markup(params)
    replied = _replied(chat, params)
    if replied:
        content["reply_to_message"] = {k: v for k, v in replied.payload.items() if k != "reply_to_message"}
    if inline:
        content["reply_markup"] = inline
    if params.flag("protect_content"):
        content["has_protected_content"] = True
    if other is not None:
        chat.reply_keyboard = None if "remove_keyboard" in other else other
        if state.stream.watched:
            state.stream.publish({"kind": "keyboard", "chat_id": chat.id, "keyboard": chat.reply_keyboard})
    # A message that carries a reply keyboard can not be edited later.
    return state.post(chat, content, editable=other is None).payload


def _replied(chat: Chat, params: Params) -> Message | None:
    wanted = params.mapping("reply_parameters") or {}
    number = wanted.get("message_id", params.integer("reply_to_message_id"))
    if number is None:
        return None
    message = chat.messages.get(int(number))
    if message is None and not (
        wanted.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply")
    ):
        raise bad_request("message to be replied not found")
    return message


def send_chat_action(state: State, params: Params) -> bool:
    """True; the person sees "typing..." for 5 seconds or until the next message."""
    chat = state.open_chat(params)
    action = params.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action = (str(action), state.clock() + 5)
    if state.stream.watched:
        state.stream.publish({"kind": "action", "chat_id": chat.id, "action": action})
    return True


def copy_message(state: State, params: Params) -> Json:
    """The id of a copy without a link to the original."""
    chat = state.open_chat(params)
    source = state.chat(params, "from_chat_id").find(
        params.integer("message_id"), "message to copy not found"
    )
    content = {name: source.payload[name] for name in _CONTENT if name in source.payload}
    if params.values.get("caption") is not None and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")} | call_caption(
            state, params
        )
    return {"message_id": _post(state, params, chat, content)["message_id"]}


def forward_message(state: State, params: Params) -> Json:
    """The forwarded message with its origin."""
    chat = state.open_chat(params)
    origin = state.chat(params, "from_chat_id")
    source = origin.find(params.integer("message_id"), "message to forward not found")
    if source.payload.get("has_protected_content"):
        raise bad_request("message can't be forwarded")
    content = {name: source.payload[name] for name in _CONTENT if name in source.payload}
    content["forward_origin"] = source.payload.get("forward_origin") or {
        "type": "user",
        "date": source.payload["date"],
        "sender_user": source.payload.get("from", state.me),
    }
    return _post(state, params, chat, content)
