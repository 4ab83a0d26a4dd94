"""Typed addresses of buttons: what a press asks for, in at most 48 of Telegram's 64 bytes.

An address alone rebuilds its screen. Nothing in it is trusted: ids are checked by the policy and the backend, a
write needs an operation key that this person's button was drawn with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

BUDGET = 48
"""Bytes an address may take."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ADDRESS = re.compile(
    r"(?P<op>[a-z]{2})(?P<res>[a-z]{2}|--)"
    r"(?:\.(?P<id>[0-9a-z]{0,12}))?(?:\.(?P<arg>[\w-]{0,20}))?(?:\.(?P<view>[\w-]{0,44}))?(?:\.(?P<key>[\w-]{0,16}))?",
    re.ASCII,
)


_SIZES = "ABCDEFGHIJK"
_LOWER = re.compile(r"[0-9a-z]+", re.ASCII)
_PARENT = re.compile(r"([0-9a-z]{1,12})_", re.ASCII)


class AddressTooLong(ValueError):
    """An address over the budget: a mistake of a declaration, never of a person."""


def to_base36(number: int) -> str:
    """``number`` (>= 0) in base 36; ``""`` for 0."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


def _sized(number: int) -> str:
    """``number`` (>= 0) so that it can stand among others: a digit, or a capital that tells how many follow."""
    text = to_base36(number) or "0"
    return text if len(text) == 1 else f"{_SIZES[len(text) - 2]}{text}"


def _unsized(text: str) -> list[int] | None:
    """The numbers that were put together; None for anything else."""
    numbers: list[int] = []
    while text:
        size = _SIZES.find(text[0]) + 2
        part, text = (text[:1], text[1:]) if size == 1 else (text[1 : size + 1], text[size + 1 :])
        if len(part) != size or not _LOWER.fullmatch(part):
            return None
        numbers.append(from_base36(part))
    return numbers


def from_base36(text: str) -> int:
    """The number of at most 12 base-36 digits; 0 for ``""``."""
    return int(text, 36) if text else 0


@dataclass(frozen=True, slots=True)
class Go:
    """Where a button leads: op and resource (two letters each), record, argument, list place, operation key."""

    op: str
    res: str = ""
    id: int = 0
    arg: str = ""
    view: str = ""
    key: str = ""

    @property
    def fits(self) -> bool:
        """True when it is packed whole, its place in the list included."""
        return len(self._text(self.view)) <= BUDGET

    def pack(self) -> str:
        """The callback data. Raises ``AddressTooLong`` over the budget."""
        text = self._text(self.view)
        if len(text) > BUDGET:
            # A far place in a list gives way: the screen opens at the list's beginning instead of not at all.
            text = self._text(Place(parent=Place.parent_of(self.view)).pack())
        if len(text) > BUDGET:
            raise AddressTooLong(text)
        return text

    def _text(self, view: str) -> str:
        return f"{self.op}{self.res or '--'}.{to_base36(self.id)}.{self.arg}.{view}.{self.key}".rstrip(".")

    @classmethod
    def unpack(cls, data: str | None) -> Go | None:
        """The address in ``data``; None for anything that is not one."""
        if not data or len(data) > 64:
            return None
        match = _ADDRESS.fullmatch(data)
        if match is None:
            return None
        op, res, record_id, arg, view, key = match.groups(default="")
        return cls(op, "" if res == "--" else res, from_base36(record_id), arg, view, key)

    @property
    def scope(self) -> str:
        """What an operation key drawn with this button is good for."""
        parent = Place.parent_of(self.view)
        return f"{self.op}:{self.res}:{self.id}:{self.arg}" + (f":{parent}" if parent else "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list: page (from 1), option of each filter (0 = none) in the declaration's order, sort, search.

    ``search`` is the token of a text kept in Redis, because texts do not fit. ``parent`` is the record that the
    list belongs to, 0 for a list that stands alone. The packed form goes into addresses.
    """

    page: int = 1
    options: tuple[int, ...] = field(default=())
    sort: int = 0
    search: str = ""
    parent: int = 0

    def pack(self) -> str:
        """``<parent>_<page>-<sort and options, mostly a digit each>-<search token>``; empty parts are left out."""
        owner = f"{to_base36(self.parent)}_" if self.parent else ""
        numbers = [self.sort, *self.options]
        while numbers and not numbers[-1]:
            numbers.pop()
        digits = "".join(map(_sized, numbers))
        page = to_base36(self.page) if self.page > 1 else ""
        # A token may end in a hyphen itself, so only the separators of empty parts go.
        return owner + (f"{page}-{digits}-{self.search}" if self.search else f"{page}-{digits}".rstrip("-"))

    @classmethod
    def unpack(cls, text: str, filters: int) -> Place:
        """The place of ``text`` for a list with that many filters; what cannot be read is left at its default."""
        parent = cls.parent_of(text)
        if parent:
            text = text.partition("_")[2]
        page, _, rest = text.partition("-")
        digits, _, search = rest.partition("-")
        found = _unsized(digits)
        if not re.fullmatch(r"[0-9a-z]{0,6}", page) or found is None:
            return cls(options=(0,) * filters, parent=parent)
        numbers = found + [0] * (filters + 1)
        return cls(max(1, from_base36(page)), tuple(numbers[1 : filters + 1]), numbers[0], search, parent)

    @staticmethod
    def parent_of(text: str) -> int:
        """The parent in a packed place, 0 for none."""
        found = _PARENT.match(text)
        return from_base36(found[1]) if found else 0

    def at(self, page: int) -> Place:
        """The same list on another page."""
        return replace(self, page=max(1, page))

    def with_option(self, index: int, option: int) -> Place:
        """The first page with filter ``index`` set to ``option``."""
        options = tuple(option if number == index else value for number, value in enumerate(self.options))
        return replace(self, page=1, options=options)


