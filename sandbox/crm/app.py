"""The FastAPI application of a room."""

import json
from collections.abc import Callable
from functools import cache

from fastapi import APIRouter, FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from sandbox.crm import control, page
from sandbox.crm.room import Room
from sandbox.crm.wire import Wire

TITLE = "Tabys API (sandbox)"
VERSION = "2.0.0"


async def any_options(rest: str) -> Response:
    return Response()


@cache
def routes_of(router: Callable[[], APIRouter]) -> tuple[BaseRoute, ...]:
    """The routes of a group, analysed once in a process: they hold nothing of a room."""
    # Taken over as they are: include_router() would analyse every route a second time.
    return tuple(router().routes)


@cache
def openapi_of(routers: tuple[Callable[[], APIRouter], ...]) -> bytes:
    """The document of an application with these groups, as it is sent: making it takes longer than starting."""
    routes = [route for router in routers for route in routes_of(router)]
    return json.dumps(get_openapi(title=TITLE, version=VERSION, routes=routes)).encode()


def create_app(room: Room) -> ASGIApp:
    """The ASGI application: all groups of the room, static files, the page, recording and faults."""
    app = FastAPI(
        title=TITLE, version=VERSION, redirect_slashes=False, redoc_url=None, openapi_url=None, docs_url=None
    )
    app.state.room = room
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], allow_credentials=True
    )
    # First in the table: that is why every unknown path, wrong slash and HEAD is a 405 allowing OPTIONS.
    app.add_api_route("/{rest:path}", any_options, methods=["OPTIONS"], include_in_schema=False)
    routers = (control.router, page.router, *(group.router for group in room.groups))
    for router in routers:
        app.router.routes.extend(routes_of(router))

    async def document() -> Response:
        return Response(openapi_of(routers), media_type="application/json")

    async def docs() -> Response:
        return get_swagger_ui_html(openapi_url="/openapi.json", title=TITLE)

    app.add_api_route("/openapi.json", document, methods=["GET"], include_in_schema=False)
    app.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)
    for group in room.groups:
        for folder in group.upload_folders:
            (room.uploads / folder).mkdir(parents=True, exist_ok=True)
    room.uploads.mkdir(parents=True, exist_ok=True)
    app.mount("/uploads", StaticFiles(directory=room.uploads))
    return Wire(app, room)
