"""``main.py check``: whether this installation can work, asked of every part and shown as a table."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from pydantic import SecretBytes, SecretStr
from redis.exceptions import ResponseError

from api.client import Backend
from api.errors import BackendError
from api.telegram_auth import TelegramAuth
from composition import AUDIT, LOCALES
from config import Rate, Settings
from handlers.modules import RESOURCES
from ingress import BotApi, CallFailed, TokenRefused
from locales.catalogue import load
from resources.registry import Registry, WrongDeclaration
from services import checks
from services.chain import Chain
from services.redis_client import open_redis
from services.vault import Vault
from utils.logs import Redaction, configure

AUDIT_SECONDS = 60.0
"""For a stream of a hundred thousand entries."""
WRONG_DECLARATION = 3
TOKEN_REFUSED = 4


async def check(settings: Settings) -> int:
    """Prints a table; 0 when this installation can work, 3 wrong declarations, 4 token refused, 1 anything else."""
    configure("CRITICAL", "console", settings.secrets())
    api = BotApi(settings.telegram.api_url, settings.telegram.token.get_secret_value())
    backend = Backend(settings.backend.url, timeout=checks.PROBE_SECONDS)
    redis = open_redis(settings.redis.url.get_secret_value())
    try:
        registry = Registry(RESOURCES, load(LOCALES))
        count, wrong = len(list(registry)), []
    except WrongDeclaration as error:
        registry, count, wrong = None, 0, error.problems
    needed = {"sign-in": _names(TelegramAuth.operations, "verify", "restore", "logout")}
    for item in registry or ():
        needed[item.key] = _names(item.source(backend, timezone=ZoneInfo(settings.locale.zone)).operations)
    refused = asyncio.Event()
    async with aiohttp.ClientSession(trust_env=False) as session:
        found = await asyncio.gather(
            checks.probe("redis", lambda: _check_redis(redis)),
            checks.probe("telegram", lambda: _check_telegram(api, settings.telegram.webhook_url, refused)),
            checks.probe("backend", lambda: _check_backend(backend)),
            checks.probe("operations", lambda: _check_operations(backend, needed)),
            *(
                checks.probe(
                    f"clock against {whose}", partial(_check_clock, session, whose, url), checks.Mark.WARN
                )
                for whose, url in {
                    "the backend": settings.backend.url,
                    "Telegram": settings.telegram.api_url,
                }.items()
            ),
        )
    if checks.works(found[0]):
        found.insert(
            1, await checks.probe("audit", lambda: _check_audit(redis, settings), seconds=AUDIT_SECONDS)
        )
    await asyncio.gather(redis.aclose(), backend.aclose(), api.close(), return_exceptions=True)
    lines = [
        *checks.settings(_settings_shown(settings)),
        *(line for group in found for line in group),
        *checks.declarations(count, wrong),
    ]
    sys.stdout.write(Redaction(settings.secrets()).text(checks.table(lines), codes=False))
    if wrong:
        return WRONG_DECLARATION
    return TOKEN_REFUSED if refused.is_set() else 0 if checks.works(lines) else 1


def _settings_shown(settings: Settings) -> dict[str, tuple[str | None, bool]]:
    shown: dict[str, tuple[str | None, bool]] = {}
    for concern in fields(settings):
        model = getattr(settings, concern.name)
        for name, field in type(model).model_fields.items():
            value = getattr(model, name)
            secret = isinstance(value, SecretStr | SecretBytes | tuple)
            written = f"{value.per_minute} a minute" if isinstance(value, Rate) else value
            text = None if secret else "" if written is None else str(written)
            shown[str(field.validation_alias)] = (text, name in model.model_fields_set)
    return shown


def _names(operations: Mapping[str, tuple[str, ...]], *uses: str) -> frozenset[str]:
    return frozenset(name for use in uses or operations for name in operations[use])


async def _check_redis(redis: Any) -> checks.Lines:
    await redis.ping()
    started = time.perf_counter()
    await redis.ping()
    seconds = time.perf_counter() - started
    try:
        info = await redis.info()
    except ResponseError:
        info = None
    return checks.redis(info, seconds)


async def _check_audit(redis: Any, settings: Settings) -> checks.Lines:
    keys = [key.get_secret_value().hex() for key in settings.redis.session_keys]
    vault = Vault.of(keys, settings.telegram.token.get_secret_value())
    return checks.audit(await Chain(redis, vault.hmac_secret(AUDIT)).verify())


async def _check_telegram(api: BotApi, wanted: str | None, refused: asyncio.Event) -> checks.Lines:
    started = time.perf_counter()
    try:
        me = await api.call("getMe", {})
    except TokenRefused:
        refused.set()
        return [checks.Line("telegram", checks.Mark.FAIL, "refuses TELEGRAM_BOT_TOKEN")]
    except CallFailed as error:
        return [checks.Line("telegram", checks.Mark.FAIL, error.reason)]
    line = checks.telegram(str(me.get("username", "")), time.perf_counter() - started)
    try:
        info = await api.call("getWebhookInfo", {})
    except CallFailed as error:
        return [line, checks.Line("updates", checks.Mark.WARN, error.reason)]
    return [line, *checks.webhook(info, wanted, time.time())]


async def _check_backend(backend: Backend) -> checks.Lines:
    started = time.perf_counter()
    banner = (await backend.call("GET", "/", group="banner")).json
    version = banner.get("version") if isinstance(banner, dict) else None
    return [checks.backend(version, time.perf_counter() - started)]


async def _check_operations(backend: Backend, needed: Mapping[str, frozenset[str]]) -> checks.Lines:
    try:
        offered = await backend.openapi()
    except BackendError:
        offered = None
    return [*checks.operations(needed, offered, needed["sign-in"]), *checks.unusable(offered)]


async def _check_clock(session: aiohttp.ClientSession, whose: str, url: str) -> checks.Lines:
    asked = time.time()
    # Any answer has a date; no token is needed for one.
    async with session.get(url + "/", allow_redirects=False) as response:
        return [checks.clock(whose, response.headers.get("Date"), asked, time.time())]
