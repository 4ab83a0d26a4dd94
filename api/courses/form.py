"""The form in which a course is sent: everything, every time, and only what the backend does not stumble over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from api.client import Form
from api.errors import Explained, Invalid, Wrong
from models.common import Upload, sent
from models.course import Course, CourseLanguage, CourseLevel, Currency

TEXTS = ("title", "description", "course_url", "skills")
ALWAYS = (*TEXTS, "language", "duration", "currency", "price", "is_free")
"""Left out or empty, each of these is a 500, and ``is_free`` damages the row besides (contract Q2)."""
NAMES = (*ALWAYS, "level", "invite_code", "video_preview", "categories")
ENUMS = {"language": CourseLanguage, "currency": Currency, "level": CourseLevel}
COVERS = frozenset(("jpg", "jpeg", "png", "gif"))
CODE_MOST = 100
LARGEST = 2**31 - 1
"""Most that the backend's column of a whole number holds."""

_FRESH_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-", re.IGNORECASE)


def known(course: Course) -> dict[str, Any]:
    """The values of a course that is there, as its form takes them."""
    return {name: getattr(course, name) for name in NAMES}


def complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a new course; a free one need not say what it costs."""
    plain = {"is_free": False, **{name: values[name] for name in NAMES if values.get(name) is not None}}
    if plain["is_free"]:
        plain = {"price": 0, "currency": Currency.TENGE.value, **plain}
    return plain


def check(values: Mapping[str, Any], asked: Collection[str] = NAMES) -> None:
    """Nothing; ``Invalid`` for what the backend would answer 500 to, or 400 in words that nobody chose.

    ``asked`` are the fields that somebody is at: what is wrong with another one is ``Explained``.
    """
    found = dict(_wrong(values))
    for name, key in found.items():
        if name not in asked:
            raise Explained(key)
    if found:
        raise Invalid(wrong(name, key) for name, key in found.items())


def wrong(name: str, key: str) -> Wrong:
    """The complaint about that field."""
    return Wrong((name,), key.rpartition(".")[2], key)


def _wrong(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in TEXTS:
        if not values.get(name):
            yield name, "courses.error.blank"
    for name, options in ENUMS.items():
        if (values.get(name) or name != "level") and values.get(name) not in set(options):
            yield name, "courses.error.unknown"
    if not _within(values.get("duration"), 1, LARGEST):
        yield "duration", "courses.error.duration"
    if not _within(values.get("price"), 0, LARGEST):
        yield "price", "courses.error.price"
    if not isinstance(values.get("is_free"), bool):
        yield "is_free", "courses.error.blank"
    code = str(values.get("invite_code") or "").strip()
    if len(code) > CODE_MOST:
        yield "invite_code", "courses.error.long_code"
    if not code and values.get("is_free") is False and values.get("price"):
        yield "invite_code", "courses.check.code"


def keepable(before: Course, changed: Mapping[str, Any]) -> None:
    """Nothing; ``Invalid`` for a change that cannot arrive, or that leaves a course for sale at no price.

    A form has no empty field: what is left out stays as it was, so codes and categories can only be replaced.
    """
    for name, key in (
        ("categories", "courses.error.last_category"),
        ("invite_code", "courses.error.keeps_code"),
    ):
        if name in changed and not changed[name] and getattr(before, name):
            raise Invalid((wrong(name, key),))
    # Courses that cost nothing and are not free are there already: only a change into one is stopped.
    after = {name: changed.get(name, getattr(before, name)) for name in ("is_free", "price")}
    if changed.keys() & after.keys() and after["is_free"] is False and not after["price"]:
        name = "price" if "price" in changed else "is_free"
        raise Invalid((wrong(name, "courses.check.price"),))


def form(values: Mapping[str, Any]) -> Form:
    """The fields as text; empty ones are left out, categories repeated."""
    return {name: _text(sent(values[name])) for name in NAMES if values.get(name) not in (None, "", [], ())}


def differing(course: Course, values: Mapping[str, Any], names: Iterable[str] = NAMES) -> list[str]:
    """Names of what the course has otherwise than it was sent."""
    return [
        name for name in names if _compared(name, getattr(course, name)) != _compared(name, values.get(name))
    ]


def cover_file(cover: Upload) -> tuple[str, bytes, str]:
    """The picture as a file of the form. ``Explained`` for a kind that the backend refuses."""
    if cover.name.rpartition(".")[2].lower() not in COVERS:
        raise Explained("courses.error.cover_kind")
    return cover.name, cover.content, cover.content_type


def own_name(path: str) -> str:
    """The name a cover was uploaded with: without folders, and without the ids put before it at every save."""
    name = path.replace("\\", "/").rpartition("/")[2]
    while _FRESH_ID.match(name):
        name = _FRESH_ID.sub("", name, count=1)
    return name or "cover.jpg"


def _within(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _text(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _compared(name: str, value: Any) -> Any:
    if name == "categories":
        return frozenset(sent(list(value or ())))
    if name == "invite_code":
        return str(value or "").strip().upper()
    if name == "price":
        return None if value is None else round(float(value), 2)
    return value or None if isinstance(value, str) or value is None else value
