"""A module is a declaration: ``Resource`` says everything the engine, the checks and the tests need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic

from locales.locale import Locale
from models.access import Module, Need, Permission
from resources.fields import Field
from resources.queries import M, Source


class Op(StrEnum):
    """What is done to a resource; the two letters stand in every address."""

    LIST = "li"
    CARD = "cd"
    CREATE = "cr"
    EDIT = "ed"
    DELETE = "de"
    MODERATE = "mo"
    EXPORT = "ex"
    ACTION = "ac"


READS: Mapping[Op, Permission] = MappingProxyType(
    {Op.LIST: Permission.READ, Op.CARD: Permission.READ, Op.EXPORT: Permission.READ}
)
"""Needs of records that are only looked at."""
RECORDS: Mapping[Op, Permission] = MappingProxyType(
    {**READS, Op.CREATE: Permission.CREATE, Op.EDIT: Permission.UPDATE, Op.DELETE: Permission.DELETE}
)
"""Needs of records that are made, changed and deleted."""
MODERATED: Mapping[Op, Permission] = MappingProxyType({**RECORDS, Op.MODERATE: Permission.MODERATE})
"""Needs of records that wait for a decision besides."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: ``name`` as the source knows it and its options, in the order of the screen.

    Texts: ``filter.<texts>`` and ``choice.<texts>.<option>``, where ``texts`` is the name unless another one is
    given. New options go to the end: addresses hold positions. Where the options are records themselves, ``lookup``
    is their source, as in ``Relation``: the value is then the record's id.
    """

    name: str
    options: tuple[str, ...] = ()
    texts: str = ""
    lookup: type[Any] | None = None

    @property
    def key(self) -> str:
        """The middle of its texts' keys."""
        return self.texts or self.name

    def value(self, option: int) -> str | None:
        """What the source gets for the option that an address holds; None for none."""
        if self.lookup is not None:
            return str(option) if option > 0 else None
        return self.options[option - 1] if 0 < option <= len(self.options) else None


@dataclass(frozen=True, slots=True)
class ListView(Generic[M]):
    """How records stand in a list: one button a row."""

    line: Callable[[M, Locale], str]
    filters: tuple[Filter, ...] = ()
    sorts: tuple[str, ...] = ("",)
    search: bool = True
    quick: tuple[str, ...] = ()
    """Names of ``Deed``s without fields that are drawn under each row (a roll call), for records they are offered
    for."""
    everywhere: bool = True
    """False where the search over all modules leaves the list out: its records are found in another one, too."""
    single: bool = False
    """True where there is at most one record: nothing new is offered beside it, and nothing is to be ticked."""


@dataclass(frozen=True, slots=True)
class Action(Generic[M]):
    """A named action that shows something of one record; ``run`` is called with the engine's record context.
    ``calls`` are the methods of the source that it needs: without their operations there is no button."""

    name: str
    code: str
    permission: Permission
    run: Callable[[Any], Awaitable[Any]]
    icon: str = ""
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A screen of a list's own, such as statistics; ``run`` is called with the engine's list context, ``calls`` as
    for ``Action``."""

    name: str
    code: str
    permission: Permission
    run: Callable[[Any], Awaitable[Any]]
    icon: str = ""
    calls: tuple[str, ...] = ()


AGES = 7 * 24 * 3600
"""Seconds until every button drawn before has lapsed."""


class Mood(StrEnum):
    """How a deed's button looks, and whether it asks first."""

    PLAIN = ""
    GOOD = "success"
    BAD = "danger"


