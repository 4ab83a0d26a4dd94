"""All declarations together, checked before anything is served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from models.access import Module
from resources.checks import problems
from resources.resource import Resource


class WrongDeclaration(Exception):
    """One or more declarations cannot work; ``problems`` lists all of them, numbered R001 and up."""

    def __init__(self, found: list[str]) -> None:
        super().__init__("\n".join(found))
        self.problems = found


class Registry:
    """The resources by address code, by key and by module, in the order of the menu."""

    def __init__(self, resources: Iterable[Resource[Any]], texts: Mapping[str, Iterable[str]]) -> None:
        """Raises ``WrongDeclaration`` with every problem. ``texts``: language -> keys that have a text."""
        self._resources = tuple(resources)
        found = problems(self._resources, {language: frozenset(keys) for language, keys in texts.items()})
        if found:
            raise WrongDeclaration(found)
        self.by_code: Mapping[str, Resource[Any]] = MappingProxyType(
            {item.code: item for item in self._resources}
        )
        parents = {item.parent for item in self._resources if item.parent}
        self._children = {
            parent: tuple(item for item in self._resources if item.parent == parent) for parent in parents
        }
        self.by_key: Mapping[str, Resource[Any]] = MappingProxyType(
            {item.key: item for item in self._resources}
        )

    def children(self, code: str) -> tuple[Resource[Any], ...]:
        """The resources whose records belong to one of that resource, not bound to any yet."""
        return self._children.get(code, ())

    def is_hub(self, resource: Resource[Any]) -> bool:
        """True when the resource shares its module's button of the menu with others."""
        return len(self.standing(resource.module)) > 1

    def standing(self, module: Module) -> tuple[Resource[Any], ...]:
        """The resources of a module that stand alone: those with no parent."""
        return tuple(item for item in self.of(module) if not item.parent)

    def __iter__(self) -> Iterator[Resource[Any]]:
        return iter(self._resources)

    def of(self, module: Module) -> tuple[Resource[Any], ...]:
        """The resources of a module."""
        return tuple(item for item in self._resources if item.module is module)
