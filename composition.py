"""Builds the running bot from its settings: the only place that knows every part, and the only reader of config."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.client import Backend
from api.community import CoffeeFeedback
from api.moderation import Moderation
from api.outside import Outside
from api.statistics import Statistics
from api.telegram_auth import TelegramAuth
from api.user_telegram import UserTelegram
from config import Settings
from handlers._engine import carry, exporting
from handlers._engine.alerting import PULSE, Alerting
from handlers._engine.commands import register
from handlers.application import Application
from handlers.broadcasts import sending
from handlers.community import coffee, reminding, telling
from handlers.mailings import sending as mailing
from handlers.modules import RESOURCES
from ingress import (
    BotApi,
    Boundary,
    CallFailed,
    Drain,
    Ingress,
    Ops,
    Polling,
    Server,
    Together,
    TokenRefused,
    Webhook,
    serve,
)
from locales.catalogue import load
from middlewares.context import App
from middlewares.observing import ObservedCalls
from middlewares.update import UPDATES
from resources.fields import Relation
from resources.registry import Registry
from services.alerts import Alerts
from services.audit import Audit
from services.backlog import Backlog
from services.broadcasts import BroadcastNotes
from services.capabilities import Capabilities
from services.chain import Chain
from services.charts.studio import Studio
from services.coffee import Previews
from services.coffee_runs import CoffeeRuns
from services.decisions import Decisions
from services.drafts import Drafts
from services.export.orders import Orders
from services.feedback import Feedback
from services.gate import Gate, Limits
from services.inbox import Inbox
from services.jobs import EVERY_MINUTE, Job, Jobs
from services.journal import Journal
from services.keys import AlertsKey, SchedulerKey
from services.lease import Lease
from services.linking import Linking
from services.list_state import ListState
from services.living import Living
from services.login import Login, LoginLimits
from services.mailings import Mailings
from services.metrics import Metrics
from services.names import AdminNames
from services.once import Once
from services.operation_keys import OperationKeys
from services.pictures import PictureShelf
from services.preferences import Preferences
from services.records import Records
from services.redis_client import answers, open_redis
from services.saved_views import SavedViews
from services.sessions import Sessions
from services.signed_in import SignedInAccounts
from services.statistics import Reports
from services.streams import broker
from services.telemetry import Sentry, Spans
from services.tellings import Tellings
from services.trail import Trail
from services.vault import Vault
from utils.cancellation import pass_on
from utils.logs import configure
from utils.tracing import requested, tracer
from views.calls import CallSession
from views.deliver import Deliver

LOCALES = Path(__file__).parent / "locales"
BOT_API_SECONDS = 6
"""Seconds one Bot API call of a click may take."""
AUDIT = "audit"
"""What the vault's key is derived for that signs the audit."""
CAPABILITIES_EVERY = 3600.0
UNREAD_EVERY = 20.0
"""Seconds between two tries to read the backend's operations while nobody knows them: what extends it is not drawn."""
GAUGES_EVERY = 15.0
TELEGRAM_EVERY = 60.0
DECISIONS_EVERY = 0.5
"""Seconds between two looks for decisions that can no longer be undone."""
EXPORTS_EVERY = 5.0
"""Seconds between two looks for exports that nobody works on."""
GC_AFTER = 10_000
"""Objects made before the youngest are looked through: a click makes and drops some thousands."""


async def run(settings: Settings) -> int:
    """Serves updates until SIGTERM or SIGINT; 0 when everything begun was finished. Raises ``TokenRefused``."""
    drain = Drain(lambda: None)
    with drain.signals():
        return 0 if await _run(settings, drain, _freeze) else 1


