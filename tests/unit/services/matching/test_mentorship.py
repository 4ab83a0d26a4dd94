"""Mentors for a mentee: bars and places kept, reasons that add up, the same order always."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.mentorship import HIGHEST, TOP, Mentee, Mentor, Reason, suggest, suggestion

ON = date(2026, 11, 23)
NAMES = st.none() | st.sampled_from(["", "a", "b"])
SOME = st.lists(st.sampled_from(["a", "b", "c", "д", "е", ""]), max_size=4).map(tuple)
MENTORS = st.lists(
    st.builds(
        Mentor, st.integers(1, 20), st.integers(0, 4), st.integers(0, 5), SOME, SOME, NAMES, NAMES
    ),
    unique_by=lambda one: one.id,
)  # fmt: skip
MENTEES = st.builds(
    Mentee,
    st.integers(1, 20),
    st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    SOME,
    SOME,
    NAMES,
    NAMES,
)
BARS = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)))

MENTEE = Mentee(1, ON - timedelta(weeks=7, days=3), ("Право", "Экспорт"), ("kk", "ru"), "msb", "Almaty")
MENTOR = Mentor(2, 3, 1, ("экспорт ", "Налоги"), ("ru",), "msb", "Astana")


@settings(max_examples=200, deadline=None)
@given(MENTEES, MENTORS, BARS, st.randoms(use_true_random=False))
def test_what_always_holds(mentee: Mentee, mentors: list[Mentor], bars: list, random: Random):
    found = suggest(mentee, mentors, bars, ON)
    by_id = {one.id: one for one in mentors}
    barred = {frozenset(two) for two in bars}
    able = [
        one for one in mentors
        if one.capacity > one.active and one.id != mentee.id and frozenset((one.id, mentee.id)) not in barred
    ]  # fmt: skip
    assert len(found) == min(TOP, len(able))
    assert {one.mentor_id for one in found} <= {one.id for one in able}
    for one in found:
        assert one == suggestion(mentee, by_id[one.mentor_id], ON)
        assert one.score == sum(reason.points for reason in one.reasons)
        assert 0 <= one.score <= HIGHEST
    others = [
        suggestion(mentee, one, ON).score for one in able if one.id not in {each.mentor_id for each in found}
    ]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert not others or max(others) <= found[-1].score
    assert suggest(mentee, random.sample(mentors, len(mentors)), [two[::-1] for two in bars], ON) == found


def test_the_reasons_and_their_points():
    assert suggestion(MENTEE, MENTOR, ON).reasons == (
        Reason("topics", 12, {"names": ("Экспорт",)}),
        Reason("language", 24, {"names": ("ru",)}),
        Reason("segment", 8, {"name": "msb"}),
        Reason("free", 4, {"count": 2}),
        Reason("waiting", 7, {"weeks": 7}),
    )


def test_the_highest_score_can_be_reached():
    topics = tuple("abcde")
    mentee = Mentee(1, ON - timedelta(weeks=40), topics, ("kk",), "s", "c")
    assert suggestion(mentee, Mentor(2, 9, 0, topics, ("kk",), "s", "c"), ON).score == HIGHEST


def test_nothing_shared_is_said():
    keys = [
        one.key
        for one in suggestion(MENTEE, replace(MENTOR, topics=("Логистика",), languages=("en",)), ON).reasons
    ]
    assert keys[:2] == ["no_topics", "no_language"]


def test_what_nobody_named_is_neither_for_nor_against():
    assert suggestion(Mentee(1), Mentor(2, 1), ON).reasons == (Reason("free", 2, {"count": 1}),)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"topics": ("Экспорт", "Право")}, {"topics": ("Экспорт",)}),
        ({"languages": ("kk",)}, {"languages": ("en",)}),
        ({"city": "Almaty"}, {"city": "Aktau"}),
        ({"segment": "msb"}, {"segment": "npo"}),
        ({"capacity": 3}, {"capacity": 2}),
        ({"capacity": 9}, {"capacity": 8}),
    ],
)
def test_who_fits_better_comes_first(better: dict, worse: dict):
    mentors = [replace(MENTOR, id=5, **worse), replace(MENTOR, id=9, **better)]
    assert [one.mentor_id for one in suggest(MENTEE, mentors, (), ON)] == [9, 5]


def test_who_waits_longer_scores_higher_with_everybody():
    longer = replace(MENTEE, waiting_since=ON - timedelta(weeks=9))
    assert suggestion(longer, MENTOR, ON).score - suggestion(MENTEE, MENTOR, ON).score == 2
