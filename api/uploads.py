"""Files for records that take none themselves (news, leisure, projects): contract section 2.14."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from api.client import Backend
from models.access import Caller
from models.common import Upload

PHOTO = "/api/v2/auth/upload-photo"
DOCUMENT = "/api/v2/auth/upload-document"


class Uploads:
    """General uploads. The backend asks for no token here, so check rights before calling."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"upload_photo": (f"POST {PHOTO}",), "upload_document": (f"POST {DOCUMENT}",)}
    )

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def upload_photo(self, caller: Caller, photo: Upload) -> str:
        """The stored path, to be put into a ``*_url`` field; the content type must be an image's."""
        return await self._send(PHOTO, caller, photo)

    async def upload_document(self, caller: Caller, document: Upload) -> str:
        """The stored path; pdf, doc(x), xls(x), jpg, png, gif, webp by type or by extension."""
        return await self._send(DOCUMENT, caller, document)

    async def _send(self, path: str, caller: Caller, file: Upload) -> str:
        files = {"file": (file.name, file.content, file.content_type)}
        return (await self._backend.call("POST", path, group="uploads", caller=caller, files=files)).text(
            "file_path"
        )
