"""Pictures checked before they are decoded, and remembered by Telegram's id."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisGone

from api.errors import BadAnswer, Cause, Unavailable
from resources.fields import FieldError
from services import pictures as module
from services.pictures import MAX_BYTES, Picture, PictureShelf, inspect

BASE = "http://backend.example/api"
OWN = f"{BASE}/uploads/a.png"
OTHER = "http://elsewhere.example/a.png"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), noise: bool = False) -> bytes:
    image = (
        Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)) if noise else Image.new("RGB", size)
    )
    written = io.BytesIO()
    image.save(written, kind)
    return written.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width: int, height: int, *chunks: bytes, rows: bytes = b"\0") -> bytes:
    """A PNG that says what it likes about itself, at no cost."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + data + chunk(b"IEND", b"")


def refusal(content: bytes) -> str:
    with pytest.raises(FieldError) as caught:
        inspect(content)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_format_and_size_are_read(kind: str):
    assert inspect(picture(kind)) == (kind, 40, 30)


@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [
        (13_300, 13_300, "photo.too_many_pixels"),
        (177_000_000, 1, "photo.too_many_pixels"),
        (60_000, 60_000, "photo.no_picture"),
        (2**31 - 1, 2**31 - 1, "photo.no_picture"),
        (0, 0, "photo.no_picture"),
    ],
)
def test_a_picture_that_would_unfold_is_refused_unread(width: int, height: int, reason: str):
    """177 megapixels would be 530 MB. Time is bounded generously: machines are shared."""
    content = png(width, height)
    tracemalloc.start()
    started = time.perf_counter()
    found = refusal(content)
    seconds, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == reason
    assert seconds < 0.5
    assert peak < 20_000_000


@pytest.mark.parametrize("packed", [b"zTXt", b"iTXt", b"iCCP"])
def test_a_bomb_beside_the_pixels_is_not_unpacked(packed: bytes):
    bomb = zlib.compress(b"\0" * 200_000_000, 9)
    head = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0"}[packed]
    content = png(1, 1, chunk(packed, head + bomb), rows=b"\0\0\0\0")
    assert len(content) < MAX_BYTES
    tracemalloc.start()
    # Refused or passed over, as Pillow sees fit.
    with contextlib.suppress(FieldError):
        inspect(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_bomb_of_pixels_is_not_unpacked():
    content = png(1_000, 1_000, rows=b"\0" * 200_000_000)
    tracemalloc.start()
    assert inspect(content) == ("PNG", 1_000, 1_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("side", [7_100, 16_384, 65_535])
def test_an_animation_that_says_it_is_huge_is_refused(side: int):
    frames = [Image.new("RGB", (16, 16), (shade, 0, 0)) for shade in (0, 90, 180)]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    content = bytearray(written.getvalue())
    at = content.index(b"VP8X") + 12
    content[at : at + 6] = (side - 1).to_bytes(3, "little") * 2
    assert refusal(bytes(content)) in ("photo.too_many_pixels", "photo.no_picture")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"<html>no</html>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"RIFF",
    ],
)
def test_what_is_no_picture(content: bytes):
    assert refusal(content) == "photo.no_picture"


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM"])
def test_formats_that_telegram_does_not_take(kind: str):
    assert refusal(picture(kind)) == "photo.no_picture"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_png_that_is_cut_off_is_refused(share: float):
    content = picture("PNG", (200, 200), noise=True)
    assert refusal(content[: int(len(content) * share)]) == "photo.no_picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_cut_anywhere_it_is_a_picture_or_a_refusal(kind: str):
    content = picture(kind)
    for end in range(0, len(content), 7):
        try:
            found = inspect(content[:end])
        except FieldError:
            continue
        assert found == (kind, 40, 30)


def test_too_many_bytes_are_refused_before_anything():
    assert refusal(b"\x89PNG" + b"\0" * MAX_BYTES) == "photo.too_large"


# --- the shelf


class Sources:
    def __init__(self) -> None:
        self.own: list[str] = []
        self.outside: list[str] = []
        self.answer: bytes | Exception = picture()

    async def fetch_own(self, url: str) -> bytes:
        self.own.append(url)
        return self._answer()

    async def fetch_outside(self, url: str) -> bytes:
        self.outside.append(url)
        return self._answer()

    def _answer(self) -> bytes:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def sources() -> Sources:
    return Sources()


