"""Work in the background: jobs on taskiq, sent by one scheduler among all processes, done by any worker.

A job may be done twice (its worker died before acknowledging it, or two schedulers overlapped), so each must
be idempotent. A job that fails is logged and not repeated: the next one of its schedule comes anyway.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from redis.exceptions import RedisClusterException, RedisError
from taskiq import ScheduleSource, TaskiqMessage, TaskiqMiddleware, TaskiqResult, TaskiqScheduler
from taskiq.cli.scheduler.run import SchedulerLoop
from taskiq.exceptions import NoResultError, SendTaskError
from taskiq.receiver import Receiver
from taskiq.schedule_sources import LabelScheduleSource
from taskiq.scheduler.scheduled_task import ScheduledTask

from api.errors import BackendError
from services.lease import Lease
from services.streams import BATCH, RECLAIM_AFTER, Broker
from utils.tracing import request_id, span

EVERY_MINUTE = "* * * * *"
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
LAST_SECONDS = 2.0
"""For jobs to end once they were cancelled."""
ASKED_BY = "asked_by"
"""Label of a message: the id of the update that sent it."""

_log = structlog.get_logger("jobs")


Observer = Callable[[str, str, float], None]
"""Told of every job that ended: name, outcome, seconds."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do, ``cron`` (UTC) or when it is sent; it is stopped after ``seconds``."""

    name: str
    work: Callable[..., Awaitable[object]]
    cron: str | None = None
    seconds: float = 60.0


class _Interrupted(NoResultError):
    """The worker ends before the job does."""


class _LeaveUnacknowledged(TaskiqMiddleware):
    """Keeps taskiq from acknowledging what was interrupted: another worker takes it up."""

    def on_error(self, message: TaskiqMessage, result: TaskiqResult[Any], exception: BaseException) -> None:
        """Ends the handling of the message right here. Raises ``CancelledError``."""
        if isinstance(exception, _Interrupted):
            raise asyncio.CancelledError from exception


class _Identified(TaskiqMiddleware):
    """An id for everything a job logs and calls, and beside it the id of the update that ordered it."""

    def pre_send(self, message: TaskiqMessage) -> TaskiqMessage:
        """The message, labelled with what it was sent from."""
        if asked_by := request_id.get():
            message.labels[ASKED_BY] = asked_by
        return message

    def pre_execute(self, message: TaskiqMessage) -> TaskiqMessage:
        """The message; taskiq handles each in a task of its own, which ends with its ids."""
        request_id.set(f"{message.task_name}-{secrets.token_hex(4)}")
        if asked_by := message.labels.get(ASKED_BY):
            structlog.contextvars.bind_contextvars(asked_by=asked_by)
        return message


class _OneOfMany(TaskiqScheduler):
    """Sends only while it holds the lease; what cannot be sent is left to the next time."""

    def __init__(self, broker: Broker, lease: Lease) -> None:
        super().__init__(broker, [LabelScheduleSource(broker)])
        self._lease = lease
        self.sending: set[asyncio.Task[Any] | None] = set()

    async def on_ready(self, source: ScheduleSource, task: ScheduledTask) -> None:
        """Sends ``task``, unless another process is the one to do it."""
        if not self._lease.held:
            return
        sender = asyncio.current_task()
        self.sending.add(sender)
        try:
            await super().on_ready(source, task)
        except (SendTaskError, RedisError, OSError) as error:
            reason = type(error.__cause__ or error).__name__
            _log.warning("job_not_sent", job=task.task_name, reason=reason)
        finally:
            self.sending.discard(sender)


