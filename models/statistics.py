"""What is counted: rows of the CRM's lists by their age, and the sums of its dashboard (contract 2.12)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from models.common import Localized, UtcDateTime


class _Figures(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Arrival(_Figures):
    """A record as far as it is counted: when it came, and how it stands."""

    id: int
    created_at: UtcDateTime
    moderation_status: str | None = None
    status: str | None = None


class Titled(_Figures):
    """A project or an article that is named in a table; the base text of a project is Kazakh."""

    id: int
    title: str | None = None
    title_kz: str | None = None
    title_ru: str | None = None
    view_count: int | None = None
    project_type: str | None = None
    status: str | None = None

    @property
    def name(self) -> Localized:
        """Its title in the languages it has."""
        return Localized(self.title_kz or self.title, self.title_ru, self.title)


class UserSums(_Figures):
    """Users of the site as of now. ``new_registrations_today`` counts from midnight UTC."""

    total_users: int = 0
    new_registrations_today: int = 0


class RoleCount(_Figures):
    """Kinds of users; all admins together are one ``admin``."""

    role: str
    count: int


class GrowthDay(_Figures):
    """A day of UTC: who registered on it, and how many there were at its end."""

    date: date
    count: int
    cumulative: int


class DayCount(_Figures):
    """A day of UTC and what was counted on it."""

    date: date
    count: int


class Logins(_Figures):
    """Logins of the period that somebody logged; zeros where nobody does."""

    total_logins: int = 0
    successful_logins: int = 0
    failed_logins: int = 0
    unique_users: int = 0
    by_day: tuple[DayCount, ...] = ()


class Activity(_Figures):
    """Deeds of the period that somebody logged: nothing in the CRM does by itself."""

    total_actions: int = 0
    creates: int = 0
    updates: int = 0
    deletes: int = 0
    views: int = 0


class ActiveUser(_Figures):
    """Somebody by their logged deeds; the backend never knows a name."""

    user_id: int | None = None
    admin_id: int | None = None
    user_type: str = ""
    action_count: int


class SystemEvents(_Figures):
    """What clients logged about themselves."""

    total_events: int = 0
    errors: int = 0
    critical: int = 0


class Dashboard(_Figures):
    """The sums of one period. Users, roles and growth are those of now, whatever period was asked for."""

    user_stats: UserSums
    role_distribution: tuple[RoleCount, ...] = ()
    user_growth: tuple[GrowthDay, ...] = ()
    login_activity: Logins = Logins()
    activity_stats: Activity = Activity()
    top_active_users: tuple[ActiveUser, ...] = ()
    system_events: SystemEvents = SystemEvents()
