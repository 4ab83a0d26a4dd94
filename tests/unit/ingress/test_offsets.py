import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress import offsets as module
from ingress.offsets import Offsets


def test_nothing_known_sends_no_offset():
    offsets = Offsets()
    assert offsets.sending() is None
    offsets.sent()
    assert not offsets.has_news


def test_numbers_that_begin_anew_are_not_confirmed_by_the_old_offset():
    offsets = Offsets()
    offsets.begin(1_000_000)
    offsets.finish(1_000_000)
    assert offsets.sending() == 1_000_001
    offsets.sent()
    assert offsets.begin(500)
    assert offsets.sending() == 500
    offsets.finish(500)
    assert offsets.sending() == 501


def test_the_offset_is_forgotten_after_an_idle_day(monkeypatch: pytest.MonkeyPatch):
    now = 1000.0
    monkeypatch.setattr("ingress.offsets.time.monotonic", lambda: now)
    offsets = Offsets()
    offsets.begin(7)
    offsets.finish(7)
    offsets.sending()
    offsets.sent()
    assert offsets.sending() == 8
    now += module.FORGET_AFTER + 1
    assert offsets.sending() is None
    assert not offsets.has_news


@given(st.lists(st.integers(1, 60), unique=True, min_size=1), st.randoms(use_true_random=False))
def test_never_above_an_unfinished_update(update_ids: list[int], random):
    offsets = Offsets()
    for update_id in sorted(update_ids):
        assert offsets.begin(update_id)
    unfinished = set(update_ids)
    order = list(update_ids)
    random.shuffle(order)
    for update_id in order:
        assert offsets.begin(update_id) is False
        unfinished.discard(update_id)
        assert offsets.finish(update_id) is (not unfinished)
        sent = offsets.sending()
        assert sent is None or all(left >= sent for left in unfinished)
        if random.random() < 0.5:
            offsets.sent()
    assert offsets.sending() == max(update_ids) + 1
