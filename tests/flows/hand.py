"""A thumb: taps what it sees, types, and reads what is on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.telegram import Person
from sandbox.telegram.views import MessageView
from tests.matrix.strict import TEXTS, visible


class Hand:
    """A person in front of the bot. Labels and texts are given as keys of the catalogue or as they stand."""

    def __init__(self, person: Person, language: str) -> None:
        self.person = person
        self.language = language
        person.quiet = 0.02

    def t(self, key: str, **params: Any) -> str:
        """The text of a key in this person's language, as it is seen."""
        texts = TEXTS[self.language]
        return visible(texts.html(key, **params)) if key in texts else key

    @property
    def screen(self) -> MessageView:
        """The living message."""
        return self.person.last

    @property
    def text(self) -> str:
        return self.screen.text

    @property
    def labels(self) -> list[str]:
        return [label for row in self.screen.buttons for label in row]

    @property
    def has_photo(self) -> bool:
        return "photo" in self.screen.raw

    @property
    def toast(self) -> str:
        """What the last press was answered with."""
        return str(self.person.answers[-1]["text"])

    @property
    def events(self) -> str:
        """The menu's button of the events."""
        return f"📅 {self.t('events.title')}"

    def seen(self) -> tuple[str, list[list[str]], bool]:
        """The screen as a value, to compare it with another one."""
        return self.text, self.screen.buttons, self.has_photo

    def data(self, label: str) -> str:
        """The address behind a button; LookupError lists what there is instead."""
        wanted = self.t(label)
        buttons = [button for row in self.screen.keyboard for button in row if "callback_data" in button]
        exact = [button for button in buttons if button["text"] == wanted]
        near = exact or [button for button in buttons if wanted in button["text"]]
        if not near:
            raise LookupError(f"no button {wanted!r} under {self.text!r}: {self.screen.buttons}")
        return str(near[0]["callback_data"])

    def sees(self, label: str) -> bool:
        """True when a button with this label, or one that contains it, is drawn."""
        wanted = self.t(label)
        return any(wanted in drawn for drawn in self.labels)

    async def tap(self, *labels: str) -> Hand:
        """Presses one button after the other."""
        for label in labels:
            await self.person.click(data=self.data(label))
        return self

    async def forge(self, data: str) -> str:
        """Presses what is not drawn; the answer's text."""
        press = await self.person.press(data, self.screen.id, settle=True)
        assert press.answer is not None
        return str(press.answer["text"])

    def reads(self, text: str) -> Callable[[], bool]:
        """Whether the screen says so, to be asked again and again."""
        return lambda: text in self.text

    async def say(self, text: str) -> Hand:
        """Types a text, keys as they stand."""
        await self.person.send(text)
        await self.person.settle()
        return self

    async def open(self, record_id: int, code: str = "ev") -> Hand:
        """Follows a link to a record."""
        return await self.say(f"/start {code}_{record_id}")

    def link(self) -> str:
        """What the copy button copies."""
        copied = [
            button["copy_text"]["text"]
            for row in self.screen.keyboard
            for button in row
            if "copy_text" in button
        ]
        return str(copied[0])
