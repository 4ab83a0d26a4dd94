"""Several words: typed with commas, kept as a list."""

from __future__ import annotations

import pytest

from models.community import MemberLanguage
from resources.fields import FieldError
from resources.fields.tags import Tags
from tests.matrix.strict import LOCALES

EN, RU = LOCALES["en"], LOCALES["ru"]
TOPICS = Tags(name="topics", max_len=10, most=3)
LANGUAGES = Tags(name="languages", options=tuple(MemberLanguage), texts="members_language")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("IT", ["IT"]),
        (" IT ,  Қаржы;IT\nart ", ["IT", "Қаржы", "art"]),
        ("two  words", ["two words"]),
        (",,IT,\x00,", ["IT"]),
    ],
)
def test_words_are_kept_once_in_their_order(typed: str, kept: list[str]):
    assert TOPICS.parse(typed, EN) == kept


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" , ;", "field.error.blank"),
        ("a,b,c,d", "field.error.too_many_rows"),
        ("x" * 11, "field.error.too_long"),
    ],
)
def test_what_cannot_be(typed: str, key: str):
    with pytest.raises(FieldError) as caught:
        TOPICS.parse(typed, EN)
    assert caught.value.key == key
    assert EN.t(key, **caught.value.params)


def test_options_are_typed_by_value_or_label_in_any_case():
    assert LANGUAGES.parse("KK, russian", EN) == ["kk", "ru"]
    assert LANGUAGES.parse("казахский", RU) == ["kk"]
    with pytest.raises(FieldError, match="choice"):
        LANGUAGES.parse("kk, German", EN)


def test_they_are_shown_with_commas_unknown_ones_as_they_stand():
    assert LANGUAGES.show(["kk", "de"], EN) == "Kazakh, de"
    assert TOPICS.show(None, EN) == ""


def test_nothing_is_kept_as_nothing():
    assert TOPICS.value_of(("IT",)) == ["IT"]
    assert TOPICS.value_of(()) is None
    assert TOPICS.value_of(None) is None
