"""The dashboard: who sees it, how areas and periods are walked, and what a person has when a part of it is missing."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from PIL import Image

from handlers import statistics as screens
from keyboards.callbacks import Go, Press
from sandbox.crm.groups.analytics.tables import LoginAttempt, SystemEvent, UserActivity
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.volunteers.tables import Volunteer, VolunteerApplication
from services import statistics as reports
from services.charts import studio
from services.charts.chart import WIDTH
from services.spans import Span
from services.statistics import Area
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.support.stage import until

READERS = ("government", "administrator", "super_admin")
SHUT_OUT = ("client", "volunteer_admin", "msb", "npo")
COUNTED = ("stats", "dashboard", "leaderboard", "top-by-views", "all-statuses", "/list")


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs many tests at a time is slower than any CRM: its figures are waited for."""
    if "hangs" not in request.node.name:
        monkeypatch.setattr(reports, "READ_WITHIN", 5.5)


def calls(stage: Stage) -> list[Any]:
    """What was asked of the CRM for figures, apart from the menu's own counters."""
    return [
        one
        for one in stage.crm.requests
        if any(part in one.path for part in COUNTED)
        and "moderation/stats" not in one.path
        and "news/stats" not in one.path
    ]


async def opened(stage: Stage, login: str = "administrator", language: str = "en") -> Hand:
    hand = await stage.hand(login, language)
    return await hand.tap("office.title", "statistics.title")


async def chosen(hand: Hand, key: str) -> None:
    """Returns when the button of that area or period is marked."""
    await until(lambda: hand.sees(f"● {hand.t(key)}"))


async def drawn(hand: Hand) -> Hand:
    """The screen with its picture, however busy this machine is."""
    for _ in range(20):
        if hand.has_photo:
            return hand
        await asyncio.sleep(0.5)
        await hand.tap("status.refresh")
    raise AssertionError(hand.text)


def picture(stage: Stage, hand: Hand) -> Image.Image:
    file = stage.telegram.state.files.by_id(hand.screen.raw["photo"][-1]["file_id"])
    assert file is not None
    image = Image.open(io.BytesIO(file.data))
    assert image.format == "PNG"
    return image


# --- who -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", SHUT_OUT)
async def test_others_see_no_way_in_and_find_none(stage: Stage, login: str):
    hand = await stage.hand(login)
    if hand.sees("office.title"):
        await hand.tap("office.title")
    assert not hand.sees("statistics.title")
    stage.crm.clear_requests()
    for area in Area:
        address = Go(Press.STATISTICS, arg=f"{area[:2]}w").pack()
        # Where the machine is busy the press is answered before it is judged, and the refusal is on the screen.
        assert await hand.forge(address) in (hand.t("error.forbidden_toast"), "")
        assert f"{hand.t('statistics.title')} · " not in hand.text
    assert calls(stage) == []
    assert not hand.has_photo


@pytest.mark.parametrize("login", READERS)
async def test_readers_walk_all_areas_in_four_taps(stage: Stage, login: str):
    hand = await opened(stage, login)
    for area in Area:
        await hand.tap(f"statistics.area.{area}")
        await chosen(hand, f"statistics.area.{area}")
        assert f"{hand.t('statistics.title')} · {hand.t(f'statistics.area.{area}')}" in hand.text
        assert hand.t("statistics.partly") not in hand.text
        assert "unknown" not in hand.text
    await hand.tap("nav.back")
    assert hand.sees("statistics.title")
    assert stage.writes() == []


async def test_who_lost_the_role_is_refused(stage: Stage):
    hand = await opened(stage)
    stage.crm.set_role("administrator", "npo")
    # A check of the role may be a minute old for reads; a new login has it at once.
    again = await stage.hand("administrator", name="Again")
    await again.forge(Go(Press.STATISTICS, arg="mow").pack())
    assert f"{again.t('statistics.title')} · " not in again.text
    assert hand.text


async def test_a_guest_is_asked_to_sign_in(stage: Stage):
    hand = await stage.hand(None)
    stage.crm.clear_requests()
    await hand.person.press(Go(Press.STATISTICS, arg="mow").pack(), hand.screen.id, settle=True)
    assert calls(stage) == []


# --- what ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_each_period_has_its_figures_and_keeps_its_area(stage: Stage, language: str):
    hand = await opened(stage, "government", language)
    await hand.tap("statistics.area.news")
    for span in Span:
        await hand.tap(f"statistics.span.{span}")
        await chosen(hand, f"statistics.span.{span}")
        assert hand.sees(f"● {hand.t('statistics.area.news')}")
        assert hand.t("statistics.came.news") in hand.text
    total = len(stage.crm.rows(News))
    assert f"{hand.t('statistics.all')}: {total}" in hand.text
    await hand.tap("statistics.area.projects")
    assert hand.sees(f"● {hand.t('statistics.span.year')}")


async def test_the_figures_of_a_year_are_those_of_the_crm(stage: Stage):
    hand = await opened(stage)
    await hand.tap("statistics.area.volunteers", "statistics.span.year")
    people, wishes = stage.crm.rows(Volunteer), stage.crm.rows(VolunteerApplication)
    assert f"{hand.t('statistics.came.volunteers')}: {len(people)} " in hand.text
    assert f"{hand.t('statistics.came.applications')}: {len(wishes)} " in hand.text


