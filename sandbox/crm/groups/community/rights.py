"""community: who may call, and what a repeated call is answered."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, HTTPException, Request, Response
from fastapi.routing import APIRoute

from sandbox.crm.access import ModuleReader, Permitted, signed_in
from sandbox.crm.groups.community.tables import KeptAnswer
from sandbox.crm.groups.user_telegram import BOT_SECRET
from sandbox.crm.room import Room
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(ModuleReader("community"))]
Creator = Annotated[Admin, Depends(Permitted("community", "create"))]
Editor = Annotated[Admin, Depends(Permitted("community", "update"))]
Remover = Annotated[Admin, Depends(Permitted("community", "delete"))]

WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
LONGEST_KEY = 200

Work = Callable[[Request], Coroutine[Any, Any, Response]]


async def of_the_sender(
    x_bot_secret: Annotated[str, Header()],
    x_telegram_user_id: Annotated[str, Header(pattern=r"^\d{1,20}$")],
) -> str:
    """The Telegram id of the member who sends; 403 without the bot's secret."""
    if x_bot_secret != BOT_SECRET:
        raise HTTPException(403, "Invalid bot secret")
    return x_telegram_user_id


Sender = Annotated[str, Depends(of_the_sender)]


async def documented(
    _key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=LONGEST_KEY)] = None,
) -> None:
    """Only names the header: `Repeatable` reads it."""


REPEATS = [Depends(documented)]


class Repeatable(APIRoute):
    """A route whose writes are done once per Idempotency-Key and caller. Only what succeeded is kept: a refusal
    changed nothing, so the same call may succeed later."""

    def get_route_handler(self) -> Work:
        work = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get("Idempotency-Key", "")
            caller = await _caller(request) if 0 < len(key) <= LONGEST_KEY else None
            if caller is None:
                return await work(request)
            return await _once(request, caller, key, work)

        return once if (self.methods or set()) & WRITES else work


async def _once(request: Request, caller: str, key: str, work: Work) -> Response:
    room: Room = request.app.state.room
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    mark = hashlib.sha256(asked).hexdigest()
    with room.db.session() as session:
        kept = session.get(KeptAnswer, (caller, key))
        if kept is None:
            session.add(KeptAnswer(caller=caller, key=key, request=mark))
    if kept is not None:
        if kept.request != mark:
            raise HTTPException(409, "This Idempotency-Key was used for another request")
        if not kept.status:
            raise HTTPException(409, "The first request with this Idempotency-Key is still being worked on")
        return Response(kept.body, kept.status, media_type="application/json" if kept.body else None)
    done = False
    try:
        answer = await work(request)
        done = True
    finally:
        with room.db.session() as session:
            row = session.get_one(KeptAnswer, (caller, key))
            if done:
                row.status, row.body = answer.status_code, bytes(answer.body)
            else:
                session.delete(row)
    return answer


async def _caller(request: Request) -> str | None:
    """Who asks; None for somebody who is about to be refused."""
    if request.headers.get("X-Bot-Secret") == BOT_SECRET:
        return f"telegram {request.headers.get('X-Telegram-User-Id', '')}"
    try:
        admin = await signed_in(request, request.app.state.room, None)
    except HTTPException:
        return None
    # With the role, so that nobody is given an answer that they could not get any more.
    return f"admin {admin.id} {admin.role}"
