"""The card: what is personal stays masked wherever it is not asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.events import EVENTS
from models.event import Event, EventFormat
from resources.fields import LongText, Text
from tests.matrix.strict import LOCALES
from views.card import card_text, edit_screen, read_pages

SECRET = "Bekzat Nursultan lives at 5 Abai street"
EVENT = Event.model_validate(
    {
        "id": 1, "title": "x", "event_date": "2027-01-01T10:00:00", "location": SECRET, "format": EventFormat.ONLINE,
        "description": SECRET * 40, "created_at": "2026-01-01T10:00:00",
    }
)  # fmt: skip


@pytest.mark.parametrize("language", LOCALES)
def test_masked_fields_are_shown_in_full_only_when_revealed(language: str):
    locale = LOCALES[language]
    masked = (Text(name="location", masked=True), LongText(name="description", masked=True))
    others = tuple(item for item in EVENTS.fields if item.name not in ("location", "description"))
    resource = replace(EVENTS, fields=(*others, *masked))
    hidden = [
        card_text(resource, EVENT, None, locale, under_photo=False),
        edit_screen(resource, EVENT, "", locale, warn=False)[0],
        *read_pages(resource, EVENT, locale),
    ]
    assert not [text for text in hidden if "Nursultan" in text]
    assert "Nursultan" in card_text(resource, EVENT, None, locale, under_photo=False, revealed=True)
