"""What people send: messages of persons with the entities that the apps find by themselves."""

from __future__ import annotations

from typing import Any

from sandbox.telegram.chats import Chat, Message
from sandbox.telegram.entities import TRIMMED, clean, finish, utf16_length
from sandbox.telegram.params import Upload
from sandbox.telegram.state import State
from sandbox.telegram.updates import Update
from sandbox.telegram.wire import Json

TEXT_UNITS = 4096


def text_fields(text: str, entities: list[Json] | None) -> Json:
    """The fields text and entities of a typed message; ValueError when no app would send it."""
    text, found = finish(clean(text), entities or [])
    if not text or utf16_length(text) > TEXT_UNITS:
        raise ValueError(f"a message holds 1-{TEXT_UNITS} UTF-16 units besides white space ({TRIMMED!r})")
    return {"text": text} | ({"entities": found} if found else {})


def caption_fields(caption: str | None) -> Json:
    """The fields caption and caption_entities; empty for None."""
    if not caption:
        return {}
    text, found = finish(clean(caption), [])
    return {"caption": text} | ({"caption_entities": found} if found else {})


def photo_fields(state: State, data: bytes, caption: str | None) -> Json:
    """A photo with its caption; ApiError 400 when it is no image Telegram takes."""
    return state.files.photo(Upload("photo.jpg", "image/jpeg", data)).media() | caption_fields(caption)


def document_fields(state: State, data: bytes, name: str, mime: str, caption: str | None) -> Json:
    """A document with its caption."""
    return state.files.document(Upload(name, mime, data)).media() | caption_fields(caption)


def origin(state: State, sender: Json | None, hidden_name: str | None) -> Json:
    """The forward_origin for a known or a hidden sender."""
    if hidden_name is not None:
        return {"type": "hidden_user", "date": state.now(), "sender_user_name": hidden_name}
    return {"type": "user", "date": state.now(), "sender_user": sender or state.me}


def deliver(
    state: State, chat: Chat, content: Json, sender: Json | None, kind: str = "message"
) -> Update | None:
    """The update about a new message in the chat; None when the bot does not ask for it."""
    fields: Json = {"date": state.now()}
    if sender is not None:
        fields["from"] = sender
    message = chat.add(fields | content, from_bot=False)
    state.announce(chat, "message", message)
    return state.updates.push(kind, message.payload, chat)


def redeliver_edited(state: State, message: Message, content: Json) -> Update | None:
    """The edited_message update after a person changed an own message."""
    dropped = {"text", "entities", "caption", "caption_entities"} & content.keys()
    kept = {k: v for k, v in message.payload.items() if k not in dropped and k != "entities"}
    message.chat.replace(message, kept | content | {"edit_date": state.now()})
    state.announce(message.chat, "edit", message)
    return state.updates.push("edited_message", message.payload, message.chat)


def press(
    state: State,
    chat: Chat,
    owner: Chat,
    sender: Json,
    message_id: int,
    data: Any,
    *,
    inaccessible: bool = False,
) -> tuple[str, Update | None]:
    """The query id and the callback_query update of a pressed or forged button."""
    query = state.queries.new(chat, owner, message_id, str(data), state.clock())
    message = chat.messages.get(message_id)
    shown: Json = {"chat": chat.info, "message_id": message_id, "date": 0}
    if message is not None and not inaccessible:
        shown = message.payload
    content: Json = {
        "id": query.id,
        "from": sender,
        "message": shown,
        "chat_instance": str(7_000_000_000 + chat.id),
        "data": data,
    }
    update = state.updates.push("callback_query", content, chat)
    if update:
        query.update_id = update.id
    if state.stream.watched:
        state.stream.publish(
            {
                "kind": "press",
                "chat_id": owner.id,
                "query_id": query.id,
                "message_id": message_id,
                "data": data,
            }
        )
    return query.id, update
