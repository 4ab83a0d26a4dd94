"""Figures for operators, in Prometheus' text form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
AGES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LONG = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 120.0, 300.0)
BREAKER_STATES: Mapping[str, int] = MappingProxyType({"closed": 0, "half-open": 1, "open": 2})


class Metrics:
    """All figures of one process, on a registry of their own.

    Labels come from closed sets (kinds, methods, groups, statuses), never from what persons send; the child
    of each label combination is looked up once and kept, so that counting costs about two microseconds.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._refresh: list[Callable[[], None]] = []
        self._counters: dict[tuple[Counter, tuple[str, ...]], Counter] = {}
        self._histograms: dict[tuple[Histogram, tuple[str, ...]], Histogram] = {}
        to = self._registry
        self._updates = Counter(
            "tabys_updates_total", "Updates by kind and outcome", ("kind", "outcome"), registry=to
        )
        self._handling = Histogram(
            "tabys_update_seconds", "Handling of one update", ("kind",), buckets=SECONDS, registry=to
        )
        self._backend = Counter(
            "tabys_backend_calls_total", "Backend calls", ("group", "method", "status"), registry=to
        )
        self._backend_seconds = Histogram(
            "tabys_backend_seconds", "Backend calls", ("group", "method"), buckets=SECONDS, registry=to
        )
        self._bot = Counter("tabys_bot_api_calls_total", "Bot API calls", ("method", "status"), registry=to)
        self._throttled = Counter(
            "tabys_bot_api_throttled_total", "Bot API calls answered with 429", ("method",), registry=to
        )
        self._breakers = Gauge(
            "tabys_breaker_state", "Circuit breaker: 0 closed, 1 half-open, 2 open", ("group",), registry=to
        )
        self._jobs = Counter("tabys_jobs_total", "Jobs by name and outcome", ("name", "outcome"), registry=to)
        self._job_seconds = Histogram("tabys_job_seconds", "Jobs", ("name",), buckets=LONG, registry=to)
        self._ages = Histogram(
            "tabys_message_age_seconds", "Age of messages when they are begun", buckets=AGES, registry=to
        )
        self._backlog = Gauge("tabys_backlog", "What waits or is in work, in Redis", ("of",), registry=to)
        self._waiting = Gauge("tabys_telegram_waiting", "Updates that Telegram holds", registry=to)
        self._webhook_failed = Gauge(
            "tabys_webhook_failed_timestamp_seconds", "When Telegram last failed to deliver", registry=to
        )
        self._sessions = Gauge("tabys_sessions", "Sessions in Redis", registry=to)
        self._drafts = Gauge("tabys_drafts", "Open drafts in Redis", registry=to)
        self.updates_in_flight = Gauge("tabys_updates_in_flight", "Updates being handled", registry=to)
        ProcessCollector(registry=to)
        GCCollector(registry=to)

    def update(self, kind: str, outcome: str, seconds: float) -> None:
        """Count one handled update."""
        self._count(self._updates, kind, outcome)
        self._observe(self._handling, seconds, kind)

    def backend_call(self, group: str, method: str, status: int | str, seconds: float) -> None:
        """Count one backend call; ``status`` is the HTTP status or a word such as ``timeout``."""
        self._count(self._backend, group, method, str(status))
        self._observe(self._backend_seconds, seconds, group, method)

    def bot_call(self, method: str, status: int | str) -> None:
        """Count one Bot API call; 429 counts as throttled as well."""
        self._count(self._bot, method, str(status))
        if status == 429:
            self._count(self._throttled, method)

    def breaker(self, group: str, state: str) -> None:
        """Show the breaker's state: ``closed``, ``half-open`` or ``open``; ``KeyError`` for anything else."""
        self._breakers.labels(group).set(BREAKER_STATES[state])

    def job(self, name: str, outcome: str, seconds: float) -> None:
        """Count one job: ``done``, ``failed``, ``late`` (stopped at its limit), ``interrupted`` or ``crashed``."""
        self._count(self._jobs, name, outcome)
        self._observe(self._job_seconds, seconds, name)

    def message_age(self, seconds: float) -> None:
        """Count one message by the seconds since it was written."""
        self._ages.observe(max(0.0, seconds))

    def backlog(self, counts: Mapping[str, int]) -> None:
        """Show how much there is of each kind (``services.backlog``)."""
        for kind, count in counts.items():
            self._backlog.labels(kind).set(count)

    def telegram(self, waiting: int, failed_at: float) -> None:
        """Show what Telegram holds for the bot, and when (epoch seconds, 0 = never) a delivery last failed."""
        self._waiting.set(waiting)
        self._webhook_failed.set(failed_at)

    def sessions(self, count: int) -> None:
        """Show how many sessions there are."""
        self._sessions.set(count)

    def drafts(self, count: int) -> None:
        """Show how many drafts are open."""
        self._drafts.set(count)

    def before_rendering(self, refresh: Callable[[], None]) -> None:
        """Has ``refresh`` called each time somebody asks for the figures; it must not wait."""
        self._refresh.append(refresh)

    def render(self) -> bytes:
        """Everything as ``CONTENT_TYPE``."""
        for refresh in self._refresh:
            refresh()
        return generate_latest(self._registry)

    def _count(self, counter: Counter, *labels: str) -> None:
        child = self._counters.get((counter, labels))
        if child is None:
            child = self._counters[counter, labels] = counter.labels(*labels)
        child.inc()

    def _observe(self, histogram: Histogram, seconds: float, *labels: str) -> None:
        child = self._histograms.get((histogram, labels))
        if child is None:
            child = self._histograms[histogram, labels] = histogram.labels(*labels)
        child.observe(seconds)
