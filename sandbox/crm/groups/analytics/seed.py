"""Thirty days of demo logs: actions, logins, system events."""

import random
from datetime import timedelta
from typing import Any

from sandbox.crm.groups.analytics.tables import LoginAttempt, SystemEvent, UserActivity
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import SeedContext

ACTIONS, LOGINS, EVENTS = 300, 180, 60
RESOURCES = ("news", "event", "project", "vacancy", "place", None)
LOGINS_OF = ("administrator", "npo", "msb", "volunteer_admin", "super_admin", "government")
MESSAGES = (
    "Қосылу үзілді <timeout> & қайта қосылды",
    "SMTP: connection refused",
    "Лимит Telegram: повтор через 30 c",
    "Сервис қайта іске қосылды",
)


def seed_analytics(context: SeedContext) -> None:
    # An own source: other groups' data stay the same when this one changes.
    source = random.Random(11)
    store(context, UserActivity, [_action(context, source, number) for number in range(ACTIONS)])
    store(context, LoginAttempt, [_login(context, source, number) for number in range(LOGINS)])
    store(context, SystemEvent, [_event(context, source, number) for number in range(EVENTS)])


def _action(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    by_admin = number % 3 == 0
    return {
        "user_id": None if by_admin else source.randrange(1, 61),
        "admin_id": context.admin_ids[LOGINS_OF[number % len(LOGINS_OF)]] if by_admin else None,
        "user_type": "admin" if by_admin else "user",
        "action_type": ("view", "update", "create", "view", "delete", "login")[number % 6],
        "resource_type": RESOURCES[number % len(RESOURCES)],
        "resource_id": source.randrange(1, 120),
        "description": None if number % 2 else "Өңделді / изменено <поле>",
        "ip_address": None,
        "user_agent": None,
        "created_at": context.now - timedelta(minutes=source.randrange(30 * 24 * 60)),
    }


def _login(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    failed = number % 5 == 2
    login = LOGINS_OF[number % len(LOGINS_OF)]
    return {
        "user_id": None,
        "admin_id": context.admin_ids[login],
        "user_type": "admin",
        "phone_number": None,
        "login": login,
        "status": "failed" if failed else "success",
        "failure_reason": "Неверный логин или пароль" if failed else None,
        "ip_address": None,
        "user_agent": None,
        "created_at": context.now - timedelta(minutes=source.randrange(30 * 24 * 60)),
    }


def _event(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    return {
        "event_type": ("error", "warning", "info", "critical", "info")[number % 5],
        "source": ("bot", "backend", "scheduler")[number % 3],
        "message": MESSAGES[number % len(MESSAGES)],
        "details": None if number % 2 else "Traceback <most recent call last> & more\n" * 3,
        "user_id": None,
        "admin_id": None,
        "created_at": context.now - timedelta(minutes=source.randrange(30 * 24 * 60)),
    }