async def test_another_period_asks_the_crm_for_no_list_again_but_refresh_does(stage: Stage):
    hand = await opened(stage)
    await hand.tap("statistics.span.year")
    stage.crm.clear_requests()
    await hand.tap("statistics.span.week", "statistics.span.month")
    assert calls(stage) == []
    await hand.tap("status.refresh")
    assert calls(stage) != []


async def test_an_unreadable_address_opens_the_usual_screen(stage: Stage):
    hand = await opened(stage)
    for arg in ("", "xx", "zzq", "mo", "_-", "now-n"):
        await hand.person.press(Go(Press.STATISTICS, arg=arg).pack(), hand.screen.id, settle=True)
        assert hand.t("statistics.title") in hand.text


async def test_what_nobody_logs_is_no_figure(stage: Stage):
    with stage.crm.room.db.session() as session:
        for table in (LoginAttempt, SystemEvent, UserActivity):
            session.query(table).delete()
    hand = await opened(stage, "super_admin", "ru")
    await hand.tap("statistics.area.registrations")
    assert hand.t("statistics.nobody_logs") in hand.text
    assert f"{hand.t('statistics.logins')}:" not in hand.text


# --- the picture -----------------------------------------------------------------------------------------------


async def test_the_picture_stands_above_its_figures_and_goes_with_them(stage: Stage):
    hand = await opened(stage, language="kk")
    await drawn(hand)
    image = picture(stage, hand)
    assert image.size[0] == WIDTH
    assert hand.t("statistics.late") not in hand.text
    await hand.tap("nav.back")
    assert not hand.has_photo


async def test_a_picture_telegram_has_is_neither_drawn_nor_sent_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    hand = await opened(stage)
    await hand.tap("statistics.area.projects", "statistics.span.year")
    await drawn(hand)
    first = hand.screen.raw["photo"][-1]["file_id"]

    async def never(*_args: object, **_options: object) -> bytes:
        raise AssertionError("drawn a second time")

    monkeypatch.setattr(studio, "ask", never)
    await hand.tap("nav.back", "statistics.title")
    await hand.person.press(Go(Press.STATISTICS, arg="pry").pack(), hand.screen.id, settle=True)
    assert hand.screen.raw["photo"][-1]["file_id"] == first


async def test_without_the_drawing_process_all_figures_are_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(studio, "DRAWER", "services.charts.nobody")
    hand = await opened(stage, "government")
    assert not hand.has_photo
    assert hand.t("statistics.no_picture") in hand.text
    assert hand.t("statistics.came.records") in hand.text
    for area in Area:
        await hand.tap(f"statistics.area.{area}")
        assert hand.t(f"statistics.area.{area}") in hand.text
        assert not hand.has_photo


async def test_a_slow_drawing_process_keeps_nobody_waiting(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(screens, "ANSWER_WITHIN", 0.0)
    hand = await opened(stage)
    assert not hand.has_photo
    assert hand.t("statistics.late") in hand.text
    message = hand.screen.id
    await until(lambda: hand.has_photo, 40)
    assert hand.screen.id == message
    assert hand.t("statistics.late") not in hand.text
    monkeypatch.undo()
    await hand.tap("nav.back")
    assert hand.sees("statistics.title")


async def test_a_picture_that_comes_late_does_not_bring_its_screen_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(screens, "ANSWER_WITHIN", 0.0)
    hand = await opened(stage)
    assert hand.t("statistics.late") in hand.text
    await hand.tap("nav.home")
    home = hand.seen()
    await asyncio.sleep(6)
    await hand.person.settle()
    assert hand.seen() == home


# --- the CRM ---------------------------------------------------------------------------------------------------


async def test_a_list_the_crm_cannot_give_is_named_and_the_others_are_counted(stage: Stage):
    stage.crm.faults.add("status", "courses/admin/moderation/all-statuses", status=500)
    hand = await opened(stage)
    assert hand.t("statistics.missing", what=hand.t("courses.title")) in hand.text
    assert hand.t("statistics.came.records") in hand.text


async def test_a_list_that_hangs_is_not_waited_for(stage: Stage):
    stage.crm.faults.add("hang", "leisure/admin/promo/list")
    hand = await opened(stage)
    assert hand.t("statistics.missing", what=hand.t("promos.title")) in hand.text


async def test_without_the_crm_there_is_a_way_to_try_again(stage: Stage):
    hand = await opened(stage)
    stage.crm.faults.add("status", "dashboard", status=503)
    await hand.tap("statistics.area.registrations")
    assert hand.sees("error.retry")
    stage.crm.faults.clear()
    await hand.tap("error.retry")
    assert hand.t("statistics.users") in hand.text


async def test_q1_untitled_vacancies_break_no_figure(stage: Stage):
    """moderation/queue and recent are 500 then; neither is asked."""
    hand = await opened(stage)
    assert not [one for one in stage.crm.requests if one.path.endswith(("/queue", "/recent"))]
    assert hand.t("vacancies.title") in hand.text
