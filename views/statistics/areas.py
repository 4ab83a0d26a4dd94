"""Each area of the dashboard: its lines and its chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.statistics import ROWS
from locales.locale import Locale
from models.project import ProjectStats
from models.statistics import Titled
from services.charts.chart import Chart, Columns, Share, Shares, Tone
from services.spans import Tally, together
from services.statistics import (
    Area,
    ModerationReport,
    NewsReport,
    ProjectsReport,
    Report,
    VolunteersReport,
)
from utils.html import Html, bold, lines
from views.fitting import CAPTION_LIMIT, fit
from views.statistics import registrations
from views.statistics.words import (
    came,
    change,
    columns,
    days,
    figure,
    listed,
    ranked,
    shares,
    spell,
    states,
)

KIND_NAMES: Mapping[str, str] = {"promo_actions": "promos.title"}
LEADERS = 3
VOTING = "voting"


def text_of(
    area: Area, report: Report, locale: Locale, names: Callable[[int], str | None], note: str = ""
) -> Html:
    """The report in words, short enough to stand under a picture. ``names`` knows what admins are called."""
    if isinstance(report, ModerationReport):
        body = _moderation(report, locale)
    elif isinstance(report, NewsReport):
        body = _news(report, locale)
    elif isinstance(report, VolunteersReport):
        body = _volunteers(report, locale)
    elif isinstance(report, ProjectsReport):
        body = _projects(report, locale)
    else:
        body = registrations.text(report, locale, names)
    head = bold(f"📊 {locale.t('statistics.title')} · {locale.t(f'statistics.area.{area}')}")
    below = [Html(""), locale.html(note)] if note else []
    return fit(lines(head, spell(report.period, locale), "", *body, *below), CAPTION_LIMIT)


def chart_of(area: Area, report: Report, locale: Locale) -> Chart | None:
    """The report as a picture; None when there is nothing to draw."""
    upper: Columns | None
    if isinstance(report, ModerationReport):
        whole, heading = _whole(report), locale.t("statistics.came.records")
        upper, lower = columns(whole, report.period, heading, locale), _waiting(report, locale)
    elif isinstance(report, NewsReport):
        upper = columns(report.came, report.period, locale.t("statistics.came.news"), locale)
        lower = _viewed(report, locale)
    elif isinstance(report, VolunteersReport):
        name = locale.t("statistics.came.volunteers")
        upper = columns(report.came, report.period, name, locale, name=locale.t("statistics.new"))
        lower = _by_status(report, locale)
    elif isinstance(report, ProjectsReport):
        upper = columns(report.came, report.period, locale.t("statistics.came.projects"), locale)
        lower = _running(report, locale)
    else:
        upper, lower = registrations.columns(report, locale), registrations.shares_of(report, locale)
    if upper is None and lower is None:
        return None
    period = days(*report.period.days, locale)
    return Chart(f"{locale.t(f'statistics.area.{area}')} · {period}", upper, lower)


# --- moderation ------------------------------------------------------------------------------------------------


def _whole(report: ModerationReport) -> Tally:
    """All kinds that were read together."""
    return together([one for one in report.came.values() if one is not None], report.period)


def _moderation(report: ModerationReport, locale: Locale) -> list[Html]:
    whole = _whole(report)
    found = [came("statistics.came.records", whole, locale)]
    if whole.states:
        found.append(Html("") + states(whole.states, locale))
    found += [
        lines(
            f"• {kind(name, locale)}: {locale.number(one.now)} {change(one.now, one.before, locale)}".rstrip()
        )
        for name, one in report.came.items()
        if one is not None and one.now is not None and (one.now or one.before)
    ]
    if report.stats is not None:
        waits = [(kind(name, locale), one.pending) for name, one in report.stats.entities.items()]
        found += [Html(""), figure(locale.t("statistics.waits"), locale.number(report.stats.pending))]
        found += [Html("") + listed(sorted(waits, key=lambda row: -row[1]), locale)]
    missing = [kind(name, locale) for name, one in report.came.items() if one is None]
    deep = [kind(name, locale) for name, one in report.came.items() if one is not None and one.before is None]
    if missing or deep:
        found.append(Html(""))
    if missing:
        found.append(locale.html("statistics.missing", what=", ".join(missing)))
    if deep:
        found.append(locale.html("statistics.deep", what=", ".join(deep), count=locale.number(ROWS)))
    return found


def _waiting(report: ModerationReport, locale: Locale) -> Shares | None:
    if report.stats is None:
        return None
    rows = ((kind(name, locale), one.pending) for name, one in report.stats.entities.items())
    return _shares("statistics.waits", shares(rows, locale, Tone.WAITS), locale)


def kind(name: str, locale: Locale) -> str:
    """What a kind of records is called."""
    return locale.t(KIND_NAMES.get(name, f"{name}.title"))


# --- news ------------------------------------------------------------------------------------------------------


def _news(report: NewsReport, locale: Locale) -> list[Html]:
    found = [came("statistics.came.news", report.came, locale)]
    if report.came is not None and report.came.states:
        found.append(Html("") + states(report.came.states, locale))
    if report.counts is not None:
        found += [Html(""), figure(locale.t("statistics.all"), locale.number(report.counts.total))]
        found += [Html("") + states({name: getattr(report.counts, name) for name in MODERATED}, locale)]
    if report.viewed:
        rows = [(_title(one, locale), locale.number(one.view_count or 0)) for one in report.viewed]
        found += [Html(""), *ranked(locale.t("statistics.viewed"), rows)]
    return found + _short_of(locale, locale.t("news.title"), report.came, report.counts, report.viewed)


MODERATED = ("approved", "pending", "rejected")


def _viewed(report: NewsReport, locale: Locale) -> Shares | None:
    rows = ((_title(one, locale), one.view_count or 0) for one in report.viewed or ())
    return _shares("statistics.viewed", shares(rows, locale), locale)


def _title(one: Titled, locale: Locale) -> str:
    return one.name.best(locale.language) or f"#{one.id}"


# --- volunteers ------------------------------------------------------------------------------------------------


def _volunteers(report: VolunteersReport, locale: Locale) -> list[Html]:
    found = [came("statistics.came.volunteers", report.came, locale)]
    found.append(came("statistics.came.applications", report.applications, locale))
    if report.applications is not None and report.applications.states:
        found.append(Html("") + states(report.applications.states, locale))
    figures = report.figures
    if figures is not None:
        found += [Html("")]
        found += [
            figure(locale.t(f"volunteers.sum.{name}"), locale.number(getattr(figures, name)))
            for name in ("total_volunteers", "total_events", "total_applications", "total_v_coins_earned")
        ]
    if report.leaders:
        rows = [
            (one.full_name or f"#{one.volunteer_id}", locale.number(one.total_earned))
            for one in report.leaders
        ]
        found += [Html(""), *ranked(locale.t("statistics.leaders"), rows[:LEADERS])]
    return found + _short_of(
        locale, locale.t("volunteers.title"), report.came, report.applications, report.figures, report.leaders
    )


def _by_status(report: VolunteersReport, locale: Locale) -> Shares | None:
    found = report.figures.volunteers_by_status if report.figures is not None else {}
    rows = ((_volunteer(name, locale), count) for name, count in found.items())
    return _shares("volunteers.sum.by_status", shares(rows, locale), locale)


def _volunteer(name: str, locale: Locale) -> str:
    key = f"choice.volunteers_status.{name}"
    return locale.t(key) if key in locale.texts else name


# --- projects --------------------------------------------------------------------------------------------------


def _projects(report: ProjectsReport, locale: Locale) -> list[Html]:
    found = [came("statistics.came.projects", report.came, locale)]
    if report.came is not None and report.came.states:
        found.append(Html("") + states(report.came.states, locale))
    if report.statuses:
        total = locale.number(sum(report.statuses.values()))
        key = "statistics.all" if report.all else "statistics.newest"
        found += [Html(""), figure(locale.t(key), total), Html("") + states(report.statuses, locale)]
    if report.running:
        rows = [(_title(one, locale), _result(one, figures, locale)) for one, figures in report.running]
        found += [Html(""), *ranked(locale.t("statistics.running"), rows)]
        if any(one.project_type != VOTING for one, _ in report.running):
            found.append(locale.html("statistics.legacy"))
    return found + _short_of(locale, locale.t("projects.title"), report.came, report.running)


def _result(one: Titled, figures: ProjectStats | None, locale: Locale) -> str:
    """``124 votes``, ``12 applications``; a dash for what the CRM does not count."""
    count = _counted(one, figures)
    if count is None:
        return "—"
    key = "statistics.votes" if one.project_type == VOTING else "statistics.applications"
    return locale.t(key, n=count, count=locale.number(count))


def _counted(one: Titled, figures: ProjectStats | None) -> int | None:
    if figures is None:
        return None
    return figures.total_votes if one.project_type == VOTING else figures.total_applications


def _running(report: ProjectsReport, locale: Locale) -> Shares | None:
    rows = [(_title(one, locale), _counted(one, figures) or 0) for one, figures in report.running or ()]
    found = _shares("statistics.running", shares(rows, locale), locale)
    if found is not None:
        return found
    known = (
        (locale.t(f"choice.projects.status.{name}"), count) for name, count in report.statuses.items() if name
    )
    return _shares("statistics.all", shares(known, locale), locale)


# --- both ------------------------------------------------------------------------------------------------------


def _shares(key: str, rows: tuple[Share, ...], locale: Locale) -> Shares | None:
    return Shares(locale.t(key), rows) if rows else None


def _short_of(locale: Locale, what: str, *parts: object) -> list[Html]:
    """That something is missing, and why."""
    deep = any(isinstance(one, Tally) and one.before is None for one in parts)
    found = [locale.html("statistics.partly")] if None in parts else []
    found += [locale.html("statistics.deep", what=what, count=locale.number(ROWS))] if deep else []
    return [Html(""), *found] if found else []
