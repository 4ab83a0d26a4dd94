"""Which operations of the backend the bot calls, and where: read off the code, so that nothing has to be kept up."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import api
from handlers.modules import RESOURCES
from resources.resource import Op, Resource
from tests.support.bots import ROOT

OPS: Mapping[str, tuple[Op, str]] = {
    "page": (Op.LIST, "list"),
    "get": (Op.CARD, "card"),
    "create": (Op.CREATE, "create"),
    "find_created": (Op.CREATE, "create"),
    "update": (Op.EDIT, "edit"),
    "upload_photo": (Op.EDIT, "photo"),
    "delete_photo": (Op.EDIT, "photo"),
    "delete": (Op.DELETE, "delete"),
    "approve": (Op.MODERATE, "approve"),
    "reject": (Op.MODERATE, "reject"),
    "counts": (Op.MODERATE, "counters"),
}
"""Methods of sources that are called for an op and for nothing without it, and what a person calls that."""

ALWAYS = {"GET /": {"": ("`Backend.alive`",)}}
"""What the client itself asks."""
ROOMS = ("handlers", "middlewares", "services", "views", "ingress", "webapp")

Places = dict[str, dict[str, None]]


@cache
def used() -> Mapping[str, str]:
    """Operation -> the screens and methods it is called from, in words: ``events: list, card; `Uploads.upload` ``."""
    found: dict[str, Places] = {
        name: {key: dict.fromkeys(what) for key, what in places.items()} for name, places in ALWAYS.items()
    }
    for operation, key, what in _calls():
        found.setdefault(operation, {}).setdefault(key, {})[what] = None
    return {
        operation: "; ".join(
            f"{key}: {', '.join(what)}" if key else ", ".join(what) for key, what in places.items()
        )
        for operation, places in found.items()
    }


def _calls() -> Iterator[tuple[str, str, str]]:
    """Operation, key of the resource, and what is done there; or no key and a method."""
    sources = {resource.source for resource in RESOURCES}
    for resource in RESOURCES:
        for method, operations in resource.source.operations.items():
            if _asked(resource, method):
                yield from ((operation, resource.key, _screen(resource, method)) for operation in operations)
    called = _called()
    for kind in _in_use():
        if kind not in sources:
            for method, operations in kind.operations.items():
                if method in called:
                    yield from ((operation, "", f"`{kind.__name__}.{method}`") for operation in operations)


def _asked(resource: Resource[Any], method: str) -> bool:
    """False for a method that only serves an op which the resource does not declare."""
    if method not in OPS:
        return True
    op, _ = OPS[method]
    # A photo that is sent with a new record needs no edit.
    return op in resource.needs or (op is Op.EDIT and Op.CREATE in resource.needs)


def _screen(resource: Resource[Any], method: str) -> str:
    """The op, the deed, or the method's own name."""
    if method in OPS:
        return OPS[method][1]
    deed = next((deed for deed in resource.deeds if deed.calls == method), None)
    return f"`{method}`" if deed is None else deed.name


def _called() -> set[str]:
    """Names of the methods that are called somewhere, or handed over to be called."""
    found = set()
    for path in (*_application(), *(ROOT / "api").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                parts = (node.func, *node.args, *(one.value for one in node.keywords))
                found |= {part.attr for part in parts if isinstance(part, ast.Attribute)}
    return found


def _application() -> Iterator[Path]:
    """The files that run, apart from those of ``api``."""
    yield from ROOT.glob("*.py")
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")


def _in_use() -> Iterator[type[Any]]:
    """The classes of ``api`` with operations that something outside of it uses, straight or through another."""
    files = {
        one.name: Path(str(importlib.import_module(one.name).__file__))
        for one in pkgutil.walk_packages(api.__path__, "api.")
    }
    names, seen = _named(_application()), set[str]()
    while new := {name for name in files if name not in seen and (name in names or _of(name, names))}:
        seen |= new
        names |= _named(files[name] for name in new)
    for name in sorted(seen):
        for kind in vars(importlib.import_module(name)).values():
            if isinstance(kind, type) and kind.__module__ == name and f"{name}.{kind.__name__}" in names:
                yield from (kind,) if isinstance(getattr(kind, "operations", None), Mapping) else ()


def _of(module: str, names: set[str]) -> bool:
    return any(name.startswith(f"{module}.") for name in names)


def _named(paths: Iterable[Path]) -> set[str]:
    """What these files name of ``api``: imported from a module of it, or in such a module itself."""
    found = set()
    for path in paths:
        own = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "api":
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Name) and own.startswith("api."):
                found.add(f"{own}.{node.id}")
    return found
