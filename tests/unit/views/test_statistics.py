"""The dashboard in words and as a chart, in three languages: figures, changes, and what is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.moderation import Stats
from models.project import ProjectStats
from models.statistics import Dashboard, Titled
from models.volunteer import Leader, VolunteerFigures
from resources.queries import Counts
from services.spans import Period, Span, Tally, tally
from services.statistics import (
    KINDS,
    Area,
    ModerationReport,
    NewsReport,
    ProjectsReport,
    RegistrationsReport,
    Report,
    VolunteersReport,
)
from tests.matrix.strict import LOCALES, visible
from views.fitting import CAPTION_LIMIT, visible_units
from views.statistics import chart_of, text_of
from views.statistics.words import change

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
RU = LOCALES["ru"]
ZONE = RU.zone
WEEK = Period.of(Span.WEEK, NOW, ZONE)


def came(now: int, before: int, state: str = "approved", period: Period = WEEK) -> Tally:
    """So many that came an hour ago, and an hour after the period before began."""
    here = period.now - timedelta(minutes=5)
    then = period.since + timedelta(minutes=1)
    return tally([(here, state)] * now + [(then, state)] * before, period)


def board(**values: Any) -> Dashboard:
    growth = [
        {
            "date": (date(2026, 10, 22) + timedelta(days=number)).isoformat(),
            "count": number % 5,
            "cumulative": 9,
        }
        for number in range(30)
    ]
    return Dashboard.model_validate(
        {
            "user_stats": {"total_users": 60, "new_registrations_today": 8},
            "role_distribution": [{"role": "individual", "count": 56}, {"role": "admin", "count": 11}],
            "user_growth": growth,
        }
        | values
    )


LOGGED = {
    "login_activity": {"total_logins": 38, "successful_logins": 28, "failed_logins": 10, "unique_users": 6},
    "activity_stats": {"total_actions": 64},
    "top_active_users": [
        {"admin_id": 4, "user_type": "admin", "name": "-", "action_count": 11},
        {"admin_id": 6, "user_type": "admin", "name": "-", "action_count": 8},
        {"user_id": 17, "user_type": "user", "name": "-", "action_count": 3},
    ],
}
NAMES = {4: "Данияр <Омаров>"}
COUNTS = Counts(160, 32, 96, 32)
NASTY = "<b>$x$</b> & " + "ұзақ атау " * 40


def reports(period: Period = WEEK) -> dict[Area, Report]:
    viewed = [Titled(id=number, title_ru=f"{NASTY}{number}", view_count=900 - number) for number in range(5)]
    running = [
        (Titled(id=1, title=NASTY, title_ru=NASTY, project_type="voting"), ProjectStats(total_votes=21)),
        (Titled(id=2, title="Жоба", project_type="application"), ProjectStats(total_applications=4)),
        (Titled(id=3, title="Жоба", project_type="application"), None),
    ]
    return {
        Area.MODERATION: ModerationReport(
            period, {kind: came(12, 8, period=period) for kind in KINDS}, Stats(dict.fromkeys(KINDS, COUNTS), 256)
        ),
        Area.NEWS: NewsReport(period, came(21, 20, "scheduled", period), COUNTS, viewed),
        Area.VOLUNTEERS: VolunteersReport(
            period, came(8, 9, "", period), came(71, 72, "pending", period),
            VolunteerFigures(total_volunteers=150, volunteers_by_status={"VOLUNTEER": 90, "NEW_ONE": 3}),
            [Leader(position=1, volunteer_id=1, full_name=NASTY, total_earned=599)],
        ),
        Area.PROJECTS: ProjectsReport(period, came(13, 13, "draft", period), {"active": 56, "": 2}, True, running),
        Area.REGISTRATIONS: RegistrationsReport(period, board(**LOGGED), board(**LOGGED)),
    }  # fmt: skip


def text(report: Report, area: Area, language: str = "ru", note: str = "") -> str:
    return visible(text_of(area, report, LOCALES[language], NAMES.get, note))


@pytest.mark.parametrize("area", Area)
@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_text_fits_under_a_picture_and_is_whole(area: Area, span: Span, language: str):
    locale = LOCALES[language]
    report = reports(Period.of(span, NOW, ZONE))[area]
    shown = text_of(area, report, locale, NAMES.get, "statistics.late")
    assert visible_units(shown) < CAPTION_LIMIT
    plain = visible(shown)
    assert locale.t("statistics.title") in plain
    assert plain.endswith(visible(locale.html("statistics.late")))
    assert "statistics." not in plain
    assert "choice." not in plain
    assert "{" not in plain
    chart = chart_of(area, report, locale)
    assert chart is not None
    assert locale.t(f"statistics.area.{area}") in chart.title


@pytest.mark.parametrize("area", Area)
def test_charts_of_two_languages_are_two_pictures(area: Area):
    charts = [chart_of(area, reports()[area], LOCALES[language]) for language in ("kk", "ru", "en")]
    assert len({chart.address for chart in charts if chart is not None}) == 3


@pytest.mark.parametrize(
    ("now", "before", "written"),
    [
        (34, 22, "▲ 12 (+55%)"), (8, 10, "▼ 2 (−20%)"), (5, 5, "= столько же"), (0, 0, ""), (3, 0, "▲ 3"),
        (0, 3, "▼ 3"), (4, 2, "▲ 2"), (7, None, ""), (0, 8, "▼ 8 (−100%)"), (12_000, 5, "▲ 11\xa0995 (+239\xa0900%)"),
    ],
)  # fmt: skip
def test_a_change_says_how_much_and_a_share_only_of_enough(now: int, before: int | None, written: str):
    assert change(now, before, RU) == written


def test_moderation_says_what_came_what_became_of_it_and_what_waits():
    shown = text(reports()[Area.MODERATION], Area.MODERATION)
    assert "Добавлено записей: 96 ▲ 32 (+50%)" in shown
    assert "Одобрено 96" in shown
    assert "• Вакансии: 12 ▲ 4 (+50%)" in shown
    assert "Ждут решения сейчас: 256" in shown
    assert "15 нояб – 21 нояб" in shown
    assert "8 нояб – 14 нояб" in shown


def test_a_kind_that_could_not_be_read_is_named():
    report = reports()[Area.MODERATION]
    assert isinstance(report, ModerationReport)
    less = ModerationReport(report.period, {**report.came, "courses": None}, None)
    shown = text(less, Area.MODERATION)
    assert "CRM не ответила: Курсы." in shown
    assert "Добавлено записей: 84" in shown
    assert "Ждут решения" not in shown
    chart = chart_of(Area.MODERATION, less, RU)
    assert chart is not None
    assert chart.shares is None


def test_what_was_not_read_deep_enough_is_compared_with_nothing():
    shallow = tally([(NOW, "draft")] * 3, WEEK, covers=False)
    shown = text(ProjectsReport(WEEK, shallow, {"draft": 3}, False, []), Area.PROJECTS)
    assert "Новые проекты: 3\n" in shown
    assert "▲" not in shown
    assert "не больше 1\xa0000 записей" in shown
    assert "Среди последних: 3" in shown
    unknown = tally([(NOW, "draft")] * 3, WEEK, covers=False, known=False)
    assert "Новые проекты: неизвестно" in text(ProjectsReport(WEEK, unknown, {}, False, None), Area.PROJECTS)


def test_figures_that_are_missing_are_said_to_be():
    shown = text(NewsReport(WEEK, None, None, None), Area.NEWS)
    assert "Добавлено новостей: неизвестно" in shown
    assert "Часть цифр" in shown
    assert chart_of(Area.NEWS, NewsReport(WEEK, None, None, None), RU) is None
    assert "Часть цифр" in text(RegistrationsReport(WEEK, None, None), Area.REGISTRATIONS)
    assert chart_of(Area.REGISTRATIONS, RegistrationsReport(WEEK, None, None), RU) is None


def test_nothing_came_and_nothing_is_drawn():
    report = NewsReport(WEEK, came(0, 0), Counts(0, 0, 0, 0), [])
    assert "Добавлено новостей: 0" in text(report, Area.NEWS)
    assert chart_of(Area.NEWS, report, RU) is None


# --- the CRM's own dashboard -----------------------------------------------------------------------------------


def test_growth_is_of_whole_days_and_compared_where_there_are_enough():
    """user_growth is always thirty days without today, whatever period is asked for."""
    week = text(RegistrationsReport(WEEK, board(), board()), Area.REGISTRATIONS)
    assert "Новые пользователи (14 нояб – 20 нояб): 17 ▲ 4 (+31%)" in week
    assert "Сегодня (с полуночи по UTC): 8" in week
    year = Period.of(Span.YEAR, NOW, ZONE)
    long = text(RegistrationsReport(year, board(), board()), Area.REGISTRATIONS)
    assert "Новые пользователи (22 окт – 20 нояб): 60\n" in long
    day = Period.of(Span.DAY, NOW, ZONE)
    assert "Новые пользователи (20 нояб): 4 ▲ 1" in text(
        RegistrationsReport(day, board(), board()), Area.REGISTRATIONS
    )
    chart = chart_of(Area.REGISTRATIONS, RegistrationsReport(year, board(), None), RU)
    assert chart is not None
    assert chart.columns is not None
    assert len(chart.columns.labels) == 30
    assert chart.columns.before is None


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_zeros_that_mean_nobody_logs_are_not_shown_as_facts(language: str):
    shown = text(RegistrationsReport(WEEK, board(), board()), Area.REGISTRATIONS, language)
    locale = LOCALES[language]
    assert visible(locale.html("statistics.nobody_logs")) in shown
    for key in ("logins", "actions", "active", "errors"):
        assert f"{locale.t(f'statistics.{key}')}:" not in shown


def test_logged_figures_are_shown_and_admins_named_by_the_bot():
    """top_active_users[].name is always "-" """
    shown = text(RegistrationsReport(WEEK, board(**LOGGED), board(**LOGGED)), Area.REGISTRATIONS)
    assert "Входы: 38 = столько же" in shown
    assert "Неудачных 10 · Людей 6" in shown
    assert "1. Данияр <Омаров> — 11" in shown
    assert "2. Админ #6 — 8" in shown
    assert "3. Пользователь #17 — 3" in shown
    assert "никто не записал" not in shown


def test_a_period_in_which_nobody_logged_is_nothing_to_compare_with():
    shown = text(RegistrationsReport(WEEK, board(**LOGGED), board()), Area.REGISTRATIONS)
    assert "Входы: 38\n" in shown
    assert "Действия в журнале: 64\n" in shown


def test_one_role_admin_is_said_to_be_all_of_them():
    shown = text(reports()[Area.REGISTRATIONS], Area.REGISTRATIONS)
    assert "Частные лица 56 · Админы, все роли 11" in shown
    more = board(role_distribution=[{"role": "robot", "count": 2}])
    assert "robot 2" in text(RegistrationsReport(WEEK, more, None), Area.REGISTRATIONS)


def test_votes_and_applications_are_told_apart_and_their_limits_said():
    shown = text(reports()[Area.PROJECTS], Area.PROJECTS)
    assert "— 21 голос" in shown
    assert "Жоба — 4 заявки" in shown
    assert "Жоба — —" in shown
    assert "через анкету" in shown


def test_what_people_wrote_is_escaped_and_cut():
    shown = text_of(Area.NEWS, reports()[Area.NEWS], RU, NAMES.get)
    assert "&lt;b&gt;$x$&lt;/b&gt; &amp;" in shown
    assert "<b>$x$" not in shown
