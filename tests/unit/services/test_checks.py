"""The lines of the check's table: what is fine, what is a warning, what keeps the bot from working."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate

import pytest

from api.errors import Cause, Unavailable
from services import checks
from services.checks import Line, Lines, Mark

INFO = {"redis_version": "7.4.1", "aof_enabled": 1, "maxmemory_policy": "noeviction"}
NOW = 1_800_000_000.0


def marks(lines: Lines) -> dict[str, Mark]:
    return {line.subject: line.mark for line in lines}


def test_the_table_has_three_columns_and_a_verdict():
    lines = [Line("a", Mark.OK, "well"), Line("longer", Mark.WARN, "hm"), Line("b", Mark.FAIL, "no")]
    assert checks.table(lines) == (
        "ok       a       well\n"
        "warning  longer  hm\n"
        "FAIL     b       no\n"
        "\n"
        "cannot work: 1 failed, 1 warnings\n"
    )
    assert not checks.works(lines)


def test_warnings_do_not_keep_it_from_working():
    lines = [Line("a", Mark.OK, ""), Line("b", Mark.WARN, "hm")]
    assert checks.works(lines)
    assert checks.table(lines).endswith("can work: 0 failed, 1 warnings\n")
    assert "ok       a\n" in checks.table(lines)


def test_an_empty_table():
    assert checks.table([]) == "\ncan work: 0 failed, 0 warnings\n"


# --- one probe


async def test_a_probe_answers():
    async def ask() -> Lines:
        return [Line("x", Mark.OK, "fine")]

    assert await checks.probe("x", ask) == [Line("x", Mark.OK, "fine")]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ValueError("redis://:secret@host"), "ValueError"),
        (Unavailable(Cause.TIMEOUT, "no answer in 3.0 s", call="GET /"), "GET /: no answer in 3.0 s"),
    ],
)
async def test_a_failing_probe_is_one_line_without_what_the_error_says(error: Exception, found: str):
    async def ask() -> Lines:
        raise error

    assert await checks.probe("x", ask) == [Line("x", Mark.FAIL, found)]
    assert await checks.probe("x", ask, Mark.WARN) == [Line("x", Mark.WARN, found)]


async def test_a_hanging_probe_has_its_time_even_when_it_will_not_be_cancelled():
    go = asyncio.Event()

    async def ask() -> Lines:
        while not go.is_set():
            try:
                await go.wait()
            except asyncio.CancelledError:
                continue
        return []

    started = time.monotonic()
    assert await checks.probe("x", ask, seconds=0.05) == [Line("x", Mark.FAIL, "no answer in 0.05 s")]
    assert time.monotonic() - started < 1
    go.set()
    await asyncio.sleep(0.01)


# --- settings


def test_settings_say_what_is_set_and_hide_secrets():
    lines = checks.settings({
        "TOKEN": (None, True), "KEYS": (None, False), "URL": ("http://a", True), "PORT": ("80", False),
        "HOOK": ("", False),
    })  # fmt: skip
    assert [(line.subject, line.found) for line in lines] == [
        ("TOKEN", "set hidden"), ("KEYS", "default"), ("URL", "set http://a"), ("PORT", "default 80"),
        ("HOOK", "default"),
    ]  # fmt: skip


# --- Redis


def test_a_good_redis_is_one_line():
    assert checks.redis(INFO, 0.00042) == [Line("redis", Mark.OK, "version 7.4.1, 0.4 ms")]


@pytest.mark.parametrize(
    ("change", "subject", "mark"),
    [
        ({"aof_enabled": 0}, "redis persistence", Mark.WARN),
        ({"maxmemory_policy": "allkeys-lru"}, "redis memory", Mark.WARN),
        ({"redis_version": "6.0.16"}, "redis version", Mark.FAIL),
        ({"redis_version": "5.0.0"}, "redis version", Mark.FAIL),
    ],
)
def test_what_is_wrong_with_a_redis(change: dict, subject: str, mark: Mark):
    assert marks(checks.redis({**INFO, **change}, 0.001)) == {"redis": Mark.OK, subject: mark}


@pytest.mark.parametrize("version", ["6.2.0", "6.2.14", "7.0.15", "8.0", "8.2.1", "unknown", "255.255.255"])
def test_versions_that_will_do(version: str):
    assert "redis version" not in marks(checks.redis({**INFO, "redis_version": version}, 0.001))


def test_a_redis_that_says_nothing_about_itself():
    assert marks(checks.redis({}, 0.001)) == {
        "redis": Mark.OK, "redis persistence": Mark.WARN, "redis memory": Mark.WARN,
    }  # fmt: skip


def test_a_redis_that_refuses_to_say():
    [line] = checks.redis(None, 0.001)
    assert line == Line("redis", Mark.WARN, "1.0 ms; version and persistence unknown: INFO is refused")


# --- Telegram


def test_telegram():
    assert checks.telegram("tabys_bot", 0.05) == Line("telegram", Mark.OK, "@tabys_bot, 50.0 ms")


HOOK = "https://bot.example/hook"


@pytest.mark.parametrize(
    ("registered", "wanted", "mark"),
    [
        ("", None, Mark.OK),
        (HOOK, HOOK, Mark.OK),
        (HOOK, None, Mark.WARN),
        ("", HOOK, Mark.WARN),
        ("https://other.example/secret-path", HOOK, Mark.WARN),
    ],
)
def test_the_webhook_against_the_mode(registered: str, wanted: str | None, mark: Mark):
    [line] = checks.webhook({"url": registered, "pending_update_count": 3}, wanted, NOW)
    assert line.mark is mark
    assert "3 updates waiting" in line.found
    assert "secret-path" not in line.found


def test_a_recent_failure_of_the_webhook_is_told_an_old_one_is_not():
    info = {"url": HOOK, "last_error_date": int(NOW) - 60, "last_error_message": "Connection refused"}
    found = [line.found for line in checks.webhook(info, HOOK, NOW)]
    assert found[1] == "Telegram could not deliver 60 s ago: Connection refused"
    assert len(checks.webhook({**info, "last_error_date": int(NOW) - 4_000}, HOOK, NOW)) == 1
    assert len(checks.webhook({**info, "url": ""}, None, NOW)) == 1


# --- the backend


def test_backend():
    assert checks.backend("2.0.0", 0.01) == Line("backend", Mark.OK, "version 2.0.0, 10.0 ms")
    assert checks.backend(None, 0.01).found.startswith("version unknown")


NEEDED = {"sign-in": frozenset({"POST /verify"}), "events": frozenset({"GET /a", "POST /a"})}


def test_operations_that_are_all_there():
    lines = checks.operations(
        NEEDED, frozenset({"POST /verify", "GET /a", "POST /a", "GET /b"}), NEEDED["sign-in"]
    )
    assert [(line.subject, line.mark, line.found) for line in lines] == [
        ("operations sign-in", Mark.OK, "1, from /openapi.json"),
        ("operations events", Mark.OK, "2, from /openapi.json"),
    ]


def test_missing_operations_are_listed_and_only_the_essential_ones_are_fatal():
    lines = checks.operations(NEEDED, frozenset(), NEEDED["sign-in"])
    assert [(line.mark, line.found) for line in lines] == [
        (Mark.FAIL, "missing: POST /verify"),
        (Mark.WARN, "missing: GET /a"),
        (Mark.WARN, "missing: POST /a"),
    ]


def test_unread_operations_are_assumed():
    [line] = checks.operations(NEEDED, None, NEEDED["sign-in"])
    assert line.mark is Mark.WARN
    assert line.found.startswith("assumed")


def test_an_extension_that_is_not_there_is_nothing_wrong():
    needed = {"members": frozenset({"GET /api/v2/community/members", "GET /api/v2/community/members/stats"})}
    [line] = checks.operations(needed, frozenset({"GET /a"}), frozenset())
    assert (line.mark, line.found) == (Mark.OK, "none: this backend has no such extension")
    [line] = checks.operations(needed, frozenset({"GET /api/v2/community/members"}), frozenset())
    assert (line.mark, line.found) == (Mark.WARN, "missing: GET /api/v2/community/members/stats")


# --- the clock


@pytest.mark.parametrize(
    ("off", "mark", "found"),
    [
        (0, Mark.OK, "within 5 s"),
        (4, Mark.OK, "within 5 s"),
        (-4, Mark.OK, "within 5 s"),
        (7, Mark.WARN, "ahead"),
        (-90, Mark.WARN, "behind"),
    ],
)
def test_the_clock(off: int, mark: Mark, found: str):
    header = formatdate(NOW, usegmt=True)
    line = checks.clock("Telegram", header, NOW + off, NOW + off + 1)
    assert line.subject == "clock against Telegram"
    assert line.mark is mark
    assert found in line.found


@pytest.mark.parametrize("header", [None, "", "yesterday"])
def test_a_clock_that_nobody_tells(header: str | None):
    assert checks.clock("the backend", header, NOW, NOW).mark is Mark.WARN


def test_a_date_without_a_zone_is_utc():
    assert checks.clock("x", formatdate(NOW).replace("+0000", "-0000"), NOW, NOW + 1).mark is Mark.OK


# --- declarations


def test_declarations():
    assert checks.declarations(7, []) == [Line("declarations", Mark.OK, "7 resources")]
    assert [line.mark for line in checks.declarations(0, ["R001 a", "R002 b"])] == [Mark.FAIL, Mark.FAIL]
