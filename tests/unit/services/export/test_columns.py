"""A record as a row: which columns there are, what is masked, what is a number or a date."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from composition import LOCALES
from locales.catalogue import Texts, load
from locales.locale import Locale
from models.access import Module, Permission
from models.common import ModerationStatus, Record, Ref, UtcDateTime
from resources.fields import Choice, Date, DateTime, Flag, LongText, Number, Phone, Photo, Relation, Text
from resources.resource import ListView, Op, Resource
from services.export import columns


class Level(StrEnum):
    LOW = "low"


class Thing(Record):
    name: str | None = None
    about: str | None = None
    price: float | None = None
    open: bool | None = None
    level: str | None = None
    phone: str | None = None
    city: Ref | None = None
    day: date | None = None
    at: UtcDateTime | None = None
    photo: str | None = None
    moderation_status: ModerationStatus | None = None
    created_at: UtcDateTime | None = None


class NoSource:
    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


THINGS: Resource[Thing] = Resource(
    module=Module.EVENTS, key="things", code="th", icon="T", model=Thing, source=NoSource,
    needs={Op.LIST: Permission.READ, Op.EXPORT: Permission.READ}, title=lambda one, _: one.name or "",
    fields=(
        Text(name="name"), LongText(name="about"), Number(name="price", places=2, unit="unit.money"),
        Flag(name="open"), Choice(name="level", options=Level), Phone(name="phone"),
        Relation(name="city", lookup=NoSource), Date(name="day"), DateTime(name="at"), Photo(name="photo"),
    ),
    list=ListView(line=lambda one, _: one.name or ""), card=("name",),
)  # fmt: skip

FULL = Thing(
    id=7, name="Ә", about="long", price=1500.5, open=True, level="low", phone="+77011234567",
    city=Ref(id=3, kk="Алматы", ru="Алма-Ата"), day=date(2026, 11, 21), at=datetime(2026, 11, 21, 20, 30, tzinfo=UTC),
    photo="/uploads/a.jpg", moderation_status=ModerationStatus.PENDING,
    created_at=datetime(2023, 6, 1, 12, 0, 7, 55, tzinfo=UTC),
)  # fmt: skip


KNOWN = {("city", "", 9): {"id": 9, "kk": "Астана", "ru": "Астана"}}


@pytest.fixture(scope="module")
def locale() -> Locale:
    texts = load(LOCALES)["ru"]
    own = {"choice.level.low": "Низкий", "unit.money": "{value} ₸", "flag.yes": "Да", "flag.no": "Нет"}
    return Locale(Texts("ru", {**texts.texts, **own}, texts.form_of), ZoneInfo("Asia/Almaty"))


def cells(
    locale: Locale, record: Thing, *, full: bool = False, card: Thing | None = None
) -> dict[str, object]:
    made = columns.build(
        THINGS, columns.names(THINGS), locale, lambda path: f"https://crm{path}", full=full, known=KNOWN
    )
    return dict(zip((one.name for one in made), columns.row(made, record, card), strict=True))


def test_all_declared_fields_and_what_most_records_carry():
    assert columns.names(THINGS) == (
        "id", "name", "about", "price", "open", "level", "phone", "city", "day", "at", "photo",
        "moderation_status", "created_at",
    )  # fmt: skip


def test_every_kind_is_what_people_read(locale: Locale):
    assert cells(locale, FULL) == {
        "id": 7, "name": "Ә", "about": "long", "price": 1500.5, "open": "Да", "level": "Низкий",
        "phone": "+7 701 ••• •• 67", "city": "Алма-Ата", "day": "2026-11-21", "at": "2026-11-22T01:30:00",
        "photo": "https://crm/uploads/a.jpg", "moderation_status": locale.t("choice.moderation_status.pending"),
        # The clock of Almaty was six hours ahead then.
        "created_at": "2023-06-01T18:00:07",
    }  # fmt: skip


def test_personal_data_is_whole_only_where_it_is_asked_for(locale: Locale):
    assert cells(locale, FULL)["phone"] == "+7 701 ••• •• 67"
    assert cells(locale, FULL, full=True)["phone"] == "+77011234567"
    assert [one.name for one in columns.masked(THINGS, ("phone", "name"))] == ["phone"]
    assert columns.masked(THINGS, ("name",)) == ()


def test_nothing_is_an_empty_cell_and_zero_is_not(locale: Locale):
    assert set(cells(locale, Thing(id=1)).values()) == {1, None}
    zero = cells(locale, Thing(id=1, price=0, open=False))
    assert (zero["price"], zero["open"]) == (0, "Нет")


def test_headings_say_unit_and_zone(locale: Locale):
    made = columns.build(THINGS, columns.names(THINGS), locale, str, full=False, known={})
    heads = {one.name: one.heading for one in made}
    assert heads["price"] == "things.field.price, ₸"
    assert heads["at"] == "things.field.at (Asia/Almaty)"
    assert heads["created_at"].endswith("(Asia/Almaty)")
    assert {one.name: one.kind for one in made if one.kind != "text"} == {
        "id": "number", "price": "number", "day": "day", "at": "moment", "created_at": "moment",
    }  # fmt: skip


def test_at_first_what_the_rows_carry_is_ticked_without_long_texts_and_pictures():
    row = Thing(id=1, name="a", about="b", phone=None, photo="c")
    assert columns.usual(THINGS, [row]) == ("id", "name", "phone")
    assert columns.usual(THINGS, []) == (
        "id", "name", "price", "open", "level", "phone", "city", "day", "at", "moderation_status", "created_at",
    )  # fmt: skip


def test_what_the_row_lacks_comes_from_the_card(locale: Locale):
    row = Thing(id=7, name="of the list", price=None)
    found = cells(locale, row, card=FULL)
    # Served as null is served: the list says that there is none.
    assert (found["name"], found["price"], found["about"]) == ("of the list", None, "long")


def test_only_ticked_columns_in_the_order_of_the_declaration(locale: Locale):
    made = columns.build(THINGS, ("day", "name", "unknown"), locale, str, full=False, known={})
    assert [one.name for one in made] == ["name", "day"]


def test_what_a_list_points_at_by_number_alone_is_named(locale: Locale):
    bare, other = Thing(id=1, city=Ref(id=9)), Thing(id=1, city=Ref(id=8))
    assert list(columns.pointers(THINGS, ("city",), bare)) == [("city", "", 9)]
    assert list(columns.pointers(THINGS, ("name",), bare)) == []
    assert list(columns.pointers(THINGS, ("city",), FULL)) == []
    assert cells(locale, bare)["city"] == "Астана"
    assert cells(locale, other)["city"] == "#8"


def test_no_two_columns_are_called_alike():
    texts = Texts("en", {"things.field.name": "Same", "things.field.about": "Same"}, lambda _: 0)
    found = columns.headings(THINGS, Locale(texts, ZoneInfo("UTC")))
    assert (found["name"], found["about"]) == ("Same", "Same (2)")
    assert len(set(found.values())) == len(found)
