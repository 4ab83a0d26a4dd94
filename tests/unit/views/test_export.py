"""What is chosen stands in the addresses, whole and within their budget."""

from hypothesis import given
from hypothesis import strategies as st

from keyboards.callbacks import BUDGET, Go, Press
from views.export import Wanted

NAMES = tuple(f"column{number}" for number in range(48))


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
