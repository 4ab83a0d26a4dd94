"""Uploaded files: where they are kept and how the public answers name them."""

from uuid import uuid4

from fastapi import HTTPException, UploadFile

from sandbox.crm.room import Room

# The public routes of the backend build absolute links with a host of their own.
PUBLIC_HOST = "https://api.tabys.example"


def absolute(path: str | None) -> str | None:
    """A stored path as the public routes show it; whole links and nothing pass unchanged."""
    return f"{PUBLIC_HOST}{path}" if path and path.startswith("/") else path


def only_pictures(file: UploadFile) -> None:
    """400 unless the declared content type is a picture; nothing else is looked at."""
    if not (file.content_type or "").startswith("image/"):
        raise HTTPException(400, "Файл должен быть изображением")


async def keep(room: Room, folder: str, file: UploadFile) -> str:
    """Stores the file under a fresh name and returns its path."""
    name = f"{uuid4()}{extension(file)}"
    target = room.uploads / folder
    target.mkdir(parents=True, exist_ok=True)
    (target / name).write_bytes(await file.read())
    return f"/uploads/{folder}/{name}"


def extension(file: UploadFile) -> str:
    """With its dot, in lower case; empty when the name has none or an odd one."""
    _, dot, ending = (file.filename or "").rpartition(".")
    return f".{ending.lower()}" if dot and ending.isalnum() else ""
