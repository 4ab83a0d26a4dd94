"""notifications: what admins write to end users of the site (contract 2.12). Every role may."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sandbox.crm.access import SignedIn
from sandbox.crm.groups.seeding import store
from sandbox.crm.groups.users import User
from sandbox.crm.room import Group, RoomDep, SeedContext
from sandbox.crm.store import BackendError, Base, utc_now, window

TITLE_COLUMN = 500
HOW_MANY = 160
# Type, entity, title in Kazakh and Russian.
DEMO = (
    ("custom_message", None, "Хабарландыру 🔔", "Объявление 🔔"),
    ("application_approved", "volunteer_application", "Өтініміңіз мақұлданды", "Ваша заявка одобрена"),
    ("event_published", "event", "Жаңа іс-шара <жақында>", "Новое мероприятие <скоро>"),
    ("promotion_rejected", "promotion_request", "Мәртебе көтеру қабылданбады", "Повышение отклонено"),
    ("reminder", None, "Еске салу: ертең & кешікпеңіз", "Напоминание: завтра & без опозданий"),
    ("news_published", "news", "Жаңалық", "Новость " + "длинная " * 40),
)


class Notification(Base):
    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    title_kz: Mapped[str]
    title_ru: Mapped[str]
    message_kz: Mapped[str | None]
    message_ru: Mapped[str | None]
    notification_type: Mapped[str] = mapped_column(default="custom_message")
    entity_type: Mapped[str | None]
    entity_id: Mapped[int | None]
    is_read: Mapped[bool] = mapped_column(default=False)
    admin_comment: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class AdminNotificationCreate(BaseModel):
    user_ids: list[int]
    title_kz: str
    title_ru: str
    message_kz: str | None = None
    message_ru: str | None = None
    notification_type: str = "custom_message"
    send_to_all: bool = False


class AdminNotificationBulkResponse(BaseModel):
    message: str
    notifications_created: int
    failed_users: list[int] = []


class NotificationResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    user_id: int
    title_kz: str
    title_ru: str
    message_kz: str | None = None
    message_ru: str | None = None
    notification_type: str
    entity_type: str | None = None
    entity_id: int | None = None
    is_read: bool
    admin_comment: str | None = None
    created_at: datetime

    @field_validator("created_at")
    @classmethod
    def _with_zone(cls, value: datetime) -> datetime:
        return value.replace(tzinfo=UTC)


class NotificationListResponse(BaseModel):
    notifications: list[NotificationResponse]
    total: int
    unread_count: int


def notify(
    session: Session,
    user_id: int | None,
    title_kz: str,
    title_ru: str,
    *,
    kind: str,
    entity: tuple[str, int],
    message_kz: str | None = None,
    message_ru: str | None = None,
    comment: str | None = None,
) -> None:
    """Leaves a notification on the site for an end user, when there is one."""
    if user_id is None:
        return
    session.add(
        Notification(
            user_id=user_id,
            title_kz=title_kz,
            title_ru=title_ru,
            message_kz=message_kz,
            message_ru=message_ru,
            notification_type=kind,
            entity_type=entity[0],
            entity_id=entity[1],
            admin_comment=comment,
            created_at=utc_now(),
        )
    )


async def admin_send_notifications(
    body: AdminNotificationCreate, _admin: SignedIn, room: RoomDep
) -> AdminNotificationBulkResponse:
    """One for each known user; the unknown ones come back, and it is still a 200."""
    if body.send_to_all:
        raise BackendError("sending to all never worked")
    if not body.user_ids:
        raise HTTPException(400, "No users specified and send_to_all is False")
    if max(len(body.title_kz), len(body.title_ru)) > TITLE_COLUMN:
        raise BackendError("title longer than its column")
    content = body.model_dump(exclude={"user_ids", "send_to_all"})
    now = utc_now()
    with room.db.session() as session:
        known = set(session.scalars(select(User.id).where(User.id.in_(body.user_ids))))
        made = [
            Notification(user_id=user, created_at=now, **content) for user in body.user_ids if user in known
        ]
        session.add_all(made)
    return AdminNotificationBulkResponse(
        message=f"Successfully created {len(made)} notifications",
        notifications_created=len(made),
        failed_users=[user for user in body.user_ids if user not in known],
    )


async def admin_get_all_notifications(
    _admin: SignedIn, room: RoomDep, skip: int = 0, limit: int = 50, user_id: int | None = None
) -> NotificationListResponse:
    """Newest first with a true total; unread_count is always 0."""
    offset, size = window(skip, limit)
    found = select(Notification).order_by(Notification.created_at.desc(), Notification.id.desc())
    count = select(func.count()).select_from(Notification)
    # 0 is no filter.
    if user_id:
        found = found.where(Notification.user_id == user_id)
        count = count.where(Notification.user_id == user_id)
    with room.db.session() as session:
        page = session.scalars(found.offset(offset).limit(size))
        return NotificationListResponse(
            notifications=[NotificationResponse.model_validate(row) for row in page],
            total=session.scalar(count) or 0,
            unread_count=0,
        )


def seed_notifications(context: SeedContext) -> None:
    """160 notifications of every kind; a third are read, some have no message."""
    store(context, Notification, [_demo(context, number) for number in range(HOW_MANY)])


def _demo(context: SeedContext, number: int) -> dict[str, Any]:
    """`number` counts from the oldest."""
    kind, entity, title_kz, title_ru = DEMO[number % len(DEMO)]
    by_hand = kind == "custom_message"
    return {
        "user_id": 1 + number * 7 % 60,
        "title_kz": title_kz,
        "title_ru": title_ru,
        "message_kz": None if number % 5 == 4 else "Толығырақ порталда <жеке кабинет> & поштада",
        "message_ru": None if number % 7 == 4 else "Подробнее на портале в <личном кабинете> & на почте",
        "notification_type": kind,
        "entity_type": entity,
        "entity_id": None if by_hand else 1 + number % 40,
        "is_read": number % 3 == 0,
        "admin_comment": "Фото анық емес" if kind.endswith("rejected") else None,
        "created_at": context.now - timedelta(hours=3 * (HOW_MANY - number), minutes=number % 60),
    }


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/notifications", tags=["notifications"])
    routes.post("/admin/send")(admin_send_notifications)
    routes.get("/admin/all")(admin_get_all_notifications)
    return routes


GROUP = Group(router, seed=seed_notifications)
