"""Opens a form as a click does."""

from __future__ import annotations

from redis.asyncio import Redis

from services import drafts
from services.drafts import Draft
from services.keys import UiKey
from services.preferences import UiField


async def open_form(redis: Redis, user_id: int, draft: Draft) -> None:
    """Stores the draft and makes it the open one."""
    pipe = redis.pipeline(transaction=False)
    drafts.put(pipe, user_id, draft)
    pipe.hset(UiKey(user_id).name, mapping={UiField.DRAFT: draft.id, UiField.INPUT: "form"})
    await pipe.execute()
