"""The card: what is personal stays masked wherever it is not asked for."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from handlers.events import EVENTS
from models.event import Event, EventFormat
from resources.fields import LongText, Text
from tests.matrix.strict import LOCALES
from utils.html import Html
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
    card = card_text(resource, EVENT, None, locale, under_photo=False)
    hidden = [
        card.text,
        edit_screen(resource, EVENT, "", locale, warn=False)[0],
        *read_pages(resource, EVENT, locale, card.whole),
    ]
    assert not [text for text in hidden if "Nursultan" in text]
    shown = card_text(resource, EVENT, None, locale, under_photo=False, revealed=True)
    assert "Nursultan" in shown.text
    assert "Nursultan" in read_pages(resource, EVENT, locale, shown.whole)[0]


def words(count: int, name: str) -> str:
    """So many words that are told apart."""
    return " ".join(f"{name}{number}" for number in range(count))


@pytest.mark.parametrize("under_photo", [True, False], ids=("caption", "text"))
@pytest.mark.parametrize(
    "long",
    [{}, {"description": words(60, "d")}, {"description": words(400, "d")}],
    ids=("none", "some", "much"),
)
@pytest.mark.parametrize(
    "short", [{}, {"location": words(60, "l")}, {"title": words(50, "t")}], ids=("none", "place", "title")
)
def test_what_a_card_lacks_is_there_to_read(under_photo: bool, long: dict[str, str], short: dict[str, str]):
    """Whatever takes the room, the head above or the limit of a caption: each word is on the card or can be read."""
    event = EVENT.model_copy(update={"location": "Astana", "description": "", **long, **short})
    locale = LOCALES["en"]
    notice = Html(words(100, "n"))
    card = card_text(EVENTS, event, notice, locale, under_photo=under_photo)
    read = " ".join(read_pages(EVENTS, event, locale, card.whole)) if card.is_cut else ""
    there = set(unescape(f"{card.text} {read}").replace("<", " <").replace(">", "> ").split())
    wanted = set(" ".join([event.title, event.location, event.description]).split())
    assert wanted <= there
    kept = set(unescape(card.text).replace("<", " <").replace(">", "> ").split())
    assert card.is_cut == bool(wanted - kept)


def test_many_short_fields_behind_the_end_of_a_caption_can_be_read():
    resource = replace(
        EVENTS,
        fields=tuple(Text(name=item.name) if item.kind != "photo" else item for item in EVENTS.fields),
        card=("location", "description", "title"),
    )
    event = EVENT.model_copy(update={name: words(30, name[0]) for name in resource.card})
    card = card_text(resource, event, Html(words(190, "n")), LOCALES["en"], under_photo=True)
    assert card.is_cut
    read = " ".join(read_pages(resource, event, LOCALES["en"], card.whole))
    assert all(word in read for word in words(30, "l").split())
    assert all(word in read for word in words(30, "d").split())
