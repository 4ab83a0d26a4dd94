"""Webhook delivery as Telegram does it: queues per chat, retries until a 2xx, replies in the response."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

from sandbox.telegram.updates import Update
from sandbox.telegram.wire import Json

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

Reply = Callable[[Json], Awaitable[None]]
"""Performs the method that a webhook response asks for."""


@dataclass(slots=True)
class WebhookConfig:
    """What setWebhook set; `targets` are the addresses used in turn (replicas), usually the url alone."""

    url: str
    targets: list[str]
    secret: str = ""
    max_connections: int = 40


@dataclass(slots=True)
class WebhookPace:
    """Seconds: `timeout` per request, the first and longest pause before a retry."""

    timeout: float = 60.0
    first_retry: float = 0.1
    longest_retry: float = 5.0
    split_callbacks: bool = False
    """True gives callback queries a queue of their own per person, as the public server does."""


@dataclass(slots=True)
class WebhookState:
    """What getWebhookInfo tells about delivery."""

    last_error: str = ""
    last_error_at: float = 0.0
    statuses: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=10_000))
    """The last deliveries as (update_id, HTTP status; 0 = no answer)."""


class Webhook:
    """Delivers updates to one webhook until `close` is called."""

    def __init__(
        self, config: WebhookConfig, pace: WebhookPace, confirmed: Callable[[Update], None], reply: Reply
    ) -> None:
        self.config = config
        self.state = WebhookState()
        self._pace = pace
        self._confirmed = confirmed
        self._reply = reply
        self._queues: dict[tuple[int, str], deque[Update]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(config.max_connections)
        self._turn = 0
        self._session: aiohttp.ClientSession | None = None

    @property
    def waiting(self) -> int:
        """How many updates are not confirmed yet."""
        return sum(len(queue) for queue in self._queues.values())

    def enqueue(self, update: Update) -> None:
        """Queues the update behind the others of its chat and starts delivering when nothing runs there."""
        chat, kind = update.queue
        key = (chat, "callback" if self._pace.split_callbacks and kind == "callback_query" else "")
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(update)
            return
        self._queues[key] = deque([update])
        worker = asyncio.create_task(self._work(key), name=f"webhook queue {key}")
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, key: tuple[int, str]) -> None:
        queue = self._queues[key]
        while queue:
            update = queue[0]
            pause = self._pace.first_retry
            while True:
                async with self._slots:
                    status, retry_after = await self.post(update.body(), update)
                if 200 <= status < 300:
                    break
                await asyncio.sleep(retry_after if retry_after is not None else pause)
                pause = min(pause * 2, self._pace.longest_retry)
            queue.popleft()
            self._confirmed(update)
        del self._queues[key]

    async def post(
        self, body: bytes, update: Update | None = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, float | None]:
        """One delivery: (HTTP status, seconds of Retry-After); status 0 when no answer came."""
        target = self.config.targets[self._turn % len(self.config.targets)]
        self._turn += 1
        sent = {"Content-Type": "application/json"}
        if self.config.secret:
            sent[SECRET_HEADER] = self.config.secret
        if headers:
            sent |= headers
        if update:
            update.attempts += 1
        status, retry_after, answer = 0, None, b""
        try:
            async with self._open().post(target, data=body, headers=sent, allow_redirects=False) as response:
                answer = await response.read()
                status = response.status
                retry_after = _seconds(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            self._failed(f"Connection failed: {type(failure).__name__}")
        else:
            if not 200 <= status < 300:
                self._failed(f"Wrong response from the webhook: {status} {response.reason}")
            elif answer:
                await self._perform(answer)
        if update:
            self.state.statuses.append((update.id, status))
        return status, retry_after

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=self._pace.timeout),
                trust_env=False,
            )
        return self._session

    def _failed(self, reason: str) -> None:
        self.state.last_error = reason
        self.state.last_error_at = time.time()

    async def _perform(self, answer: bytes) -> None:
        try:
            call = json.loads(answer)
        except ValueError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            await self._reply(call)

    async def close(self) -> list[Update]:
        """The unconfirmed updates in order, after all deliveries were stopped."""
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._session:
            await self._session.close()
            self._session = None
        left = [update for queue in self._queues.values() for update in queue]
        self._queues.clear()
        return sorted(left, key=lambda update: update.id)


def _seconds(value: str | None) -> float | None:
    try:
        return max(float(value), 0.0) if value is not None else None
    except ValueError:
        return None
