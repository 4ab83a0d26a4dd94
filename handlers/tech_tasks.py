"""Tech tasks: contract 2.13. People post them on the site; admins read and delete."""

from __future__ import annotations

from typing import Any

from api.tech_tasks import CATEGORIES, OTHER, SHOWN_SOLUTIONS, TechTasks
from handlers._engine.own import RecordContext
from keyboards.buttons import Row, navigation
from keyboards.pager import pager
from locales.locale import Locale
from models.access import Caller, Module, Permission
from models.common import Localized
from models.tech_task import Solution, SolutionStatus, TechTask, TechTaskStatus
from resources.fields import Choice, Date, DateTime, Email, Flag, LongText, Number, Phone, Text
from resources.queries import ListQuery
from resources.resource import READS, Action, Filter, ListView, Op, Resource
from utils.html import Html, bold, italic, lines, link
from views.fitting import TEXT_LIMIT, fit, label
from views.screen import Outcome, Screen

SOLUTIONS_PAGE = 5
MONEY = "unit.tenge"


def title(task: TechTask, locale: Locale) -> str:
    """The title in the person's language, else in the other one."""
    return Localized(task.title_kz, task.title_ru).best(locale.language)


def line(task: TechTask, locale: Locale) -> str:
    """``25 Dec · Title``: hidden and completed ones are marked."""
    mark = "🔒 " if not task.is_active else "🏁 " if task.status == TechTaskStatus.COMPLETED else ""
    until = f"{locale.short_day(task.deadline)} · " if task.deadline else ""
    return f"{mark}{until}{title(task, locale) or locale.t('card.untitled')}"


def subtitle(task: TechTask, locale: Locale) -> str:
    """Whether the site shows it."""
    return locale.t("tech_tasks.seen.yes" if task.is_active else "tech_tasks.seen.no")


def category(value: Any, locale: Locale) -> str:
    """The label of a known category; others stand as people wrote them."""
    return locale.t(f"choice.tech_tasks_category.{value}") if value in CATEGORIES else str(value or "")


def technologies(value: Any, locale: Locale) -> str:
    """``python, react``."""
    return ", ".join(map(str, value or ()))


async def impact(source: TechTasks, caller: Caller, record_id: int, locale: Locale) -> str:
    """How many solutions and files a delete takes along."""
    found = await source.belongings(caller, record_id)
    parts = [
        locale.html(f"tech_tasks.impact.{name}", n=amount.count, count=str(amount))
        for name, amount in (("solutions", found.solutions), ("files", found.files))
        if amount.count
    ]
    if found.files.more and not found.files.count:
        parts.append(locale.html("tech_tasks.impact.unseen"))
    return lines(*parts)


async def solutions(record: RecordContext) -> Outcome:
    """What is offered for the task, five a page."""
    ctx = record.ctx
    source: TechTasks = ctx.app.records.source(record.resource)
    page, cut = await source.solutions(ctx.caller, record.go.id, ListQuery(record.page, SOLUTIONS_PAGE))
    shown = [solution_text(page.first + index, one, ctx.locale) for index, one in enumerate(page.items)]
    body = Html("\n\n").join(shown) if shown else ctx.html("tech_tasks.no_solutions")
    note = italic(ctx.t("tech_tasks.only_first", n=SHOWN_SOLUTIONS)) if cut else None
    rows: tuple[Row, ...] = (
        pager(page, record.address, None, ctx.locale),
        navigation(ctx.locale, record.card()),
    )
    head = bold(f"💡 {ctx.t('tech_tasks.action.solutions')}")
    return Outcome(Screen(fit(lines(head, note, "", body), TEXT_LIMIT), rows))


def solution_text(number: int, one: Solution, locale: Locale) -> Html:
    """State, price and time, then the offer, then its files."""
    known = one.status in SolutionStatus._value2member_map_
    status = locale.t(f"choice.tech_tasks_solution.{one.status}") if known else one.status
    price = "" if one.proposed_budget is None else locale.t(MONEY, value=locale.number(one.proposed_budget))
    facts = " · ".join(filter(None, (status, price, one.proposed_timeline)))
    text = Localized(one.description_kz, one.description_ru).best(locale.language)
    files = Html(", ").join(link(label(file.original_name, 60), file.file_path) for file in one.files)
    return lines(
        bold(f"{number}. {label(facts, 120)}"),
        label(text, 400) if text.strip() else None,
        Html("📎 ") + files if one.files else None,
        locale.short(one.created_at),
    )


TECH_TASKS: Resource[TechTask] = Resource(
    module=Module.TECH_TASKS,
    key="tech_tasks",
    code="tt",
    icon="🛠",
    model=TechTask,
    source=TechTasks,
    needs={**READS, Op.DELETE: Permission.DELETE},
    title=title,
    subtitle=subtitle,
    fields=(
        Text(name="title_kz", editable=False),
        Text(name="title_ru", editable=False),
        Choice(name="status", editable=False, options=TechTaskStatus, texts="tech_tasks_status"),
        Text(name="category", editable=False, format=category),
        Text(name="preferred_technologies", editable=False, format=technologies),
        Text(name="field_of_application", editable=False),
        Date(name="deadline", editable=False),
        Number(name="budget_from", editable=False, unit=MONEY),
        Number(name="budget_to", editable=False, unit=MONEY),
        Email(name="contact_email", editable=False, masked=True),
        Phone(name="contact_phone", editable=False),
        Flag(name="is_active", editable=False),
        DateTime(name="created_at", editable=False),
        LongText(name="description_kz", editable=False),
        LongText(name="description_ru", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("status", tuple(TechTaskStatus), texts="tech_tasks_status"),
            Filter("category", (*CATEGORIES, OTHER), texts="tech_tasks_category"),
            Filter("missing", ("kk", "ru")),
        ),
    ),
    card=(
        "status", "category", "deadline", "budget_from", "budget_to", "preferred_technologies",
        "field_of_application", "contact_email", "contact_phone", "created_at", "description_kz", "description_ru",
    ),
    actions=(Action("solutions", "so", Permission.READ, solutions, icon="💡", calls=("solutions",)),),
    impact=impact,
)  # fmt: skip