def _freeze() -> None:
    """What lives as long as the process is looked through by no later collection: 100 ms each time, otherwise."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_AFTER, 20, 20)


async def _run(settings: Settings, drain: Drain, ready: Callable[[], None]) -> bool:
    async with AsyncExitStack() as stack:
        redis, metrics, ops = await _ground(stack, settings, drain)
        api = BotApi(settings.telegram.api_url, settings.telegram.token.get_secret_value())
        stack.push_async_callback(api.close)
        username = await _username(api, drain)
        if drain.requested:
            return True
        app = await stack.enter_async_context(build(settings, redis, metrics, username))
        ingress = await _ingress(stack, settings, api, Boundary(Application(app).handle, metrics))
        async with _running(
            *_upkeep(app, Backlog(redis), settings.alerts.every),
            _every(TELEGRAM_EVERY, lambda: _ask_telegram(api, metrics)),
        ):
            await _greet(app)
            ops.started = True
            ready()
            structlog.get_logger(__name__).info(
                "serving", bot=username, mode="webhook" if settings.telegram.is_webhook else "polling"
            )
            return await serve(Together(ingress, app.jobs), drain)


async def work(settings: Settings) -> int:
    """Works in the background only, until SIGTERM or SIGINT; 0 when every job begun was finished."""
    drain = Drain(lambda: None)
    with drain.signals():
        return 0 if await _work(settings, drain, _freeze) else 1


async def _work(settings: Settings, drain: Drain, ready: Callable[[], None]) -> bool:
    async with AsyncExitStack() as stack:
        redis, metrics, ops = await _ground(stack, settings, drain)
        # Telegram is not asked for the bot's name: bindings are ended without it, too.
        app = await stack.enter_async_context(build(settings, redis, metrics, ""))
        async with _running(*_upkeep(app, Backlog(redis), settings.alerts.every)):
            await app.capabilities.refresh()
            ops.started = True
            ready()
            structlog.get_logger(__name__).info("working")
            return await serve(app.jobs, drain)


async def _ground(stack: AsyncExitStack, settings: Settings, drain: Drain) -> tuple[Redis, Metrics, Ops]:
    """What every process stands on: logs, Redis, figures and the operators' port."""
    configure(
        settings.logging.effective_level,
        settings.logging.format,
        settings.secrets(),
        report=_telemetry(stack, settings),
    )
    # aiogram writes a line for every update; the metrics count them.
    logging.getLogger("aiogram.event").setLevel(logging.WARNING)
    metrics = Metrics()
    redis = await stack.enter_async_context(_redis(settings))
    ops = Ops(metrics, {"redis": lambda: answers(redis)})
    drain.on_request = lambda: setattr(ops, "draining", True)
    await _serving(stack, Server(ops.app(), settings.ops.host, settings.ops.port), "operators")
    return redis, metrics, ops


def _telemetry(stack: AsyncExitStack, settings: Settings) -> Sentry | None:
    """What reports errors, if anything; everything that begins from now on inherits what records spans."""
    dsn, endpoint = settings.telemetry.sentry_dsn, settings.telemetry.otlp_endpoint
    if endpoint is not None:
        spans = Spans(endpoint)
        tracer.set(spans)
        stack.push_async_callback(asyncio.to_thread, spans.close)
    if dsn is None:
        return None
    sentry = Sentry(dsn.get_secret_value())
    stack.push_async_callback(asyncio.to_thread, sentry.close)
    return sentry


def _jobs(settings: Settings, redis: Redis, metrics: Metrics, chain: Chain, app: Callable[[], App]) -> Jobs:
    """What the processes share among them; Redis is asked through connections of its own."""
    jobs = [
        Job("seal_audit", chain.seal, EVERY_MINUTE),
        Job("sweep_sessions", lambda: app().sessions.sweep(time.time()), EVERY_MINUTE),
        Job(exporting.JOB, lambda **order: exporting.run(app(), **order), seconds=exporting.SECONDS),
        sending.job(app),
        mailing.job(app),
        coffee.solving.job(app),
        coffee.scheduled.job(app),
        telling.job(app),
        reminding.job(app),
    ]
    channel = broker(settings.redis.url.get_secret_value())
    return Jobs(channel, jobs, Lease(redis, SchedulerKey.name), metrics.job)


