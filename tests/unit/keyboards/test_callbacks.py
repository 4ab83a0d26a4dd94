"""Addresses: what goes into a button comes out of it, and nothing else does."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keyboards.callbacks import BUDGET, AddressTooLong, Go, Place, Press, from_base36, to_base36

WORD = string.ascii_letters + string.digits + "_-"
TOKENS = st.text(alphabet=WORD, min_size=6, max_size=6)
"""Search tokens as services/list_state makes them."""
PLACES = st.integers(1, 4).flatmap(
    lambda filters: st.builds(
        Place,
        page=st.integers(1, 36**4),
        options=st.tuples(*[st.integers(0, 35)] * filters),
        sort=st.integers(0, 9),
        search=st.one_of(st.just(""), TOKENS),
    )
)
ADDRESSES = st.builds(
    Go,
    op=st.sampled_from([press.value for press in Press]),
    res=st.one_of(st.just(""), st.text(alphabet=string.ascii_lowercase, min_size=2, max_size=2)),
    id=st.integers(0, 36**8),
    arg=st.text(alphabet=WORD, max_size=6),
    view=st.text(alphabet=WORD, max_size=8),
    key=st.one_of(st.just(""), st.text(alphabet=WORD, min_size=14, max_size=14)),
)


@given(ADDRESSES)
def test_an_address_survives_its_button(go: Go):
    packed = go.pack()
    assert len(packed.encode()) <= BUDGET
    assert Go.unpack(packed) == go


@given(st.text(max_size=80))
@example("ev")
@example("li--")
@example("liev.zzzzzzzzzzzz.....")
@example("liev." + "z" * 13)
@example("лиev.1")
@example("liev.1.٣")
@example("cdev.1\n")
def test_anything_else_is_no_address_or_reads_back_as_one(data: str):
    go = Go.unpack(data)
    assert go is None or Go.unpack(go.pack()) == go


@given(st.text(alphabet=WORD + ".", max_size=64))
def test_near_misses_do_no_harm(data: str):
    go = Go.unpack(data)
    if go is not None:
        assert 0 <= go.id < 36**12
        assert len(go.key) <= 16


@pytest.mark.parametrize("data", [None, "", "x" * 65])
def test_what_telegram_never_sends_is_no_address(data: str | None):
    assert Go.unpack(data) is None


def test_an_address_over_the_budget_is_refused_where_it_is_made():
    with pytest.raises(AddressTooLong):
        Go("li", "ev", 36**8, "a" * 20, "b" * 20, "k" * 14).pack()


def test_a_place_that_has_no_room_gives_way_but_the_parent_stays():
    place = Place(46_000, (3, 3, 3, 3), 1, "abcdef", parent=1_000_000)
    go = Go.unpack(Go("dn", "pp", 36**6, "dol", place.pack(), "k" * 14).pack())
    assert go is not None
    assert (go.id, go.arg, go.key) == (36**6, "dol", "k" * 14)
    assert Place.unpack(go.view, 4) == Place(options=(0,) * 4, parent=1_000_000)
    near = Place(2, (1,), 0, "", parent=12)
    assert Go.unpack(Go("dn", "pp", 5, "do", near.pack(), "k" * 14).pack()) == Go(
        "dn", "pp", 5, "do", near.pack(), "k" * 14
    )


def test_a_place_narrowed_to_two_records_reads_back_wherever_it_fits():
    go = Go("li", "rs", view=Place(36**3, (2, 2, 2**31 - 1, 2**31 - 1), 0, "-_tok-").pack())
    assert go.fits
    assert Go.unpack(go.pack()) == go


def test_an_operation_key_is_good_for_one_parent_only():
    one, other = (Go("dn", "pp", 1, "up", Place(parent=parent).pack()) for parent in (12, 13))
    assert one.scope != other.scope
    assert Go("dn", "ev", 1, "up", "2-01").scope == Go("dn", "ev", 1, "up").scope


@given(st.integers(0, 2**63))
def test_base_36(number: int):
    assert from_base36(to_base36(number)) == number


@given(PLACES)
@example(Place(1, (0,), 0, "abcde-"))
@example(Place(1, (0,), 0, "-bcde-"))
@example(Place(1, (0, 0), 0, "------"))
@example(Place(3, (0, 2), 1, "______"))
def test_a_place_survives_its_address(place: Place):
    packed = place.pack()
    assert Place.unpack(packed, len(place.options)) == place
    assert Go.unpack(Go("li", "ev", view=packed).pack()) == Go("li", "ev", view=packed)


@given(st.lists(st.integers(0, 2**31) | st.integers(0, 40), max_size=6), st.integers(0, 3))
@example([36], 0)
@example([0, 360, 0], 0)
@example([36**3], 1)
def test_options_that_are_ids_survive(options: list[int], sort: int):
    place = Place(1, tuple(options), sort)
    assert Place.unpack(place.pack(), len(options)) == place


@pytest.mark.parametrize("text", ["-A", "-A1", "-0B1", "-A1_", "-Zz", "-K1", "-a!"])
def test_options_that_cannot_be_read_are_none(text: str):
    assert Place.unpack(text, 2) == Place(options=(0, 0))


@given(st.text(alphabet=WORD, max_size=20), st.integers(0, 6))
def test_any_text_is_some_place(text: str, filters: int):
    place = Place.unpack(text, filters)
    assert place.page >= 1
    assert len(place.options) == filters


@given(PLACES, st.integers(-5, 50))
def test_turning_pages_keeps_what_is_searched(place: Place, page: int):
    turned = place.at(page)
    assert turned.page == max(1, page)
    assert (turned.options, turned.sort, turned.search) == (place.options, place.sort, place.search)
    narrowed = turned.with_option(0, 3)
    assert (narrowed.page, narrowed.options[0], narrowed.search) == (1, 3, place.search)


def test_presses_are_two_letters_each_their_own():
    values = [press.value for press in Press]
    assert len(set(values)) == len(values)
    assert all(len(value) == 2 and value.isalpha() and value.islower() for value in values)


def test_a_key_is_good_for_one_op_on_one_record():
    assert Go("ap", "ev", 7, key="k").scope == "ap:ev:7:"
    assert len({Go("ap", "ev", 7).scope, Go("rj", "ev", 7).scope, Go("ap", "ev", 8).scope}) == 3
