"""Values that several records share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from models.access import Role
from models.common import Amount, Localized, as_utc


def test_naive_instants_are_utc():
    assert as_utc(datetime(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)
    almaty = timezone(timedelta(hours=5))
    assert as_utc(datetime(2026, 1, 1, 5, tzinfo=almaty)) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "best"),
    [
        (Localized("k", "r", "b"), "kk", "k"),
        (Localized("k", "r", "b"), "ru", "r"), (Localized("k", "r", "b"), "en", "b"),
        (Localized(None, "r", ""), "kk", "r"), (Localized("k", None, None), "ru", "k"),
        (Localized("k", "r"), "en", "r"),
        (Localized(), "kk", ""), (Localized("k", "r", "b"), "fr", "b"),
    ],
)  # fmt: skip
def test_the_nearest_language_is_shown(text: Localized, language: str, best: str):
    assert text.best(language) == best


def test_amounts_say_that_there_are_more():
    assert str(Amount(34)) == "34"
    assert str(Amount(1000, more=True)) == "1000+"


@pytest.mark.parametrize("value", ["root", "", None, 3, "Super_Admin"])
def test_an_unknown_role_is_none(value: object):
    assert Role.known(value) is None
    assert Role.known("npo") is Role.NPO