@dataclass(frozen=True, slots=True)
class Deed(Generic[M]):
    """A named write on one record.

    The source's method of that name (or ``method``) is called with caller, record id and ``values``, those of
    ``fields``, which are asked for first. Without fields it is done at once, or after a question when ``confirm``
    is set. ``offered`` says for which records there is a button at all; it is asked again before anything is done.
    ``reached`` tells whether a record read back shows that the deed was done although its answer was lost; None:
    nobody can tell. ``once`` keeps a record from ever getting this deed a second time, whoever presses: it pays
    each time. ``pause`` does so for so many seconds only: what goes out to people must not be begun twice at the same
    moment. ``scope`` is a name it shares with the same deed of another resource that lists the same records, or with
    a job that does it too. ``impact`` says in words what it will do to this record, in the question before it:
    ``(source, caller, record, locale)``.

    Texts: ``<key>.action.<name>`` (the button), ``<key>.done.<name>`` (the toast), ``<key>.ask.<name>`` (the
    question, when ``confirm``), and field and hint of each of its fields. Where the toast depends on the record
    afterwards, ``said`` is what stands in place of the name; ``asked`` the same for the question before.
    """

    name: str
    code: str
    permission: Permission
    fields: tuple[Field, ...] = ()
    method: str = ""
    icon: str = ""
    mood: Mood = Mood.PLAIN
    confirm: bool = False
    offered: Callable[[M], bool] | None = None
    reached: Callable[[M, Mapping[str, Any]], bool] | None = None
    once: bool = False
    pause: int = 0
    scope: str = ""
    impact: Callable[[Any, Any, M, Locale], Awaitable[str]] | None = None
    said: Callable[[M], str] | None = None
    asked: Callable[[M], str] | None = None

    @property
    def claims(self) -> int:
        """Seconds for which the record does not get it again; 0: whenever it is offered."""
        return AGES if self.once else self.pause

    @property
    def calls(self) -> str:
        """The source's method."""
        return self.method or self.name


@dataclass(frozen=True, slots=True)
class Waiting(Generic[M]):
    """Which records wait for a decision, and how it is made: what the inbox of approvals needs to know.

    ``filters`` list them; of children the unbound source's method ``pending`` does, over all parents. ``approve`` and
    ``reject`` name deeds, ``""`` the engine's own decisions; a reason goes into the first field of the deed, or is
    kept by the bot. ``queue`` is the entity in the unified queue. ``waits`` tells a record that still waits from a
    decided one; it has waited since its attribute ``since``.
    """

    filters: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"moderation_status": "pending"})
    )
    waits: Callable[[M], bool] = lambda record: getattr(record, "moderation_status", None) == "pending"
    approve: str = ""
    reject: str = ""
    queue: str = ""
    since: str = "created_at"
    reasons: str = "content"
    """Texts ``reason.<reasons>.1`` to ``.4``: what a rejection may be for."""