class Jobs:
    """A worker and a scheduler, to be run beside the rest of the process. Redis out of reach is waited out."""

    def __init__(
        self, broker: Broker, jobs: Iterable[Job], lease: Lease, observe: Observer | None = None
    ) -> None:
        """Raises ``ValueError`` for a job that may take so long that another worker would begin it too."""
        self._observe = observe
        self._broker = broker
        self._lease = lease
        self._scheduler = _OneOfMany(broker, lease)
        self._running: set[asyncio.Task[Any] | None] = set()
        self._ending = asyncio.Event()
        self._ended = asyncio.Event()
        # taskiq tells of every job at INFO.
        logging.getLogger("taskiq").setLevel(max(logging.WARNING, logging.root.level))
        broker.with_middlewares(_LeaveUnacknowledged(), _Identified())
        self._tasks = {job.name: self._register(job) for job in jobs}

    async def send(self, name: str, **values: Any) -> None:
        """Has the job done soon, by whoever is free; ``values`` (JSON-ready) are passed to it.

        Raises ``KeyError`` for an unknown job and ``SendTaskError`` without Redis.
        """
        await self._tasks[name].kiq(**values)

    async def run(self) -> None:
        """Works until ``stop``."""
        tasks = [
            asyncio.create_task(work, name=f"jobs:{name}")
            for name, work in (("lease", self._lease.keep()), ("schedule", self._schedule()))
        ]
        try:
            await self._work()
        finally:
            self._ending.set()
            tasks += [task for task in self._scheduler.sending if task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._interrupt()
            await self._lease.release()
            await self._broker.shutdown()
            self._ended.set()

    async def stop(self, limit: float) -> bool:
        """Takes nothing more and finishes what runs; False when something still ran after ``limit`` seconds.

        That is interrupted, and done anew by another worker.
        """
        self._ending.set()
        clean = True
        try:
            await asyncio.wait_for(self._ended.wait(), limit)
        except TimeoutError:
            clean = not self._running
            await self._interrupt()
            await self._ended.wait()
        return clean

    async def close(self) -> None:
        """Gives the connections back that ``send`` used, also where ``run`` never was called."""
        await self._broker.shutdown()

    async def _work(self) -> None:
        pause, told = FIRST_PAUSE, False
        while not self._ending.is_set():
            # Started anew each time: a Redis that came back empty has no group any more.
            receiver = Receiver(self._broker, max_async_tasks=BATCH, run_startup=True)
            began = asyncio.get_running_loop().time()
            try:
                await receiver.listen(self._ending)
            except* (RedisError, RedisClusterException, OSError) as error:
                if asyncio.get_running_loop().time() - began > LONGEST_PAUSE:
                    pause, told = FIRST_PAUSE, False
                if not told:
                    _log.warning("jobs_interrupted", reason=_reason(error))
                    told = True
                await self._rest(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except TimeoutError:
            return

    async def _schedule(self) -> None:
        for source in self._scheduler.sources:
            await source.startup()
        # The schedules stand in the code: nothing to read anew.
        await SchedulerLoop(self._scheduler).run(update_interval=timedelta(days=365), skip_first_run=True)

    async def _interrupt(self) -> None:
        running = [task for task in self._running if task]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=LAST_SECONDS)

    def _register(self, job: Job) -> Any:
        if job.seconds >= RECLAIM_AFTER:
            raise ValueError(f"{job.name} may take {job.seconds} s: cut it into shorter jobs")
        labels = {"schedule": [{"cron": job.cron}]} if job.cron else {}
        return self._broker.register_task(self._guarded(job), task_name=job.name, **labels)

    def _guarded(self, job: Job) -> Callable[..., Coroutine[Any, Any, None]]:
        async def run(**values: Any) -> None:
            task, began, outcome = asyncio.current_task(), time.perf_counter(), "crashed"
            self._running.add(task)
            try:
                with span("job", job=job.name):
                    async with asyncio.timeout(job.seconds):
                        await job.work(**values)
                outcome = "done"
            except asyncio.CancelledError:
                outcome = "interrupted"
                raise _Interrupted from None
            except (BackendError, RedisError, OSError) as error:
                outcome = "late" if isinstance(error, TimeoutError) else "failed"
                _log.warning("job_failed", job=job.name, reason=type(error).__name__)
            finally:
                self._running.discard(task)
                if self._observe is not None:
                    self._observe(job.name, outcome, time.perf_counter() - began)

        return run


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__