class Press(StrEnum):
    """What a press asks for: the first two letters of an address. ``handlers/_engine/dispatch`` maps each one."""

    MENU = "me"
    HELP = "he"
    STATUS = "st"
    SETTINGS = "se"
    LANGUAGE = "la"
    ZONE = "tz"
    LOGOUT = "lo"
    SIGN_OUT = "so"
    DRAFTS = "dr"
    FIND = "fi"
    HUB = "hu"
    OFFICE = "of"
    APPROVALS = "aq"
    TRIAGE = "tg"
    DECIDE = "dc"
    REASON = "rs"
    UNDO = "un"
    ALERTS = "al"
    STATISTICS = "sg"
    LIST = "li"
    FILTERS = "fl"
    JUMP = "ju"
    TRANSLATIONS = "tr"
    CHOOSE = "ch"
    CARD = "cd"
    READ = "rd"
    EDIT = "ed"
    EDIT_FIELD = "ef"
    APPROVE = "ap"
    REJECT = "rj"
    DELETE = "de"
    DELETE_NOW = "dx"
    DUPLICATE = "du"
    ACTION = "ac"
    TOOL = "tl"
    REVEAL = "rv"
    DEED = "dd"
    DEED_NOW = "dn"
    SELECT = "sl"
    TICK = "ti"
    BULK = "bu"
    BULK_NOW = "bx"
    CREATE = "cr"
    DRAFT = "do"
    STEP = "fs"
    VALUE = "fv"
    CALENDAR = "ca"
    OPTIONS = "op"
    SKIP = "fk"
    BACK = "fb"
    CLEAR = "fe"
    ROW = "fr"
    ROW_FIELD = "fw"
    ROW_DELETE = "fx"
    SAVE = "sv"
    CANCEL = "fc"
    DISCARD = "fz"
    EXPORT = "ex"
    EXPORT_NOW = "xn"
    EXPORT_STOP = "xs"
    MAIL_SEND = "ms"
    MAIL_STATE = "mt"
    MAIL_STOP = "mx"
    MAIL_REST = "mg"
    PAIR_NOW = "pn"
    TELL_NOW = "tn"
    TELL_STATE = "ts"
    TELL_STOP = "tx"
    TELL_AGAIN = "ta"
    FEEDBACK = "cf"
    VIEWS = "vl"
    VIEW = "vm"
    VIEW_OPEN = "vo"
    VIEW_ASK = "va"
    VIEW_SAVE = "vs"
    VIEW_RENAME = "vr"
    VIEW_PIN = "vp"
    VIEW_DELETE = "vd"
    VIEW_RESTORE = "vu"
    SESSIONS_END = "sx"
    MINE_END = "em"
    MINE_END_NOW = "en"
    LOOK_AS = "lk"
    LOOK_END = "le"
    MATCH = "ma"
    MATCH_SOLVE = "mz"
    MATCH_TURN = "mw"
    MATCH_NOW = "mn"
    MATCH_REPORT = "mr"
