"""How updates arrive, and how the process leaves."""

from ingress.bot_api import BotApi, CallFailed, TokenRefused
from ingress.boundary import Boundary
from ingress.contract import Handle, Handled, Ingress, Update
from ingress.drain import Drain, Together, serve
from ingress.ops import Ops
from ingress.polling import Polling
from ingress.server import Server
from ingress.webhook import Webhook

__all__ = [
    "BotApi",
    "Boundary",
    "CallFailed",
    "Drain",
    "Handle",
    "Handled",
    "Ingress",
    "Ops",
    "Polling",
    "Server",
    "Together",
    "TokenRefused",
    "Update",
    "Webhook",
    "serve",
]
