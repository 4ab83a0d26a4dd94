"""Methods that change or delete messages."""

from __future__ import annotations

from sandbox.telegram.chats import Chat, Message
from sandbox.telegram.errors import bad_request
from sandbox.telegram.keyboards import inline_markup
from sandbox.telegram.methods.content import call_caption, caption, message_text
from sandbox.telegram.methods.sending import media_file
from sandbox.telegram.params import Params
from sandbox.telegram.state import State
from sandbox.telegram.wire import Json

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_COMPARED = ("text", "entities", "caption", "caption_entities", "reply_markup", "show_caption_above_media")
_REPLACED = frozenset(
    {*_COMPARED, "photo", "document", "link_preview_options", "edit_date", "media_group_id", "rich_message"}
)


def _target(state: State, params: Params) -> Message:
    """The bot's own message that a call edits; 400 with Telegram's reasons."""
    if params.values.get("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    message = state.open_chat(params).find(params.integer("message_id"), "message to edit not found")
    if not message.from_bot or not message.editable or "forward_origin" in message.payload:
        raise bad_request("message can't be edited")
    return message


def _apply(state: State, message: Message, content: Json, markup: Json | None) -> Json:
    """The payload after putting `content` and `markup` in place of the old ones."""
    old = message.payload
    if markup:
        content["reply_markup"] = markup
    same = all(old.get(name) == content.get(name) for name in _COMPARED)
    if same and _file_id(old) == _file_id(content) and _preview(old) == _preview(content):
        raise bad_request(NOT_MODIFIED)
    kept = {name: value for name, value in old.items() if name not in _REPLACED}
    return state.change(message, kept | content)


def _preview(payload: Json) -> Json | None:
    value: Json | None = payload.get("link_preview_options")
    return value


def _file_id(payload: Json) -> str:
    if "photo" in payload:
        return str(payload["photo"][-1]["file_id"])
    return str(payload["document"]["file_id"]) if "document" in payload else ""


def _media(payload: Json) -> Json:
    return {name: payload[name] for name in ("photo", "document", "media_group_id") if name in payload}


def edit_message_text(state: State, params: Params) -> Json:
    """The edited text message; a photo or document can not become text."""
    message = _target(state, params)
    content = message_text(state, params, "MESSAGE_TOO_LONG")
    markup = inline_markup(params)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    return _apply(state, message, content, markup)


def edit_message_caption(state: State, params: Params) -> Json:
    """The photo or document with the new caption; an absent one removes it."""
    message = _target(state, params)
    fields = call_caption(state, params)
    markup = inline_markup(params)
    if "text" in message.payload:
        raise bad_request("there is no caption in the message to edit")
    return _apply(state, message, _media(message.payload) | fields, markup)


async def edit_message_media(state: State, params: Params) -> Json:
    """The message with a new photo or document; a text message becomes a media message."""
    message = _target(state, params)
    item = params.mapping("media")
    if not item:
        raise bad_request("media is empty")
    markup = inline_markup(params)
    fields = caption(state, item.get("caption"), item.get("parse_mode"), item.get("caption_entities"))
    content = (await media_file(state, params, item)).media() | fields
    if message.id not in message.chat.messages:
        raise bad_request("message to edit not found")
    return _apply(state, message, content, markup)


def edit_message_reply_markup(state: State, params: Params) -> Json:
    """The message with another inline keyboard, or with none."""
    message = _target(state, params)
    content = {name: value for name, value in message.payload.items() if name in _REPLACED - {"edit_date"}}
    content.pop("reply_markup", None)
    return _apply(state, message, content, inline_markup(params))


def _check_deletable(state: State, chat: Chat, message: Message) -> None:
    old = state.clock() - message.payload["date"] > state.limits.delete_age
    foreign = chat.kind != "private" and not message.from_bot
    if old or foreign:
        raise bad_request("message can't be deleted for everyone" if old else "message can't be deleted")


def delete_message(state: State, params: Params) -> bool:
    """True; in private chats the bot may delete both sides' messages, for 48 hours."""
    chat = state.chat(params)
    message = chat.find(params.integer("message_id"), "message to delete not found")
    _check_deletable(state, chat, message)
    state.remove(message)
    return True


def delete_messages(state: State, params: Params) -> bool:
    """True; 1-100 ids, those that are gone or too old are skipped."""
    chat = state.chat(params)
    numbers = params.sequence("message_ids") or []
    if not 1 <= len(numbers) <= 100:
        reason = (
            "there are too many messages to delete" if numbers else "message identifiers are not specified"
        )
        raise bad_request(reason)
    for number in numbers:
        message = chat.messages.get(int(number))
        if message is not None:
            _check_deletable(state, chat, message)
            state.remove(message)
    return True
