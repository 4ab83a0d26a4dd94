"""Telegram's stand-in with the persons in it: Bot API at 0 ms, polling or webhook, every call counted and timed.

It lives in the process of the benchmark: what a person sees next is known the moment the bot's call arrives.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from benchmarks.wire import Request, listen

SECRET = "bench-secret"
BOT = {"id": 4200, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_PART = re.compile(rb'name="(\w+)"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n(.*?)\r\n--', re.DOTALL)


@dataclass(slots=True)
class Person:
    """One person with one living message; times are ``perf_counter`` seconds of the present click."""

    id: int
    message: dict[str, Any] = field(default_factory=dict)
    pressed: float = 0.0
    answered: float = 0.0
    seen: float = 0.0
    step: int = 0
    pressing: bool = False
    posting: bool = False

    def user(self) -> dict[str, Any]:
        """The Bot API's user."""
        return {"id": self.id, "is_bot": False, "first_name": "Bench", "language_code": "ru"}

    def buttons(self) -> list[str]:
        """Addresses of the visible buttons."""
        rows = self.message.get("reply_markup", {}).get("inline_keyboard", [])
        return [button["callback_data"] for row in rows for button in row if "callback_data" in button]


Done = Callable[[Person], None]


class Telegram:
    """The Bot API. ``on_done`` hears of every click whose answer and screen have both arrived."""

    def __init__(self, delay: float = 0.0) -> None:
        self.persons: dict[int, Person] = {}
        self.calls: Counter[str] = Counter()
        self.on_done: Done = lambda person: None
        self.webhooks: list[int] = []
        self.url = ""
        self._delay = delay
        self._updates: list[dict[str, Any]] = []
        self._poll: tuple[Request, int] | None = None
        self._poll_timer: asyncio.TimerHandle | None = None
        self._ids = 0
        self._server: asyncio.Server | None = None
        self._idle: dict[int, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = {}
        self._posts: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens on a free port."""
        self._server, port = await listen(self._handle)
        self.url = f"http://127.0.0.1:{port}"

    async def close(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.close()

    async def registered(self, processes: int) -> None:
        """Returns once so many webhooks were set."""
        while self.calls["setWebhook"] < processes:  # noqa: ASYNC110 - counted where every call is
            await asyncio.sleep(0.02)

    def person(self, user_id: int) -> Person:
        """The person with this id, made on first use."""
        return self.persons.setdefault(user_id, Person(user_id))

    def say(self, person: Person, text: str) -> None:
        """Types a message."""
        self._begin(person)
        person.answered = person.pressed
        self._ids += 1
        message = {"message_id": 10_000_000 + self._ids, "date": int(time.time()), "text": text}
        self._push(person, {"message": message | {"from": person.user(), "chat": _chat(person.id)}})

    def press(self, person: Person, data: str) -> None:
        """Presses a button of the living message."""
        self._begin(person)
        self._ids += 1
        query = {
            "id": f"{person.id}-{self._ids}", "from": person.user(), "message": person.message,
            "chat_instance": str(person.id), "data": data,
        }  # fmt: skip
        self._push(person, {"callback_query": query})

    def _begin(self, person: Person) -> None:
        person.pressed, person.answered, person.seen, person.pressing = time.perf_counter(), 0.0, 0.0, True

    def _push(self, person: Person, update: dict[str, Any]) -> None:
        self._ids += 1
        update = {"update_id": self._ids, **update}
        if self.webhooks:
            port = self.webhooks[person.id % len(self.webhooks)]
            task = asyncio.create_task(self._post(port, person, json.dumps(update).encode()))
            self._posts.add(task)
            task.add_done_callback(self._posts.discard)
            return
        self._updates.append(update)
        self._serve_poll()

    async def _post(self, port: int, person: Person, body: bytes) -> None:
        person.posting = True
        idle = self._idle.setdefault(port, [])
        reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /hook HTTP/1.1\r\nHost: localhost\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + kind).encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        await reader.readexactly(int(found.group(1)) if found else 0)
        self.calls[f"webhook {answer[9:12].decode()}"] += 1
        idle.append((reader, writer))
        person.posting = False
        self._finish(person)

    def _serve_poll(self) -> None:
        if self._poll is None or not self._updates:
            return
        request, _ = self._poll
        self._end_poll()
        request.respond_json({"ok": True, "result": self._updates[:100]})

    def _end_poll(self) -> None:
        self._poll = None
        if self._poll_timer is not None:
            self._poll_timer.cancel()

    def _empty_poll(self) -> None:
        if self._poll is not None:
            request, _ = self._poll
            self._poll = None
            request.respond(b'{"ok":true,"result":[]}')

    def _handle(self, request: Request) -> None:
        method = request.target.rpartition("/")[2]
        params = _params(request.body)
        self.calls[method] += 1
        if method == "getUpdates":
            self._get_updates(request, params)
            return
        result = self._call(method, params)
        body = b'{"ok":true,"result":%b}' % json.dumps(result, ensure_ascii=False).encode()
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, request.respond, body)
        else:
            request.respond(body)

    def _get_updates(self, request: Request, params: dict[str, Any]) -> None:
        offset = int(params.get("offset", 0))
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        self._end_poll()
        self._poll = (request, offset)
        self._serve_poll()
        if self._poll is not None:
            seconds = float(params.get("timeout", 0))
            self._poll_timer = asyncio.get_running_loop().call_later(seconds, self._empty_poll)

    def _call(self, method: str, params: dict[str, Any]) -> Any:
        if method == "getMe":
            return BOT
        if method == "answerCallbackQuery":
            person = self.persons[int(params["callback_query_id"].partition("-")[0])]
            person.answered = time.perf_counter()
            self._finish(person)
            return True
        if method.startswith(("send", "editMessage")):
            return self._show(self.persons[int(params["chat_id"])], method, params)
        return True

    def _show(self, person: Person, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._ids += 1
        message = {
            "message_id": int(params.get("message_id", self._ids)),
            "from": BOT, "chat": _chat(person.id), "date": int(time.time()),
        }  # fmt: skip
        markup = params.get("reply_markup")
        if markup:
            message["reply_markup"] = json.loads(markup) if isinstance(markup, str) else markup
        if method in ("sendPhoto", "editMessageMedia"):
            size = {"file_id": "photo-file-id", "file_unique_id": "p", "width": 640, "height": 360}
            message |= {"photo": [size], "caption": params.get("caption", "")}
        else:
            message["text"] = params.get("text", "")
        person.message = message
        person.seen = time.perf_counter()
        self._finish(person)
        return message

    def _finish(self, person: Person) -> None:
        if person.pressing and person.answered and person.seen and not person.posting:
            person.pressing = False
            self.on_done(person)


def _chat(user_id: int) -> dict[str, Any]:
    return {"id": user_id, "type": "private", "first_name": "Bench"}


def _params(body: bytes) -> dict[str, Any]:
    if body[:1] == b"{":
        found: dict[str, Any] = json.loads(body)
        return found
    if body[:2] == b"--":
        # The picture's bytes are of no interest.
        parts = ((name, value) for name, value in _PART.findall(body) if name != b"photo")
        return {name.decode(): value.decode(errors="replace") for name, value in parts}
    return dict(parse_qsl(body.decode()))
