"""What Sentry and OpenTelemetry are told: enough to find the place, nothing about anybody."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from typing import Any

import pytest
import sentry_sdk
import structlog

from config import WrongSettings, load, loading
from services.telemetry import Sentry
from tests.support.bots import ROOT
from tests.support.stage import TOKEN, Stage, packed, until
from tests.telemetry.collectors import Collector, collecting
from utils.logs import configure

TYPED = "Айгерім Серікқызы, +7 701 555 44 33, aigerim@example.kz"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s1gnature"


def dsn(collector: Collector) -> str:
    return f"http://publickey@127.0.0.1:{collector.port}/1"


def personal(stage: Stage, code: str, person: Any, data: str) -> list[bytes]:
    """What must never arrive anywhere."""
    blobs = [TOKEN, code, JWT, TYPED, TYPED.split(",")[0], data, str(person.id), "Ann", "administrator"]
    with stage.redis.client() as client:
        blobs += client.keys("tg_session:*")
    return [blob.encode() for blob in blobs]


async def test_a_crash_reaches_sentry_with_its_place_and_its_id_alone(
    polled: Stage, monkeypatch: pytest.MonkeyPatch
):
    async with (
        collecting() as sentry,
        polled.bot_here(SENTRY_DSN=dsn(sentry)) as log,
    ):
        ann = polled.telegram.person("Ann", language_code="en")
        code = polled.crm.otp("administrator")
        await ann.send(f"/login {code}")
        await ann.settle(10)

        async def crash(*_given: Any, **_named: Any) -> None:
            said = f"{TYPED} {code} {TOKEN} {JWT} {ann.id}"
            try:
                raise KeyError(said)
            except KeyError as error:
                raise RuntimeError(said) from error

        data = packed("cd", polled.pending_events()[0])
        monkeypatch.setattr("services.records.Records.get", crash)
        await ann.press(data, ann.last.id, timeout=10, settle=True)
        shown = ann.last.text
        await ann.send(TYPED)
        await ann.settle(10)
        await until(lambda: sentry.events)
    event = sentry.events[0]
    assert event["message"] == "op_crashed"
    assert [one["type"] for one in event["exception"]["values"]] == ["KeyError", "RuntimeError"]
    last = event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert last["function"] == "crash"
    assert last["filename"].endswith("tests/telemetry/test_telemetry.py")
    assert f'"request_id":"{event["tags"]["request_id"]}"' in log.getvalue()
    assert event["tags"]["error_id"] in shown
    for secret in personal(polled, code, ann, data):
        assert secret not in sentry.everything, secret


async def test_what_sentry_itself_collects_is_dropped():
    async with collecting() as collector:
        sentry = Sentry(dsn(collector))
        sentry_sdk.set_user({"id": "4711", "username": TYPED})
        sentry_sdk.set_context("typed", {"text": TYPED})
        sentry_sdk.add_breadcrumb(message=TYPED)
        sentry_sdk.capture_message("quoting nobody", tags={"typed": TYPED, "job": TYPED, "kind": "press"})
        await asyncio.to_thread(sentry.close)
        await until(lambda: collector.events)
    (event,) = collector.events
    assert event["tags"] == {"kind": "press"}
    assert not event.keys() & {"user", "contexts", "breadcrumbs", "extra", "request", "modules"}
    assert TYPED.split(",")[0].encode() not in collector.everything


@pytest.fixture
def restored_logs():
    handlers, level, hook = logging.root.handlers, logging.root.level, sys.excepthook
    yield
    structlog.reset_defaults()
    logging.root.handlers, sys.excepthook = handlers, hook
    logging.root.setLevel(level)


async def test_a_librarys_line_is_told_by_its_loggers_name(restored_logs: None):
    async with collecting() as collector:
        sentry = Sentry(dsn(collector))
        configure("INFO", "json", (), report=sentry)
        logging.getLogger("asyncio").error("Task of %s failed", TYPED)
        logging.getLogger("sentry_sdk.errors").error("could not send")
        logging.getLogger("asyncio").warning("no error")
        await asyncio.to_thread(sentry.close)
        await until(lambda: collector.events)
    assert [event["message"] for event in collector.events] == ["log of asyncio"]


async def test_the_same_error_with_every_click_is_told_now_and_then():
    moments = iter([0.0, 1.0, 2.0, 11.0])
    async with collecting() as collector:
        sentry = Sentry(dsn(collector), clock=lambda: next(moments))
        for event in ("redis_unavailable", "redis_unavailable", "op_crashed", "redis_unavailable"):
            sentry("error", {"event": event})
        await asyncio.to_thread(sentry.close)
        await until(lambda: len(collector.events) >= 3)
    assert [one["message"] for one in collector.events] == [
        "redis_unavailable",
        "op_crashed",
        "redis_unavailable",
    ]


async def test_spans_show_update_handler_and_call_under_the_backends_id(polled: Stage):
    async with collecting() as collector:
        async with polled.bot_here(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}"):
            ann = polled.telegram.person("Ann", language_code="en")
            code = polled.crm.otp("administrator")
            await ann.send(f"/login {code}")
            await ann.settle(10)
            polled.crm.requests.clear()
            data = packed("cd", polled.pending_events()[0])
            await ann.press(data, ann.last.id, timeout=10, settle=True)
            (own,) = {one.headers["x-request-id"] for one in polled.crm.requests_to("/events", "GET")}
            await ann.send(TYPED)
            await ann.settle(10)
        await until(lambda: collector.spans)
    mine = [span for span in collector.spans if attributes(span)["request_id"] == own]
    by_name = {span.name: span for span in mine}
    update, handler, call = by_name["update"], by_name["handler"], by_name["GET events"]
    assert handler.parent_span_id == update.span_id
    assert call.parent_span_id == handler.span_id
    assert call.trace_id == update.trace_id
    assert attributes(handler) == {"op": "cd", "resource": "ev", "request_id": own}
    for secret in personal(polled, code, ann, data):
        assert secret not in collector.everything, secret


def attributes(span: Any) -> dict[str, str]:
    return {one.key: one.value.string_value for one in span.attributes}


async def test_a_server_that_is_away_costs_nothing(polled: Stage):
    gone = {
        "SENTRY_DSN": "http://publickey@127.0.0.1:9/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
    }
    async with polled.bot_here(**gone):
        ann = await polled.signed_in("administrator")
        await ann.press(packed("li"), ann.last.id, timeout=3, settle=True)
        assert ann.unanswered == []


def test_without_settings_nothing_of_it_is_loaded():
    kinds = "'sentry_sdk', 'opentelemetry.sdk.trace', 'opentelemetry.exporter'"
    asked = f"import sys, composition; print([one for one in sys.modules if one.startswith(({kinds}))])"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SENTRY_DSN", "https://key@sentry.example/1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
    ],
)
def test_a_setting_whose_packages_are_missing_is_told(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    assert load({"TELEGRAM_BOT_TOKEN": TOKEN, name: value}, None)
    monkeypatch.setattr(loading, "find_spec", lambda _name: None)
    with pytest.raises(WrongSettings, match=f"{name} is set, but .* is not installed"):
        load({"TELEGRAM_BOT_TOKEN": TOKEN, name: value}, None)


@pytest.mark.parametrize(
    "dsn", ["https://sentry.example/1", "ftp://k@h/1", "https://k@h", "https://k@h/x", "k"]
)
def test_a_wrong_dsn_is_refused(dsn: str):
    with pytest.raises(WrongSettings, match="SENTRY_DSN"):
        load({"TELEGRAM_BOT_TOKEN": TOKEN, "SENTRY_DSN": dsn}, None)
