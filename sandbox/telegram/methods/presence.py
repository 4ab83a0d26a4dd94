"""Methods about the bot itself: who it is, its commands, descriptions and menu buttons."""

from __future__ import annotations

from sandbox.telegram.entities import utf16_length
from sandbox.telegram.errors import bad_request
from sandbox.telegram.menu import checked_commands, language_key, scope_key
from sandbox.telegram.methods.registry import Method
from sandbox.telegram.params import Params
from sandbox.telegram.state import State
from sandbox.telegram.wire import Json


def get_me(state: State, _params: Params) -> Json:
    """The bot as a user, with what getMe alone tells."""
    return state.me | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }


def done(_state: State, _params: Params) -> bool:
    """True; logOut and close change nothing here."""
    return True


def _announce(state: State) -> None:
    if state.stream.watched:
        state.stream.publish({"kind": "menu"})


def set_my_commands(state: State, params: Params) -> bool:
    """True; the list for this scope and language."""
    commands = params.sequence("commands")
    if commands is None:
        raise bad_request('parameter "commands" is required')
    scope = scope_key(params.mapping("scope"))
    if scope[0].startswith("chat") and scope[1] not in state.chats:
        raise bad_request("chat not found")
    key = (scope, language_key(params.text("language_code")))
    checked = checked_commands(commands)
    if checked:
        state.menu.commands[key] = checked
    else:
        state.menu.commands.pop(key, None)
    _announce(state)
    return True


def get_my_commands(state: State, params: Params) -> list[Json]:
    """The list set for exactly this scope and language."""
    key = (scope_key(params.mapping("scope")), language_key(params.text("language_code")))
    return state.menu.commands.get(key, [])


def delete_my_commands(state: State, params: Params) -> bool:
    """True; the next wider scope shows again."""
    key = (scope_key(params.mapping("scope")), language_key(params.text("language_code")))
    state.menu.commands.pop(key, None)
    _announce(state)
    return True


def text_setter(kind: str, limit: int) -> Method:
    """The method that sets the name, description or short description, at most `limit` units."""

    def setter(state: State, params: Params) -> bool:
        text = params.text(kind) or ""
        if utf16_length(text) > limit:
            raise bad_request(f"{kind.replace('_', ' ')} is too long")
        state.menu.texts[kind, language_key(params.text("language_code"))] = text
        _announce(state)
        return True

    return setter


def text_getter(kind: str) -> Method:
    """The method that tells what `text_setter` set."""

    def getter(state: State, params: Params) -> Json:
        default = state.me["first_name"] if kind == "name" else ""
        return {kind: state.menu.text(kind, language_key(params.text("language_code"))) or default}

    return getter


def set_chat_menu_button(state: State, params: Params) -> bool:
    """True; for one private chat, or for all without chat_id."""
    button = params.mapping("menu_button") or {"type": "default"}
    if button.get("type") not in {"commands", "default", "web_app"}:
        raise bad_request("can't parse menu button: invalid type specified")
    if params.values.get("chat_id") is None:
        state.menu.button = button
    else:
        state.chat(params).menu_button = button
    _announce(state)
    return True


def get_chat_menu_button(state: State, params: Params) -> Json:
    """The button of this chat, or the default one."""
    if params.values.get("chat_id") is None:
        return state.menu.button
    return state.chat(params).menu_button or state.menu.button
