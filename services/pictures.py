"""Pictures: from the backend, the web or Telegram; checked before they are decoded, remembered by Telegram's id."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
import warnings
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.errors import BackendError
from models.common import Upload
from resources.fields import FieldError
from services.keys import DAY, as_text

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""More than any phone's photo; a picture that decodes to more is refused unread."""
SIDES = 10_000
"""Telegram's limit for width plus height of a photo."""
RATIO = 20
REMEMBERED = 5_000
LAID = 24
"""Pictures of the bot's own that are kept until Telegram has given an id for them."""
DEAD_FOR = 60.0
"""Seconds until a picture that could not be had is tried again."""
FORMATS = {
    "JPEG": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "GIF": ("gif", "image/gif"),
    "WEBP": ("webp", "image/webp"),
}

Fetch = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be sent: Telegram's id of it, or its bytes."""

    file_id: str | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class PictureKey:
    """Telegram's id of a picture, by the hash of its address."""

    url: str

    @property
    def name(self) -> str:
        """Name in Redis."""
        return f"picture:{hashlib.sha256(self.url.encode()).hexdigest()[:32]}"


class PictureShelf:
    """Finds, checks and remembers pictures. ``own`` fetches the backend's files, ``outside`` everything else."""

    def __init__(self, redis: Redis, own: Fetch, outside: Fetch, base_url: str) -> None:
        self._redis = redis
        self._own = own
        self._outside = outside
        self._base = base_url.rstrip("/") + "/"
        self._ids: OrderedDict[str, str] = OrderedDict()
        self._dead: OrderedDict[str, float] = OrderedDict()
        self._laid: OrderedDict[str, bytes] = OrderedDict()

    def lay(self, address: str, content: bytes) -> None:
        """Keeps a picture that the bot made itself, under an address that is the same for the same content."""
        _remember(self._laid, address, content, LAID)
        self._dead.pop(address, None)

    async def has(self, address: str) -> bool:
        """True when a picture of the bot's own is here, or Telegram has it."""
        if address in self._laid or address in self._ids:
            return True
        stored = await self._stored(address)
        if stored is not None:
            _remember(self._ids, address, stored)
        return stored is not None

    async def find(self, url: str) -> Picture | None:
        """The picture, None when it is missing, too large, too slow, or no picture Telegram would take."""
        if (known := self._ids.get(url)) is not None:
            return Picture(file_id=known)
        if self._dead.get(url, 0.0) > time.monotonic():
            return None
        stored = await self._stored(url)
        if stored is not None:
            _remember(self._ids, url, stored)
            return Picture(file_id=stored)
        if (laid := self._laid.get(url)) is not None:
            return Picture(content=laid)
        try:
            content = await self._fetch(url)
            width, height = (await asyncio.to_thread(inspect, content))[1:]
        except (BackendError, FieldError):
            width = height = 0
        if not width or width + height > SIDES or max(width, height) > RATIO * min(width, height):
            _remember(self._dead, url, time.monotonic() + DEAD_FOR)
            return None
        return Picture(content=content)

    async def remember(self, url: str, file_id: str) -> None:
        """Keeps Telegram's id of the picture, here and for the other processes."""
        _remember(self._ids, url, file_id)
        try:
            await self._redis.set(PictureKey(url).name, file_id, ex=30 * DAY)
        except RedisError:
            return

    async def forget(self, url: str) -> None:
        """Drops an id that Telegram no longer takes."""
        self._ids.pop(url, None)
        try:
            await self._redis.delete(PictureKey(url).name)
        except RedisError:
            return

    async def checked_link(self, value: dict[str, str]) -> dict[str, str]:
        """``value`` when a usable picture stands behind its ``url``. Raises ``FieldError``."""
        await self.from_link(value["url"])
        return value

    async def from_link(self, url: str) -> Upload:
        """The picture behind a link, checked. Raises ``FieldError``."""
        try:
            content = await self._fetch(url)
        except BackendError as error:
            raise FieldError("photo.link_failed") from error
        return await self.checked(content)

    async def checked(self, content: bytes) -> Upload:
        """``content`` as an upload named after what it really is. Raises ``FieldError``."""
        kind = (await asyncio.to_thread(inspect, content))[0]
        extension, content_type = FORMATS[kind]
        return Upload(content, f"photo.{extension}", content_type)

    async def _fetch(self, url: str) -> bytes:
        return await (self._own(url) if url.startswith(self._base) else self._outside(url))

    async def _stored(self, url: str) -> str | None:
        try:
            found = await self._redis.get(PictureKey(url).name)
        except RedisError:
            return None
        return None if found is None else as_text(found)


def inspect(content: bytes) -> tuple[str, int, int]:
    """Format, width and height in pixels, read from the head without decoding. Raises ``FieldError``."""
    if len(content) > MAX_BYTES:
        raise FieldError("photo.too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as image:
                kind, (width, height) = str(image.format), image.size
                if width * height > MAX_PIXELS:
                    raise FieldError("photo.too_many_pixels")
                # The checksums of a PNG: one that is cut off is refused here, not by whoever shows it.
                image.verify()
    except FieldError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise FieldError("photo.no_picture") from error
    return kind, width, height


def _remember(shelf: OrderedDict[str, Any], url: str, value: Any, most: int | None = None) -> None:
    shelf[url] = value
    shelf.move_to_end(url)
    while len(shelf) > (REMEMBERED if most is None else most):
        shelf.popitem(last=False)
