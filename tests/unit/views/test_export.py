"""What is chosen stands in the addresses, whole and within their budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.events import EVENTS
from keyboards.callbacks import BUDGET, Go, Press
from tests.matrix.strict import LOCALES
from views.export import Wanted, choice_screen

NAMES = tuple(f"column{number}" for number in range(48))


@pytest.mark.parametrize(
    ("count", "said"), [(50_001, "001 запись:"), (50_002, "002 записи:"), (50_005, "005 записей:")]
)
def test_records_are_counted_in_the_form_of_their_number(count: int, said: str):
    wanted = Wanted("xlsx", frozenset({"title"}), expected=count)
    screen = choice_screen(EVENTS, wanted, "events", "", 50_000, LOCALES["ru"])
    assert said in screen.text


@given(
    format=st.sampled_from(["xlsx", "csv"]),
    columns=st.frozensets(st.sampled_from(NAMES)),
    full=st.booleans(),
    ticked=st.booleans(),
    expected=st.none() | st.integers(0, 36**4 - 2),
)
def test_a_choice_survives_its_address(format, columns, full, ticked, expected):
    wanted = Wanted(format, columns, full, ticked, expected)
    go = Go(Press.EXPORT, "ev", arg=wanted.pack(NAMES), view="zzzz-1234560-AbCd_9")
    data = go.pack()
    assert len(data) <= BUDGET
    again = Go.unpack(data)
    assert again == go
    assert Wanted.unpack(again.arg, NAMES) == wanted


@given(st.text(st.sampled_from("xc0123456789abz-_"), max_size=20))
def test_a_tampered_choice_is_a_choice_or_none(arg):
    found = Wanted.unpack(arg, NAMES[:5])
    assert found is None or found.columns <= set(NAMES[:5])
