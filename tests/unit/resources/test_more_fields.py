"""Numbers, days, yes and no, addresses and relations: what is typed, kept and shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.common import Ref, sent
from resources.fields import (
    Date,
    Email,
    Field,
    FieldError,
    Flag,
    Number,
    Phone,
    Photo,
    Relation,
    Relations,
    is_blank,
    masked_phone,
)
from tests.matrix.strict import LOCALES, locale

EN = locale("en")


def refused(field: Field, typed: str) -> str:
    with pytest.raises(FieldError) as caught:
        field.parse(typed, EN)
    return caught.value.key


@given(st.integers(0, 10**9))
def test_a_number_is_read_however_it_is_grouped(number: int):
    field = Number(name="n", most=10**9)
    for language in LOCALES:
        here = locale(language)
        assert field.parse(str(number), here) == number
        assert field.parse(f"{number:,}".replace(",", " "), here) == number
        assert field.parse(f"{number:,}".replace(",", "\u00a0"), here) == number


@pytest.mark.parametrize(
    ("typed", "key"),
    [("x", "number"), ("", "number"), ("1e3", "number"), ("NaN", "number"), ("Infinity", "number"), ("٣", "number"),
     ("1.5", "whole"), ("-1", "range"), ("101", "range"), ("9" * 400, "range")],
)  # fmt: skip
def test_what_is_no_such_number_says_why(typed: str, key: str):
    assert refused(Number(name="n", most=100), typed) == f"field.error.{key}"


def test_decimals_where_there_are_such():
    field = Number(name="n", most=10, places=2)
    assert field.parse("9,99", EN) == 9.99
    assert refused(field, "9.999") == "field.error.number"
    assert field.limits(EN)


# The first word that is no date loads the languages of all dates.
@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_a_field(typed: str):
    for field in (Number(name="n"), Date(name="d"), Email(name="e"), Phone(name="p"), Flag(name="f")):
        try:
            value = field.parse(typed, EN)
        except FieldError:
            continue
        assert field.show(value, EN)


def test_zero_and_no_are_values():
    assert not is_blank(0)
    assert not is_blank(False)
    assert all(map(is_blank, (None, "", [], ())))


@pytest.mark.parametrize("language", LOCALES)
def test_yes_and_no_can_be_typed_as_they_are_shown(language: str):
    field, here = Flag(name="f"), locale(language)
    for value in (True, False):
        assert field.parse(field.show(value, here).upper(), here) is value
    assert field.show(None, here) == ""


def test_a_stored_answer_has_no_third_state():
    """A null is refused by the backend, so an edit offers yes and no and nothing else."""
    assert not Flag(name="f").may_be_emptied(stored=True)
    assert Flag(name="f").may_be_emptied(stored=False)
    assert not Flag(name="f", required=True).may_be_emptied(stored=False)
    assert Number(name="n").may_be_emptied(stored=True)
    assert not Number(name="n", required=True).may_be_emptied(stored=True)
    assert Photo(name="p").may_be_emptied(stored=True)
    assert not Photo(name="p", removable=False).may_be_emptied(stored=True)
    assert Photo(name="p", removable=False).may_be_emptied(stored=False)


def test_days():
    field = Date(name="d")
    assert field.parse("25.12.2026", EN) == "2026-12-25"
    assert field.parse("2026-12-25", EN) == "2026-12-25"
    assert field.value_of(date(2026, 12, 25)) == "2026-12-25"
    assert field.show("2026-12-25", EN) == "25 December 2026"
    assert refused(field, "32.12.2026") == "field.error.date"
    assert refused(Date(name="d", future=True), "01.01.2020") == "field.error.past"
    today = datetime.now(UTC).astimezone(EN.zone).date()
    assert Date(name="d", future=True).accept(today, EN) == today.isoformat()


@pytest.mark.parametrize(
    "typed",
    [
        "8 701 123 45 67", "+7 (701) 123-45-67", "77011234567", "8(701)1234567", "701 123 45 67", "7011234567",
        "(701) 123-45-67",
    ],
)  # fmt: skip
def test_a_phone_is_kept_in_one_form(typed: str):
    assert Phone(name="p").parse(typed, EN) == "+77011234567"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("+996 700 123456", "+996700123456"), ("998901234567", "+998901234567"), ("+7011234567", "+7011234567")],
)
def test_numbers_of_other_countries_stay_as_they_are_typed(typed: str, kept: str):
    assert Phone(name="p").parse(typed, EN) == kept


@pytest.mark.parametrize("typed", ["123", "+7 701 abc 45 67", "+" + "7" * 30, "٨٧٠١١٢٣٤٥٦٧"])
def test_what_is_no_phone(typed: str):
    assert refused(Phone(name="p"), typed).startswith("field.error.")


@given(st.from_regex(r"\A\+7\d{10}\Z"))
def test_a_masked_phone_reaches_nobody(phone: str):
    shown = masked_phone(phone)
    assert phone[5:10] not in shown.replace(" ", "")
    assert sum(character.isdigit() for character in shown) <= 6
    assert shown.endswith(phone[-2:])


@pytest.mark.parametrize("typed", ["x", "a@b", "a b@c.kz@", "<a@b.kz>", "a@b,c.kz"])
def test_what_is_no_address(typed: str):
    assert refused(Email(name="e"), typed) == "field.error.email"


class Cities:
    """A source to pick from."""


def test_a_relation_keeps_names_and_sends_ids():
    field = Relation(name="city_id", lookup=Cities)
    kept = field.value_of(Ref(id=5, kk="Алматы", ru="Алма-Ата"))
    assert kept == {"id": 5, "kk": "Алматы", "ru": "Алма-Ата"} == field.value_of(kept)
    assert field.show(kept, locale("ru")) == "Алма-Ата"
    assert field.show(field.value_of(7), EN) == "#7"
    assert sent(kept) == 5
    several = Relations(name="cities", lookup=Cities)
    assert several.value_of((Ref(id=1), Ref(id=2, ru="Б"))) == [
        field.one(1),
        {"id": 2, "kk": None, "ru": "Б"},
    ]
    assert sent(several.value_of((Ref(id=1), Ref(id=2)))) == [1, 2]
    assert refused(field, "Алматы") == "field.error.pick"


def test_what_to_pick_from_may_depend_on_another_value():
    field = Relation(name="r", lookup={"city": Cities}, depends="kind")
    assert field.source({"kind": "city"}) is Cities
    assert field.source({}) is None
    assert field.lookups == (Cities,)
