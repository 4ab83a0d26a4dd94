"""The sandbox's page: choose an admin, get a one-time code, watch and revoke Telegram sessions."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

PAGE = Path(__file__).with_name("page.html")


async def show() -> HTMLResponse:
    return HTMLResponse(PAGE.read_text(encoding="utf-8"), headers={"Cache-Control": "no-store"})


def router() -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    routes.get("/sandbox")(show)
    routes.get("/sandbox/")(show)
    return routes
