"""What a person sees: text, keyboard and photo as one value, and what an op answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from keyboards.buttons import Row
from utils.html import Html, lines


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen. ``photo`` is the absolute URL of a picture above the text, or the address of one that the bot
    drew itself (``PictureShelf.lay``); None for none.

    ``listens`` says who reads text typed under this screen: ``""`` (the search over all modules), ``form``, or
    ``list:<resource>:<place>`` (search in that list).
    """

    text: Html
    rows: tuple[Row, ...] = ()
    photo: str | None = None
    listens: str = ""

    def noted(self, note: str | None) -> Screen:
        """The same screen with a short note on top."""
        return self if not note else replace(self, text=lines(note, "", self.text))


@dataclass(frozen=True, slots=True)
class File:
    """A file for the person, at most 50 MB and not empty; ``name`` with its ending, ``caption`` under it."""

    name: str
    content: bytes
    caption: Html = Html("")  # noqa: RUF009 - a text, which nothing can change


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an op answers: a screen to show, a toast or alert, files to send; all optional.

    ``fresh`` shows the screen in a new message at the end of the chat, as a command asks for. ``files`` are sent
    below the screen, each in a message of its own; so are ``messages``, which stay where they are. ``aside`` changes
    the pressed message alone: it does not become the person's screen.
    """

    screen: Screen | None = None
    toast: str = ""
    alert: bool = False
    fresh: bool = False
    files: tuple[File, ...] = ()
    messages: tuple[Screen, ...] = ()
    aside: bool = False
