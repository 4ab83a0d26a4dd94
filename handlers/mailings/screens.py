"""The screens of a mailing: how it will look and whom it reaches, how far it is, what became of it."""

from __future__ import annotations

import time
from typing import Any

from handlers.mailings.kinds import KINDS
from keyboards.buttons import DANGER, SUCCESS, Button, Row, navigation
from keyboards.callbacks import Go, Press
from locales.locale import Locale
from resources.resource import Resource
from services.mailings import OPEN, Mailing, Standing, State
from utils.html import Html, bold, code, italic, lines
from views.bars import bar
from views.card import Keyed
from views.fitting import TEXT_LIMIT, fit, label
from views.progress import left_text
from views.screen import Screen

SHOWN = 20
"""Recipients that were not reached who are named."""
ME = "me"


def listens(mailing: Mailing) -> str:
    """How the progress screen of a mailing is known as the one that the person looks at."""
    return f"mail:{mailing.id}"


def preview_screen(
    resource: Resource[Any], draft: Go, look: Html, count: int, *, more: bool, locale: Locale, keyed: Keyed
) -> Screen:
    """How it will look, how many get it, and the way to send it; ``draft`` leads back into the form."""
    told = locale.number(count) + ("+" if more else "")
    send = Go(Press.MAIL_SEND, resource.code, view=draft.view)
    rows: list[Row] = []
    if count:
        text = locale.t("mailings.send", n=count, count=told)
        rows.append((Button(f"📤 {text}", keyed(send), style=SUCCESS),))
    if KINDS[resource.code].mine is not None:
        me = Go(Press.MAIL_SEND, resource.code, arg=ME, view=draft.view)
        rows.append((Button(locale.t("mailings.to_me"), keyed(me)),))
    rows.append((Button(locale.t("mailings.change"), draft),))
    rows.append(navigation(locale, draft))
    reach = locale.html("mailings.reach", n=count, count=told) if count else locale.html("mailings.nobody")
    head = bold(f"{resource.icon} {locale.t('mailings.preview')}")
    foot = lines("", reach, italic(locale.t("mailings.for_good")) if count else None)
    return Screen(fit(lines(head, "", fit(look, TEXT_LIMIT - 500), foot), TEXT_LIMIT), tuple(rows))


def standing_screen(resource: Resource[Any], standing: Standing, locale: Locale, keyed: Keyed) -> Screen:
    """How far it is, or what became of it."""
    if standing.state in OPEN:
        return _progress(resource, standing, locale)
    mailing = standing.mailing
    rows: list[Row] = []
    if rest := left(standing):
        go = Go(Press.MAIL_REST, resource.code, arg=mailing.id)
        rows.append(
            (Button(f"🔁 {locale.t('mailings.rest', n=rest, count=locale.number(rest))}", keyed(go)),)
        )
    rows.append(navigation(locale, Go(Press.LIST, resource.code)))
    text = lines(_head(resource, locale), "", *_result(standing, locale))
    return Screen(fit(text, TEXT_LIMIT), tuple(rows), listens=listens(mailing))


def left(standing: Standing) -> int:
    """How many could be tried (again): whom nothing was sent, and addresses that failed. What may have arrived is
    never sent anew, nor what the backend does not know."""
    again = len(standing.failures) if standing.mailing.resource == "em" else 0
    return max(0, standing.total - standing.next) + again


def _progress(resource: Resource[Any], standing: Standing, locale: Locale) -> Screen:
    mailing, total = standing.mailing, standing.total or standing.mailing.expected
    body: list[object] = [locale.html("mailings.waiting")]
    if standing.state is State.RUNNING and total:
        done, all_ = locale.number(standing.next), locale.number(total)
        body = [bar(standing.next / total), locale.html("mailings.done_of", done=done, total=all_)]
        spent = time.time() - standing.begun_at
        if standing.next and standing.begun_at and spent > 0:
            body.append(left_text(spent * (total - standing.next) / standing.next, locale))
    stop = Go(Press.MAIL_STOP, resource.code, arg=mailing.id)
    rows: tuple[Row, ...] = (
        (Button(locale.t("export.stop"), stop, style=DANGER),),
        navigation(locale, Go(Press.LIST, resource.code)),
    )
    return Screen(lines(_head(resource, locale), "", *body), rows, listens=listens(mailing))


def _result(standing: Standing, locale: Locale) -> list[Html | str | None]:
    def told(key: str, number: int) -> Html | None:
        return locale.html(f"mailings.{key}", n=number, count=locale.number(number)) if number else None

    key = {State.STOPPED: "mailings.stopped", State.BROKEN: standing.why or "mailings.broken"}
    names = [code(label(one, 80)) for one in standing.failures[:SHOWN]]
    hidden = standing.failed - len(names)
    return [
        locale.html(key.get(standing.state, "mailings.done")),
        "",
        locale.html("mailings.sent", n=standing.sent, count=locale.number(standing.sent)),
        told("failed", standing.failed),
        *names,
        locale.html("bulk.and_more", n=hidden) if names and hidden > 0 else None,
        told("unknown", standing.unknown),
        told("untried", max(0, standing.total - standing.next)),
    ]


def _head(resource: Resource[Any], locale: Locale) -> Html:
    return bold(f"{resource.icon} {locale.t(f'{resource.key}.title')} · {locale.t('mailings.sending')}")
