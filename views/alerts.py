"""Alerts of what waits: one record with its decision, several in a list, what became of them; and their settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keyboards.buttons import DANGER, PRIMARY, SUCCESS, Button, Row, navigation, pairs
from keyboards.callbacks import Go, Place, Press
from locales.locale import Locale
from resources.resource import Resource
from services.alerts import Watch
from services.inbox import Item
from utils.html import Html, bold, italic, lines
from views.approvals import age
from views.card import Keyed
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Screen

LISTED = 10
ALONE = "_"
"""In place of a kind: the decision was asked for by an alert, so no next record follows it."""
QUIET = ("", "21-8", "22-7", "23-9")
DIGESTS = ("", "9", "13", "18")


def new_screen(resource: Resource[Any], item: Item, card: Html, locale: Locale, keyed: Keyed) -> Screen:
    """One new record, to be decided right here."""
    view = Place(parent=item.under).pack()

    def go(press: Press, arg: str) -> Go:
        return Go(press, resource.code, item.id, arg, view)

    rows: tuple[Row, ...] = (
        (
            Button(locale.t("card.approve"), keyed(go(Press.DECIDE, f"a-{ALONE}")), style=SUCCESS),
            Button(locale.t("card.reject"), go(Press.REASON, ALONE), style=DANGER),
        ),
        (Button(locale.t("approvals.open"), go(Press.CARD, "i")),),
        _quieter(locale),
    )
    head = bold(locale.t("alerts.new", kind=locale.t(f"{resource.key}.title")))
    return Screen(fit(lines(head, "", card, "", italic(locale.t("alerts.why"))), TEXT_LIMIT), rows)


def many_screen(
    items: Sequence[Item], kinds: Mapping[str, Resource[Any]], locale: Locale, now: float, *, digest: bool
) -> Screen:
    """Several at once, oldest first; all that wait in a digest."""
    shown = [
        f"{kinds[item.code].icon} {label(item.title or locale.t('card.untitled'), 60)}"
        + (f" · {age(item.since, now, locale)}" if item.since is not None else "")
        for item in items[:LISTED]
    ]
    more = len(items) - len(shown)
    key = "alerts.digest" if digest else "alerts.many"
    text = lines(
        bold(locale.t(key, n=len(items), count=locale.number(len(items)))),
        "",
        *shown,
        locale.t("alerts.and_more", n=more, count=locale.number(more)) if more > 0 else None,
        "",
        italic(locale.t("alerts.why_digest" if digest else "alerts.why")),
    )
    rows: tuple[Row, ...] = (
        (Button(f"📥 {locale.t('approvals.title')}", Go(Press.APPROVALS), style=PRIMARY),),
        _quieter(locale),
    )
    return Screen(fit(text, TEXT_LIMIT), rows)


def outcome_screen(title: str, said: Html, resource: Resource[Any], item: Item, locale: Locale) -> Screen:
    """What became of a record whose alert was sent: nothing is left to decide."""
    open_card = Go(Press.CARD, resource.code, item.id, "i", Place(parent=item.under).pack())
    text = lines(bold(f"{resource.icon} {label(title, 100)}"), said)
    return Screen(text, ((Button(locale.t("approvals.open"), open_card),), navigation(locale)))


def _quieter(locale: Locale) -> Row:
    return (
        Button(locale.t("alerts.mute"), Go(Press.ALERTS, arg="m")),
        Button(locale.t("alerts.settings"), Go(Press.ALERTS)),
    )


def settings_screen(
    watch: Watch | None, kinds: Mapping[str, Resource[Any]], locale: Locale, now: float
) -> tuple[Html, list[Row]]:
    """What one is told of, when, and the ways to change it."""
    on = watch is not None
    rows: list[Row] = [
        (
            Button(
                locale.t("alerts.turn_off" if on else "alerts.turn_on"),
                Go(Press.ALERTS, arg="off" if on else "on"),
                style=None if on else PRIMARY,
            ),
        )
    ]
    facts: list[Html | str] = [locale.html("alerts.about")]
    if watch is not None:
        facts = [
            Html(f"{bold(locale.t(f'alerts.{name}'))}: ") + text
            for name, text in (
                ("kinds", _kinds(watch, kinds, locale)),
                ("quiet", quiet_text(watch.quiet, locale)),
                ("digest_at", digest_text(watch.digest, locale)),
            )
        ]
        if watch.muted_until > now:
            facts.append(locale.html("alerts.muted"))
        rows += pairs(
            [
                Button(locale.t(f"alerts.{name}"), Go(Press.ALERTS, arg=arg))
                for name, arg in (("kinds", "k"), ("quiet", "q"), ("digest_at", "d"))
            ]
            + [
                Button(
                    locale.t("alerts.unmute" if watch.muted_until > now else "alerts.mute"),
                    Go(Press.ALERTS, arg="u" if watch.muted_until > now else "m"),
                )
            ],
            longest=22,
        )
    rows.append(navigation(locale, Go(Press.SETTINGS)))
    return lines(bold(f"🔔 {locale.t('alerts.title')}"), "", *facts), rows


def _kinds(watch: Watch, kinds: Mapping[str, Resource[Any]], locale: Locale) -> str:
    if not watch.kinds:
        return locale.t("alerts.all_kinds")
    return ", ".join(locale.t(f"{kinds[code].key}.title") for code in watch.kinds if code in kinds)


def quiet_text(quiet: str, locale: Locale) -> str:
    """``22:00-7:00``; that there is no quiet for ``""``."""
    first, _, last = quiet.partition("-")
    return f"{first}:00-{last}:00" if quiet else locale.t("alerts.never")


def digest_text(digest: str, locale: Locale) -> str:
    """``every day at 9:00``; that each comes by itself for ``""``."""
    return locale.t("alerts.daily", time=f"{digest}:00") if digest else locale.t("alerts.at_once")


def choice_screen(
    name: str, chosen: str, options: Sequence[tuple[str, str]], locale: Locale
) -> tuple[Html, list[Row]]:
    """One of a few: quiet hours or the hour of the digest."""
    buttons = [
        Button(f"{'● ' if value == chosen else ''}{text}", Go(Press.ALERTS, arg=f"{name[:1]}{index}"))
        for index, (value, text) in enumerate(options)
    ]
    text = lines(bold(locale.t(f"alerts.{name}")), locale.html(f"alerts.ask_{name}"))
    return text, [*pairs(buttons, longest=22), navigation(locale, Go(Press.ALERTS))]


def kinds_screen(watch: Watch, kinds: Mapping[str, Resource[Any]], locale: Locale) -> tuple[Html, list[Row]]:
    """The kinds, each to be ticked."""
    buttons = [
        Button(
            f"{'☑️' if watch.wants(code) else '⬜️'} {kind.icon} {locale.t(kind.key + '.title')}",
            Go(Press.ALERTS, code, arg="k"),
        )
        for code, kind in kinds.items()
    ]
    text = lines(bold(locale.t("alerts.kinds")), locale.html("alerts.ask_kinds"))
    return text, [*pairs(buttons, longest=24), navigation(locale, Go(Press.ALERTS))]
