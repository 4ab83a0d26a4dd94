"""Reply markups, checked as strictly as Telegram does."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sandbox.telegram.entities import utf16_length
from sandbox.telegram.errors import bad_request
from sandbox.telegram.params import Params
from sandbox.telegram.urls import is_loopback, normal_url
from sandbox.telegram.wire import Json

ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)
"""The fields of an inline button of which exactly one says what it does."""

MAX_BUTTONS = 100
_STYLES = frozenset({"danger", "success", "primary"})
_REPLY_KINDS = ("keyboard", "remove_keyboard", "force_reply")


def inline_markup(params: Params) -> Json | None:
    """The checked inline keyboard of an edit, or None for none; other markups are refused."""
    markup = params.mapping("reply_markup")
    if markup is None:
        return None
    if "inline_keyboard" not in markup:
        if not markup:
            return None
        raise bad_request("inline keyboard expected")
    return inline_keyboard(markup)


def any_markup(params: Params) -> tuple[Json | None, Json | None]:
    """The pair (inline keyboard, other markup) of a new message; at most one is not None."""
    markup = params.mapping("reply_markup")
    if not markup:
        return None, None
    if "inline_keyboard" in markup:
        return inline_keyboard(markup), None
    if not any(kind in markup for kind in _REPLY_KINDS):
        raise bad_request("object expected as reply markup")
    if "keyboard" in markup:
        _reply_keyboard(markup)
    return None, markup


def inline_keyboard(markup: Json) -> Json | None:
    """The keyboard as the message will carry it; None when it has no buttons. Raises ApiError 400."""
    rows: list[list[Json]] = []
    total = 0
    for row in _rows(markup["inline_keyboard"], "inline keyboard"):
        buttons = [_inline_button(button) for button in row]
        total += len(buttons)
        if buttons:
            rows.append(buttons)
    if total > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _rows(value: Any, what: str) -> list[list[Any]]:
    if not isinstance(value, list):
        raise bad_request(f'field "{what.replace(" ", "_")}" of the ReplyMarkup must be an Array')
    for row in value:
        if not isinstance(row, list):
            raise bad_request(f"can't parse {what} button: Row of the {what} must be an Array")
    return value


def _inline_button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    given = [name for name in ACTIONS if button.get(name) is not None and button[name] is not False]
    if not given:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    if len(given) > 1:
        raise bad_request(
            "can't parse inline keyboard button: exactly one action field must be specified, "
            f"found {', '.join(given)}"
        )
    style = button.get("style")
    if style is not None and style not in _STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    return {"text": text.strip(), given[0]: _action(given[0], button[given[0]])} | (
        {"style": style} if style else {}
    )


def _action(kind: str, value: Any) -> Any:
    if kind == "callback_data":
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
    elif kind == "url":
        return _url(value)
    elif kind in {"web_app", "login_url"}:
        url = value.get("url") if isinstance(value, dict) else None
        if (
            not isinstance(url, str)
            or not (url.startswith("https://") or is_loopback(url))
            or not normal_url(url)
        ):
            reason = "Only HTTPS links are allowed"
            raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: {reason}")
    elif kind == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= utf16_length(text) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    elif kind == "disabled":
        return {}
    return value


def _url(value: Any) -> str:
    if not isinstance(value, str):
        raise bad_request("BUTTON_URL_INVALID")
    url = normal_url(value)
    if url is None:
        raise bad_request(
            f"inline keyboard button URL '{quote(value, safe=':/?#&=.')}' is invalid: Wrong HTTP URL"
        )
    return url


def _reply_keyboard(markup: Json) -> None:
    total = 0
    for row in _rows(markup["keyboard"], "keyboard"):
        for button in row:
            text = button.get("text") if isinstance(button, dict) else button
            if not isinstance(text, str) or not text.strip():
                raise bad_request("keyboard button text must be non-empty")
            total += 1
    if not total:
        raise bad_request("reply keyboard must be non-empty")
    if total > 300:
        raise bad_request("reply markup is too long")
    hint = markup.get("input_field_placeholder")
    if hint is not None and not 1 <= utf16_length(str(hint)) <= 64:
        raise bad_request("input field placeholder must be 1-64 characters")
