"""Fields: what is typed, kept and shown; what is wrong with it."""

from __future__ import annotations

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.fields import Choice, Clock, Field, FieldError, Link, LongText, Photo, Rows, Text, short_code
from tests.matrix.strict import LOCALES, TEXTS, locale

EN = locale("en")


class Format(StrEnum):
    ONLINE = "Online"
    OFFLINE = "Offline"


CHOICE = Choice(name="format", options=Format)
CLOCK = Clock(name="time")
ROWS = Rows(
    name="rows",
    columns=(CLOCK, Text(name="what")),
    read_line=lambda text, locale: {"time": CLOCK.parse(text, locale)},
    line=lambda row, locale: CLOCK.show(row["time"], locale),
    max_rows=3,
)


@given(st.text(min_size=1, max_size=300))
def test_a_line_is_trimmed_and_never_longer(text: str):
    field = Text(name="title", max_len=100)
    wanted = " ".join(text.replace("\x00", "").split())
    if wanted and len(wanted) <= 100:
        value = field.parse(text, EN)
        assert value == wanted == field.parse(value, EN)
        assert field.show(value, EN) == value
    else:
        with pytest.raises(FieldError) as caught:
            field.parse(text, EN)
        assert caught.value.key == ("field.error.too_long" if wanted else "field.error.blank")


@pytest.mark.parametrize(
    ("length", "said"), [(301, "301 символ,"), (302, "302 символа,"), (305, "305 символов,")]
)
def test_characters_are_counted_in_the_form_of_their_number(length: int, said: str):
    with pytest.raises(FieldError) as caught:
        Text(name="title", max_len=300).parse("x" * length, locale("ru"))
    assert said in locale("ru").t(caught.value.key, **caught.value.params)


@given(st.text(max_size=60))
def test_a_long_text_keeps_its_lines(text: str):
    field = LongText(name="description", max_len=50)
    wanted = text.replace("\x00", "").strip()
    if not 0 < len(wanted) <= 50:
        with pytest.raises(FieldError):
            field.parse(text, EN)
        return
    assert field.parse(text, EN) == wanted


@pytest.mark.parametrize("language", LOCALES)
def test_every_complaint_is_a_text_with_its_parameters(language: str):
    here = locale(language)
    for field, typed in (
        (Text(name="a", max_len=3), "four"), (Text(name="a"), " "), (CHOICE, "?"), (Link(name="a"), "x"), (CLOCK, "x"),
        (ROWS, "x"), (ROWS, "\n"), (ROWS, "9:00\n" * 4), (Field(name="a"), "x"), (Photo(name="a"), "x"),
    ):  # fmt: skip
        with pytest.raises(FieldError) as caught:
            field.parse(typed, here)
        assert caught.value.key in TEXTS[language]
        assert "{" not in here.t(caught.value.key, **caught.value.params)


@pytest.mark.parametrize("language", LOCALES)
def test_limits_are_said(language: str):
    assert "200" in Text(name="a", max_len=200).limits(locale(language))
    assert LongText(name="a").limits(locale(language))
    assert CLOCK.limits(locale(language)) == CHOICE.limits(locale(language)) == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("example.kz/a", "https://example.kz/a"),
        (" https://example.kz/a b ", "https://example.kz/ab"),
        ("http://example.kz", "http://example.kz"),
        ("https://пример.қаз/сурет", "https://пример.қаз/сурет"),
    ],
)
def test_links(typed: str, kept: str):
    assert Link(name="a").parse(typed, EN) == kept
    assert Photo(name="a").parse(typed, EN) == {"url": kept}


@pytest.mark.parametrize(
    "typed",
    ["ftp://example.kz", "javascript:alert(1)", "http://[::1", "https://", "word", "http://localhost"],
)
def test_what_is_no_link(typed: str):
    with pytest.raises(FieldError, match=r"field\.error\.link"):
        Link(name="a").parse(typed, EN)


@given(st.text(max_size=40))
def test_links_never_break(text: str):
    try:
        value = Link(name="a").parse(text, EN)
    except FieldError:
        return
    assert value.startswith(("http://", "https://"))


@pytest.mark.parametrize("language", LOCALES)
def test_choices_are_read_by_label_and_by_name(language: str):
    here = locale(language)
    for option in Format:
        assert CHOICE.parse(CHOICE.label(option, here).upper(), here) == option
        assert CHOICE.parse(f" {option.value.lower()} ", here) == option
        assert CHOICE.show(option.value, here) == CHOICE.label(option, here)
    assert CHOICE.show("Hybrid", here) == "Hybrid"
    assert CHOICE.show(None, here) == ""


@given(st.integers(0, 1439))
def test_a_clock_is_read_as_it_is_shown(minutes: int):
    shown = CLOCK.show(minutes, EN)
    for typed in (shown, shown.replace(":", "."), shown.replace(":", "-"), shown.replace(":", "")):
        assert CLOCK.parse(typed, EN) == minutes


@given(st.text(max_size=8))
def test_a_clock_is_within_the_day_or_refused(text: str):
    try:
        assert 0 <= CLOCK.parse(text, EN) < 1440
    except FieldError as error:
        assert error.key == "field.error.clock"  # noqa: PT017 - both endings are right


def test_a_clock_beyond_the_day_is_shown_as_it_is():
    assert CLOCK.show(4000, EN) == "4000"
    assert CLOCK.show(None, EN) == "None"


def test_rows_name_the_line_that_is_wrong():
    with pytest.raises(FieldError) as caught:
        ROWS.parse("9:00\n\nnoon", EN)
    assert caught.value.params["number"] == 2
    assert ROWS.parse("9:00\n10:00", EN) == [{"time": 540}, {"time": 600}]
    assert ROWS.show([{"time": 540}, {"time": 600}], EN) == "09:00\n10:00"
    assert ROWS.show(None, EN) == ""
    assert ROWS.value_of([{"time": 1, "secret": 2}]) == [{"time": 1}]
    assert ROWS.value_of(None) == []
    assert ROWS.column(CLOCK.code) is CLOCK
    assert ROWS.column("zzz") is None


def test_a_photo_says_where_it_comes_from():
    photo = Photo(name="a")
    assert photo.show(None, EN) == ""
    assert photo.show({"url": "https://example.kz/a"}, EN) == "https://example.kz/a"
    assert (
        photo.show({"file_id": "x"}, EN) == photo.show("/uploads/a.png", EN) == EN.t("field.photo.attached")
    )


def test_a_format_of_its_own_replaces_how_a_field_is_shown():
    assert Text(name="a", format=lambda value, _: f"<{value}>").show("x", EN) == "<x>"
    assert Choice(name="format", options=Format, format=lambda value, _: "?").show("Online", EN) == "?"


@given(st.text(min_size=1, max_size=30))
def test_codes_are_three_letters_of_an_address(name: str):
    assert len(short_code(name)) == 3
    assert short_code(name).isascii()
    assert short_code(name).isalnum()
