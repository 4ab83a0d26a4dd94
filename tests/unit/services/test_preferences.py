"""The ui hash as values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from services.gate import Gate
from services.journal import Journal
from services.preferences import Ended, Preferences, UiField, UiState, living_message


async def test_choices_come_back_with_the_next_click(redis: Redis, now: float) -> None:
    preferences = Preferences(redis)
    await preferences.set_language(101, "kk")
    await preferences.set_timezone(101, "Asia/Aqtau")
    ui = (await Gate(redis, Journal(redis)).enter(1, 101, now=now)).ui
    assert (ui.language, ui.timezone) == ("kk", "Asia/Aqtau")


def test_empty_means_not_set() -> None:
    assert UiState.read(dict.fromkeys(UiField, "")) == UiState() == UiState.read({})


def test_every_field_is_read() -> None:
    fields = {
        "epoch": "e", "language": "kk", "timezone": "UTC", "message": "5", "message_kind": "photo",
        "draft": "abc", "input": "search", "had_session": "1", "ended": "revoked", "admin": "7",
        "guest_until": "1800000000", "look": "npo:1800000000", "spoken": "ru",
    }  # fmt: skip
    assert set(fields) == set(UiField)
    assert UiState.read(fields) == UiState(
        "e", "kk", "UTC", 5, "photo", "abc", "search", True, Ended.REVOKED, 7, 1_800_000_000.0,
        "npo:1800000000", "ru",
    )  # fmt: skip


def test_who_chose_no_language_reads_that_of_their_telegram() -> None:
    assert UiState(spoken="kk").reads == "kk"
    assert UiState(language="en", spoken="kk").reads == "en"
    assert UiState().reads is None


@given(st.dictionaries(st.sampled_from(list(UiField)), st.text()))
def test_nothing_in_the_hash_breaks_a_click(fields: dict[UiField, str]) -> None:
    UiState.read({str(name): text for name, text in fields.items()})


def test_no_living_message_is_two_empty_fields() -> None:
    assert living_message(None) == {"message": "", "message_kind": ""}
