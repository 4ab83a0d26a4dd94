"""certificates: only their owners get at them; everything else here breaks for everybody (contract 2.13, Q4)."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, UploadFile
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Mapped, mapped_column

from sandbox.crm.access import EndUser
from sandbox.crm.groups.seeding import store
from sandbox.crm.room import Group, Room, RoomDep, SeedContext
from sandbox.crm.store import BackendError, Base, utc_now

HOW_MANY = 120
TITLES = (
    "«Цифрлық дағдылар» сертификаты",
    "Сертификат волонтёра & наставника",
    "Python <негіздері> 🐍",
    "Республикалық олимпиада қатысушысына берілген құрмет грамотасы " * 6,
)


class Certificate(Base):
    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    course_id: Mapped[int | None]
    title: Mapped[str]
    description: Mapped[str | None]
    image_url: Mapped[str | None]
    file_url: Mapped[str | None]
    issue_date: Mapped[date]
    status: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class CertificateRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    title: str
    description: str | None = None
    course_id: int | None = None
    id: int
    user_id: int
    image_url: str | None = None
    file_url: str | None = None
    issue_date: date
    status: str
    created_at: datetime
    updated_at: datetime


async def get_certificate_details(
    certificate_id: Annotated[int, InPath(ge=1)], user: EndUser, room: RoomDep
) -> CertificateRow:
    return CertificateRow.model_validate(_owned(room, certificate_id, user))


async def download_certificate(certificate_id: int, user: EndUser, room: RoomDep) -> FileResponse:
    path = _file(room, _owned(room, certificate_id, user).file_url)
    name = f"certificate_{certificate_id}.pdf"
    return FileResponse(path, media_type="application/pdf", filename=name)


async def get_certificate_image(certificate_id: int, user: EndUser, room: RoomDep) -> FileResponse:
    return FileResponse(_file(room, _owned(room, certificate_id, user).image_url))


# --- unusable: the backend asks an end user for a right of admins -------------------------------------------


async def list_certificates(_user: EndUser, skip: int = 0, limit: int = 20, status: str | None = None) -> Any:
    raise BackendError("an end user is asked for a right of admins")


async def create_certificate(
    _user: EndUser,
    title: Annotated[str, Form()],
    description: Annotated[str | None, Form()] = None,
    course_id: Annotated[int | None, Form()] = None,
    image: Annotated[UploadFile | None, File()] = None,
    pdf_file: Annotated[UploadFile | None, File()] = None,
) -> Any:
    raise BackendError("an end user is asked for a right of admins")


async def delete_certificate(certificate_id: int, _user: EndUser) -> None:
    raise BackendError("an end user is asked for a right of admins")


async def revoke_certificate(certificate_id: int, _user: EndUser) -> Any:
    raise BackendError("an end user is asked for a right of admins")


# --- work -----------------------------------------------------------------------------------------


def _owned(room: Room, certificate_id: int, user: int) -> Certificate:
    """The user's own; another's breaks the backend instead of being refused."""
    with room.db.session() as session:
        row = session.get(Certificate, certificate_id)
    if row is None:
        raise HTTPException(404, "Сертификат не найден")
    if row.user_id != user:
        raise BackendError("another's certificate")
    return row


def _file(room: Room, stored: str | None) -> Path:
    path = room.uploads / stored if stored else None
    if path is None or not path.is_file():
        raise BackendError("the certificate has no such file")
    return path


def seed_certificates(context: SeedContext) -> None:
    """Of some people, some revoked; their files were never uploaded."""
    rows = []
    for number in range(HOW_MANY):
        issued = context.now - timedelta(days=3 * number)
        user = 1 + number % 45
        rows.append(
            {
                "user_id": user,
                "course_id": None if number % 4 == 3 else 1 + number % 100,
                "title": TITLES[number % len(TITLES)],
                "description": None if number % 3 else "Үздік нәтиже үшін",
                "image_url": None if number % 5 == 1 else f"certificates/{user}/{number + 1}.png",
                "file_url": None if number % 5 == 2 else f"certificates/{user}/{number + 1}.pdf",
                "issue_date": issued.date(),
                "status": "revoked" if number % 11 == 10 else "active",
                "created_at": issued,
                "updated_at": issued,
            }
        )
    store(context, Certificate, rows)


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/certificates", tags=["certificates"])
    routes.get("/")(list_certificates)
    routes.post("/", status_code=201)(create_certificate)
    routes.get("/{certificate_id}")(get_certificate_details)
    routes.delete("/{certificate_id}", status_code=204)(delete_certificate)
    routes.post("/{certificate_id}/revoke")(revoke_certificate)
    routes.get("/{certificate_id}/download")(download_certificate)
    routes.get("/{certificate_id}/image")(get_certificate_image)
    return routes


GROUP = Group(router, seed=seed_certificates, upload_folders=("certificates",))
