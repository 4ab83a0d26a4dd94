"""The screens of a telling: how far it is, what became of it, whom it did not reach."""

from __future__ import annotations

import time
from collections.abc import Mapping

from handlers.community.telling.kinds import ASK, COFFEE, KINDS, PAIR
from keyboards.buttons import DANGER, Button, Row, navigation
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from middlewares.context import App
from services.tellings import AGAIN, OPEN, Line, Standing, State, Telling
from utils.html import Html, bold, italic, lines
from views.bars import bar
from views.fitting import TEXT_LIMIT, fit, label
from views.progress import left_text
from views.screen import Screen

NAMED = 8
"""Members that were not reached who get a button."""
LETTERS: Mapping[str, str] = {"p": PAIR, "c": COFFEE, "a": ASK}
"""Kinds in addresses."""
COUNTED = (Line.SENT, Line.DECLINED, Line.NO_WAY, Line.BLOCKED, Line.FAILED, Line.UNCLEAR)
TROUBLED = (Line.UNCLEAR, Line.FAILED, Line.BLOCKED, Line.NO_WAY)
"""What members are named for, the most urgent first."""


def listens(telling: Telling) -> str:
    """How the screen of a telling is known as the one that the person looks at."""
    return f"tell:{telling.name}"


def go_to(press: Press, kind: str, record_id: int, turn: int | None = None) -> Go:
    """An address of that telling."""
    letter = next(one for one, name in LETTERS.items() if name == kind)
    return Go(press, id=record_id, arg=letter + ("" if turn is None else str(turn)))


def read(go: Go) -> tuple[str, int] | None:
    """The kind and the turn that an address names; None for no such address."""
    kind, digits = LETTERS.get(go.arg[:1]), go.arg[1:]
    if kind is None or not go.id or (digits and not (digits.isascii() and digits.isdigit())):
        return None
    return kind, int(digits or 0)


def left(standing: Standing) -> int:
    """How many members could be tried (again)."""
    untried = max(0, standing.total - len({member for member, _ in standing.lines}))
    return untried + len(standing.members(*AGAIN, Line.DUE))


def standing_screen(
    app: App,
    standing: Standing,
    locale: Locale,
    names: Mapping[int, str] | None = None,
    *,
    writes: bool = True,
) -> Screen:
    """How far it is, or what became of it; ``names`` of members that may be told, ``writes``: this person may have it
    gone on with."""
    telling = standing.telling
    open_ = standing.state in OPEN
    rows: list[Row] = [] if open_ else _members(standing, names or {}, locale)
    if open_ and writes:
        stop = go_to(Press.TELL_STOP, telling.kind, telling.record_id)
        rows.append((Button(locale.t("export.stop"), stop, style=DANGER),))
    rest = left(standing)
    if not open_ and rest and writes and standing.why not in OVER:
        again = go_to(Press.TELL_AGAIN, telling.kind, telling.record_id, standing.turn)
        rows.append((Button(f"🔁 {locale.t('tellings.again', n=rest, count=locale.number(rest))}", again),))
    rows.append(navigation(locale, back_of(app, telling)))
    body = _progress(standing, locale) if open_ else _result(standing, locale)
    head = bold(f"{KINDS[telling.kind].icon} {locale.t(f'tellings.kind.{telling.kind}')}")
    return Screen(fit(lines(head, "", *body), TEXT_LIMIT), tuple(rows), listens=listens(telling))


OVER = frozenset(("tellings.ended", "tellings.gone", "tellings.rolled_back"))
"""Why nobody is told any more, whoever asks."""


def back_of(app: App, telling: Telling) -> Go | None:
    """The card of what it is about, where that is drawn."""
    source = KINDS[telling.kind].source
    found = next((item for item in app.registry if item.source is source), None)
    return None if found is None else Go(Press.CARD, found.code, telling.record_id)


def _progress(standing: Standing, locale: Locale) -> list[Html | str | None]:
    total, done = standing.total, standing.handled
    body: list[Html | str | None] = [locale.html(standing.why or "tellings.waiting")]
    if total and (done or standing.state is State.RUNNING):
        told = locale.html("tellings.done_of", done=locale.number(done), total=locale.number(total))
        spent = time.time() - standing.begun_at
        body = [locale.html(standing.why) if standing.why else None, bar(done / total), told]
        if done and standing.begun_at and standing.state is State.RUNNING and spent > 0:
            body.append(left_text(spent * (total - done) / done, locale))
    return body


def _result(standing: Standing, locale: Locale) -> list[Html | str | None]:
    key = {State.STOPPED: "tellings.stopped", State.BROKEN: standing.why or "tellings.broken"}
    counted = {line: len(standing.members(line)) for line in COUNTED}
    untried = max(0, standing.total - len({member for member, _ in standing.lines}))
    return [
        locale.html(key.get(standing.state, "tellings.done")),
        "",
        *(
            locale.html(f"tellings.count.{line}", count=locale.number(count))
            for line, count in counted.items()
            if count or line is Line.SENT
        ),
        locale.html("tellings.count.untried", count=locale.number(untried)) if untried else None,
        italic(locale.t("tellings.twice")) if counted[Line.UNCLEAR] else None,
    ]


def _members(standing: Standing, names: Mapping[int, str], locale: Locale) -> list[Row]:
    """A button for each member that was not reached, with why; it leads to the member's card."""
    found: dict[int, str] = {}
    for line in TROUBLED:
        for (member, _), value in sorted(standing.lines.items()):
            if Line.of(value) is line and member in names:
                found.setdefault(member, locale.t(f"tellings.was.{line}"))
    return [
        (Button(label(f"{names[member]} · {why}", 60), Go(Press.CARD, "mb", member)),)
        for member, why in list(found.items())[:NAMED]
    ]


def troubled(standing: Standing) -> list[int]:
    """Members whose names the screen can use."""
    found: dict[int, None] = {}
    for line in TROUBLED:
        found |= dict.fromkeys(standing.members(line))
    return list(found)[:NAMED]
