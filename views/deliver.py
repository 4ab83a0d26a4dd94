"""The only room that edits and sends messages and answers callbacks.

One living message per person: navigation edits it; a photo card and a text screen change places without leaving
a second message behind (a photo can not become text, so the new message is sent first and the old one deleted).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import BufferedInputFile, InputMediaPhoto, Message

from keyboards.buttons import markup, plain_markup
from utils.html import Html
from views.calls import call, never_left
from views.fitting import CAPTION_LIMIT, TEXT_LIMIT, cut, fit
from views.screen import File, Screen

ALERT_LIMIT = 200
PATIENCE = 4.0
"""Seconds that a flood limit may take before the person is left with the old screen."""
FILE_LIMIT = 50 * 1024 * 1024
"""Bytes of a document that Telegram takes from a bot."""
AGAIN_AFTER = 0.3
"""Seconds after a bad answer of Telegram until the call is made once more."""
AGAIN_SOON = 5.0
"""Seconds until Telegram is tried again that could not be reached at all."""

_UNEDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "no text in the message",
    "no caption",
    "message_id_invalid",
)

_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "bot can't initiate conversation")


class Picture(Protocol):
    """A picture ready to be sent: Telegram's id of it, or its bytes."""

    @property
    def file_id(self) -> str | None: ...
    @property
    def content(self) -> bytes | None: ...


class Pictures(Protocol):
    """Where pictures come from and where Telegram's ids of them are remembered."""

    async def find(self, url: str) -> Picture | None:
        """The picture, or None when it is missing, too large or no picture."""

    async def remember(self, url: str, file_id: str) -> None:
        """Keep Telegram's id of the picture."""

    async def forget(self, url: str) -> None:
        """Drop an id that Telegram no longer takes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The living message: its id and whether it carries a photo."""

    message_id: int
    photo: bool = False


