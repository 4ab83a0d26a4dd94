"""Texts, captions and files out of a call's parameters."""

from __future__ import annotations

from typing import Any

from sandbox.telegram import html
from sandbox.telegram.entities import clean, finish, utf16_length
from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import StoredFile
from sandbox.telegram.loopback import download
from sandbox.telegram.params import Params, Upload
from sandbox.telegram.state import State
from sandbox.telegram.wire import Json

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
_FORMATS = frozenset(
    [
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "date_time",
    ]
)


def formatted(
    state: State, text: str, parse_mode: str | None, entities: list[Any] | None
) -> tuple[str, list[Json]]:
    """The text after parsing and trimming, and its entities; 400 when it can not be parsed."""
    mode = (parse_mode or "").lower()
    if mode == "html":
        text, found = html.parse(text)
    elif mode in {"", "none"}:
        text = clean(text)
        found = [_given(entity, utf16_length(text)) for entity in entities or []]
    else:
        raise bad_request("unsupported parse_mode")
    return finish(text, _with_users(state, found))


def _given(entity: Any, length: int) -> Json:
    if not isinstance(entity, dict) or entity.get("type") not in _FORMATS:
        raise bad_request("can't parse MessageEntity: type is invalid")
    start, size = entity.get("offset"), entity.get("length")
    if (
        not isinstance(start, int)
        or not isinstance(size, int)
        or start < 0
        or size <= 0
        or start + size > length
    ):
        raise bad_request("entity beyond the text: invalid offset or length specified")
    return dict(entity)


def _with_users(state: State, entities: list[Json]) -> list[Json]:
    """The entities; a mention of a person nobody knows is dropped, as Telegram does."""
    kept = []
    for entity in entities:
        if entity["type"] == "text_mention":
            chat = state.chats.get(entity["user"]["id"])
            if chat is None or chat.user is None:
                continue
            entity["user"] = chat.user
        kept.append(entity)
    return kept


def message_text(state: State, params: Params, too_long: str) -> Json:
    """The fields text and entities; 400 when the text is empty or above 4096 units."""
    source = params.text("text")
    if not source:
        raise bad_request("message text is empty")
    text, entities = formatted(state, source, params.text("parse_mode"), params.sequence("entities"))
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_UNITS:
        raise bad_request(too_long)
    payload: Json = {"text": text}
    if entities:
        payload["entities"] = entities
    preview = params.mapping("link_preview_options")
    if preview:
        payload["link_preview_options"] = preview
    return payload


def caption(state: State, source: str | None, parse_mode: str | None, entities: list[Any] | None) -> Json:
    """The fields caption and caption_entities, empty for no caption; 400 above 1024 units."""
    if not source:
        return {}
    text, found = formatted(state, source, parse_mode, entities)
    if utf16_length(text) > CAPTION_UNITS:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": found} if found else {})


def call_caption(state: State, params: Params) -> Json:
    """The caption fields of a send, copy or edit."""
    fields = caption(
        state, params.text("caption"), params.text("parse_mode"), params.sequence("caption_entities")
    )
    if fields and params.flag("show_caption_above_media"):
        fields["show_caption_above_media"] = True
    return fields


async def file_for(state: State, params: Params, value: Any, kind: str) -> StoredFile:
    """The stored file that `value` means: attach://name, a file_id, or a loopback URL.

    400 when it is missing, unknown, of the other kind, or not what Telegram takes as a photo.
    """
    store = state.files.photo if kind == "photo" else state.files.document
    if not isinstance(value, str) or not value:
        raise bad_request(f"there is no {kind} in the request")
    if value.startswith("attach://"):
        upload = params.files.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return store(upload)
    if value.startswith(("http://", "https://")):
        upload = await download(value)
        return store(Upload(upload.name, upload.mime, upload.data))
    known = state.files.by_id(value)
    if known is None:
        raise bad_request("wrong remote file identifier specified: Wrong padding in the string")
    if known.kind != kind:
        raise bad_request(f"can't use file of type {known.kind.capitalize()} as {kind.capitalize()}")
    return known


async def sent_file(state: State, params: Params, kind: str) -> StoredFile:
    """The file of sendPhoto or sendDocument: an upload under its own name, or a value as in `file_for`."""
    upload = params.files.get(kind)
    if upload is not None:
        return state.files.photo(upload) if kind == "photo" else state.files.document(upload)
    return await file_for(state, params, params.text(kind), kind)