@pytest.fixture
def shelf_on(sources: Sources) -> Callable[[Redis], PictureShelf]:
    return lambda redis: PictureShelf(redis, sources.fetch_own, sources.fetch_outside, BASE)


@pytest.fixture
def shelf(redis: Redis, shelf_on: Callable[[Redis], PictureShelf]) -> PictureShelf:
    return shelf_on(redis)


@pytest.fixture
def no_redis(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(*_: object, **__: object) -> None:
        raise RedisGone("gone")

    monkeypatch.setattr(redis, "execute_command", gone)


async def test_our_backends_files_and_others_are_fetched_apart(shelf: PictureShelf, sources: Sources):
    assert (await shelf.find(OWN)).content == sources.answer
    assert (await shelf.find(OTHER)).content == sources.answer
    lookalike = "http://backend.example/apix/a.png"
    await shelf.find(lookalike)
    assert (sources.own, sources.outside) == ([OWN], [OTHER, lookalike])


async def test_telegrams_id_is_known_to_all_processes(
    shelf: PictureShelf, shelf_on, redis: Redis, sources: Sources
):
    await shelf.remember(OWN, "file-1")
    assert await shelf.find(OWN) == Picture(file_id="file-1")
    assert await shelf_on(redis).find(OWN) == Picture(file_id="file-1")
    assert sources.own == []


async def test_an_id_that_telegram_dropped_is_dropped(shelf: PictureShelf, redis: Redis, sources: Sources):
    await shelf.remember(OWN, "file-1")
    await shelf.forget(OWN)
    assert (await shelf.find(OWN)).content is not None
    assert await redis.keys("picture:*") == []


async def test_without_redis_pictures_go_on(shelf: PictureShelf, no_redis: None, sources: Sources):
    assert (await shelf.find(OWN)).content == sources.answer
    await shelf.remember(OWN, "file-1")
    assert await shelf.find(OWN) == Picture(file_id="file-1")
    await shelf.forget(OWN)
    assert (await shelf.find(OWN)).content == sources.answer


@pytest.mark.parametrize(
    "answer",
    [
        Unavailable(Cause.TIMEOUT), BadAnswer("too large"), b"no picture", png(13_300, 13_300),
        picture(size=(9_000, 1_001)), picture(size=(2_100, 100)), picture(size=(100, 2_100)),
    ],
)  # fmt: skip
async def test_what_telegram_would_refuse_is_none_and_not_tried_again_soon(
    shelf: PictureShelf, sources: Sources, answer: bytes | Exception, monkeypatch
):
    sources.answer = answer
    assert await shelf.find(OTHER) is None
    assert await shelf.find(OTHER) is None
    assert sources.outside == [OTHER]
    sources.answer = picture()
    later = time.monotonic() + module.DEAD_FOR + 1
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    assert (await shelf.find(OTHER)).content == sources.answer


async def test_memory_is_bounded(shelf: PictureShelf, sources: Sources, monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 3)
    sources.answer = b""
    for number in range(10):
        await shelf.remember(f"{OWN}{number}", "id")
        await shelf.find(f"{OTHER}{number}")
    assert len(shelf._ids) == len(shelf._dead) == 3


async def test_a_link_becomes_an_upload_named_after_what_it_is(shelf: PictureShelf, sources: Sources):
    sources.answer = picture("JPEG")
    upload = await shelf.from_link("http://elsewhere.example/script.php")
    assert (upload.content, upload.name, upload.content_type) == (sources.answer, "photo.jpg", "image/jpeg")
    assert await shelf.checked_link({"url": OTHER}) == {"url": OTHER}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Unavailable(Cause.TIMEOUT), "photo.link_failed"),
        (BadAnswer("html"), "photo.link_failed"),
        (b"<html>", "photo.no_picture"),
    ],
)
async def test_a_link_without_a_picture_says_why(shelf: PictureShelf, sources: Sources, answer, reason: str):
    sources.answer = answer
    with pytest.raises(FieldError) as caught:
        await shelf.from_link(OTHER)
    assert str(caught.value) == reason
