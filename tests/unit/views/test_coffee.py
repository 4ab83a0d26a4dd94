"""The screens of a round before it is stored: in three languages, with people as nobody wants them, far behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.community import COFFEE_ROUNDS
from keyboards.callbacks import Go, Press
from locales.catalogue import LANGUAGES
from services.coffee import Known, Preview, State
from services.matching.arrangement import Arrangement, LeftOut, Proof, Reasons, Why
from services.matching.swaps import swapped
from services.matching.task import Candidate, Meeting, OddPolicy, Refusal, Task
from tests.matrix.nasty import TEXTS
from tests.matrix.strict import LOCALES, check_rows, check_text, visible
from views.coffee import ALL, PAGE, Painter
from views.fitting import TEXT_LIMIT
from views.screen import Screen

DAY = date(2026, 11, 23)
VERSION = 1_900_000_000_000
BIG = 2**31 - 1
"""An id of a member in a database that is nearly full."""


def task(count: int, first: int = 1) -> Task:
    people = tuple(
        Candidate(first + one, ("npo", "student", None)[one % 3], ("Astana", "")[one % 2])
        for one in range(count)
    )
    return Task(people, DAY, 7, history=(Meeting(date(2026, 11, 2), (first, first + 1)),))


def arranged(made: Task) -> Arrangement:
    """Neighbours meet, the last one is left out: no solving needed."""
    ids = [one.id for one in made.candidates]
    reasons = Reasons(made)
    groups = tuple(reasons.group(ids[at : at + 2]) for at in range(0, len(ids) - 1, 2))
    left = (LeftOut(ids[-1], Why("turn")),) if len(ids) % 2 else ()
    return Arrangement(groups, left, 7, Proof.BEST)


def preview(count: int, name: str = "Aigerim {n}", first: int = 1, **values: object) -> Preview:
    made = task(count, first)
    people = {
        one.id: Known(name.replace("{n}", str(one.id)), one.segment, one.city) for one in made.candidates
    }
    found = Preview(VERSION, State.READY, 1, DAY, 0.0, people, arranged(made))
    return replace(found, **values)


def painter(found: Preview, language: str = "en") -> Painter:
    return Painter(COFFEE_ROUNDS, found, LOCALES[language])


def check(screen: Screen) -> list[Go]:
    check_text(screen.text, TEXT_LIMIT)
    addresses = check_rows(screen.rows)
    assert any(go.op == Press.MENU for go in addresses)
    return addresses


def labels(screen: Screen) -> list[str]:
    return [button.text for row in screen.rows for button in row]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEXTS.values(), ids=TEXTS)
def test_every_screen_with_nasty_names(language: str, name: str):
    found = preview(21, name, first=BIG - 30)
    group, left = (found.arrangement or arranged(task(3))).groups[0], BIG - 10
    trio = Reasons(task(21, BIG - 30)).group((BIG - 30, BIG - 29, BIG - 28), locked=True, by_hand=True)
    for one in (found, replace(found, chosen=group.members[0]), replace(found, chosen=left)):
        drawn = painter(one, language)
        for screen in (
            drawn.current(), drawn.groups(1), drawn.groups(2), drawn.groups(1, repeats=True),
            drawn.groups(1, search=name or "x"), drawn.group(group), drawn.group(group, repeats=True),
            drawn.group(trio), drawn.left(1), drawn.jump(1), drawn.question(lambda go: go),
        ):  # fmt: skip
            check(screen)
        for key in ("size", "unknown", "twice", "barred", "same", "locked"):
            params = {"members": 4, "id": group.members[0], "a": group.members[0], "b": group.members[1]}
            assert drawn.refused(Refusal(key, params))
    for state in (State.SOLVING, State.FAILED):
        for arrangement in (None, found.arrangement):
            check(painter(replace(found, state=state, arrangement=arrangement), language).current())


def test_the_fortieth_page_is_as_good_as_the_first():
    drawn = painter(preview(2000))
    screen = drawn.groups(40)
    check(screen)
    assert "313–320 of 1,000" in visible(screen.text)
    assert next(one for one in labels(screen) if "Aigerim" in one) == "Aigerim 625 · Aigerim 626"
    assert "40 / 125" in labels(screen)
    assert drawn.page_of(625) == 40
    assert "993–1,000 of 1,000" in visible(drawn.groups(999).text)
    check(drawn.jump(40))


def test_a_repeat_says_how_long_ago_it_was():
    found = preview(8)
    assert labels(painter(found).groups(1))[0] == "🔁 3 wk Aigerim 1 · Aigerim 2"
    only = labels(painter(found).groups(1, repeats=True))
    assert len([one for one in only if "Aigerim" in one]) == 1


def test_locked_and_by_hand_are_marked():
    found = preview(8)
    assert found.arrangement is not None
    made = swapped(found.arrangement, task(8), 1, 3)
    assert [one for one in labels(painter(replace(found, arrangement=made)).groups(1)) if "✋" in one]
    locked = replace(found.arrangement.groups[1], locked=True)
    groups = (found.arrangement.groups[0], locked, *found.arrangement.groups[2:])
    drawn = painter(replace(found, arrangement=replace(found.arrangement, groups=groups)))
    assert [one for one in labels(drawn.groups(1)) if one.startswith("🔒")]
    moving = painter(replace(found, chosen=1, arrangement=replace(found.arrangement, groups=groups))).groups(
        1
    )
    # Nobody is offered a place in a locked group.
    assert not [one for one in labels(moving) if one in ("⇄ Aigerim 3", "⇄ Aigerim 4")]


def test_every_reason_there_is_has_words():
    people = (
        Candidate(1, "npo", "Astana"),
        Candidate(2, "student", "Almaty"),
        Candidate(3, "brand-new", " "),
    )
    history = (Meeting(date(2026, 11, 2), (1, 2)), Meeting(date(2025, 11, 2), (1, 3)))
    made = Task(people, DAY, 7, odd=OddPolicy.TRIO, history=history)
    reasons = Reasons(made)
    groups = (reasons.group((1, 2, 3), by_hand=True), reasons.group((2, 3), locked=True))
    keys = {one.key for group in groups for one in group.why}
    assert keys == {
        "new", "met_before", "repeat", "other_segment", "other_city", "trio", "locked", "by_hand",
    }  # fmt: skip
    for language in LANGUAGES:
        drawn = painter(preview(3), language)
        for group in groups:
            for why in group.why:
                assert "coffee." not in check_text(drawn.why(why, pair=len(group.members) < 3), TEXT_LIMIT)


def test_every_button_carries_the_version():
    drawn = painter(preview(21))
    for screen in (drawn.groups(1), drawn.group(arranged(task(21)).groups[0]), drawn.left(1)):
        for go in check(screen):
            if go.op in (Press.MATCH, Press.MATCH_TURN, Press.MATCH_SOLVE, Press.MATCH_NOW):
                assert go.arg.partition("-")[0] == drawn.show(ALL).arg.partition("-")[0]


def test_pages_hold_eight():
    assert len([one for one in labels(painter(preview(40)).groups(1)) if "Aigerim" in one]) == PAGE


def test_no_group_at_all_is_said():
    found = replace(preview(3), arrangement=Arrangement((), (LeftOut(1, Why("no_partner")),), 7, Proof.BEST))
    check(painter(found).groups(1))
