"""Groups and channels, for what must never happen there."""

from __future__ import annotations

import asyncio

from sandbox.telegram import compose
from sandbox.telegram.chats import Chat
from sandbox.telegram.persons import QUIET, Person
from sandbox.telegram.state import State
from sandbox.telegram.views import MessageView
from sandbox.telegram.wire import Json

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""The sender that Telegram puts in place of an anonymous administrator."""


class Group:
    """A group, supergroup or channel that the bot is a member of."""

    def __init__(self, state: State, chat: Chat, members: list[Person]) -> None:
        self._state = state
        self.chat = chat
        self.id = chat.id
        self.members = members

    async def send(self, person: Person, text: str) -> int:
        """A member's message; the id of the update."""
        return self._deliver(compose.text_fields(text, None), person.user)

    async def send_anonymous(self, text: str) -> int:
        """A message of an administrator who writes as the group itself."""
        return self._deliver(compose.text_fields(text, None) | {"sender_chat": self.chat.info}, ANONYMOUS)

    async def post(self, text: str) -> int:
        """A channel post: it has a sender_chat and no sender."""
        content = compose.text_fields(text, None) | {"sender_chat": self.chat.info}
        update = compose.deliver(self._state, self.chat, content, None, "channel_post")
        return update.id if update else 0

    async def send_as_bot(self, text: str, *, bot_id: int = 777_002, username: str = "another_bot") -> int:
        """A message of another bot in the group."""
        sender: Json = {"id": bot_id, "is_bot": True, "first_name": "Another bot", "username": username}
        return self._deliver(compose.text_fields(text, None), sender)

    def _deliver(self, content: Json, sender: Json) -> int:
        update = compose.deliver(self._state, self.chat, content, sender)
        return update.id if update else 0

    async def settle(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Waits until the bot took everything sent here and was quiet; TimeoutError after `timeout` s."""
        deadline = asyncio.get_running_loop().time() + timeout
        if not await self.chat.activity.quiet(QUIET, deadline):
            raise TimeoutError(f"the bot is not quiet in chat {self.id}")

    @property
    def messages(self) -> list[MessageView]:
        """Everything visible, oldest first."""
        return [MessageView.of(message) for message in self.chat.messages.values()]

    @property
    def bot_messages(self) -> list[MessageView]:
        """The bot's visible messages, oldest first."""
        return [message for message in self.messages if message.from_bot]
