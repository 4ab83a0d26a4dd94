"""Texts in kk, ru and en, read from gettext catalogues whose ids are keys.

``locales/<language>/<room>.po`` hold the texts; all files of a language are one catalogue. They are parsed with
Babel when the process starts, so no compiled file has to be built or shipped.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from utils.html import Html, escape

LANGUAGES = ("kk", "ru", "en")
"""What a person may choose, in the order of the picker."""

LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
"""Each language in its own words: a person who cannot read the present one must find theirs."""


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of one language: ``key -> text`` or ``key -> plural forms``."""

    language: str
    texts: Mapping[str, str | tuple[str, ...]]
    form_of: Callable[[int], int]

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def find(self, key: str, params: Mapping[str, Any]) -> str:
        """The raw text; its plural form follows ``n``. A key without text is shown as itself: the start-up
        check refuses a catalogue with gaps, so this can only be a key made from a value the backend invented."""
        text = self.texts.get(key, key)
        if isinstance(text, tuple):
            count = params.get("n", 1)
            return text[self.form_of(abs(int(count)))]
        return text

    def __call__(self, key: str, **params: Any) -> str:
        """The text as plain characters, for buttons, alerts and file names."""
        text = self.find(key, params)
        return text.format_map(params) if params else text

    def html(self, key: str, **params: Any) -> Html:
        """The text as Html: its own markup stays, every parameter is escaped."""
        text = self.find(key, params)
        return Html(
            text.format_map({name: escape(value) for name, value in params.items()}) if params else text
        )


def load(folder: Path) -> dict[str, Texts]:
    """Every language's texts. Raises ``ValueError`` naming the keys that two files of one language both define."""
    return {language: _load_language(language, _stamps(folder / language)) for language in LANGUAGES}


def _stamps(folder: Path) -> tuple[tuple[Path, int], ...]:
    """The language's files, each with when it was changed."""
    return tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.po")))


@lru_cache(maxsize=len(LANGUAGES) * 2)
def _load_language(language: str, files: tuple[tuple[Path, int], ...]) -> Texts:
    """The texts of unchanged files are read once in a process: a catalogue is a value, and takes 0.2 s to read."""
    texts: dict[str, str | tuple[str, ...]] = {}
    plural_rule = "n != 1"
    twice: list[str] = []
    for path, _ in files:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        plural_rule = catalogue.plural_expr
        for message in catalogue:
            if not message.id:
                continue
            key = message.id[0] if isinstance(message.id, tuple | list) else message.id
            if key in texts:
                twice.append(f"{language}/{path.name}: {key}")
            texts[key] = _text(message.string)
    if twice:
        raise ValueError("texts defined twice: " + ", ".join(twice))
    return Texts(language, texts, gettext.c2py(plural_rule))


def _text(string: Any) -> str | tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else str(string or "")
