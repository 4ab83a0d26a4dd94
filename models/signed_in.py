"""Telegram accounts that are signed in as an admin, as the backend and the bot know them."""

from __future__ import annotations

from enum import StrEnum

from models.common import Record, Ref, UtcDateTime


class Where(StrEnum):
    """Who knows of it: the bot and the CRM; the CRM alone (nobody works here with it, until the next login); the bot
    alone (the bot ends it within a minute). ``ENDED`` is one that was just ended."""

    BOTH = "both"
    CRM = "crm"
    BOT = "bot"
    ENDED = "ended"


class SignedIn(Record):
    """One account; ``id`` is its Telegram id. ``mine`` is the reader's own."""

    account: str
    admin_id: int
    admin_name: str
    role: str
    where: str = Where.BOTH
    created_at: UtcDateTime
    last_activity: UtcDateTime
    mine: bool = False

    @property
    def admin(self) -> Ref:
        """The admin, as a filter compares it."""
        return Ref(id=self.admin_id, kk=self.admin_name, ru=self.admin_name)

    @property
    def telegram_id(self) -> str:
        """The account's number, as text: it is no amount."""
        return str(self.id)


class SignedInAdmin(Record):
    """An admin with at least one such account: what a filter picks from."""

    name: str

    @property
    def ref(self) -> Ref:
        """The admin as a filter names it."""
        return Ref(id=self.id, kk=self.name, ru=self.name)
