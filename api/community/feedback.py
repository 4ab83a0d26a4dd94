"""What members say about a coffee: docs/community-api.md. The bot's secret and the sender's id stand for them."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, ClassVar

from api.client import Backend
from api.community.base import GROUP, ROOT

FEEDBACK = f"{ROOT}/coffee/groups/{{group_id}}/feedback"


class CoffeeFeedback:
    """The one call that a member makes through the bot."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({"give": (f"POST {FEEDBACK}",)})

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def give(
        self, user_id: int, group_id: int, *, met: bool, rating: int | None = None, note: str | None = None
    ) -> None:
        """Nothing: that person's word about their group is kept; the same word sent again changes nothing.

        Raises ``NotFound`` for a group that the person is not in, ``Conflict`` for one that has their word already or
        was taken back, ``Forbidden`` without the right secret.
        """
        body: dict[str, Any] = {"met": met}
        body |= {name: value for name, value in (("rating", rating), ("note", note)) if value is not None}
        key = sha256(f"feedback {user_id} {group_id} {sorted(body.items())}".encode()).hexdigest()[:40]
        headers = {"X-Telegram-User-Id": str(user_id), "Idempotency-Key": key}
        path = FEEDBACK.format(group_id=f"{group_id:d}")
        await self._backend.call("POST", path, group=GROUP, json=body, headers=headers, as_bot=True)
