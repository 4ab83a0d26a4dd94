"""One person, one Cluster slot."""

from __future__ import annotations

import pytest
from redis.crc import key_slot

from services import keys

PERSON = (
    keys.UiKey(101), keys.DraftsKey(101), keys.UpdateKey(101, 5), keys.OperationKey(101, "k"),
    keys.RateKey(101), keys.SearchKey(101, "t"), keys.TicksKey(101, "ev", "pending"), keys.LoginTriesKey(101),
    keys.LoginFailuresKey(101),
)  # fmt: skip


def test_the_session_has_the_promised_name() -> None:
    assert keys.SessionKey(101).name == "tg_session:101"


@pytest.mark.parametrize("key", PERSON, ids=lambda key: type(key).__name__)
def test_all_keys_of_a_person_share_the_session_s_slot(key: keys.UiKey) -> None:
    assert key.name.startswith("{tg_session:101}:")
    assert key_slot(key.name.encode()) == key_slot(b"tg_session:101")


def test_no_two_kinds_share_a_name() -> None:
    assert len({key.name for key in PERSON}) == len(PERSON)


def test_replies_are_text_with_and_without_decoding() -> None:
    assert keys.as_text("қ".encode()) == keys.as_text("қ") == "қ"
