"""The calls of the statistics, on recorded answers: contract 2.3, 2.7, 2.9, 2.10, 2.12."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api import SessionEnded
from api import statistics as module
from api.answer import Answer
from api.statistics import TRAILS, Statistics
from models.access import Principal
from tests.support.bots import ROOT
from tests.unit.api.conftest import Admin

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)
DEAD = httpx.Response(500, text="Internal Server Error")


def recorded(group: str, name: str) -> Any:
    path = ROOT / f"tests/data/contract/recordings/{group}.json"
    return next(
        one["response"]["json"]
        for one in json.loads(path.read_text(encoding="utf-8"))
        if one["name"] == name and one["response"]["status"] == 200
    )


class Other(Admin):
    """Another admin of the same role."""

    @property
    def principal(self) -> Principal:
        return Principal(701, 2, self.role, "Ерлан")


@pytest.fixture
def source(wire, clock) -> Statistics:
    return Statistics(wire.backend, clock=clock)


def asked(wire) -> list[tuple[str, dict[str, str]]]:
    return [(one.url.path, dict(one.url.params)) for one in wire.asked]


def serves(wire, bodies: Mapping[str, Any]) -> None:
    """A backend that answers by the end of the path."""

    def answer(request: httpx.Request) -> httpx.Response:
        for end, body in bodies.items():
            if request.url.path.endswith(end):
                return body if isinstance(body, httpx.Response) else httpx.Response(200, json=body)
        return httpx.Response(404, json={"detail": "Not Found"})

    wire.answers = answer


def rows_of(wire, amount: int, *, every: timedelta = timedelta(hours=1), key: str | None = None) -> None:
    """A list of so many records, newest first, one an hour."""
    rows = [
        {"id": amount - number, "created_at": (NOW - number * every).isoformat(), "status": "draft"}
        for number in range(amount)
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        skip, limit = int(request.url.params["skip"]), int(request.url.params["limit"])
        page = rows[skip : skip + limit]
        return httpx.Response(200, json={key: page, "total": len(page)} if key else page)

    wire.answers = answer


# --- rows that tell when they came -----------------------------------------------------------------------------


async def test_a_short_list_is_read_at_once_and_has_no_others(wire, admin, source):
    rows_of(wire, 30)
    trace = await source.trace(admin, "news", WEEK)
    assert len(trace.rows) == 30
    assert trace.covers(datetime.min.replace(tzinfo=UTC))
    assert asked(wire) == [(TRAILS["news"].path, {"skip": "0", "limit": "100"})]


async def test_a_list_is_read_as_deep_as_the_period_reaches(wire, admin, source):
    rows_of(wire, 5000)
    trace = await source.trace(admin, "news", WEEK)
    # 168 hours are two pages; after the first one three are asked for together.
    assert len(wire.asked) == 4
    assert trace.covers(WEEK)
    assert not trace.covers(NOW - timedelta(hours=500))


async def test_more_than_1000_rows_are_not_read_and_it_is_known(wire, admin, source):
    rows_of(wire, 5000)
    trace = await source.trace(admin, "news", NOW - timedelta(days=365))
    assert len(trace.rows) == module.ROWS == 1000
    assert not trace.covers(NOW - timedelta(days=60))
    assert trace.covers(NOW - timedelta(days=30))


async def test_q9_an_unordered_list_is_read_whole_or_not_trusted(wire, admin, source):
    rows_of(wire, 250)
    trace = await source.trace(admin, "courses", WEEK)
    assert len(trace.rows) == 250
    assert trace.covers(WEEK)
    rows_of(wire, 1500)
    trace = await source.trace(admin, "courses", WEEK, anew=True)
    assert len(trace.rows) == 1000
    assert not trace.covers(NOW)


async def test_q8_a_total_that_is_the_length_of_the_page_is_not_believed(wire, admin, source):
    rows_of(wire, 700, key="volunteers")
    trace = await source.trace(admin, "volunteers", NOW - timedelta(days=365))
    assert len(trace.rows) == 700


async def test_a_row_that_moved_to_the_next_page_is_counted_once(wire, admin, source):
    rows_of(wire, 250)
    plain = wire.answers

    def shifted(request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        skip = max(0, int(params["skip"]) - 1)
        return plain(httpx.Request("GET", request.url.copy_merge_params({"skip": str(skip)})))

    wire.answers = shifted
    trace = await source.trace(admin, "news", NOW - timedelta(days=365))
    assert len({row.id for row in trace.rows}) == len(trace.rows) == 250


async def test_another_period_is_counted_from_the_same_rows(wire, admin, source, clock):
    rows_of(wire, 50)
    for since in (WEEK, NOW, NOW - timedelta(days=700)):
        await source.trace(admin, "news", since)
    assert len(wire.asked) == 1
    await source.trace(admin, "news", WEEK, anew=True)
    assert len(wire.asked) == 2
    clock.now += module.FRESH + 1
    await source.trace(admin, "news", WEEK)
    assert len(wire.asked) == 3


async def test_a_longer_period_is_read_deeper(wire, admin, source):
    rows_of(wire, 5000)
    short = await source.trace(admin, "news", NOW - timedelta(hours=10))
    deep = await source.trace(admin, "news", WEEK)
    assert len(short.rows) == 100
    assert deep.covers(WEEK)


async def test_rows_are_kept_for_each_admin_alone(wire, admin, source):
    rows_of(wire, 50)
    await source.trace(admin, "news", WEEK)
    await source.trace(Other(), "news", WEEK)
    assert len(wire.asked) == 2


async def test_what_is_kept_is_bounded(wire, admin, source, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    rows_of(wire, 1)
    for kind in ("news", "events", "courses", "places", "projects"):
        await source.trace(admin, kind, WEEK)
    assert len(source._kept) == 3


@pytest.mark.parametrize("kind", TRAILS)
def test_every_list_is_declared(kind: str):
    assert f"GET {TRAILS[kind].path}" in Statistics.operations["trace"]


# --- sums ------------------------------------------------------------------------------------------------------


async def test_news_are_added_to_the_counters_that_leave_them_out(wire, admin, source):
    serves(
        wire, {"moderation/stats": recorded("moderation", "stats"), "news/stats": recorded("news", "stats")}
    )
    found = await source.moderation(admin)
    assert found.entities["news"].pending == 3
    assert found.entities["tickets"].pending == 2
    assert found.pending == 9 + 3


async def test_dashboard_of_a_range_sends_both_dates_naive(wire, admin, source):
    board = recorded("analytics", "dashboard (any admin role)")
    serves(wire, {"/dashboard": board})
    found = await source.dashboard(admin, WEEK, NOW)
    assert asked(wire)[0][1] == {"start_date": "2026-11-14T12:00:00", "end_date": "2026-11-21T12:00:00"}
    assert found.user_stats.total_users == 6
    assert len(found.user_growth) == 30
    assert {one.role for one in found.role_distribution} == {"organization", "individual", "admin"}


async def test_role_admin_sums_all_and_nobody_has_a_name(wire, admin, source):
    board = recorded("analytics", "dashboard (any admin role)")
    active = [{"user_id": None, "admin_id": 4, "user_type": "admin", "name": "-", "action_count": 7}]
    serves(wire, {"/dashboard": board | {"top_active_users": active}})
    found = await source.dashboard(admin, WEEK, NOW)
    assert next(one.count for one in found.role_distribution if one.role == "admin") == 12
    assert found.top_active_users[0].admin_id == 4
    assert not hasattr(found.top_active_users[0], "name")


async def test_q10_the_leaderboard_is_asked_for_no_period(wire, admin, source):
    serves(wire, {"/leaderboard": recorded("volunteers", "leaderboard (period is ignored)")})
    found = await source.leaders(admin, 2)
    assert [one.total_earned for one in found] == [349, 260]
    assert asked(wire)[0][1] == {"limit": "2"}


async def test_the_overview_of_the_volunteers(wire, admin, source):
    serves(wire, {"/stats/overview": recorded("volunteers", "stats overview")})
    found = await source.volunteers(admin)
    assert found.volunteers_by_status == {"VOLUNTEER": 1, "TEAM_LEADER": 2}


async def test_the_most_viewed_news_have_names_in_both_languages(wire, admin, source):
    serves(wire, {"/top-by-views": recorded("news", "top by views")})
    (found,) = await source.most_viewed(admin, 5)
    assert found.name.best("ru") == "Открылся новый коворкинг"
    assert found.name.best("kk").startswith("Жаңа коворкинг")


PROJECT = {"id": 3, "title": "Үздік", "title_ru": "Лучший", "project_type": "voting", "status": "active"}


async def test_figures_are_asked_for_projects_the_admin_list_shows_alone(wire, admin, source):
    """Their route takes no token and shows everybody's (contract section 7)."""
    votes = recorded("projects", "stats (voting): total_votes counts vote rows, results sum the counters")
    serves(wire, {"admin/list": [PROJECT], "/3/stats": votes})
    ((project, figures),) = await source.running(admin, 4)
    assert project.name.best("ru") == "Лучший"
    assert figures is not None
    assert figures.total_votes == 1
    assert asked(wire)[0][1] == {"skip": "0", "limit": "4", "status": "active"}
    assert [path for path, _ in asked(wire)[1:]] == ["/api/v2/projects/3/stats"]
    assert all("authorization" in one.headers for one in wire.asked)


