"""A module is a declaration: ``Resource`` says everything the engine, the checks and the tests need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
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
    ACTION = "ac"


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: ``name`` as the source knows it and its options, in the order of the screen.

    Texts: ``filter.<name>`` and ``choice.<name>.<option>``. New options go to the end: addresses hold positions.
    """

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListView(Generic[M]):
    """How records stand in a list: one button a row."""

    line: Callable[[M, Locale], str]
    filters: tuple[Filter, ...] = ()
    sorts: tuple[str, ...] = ("",)
    search: bool = True


@dataclass(frozen=True, slots=True)
class Action(Generic[M]):
    """A named action of a module, drawn on its card; ``run`` is called with the engine's record context."""

    name: str
    code: str
    permission: Permission
    run: Callable[[Any], Awaitable[Any]]
    icon: str = ""


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
    remoderated: frozenset[str] = frozenset()
    """Fields whose change by a non-moderator sends an approved record back to moderation (contract Q22)."""
    impact: Callable[[Any, Any, int, Locale], Awaitable[str]] | None = None
    """What a delete takes along, in words: ``(source, caller, record id, locale)``; ``""`` for nothing."""
    duplicate: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """The values of a copy, as the form of a new record starts with them."""
    by_name: Mapping[str, Field] = field(init=False)
    by_code: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({item.name: item for item in self.fields}))
        object.__setattr__(self, "by_code", MappingProxyType({item.code: item for item in self.fields}))

    def need(self, op: Op) -> Need | None:
        """What ``op`` asks for; None means that nobody declared it, so nobody may."""
        permission = self.needs.get(op)
        return None if permission is None else Need(permission, self.module)

    def action(self, code: str) -> Action[M] | None:
        """The action of that address code."""
        return next((action for action in self.actions if action.code == code), None)

    def filter(self, name: str) -> Filter | None:
        """The filter of that name."""
        return next((item for item in self.list.filters if item.name == name), None)

    def editable(self) -> tuple[Field, ...]:
        """Fields that the one-field edit offers, in the order of the declaration."""
        return tuple(item for item in self.fields if item.editable)
