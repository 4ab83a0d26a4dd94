"""Projects: contract 2.7. What belongs to one stands in ``handlers/project_*.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.projects import Projects
from handlers._engine.own import RecordContext
from keyboards.buttons import Row, navigation
from keyboards.pager import pager
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.common import Localized
from models.project import Project, ProjectStats, ProjectStatus, ProjectType, VotingResult, VotingResults
from resources.fields import Choice, DateTime, Link, LongText, Photo, Text, moment_of
from resources.queries import ListQuery, Page
from resources.resource import MODERATED, Action, Deed, Filter, ListView, Mood, Resource, Waiting
from utils.html import Html, bold, lines
from views.bars import bar
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

RESULTS_PAGE = 10
MARKS: Mapping[str, str] = {ProjectType.VOTING: "🗳", ProjectType.APPLICATION: "📝"}
GOES = ("participants", "votes", "pictures", "applications", "submissions")


def title(project: Project, locale: Locale) -> str:
    """The title in the person's language, else in the other one."""
    return Localized(kk=project.title, ru=project.title_ru).best(locale.language)


def line(project: Project, locale: Locale) -> str:
    """``🗳 25 Dec 10:00 · Title``."""
    name = title(project, locale) or locale.t("card.untitled")
    return f"{MARKS.get(project.project_type, '')} {locale.short(project.start_date)} · {name}".strip()


def check(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """The end lies after the start: an update the backend would take without a word."""
    start, end = values.get("start_date"), values.get("end_date")
    if start and end and moment_of(end) <= moment_of(start):
        return "end_date", "projects.error.dates"
    return None


async def impact(source: Projects, caller: Caller, record_id: int, locale: Locale) -> str:
    """What a delete takes along, and that it may be refused."""
    found = await source.belongings(caller, record_id)
    counts = [(name, getattr(found, name)) for name in GOES]
    goes = [
        locale.t(f"projects.goes.{name}", n=count, count=locale.number(count))
        for name, count in counts
        if count
    ]
    return lines(
        locale.html("projects.impact", what=", ".join(goes)) if goes else None,
        locale.html("projects.impact_stored") if found.stored else None,
    )


async def statistics(record: RecordContext) -> Outcome:
    """Places of a voting with its figures, ten a page; the figures of applications of any other project."""
    ctx, source = record.ctx, record.source
    project: Project = await source.get(ctx.caller, record.go.id)
    figures: ProjectStats = await source.figures(ctx.caller, record.go.id)
    heading = bold(f"📊 {label(title(project, ctx.locale) or ctx.t('card.untitled'), 120)}")
    if not project.is_voting:
        text = lines(heading, "", *applications(figures, ctx.locale))
        return Outcome(Screen(fit(text, TEXT_LIMIT), (navigation(ctx.locale, record.card()),)))
    results: VotingResults = await source.results(ctx.caller, record.go.id)
    query = ListQuery(record.page, RESULTS_PAGE)
    shown = results.results[query.skip : query.skip + query.size]
    page = Page(shown, query, len(results.results) > query.skip + query.size, len(results.results))
    text = lines(
        heading,
        "",
        *votes(results, figures, ctx.locale),
        "",
        *(place(one, results.total_votes) for one in shown),
        None if shown else ctx.html("projects.no_participants"),
    )
    rows: tuple[Row, ...] = (
        pager(page, record.address, None, ctx.locale),
        navigation(ctx.locale, record.card()),
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), rows))


def place(one: VotingResult, total: int) -> Html:
    """One place of a voting: who, how large a share, how many votes."""
    share = one.votes_count / total if total else 0.0
    name = bold(f"{one.position}. {label(one.participant_name, 80)}")
    return lines(name, f"{bar(share)} {label(one.percentage or '0%', 10)} · {one.votes_count}")


