"""What is sent to many: how it looks, whom it is for, how many go at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.emails import Emails
from api.notifications import Notifications
from locales.locale import Locale
from models.access import Caller
from models.common import sent
from models.mail import Letters, Users
from utils.html import Html, bold, lines
from views.fitting import label

Found = tuple[list[str], bool]
"""Recipients, each once, and whether there are more than were looked through."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``collect`` looks up whom the values mean, through so many pages; ``look`` is how they will read it; ``mine``
    is the person's own place among them, where there can be one."""

    batch: int
    collect: Callable[[Any, Caller, Mapping[str, Any], int], Awaitable[Found]]
    look: Callable[[Mapping[str, Any], Locale], Html]
    mine: Callable[[Any, Caller], Awaitable[str | None]] | None = None


async def users(source: Notifications, caller: Caller, values: Mapping[str, Any], pages: int) -> Found:
    """Ids of the users that are meant."""
    if values.get("audience") == Users.CHOSEN:
        return _once(str(sent(one)) for one in values.get("users") or ()), False
    found: list[str] = []
    for number in range(pages):
        ids, more = await source.users(caller, str(values.get("audience")), number * 1000)
        found += map(str, ids)
        if not more:
            return _once(found), False
    return _once(found), True


async def addresses(source: Emails, caller: Caller, values: Mapping[str, Any], pages: int) -> Found:
    """Addresses of the people that are meant."""
    audience = values.get("audience")
    if audience == Letters.TYPED:
        return _once(values.get("addresses") or ()), False
    if audience in (Letters.ADMINS, Letters.ROLE):
        role = values.get("to_role") if audience == Letters.ROLE else None
        admins = await source.admins(caller)
        return _once(one.email for one in admins if role is None or one.role == role), False
    found: list[str] = []
    for number in range(pages):
        emails, more = await source.organizations(caller, number * 1000)
        found += emails
        if not more:
            return _once(found), False
    return _once(found), True


async def own_address(source: Emails, caller: Caller) -> str | None:
    """The person's own address in the CRM."""
    me = caller.principal.admin_id
    return next((one.email for one in await source.admins(caller) if one.id == me), None)


def notification(values: Mapping[str, Any], locale: Locale) -> Html:
    """Both languages, as each user reads one of them."""
    blocks = [
        lines(
            f"{locale.t(f'language.{language}')}:",
            bold(label(str(values.get(f"title_{suffix}") or "—"), 300)),
            label(str(values.get(f"message_{suffix}")), 900) if values.get(f"message_{suffix}") else None,
        )
        for language, suffix in (("kk", "kz"), ("ru", "ru"))
    ]
    return lines(blocks[0], "", blocks[1])


def letter(values: Mapping[str, Any], locale: Locale) -> Html:
    """Subject and text."""
    return lines(bold(str(values.get("subject") or "—")), "", Html(str(values.get("body") or "")))


def _once(found: Iterable[str]) -> list[str]:
    """Nobody twice, however the address is spelled."""
    kept: dict[str, str] = {}
    for one in found:
        kept.setdefault(one.casefold(), one)
    return list(kept.values())


KINDS: Mapping[str, Kind] = {
    "nt": Kind(200, users, notification),
    # The backend writes to one after the other before it answers: more would outlast the call.
    "em": Kind(10, addresses, letter, own_address),
}
