"""An embedded Telegram: a strict Bot API server for one machine, people to drive it, a chat page."""

from __future__ import annotations

from sandbox.telegram.calls import Call
from sandbox.telegram.errors import ApiError
from sandbox.telegram.faults import Fault
from sandbox.telegram.groups import Group
from sandbox.telegram.persons import Person, Press
from sandbox.telegram.server import TelegramServer
from sandbox.telegram.state import Limits
from sandbox.telegram.views import MessageView
from sandbox.telegram.webhook import WebhookPace

__all__ = [
    "ApiError",
    "Call",
    "Fault",
    "Group",
    "Limits",
    "MessageView",
    "Person",
    "Press",
    "TelegramServer",
    "WebhookPace",
]
