"""The screens of saved views: all of them, one of them, the question for a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keyboards.buttons import PRIMARY, Button, Row, navigation
from keyboards.callbacks import Go, Place, Press
from locales.locale import Locale
from resources.resource import Resource
from services.saved_views import LIMIT, SavedView
from utils.html import Html, bold, lines
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import filter_labels
from views.screen import Screen

NAME_LIMIT = 40
"""UTF-16 units of a name: it stands on a button."""
OWNER = 24
"""Units of the title of the record that the list belongs to: the name tells what narrows it, too."""
PIN = "⭐"


def contents(
    resource: Resource[Any],
    place: Place,
    search: str,
    locale: Locale,
    names: Mapping[int, str],
    owner: str = "",
) -> list[str]:
    """Whose list it is, what narrows it there, and its order, in words; ``names`` of records, by the number of the
    filter."""
    parts = [label(owner, OWNER)] if owner else []
    parts += filter_labels(resource, place, locale, names)
    parts += [f"«{search}»"] if search else []
    return [*parts, locale.t(f"sort.{resource.list.sorts[place.sort]}")] if place.sort else parts


def default_name(parts: Sequence[str]) -> str:
    """A name for it before anybody gave one."""
    return label(" · ".join(parts), NAME_LIMIT)


def _what(resource: Resource[Any], parts: Sequence[str], locale: Locale) -> str:
    return label(" · ".join([locale.t(f"{resource.key}.title"), *parts]), 300)


def ask_screen(
    resource: Resource[Any], parts: Sequence[str], place: str, locale: Locale, note: Html | None = None
) -> Screen:
    """The question for a name, with one to take at a tap; typed text is the name."""
    name = default_name(parts)
    rows: tuple[Row, ...] = (
        (Button(label(f"✓ {name}", 48), Go(Press.VIEW_SAVE, resource.code, view=place), style=PRIMARY),),
        navigation(locale, Go(Press.LIST, resource.code, view=place)),
    )
    text = lines(
        bold(f"{PIN} {locale.t('views.save_title')}"),
        _what(resource, parts, locale),
        "",
        locale.html("views.ask_name"),
        note,
    )
    return Screen(fit(text, TEXT_LIMIT), rows, listens=f"view:{resource.code}:{place}")


def rename_screen(view: SavedView, locale: Locale, note: Html | None = None) -> Screen:
    """The question for another name."""
    text = lines(bold(f"{PIN} {label(view.name, NAME_LIMIT)}"), "", locale.html("views.ask_new_name"), note)
    return Screen(text, (navigation(locale, Go(Press.VIEW, arg=view.id)),), listens=f"rename:{view.id}")


def view_screen(resource: Resource[Any], view: SavedView, parts: Sequence[str], locale: Locale) -> Screen:
    """One view: what it shows, and what can be done with it."""
    pin = Go(Press.VIEW_PIN, id=0 if view.pinned else 1, arg=view.id)
    rows: tuple[Row, ...] = (
        (Button(locale.t("views.open"), Go(Press.VIEW_OPEN, arg=view.id), style=PRIMARY),),
        (Button(locale.t("views.unpin" if view.pinned else "views.pin"), pin),),
        (
            Button(locale.t("views.rename"), Go(Press.VIEW_RENAME, arg=view.id)),
            Button(locale.t("views.delete"), Go(Press.VIEW_DELETE, arg=view.id)),
        ),
        navigation(locale, Go(Press.VIEWS)),
    )
    text = lines(
        bold(f"{PIN if view.pinned else resource.icon} {label(view.name, NAME_LIMIT)}"),
        _what(resource, parts, locale),
        "",
        locale.html("views.is_pinned" if view.pinned else "views.is_not_pinned"),
    )
    return Screen(fit(text, TEXT_LIMIT), rows)


def views_screen(views: Sequence[tuple[Resource[Any], SavedView]], locale: Locale) -> Screen:
    """All views; a tap opens one, the button beside it what can be done with it."""
    rows: list[Row] = [
        (
            Button(view_label(resource, view, locale), Go(Press.VIEW_OPEN, arg=view.id)),
            Button(locale.t("views.manage"), Go(Press.VIEW, arg=view.id)),
        )
        for resource, view in views
    ]
    rows.append(navigation(locale, Go(Press.MENU)))
    text = locale.html("views.some" if views else "views.none", limit=LIMIT)
    return Screen(lines(bold(f"{PIN} {locale.t('views.title')}"), "", text), tuple(rows))


def view_label(resource: Resource[Any], view: SavedView, locale: Locale, count: int | None = None) -> str:
    """A view as a button: its name, its list's icon, how many records it has where that is known."""
    mark = PIN if view.pinned else resource.icon
    number = f" · {locale.number(count)}" if count is not None else ""
    return f"{mark} {label(view.name, NAME_LIMIT)}{number}"


def deleted_screen(view: SavedView, locale: Locale) -> Screen:
    """That it is gone, with a way back."""
    rows: tuple[Row, ...] = (
        (Button(locale.t("views.undo"), Go(Press.VIEW_RESTORE, arg=view.id)),),
        navigation(locale, Go(Press.VIEWS)),
    )
    return Screen(locale.html("views.deleted", name=label(view.name, NAME_LIMIT)), rows)