@dataclass(frozen=True, slots=True)
class Resource(Generic[M]):
    """The declaration of a module's records.

    Texts: ``<key>.title`` (the list's name), ``<key>.one``, ``<key>.empty``, ``<key>.field.<name>`` and
    ``<key>.hint.<name>`` for each field, ``<key>.action.<name>`` for each action.
    """

    module: Module
    key: str
    code: str
    icon: str
    model: type[M]
    source: Callable[..., Source[M]]
    needs: Mapping[Op, Permission]
    title: Callable[[M, Locale], str]
    fields: tuple[Field, ...]
    list: ListView[M]
    card: tuple[str, ...]
    form: tuple[str, ...] = ()
    actions: tuple[Action[M], ...] = ()
    deeds: tuple[Deed[M], ...] = ()
    asked: tuple[Field, ...] = ()
    """Fields of the form that no record carries: who is meant, where the form does not end in one record."""
    tools: tuple[Tool, ...] = ()
    parent: str = ""
    """Code of the resource whose records own these; its card leads to their list. ``""``: they stand alone."""
    shown_for: Callable[[Any], bool] | None = None
    """For which records of the parent its card leads here; None: for all."""
    subtitle: Callable[[M, Locale], str] | None = None
    """A line under the title of the card: how complete, how visible."""
    check: Callable[[Mapping[str, Any]], tuple[str, str] | None] | None = None
    """What is wrong between fields before a save: ``(field, key of the text)``; the values are all known ones."""
    remoderated: frozenset[str] = frozenset()
    """Fields whose change by a non-moderator sends an approved record back to moderation (contract Q22)."""
    announced: bool = False
    """True where every approval notifies those who subscribed (contract Q18, Q20): it is said beforehand."""
    notice: Callable[[Any, Any, M, Locale], Awaitable[str]] | None = None
    """What has to be asked for to warn of, above the card: ``(source, caller, record, locale)``; ``""`` for nothing."""
    impact: Callable[[Any, Any, int, Locale], Awaitable[str]] | None = None
    """What a delete takes along, in words: ``(source, caller, record id, locale)``; ``""`` for nothing."""
    soft: bool = False
    """True where a delete only takes the record out of use: it is not said that there is no way back."""
    duplicate: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """The values of a copy, as the form of a new record starts with them."""
    waiting: Waiting[M] | None = None
    """What waits for a decision, for the inbox; None: nothing ever does."""
    only_for: Mapping[Op, Callable[[M], bool]] = field(default_factory=dict)
    """For which records an op is offered at all, where the backend refuses it for the others."""
    submit: Callable[[Any, Mapping[str, Any]], Awaitable[Any]] | None = None
    """What the end of the form does instead of creating one record: called with the form's context and its values."""
    sole: int = 0
    """Id of the only record there ever is: its card opens where others have a list. 0: there are many."""
    straight: bool = False
    """True where ``submit`` follows the last answer at once: what it shows is looked through instead of a summary."""
    known: Callable[[Any, M], Awaitable[str]] | None = None
    """What the bot itself keeps of a record, above the card: called with the update's context and the record; ``""``
    for nothing."""
    entity: str = ""
    """Its name in the unified moderation counters, ``""`` where it is not counted there."""
    under: int = 0
    """The record of the parent that this view of the resource is bound to; set by ``at``, never declared."""
    by_name: Mapping[str, Field] = field(init=False)
    by_code: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        fields = (*self.fields, *self.asked, *(item for deed in self.deeds for item in deed.fields))
        object.__setattr__(self, "by_name", MappingProxyType({item.name: item for item in fields}))
        object.__setattr__(self, "by_code", MappingProxyType({item.code: item for item in fields}))

    def at(self, parent_id: int) -> Resource[M]:
        """The same resource, bound to one record of its parent."""
        return replace(self, under=parent_id) if self.parent else self

    def need(self, op: Op) -> Need | None:
        """What ``op`` asks for; None means that nobody declared it, so nobody may."""
        permission = self.needs.get(op)
        return None if permission is None else Need(permission, self.module)

    def offers(self, op: Op, record: M) -> bool:
        """True when ``op`` makes sense for that record."""
        fits = self.only_for.get(op)
        return fits is None or fits(record)

    def action(self, code: str) -> Action[M] | None:
        """The action of that address code."""
        return next((action for action in self.actions if action.code == code), None)

    def deed(self, code: str) -> Deed[M] | None:
        """The deed of that address code, or of that name."""
        return next((deed for deed in self.deeds if code in (deed.code, deed.name)), None)

    def deciding(self, *, approve: bool) -> Deed[M] | None:
        """The deed that decides a waiting record; None where the engine's own decision does."""
        name = "" if self.waiting is None else self.waiting.approve if approve else self.waiting.reject
        return self.deed(name) if name else None

    def tool(self, code: str) -> Tool | None:
        """The tool of that address code."""
        return next((tool for tool in self.tools if tool.code == code), None)

    def order(self, mode: str) -> tuple[str, ...]:
        """The fields that a form asks for: ``create``, or the code of a deed."""
        deed = self.deed(mode)
        return self.form if deed is None else tuple(item.name for item in deed.fields)

    @property
    def named(self) -> tuple[Action[M] | Deed[M] | Tool, ...]:
        """Everything that has a button of its own."""
        return (*self.actions, *self.deeds, *self.tools)

    def filter(self, name: str) -> Filter | None:
        """The filter of that name."""
        return next((item for item in self.list.filters if item.name == name), None)

    def editable(self) -> tuple[Field, ...]:
        """Fields that the one-field edit offers, in the order of the declaration."""
        return tuple(item for item in self.fields if item.editable)
