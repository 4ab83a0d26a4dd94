"""What people send in to application projects: contract 2.7. Government is refused all of it (contract 5.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.projects import Submissions
from handlers._engine.listing import place_of
from handlers._engine.own import ListContext
from keyboards.buttons import navigation
from locales.locale import Locale
from models.access import Module, Permission
from models.common import Localized
from models.project_form import (
    Answer,
    DayCount,
    FieldCounts,
    FormAnalytics,
    FormFieldType,
    Submission,
    SubmissionStatus,
)
from resources.fields import Choice, DateTime, Email, LongText, Phone, Text, masked_phone
from resources.resource import Deed, Filter, ListView, Mood, Op, Resource, Tool, Waiting
from services.audit import AuditEntry
from utils.html import Html, bold, italic, lines
from views.bars import bar
from views.fitting import TEXT_LIMIT, fit, label
from views.listing import STATUS_MARKS
from views.screen import File, Outcome, Screen

MOST_ANSWERS = 8
"""Answers of one question that are drawn, the most frequent ones."""
LAST_DAYS = 7


def asked(answer: Answer, locale: Locale) -> str:
    """The question in the person's language, else in the other one, as it stands before its answer."""
    text = Localized(kk=answer.label_kk, ru=answer.label_ru).best(locale.language).strip()
    return text if text.endswith(("?", "!", ":", ".")) else f"{text}:"


def said(answers: Iterable[Answer] | None, locale: Locale) -> str:
    """``Question: answer``, one a line."""
    return "\n".join(f"{asked(one, locale)} {answered(one, locale)}" for one in answers or ())


def answered(answer: Answer, locale: Locale) -> str:
    """The answer as people read it: a day in words."""
    if answer.kind != FormFieldType.DATE:
        return answer.text
    try:
        return locale.day(date.fromisoformat(answer.text))
    except ValueError:
        return answer.text


def personal(answers: Iterable[Answer] | None, locale: Locale) -> str:
    """``Question: answer``, one behind the other."""
    return said(answers, locale).replace("\n", "; ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts(Text):
    """Answers by which somebody is reached: phones, addresses, e-mails."""

    def mask(self, value: Any, locale: Locale) -> str:
        """The questions, and of each answer so much that nobody is reached by it."""
        shown = [one.model_copy(update={"text": _masked(one, locale)}) for one in value or ()]
        return personal(shown, locale)


def _masked(answer: Answer, locale: Locale) -> str:
    if answer.kind == FormFieldType.PHONE:
        return masked_phone(answer.text)
    return Text(name="text").mask(answer.text, locale)


def title(submission: Submission, locale: Locale) -> str:
    """Who sent it in, else its number."""
    return submission.applicant_name or locale.t("project_submissions.unnamed", id=submission.id)


def line(submission: Submission, locale: Locale) -> str:
    """``⏳ 25 Dec 10:00 · Name``."""
    mark = STATUS_MARKS.get(submission.status, "")
    return f"{mark} {locale.short(submission.submitted_at)} · {title(submission, locale)}".strip()


async def analytics(tool: ListContext) -> Outcome:
    """How many were sent in and what was answered, over all submissions of the project."""
    ctx = tool.ctx
    found: FormAnalytics = await tool.source.analytics(ctx.caller)
    text = lines(
        bold(f"📊 {ctx.t('project_submissions.action.analytics')}"),
        "",
        *totals(found, ctx.locale),
        *days(found.submissions_over_time, ctx.locale),
        *(part for counts in found.field_statistics.values() for part in counted(counts, ctx.locale)),
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), (navigation(ctx.locale, tool.back()),)))


def totals(found: FormAnalytics, locale: Locale) -> list[Html]:
    """All submissions by state, and how many come in a day."""
    total = found.total_submissions
    shown = [locale.html("project_submissions.stats.total", n=total, count=locale.number(total))]
    if not total:
        return shown
    for status, count in (
        (SubmissionStatus.PENDING, found.pending_count),
        (SubmissionStatus.APPROVED, found.approved_count),
        (SubmissionStatus.REJECTED, found.rejected_count),
    ):
        name = locale.t(f"choice.project_submissions.status.{status}")
        shown.append(lines(f"{bar(count / total)} {locale.number(count)} · {name}"))
    average = locale.number(found.avg_submissions_per_day)
    return [*shown, locale.html("project_submissions.stats.average", count=average)]


def days(counts: Iterable[DayCount], locale: Locale) -> list[Html]:
    """The last days on which something came in."""
    last = sorted(counts, key=lambda one: one.date)[-LAST_DAYS:]
    most = max((one.count for one in last), default=0)
    if not most:
        return []
    head = lines("", bold(locale.t("project_submissions.stats.days")))
    return [head, *(lines(f"{bar(one.count / most)} {one.count} · {_day(one.date, locale)}") for one in last)]


