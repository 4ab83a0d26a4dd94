"""projects: photo, gallery and the legacy applications, which need no form (contract 2.7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, File, Form, HTTPException, UploadFile
from sqlalchemy import func, select

from sandbox.crm.access import EndUser
from sandbox.crm.groups import files
from sandbox.crm.groups.files import absolute
from sandbox.crm.groups.moderated import found, raw
from sandbox.crm.groups.projects import tables
from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError, window

MISSING = "Проект не найден"
DOCUMENT_TYPES = (
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/jpeg",
    "image/png",
)


async def upload_project_photo(
    project_id: int, room: RoomDep, file: Annotated[UploadFile, File()]
) -> dict[str, str | None]:
    with room.db.session() as session:
        found(session, tables.Project, project_id, MISSING)
    files.only_pictures(file)
    path = await files.keep(room, "projects", file)
    with room.db.session() as session:
        found(session, tables.Project, project_id, MISSING).photo_url = path
    return {"file_path": absolute(path), "message": "Фото успешно загружено"}


async def upload_gallery_image(
    project_id: int,
    room: RoomDep,
    file: Annotated[UploadFile, File()],
    description: Annotated[str | None, Form()] = None,
) -> dict[str, Any]:
    with room.db.session() as session:
        found(session, tables.Project, project_id, MISSING)
    path = await files.keep(room, "gallery", file)
    with room.db.session() as session:
        picture = tables.ProjectPicture(project_id=project_id, image_url=path, description=description)
        session.add(picture)
        session.flush()
        return {"id": picture.id, "file_path": absolute(path), "message": "Изображение добавлено в галерею"}


async def delete_gallery_image(image_id: int, room: RoomDep) -> dict[str, str]:
    with room.db.session() as session:
        session.delete(found(session, tables.ProjectPicture, image_id, "Изображение не найдено"))
    return {"message": "Изображение удалено"}


async def submit_application(
    project_id: int,
    room: RoomDep,
    phone_number: Annotated[str, Form()],
    description: Annotated[str, Form()],
    applicant_name: Annotated[str | None, Form()] = None,
    email: Annotated[str | None, Form()] = None,
    document: Annotated[UploadFile | None, File()] = None,
) -> dict[str, Any]:
    with room.db.session() as session:
        project = session.get(tables.Project, project_id)
    if project is None or project.project_type != "application":
        raise HTTPException(404, "Проект не найден или это не проект с приемом заявок")
    if document and document.content_type not in DOCUMENT_TYPES:
        raise HTTPException(400, "Неподдерживаемый тип файла")
    path = await files.keep(room, "applications", document) if document else None
    with room.db.session() as session:
        application = tables.ProjectApplication(
            project_id=project_id,
            phone_number=phone_number,
            description=description,
            applicant_name=applicant_name,
            email=email,
            document_url=path,
        )
        session.add(application)
        session.flush()
        return {
            "message": "Заявка успешно подана",
            "application_id": application.id,
            "project_title": project.title,
            "status": application.status,
        }


async def get_project_applications(
    project_id: int,
    _user: EndUser,
    room: RoomDep,
    status_filter: str | None = None,
    skip: int = 0,
    limit: int = 20,
) -> dict[str, Any]:
    """Any end user may, no admin can."""
    offset, size = window(skip, limit)
    table = tables.ProjectApplication
    where = [table.project_id == project_id]
    if status_filter:
        where.append(table.status == status_filter)
    with room.db.session() as session:
        project = found(session, tables.Project, project_id, MISSING)
        total = session.scalar(select(func.count()).select_from(table).where(*where))
        newest = select(table).where(*where).order_by(table.created_at.desc(), table.id.desc())
        shown = [
            {name: value for name, value in raw(row).items() if name != "project_id"}
            | {"document_url": absolute(row.document_url)}
            for row in session.scalars(newest.offset(offset).limit(size))
        ]
    return {"project_title": project.title, "total_count": total, "applications": shown}


async def update_application_status(
    application_id: int, body: Annotated[dict[str, Any], Body()], _user: EndUser
) -> None:
    raise BackendError("looks for a flag that end users do not have")


def add_to(routes: APIRouter) -> None:
    routes.post("/{project_id}/upload-photo")(upload_project_photo)
    routes.post("/{project_id}/upload-gallery")(upload_gallery_image)
    routes.post("/{project_id}/applications")(submit_application)
    routes.get("/{project_id}/applications")(get_project_applications)
    routes.put("/applications/{application_id}/status")(update_application_status)
    routes.delete("/gallery/{image_id}")(delete_gallery_image)
