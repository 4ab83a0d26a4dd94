"""Callback queries from the press of a button to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.chats import Chat
from sandbox.telegram.errors import bad_request
from sandbox.telegram.wire import Json

EXPIRED = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True, eq=False)
class Query:
    """One press; `chat` is where it happened, `owner` the private chat of the person who pressed."""

    id: str
    chat: Chat
    owner: Chat
    message_id: int
    data: str
    created: float
    update_id: int = 0
    answer: Json | None = None


class Queries:
    """The callback queries that are not answered yet; `age` is how long an answer is taken, in seconds."""

    def __init__(self, age: float) -> None:
        self.age = age
        self.open: dict[str, Query] = {}
        self._count = 0

    def new(self, chat: Chat, owner: Chat, message_id: int, data: str, now: float) -> Query:
        """The registered query with a fresh id."""
        self._count += 1
        query = Query(str(4_000_000_000_000_000 + self._count), chat, owner, message_id, data, now)
        self.open[query.id] = query
        return query

    def take(self, query_id: str, now: float) -> Query:
        """The open query, which is closed by that; 400 when unknown, answered before, or too old."""
        query = self.open.get(query_id)
        if query is None or now - query.created > self.age:
            raise bad_request(EXPIRED)
        del self.open[query_id]
        return query

    def of(self, owner: Chat) -> list[Query]:
        """What this person pressed and the bot never answered."""
        return [query for query in self.open.values() if query.owner is owner]


def answer_payload(text: str | None, show_alert: bool, url: str | None) -> Json:
    """The answer as the person sees it."""
    answer: dict[str, Any] = {"text": text or "", "show_alert": show_alert}
    if url:
        answer["url"] = url
    return answer
