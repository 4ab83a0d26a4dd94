"""volunteers: people, events, tasks, coins, benefits, status (contract 2.10)."""

from fastapi import APIRouter

from sandbox.crm.groups.volunteers import applications, events, people, reports, shop
from sandbox.crm.groups.volunteers.seed import seed_volunteers
from sandbox.crm.room import Group


def router() -> APIRouter:
    for_admins = APIRouter(prefix="/api/v2/admin/volunteer", tags=["volunteers"])
    events.add_admin_routes(for_admins)
    applications.add_to(for_admins)
    people.add_to(for_admins)
    shop.add_to(for_admins)
    reports.add_to(for_admins)
    for_everybody = APIRouter(prefix="/api/v2/volunteer", tags=["volunteers"])
    events.add_public_routes(for_everybody)
    routes = APIRouter()
    routes.routes.extend([*for_admins.routes, *for_everybody.routes])
    return routes


GROUP = Group(router, seed=seed_volunteers, upload_folders=("task_reports",))
