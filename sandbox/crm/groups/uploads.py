"""uploads: the generic file uploads (contract 2.14). Nobody has to sign in for them."""

from pathlib import PurePosixPath
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, File, HTTPException, UploadFile

from sandbox.crm.room import Group, Room, RoomDep

DOCUMENT_TYPES = frozenset(
    {
        "application/pdf",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
    }
)
DOCUMENT_EXTENSIONS = (
    ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".jpg", ".jpeg", ".png", ".gif", ".webp",
)  # fmt: skip


async def upload_photo(room: RoomDep, file: Annotated[UploadFile, File()]) -> dict[str, str]:
    """Only the declared content type is looked at."""
    if not (file.content_type or "").startswith("image/"):
        raise HTTPException(400, "Файл должен быть изображением")
    return {"file_path": await _kept(room, "documents", file)}


async def upload_document(room: RoomDep, file: Annotated[UploadFile, File()]) -> dict[str, str]:
    """The declared type or the extension suffices."""
    by_name = (file.filename or "").lower().endswith(DOCUMENT_EXTENSIONS)
    if not by_name and file.content_type not in DOCUMENT_TYPES:
        raise HTTPException(
            400, "Неподдерживаемый тип файла. Разрешены: .docx, .doc, .pdf, .xlsx, .xls и изображения"
        )
    return {"file_path": await _kept(room, "templates", file)}


async def _kept(room: Room, folder: str, file: UploadFile) -> str:
    """Stores the file and returns its path; the original name stays, but never as a way out of the folder."""
    original = PurePosixPath((file.filename or "").replace("\\", "/").replace("\x00", "")).name
    name = f"{uuid4()}_{original[-100:]}"
    (room.uploads / folder / name).write_bytes(await file.read())
    return f"/uploads/{folder}/{name}"


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/auth", tags=["uploads"])
    routes.post("/upload-photo")(upload_photo)
    routes.post("/upload-document")(upload_document)
    return routes


GROUP = Group(router, upload_folders=("documents", "templates"))
