"""users: the end users of the site, read-only for every admin (contract 2.12)."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.access import SignedIn
from sandbox.crm.groups import event_texts as texts
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import Group, RoomDep, SeedContext
from sandbox.crm.store import BackendError, Base, utc_now, window

HOW_MANY = 60
STATUSES = {"ACTIVE": "active", "BLOCKED": "blocked"}


class User(Base):
    """An end user; organisations have an e-mail address, people do not."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_number: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None]
    full_name: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="active")
    user_type: Mapped[str] = mapped_column(default="individual")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class UserItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    phone_number: str
    email: str | None
    full_name: str | None
    status: str
    user_type: str


async def get_all_users(
    _admin: SignedIn,
    room: RoomDep,
    skip: int = 0,
    limit: int = 1000,
    # Declared without null and without default there, so it has to be here too.
    status_filter: Annotated[str, Query()] = None,  # type: ignore[assignment] # noqa: RUF013
) -> list[UserItem]:
    """`status_filter` takes ACTIVE, BLOCKED or all; the lower-case values of the answer break the backend."""
    offset, size = window(skip, limit)
    found = select(User).order_by(User.id)
    if status_filter and status_filter != "all":
        if status_filter not in STATUSES:
            raise BackendError("unknown value of an enumeration")
        found = found.where(User.status == STATUSES[status_filter])
    with room.db.session() as session:
        return [UserItem.model_validate(row) for row in session.scalars(found.offset(offset).limit(size))]


def seed_users(context: SeedContext) -> None:
    """People and a few organisations; every twelfth is blocked, every tenth has no profile yet."""
    source = context.random
    rows = []
    for number in range(1, HOW_MANY + 1):
        name = f"{source.choice(texts.FIRST_NAMES)} {source.choice(texts.LAST_NAMES)}"
        organisation = number % 15 == 0
        rows.append(
            {
                "phone_number": f"7700000{number:04d}",
                "email": f"org{number}@example.com" if organisation else None,
                "full_name": None if number % 10 == 3 else f"ЖК «{name}» & Ко" if organisation else name,
                "status": "blocked" if number % 12 == 0 else "active",
                "user_type": "organization" if organisation else "individual",
                # More and more of them in the last two months.
                "created_at": context.now - timedelta(hours=(HOW_MANY - number) ** 2 // 3),
            }
        )
    store(context, User, rows)


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/auth", tags=["users"])
    routes.get("/users")(get_all_users)
    return routes


GROUP = Group(router, seed=seed_users)
