"""Messages with their formatting, and lists of addresses."""

from __future__ import annotations

import pytest

from resources.fields import Addresses, FieldError, Formatted
from tests.matrix.strict import LOCALES

LOCALE = LOCALES["en"]
FIELD = Formatted(name="message", before="📢 <b>Head</b>\n\n")


def test_the_text_in_front_counts():
    assert FIELD.room == 4096 - 9
    assert FIELD.parse("x" * FIELD.room, LOCALE)
    with pytest.raises(FieldError) as error:
        FIELD.parse("x" * (FIELD.room + 1), LOCALE)
    assert error.value.key == "field.error.too_long"


def test_formatting_does_not_count_and_emoji_count_twice():
    assert FIELD.parse("<b>" + "x" * FIELD.room + "</b>", LOCALE)
    assert FIELD.parse("😀" * (FIELD.room // 2), LOCALE)
    with pytest.raises(FieldError):
        FIELD.parse("😀" * (FIELD.room // 2 + 1), LOCALE)


@pytest.mark.parametrize(("typed", "key"), [
    (" \n ", "field.error.blank"), ("<b> </b>", "field.error.blank"), ("<b>x", "field.error.formatting"),
])  # fmt: skip
def test_what_does_not_fit(typed: str, key: str):
    with pytest.raises(FieldError) as error:
        FIELD.parse(typed, LOCALE)
    assert error.value.key == key


def test_it_is_shown_as_it_reads():
    assert FIELD.show("<b>a</b> &lt;b&gt;", LOCALE) == "a <b>"
    assert FIELD.show(None, LOCALE) == ""


def test_addresses_are_split_and_each_is_kept_once():
    field = Addresses(name="to")
    assert field.parse("a@x.kz, b@x.kz\nA@X.kz;c@x.kz", LOCALE) == ["a@x.kz", "b@x.kz", "c@x.kz"]
    for typed, key in (("", "field.error.blank"), ("a@x.kz nope", "field.error.address")):
        with pytest.raises(FieldError) as error:
            field.parse(typed, LOCALE)
        assert error.value.key == key
    with pytest.raises(FieldError):
        Addresses(name="to", most=1).parse("a@x.kz b@x.kz", LOCALE)
