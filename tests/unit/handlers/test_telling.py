"""What a member is told, in which channels, and what a tap about a coffee means."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handlers.community.feedback.address import Said
from handlers.community.telling.kinds import KINDS, Party, chat_of, ways
from handlers.community.telling.letters import letter
from keyboards.callbacks import Go, Press
from locales.catalogue import LANGUAGES
from models.community import Member
from services.tellings import Line
from tests.matrix.strict import LOCALES, check_rows, check_text, visible
from views.fitting import TEXT_LIMIT

DAY = date(2026, 11, 23)
NASTY = "<b>Ә'\"&</b> \u202e👩‍👩‍👧 " * 60


def member(number: int, **values: Any) -> Member:
    return Member.model_validate(
        {
            "id": number, "full_name": f"Member {number}", "status": "approved", "channel": "telegram",
            "telegram_user_id": str(7000 + number), "email": f"m{number}@example.com", "language": "en",
            "notify_matches": True,
        }
        | values
    )  # fmt: skip


# --- channels ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, ("telegram",)),
        ({"channel": "email"}, ("email",)),
        ({"channel": "both"}, ("telegram", "email")),
        ({"channel": "both", "email": None}, ("telegram",)),
        ({"channel": "both", "telegram_user_id": None}, ("email",)),
        ({"channel": None}, ("telegram", "email")),
        ({"telegram_user_id": None}, Line.NO_WAY),
        ({"telegram_user_id": "not a number"}, Line.NO_WAY),
        ({"channel": "email", "email": None}, Line.NO_WAY),
        ({"channel": "none"}, Line.DECLINED),
        ({"notify_matches": False}, Line.DECLINED),
        ({"notify_matches": None}, ("telegram",)),
        ({"status": "blocked"}, Line.NO_WAY),
        ({"channel": "none", "status": "blocked"}, Line.DECLINED),
    ],
)
@pytest.mark.parametrize("kind", ["pair", "coffee"])
def test_a_member_is_told_in_the_channel_they_chose(kind: str, values: dict[str, Any], found: Any):
    assert ways(KINDS[kind], member(1, **values)) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [({}, ("telegram",)), ({"channel": "both"}, ("telegram",)), ({"channel": "email"}, Line.DECLINED)],
)
def test_how_it_was_is_asked_in_telegram_alone(values: dict[str, Any], found: Any):
    assert ways(KINDS["ask"], member(1, **values)) == found


def test_a_chat_is_a_number_of_telegram():
    assert chat_of(member(1)) == 7001
    for wrong in (None, "", "-5", "12a", "9" * 25, "١٢"):
        assert chat_of(member(1, telegram_user_id=wrong)) == 0


# --- letters ----------------------------------------------------------------------------------------------


def pair(**mentee: Any) -> Party:
    mentor = member(
        1, segment="npo", affiliation="Tabys", city="Астана", about="Helps founders",
        mentorship_topics=("IT", "Маркетинг"),
    )  # fmt: skip
    return Party(9, (mentor, member(2, mentorship_topics=("it", "Право"), **mentee)))


def test_the_mentee_reads_who_the_mentor_is_and_the_other_way_round():
    party = pair()
    for reader, other, side in ((1, 0, "mentee"), (0, 1, "mentor")):
        said = letter("pair", party, party.members[reader], "telegram", LOCALES["en"], feedback=True)
        text = visible(said.text)
        assert LOCALES["en"].t(f"tell.{side}.head") in text
        assert party.members[other].full_name in text
        assert f"tg://user?id={700}{other + 1}" in said.text
        assert "Shared topics: " in text
        assert "Право" not in text
        assert not said.rows
    mentee_reads = letter("pair", party, party.members[1], "telegram", LOCALES["en"], feedback=True).text
    for part in ("Tabys", "Астана", "Helps founders"):
        assert part in mentee_reads


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_the_readers_language(language: str):
    party = pair(language=language)
    said = letter("pair", party, party.members[1], "telegram", LOCALES[language], feedback=False)
    assert LOCALES[language].t("tell.mentee.head") in visible(said.text)


def test_a_letter_names_an_address_where_a_mention_leads_nowhere():
    party = pair()
    said = letter("pair", party, party.members[1], "email", LOCALES["en"], feedback=True)
    assert "tg://" not in said.text
    assert "m1@example.com" in said.text
    assert said.subject == "You have a mentor"
    nobody = replace(party, members=(member(1, email=None), party.members[1]))
    said = letter("pair", nobody, party.members[1], "email", LOCALES["en"], feedback=True)
    assert "knows how to reach you" in said.text


def test_a_coffee_message_has_the_button_only_where_an_answer_can_be_given():
    party = Party(31, (member(1), member(2), member(3)), on=DAY)
    said = letter("coffee", party, party.members[0], "telegram", LOCALES["ru"], feedback=True)
    assert "23 ноября 2026" in said.text
    assert "Member 2" in said.text
    assert "Member 3" in said.text
    assert "Member 1" not in said.text
    (row,) = said.rows
    assert row[0].go is not None
    assert Said.read(row[0].go) == Said(31, "ru")
    assert not letter("coffee", party, party.members[0], "telegram", LOCALES["ru"], feedback=False).rows
    assert not letter("coffee", party, party.members[0], "email", LOCALES["ru"], feedback=True).rows


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["pair", "coffee", "ask"])
@pytest.mark.parametrize("channel", ["telegram", "email"])
def test_whatever_members_wrote_it_is_sound_and_fits(kind: str, channel: str, language: str):
    nasty: dict[str, Any] = dict.fromkeys(("full_name", "affiliation", "city", "about", "segment"), NASTY)
    nasty |= {"mentorship_topics": (NASTY, "IT"), "email": "<a@b&.kz>"}
    party = Party(2**31, tuple(member(one, **nasty) for one in (1, 2, 3)), on=DAY)
    said = letter(kind, party, party.members[0], channel, LOCALES[language], feedback=True)
    check_text(said.screen.text, TEXT_LIMIT)
    if said.rows:
        check_rows(said.rows)
    assert len(said.subject) <= 200


def test_somebody_without_a_name_is_named_by_a_number():
    party = Party(1, (member(1), member(2, full_name="")), on=DAY)
    assert "2" in letter("coffee", party, party.members[0], "telegram", LOCALES["en"], feedback=False).text


# --- addresses of the three taps --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        Said(31, "kk"),
        Said(31, "ru", met=True),
        Said(31, "en", met=False),
        Said(31, "en", met=True, rating=5),
        Said(2**40, "en", met=True, rating=1, word=0),
        Said(31, "ru", met=True, rating=3, word=4),
        Said(31, "kk", met=False, word=3),
    ],
)
def test_an_address_says_what_was_answered(said: Said):
    go = said.go()
    assert len(go.pack()) <= 48
    assert Said.read(go) == said
    assert Go.unpack(go.pack()) == go


@pytest.mark.parametrize(
    "arg",
    [
        "",
        "x",
        "q1",
        "e1",
        "ey0",
        "ey6",
        "ey99",
        "ey55",
        "ey123",
        "en4",
        "en11",
        "en1x",
        "eyy",
        "e-",
        "ey5_",
        "E",
        "ey²",
    ],
)
def test_what_no_button_says_means_nothing(arg: str):
    assert Said.read(Go(Press.FEEDBACK, id=31, arg=arg)) is None


def test_no_group_means_nothing():
    assert Said.read(Go(Press.FEEDBACK, arg="ey")) is None
