"""analytics: the dashboard of every admin, and logs that anybody may write (contract 2.12)."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel

from sandbox.crm.access import SignedIn
from sandbox.crm.groups.analytics import dashboard
from sandbox.crm.groups.analytics.seed import seed_analytics
from sandbox.crm.groups.analytics.shapes import (
    AnalyticsDashboard,
    LoginHistoryCreate,
    SystemEventCreate,
    UserActivityCreate,
)
from sandbox.crm.groups.analytics.tables import LoginAttempt, SystemEvent, UserActivity
from sandbox.crm.groups.judging import check_lengths
from sandbox.crm.room import Group, Room, RoomDep
from sandbox.crm.store import as_stored, utc_now

# Anything else means the last 24 hours.
PERIODS = {"day": 1, "week": 7, "month": 30, "year": 365}
COLUMNS = {"user_type": 20, "action_type": 50}


async def get_analytics_dashboard(
    _admin: SignedIn,
    room: RoomDep,
    period: str = "month",
    start_date: datetime | None = None,
    end_date: datetime | None = None,
) -> AnalyticsDashboard:
    """A range counts only when both of its dates are there."""
    now = utc_now()
    if start_date and end_date:
        start, end = as_stored(start_date), as_stored(end_date)
    else:
        start, end = now - timedelta(days=PERIODS.get(period, 1)), now
    with room.db.session() as session:
        return AnalyticsDashboard(
            user_stats=dashboard.user_stats(session, now),
            role_distribution=dashboard.role_distribution(session),
            user_growth=dashboard.user_growth(session, now),
            login_activity=dashboard.login_activity(session, start, end),
            activity_stats=dashboard.activity_stats(session, start, end),
            top_active_users=dashboard.top_active_users(session, start, end),
            system_events=dashboard.system_events(session, start, end),
        )


async def log_user_activity(body: UserActivityCreate, room: RoomDep) -> dict[str, str | int]:
    return {"message": "Activity logged successfully", "id": _logged(room, UserActivity, body)}


async def log_login_attempt(body: LoginHistoryCreate, room: RoomDep) -> dict[str, str | int]:
    return {"message": "Login logged successfully", "id": _logged(room, LoginAttempt, body)}


async def log_system_event(body: SystemEventCreate, room: RoomDep) -> dict[str, str | int]:
    return {"message": "Event logged successfully", "id": _logged(room, SystemEvent, body)}


def _logged(room: Room, table: type[UserActivity | LoginAttempt | SystemEvent], body: BaseModel) -> int:
    values = body.model_dump()
    check_lengths(values, COLUMNS)
    with room.db.session() as session:
        row = table(**values, created_at=utc_now())
        session.add(row)
        session.flush()
        return row.id


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/admin/analytics", tags=["analytics"])
    routes.get("/dashboard")(get_analytics_dashboard)
    routes.post("/activity/log")(log_user_activity)
    routes.post("/login/log")(log_login_attempt)
    routes.post("/event/log")(log_system_event)
    return routes


GROUP = Group(router, seed=seed_analytics)
