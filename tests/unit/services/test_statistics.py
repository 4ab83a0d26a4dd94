"""Reports: for whom, and what is there when the CRM gives only a part of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.errors import BackendError, Broken, Forbidden, SessionEnded
from api.moderation import Stats
from api.statistics import Trace
from models.access import Principal, Role
from models.statistics import Arrival, Dashboard
from services import statistics as module
from services.policy import Denied
from services.spans import Period, Span
from services.statistics import Area, ModerationReport, RegistrationsReport, Reports, VolunteersReport

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
WEEK = Period.of(Span.WEEK, NOW, ZoneInfo("Asia/Almaty"))
READERS = (Role.GOVERNMENT, Role.ADMINISTRATOR, Role.SUPER_ADMIN)


def caller(role: Role | None = Role.GOVERNMENT) -> Any:
    return SimpleNamespace(principal=Principal(700, 1, role, "Әсел"))


def rows(*hours: int) -> Trace:
    return Trace(
        [
            Arrival(
                id=number, created_at=NOW - timedelta(hours=hour), moderation_status="pending", status="draft"
            )
            for number, hour in enumerate(hours)
        ]
    )


class Source:
    """Answers everything, but what a test makes fail; notes what it was asked."""

    def __init__(self, **fails: Any) -> None:
        self.fails, self.asked = fails, list[str]()

    async def _do(self, name: str, answer: Any) -> Any:
        self.asked.append(name)
        failure = self.fails.get(name, self.fails.get("everything"))
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            await asyncio.sleep(failure)
        return answer

    async def trace(self, _caller: Any, kind: str, since: datetime, *, anew: bool = False) -> Any:
        assert since == WEEK.since
        return await self._do(kind + ("!" if anew else ""), rows(1, 2, 200))

    async def moderation(self, _caller: Any) -> Any:
        return await self._do("moderation", Stats({}, 0))

    async def news(self, _caller: Any) -> Any:
        return await self._do("counts", None)

    async def most_viewed(self, _caller: Any, _amount: int) -> Any:
        return await self._do("viewed", [])

    async def volunteers(self, _caller: Any) -> Any:
        return await self._do("figures", None)

    async def leaders(self, _caller: Any, _amount: int) -> Any:
        return await self._do("leaders", [])

    async def running(self, _caller: Any, _amount: int) -> Any:
        return await self._do("running", [])

    async def dashboard(self, _caller: Any, begins: datetime, ends: datetime) -> Any:
        name = "board" if begins == WEEK.begins and ends == NOW else "board before"
        board = {"user_stats": {"total_users": 6}}
        return await self._do(name, Dashboard.model_validate(board))


def reports(source: Source) -> Reports:
    return Reports(source)


@pytest.mark.parametrize("area", Area)
@pytest.mark.parametrize("role", [*Role, None])
async def test_only_those_who_read_statistics_have_anything_asked(area: Area, role: Role | None):
    source = Source()
    if role in READERS:
        assert await reports(source).report(area, caller(role), WEEK)
        assert source.asked
        return
    with pytest.raises(Denied):
        await reports(source).report(area, caller(role), WEEK)
    assert source.asked == []


async def test_what_came_is_counted_by_what_became_of_it():
    report = await reports(Source()).report(Area.MODERATION, caller(), WEEK)
    assert isinstance(report, ModerationReport)
    assert report.came.keys() == set(module.KINDS)
    news = report.came["news"]
    assert news is not None
    assert (news.now, news.before, news.states) == (2, 1, {"pending": 2})
    volunteers = await reports(Source()).report(Area.VOLUNTEERS, caller(), WEEK)
    assert isinstance(volunteers, VolunteersReport)
    assert volunteers.applications is not None
    assert volunteers.applications.states == {"draft": 2}


async def test_this_period_and_the_one_before_are_two_dashboards():
    source = Source()
    report = await reports(source).report(Area.REGISTRATIONS, caller(), WEEK)
    assert isinstance(report, RegistrationsReport)
    assert sorted(source.asked) == ["board", "board before"]


async def test_a_part_that_fails_is_missing_and_the_others_are_there():
    report = await reports(Source(courses=Broken("500"))).report(Area.MODERATION, caller(), WEEK)
    assert isinstance(report, ModerationReport)
    assert report.came["courses"] is None
    assert report.came["events"] is not None
    assert report.stats is not None


async def test_a_part_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "READ_WITHIN", 0.1)
    report = await reports(Source(courses=60.0)).report(Area.MODERATION, caller(), WEEK)
    assert isinstance(report, ModerationReport)
    assert report.came["courses"] is None
    assert report.came["events"] is not None


@pytest.mark.parametrize("error", [Broken("500"), SessionEnded(), Forbidden()])
async def test_when_nothing_can_be_had_its_error_is_told(error: BackendError):
    with pytest.raises(type(error)):
        await reports(Source(everything=error)).report(Area.PROJECTS, caller(), WEEK)


async def test_late_figures_are_better_than_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "READ_WITHIN", 0.05)
    assert await reports(Source(everything=0.3)).report(Area.NEWS, caller(), WEEK)


async def test_when_all_hangs_it_is_too_slow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "READ_WITHIN", 0.05)
    monkeypatch.setattr(module, "READ_MORE", 0.05)
    with pytest.raises(TimeoutError):
        await reports(Source(everything=60.0)).report(Area.NEWS, caller(), WEEK)


@pytest.mark.parametrize("error", [SessionEnded(), Forbidden()])
async def test_what_concerns_the_person_is_no_missing_part(error: BackendError):
    with pytest.raises(type(error)):
        await reports(Source(courses=error)).report(Area.MODERATION, caller(), WEEK)


async def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(KeyError):
        await reports(Source(courses=KeyError("x"))).report(Area.MODERATION, caller(), WEEK)


async def test_nothing_runs_on_after_the_report(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "READ_WITHIN", 0.05)
    await reports(Source(courses=60.0)).report(Area.MODERATION, caller(), WEEK)
    assert len(asyncio.all_tasks()) == 1
    task = asyncio.create_task(reports(Source(everything=60.0)).report(Area.NEWS, caller(), WEEK))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == 1


async def test_refresh_asks_for_the_lists_anew():
    source = Source()
    await reports(source).report(Area.NEWS, caller(), WEEK, anew=True)
    assert "news!" in source.asked
