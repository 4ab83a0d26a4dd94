"""The FastAPI application of a room."""

from collections.abc import Callable
from functools import cache

from fastapi import APIRouter, FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from sandbox.crm import control, page
from sandbox.crm.room import Room
from sandbox.crm.wire import Wire


async def any_options(rest: str) -> Response:
    return Response()


@cache
def routes_of(router: Callable[[], APIRouter]) -> tuple[BaseRoute, ...]:
    """The routes of a group, analysed once in a process: they hold nothing of a room."""
    # Taken over as they are: include_router() would analyse every route a second time.
    return tuple(router().routes)


def create_app(room: Room) -> ASGIApp:
    """The ASGI application: all groups of the room, static files, the page, recording and faults."""
    app = FastAPI(
        title="Tabys API (sandbox)",
        version="2.0.0",
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.room = room
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], allow_credentials=True
    )
    # First in the table: that is why every unknown path, wrong slash and HEAD is a 405 allowing OPTIONS.
    app.add_api_route("/{rest:path}", any_options, methods=["OPTIONS"], include_in_schema=False)
    for router in (control.router, page.router, *(group.router for group in room.groups)):
        app.router.routes.extend(routes_of(router))
    for group in room.groups:
        for folder in group.upload_folders:
            (room.uploads / folder).mkdir(parents=True, exist_ok=True)
    room.uploads.mkdir(parents=True, exist_ok=True)
    app.mount("/uploads", StaticFiles(directory=room.uploads))
    return Wire(app, room)
