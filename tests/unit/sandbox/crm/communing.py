"""A community of a few, made through the operations themselves."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.crm import CrmServer
from sandbox.crm.groups.user_telegram import BOT_SECRET

ROOT = "/api/v2/community"


class Desk:
    """The operations, called by an admin or by a member."""

    def __init__(self, crm: CrmServer, client: httpx.AsyncClient) -> None:
        self.crm = crm
        self.client = client

    async def asks(
        self, method: str, path: str, *, by: str = "administrator", json: Any = None, **headers: str
    ) -> httpx.Response:
        """The answer to an admin; ``If_Match`` and ``Idempotency_Key`` become headers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.crm.token(by)}"
        return await self.client.request(method, ROOT + path, json=json, headers=sent)

    async def says(
        self, method: str, path: str, *, sender: str = "501", json: Any = None, **headers: str
    ) -> httpx.Response:
        """The answer to a member."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"X-Bot-Secret": BOT_SECRET, "X-Telegram-User-Id": sender}
        return await self.client.request(method, ROOT + path, json=json, headers=sent)

    async def joins(self, name: str, sender: str, *, status: str = "approved", **fields: Any) -> int:
        """The id of a new member in that state."""
        body = {"step": "name", "full_name": name, "consent_version": "1", **fields}
        made = await self.says("PUT", "/me/registration", sender=sender, json=body)
        assert made.status_code == 200, made.text
        member_id = int(made.json()["id"])
        if status != "incomplete":
            assert (await self.says("POST", "/me/registration/submit", sender=sender)).status_code == 200
        if status in ("approved", "blocked"):
            assert (await self.asks("POST", f"/members/{member_id}/approve")).status_code == 200
        if status in ("rejected", "blocked"):
            verb = {"rejected": "reject", "blocked": "block"}[status]
            answer = await self.asks("POST", f"/members/{member_id}/{verb}", json={"reason": "because"})
            assert answer.status_code == 200
        return member_id

    async def member(self, member_id: int) -> dict[str, Any]:
        """The member as it is now."""
        found: dict[str, Any] = (await self.asks("GET", f"/members/{member_id}")).json()
        return found

    async def names(self, path: str) -> list[str]:
        """Names of a list of members."""
        answer = await self.asks("GET", path)
        assert answer.status_code == 200, answer.text
        return [one["full_name"] for one in answer.json()["items"]]


MENTOR = {"mentorship": {"role": "mentor", "capacity": 1, "topics": ["IT"], "languages": ["ru", "kk"]}}
MENTEE = {"mentorship": {"role": "mentee", "topics": ["it"], "languages": ["kk"]}}
DRINKER = {"coffee": {"enabled": True}}
