"""Texts: the same keys in every language, with their placeholders, markup and plural forms; none idle, none missing."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from handlers.modules import RESOURCES
from locales.catalogue import LANGUAGES
from resources.checks import texts_of
from tests.matrix.strict import ROOT, TEXTS, visible

FORMS = {"kk": 2, "ru": 3, "en": 2}
ROOMS = (
    "handlers",
    "middlewares",
    "views",
    "keyboards",
    "resources",
    "services",
    "api",
    "ingress",
    "locales",
)
KEY = re.compile(r"[a-z]+(?:\.[a-z_0-9A-Z]+)+")
KEYS = sorted(set().union(*(set(texts) for texts in TEXTS.values())))
ALERT = 200
"""Characters of a callback answer."""


def forms(language: str, key: str) -> tuple[str, ...]:
    text = TEXTS[language].texts[key]
    return text if isinstance(text, tuple) else (text,)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?[a-z]+", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str):
    assert set(KEYS) - set(TEXTS[language]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str):
    assert [key for key in KEYS if not all(form.strip() for form in forms(language, key))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_texts_have_all_their_forms(language: str):
    plural = {key for key in KEYS if isinstance(TEXTS["en"].texts[key], tuple)}
    assert plural == {key for key in KEYS if isinstance(TEXTS[language].texts[key], tuple)}
    assert {key for key in plural if len(forms(language, key)) != FORMS[language]} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language: str):
    for key in KEYS:
        wanted = placeholders(forms("en", key)[0])
        for form in forms(language, key):
            assert placeholders(form) | {"n"} == wanted | {"n"}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_is_the_same_and_parses(language: str):
    for key in KEYS:
        for form in forms(language, key):
            assert tags(form) == tags(forms("en", key)[0]), key
            assert visible(form), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_follow_the_language(language: str):
    counts = {0, 1, 2, 5, 11, 21}
    groups = {
        "ru": [{1, 21}, {2}, {0, 5, 11}],
        "en": [{1}, counts - {1}],
        "kk": [{1}, counts - {1}],
    }[language]
    chosen = {count: TEXTS[language].form_of(count) for count in counts}
    found = [{count for count in counts if chosen[count] == form} for form in range(FORMS[language])]
    assert found == groups


def test_languages_differ():
    """A text left in another language is the likeliest mistake of a translation."""
    letters = re.compile(r"[A-Za-zА-Яа-яӘәҒғҚқҢңӨөҰұҮүҺһІіЁё]{4,}")
    names = {"GIF", "JPEG", "Instagram", "LinkedIn", "Facebook", "Online", "WebP", "Telegram", "Tabys"}
    same = [
        (one, other, key)
        for one, other in (("kk", "ru"), ("kk", "en"), ("ru", "en"))
        for key in KEYS
        if forms(one, key)[0] == forms(other, key)[0]
        and (
            set(letters.findall(re.sub(r"<code>.*?</code>|\{\w+\}|https?://\S+", "", forms(one, key)[0])))
            - names
            - ALIKE
        )
    ]
    assert [entry for entry in same if entry[2] not in alike()] == []


ALIKE = frozenset({
    "Дизайн", "Компания", "Телефон", "Фото", "бакалавриат", "докторантура", "магистратура",
})  # fmt: skip
"""Words that Kazakh and Russian write the same."""


def alike() -> frozenset[str]:
    """Texts that a translator marked as right although another language has the same: ``#. alike`` before them."""
    found = set()
    for path in (ROOT / "locales" / "kk").glob("*.po"):
        with path.open("rb") as file:
            marked = [message.id for message in read_po(file) if "alike" in message.auto_comments]
        found |= {key if isinstance(key, str) else key[0] for key in marked}
    return frozenset(found)


def test_english_is_latin_and_the_others_are_not():
    cyrillic, latin = re.compile("[А-Яа-яЁё]"), re.compile("[A-Za-z]")
    for key in KEYS:
        for form in forms("en", key):
            assert not cyrillic.search(form), key
        bare = [re.sub(r"</?\w+>|<code>.*?</code>|\{\w+\}|/\w+", "", form) for form in forms("ru", key)]
        assert all(cyrillic.search(form) or not latin.search(form) or key in FOREIGN for form in bare), key


FOREIGN = frozenset({
    "events.speakers.linkedin_url", "events.speakers.instagram_url", "events.speakers.facebook_url", "status.backend",
    "project_participants.field.instagram_url", "project_participants.field.facebook_url",
    "project_participants.field.linkedin_url", "project_participants.field.twitter_url",
    "choice.members_channel.telegram",
})  # fmt: skip
"""Names that are the same in every script."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_toasts_fit(language: str):
    toasts = [
        key for key in KEYS if key.endswith("_toast") or key.startswith(("done.", "settings.saved", "write."))
    ]
    assert toasts
    assert [key for key in toasts if len(forms(language, key)[0]) > ALERT] == []


# --- used and declared -----------------------------------------------------------------------------------


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def strings(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Every string of the code as a pattern, and whether parts of it are computed; docstrings are left out."""
    skipped = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value), False
        elif isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.]+"
                for part in node.values
            ]
            yield "".join(parts), True
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = node.left, node.right
            if (
                isinstance(right, ast.Constant)
                and isinstance(right.value, str)
                and right.value.startswith(".")
            ):
                yield r"[\w.]+" + re.escape(right.value), True
            if isinstance(left, ast.Constant) and isinstance(left.value, str) and left.value.endswith("."):
                yield re.escape(left.value) + r"[\w.]+", True


USED = {pattern for path in sources() for pattern, _ in strings(ast.parse(path.read_text(encoding="utf-8")))}
DECLARED = frozenset().union(*(texts_of(resource) for resource in RESOURCES))


def test_no_text_is_idle():
    patterns = [re.compile(pattern) for pattern in USED if r"\." in pattern and pattern != r"[\w.]+"]
    # A pattern that is computed on both sides of its dot would excuse everything.
    told = [one for one in patterns if not re.fullmatch(r"(\[\\w\.\]\+|\\\.)+", one.pattern)]
    idle = [key for key in KEYS if key not in DECLARED and not any(one.fullmatch(key) for one in told)]
    assert idle == []


def test_no_text_is_missing():
    prefixes = {key.partition(".")[0] for key in KEYS}
    wanted: set[str] = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in TEXT_CALLS:
                wanted |= {key for key in _whole(node.args[0]) if KEY.fullmatch(key)}
    assert len(wanted) > 100
    assert {key for key in wanted if key.partition(".")[0] in prefixes and key not in KEYS} == set()
    assert {key for key in wanted if key.partition(".")[0] not in prefixes} == set()


TEXT_CALLS = frozenset({"t", "html", "FieldError", "Stale", "texts", "_tell", "text", "_fact"})


def _whole(node: ast.expr) -> Iterator[str]:
    """The strings that an argument can be as they stand, not as a part of another one."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _whole(node.body)
        yield from _whole(node.orelse)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_declared_texts_exist():
    assert DECLARED - set(KEYS) == set()
