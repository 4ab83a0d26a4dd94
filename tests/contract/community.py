"""``python -m tests.contract.community`` writes docs/community-openapi.json, as the stand-in serves the extension."""

from __future__ import annotations

import json
from typing import Any

from fastapi.openapi.utils import get_openapi

from sandbox.crm.groups.community import router
from tests.support.contract import EXTENSION

ABOUT = (
    "Members, mentorship and random coffee: an optional extension of the Tabys backend. See community-api.md."
)


def document() -> dict[str, Any]:
    """The OpenAPI document of the extension alone."""
    return get_openapi(
        title="Tabys community extension", version="1.0.0", description=ABOUT, routes=router().routes
    )


def text() -> str:
    """The file as it should stand."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    EXTENSION.write_text(text(), encoding="utf-8")
