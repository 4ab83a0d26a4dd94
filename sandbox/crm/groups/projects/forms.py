"""projects: the form of an application project and what people sent in with it (contract 2.7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Header, HTTPException, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox.crm.access import Permitted
from sandbox.crm.groups import files, moderated
from sandbox.crm.groups.projects import tables
from sandbox.crm.groups.projects.shapes import (
    FormSubmissionCreate,
    FormSubmissionResponse,
    FormTemplateCreate,
    FormTemplateResponse,
    FormTemplateUpdate,
)
from sandbox.crm.room import Room, RoomDep
from sandbox.crm.store import BackendError, utc_now
from sandbox.crm.tables import Admin
from sandbox.crm.tokens import TokenError

Creator = Annotated[Admin, Depends(Permitted("projects", "create"))]
Editor = Annotated[Admin, Depends(Permitted("projects", "update"))]
Remover = Annotated[Admin, Depends(Permitted("projects", "delete"))]

ANYBODYS = ("administrator", "super_admin")
UPLOAD_EXTENSIONS = (".txt", ".doc", ".jpeg", ".png", ".docx", ".jpg", ".pdf")
UPLOAD_LIMIT = 10 * 1024 * 1024
NO_FORM = "Form template not found for this project"


def owns(admin: Admin, project: tables.Project) -> bool:
    """Here every role but the administrators needs to own the project, government too."""
    return admin.role in ANYBODYS or project.admin_id == admin.id


def managed(session: Session, project_id: int, admin: Admin, purpose: str) -> tables.Project:
    """The project; 404 when unknown, 403 naming the purpose when it is somebody else's."""
    project = moderated.found(session, tables.Project, project_id, "Project not found")
    if not owns(admin, project):
        raise HTTPException(403, f"You don't have permission to {purpose}")
    return project


async def create_form_template(
    project_id: int, body: FormTemplateCreate, admin: Creator, room: RoomDep
) -> FormTemplateResponse:
    now = utc_now()
    with room.db.session() as session:
        project = managed(session, project_id, admin, "manage this project")
        if project.project_type != "application":
            raise HTTPException(400, "Form templates can only be created for application projects")
        if template_of(session, project_id):
            raise HTTPException(400, "Form template already exists for this project. Use PUT to update.")
        content = body.model_dump(mode="json", exclude={"project_id"})
        template = tables.FormTemplate(project_id=project_id, created_at=now, updated_at=now, **content)
        session.add(template)
        session.flush()
        return FormTemplateResponse.model_validate(template)


async def get_form_template(project_id: int, room: RoomDep) -> FormTemplateResponse:
    with room.db.session() as session:
        template = template_of(session, project_id)
        if template is None or not template.is_active:
            raise HTTPException(404, NO_FORM)
        return FormTemplateResponse.model_validate(template)


async def update_form_template(
    project_id: int, body: FormTemplateUpdate, admin: Editor, room: RoomDep
) -> FormTemplateResponse:
    with room.db.session() as session:
        template = _own_template(session, project_id, admin)
        for name, value in body.model_dump(mode="json", exclude_unset=True).items():
            if value is None and not name.startswith("description"):
                raise BackendError(f"null in the required column {name}")
            setattr(template, name, value)
        template.updated_at = utc_now()
        session.flush()
        return FormTemplateResponse.model_validate(template)


async def delete_form_template(project_id: int, admin: Remover, room: RoomDep) -> None:
    with room.db.session() as session:
        template = _own_template(session, project_id, admin)
        sent_in = select(tables.FormSubmission.id).where(
            tables.FormSubmission.form_template_id == template.id
        )
        if session.scalar(sent_in.limit(1)):
            raise BackendError("submissions point to the template")
        session.delete(template)


async def submit_form(
    project_id: int,
    body: FormSubmissionCreate,
    room: RoomDep,
    authorization: Annotated[str | None, Header()] = None,
) -> FormSubmissionResponse:
    """A token of an end user is welcome but not needed."""
    now = utc_now()
    with room.db.session() as session:
        project = session.get(tables.Project, project_id)
        if project is None or project.project_type != "application":
            raise HTTPException(404, "Project not found or not an application project")
        if project.status != "active" or not project.start_date <= now <= project.end_date:
            raise HTTPException(400, "Project is not accepting applications")
        template = template_of(session, project_id)
        if template is None or not template.is_active:
            raise HTTPException(404, NO_FORM)
        missing = {
            field["id"]
            for field in template.fields
            if field["required"] and not body.responses.get(field["id"])
        }
        if missing:
            raise HTTPException(400, f"Missing required fields: {missing}")
        submission = tables.FormSubmission(
            project_id=project_id,
            form_template_id=template.id,
            user_id=_user_of(room, authorization),
            submitted_at=now,
            **body.model_dump(),
        )
        session.add(submission)
        session.flush()
        return FormSubmissionResponse.model_validate(submission)


async def upload_form_field_file(
    project_id: int, room: RoomDep, field_id: Annotated[str, Form()], file: Annotated[UploadFile, File()]
) -> dict[str, Any]:
    """The project is not looked at."""
    if files.extension(file) not in UPLOAD_EXTENSIONS:
        raise HTTPException(400, f"File type not allowed. Allowed: {', '.join(UPLOAD_EXTENSIONS)}")
    size = file.size or 0
    if size > UPLOAD_LIMIT:
        raise HTTPException(400, "File too large. Maximum size: 10 MB")
    path = await files.keep(room, f"forms/project_{project_id}", file)
    return {
        "file_url": files.absolute(path),
        "field_id": field_id,
        "filename": file.filename,
        "size": size,
    }


def template_of(session: Session, project_id: int) -> tables.FormTemplate | None:
    return session.scalar(select(tables.FormTemplate).where(tables.FormTemplate.project_id == project_id))


def _own_template(session: Session, project_id: int, admin: Admin) -> tables.FormTemplate:
    managed(session, project_id, admin, "manage this project")
    template = template_of(session, project_id)
    if template is None:
        raise HTTPException(404, "Form template not found")
    return template


def _user_of(room: Room, authorization: str | None) -> int | None:
    try:
        return room.tokens.user_id((authorization or "").partition(" ")[2])
    except TokenError:
        return None


def add_to(routes: APIRouter) -> None:
    routes.post("/{project_id}/form-template", status_code=201)(create_form_template)
    routes.get("/{project_id}/form-template")(get_form_template)
    routes.put("/{project_id}/form-template")(update_form_template)
    routes.delete("/{project_id}/form-template", status_code=204)(delete_form_template)
    routes.post("/{project_id}/form/submit", status_code=201)(submit_form)
    routes.post("/{project_id}/form/upload-file")(upload_form_field_file)
