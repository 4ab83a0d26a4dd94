"""What the logs take and the dashboard answers."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class UserActivityCreate(BaseModel):
    user_id: int | None = None
    admin_id: int | None = None
    user_type: str
    action_type: str
    resource_type: str | None = None
    resource_id: int | None = None
    description: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None


class LoginHistoryCreate(BaseModel):
    user_id: int | None = None
    admin_id: int | None = None
    user_type: str
    phone_number: str | None = None
    login: str | None = None
    status: str
    failure_reason: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None


class SystemEventCreate(BaseModel):
    event_type: str
    source: str
    message: str
    details: str | None = None
    user_id: int | None = None
    admin_id: int | None = None


class SystemEventResponse(SystemEventCreate):
    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: datetime


class UserStats(BaseModel):
    total_users: int
    active_today: int
    active_week: int
    active_month: int
    new_registrations_today: int
    new_registrations_week: int
    new_registrations_month: int


class UserRoleDistribution(BaseModel):
    role: str
    count: int


class UserGrowthDataPoint(BaseModel):
    date: str
    count: int
    cumulative: int


class LoginActivityStats(BaseModel):
    total_logins: int
    successful_logins: int
    failed_logins: int
    unique_users: int
    by_day: list[dict[str, Any]]


class ActivityStats(BaseModel):
    total_actions: int
    creates: int
    updates: int
    deletes: int
    views: int
    by_resource_type: list[dict[str, Any]]


class TopActiveUser(BaseModel):
    user_id: int | None
    admin_id: int | None
    user_type: str
    name: str | None
    action_count: int


class SystemEventsStats(BaseModel):
    total_events: int
    errors: int
    warnings: int
    info: int
    critical: int
    recent_errors: list[SystemEventResponse]


class AnalyticsDashboard(BaseModel):
    user_stats: UserStats
    role_distribution: list[UserRoleDistribution]
    user_growth: list[UserGrowthDataPoint]
    login_activity: LoginActivityStats
    activity_stats: ActivityStats
    top_active_users: list[TopActiveUser]
    system_events: SystemEventsStats
