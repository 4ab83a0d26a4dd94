"""What the bot remembers about a person beside the session: the ``ui`` hash, and the two choices in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from redis.asyncio import Redis

from services.keys import UiKey, as_text


class UiField(StrEnum):
    """Fields of the hash. An empty value means the same as none."""

    LANGUAGE = "language"
    SPOKEN = "spoken"
    TIMEZONE = "timezone"
    MESSAGE = "message"
    MESSAGE_KIND = "message_kind"
    DRAFT = "draft"
    INPUT = "input"
    EPOCH = "epoch"
    HAD_SESSION = "had_session"
    ENDED = "ended"
    ADMIN = "admin"
    GUEST_UNTIL = "guest_until"
    LOOK = "look"


class Ended(StrEnum):
    """How the last session ended; none of these while one lives, nor after it idled out."""

    LOGOUT = "logout"
    REVOKED = "revoked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class UiState:
    """The hash as values; every default means "not set".

    ``message_id``/``message_kind`` are the living message and what it is (``text`` or ``photo``). ``draft``
    is the id of the open draft, ``spoken`` the language of the person's Telegram, ``input`` names who reads typed
    text. ``epoch`` binds the operation keys drawn for this person. ``had_session`` tells who once signed in from
    those this Redis never knew. ``admin_id`` is the last admin bound here. Before ``guest_until`` (epoch seconds)
    nobody is restored. ``look`` is the role somebody looks on as, and until when (``services.looking``).
    """

    epoch: str = ""
    language: str | None = None
    timezone: str | None = None
    message_id: int | None = None
    message_kind: str | None = None
    draft: str | None = None
    input: str | None = None
    had_session: bool = False
    ended: Ended | None = None
    admin_id: int | None = None
    guest_until: float = 0.0
    look: str | None = None
    spoken: str | None = None

    @property
    def reads(self) -> str | None:
        """The language to write to this person in when they ask for nothing: chosen, or that of their Telegram."""
        return self.language or self.spoken

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Self:
        """The state in ``fields``; anything unreadable counts as not set."""
        ended = fields.get(UiField.ENDED, "")
        return cls(
            epoch=fields.get(UiField.EPOCH, ""),
            language=fields.get(UiField.LANGUAGE) or None,
            spoken=fields.get(UiField.SPOKEN) or None,
            timezone=fields.get(UiField.TIMEZONE) or None,
            message_id=_number(fields.get(UiField.MESSAGE)),
            message_kind=fields.get(UiField.MESSAGE_KIND) or None,
            draft=fields.get(UiField.DRAFT) or None,
            input=fields.get(UiField.INPUT) or None,
            had_session=bool(fields.get(UiField.HAD_SESSION)),
            ended=Ended(ended) if ended in Ended._value2member_map_ else None,
            admin_id=_number(fields.get(UiField.ADMIN)),
            guest_until=float(_number(fields.get(UiField.GUEST_UNTIL)) or 0),
            look=fields.get(UiField.LOOK) or None,
        )


def living_message(message_id: int | None, kind: str = "text") -> dict[str, str]:
    """The ui fields that say which message is the living one; None: there is none."""
    return {
        UiField.MESSAGE: "" if message_id is None else str(message_id),
        UiField.MESSAGE_KIND: "" if message_id is None else kind,
    }


class Preferences:
    """Language and time zone of a person. The gate reads them; here they are written."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def state(self, user_id: int) -> UiState:
        """What is kept about a person, outside a click; up to a moment older than what they see."""
        found = await self._redis.hgetall(UiKey(user_id).name)
        return UiState.read({as_text(name): as_text(value) for name, value in found.items()})

    async def set_living(self, user_id: int, message_id: int, kind: str) -> None:
        """Notes what became of the living message outside a click."""
        fields: dict[Any, Any] = {**living_message(message_id, kind)}
        await self._redis.hset(UiKey(user_id).name, mapping=fields)

    async def set_language(self, user_id: int, language: str) -> None:
        """Keeps ``language`` (kk, ru, en) over sign-out and sign-in."""
        await self._redis.hset(UiKey(user_id).name, UiField.LANGUAGE, language)

    async def look(self, user_id: int, look: str) -> None:
        """Keeps as which role this person looks on, ``""`` for none, and closes what waited for typed text. Written
        at once: the next click may come to another process, which must not take it for the person's own role."""
        fields = {UiField.LOOK: look, UiField.DRAFT: "", UiField.INPUT: ""}
        await self._redis.hset(UiKey(user_id).name, mapping=dict[Any, Any](fields))

    async def set_timezone(self, user_id: int, timezone: str) -> None:
        """Keeps ``timezone`` (an IANA name) over sign-out and sign-in."""
        await self._redis.hset(UiKey(user_id).name, UiField.TIMEZONE, timezone)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.lstrip("-").isascii() and text.lstrip("-").isdigit() else None