def votes(results: VotingResults, figures: ProjectStats, locale: Locale) -> list[Html]:
    """The figures of a voting. Votes are counted twice by the backend, and both are told where they differ."""
    found = [
        locale.html("projects.stats.votes", n=results.total_votes, count=locale.number(results.total_votes)),
        locale.html(
            "projects.stats.participants", n=results.total_participants, count=results.total_participants
        ),
    ]
    if figures.total_votes is not None and figures.total_votes != results.total_votes:
        found.append(
            locale.html(
                "projects.stats.cast", n=figures.total_votes, count=locale.number(figures.total_votes)
            )
        )
    leader = figures.leading_participant
    if leader is not None and leader.votes:
        found.append(
            locale.html(
                "projects.stats.leader", name=label(leader.name, 80), count=locale.number(leader.votes)
            )
        )
    return found


def applications(figures: ProjectStats, locale: Locale) -> list[Html]:
    """The figures of applications that came without a form; those of the form stand beside its submissions."""
    if figures.total_applications is None:
        return [locale.html("projects.stats.none")]
    counts = {
        "waiting": figures.pending_applications,
        "approved": figures.approved_applications,
        "rejected": figures.rejected_applications,
    }
    total = figures.total_applications
    found = [locale.html("projects.stats.applications", n=total, count=locale.number(total))]
    found += [
        lines(
            f"{bar((count or 0) / total)} "
            + locale.t(f"projects.stats.{name}", count=locale.number(count or 0))
        )
        for name, count in counts.items()
        if total
    ]
    return [*found, lines(""), locale.html("projects.stats.without_form")]


PROJECTS: Resource[Project] = Resource(
    module=Module.PROJECTS,
    key="projects",
    code="pr",
    icon="🚀",
    model=Project,
    source=Projects,
    entity="projects",
    waiting=Waiting(queue="project"),
    announced=True,
    needs=MODERATED,
    title=title,
    fields=(
        Choice(name="project_type", required=True, editable=False, options=ProjectType, texts="projects.type"),
        Text(name="title", required=True),
        Text(name="title_ru", required=True),
        LongText(name="description", required=True),
        LongText(name="description_ru", required=True),
        Text(name="author", required=True),
        DateTime(name="start_date", required=True),
        DateTime(name="end_date", required=True),
        Choice(name="status", editable=False, options=ProjectStatus, texts="projects.status"),
        Photo(name="photo_url", removable=False),
        Link(name="video_url"),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("moderation_status", ("pending", "approved", "rejected")),
            Filter("status", tuple(ProjectStatus), texts="projects.status"),
            Filter("project_type", tuple(ProjectType), texts="projects.type"),
            Filter("missing", ("kk", "ru")),
        ),
    ),
    card=(
        "photo_url", "project_type", "status", "title", "title_ru", "author", "start_date", "end_date", "video_url",
        "description", "description_ru",
    ),
    form=(
        "project_type", "title", "title_ru", "description", "description_ru", "author", "start_date", "end_date",
        "status", "photo_url", "video_url",
    ),
    actions=(Action("statistics", "st", Permission.READ, statistics, icon="📊", calls=("figures", "results")),),
    deeds=(
        Deed(
            "activate", "av", Permission.UPDATE, icon="▶️", mood=Mood.GOOD, confirm=True,
            offered=lambda project: project.status != ProjectStatus.ACTIVE,
            reached=lambda project, _: project.status == ProjectStatus.ACTIVE,
        ),
        Deed(
            "complete", "cm", Permission.UPDATE, icon="🏁", confirm=True,
            offered=lambda project: project.status == ProjectStatus.ACTIVE,
            reached=lambda project, _: project.status == ProjectStatus.COMPLETED,
        ),
        Deed(
            "cancel", "cx", Permission.UPDATE, icon="✖️", mood=Mood.BAD, confirm=True,
            offered=lambda project: project.status in (ProjectStatus.DRAFT, ProjectStatus.ACTIVE),
            reached=lambda project, _: project.status == ProjectStatus.CANCELLED,
        ),
        Deed(
            "to_draft", "dr", Permission.UPDATE, icon="📄", confirm=True,
            offered=lambda project: project.status != ProjectStatus.DRAFT,
            reached=lambda project, _: project.status == ProjectStatus.DRAFT,
        ),
    ),
    check=check,
    # Every update must carry a text, and with a text in it npo's approved project goes back; photos go another way.
    remoderated=frozenset({
        "title", "title_ru", "description", "description_ru", "author", "start_date", "end_date", "video_url",
    }),
    impact=impact,
)  # fmt: skip
