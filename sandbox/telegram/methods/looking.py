"""Methods about chats and files: looking, pinning, reacting."""

from __future__ import annotations

from sandbox.telegram.errors import bad_request
from sandbox.telegram.params import Params
from sandbox.telegram.state import State
from sandbox.telegram.wire import Json


def get_chat(state: State, params: Params) -> Json:
    """The chat with its full information."""
    chat = state.chat(params)
    info = chat.info | {
        "accent_color_id": chat.id % 7 if chat.id > 0 else 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.pinned:
        info["pinned_message"] = chat.messages[chat.pinned[-1]].payload
    return info


def get_chat_member(state: State, params: Params) -> Json:
    """How a person takes part in the chat; persons of the chat are plain members."""
    chat = state.chat(params)
    number = params.integer("user_id")
    person = state.chats.get(number or 0)
    if number == state.me["id"]:
        return {"status": "member", "user": state.me}
    if person is None or person.user is None or (chat.kind == "private" and chat is not person):
        raise bad_request("PARTICIPANT_ID_INVALID" if chat.user is None else "user not found")
    return {"status": "member", "user": person.user}


def get_file(state: State, params: Params) -> Json:
    """Where the file can be downloaded, for files up to 20 MB."""
    stored = state.files.by_id(params.text("file_id") or "")
    if stored is None:
        raise bad_request("invalid file_id")
    return stored.payload()


def get_user_profile_photos(_state: State, _params: Params) -> Json:
    """No photos: persons of the sandbox have none."""
    return {"total_count": 0, "photos": []}


def _announce_pin(state: State, chat_id: int) -> None:
    if state.stream.watched:
        pinned = state.chats[chat_id].pinned
        state.stream.publish(
            {"kind": "pin", "chat_id": chat_id, "message_id": pinned[-1] if pinned else None}
        )


def pin_chat_message(state: State, params: Params) -> bool:
    """True; the message becomes the newest pinned one."""
    chat = state.open_chat(params)
    message = chat.find(params.integer("message_id"), "message to pin not found")
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    chat.pinned.append(message.id)
    _announce_pin(state, chat.id)
    return True


def unpin_chat_message(state: State, params: Params) -> bool:
    """True; the named message, else the newest pinned one."""
    chat = state.open_chat(params)
    number = params.integer("message_id")
    if number is None and chat.pinned:
        chat.pinned.pop()
    elif number in chat.pinned:
        chat.pinned.remove(number)
    elif number is not None:
        raise bad_request("message to unpin not found")
    _announce_pin(state, chat.id)
    return True


def unpin_all_chat_messages(state: State, params: Params) -> bool:
    """True; nothing is pinned afterwards."""
    chat = state.open_chat(params)
    chat.pinned.clear()
    _announce_pin(state, chat.id)
    return True


def set_message_reaction(state: State, params: Params) -> bool:
    """True; the bot's single emoji under a message, or none."""
    chat = state.open_chat(params)
    message = chat.find(params.integer("message_id"), "message to react not found")
    reaction = params.sequence("reaction") or []
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    for entry in reaction:
        if not isinstance(entry, dict) or entry.get("type") != "emoji" or not entry.get("emoji"):
            raise bad_request("REACTION_INVALID")
    chat.activity.touch()
    if state.stream.watched:
        emoji = [entry["emoji"] for entry in reaction]
        state.stream.publish(
            {"kind": "reaction", "chat_id": chat.id, "message_id": message.id, "emoji": emoji}
        )
    return True
