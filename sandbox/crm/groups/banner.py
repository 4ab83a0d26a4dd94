"""The service banner at `/`, which doubles as a health check."""

from typing import Any

from fastapi import APIRouter

from sandbox.crm.room import Group


async def read_root() -> dict[str, Any]:
    return {
        "message": "Tabys API (sandbox)",
        "version": "2.0.0",
        "documentation": "/docs",
        "new_features": ["Telegram login", "Unified moderation"],
        "cors_enabled": True,
    }


def router() -> APIRouter:
    routes = APIRouter(tags=["protocol"])
    routes.get("/")(read_root)
    return routes


GROUP = Group(router)
