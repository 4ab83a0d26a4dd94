"""No command of Redis names keys that may be in different slots of a Cluster; scripts with several keys are tested
on a Cluster one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("services", "middlewares", "handlers", "ingress", "views")
SOURCES = [
    *sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")),
    ROOT / "composition.py",
    ROOT / "checking.py",
]

ACROSS = frozenset(
    {"mget", "mset", "msetnx", "rename", "renamenx", "sinter", "sunion", "sdiff", "sinterstore", "sunionstore",
     "sdiffstore", "smove", "zunionstore", "zinterstore", "zunion", "zinter", "zdiff", "rpoplpush", "lmove", "blmove",
     "brpoplpush", "pfcount", "pfmerge", "bitop", "copy_key", "watch"}
)  # fmt: skip
ONE_KEY = frozenset({"delete", "unlink", "exists", "touch"})


def is_redis(call: ast.Call) -> bool:
    """True for a command of a client or a pipeline, as they are called here."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name.strip("_") in ("redis", "pipe", "client")


def unsafe(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of what a Cluster would refuse."""
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call) and is_redis(node)):
        assert isinstance(call.func, ast.Attribute)
        command = call.func.attr
        several = len(call.args) > 1 or any(isinstance(one, ast.Starred) for one in call.args)
        if command in ACROSS or (command in ONE_KEY and several):
            yield call.lineno, ast.unparse(call)
        if command == "pipeline" and ast.unparse(call).find("transaction=False") < 0:
            yield call.lineno, ast.unparse(call)


def test_nothing_reaches_across_slots():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:80]}"
        for path in SOURCES
        for line, text in unsafe(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("redis.mget(names)", True),
        ("self._redis.delete('a', 'b')", True),
        ("self._redis.delete(*names)", True),
        ("self._redis.delete('a')", False),
        ("self._redis.pipeline()", True),
        ("self._redis.pipeline(transaction=False)", False),
        ("pipe.exists(name)", False),
        ("source.delete(caller, record)", False),
    ],
)
def test_the_search_finds_it(source: str, found: bool):
    assert bool(list(unsafe(ast.parse(source)))) is found
