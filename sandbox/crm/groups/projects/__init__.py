"""projects: votings and application projects, their forms and submissions (contract 2.7)."""

from fastapi import APIRouter

from sandbox.crm.groups.moderated import waiting_in
from sandbox.crm.groups.projects import admin, applications, forms, public, submissions, tables, voting
from sandbox.crm.groups.projects.seed import seed_projects
from sandbox.crm.room import Group, Moderated


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/projects", tags=["projects"])
    admin.add_to(routes)
    applications.add_to(routes)
    public.add_to(routes)
    voting.add_to(routes)
    forms.add_to(routes)
    submissions.add_to(routes)
    return routes


GROUP = Group(
    router,
    moderated=(Moderated("project", "projects", admin.count_by_status, waiting_in(tables.Project)),),
    seed=seed_projects,
    upload_folders=("projects", "gallery", "participants", "applications", "forms"),
)
