"""news: drafts, scheduled and published articles (contract 2.9). Every role may do everything."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox.crm.access import SignedIn
from sandbox.crm.groups import news_public as public
from sandbox.crm.groups.event_shapes import ModerationStatus
from sandbox.crm.groups.judging import ModerationLimit, Skip, check_lengths, counter, judge
from sandbox.crm.groups.news_seed import seed_news
from sandbox.crm.groups.news_shapes import (
    NewsCreate,
    NewsResponse,
    NewsScheduleCreate,
    NewsUpdate,
    PublicationStatus,
    ScheduleStatus,
    SlotStatus,
)
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.news_work import COLUMNS, NEWEST, PUBLIC, any_news, listed, opened
from sandbox.crm.room import Group, Room, RoomDep
from sandbox.crm.store import BackendError, as_stored, utc_now
from sandbox.crm.tables import Admin

SLOTS = ((11, 3), (13, 4), (18, 3), (21, 4))
HALF_WINDOW = timedelta(minutes=30)
count_by_status = counter(News)


# --- for admins -----------------------------------------------------------------------------------


async def create_news(body: NewsCreate, admin: SignedIn, room: RoomDep) -> NewsResponse:
    """A draft waits for approval; what is scheduled or published is approved at once."""
    now = utc_now()
    fields = body.model_dump()
    check_lengths(fields, COLUMNS)
    fields["status"] = status = body.status or PublicationStatus.DRAFT
    fields["date"] = as_stored(body.date) if body.date else now
    fields["publish_at"] = as_stored(body.publish_at) if body.publish_at else None
    with opened(room) as session:
        row = News(**fields, created_at=now, is_admin_created=True)
        if status is PublicationStatus.PUBLISHED:
            row.published_at = now
        if status is not PublicationStatus.DRAFT:
            judge(row, admin, ModerationStatus.APPROVED)
        session.add(row)
        session.flush()
        return NewsResponse.model_validate(row)


async def update_news(id: int, body: NewsUpdate, admin: SignedIn, room: RoomDep) -> NewsResponse:
    changes = body.model_dump(exclude_unset=True)
    with opened(room) as session:
        row = any_news(session, id)
        if not changes:
            raise BackendError("an UPDATE without columns")
        if "date" in changes and changes["date"] is None:
            raise BackendError("null in the required column date")
        check_lengths(changes, COLUMNS)
        _check_transition(row, body)
        status = changes.pop("status", None)
        for name, value in changes.items():
            setattr(row, name, as_stored(value) if isinstance(value, datetime) else value)
        if status and status != row.status:
            row.status = status.value
            if status is PublicationStatus.PUBLISHED:
                row.published_at = utc_now()
            if status is not PublicationStatus.DRAFT:
                judge(row, admin, ModerationStatus.APPROVED)
        session.flush()
        return NewsResponse.model_validate(row)


async def delete_news(id: int, _admin: SignedIn, room: RoomDep) -> None:
    with opened(room) as session:
        session.delete(any_news(session, id))


async def get_pending_news(
    _admin: SignedIn, room: RoomDep, skip: Skip = 0, limit: ModerationLimit = 50
) -> list[NewsResponse]:
    """By moderation_status, so the drafts of admins are among them."""
    waiting = select(News).where(News.moderation_status == ModerationStatus.PENDING)
    return listed(room, waiting.order_by(*NEWEST).offset(skip).limit(limit))


async def get_all_news_with_status(
    _admin: SignedIn,
    room: RoomDep,
    moderation_status: ModerationStatus | None = None,
    category: str | None = None,
    skip: Skip = 0,
    limit: ModerationLimit = 50,
) -> list[NewsResponse]:
    found = select(News)
    if moderation_status:
        found = found.where(News.moderation_status == moderation_status)
    if category:
        found = found.where(News.category == category)
    return listed(room, found.order_by(*NEWEST).offset(skip).limit(limit))


async def get_news_stats(_admin: SignedIn, room: RoomDep) -> dict[str, int]:
    with opened(room) as session:
        return count_by_status(session)


async def get_top_news_by_views(
    _admin: SignedIn, room: RoomDep, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> list[NewsResponse]:
    return listed(room, select(News).where(PUBLIC).order_by(News.view_count.desc(), News.id).limit(limit))


async def approve_news(id: int, admin: SignedIn, room: RoomDep) -> NewsResponse:
    """Nothing but moderation_status changes: an approved draft is public and stays a draft."""
    return _judged(room, id, admin, ModerationStatus.APPROVED)


async def reject_news(id: int, admin: SignedIn, room: RoomDep) -> NewsResponse:
    """Nothing but moderation_status changes: a published article stays public."""
    return _judged(room, id, admin, ModerationStatus.REJECTED)


async def get_schedule_status(
    _admin: SignedIn, room: RoomDep, target_date: str | None = None
) -> ScheduleStatus:
    """How many articles each slot of the day has and needs."""
    day = _day(target_date) if target_date else utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    slots = []
    with opened(room) as session:
        for hour, required in SLOTS:
            middle = day + timedelta(hours=hour)
            count = select(func.count()).where(
                News.status == PublicationStatus.SCHEDULED,
                News.publish_at.between(middle - HALF_WINDOW, middle + HALF_WINDOW),
            )
            scheduled = session.scalar(count) or 0
            state = "ok" if scheduled >= required else "warning"
            slots.append(SlotStatus(time=f"{hour}:00", required=required, scheduled=scheduled, status=state))
    return ScheduleStatus(
        date=day.date().isoformat(),
        slots=slots,
        total_required=sum(slot.required for slot in slots),
        total_scheduled=sum(slot.scheduled for slot in slots),
        overall_status="ok" if all(slot.status == "ok" for slot in slots) else "warning",
    )


async def get_scheduled_news(
    _admin: SignedIn,
    room: RoomDep,
    target_date: str | None = None,
    skip: Skip = 0,
    limit: ModerationLimit = 50,
) -> list[NewsResponse]:
    found = select(News).where(News.status == PublicationStatus.SCHEDULED)
    if target_date:
        day = _day(target_date)
        found = found.where(News.publish_at >= day, News.publish_at < day + timedelta(days=1))
    return listed(room, found.order_by(News.publish_at, News.id).offset(skip).limit(limit))


async def get_draft_news(
    _admin: SignedIn, room: RoomDep, skip: Skip = 0, limit: ModerationLimit = 50
) -> list[NewsResponse]:
    drafts = select(News).where(News.status == PublicationStatus.DRAFT, News.is_admin_created.is_(True))
    return listed(room, drafts.order_by(*NEWEST).offset(skip).limit(limit))


async def schedule_news(id: int, body: NewsScheduleCreate, admin: SignedIn, room: RoomDep) -> NewsResponse:
    with opened(room) as session:
        row = _unpublished(session, id)
        row.status, row.publish_at = PublicationStatus.SCHEDULED.value, body.publish_at
        judge(row, admin, ModerationStatus.APPROVED)
        session.flush()
        return NewsResponse.model_validate(row)


async def publish_news_immediately(id: int, admin: SignedIn, room: RoomDep) -> NewsResponse:
    """Works on rejected articles too."""
    with opened(room) as session:
        row = _unpublished(session, id)
        row.status, row.published_at = PublicationStatus.PUBLISHED.value, utc_now()
        judge(row, admin, ModerationStatus.APPROVED)
        session.flush()
        return NewsResponse.model_validate(row)


# --- work -----------------------------------------------------------------------------------------


def _unpublished(session: Session, news_id: int) -> News:
    row = any_news(session, news_id)
    if row.status == PublicationStatus.PUBLISHED:
        raise HTTPException(400, "News is already published")
    return row


def _check_transition(row: News, body: NewsUpdate) -> None:
    if body.status is None:
        return
    if row.status == PublicationStatus.PUBLISHED and body.status is not PublicationStatus.PUBLISHED:
        raise HTTPException(
            400, "Cannot change status of already published news. Delete and create new instead."
        )
    if body.status is PublicationStatus.SCHEDULED and not (body.publish_at or row.publish_at):
        raise HTTPException(400, "publish_at is required when status is 'scheduled'")


def _judged(room: Room, news_id: int, admin: Admin, verdict: ModerationStatus) -> NewsResponse:
    with opened(room) as session:
        row = any_news(session, news_id)
        judge(row, admin, verdict)
        session.flush()
        return NewsResponse.model_validate(row)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise HTTPException(400, "Invalid date format. Use YYYY-MM-DD") from None


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2", tags=["news"])
    routes.get("/news/")(public.get_all_news)
    routes.get("/news/categories")(public.get_all_categories)
    routes.get("/news/{id}")(public.get_news_by_id)
    routes.post("/news/{id}/increment-view")(public.increment_news_view)
    routes.post("/admin/news/", status_code=201)(create_news)
    routes.put("/admin/news/{id}")(update_news)
    routes.delete("/admin/news/{id}", status_code=204)(delete_news)
    routes.get("/admin/news/pending")(get_pending_news)
    routes.get("/admin/news/all-statuses")(get_all_news_with_status)
    routes.get("/admin/news/stats")(get_news_stats)
    routes.get("/admin/news/top-by-views")(get_top_news_by_views)
    routes.post("/admin/news/{id}/approve")(approve_news)
    routes.post("/admin/news/{id}/reject")(reject_news)
    routes.get("/admin/news/schedule-status")(get_schedule_status)
    routes.get("/admin/news/scheduled")(get_scheduled_news)
    routes.get("/admin/news/drafts")(get_draft_news)
    routes.post("/admin/news/{id}/schedule")(schedule_news)
    routes.post("/admin/news/{id}/publish-now")(publish_news_immediately)
    routes.post("/parser/news/submit", status_code=201)(public.submit_news_from_parser)
    return routes


GROUP = Group(router, seed=seed_news)
