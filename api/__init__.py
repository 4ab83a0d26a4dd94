"""The typed client of the Tabys CRM backend: the only room that speaks HTTP to it."""

from api.admin_auth import AdminAuth
from api.answer import Answer
from api.breaker import Breaker, State
from api.client import Backend, Observer
from api.context import request_id, within
from api.errors import (
    BackendError,
    BadAnswer,
    Broken,
    Cause,
    CodeRefused,
    Conflict,
    Explained,
    Forbidden,
    Invalid,
    NotFound,
    Outdated,
    OutOfReach,
    Refused,
    SessionEnded,
    TooMany,
    Unavailable,
    UnknownOutcome,
    Wrong,
)
from api.events import Events
from api.moderation import Moderation, Stats
from api.telegram_auth import TelegramAuth
from api.transport import AiohttpTransport
from api.uploads import Uploads

__all__ = [
    "AdminAuth",
    "AiohttpTransport",
    "Answer",
    "Backend",
    "BackendError",
    "BadAnswer",
    "Breaker",
    "Broken",
    "Cause",
    "CodeRefused",
    "Conflict",
    "Events",
    "Explained",
    "Forbidden",
    "Invalid",
    "Moderation",
    "NotFound",
    "Observer",
    "OutOfReach",
    "Outdated",
    "Refused",
    "SessionEnded",
    "State",
    "Stats",
    "TelegramAuth",
    "TooMany",
    "Unavailable",
    "UnknownOutcome",
    "Uploads",
    "Wrong",
    "request_id",
    "within",
]