class Fate(StrEnum):
    """What became of one message.

    ``BLOCKED``: Telegram delivers nothing to that person, now or later. ``LATER``: it surely did not get out and may be
    sent after a while. ``REFUSED``: Telegram takes no such message. ``UNKNOWN``: it may have arrived.
    """

    DELIVERED = "delivered"
    BLOCKED = "blocked"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message, and for ``LATER`` the seconds to wait first."""

    fate: Fate
    wait: float = 0.0


class CallbackAnswer:
    """Answers one callback query exactly once: with the outcome, or empty when the outcome takes its time.

    For a typed message (``callback_id`` None) every method does nothing.
    """

    def __init__(self, bot: Bot, callback_id: str | None) -> None:
        self._bot = bot
        self._id = callback_id
        self._given = callback_id is None
        self._timer: asyncio.TimerHandle | None = None
        self._late: asyncio.Task[None] | None = None

    @property
    def given(self) -> bool:
        """True once Telegram was told; a toast can no longer be shown."""
        return self._given

    def within(self, seconds: float) -> None:
        """Answers emptily after ``seconds`` unless ``give`` came first, so that no spinner outlives a second."""
        if not self._given:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._give_empty)

    def _give_empty(self) -> None:
        self._late = asyncio.create_task(self.give())

    async def give(self, text: str = "", alert: bool = False) -> None:
        """Answers, once; later calls do nothing. A query that is too old is not an error."""
        if self._given or self._id is None:
            return
        self._given = True
        if self._timer is not None:
            self._timer.cancel()
        with contextlib.suppress(
            TelegramBadRequest,
            TelegramForbiddenError,
            TelegramNetworkError,
            TelegramServerError,
            TelegramRetryAfter,
        ):
            await call(
                self._bot,
                "answerCallbackQuery",
                callback_query_id=self._id,
                text=cut(text, ALERT_LIMIT) or None,
                show_alert=alert or None,
            )


class Deliver:
    """Shows screens in one private chat after the other; knows Telegram's errors, so that no other room must."""

    def __init__(self, bot: Bot, pictures: Pictures) -> None:
        self._bot = bot
        self._pictures = pictures

    async def show(
        self, chat_id: int, shown: Shown | None, screen: Screen, *, fresh: bool = False
    ) -> Shown | None:
        """The message that shows ``screen`` now; None when the person cannot be reached (blocked, gone).

        ``fresh`` sends a new message and removes the old one, for when the old one has scrolled away.
        """
        picture = await self._pictures.find(screen.photo) if screen.photo else None
        try:
            if shown is not None and not fresh:
                edited = await self._edit(chat_id, shown, screen, picture)
                if edited is not None:
                    return edited
            sent = await self._send(chat_id, screen, picture)
        except (
            ClientDecodeError,
            TelegramForbiddenError,
            TelegramNetworkError,
            TelegramServerError,
            TelegramRetryAfter,
        ) as error:
            structlog.get_logger(__name__).warning("screen_not_delivered", reason=type(error).__name__)
            return None
        if shown is not None and sent is not None:
            # A screen that Telegram takes in no form leaves the old one: it is the only way on.
            await self.delete(chat_id, shown.message_id)
        return sent

    async def redraw(self, chat_id: int, shown: Shown, screen: Screen) -> Shown | None:
        """The message with ``screen`` in it; None when it cannot be edited: then nothing is sent in its place.

        For what changes by itself, such as progress or a picture that comes late: not worth a new message.
        """
        picture = await self._pictures.find(screen.photo) if screen.photo else None
        try:
            return await self._edit(chat_id, shown, screen, picture)
        except (ClientDecodeError, TelegramAPIError) as error:
            structlog.get_logger(__name__).info("not_redrawn", reason=type(error).__name__)
            return None

    async def send_file(self, chat_id: int, file: File, seconds: int | None = None) -> bool:
        """True when the person got ``file`` in a message of its own; the living message stays where it is.

        ``seconds`` is what one upload may take, where that is more than a click has.
        """
        if not 0 < len(file.content) <= FILE_LIMIT:
            structlog.get_logger(__name__).error("file_not_sendable", size=len(file.content))
            return False
        try:
            await self._patient(
                lambda: self._bot.send_document(
                    chat_id,
                    BufferedInputFile(file.content, filename=file.name),
                    caption=fit(file.caption, CAPTION_LIMIT) or None,
                    request_timeout=seconds,
                )
            )
        except (ClientDecodeError, TelegramAPIError) as error:
            structlog.get_logger(__name__).warning("file_not_delivered", reason=type(error).__name__)
            return False
        return True

    async def tell(self, chat_id: int, screen: Screen) -> Sent:
        """What became of a new message with ``screen``, tried once: for work that goes on without a person, waits as
        long as it is asked to, and must send nothing twice."""
        params = _text(screen) | {"chat_id": chat_id}
        try:
            await call(self._bot, "sendMessage", **params)
        except TelegramRetryAfter as error:
            return Sent(Fate.LATER, float(error.retry_after))
        except TelegramForbiddenError:
            return Sent(Fate.BLOCKED)
        except TelegramBadRequest as error:
            if any(reason in error.message.lower() for reason in _GONE):
                return Sent(Fate.BLOCKED)
            structlog.get_logger(__name__).error("message_refused", reason=error.message)
            return Sent(Fate.REFUSED)
        except (TelegramNetworkError, TelegramServerError, ClientDecodeError) as error:
            if never_left(error):
                return Sent(Fate.LATER, AGAIN_SOON)
            structlog.get_logger(__name__).warning("message_unclear", reason=type(error).__name__)
            return Sent(Fate.UNKNOWN)
        except TelegramAPIError as error:
            structlog.get_logger(__name__).error("message_refused", reason=type(error).__name__)
            return Sent(Fate.REFUSED)
        return Sent(Fate.DELIVERED)

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Removes a message where Telegram allows it; that it is gone already is fine."""
        with contextlib.suppress(TelegramAPIError, ClientDecodeError):
            await self._bot.delete_message(chat_id, message_id)

    async def _edit(
        self, chat_id: int, shown: Shown, screen: Screen, picture: Picture | None
    ) -> Shown | None:
        if picture is None and shown.photo:
            return None
        try:
            if picture is None:
                params = _text(screen) | {"chat_id": chat_id, "message_id": shown.message_id}
                await self._patient(lambda: call(self._bot, "editMessageText", **params))
                return Shown(shown.message_id)
            return await self._edit_photo(chat_id, shown, screen, picture)
        except TelegramBadRequest as error:
            message = error.message.lower()
            if "message is not modified" in message:
                return shown
            if not any(reason in message for reason in _UNEDITABLE):
                structlog.get_logger(__name__).warning("edit_refused", reason=error.message)
            return None

    async def _edit_photo(self, chat_id: int, shown: Shown, screen: Screen, picture: Picture) -> Shown:
        media = InputMediaPhoto(
            media=_file(picture), caption=fit(screen.text, CAPTION_LIMIT), parse_mode="HTML"
        )
        keyboard = markup(screen.rows)
        answer = await self._patient(
            lambda: self._bot.edit_message_media(
                media, chat_id=chat_id, message_id=shown.message_id, reply_markup=keyboard
            )
        )
        await self._remember(screen, picture, answer)
        return Shown(shown.message_id, photo=True)

    async def _send(self, chat_id: int, screen: Screen, picture: Picture | None) -> Shown | None:
        if picture is not None:
            try:
                caption, keyboard = fit(screen.text, CAPTION_LIMIT), markup(screen.rows)
                message = await self._patient(
                    lambda: self._bot.send_photo(
                        chat_id, _file(picture), caption=caption, reply_markup=keyboard
                    )
                )
                await self._remember(screen, picture, message)
                return Shown(message.message_id, photo=True)
            except TelegramBadRequest as error:
                structlog.get_logger(__name__).warning("photo_refused", reason=error.message)
                await self._pictures.forget(screen.photo or "")
        params = _text(screen) | {"chat_id": chat_id}
        try:
            sent = await self._patient(lambda: call(self._bot, "sendMessage", **params))
        except TelegramBadRequest as error:
            structlog.get_logger(__name__).error("send_refused", reason=error.message)
            return None
        return Shown(sent["message_id"])

    async def _remember(self, screen: Screen, picture: Picture, message: Message | bool) -> None:
        if screen.photo and picture.file_id is None and isinstance(message, Message) and message.photo:
            await self._pictures.remember(screen.photo, message.photo[-1].file_id)

    async def _patient(self, attempt: Callable[[], Awaitable[Any]]) -> Any:
        """The answer of ``attempt``, tried once more after a flood limit short enough to wait for or a bad answer.

        A screen shown twice does no harm, one that is lost leaves the person before an old one.
        """
        try:
            return await attempt()
        except TelegramRetryAfter as error:
            if error.retry_after > PATIENCE:
                raise
            await asyncio.sleep(error.retry_after)
        except (TelegramNetworkError, TelegramServerError, ClientDecodeError) as error:
            if isinstance(error.__cause__, TimeoutError):
                raise  # its seconds are gone
            await asyncio.sleep(AGAIN_AFTER)
        return await attempt()


def _text(screen: Screen) -> dict[str, Any]:
    """The parameters of a text screen, the defaults of the bot among them."""
    return {
        "text": fit(screen.text, TEXT_LIMIT),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": plain_markup(screen.rows),
    }


def _file(picture: Picture) -> str | BufferedInputFile:
    if picture.file_id is not None:
        return picture.file_id
    return BufferedInputFile(picture.content or b"", filename="photo.jpg")


def as_html(text: str) -> Html:
    """Text of a catalogue that is Html already."""
    return Html(text)
