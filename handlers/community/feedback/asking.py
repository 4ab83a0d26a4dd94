"""How was it: three taps of a member, who is a stranger to the bot otherwise.

The message about the coffee stays; the questions come below it, and each tap changes that message in place. None of
it becomes the person's screen: an admin who is a member, too, goes on where they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers._engine.dispatch import PersonRoute
from handlers.community.feedback.address import NO_WORD, RATINGS, WORDS, Said, question_rows
from keyboards.buttons import Button, Row, pairs
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from middlewares.context import Context
from models.access import PUBLIC
from services.feedback import Given
from utils.html import bold, lines
from views.screen import Outcome, Screen


async def answer(ctx: Context, go: Go) -> Outcome:
    """The next question, or what became of the answers. The sender of the press is who answers, whatever it says."""
    said = Said.read(go)
    if said is None:
        return Outcome(toast=ctx.t("feedback.stale"), alert=True)
    locale = ctx.app.locale(said.language, None)
    if not ctx.app.feedback.is_open:
        return Outcome(toast=locale.t("feedback.closed"), alert=True)
    if said.met is None:
        return Outcome(messages=(_screen(locale, "feedback.ask", question_rows(said.group_id, locale)),))
    if said.met and said.rating is None:
        return Outcome(_screen(locale, "feedback.rate", _ratings(said)), aside=True)
    if not said.is_whole:
        return Outcome(_screen(locale, "feedback.word", _words(said, locale)), aside=True)
    return await _given(ctx, said, locale)


async def _given(ctx: Context, said: Said, locale: Locale) -> Outcome:
    """What became of it. What may be tried again keeps its buttons."""
    note = locale.t(_word(said)) if said.word else None
    given = await ctx.app.feedback.give(
        ctx.person.id, said.group_id, met=bool(said.met), rating=said.rating, note=note
    )
    if given in (Given.UNAVAILABLE, Given.UNSURE):
        return Outcome(toast=locale.t(f"feedback.{given}"), alert=True)
    return Outcome(_screen(locale, f"feedback.{given}", ()), aside=True)


def _ratings(said: Said) -> tuple[Row, ...]:
    return (
        tuple(Button(f"{number} ⭐", replace(said, rating=number).go()) for number in range(1, RATINGS + 1)),
    )


def _words(said: Said, locale: Locale) -> tuple[Row, ...]:
    words = [
        Button(locale.t(_word(one)), one.go())
        for one in (replace(said, word=number) for number in range(1, WORDS[bool(said.met)] + 1))
    ]
    none = Button(locale.t("feedback.no_word"), replace(said, word=NO_WORD).go())
    return (*pairs(words), (none,))


def _word(said: Said) -> str:
    return f"feedback.{'good' if said.met else 'missed'}.{said.word}"


def _screen(locale: Locale, key: str, rows: tuple[Row, ...]) -> Screen:
    return Screen(lines(bold(f"☕ {locale.t('feedback.title')}"), "", locale.html(key)), rows)


ROUTES: Mapping[str, PersonRoute] = {Press.FEEDBACK: PersonRoute(answer, PUBLIC)}
