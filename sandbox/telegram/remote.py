"""The sandbox in another process, driven over HTTP."""

from __future__ import annotations

from typing import Any

import aiohttp

from sandbox.telegram.persons import Wait
from sandbox.telegram.views import MessageView
from sandbox.telegram.wire import Json


class RemoteTelegram:
    """A client of a running sandbox; an async context manager.

    Refusals raise as in process: LookupError, ValueError, TimeoutError.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> RemoteTelegram:
        """Opens the connections."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Closes the connections."""
        if self._session:
            await self._session.close()

    async def request(self, verb: str, path: str, body: Json | bytes | None = None, **query: str) -> Any:
        """The JSON answer of `/sandbox/<path>`."""
        if self._session is None:
            raise RuntimeError("use `async with RemoteTelegram(...)`")
        data = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        url = f"{self.url}/sandbox/{path}"
        async with self._session.request(verb, url, params=query, **data) as response:
            answer = await response.json()
            if response.status == 200:
                return answer
            errors: dict[int, type[Exception]] = {400: ValueError, 404: LookupError, 504: TimeoutError}
            raise errors.get(response.status, RuntimeError)(answer.get("error", response.status))

    async def person(
        self, name: str, *, user_id: int | None = None, username: str | None = None, language_code: str = "ru"
    ) -> RemotePerson:
        """The person with this id, made on first use."""
        asked = {"name": name, "username": username, "language_code": language_code}
        user = await self.request("POST", "person", asked | ({"id": user_id} if user_id else {}))
        return RemotePerson(self, user)

    async def calls(self, method: str = "", after: int = 0) -> list[Json]:
        """The recorded Bot API calls, oldest first, after the call number `after`."""
        found: list[Json] = (await self.request("GET", "calls", method=method, after=str(after)))["calls"]
        return found

    async def clear_calls(self) -> None:
        """Forgets the calls so far."""
        await self.request("DELETE", "calls")

    async def add_fault(self, kind: str, **options: Any) -> Json:
        """Switches a fault on; options as in `Faults.add`."""
        fault: Json = await self.request("POST", "faults", {"kind": kind} | options)
        return fault

    async def clear_faults(self) -> None:
        """Switches all faults off."""
        await self.request("DELETE", "faults")

    async def flood_limits(self, *, total: float | None = None, chat: float | None = None) -> None:
        """Limits messages per second, see `TelegramServer.flood_limits`."""
        await self.request("POST", "flood", {"total": total, "chat": chat})

    async def redeliver(self, update_id: int, times: int = 1) -> list[int]:
        """The statuses of delivering an update again, see `TelegramServer.redeliver`."""
        asked = {"update_id": update_id, "times": times}
        statuses: list[int] = (await self.request("POST", "redeliver", asked))["statuses"]
        return statuses

    async def push_raw(self, update: Json) -> int:
        """Queues any object as an update."""
        return int((await self.request("POST", "push", {"update": update}))["update_id"])

    async def settle(self, patience: float = 10.0) -> None:
        """Waits until the bot is quiet in all chats."""
        await self.request("POST", "settle", {"timeout": patience})


class RemotePerson:
    """One person of a sandbox in another process."""

    def __init__(self, remote: RemoteTelegram, user: Json) -> None:
        self._remote = remote
        self.user = user
        self.id = int(user["id"])

    async def do(self, action: str, **asked: Any) -> Any:
        """Any action of the person's endpoints, with its JSON answer."""
        return await self._remote.request("POST", f"person/{self.id}/{action}", asked)

    async def send(self, text: str, *, settle: bool = False) -> int:
        """Sends a text; the id of the update."""
        return int((await self.do("send", text=text, settle=settle))["update_id"])

    async def send_photo(self, data: bytes, caption: str = "") -> int:
        """Sends a picture."""
        path = f"person/{self.id}/photo"
        return int((await self._remote.request("POST", path, data, caption=caption))["update_id"])

    async def send_document(self, data: bytes, name: str, mime: str, caption: str = "") -> int:
        """Sends a file."""
        path = f"person/{self.id}/document"
        answer = await self._remote.request("POST", path, data, name=name, mime=mime, caption=caption)
        return int(answer["update_id"])

    async def click(
        self,
        label: str | None = None,
        *,
        data: str | None = None,
        message_id: int | None = None,
        wait: Wait = "settle",
        patience: float = 5.0,
    ) -> Json:
        """Presses a visible button; update_id, query_id, answer and seconds until `wait` was reached."""
        asked = {"text": label, "data": data, "message_id": message_id, "wait": wait, "timeout": patience}
        pressed: Json = await self.do("click", **asked)
        return pressed

    async def press(self, data: str, message_id: int | None = None) -> Json:
        """Sends a forged callback query."""
        pressed: Json = await self.do("press", data=data, message_id=message_id)
        return pressed

    async def settle(self, patience: float = 5.0) -> None:
        """Waits until the bot is quiet in this chat."""
        await self.do("settle", timeout=patience)

    async def messages(self, after: int = 0) -> list[MessageView]:
        """The visible messages with ids above `after`, oldest first."""
        found = await self._remote.request("GET", f"person/{self.id}/messages", after=str(after))
        return [MessageView(entry["raw"], from_bot=entry["from_bot"]) for entry in found]

    async def last(self) -> MessageView:
        """The bot's last message; LookupError when there is none."""
        entry = await self._remote.request("GET", f"person/{self.id}/last")
        return MessageView(entry["raw"], from_bot=True)

    async def answers(self) -> Json:
        """`answers` to presses, and the data of those still `unanswered`."""
        found: Json = await self._remote.request("GET", f"person/{self.id}/answers")
        return found

    async def commands(self) -> list[Json]:
        """The commands menu as this person sees it."""
        found: list[Json] = await self._remote.request("GET", f"person/{self.id}/commands")
        return found