async def test_a_project_without_figures_stands_without(wire, admin, source, hurried):
    serves(
        wire, {"admin/list": [PROJECT, PROJECT | {"id": 4}], "/3/stats": DEAD, "/4/stats": {"total_votes": 7}}
    )
    found = await source.running(admin, 4)
    assert [figures and figures.total_votes for _, figures in found] == [None, 7]


async def test_a_session_that_ended_is_no_missing_figure(wire, admin, source):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/3/stats"):
            return httpx.Response(401, json={"detail": "Токен истек"})
        return httpx.Response(200, json=[PROJECT])

    wire.answers = answer
    with pytest.raises(SessionEnded):
        await source.running(admin, 4)


async def test_what_is_no_longer_fresh_is_let_go(wire, admin, source, clock):
    rows_of(wire, 1)
    await source.trace(admin, "news", WEEK)
    clock.now += module.FRESH
    await source.trace(admin, "events", WEEK)
    assert [kind for _, kind in source._kept] == ["events"]


async def test_the_crm_is_asked_a_few_things_at_a_time(admin, wire, monkeypatch):
    running, most = 0, 0

    async def call(*args: Any, **_options: Any) -> Any:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0.01)
        running -= 1
        return Answer(200, {"volunteers": [], "applications": []} if "volunteer" in args[1] else [])

    monkeypatch.setattr(wire.backend, "call", call)
    monkeypatch.setattr(module, "CALLS", 4)
    source = Statistics(wire.backend)
    await asyncio.gather(*(source.trace(admin, kind, WEEK) for kind in TRAILS))
    assert most == module.CALLS < len(TRAILS)
