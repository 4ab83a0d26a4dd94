"""What a member reads: who the others are, how to reach them, what to do next. All of it in the member's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from handlers.community.feedback.address import LANGUAGE_CODES, question_rows, start_row
from handlers.community.shown import SEGMENT, title
from handlers.community.telling.kinds import ASK, COFFEE, EMAIL, PAIR, TELEGRAM, Party, chat_of
from keyboards.buttons import Row
from locales.locale import Locale
from models.community import Member
from utils.folding import fold
from utils.html import Html, bold, lines, link, quote
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Screen

ABOUT = 300
NAME = 120
SUBJECT = 200
TOPICS = 5
"""Shared topics that are named."""

__all__ = ["LANGUAGE_CODES", "Letter", "letter"]


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: as a screen for Telegram, as subject and text (Telegram's HTML) for a letter."""

    subject: str
    text: Html
    rows: tuple[Row, ...] = ()

    @property
    def screen(self) -> Screen:
        return Screen(fit(self.text, TEXT_LIMIT), self.rows)


def letter(
    kind: str, party: Party, member: Member, channel: str, locale: Locale, *, feedback: bool
) -> Letter:
    """What that member of the party reads in that channel; ``feedback``: an answer can be given in Telegram."""
    others = [one for one in party.members if one.id != member.id]
    in_chat = channel == TELEGRAM
    if kind == ASK:
        names = ", ".join(label(title(one, locale), NAME) for one in others)
        text = lines(bold(f"☕ {locale.t('tell.ask.head')}"), "", locale.html("tell.ask.text", names=names))
        return Letter(locale.t("tell.ask.head"), text, question_rows(party.id, locale) if feedback else ())
    if kind == PAIR:
        side = "mentor" if party.members[0].id == member.id else "mentee"
        head, intro = f"tell.{side}.head", locale.html(f"tell.{side}.intro")
        then, icon = locale.html(f"tell.{side}.next"), "🤝"
    else:
        day = locale.day(party.on) if party.on is not None else ""
        head, intro = "tell.coffee.head", locale.html("tell.coffee.intro", n=len(others), day=day)
        then, icon = locale.html("tell.coffee.next"), "☕"
    blocks = [
        block for one in others for block in ("", _about(one, member, channel, locale, topics=kind == PAIR))
    ]
    text = lines(bold(f"{icon} {locale.t(head)}"), "", intro, *blocks, "", then)
    rows = (start_row(party.id, locale),) if kind == COFFEE and feedback and in_chat else ()
    return Letter(label(locale.t(head), SUBJECT), text, rows)


def _about(one: Member, reader: Member, channel: str, locale: Locale, *, topics: bool) -> Html:
    """Who somebody is, and how to reach them."""
    parts = (SEGMENT.show(one.segment, locale), one.affiliation, one.city)
    said = " · ".join(label(part, NAME) for part in parts if part and part.strip())
    shared = _shared(reader.mentorship_topics, one.mentorship_topics) if topics else []
    return lines(
        bold(label(title(one, locale), NAME)),
        said or None,
        locale.html("tell.topics", topics=", ".join(shared)) if shared else None,
        quote(label(one.about, ABOUT)) if one.about and one.about.strip() else None,
        _reach(one, channel, locale),
    )


def _reach(one: Member, channel: str, locale: Locale) -> Html:
    """A mention opens a chat in Telegram alone; in a letter it leads nowhere."""
    name = label(title(one, locale), NAME)
    if channel != EMAIL and (chat := chat_of(one)):
        return locale.html("tell.reach.telegram", name=link(name, f"tg://user?id={chat}"))
    if one.email:
        return locale.html("tell.reach.email", email=label(one.email, NAME))
    return locale.html("tell.reach.waits", name=name)


def _shared(ours: Sequence[str], theirs: Iterable[str]) -> list[str]:
    return list(_named(ours, {fold(one) for one in theirs}))[:TOPICS]


def _named(ours: Iterable[str], known: set[str]) -> Iterator[str]:
    for one in ours:
        if one.strip() and fold(one) in known:
            yield label(one, 60)