def _day(text: str, locale: Locale) -> str:
    try:
        return locale.day(date.fromisoformat(text[:10]))
    except ValueError:
        return label(text, 20)


def counted(counts: FieldCounts, locale: Locale) -> list[Html]:
    """The most frequent answers to one question; ratings in their order."""
    total = sum(counts.value_counts.values())
    if not total:
        return []
    rating = counts.type == FormFieldType.RATING
    answers = sorted(counts.value_counts.items(), key=lambda one: one[0] if rating else -one[1])
    name = Localized(kk=counts.field_label_kz, ru=counts.field_label_ru).best(locale.language)
    shown = [lines("", bold(label(name, 100)))]
    shown += [
        lines(f"{bar(count / total)} {locale.number(count)} · {label(answer, 60)}")
        for answer, count in answers[:MOST_ANSWERS]
    ]
    left = len(answers) - MOST_ANSWERS
    return [*shown, italic(locale.t("project_submissions.stats.more", n=left))] if left > 0 else shown


async def table(tool: ListContext) -> Outcome:
    """The backend's own file of all submissions, or of those with the state that the list shows."""
    ctx, resource = tool.ctx, tool.resource
    status = chosen(tool)
    content: bytes = await tool.source.export(ctx.caller, status)
    # The file carries names and phones in full: that it was taken is noted like any look at them.
    await ctx.app.audit.add(
        AuditEntry(
            at=ctx.now, admin_id=ctx.principal.admin_id, telegram_user_id=ctx.principal.telegram_user_id,
            name=ctx.principal.name, role=str(ctx.principal.role), op="table", resource=resource.key,
            record_id=resource.under, after={"status": status}, sid=ctx.sid,
        )
    )  # fmt: skip
    name = f"project-{resource.under}-submissions{f'-{status}' if status else ''}.csv"
    return Outcome(toast=ctx.t("project_submissions.done.table"), files=(File(name, content),))


def chosen(tool: ListContext) -> str:
    """The state that the list is narrowed to, ``""`` for none."""
    place = place_of(tool.resource, tool.go)
    option = place.options[0] if place.options else 0
    return tool.resource.list.filters[0].options[option - 1] if option else ""


COMMENT = LongText(name="admin_comment", editable=False, max_len=1000)

SUBMISSIONS: Resource[Submission] = Resource(
    module=Module.PROJECTS,
    key="project_submissions",
    code="ps",
    icon="📨",
    model=Submission,
    source=Submissions,
    parent="pr",
    shown_for=lambda project: project.takes_applications,
    needs={Op.LIST: Permission.UPDATE, Op.CARD: Permission.UPDATE, Op.EXPORT: Permission.UPDATE},
    waiting=Waiting(
        waits=lambda one: one.status == SubmissionStatus.PENDING, approve="accept", reject="decline",
        since="submitted_at", reasons="submissions"
    ),
    title=title,
    fields=(
        Text(name="applicant_name", editable=False),
        Choice(name="status", editable=False, options=SubmissionStatus, texts="project_submissions.status"),
        DateTime(name="submitted_at", editable=False),
        Phone(name="phone_number", editable=False),
        Email(name="email", editable=False, masked=True),
        Contacts(name="contacts", editable=False, masked=True, format=personal),
        LongText(name="answers", editable=False, format=said),
        COMMENT,
        DateTime(name="reviewed_at", editable=False),
    ),
    list=ListView(
        line=line,
        filters=(
            Filter("status", tuple(SubmissionStatus), texts="project_submissions.status"),
            Filter("period", ("today", "week", "month"), texts="project_submissions.period"),
        ),
    ),
    card=(
        "status", "submitted_at", "phone_number", "email", "contacts", "reviewed_at", "answers", "admin_comment",
    ),
    deeds=(
        Deed(
            "accept", "ok", Permission.UPDATE, fields=(COMMENT,), icon="✅", mood=Mood.GOOD,
            offered=lambda one: one.status != SubmissionStatus.APPROVED,
            reached=lambda one, _: one.status == SubmissionStatus.APPROVED,
        ),
        Deed(
            "decline", "no", Permission.UPDATE, fields=(COMMENT,), icon="⛔", mood=Mood.BAD,
            offered=lambda one: one.status != SubmissionStatus.REJECTED,
            reached=lambda one, _: one.status == SubmissionStatus.REJECTED,
        ),
    ),
    tools=(
        Tool("analytics", "an", Permission.UPDATE, analytics, icon="📊", calls=("analytics",)),
        Tool("table", "tb", Permission.UPDATE, table, icon="🧾", calls=("export",)),
    ),
)  # fmt: skip
