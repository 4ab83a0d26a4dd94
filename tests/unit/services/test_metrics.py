import pytest

from services.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def lines(metrics: Metrics) -> list[str]:
    return metrics.render().decode().splitlines()


def test_updates_by_kind_and_outcome(metrics: Metrics):
    metrics.update("message", "done", 0.03)
    metrics.update("message", "done", 0.3)
    metrics.update("callback_query", "busy", 0.001)
    shown = lines(metrics)
    assert 'tabys_updates_total{kind="message",outcome="done"} 2.0' in shown
    assert 'tabys_updates_total{kind="callback_query",outcome="busy"} 1.0' in shown
    assert 'tabys_update_seconds_bucket{kind="message",le="0.05"} 1.0' in shown


def test_backend_calls(metrics: Metrics):
    metrics.backend_call("events", "GET", 200, 0.02)
    metrics.backend_call("events", "GET", "timeout", 5.0)
    shown = lines(metrics)
    assert 'tabys_backend_calls_total{group="events",method="GET",status="200"} 1.0' in shown
    assert 'tabys_backend_calls_total{group="events",method="GET",status="timeout"} 1.0' in shown
    assert 'tabys_backend_seconds_count{group="events",method="GET"} 2.0' in shown


def test_bot_api_calls_and_throttling(metrics: Metrics):
    metrics.bot_call("sendMessage", 200)
    metrics.bot_call("sendMessage", 429)
    shown = lines(metrics)
    assert 'tabys_bot_api_calls_total{method="sendMessage",status="429"} 1.0' in shown
    assert 'tabys_bot_api_throttled_total{method="sendMessage"} 1.0' in shown


@pytest.mark.parametrize(("state", "value"), [("closed", 0), ("half-open", 1), ("open", 2)])
def test_breakers(metrics: Metrics, state: str, value: int):
    metrics.breaker("events", state)
    assert f'tabys_breaker_state{{group="events"}} {value}.0' in lines(metrics)


def test_an_unknown_breaker_state_is_a_mistake(metrics: Metrics):
    with pytest.raises(KeyError):
        metrics.breaker("events", "ajar")


def test_gauges(metrics: Metrics):
    metrics.sessions(12)
    metrics.drafts(3)
    shown = lines(metrics)
    for line in ("tabys_sessions 12.0", "tabys_drafts 3.0"):
        assert line in shown


def test_two_processes_worth_of_metrics_do_not_meet(metrics: Metrics):
    metrics.bot_call("sendMessage", 200)
    assert "sendMessage" not in Metrics().render().decode()


def test_what_changes_by_itself_is_read_for_each_rendering(metrics: Metrics):
    states = iter(["closed", "open"])
    metrics.before_rendering(lambda: metrics.breaker("events", next(states)))
    assert 'tabys_breaker_state{group="events"} 0.0' in lines(metrics)
    assert 'tabys_breaker_state{group="events"} 2.0' in lines(metrics)


def test_jobs_by_name_and_outcome(metrics: Metrics):
    metrics.job("export", "done", 2.0)
    metrics.job("export", "failed", 0.2)
    shown = lines(metrics)
    assert 'tabys_jobs_total{name="export",outcome="done"} 1.0' in shown
    assert 'tabys_jobs_total{name="export",outcome="failed"} 1.0' in shown
    assert 'tabys_job_seconds_bucket{le="1.0",name="export"} 1.0' in shown


def test_what_waits(metrics: Metrics):
    metrics.backlog({"jobs": 3, "mailings": 0})
    metrics.backlog({"jobs": 2})
    metrics.telegram(17, 1_800_000_000.0)
    metrics.message_age(0.5)
    metrics.message_age(-3.0)
    shown = lines(metrics)
    for line in (
        'tabys_backlog{of="jobs"} 2.0',
        'tabys_backlog{of="mailings"} 0.0',
        "tabys_telegram_waiting 17.0",
        "tabys_webhook_failed_timestamp_seconds 1.8e+09",
        'tabys_message_age_seconds_bucket{le="1.0"} 2.0',
    ):
        assert line in shown