def _upkeep(app: App, backlog: Backlog, alerts_every: float) -> list[Awaitable[None]]:
    """What each process needs done for itself; ``alerts_every``: seconds between two looks for what is new."""

    async def gauges() -> None:
        app.metrics.sessions(await app.sessions.count())
        app.metrics.drafts(await app.drafts.count(time.time()))
        app.metrics.backlog(await backlog.read())

    async def carrying() -> None:
        carrier = carry.Carrier(app)
        try:
            await _every(DECISIONS_EVERY, carrier.pulse)
        finally:
            await carrier.close()

    return [
        _every(CAPABILITIES_EVERY, app.capabilities.refresh),
        _every(UNREAD_EVERY, app.capabilities.refresh_unread),
        _every(GAUGES_EVERY, gauges),
        carrying(),
        _every(PULSE, Alerting(app, alerts_every).pulse),
        _every(EXPORTS_EVERY, lambda: exporting.resume(app)),
        _every(EXPORTS_EVERY, lambda: mailing.resume(app)),
        _every(EXPORTS_EVERY, lambda: telling.resume(app)),
    ]


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[None]:
    """The bot at work as long as this is entered; for tests, which have their own event loop."""
    drain, ready = Drain(lambda: None), asyncio.Event()
    task = asyncio.create_task(_run(settings, drain, ready.set))
    started = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({task, started}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield
    finally:
        started.cancel()
        drain.request()
        await task


@asynccontextmanager
async def _redis(settings: Settings) -> AsyncIterator[Redis]:
    client = open_redis(settings.redis.url.get_secret_value())
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def build(settings: Settings, redis: Redis, metrics: Metrics, username: str) -> AsyncIterator[App]:
    """The parts of the bot, closed in the right order. Raises ``WrongDeclaration``."""
    texts = load(LOCALES)
    registry = Registry(RESOURCES, texts)
    zone = ZoneInfo(settings.locale.zone)
    token = settings.telegram.token.get_secret_value()
    secret = settings.backend.link_secret.get_secret_value() if settings.backend.link_secret else None
    backend = Backend(
        settings.backend.url,
        timeout=settings.backend.timeout,
        observe=metrics.backend_call,
        bot_secret=secret,
    )
    metrics.before_rendering(lambda: _show_breakers(backend, metrics))
    sources = {item.code: item.source(backend, timezone=zone) for item in registry}
    lookups = {kind: kind(backend, timezone=zone) for kind in _lookups(registry)}
    vault = Vault.of([key.get_secret_value().hex() for key in settings.redis.session_keys], token)
    journal = Journal(redis)
    gate = Gate(
        redis,
        journal,
        Limits(settings.limits.guests.per_minute, settings.limits.admins.per_minute),
        idle_ttl=settings.redis.session_ttl,
    )
    auth = TelegramAuth(backend)
    sessions = Sessions(redis, vault, auth, idle_ttl=settings.redis.session_ttl)
    living = Living(redis, sessions)
    limits = LoginLimits(redis, vault.hmac_secret("login"), per_minute=settings.limits.login.per_minute)
    link_limits = LoginLimits(
        redis, vault.hmac_secret("links"), per_minute=settings.limits.login.per_minute, scope="link"
    )
    linking = Linking(UserTelegram(backend), link_limits, set_up=secret is not None)
    needed = {
        item.key: frozenset(name for names in sources[item.code].operations.values() for name in names)
        for item in registry
    }
    needed["statistics"] = frozenset(name for names in Statistics.operations.values() for name in names)
    needed["feedback"] = frozenset(name for names in CoffeeFeedback.operations.values() for name in names)
    capabilities = Capabilities(backend, needed)
    audit, names, once = Audit(redis), AdminNames(redis), Once(redis)
    pictures = PictureShelf(redis, backend.fetch_own, Outside().fetch, settings.backend.url)
    bot, charts = _bot(settings, metrics), Studio(pictures)
    _attach(sources.values(), living, audit, {item.key: item.module for item in registry})
    # The jobs work with the bot that they are a part of.
    moderation, decisions = Moderation(backend), Decisions(redis)
    jobs = _jobs(settings, redis, metrics, Chain(redis, vault.hmac_secret(AUDIT)), lambda: app)
    records = Records(
        sources, capabilities.offers, lookups, moderation.entities,
        gate=gate, audit=audit, absolute=backend.absolute, names=names, once=once, decisions=decisions,
    )  # fmt: skip
    app = App(
        bot=bot, bot_username=username, texts=texts, default_language=settings.locale.language, default_zone=zone,
        registry=registry, records=records,
        gate=gate, journal=journal, sessions=sessions, login=Login(auth, sessions, limits), drafts=Drafts(redis),
        lists=ListState(redis, vault.hmac_secret("lists")),
        operation_keys=OperationKeys(vault.hmac_secret("operations")),
        preferences=Preferences(redis), audit=audit, capabilities=capabilities, pictures=pictures,
        deliver=Deliver(bot, pictures), metrics=metrics, names=names, jobs=jobs, exports=Orders(redis),
        views=SavedViews(redis), decisions=decisions, inbox=Inbox(redis, records, moderation),
        alerts=Alerts(redis), alerts_lease=Lease(redis, AlertsKey.name),
        reports=Reports(Statistics(backend)), charts=charts,
        living=living, linking=linking,
        once=once, broadcasts=BroadcastNotes(redis), mailings=Mailings(redis),
        coffee=Previews(redis), coffee_runs=CoffeeRuns(redis),
        tellings=Tellings(redis),
        feedback=Feedback(CoffeeFeedback(backend), capabilities.offers, set_up=secret is not None),
        idle_ttl=settings.redis.session_ttl,
        replicated=settings.telegram.is_webhook,
    )  # fmt: skip
    await journal.start()
    try:
        yield app
    finally:
        await jobs.close()
        await charts.close()
        await journal.stop()
        await names.stop()
        await bot.session.close()
        await backend.aclose()


def _attach(sources: Iterable[Any], living: Living, audit: Audit, modules: Mapping[str, str]) -> None:
    """Gives the sources that serve what the bot keeps itself their stores."""
    for source in sources:
        if isinstance(source, SignedInAccounts):
            source.attach(living)
        if isinstance(source, Trail):
            source.attach(audit, modules)


def _lookups(registry: Registry) -> set[type[Any]]:
    """The sources that relations and filters pick from."""
    fields = (field for item in registry for field in item.by_name.values())
    picked = {kind for field in fields if isinstance(field, Relation) for kind in field.lookups}
    return picked | {one.lookup for item in registry for one in item.list.filters if one.lookup is not None}


def _show_breakers(backend: Backend, metrics: Metrics) -> None:
    for group, state in backend.breakers.items():
        metrics.breaker(group, state.value.replace("_", "-"))


def _bot(settings: Settings, metrics: Metrics) -> Bot:
    server = TelegramAPIServer.from_base(settings.telegram.api_url)
    session = CallSession(api=server, timeout=BOT_API_SECONDS)
    session.middleware(ObservedCalls(metrics))
    defaults = DefaultBotProperties(parse_mode="HTML", link_preview_is_disabled=True)
    return Bot(settings.telegram.token.get_secret_value(), session=session, default=defaults)


async def _username(api: BotApi, drain: Drain) -> str:
    """The bot's name; asked until Telegram answers. Raises ``TokenRefused``."""
    pause = 0.5
    while not drain.requested:
        try:
            return str((await api.call("getMe", {})).get("username", ""))
        except CallFailed as error:
            structlog.get_logger(__name__).warning("telegram_unreachable", reason=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(drain.wait(), pause)
            pause = min(10.0, pause * 2)
    return ""


async def _ask_telegram(api: BotApi, metrics: Metrics) -> None:
    """Shows what Telegram holds for the bot; without an answer the figures stay."""
    try:
        info = await api.call("getWebhookInfo", {})
    except (CallFailed, TokenRefused):
        return
    metrics.telegram(int(info.get("pending_update_count", 0)), float(info.get("last_error_date", 0)))


async def _ingress(stack: AsyncExitStack, settings: Settings, api: BotApi, handle: Boundary) -> Ingress:
    if not settings.telegram.is_webhook:
        return Polling(api, handle, allowed_updates=UPDATES)
    secret = settings.telegram.webhook_secret
    webhook = Webhook(
        api, handle, url=settings.telegram.webhook_url or "", path=settings.telegram.webhook_path,
        secret=secret.get_secret_value() if secret else "", allowed_updates=UPDATES,
    )  # fmt: skip
    outside = web.Application()
    webhook.add_to(outside)
    await _serving(stack, Server(outside, settings.http.host, settings.http.port), "webhook")
    return webhook


async def _serving(stack: AsyncExitStack, server: Server, name: str) -> None:
    await server.start()
    structlog.get_logger(__name__).info("listening", server=name, port=server.port)
    stack.push_async_callback(server.close)


async def _greet(app: App) -> None:
    """Command menus and capabilities; neither is a reason not to serve."""
    await asyncio.gather(register(app), app.capabilities.refresh(), return_exceptions=True)


async def _every(seconds: float, task: Callable[[], Awaitable[object]]) -> None:
    """Runs ``task`` again and again; one that fails, however it fails, is logged and the next one comes.

    A tenth earlier or later, so that many processes do not ask at the same moment.
    """
    log = structlog.get_logger(__name__)
    while True:
        await asyncio.sleep(seconds * random.uniform(0.9, 1.1))  # noqa: S311 - nothing secret about it
        with requested("upkeep"):
            (error,) = await asyncio.gather(task(), return_exceptions=True)
            if isinstance(error, RedisError | OSError):
                log.warning("upkeep_failed", reason=type(error).__name__)
            elif isinstance(error, Exception):
                log.error("upkeep_crashed", reason=type(error).__name__, exc_info=error)
        pass_on()


@asynccontextmanager
async def _running(*upkeep: Awaitable[None]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(one) for one in upkeep]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
