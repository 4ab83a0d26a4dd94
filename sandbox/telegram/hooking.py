"""Setting and removing the webhook."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sandbox.telegram.errors import bad_request
from sandbox.telegram.params import Params
from sandbox.telegram.state import State
from sandbox.telegram.urls import is_loopback
from sandbox.telegram.webhook import Webhook, WebhookConfig

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


async def start_webhook(state: State, params: Params) -> None:
    """Puts the webhook of a setWebhook call in place and hands it everything that waits.

    400 for a url that is neither HTTPS nor plain HTTP on this machine, or for a bad secret.
    """
    url = params.text("url") or ""
    secret = params.text("secret_token") or ""
    if url:
        if not urlsplit(url).hostname or not (url.startswith("https://") or is_loopback(url)):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
    connections = params.integer("max_connections") or 40
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    await drop_webhook(state)
    state.updates.allow(params.sequence("allowed_updates"))
    if params.flag("drop_pending_updates"):
        state.updates.drop_all()
    if not url:
        return
    state.updates.end_poll("terminated by setWebhook request")
    config = WebhookConfig(url, state.webhook_targets.get(url, [url]), secret, connections)

    hook = state.webhook = Webhook(config, state.pace, state.updates.confirmed, state.reply)
    state.updates.deliver = hook.enqueue
    while state.updates.pending:
        hook.enqueue(state.updates.pending.popleft())


async def drop_webhook(state: State) -> None:
    """Removes the webhook; what it did not deliver waits for getUpdates."""
    hook, state.webhook, state.updates.deliver = state.webhook, None, None
    if hook:
        left = await hook.close()
        merged = sorted([*left, *state.updates.pending], key=lambda update: update.id)
        state.updates.pending.clear()
        state.updates.pending.extend(merged)
