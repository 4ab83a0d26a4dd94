"""The sums of the dashboard."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sandbox.crm.groups.analytics.shapes import (
    ActivityStats,
    LoginActivityStats,
    SystemEventResponse,
    SystemEventsStats,
    TopActiveUser,
    UserGrowthDataPoint,
    UserRoleDistribution,
    UserStats,
)
from sandbox.crm.groups.analytics.tables import LoginAttempt, SystemEvent, UserActivity
from sandbox.crm.groups.users import User
from sandbox.crm.tables import Admin

GROWTH_DAYS = 30
TOP_USERS = 10
RECENT_ERRORS = 10


def user_stats(session: Session, now: datetime) -> UserStats:
    """Of now, whatever range was asked for."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)

    def active(since: datetime) -> int:
        seen = select(func.count(UserActivity.user_id.distinct())).where(UserActivity.created_at >= since)
        return session.scalar(seen) or 0

    def registered(since: datetime) -> int:
        new = select(func.count()).select_from(User).where(User.created_at >= since)
        return session.scalar(new) or 0

    week, month = today - timedelta(days=7), today - timedelta(days=30)
    return UserStats(
        total_users=session.scalar(select(func.count()).select_from(User)) or 0,
        active_today=active(today),
        active_week=active(week),
        active_month=active(month),
        new_registrations_today=registered(today),
        new_registrations_week=registered(week),
        new_registrations_month=registered(month),
    )


def role_distribution(session: Session) -> list[UserRoleDistribution]:
    """The kinds of users, then all admins as one."""
    kinds = select(User.user_type, func.count()).group_by(User.user_type).order_by(User.user_type.desc())
    found = [UserRoleDistribution(role=row[0], count=row[1]) for row in session.execute(kinds)]
    admins = session.scalar(select(func.count()).select_from(Admin)) or 0
    return [*found, UserRoleDistribution(role="admin", count=admins)]


def user_growth(session: Session, now: datetime) -> list[UserGrowthDataPoint]:
    """The thirty days before today, whatever range was asked for."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - timedelta(days=back) for back in range(GROWTH_DAYS, 0, -1)]
    moments = session.scalars(select(User.created_at).where(User.created_at < today))
    counts = Counter(moment.date() for moment in moments)
    total = sum(count for day, count in counts.items() if day < days[0].date())
    points = []
    for day in days:
        total += counts[day.date()]
        points.append(
            UserGrowthDataPoint(date=day.date().isoformat(), count=counts[day.date()], cumulative=total)
        )
    return points


def login_activity(session: Session, start: datetime, end: datetime) -> LoginActivityStats:
    rows = session.scalars(select(LoginAttempt).where(LoginAttempt.created_at.between(start, end))).all()
    states = Counter(row.status for row in rows)
    days = Counter(row.created_at.date().isoformat() for row in rows)
    people = {(row.admin_id, row.user_id) for row in rows if row.admin_id or row.user_id}
    return LoginActivityStats(
        total_logins=len(rows),
        successful_logins=states["success"],
        failed_logins=states["failed"],
        unique_users=len(people),
        by_day=[{"date": day, "count": days[day]} for day in sorted(days)],
    )


def activity_stats(session: Session, start: datetime, end: datetime) -> ActivityStats:
    rows = session.scalars(select(UserActivity).where(UserActivity.created_at.between(start, end))).all()
    actions = Counter(row.action_type for row in rows)
    resources = Counter(row.resource_type for row in rows if row.resource_type)
    return ActivityStats(
        total_actions=len(rows),
        creates=actions["create"],
        updates=actions["update"],
        deletes=actions["delete"],
        views=actions["view"],
        by_resource_type=[{"resource_type": name, "count": count} for name, count in resources.most_common()],
    )


def top_active_users(session: Session, start: datetime, end: datetime) -> list[TopActiveUser]:
    """The backend never finds their names."""
    who = (UserActivity.user_id, UserActivity.admin_id, UserActivity.user_type)
    most = (
        select(*who, func.count())
        .where(UserActivity.created_at.between(start, end))
        .group_by(*who)
        .order_by(func.count().desc(), func.min(UserActivity.id))
    )
    return [
        TopActiveUser(user_id=row[0], admin_id=row[1], user_type=row[2], name="-", action_count=row[3])
        for row in session.execute(most.limit(TOP_USERS))
    ]


def system_events(session: Session, start: datetime, end: datetime) -> SystemEventsStats:
    rows = session.scalars(
        select(SystemEvent)
        .where(SystemEvent.created_at.between(start, end))
        .order_by(SystemEvent.created_at.desc(), SystemEvent.id.desc())
    ).all()
    kinds = Counter(row.event_type for row in rows)
    errors = [row for row in rows if row.event_type in ("error", "critical")]
    return SystemEventsStats(
        total_events=len(rows),
        errors=kinds["error"],
        warnings=kinds["warning"],
        info=kinds["info"],
        critical=kinds["critical"],
        recent_errors=[SystemEventResponse.model_validate(row) for row in errors[:RECENT_ERRORS]],
    )
