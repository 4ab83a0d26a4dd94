"""Each R-number has a declaration that triggers it; the real ones trigger none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import resources.checks
from handlers.events import EVENTS
from handlers.modules import RESOURCES
from models.access import Permission
from resources.checks import problems
from resources.fields import Text
from resources.registry import Registry, WrongDeclaration
from resources.resource import READS, Action, Deed, Filter, Op, Resource, Waiting
from tests.matrix.strict import TEXTS

KEYS = {language: frozenset(texts) for language, texts in TEXTS.items()}


class Bare:
    """A source that can do nothing."""


async def run(_record: Any) -> None: ...


ACTION: Action[Any] = Action("participants", "pt", Permission.READ, run)
WRONG: dict[str, list[Callable[[Resource[Any]], list[Resource[Any]]]]] = {
    "R001": [lambda it: [it, replace(it, key="other")], lambda it: [it, replace(it, code="zz")]],
    "R002": [lambda it: [replace(it, code="EV")], lambda it: [replace(it, code="eve")]],
    "R003": [
        lambda it: [replace(it, card=(*it.card, "nonsense"))],
        lambda it: [replace(it, form=(*it.form, "nonsense"))],
        lambda it: [replace(it, remoderated=frozenset({"nonsense"}))],
        lambda it: [replace(it, fields=(*it.fields, Text(name="nonsense", editable=False)))],
    ],
    "R004": [
        lambda it: [replace(it, needs={op: need for op, need in it.needs.items() if op is not Op.LIST})]
    ],
    "R005": [
        lambda it: [replace(it, form=it.form[1:])],
        lambda it: [replace(it, form=())],
        lambda it: [replace(it, fields=tuple(replace(item, editable=False) for item in it.fields))],
    ],
    "R006": [
        lambda it: [replace(it, source=Bare)],
        lambda it: [replace(it, deeds=(Deed("nonsense", "no", Permission.UPDATE),))],
        lambda it: [replace(it, actions=(replace(ACTION, calls=("nonsense",)),))],
        lambda it: [replace(it, parent="ev")],
    ],
    "R007": [
        lambda it: [replace(it, actions=(ACTION, ACTION))],
        lambda it: [replace(it, actions=(replace(ACTION, code="p"),))],
        lambda it: [
            replace(it, list=replace(it.list, filters=tuple(Filter(str(n), ("a",)) for n in range(7))))
        ],
        lambda it: [replace(it, list=replace(it.list, filters=(Filter("a", tuple(map(str, range(36)))),)))],
    ],
    "R008": [lambda it: [replace(it, key="other")]],
    "R009": [lambda it: [replace(it, parent="zz")]],
    "R010": [
        lambda it: [replace(it, waiting=Waiting(approve="nonsense", reject="nonsense"))],
        lambda it: [replace(it, needs=READS)],
        lambda it: [replace(it, parent="zz"), replace(it, code="zz", key="parents")],
    ],
}
CASES = [(number, change) for number, changes in WRONG.items() for change in changes]


def test_what_is_declared_can_work():
    assert problems(RESOURCES, KEYS) == []
    registry = Registry(RESOURCES, TEXTS)
    assert registry.by_code["ev"] is registry.by_key["events"] is EVENTS
    assert registry.of(EVENTS.module) == (EVENTS,)
    assert tuple(registry) == RESOURCES


@pytest.mark.parametrize(
    ("number", "change"), CASES, ids=[f"{number}-{n}" for n, (number, _) in enumerate(CASES)]
)
def test_every_number_has_its_mistake(number: str, change: Callable[[Resource[Any]], list[Resource[Any]]]):
    found = problems(change(EVENTS), KEYS)
    assert any(line.startswith(number) for line in found), found


def test_no_number_is_without_a_mistake():
    written = set(re.findall(r"R0\d\d", Path(resources.checks.__file__).read_text(encoding="utf-8")))
    assert written == set(WRONG)


def test_a_text_that_one_language_lacks_is_named():
    keys = {**KEYS, "kk": KEYS["kk"] - {"events.one"}}
    assert problems([EVENTS], keys) == ["R008 events: no text 'events.one' in kk"]


def test_all_mistakes_are_told_at_once():
    with pytest.raises(WrongDeclaration) as caught:
        Registry([replace(EVENTS, code="EV", form=())], TEXTS)
    assert len(caught.value.problems) >= 2
    assert "R002" in str(caught.value)
    assert "R005" in str(caught.value)
