"""Logins and sessions: contract sections 2.1 and 2.2."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from models.common import Record, UtcDateTime


class Login(BaseModel):
    """A confirmed login; ``role`` is the backend's spelling, known to the bot or not."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    access_token: str = Field(repr=False, min_length=1)
    admin_id: int
    admin_name: str
    role: str
    session_created: bool = False


class TelegramSession(BaseModel):
    """An active binding of a Telegram account to an admin."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    telegram_user_id: int
    telegram_username: str | None = None
    admin_id: int
    admin_name: str
    admin_role: str
    is_active: bool = True
    created_at: UtcDateTime
    last_activity_at: UtcDateTime

    @property
    def account(self) -> str:
        """The account as people name it."""
        return f"@{self.telegram_username}" if self.telegram_username else str(self.telegram_user_id)


class AdminProfile(Record):
    """The signed-in admin as the backend sees it now."""

    name: str
    login: str
    email: str | None = None
    role: str | None = None
    created_at: UtcDateTime
