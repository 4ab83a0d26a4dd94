"""Files that went through the chats, kept in memory, and the checks of photos."""

from __future__ import annotations

import io
import secrets
import warnings
from dataclasses import dataclass

from PIL import Image

from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.params import Upload
from sandbox.telegram.wire import Json

PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
_SIDES = 10_000
_RATIO = 20


@dataclass(slots=True)
class StoredFile:
    """One file; `kind` is photo or document, width and height are 0 for documents."""

    id: str
    kind: str
    path: str
    name: str
    mime: str
    data: bytes
    width: int = 0
    height: int = 0

    def media(self) -> Json:
        """The fields `photo` or `document` of a message."""
        common: Json = {
            "file_id": self.id,
            "file_unique_id": self.id[-16:],
            "file_size": len(self.data),
        }
        if self.kind == "photo":
            return {"photo": [common | {"width": self.width, "height": self.height}]}
        return {"document": common | {"file_name": self.name, "mime_type": self.mime}}

    def payload(self) -> Json:
        """The answer of getFile; 400 above 20 MB."""
        if len(self.data) > DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return {
            "file_id": self.id,
            "file_unique_id": self.id[-16:],
            "file_size": len(self.data),
            "file_path": self.path,
        }


class FileStore:
    """All files by id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def photo(self, upload: Upload) -> StoredFile:
        """The stored photo; 400 when it is no image, above 10 MB, or outside the sides Telegram takes."""
        size = len(upload.data)
        if size > PHOTO_BYTES:
            raise bad_request(
                f"file of size {size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
            )
        width, height, mime = image_size(upload.data)
        if width + height > _SIDES or max(width, height) > _RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._keep("photo", Upload(upload.name, mime, upload.data), width, height)

    def document(self, upload: Upload) -> StoredFile:
        """The stored document; 413 above 50 MB, 400 when empty."""
        if len(upload.data) > UPLOAD_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        if not upload.data:
            raise bad_request("file must be non-empty")
        return self._keep("document", upload, 0, 0)

    def _keep(self, kind: str, upload: Upload, width: int, height: int) -> StoredFile:
        file_id = f"{'AgACAgI' if kind == 'photo' else 'BQACAgI'}{secrets.token_urlsafe(24)}"
        folder = "photos" if kind == "photo" else "documents"
        extension = _extension(upload)
        path = f"{folder}/file_{len(self._by_id)}{extension}"
        stored = StoredFile(
            file_id, kind, path, upload.name or "file", upload.mime, upload.data, width, height
        )
        self._by_id[file_id] = self._by_path[path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile | None:
        """The file with this id, or None."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """The file with this file_path, or None."""
        return self._by_path.get(path)


def image_size(data: bytes) -> tuple[int, int, str]:
    """(width, height, MIME type) read from the header without decoding; 400 when it is no image."""
    try:
        with warnings.catch_warnings():
            # A decompression bomb is judged by its sides here; nothing is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                return image.width, image.height, Image.MIME.get(image.format or "", "image/jpeg")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None


def _extension(upload: Upload) -> str:
    dot = upload.name.rfind(".")
    suffix = upload.name[dot:].lower() if dot >= 0 else ""
    if 1 < len(suffix) <= 6 and suffix[1:].isascii() and suffix[1:].isalnum():
        return suffix
    return {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}.get(upload.mime, "")
