"""Registrations and logins: the sums of the CRM's own dashboard, as far as they are facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from locales.locale import Locale
from models.statistics import ActiveUser, Dashboard, GrowthDay
from services.charts.chart import Columns, Series, Shares, Tone
from services.spans import Period, Span
from services.statistics import RegistrationsReport
from utils.html import Html
from views.statistics.words import change, day_marks, days, figure, listed, ranked, shares

LENGTH = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30, Span.YEAR: 30}
"""Days of growth that are summed up: the CRM has thirty of them, whatever period is asked for."""
SHOWN = {Span.DAY: 7}
"""Days in the picture, where one would not make one."""
ACTIVE = 3
ADMIN = "admin"


def text(report: RegistrationsReport, locale: Locale, names: Callable[[int], str | None]) -> list[Html]:
    """Users, who registered, who signed in."""
    board = report.dashboard
    if board is None:
        return [locale.html("statistics.partly")]
    found = [figure(locale.t("statistics.users"), locale.number(board.user_stats.total_users))]
    found += [
        Html("") + listed(((_role(one.role, locale), one.count) for one in board.role_distribution), locale)
    ]
    found += [
        Html(""),
        *_growth(board, report.period, locale),
        Html(""),
        *_logged(report, board, locale, names),
    ]
    return found


def _growth(board: Dashboard, period: Period, locale: Locale) -> list[Html]:
    """New users of whole days, and of today so far."""
    length = LENGTH[period.span]
    here, before = _split(board.user_growth, length)
    today = figure(locale.t("statistics.today"), locale.number(board.user_stats.new_registrations_today))
    if not here:
        return [today]
    now = sum(one.count for one in here)
    then = sum(one.count for one in before) if len(before) == length else None
    spelt = days(here[0].date, here[-1].date, locale)
    return [
        figure(
            f"{locale.t('statistics.came.users')} ({spelt})", locale.number(now), change(now, then, locale)
        ),
        today,
        locale.html("statistics.growth_note"),
    ]


def _split(growth: Sequence[GrowthDay], length: int) -> tuple[Sequence[GrowthDay], Sequence[GrowthDay]]:
    """The last days, and as many before them."""
    return growth[-length:], growth[-2 * length : -length]


def _logged(
    report: RegistrationsReport, board: Dashboard, locale: Locale, names: Callable[[int], str | None]
) -> list[Html]:
    """What somebody logged. Where nobody does, its zeros are no facts, and are not shown as such."""
    before = report.before
    logins, activity = board.login_activity, board.activity_stats
    found: list[Html] = []
    # A period without a single entry is one in which nobody logged: nothing is compared with it.
    if logins.total_logins or (before is not None and before.login_activity.total_logins):
        then = None if before is None else before.login_activity.total_logins or None
        found.append(
            figure(
                locale.t("statistics.logins"),
                locale.number(logins.total_logins),
                change(logins.total_logins, then, locale),
            )
        )
        parts = (("failed", logins.failed_logins), ("people", logins.unique_users))
        found.append(
            Html("") + listed(((locale.t(f"statistics.logins.{key}"), n) for key, n in parts), locale)
        )
    if activity.total_actions or (before is not None and before.activity_stats.total_actions):
        then = None if before is None else before.activity_stats.total_actions or None
        moved = change(activity.total_actions, then, locale)
        found.append(figure(locale.t("statistics.actions"), locale.number(activity.total_actions), moved))
    if board.top_active_users:
        rows = [
            (_name(one, locale, names), locale.number(one.action_count)) for one in board.top_active_users
        ]
        found += [Html(""), *ranked(locale.t("statistics.active"), rows[:ACTIVE])]
    if board.system_events.total_events:
        errors = board.system_events.errors + board.system_events.critical
        found += [Html(""), figure(locale.t("statistics.errors"), locale.number(errors))]
    return found or [locale.html("statistics.nobody_logs")]


def _name(one: ActiveUser, locale: Locale, names: Callable[[int], str | None]) -> str:
    """The CRM knows no names here: an admin's is the one the bot learned."""
    if one.admin_id is not None:
        return names(one.admin_id) or locale.t("statistics.admin", id=one.admin_id)
    return locale.t("statistics.user", id=one.user_id) if one.user_id is not None else one.user_type


def _role(role: str, locale: Locale) -> str:
    key = f"statistics.role.{role}"
    return locale.t(key) if key in locale.texts else role


def columns(report: RegistrationsReport, locale: Locale) -> Columns | None:
    """Who registered, by day; None where nobody did."""
    board, span = report.dashboard, report.period.span
    if board is None:
        return None
    length = SHOWN.get(span, LENGTH[span])
    here, before = _split(board.user_growth, length)
    if not any(one.count for one in (*here, *before)):
        return None
    values = tuple(one.count for one in here)
    then = tuple(one.count for one in before) if len(before) == length else None
    return Columns(
        locale.t("statistics.came.users"), day_marks([one.date for one in here], locale),
        (Series(locale.t("statistics.new"), Tone.MAIN, values),), then, locale.t("statistics.before.week"),
    )  # fmt: skip


def shares_of(report: RegistrationsReport, locale: Locale) -> Shares | None:
    """The kinds of users; all admins are one."""
    if report.dashboard is None:
        return None
    found = report.dashboard.role_distribution
    rows = shares(((_role(one.role, locale), one.count) for one in found), locale)
    return Shares(locale.t("statistics.roles"), rows) if rows else None
