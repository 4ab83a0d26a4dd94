"""The module that docs/adding-a-module.md builds, taken from the page as it stands."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from babel.messages.pofile import read_po

from locales.catalogue import Texts, load
from resources.resource import Resource
from sandbox.crm.room import Group

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adding-a-module.md"
FILES = ("models/notices", "api/notices", "handlers/notices", "sandbox/crm/groups/notices")


@dataclass(frozen=True)
class Recipe:
    """What the page makes: a declaration, its texts, and the group of the stand-in."""

    resource: Resource[Any]
    texts: Mapping[str, str]
    group: Group

    def catalogues(self) -> dict[str, Texts]:
        """All texts with those of the page; the page has them in English only, so every language shows these."""
        return {
            language: Texts(language, {**found.texts, **self.texts}, found.form_of)
            for language, found in load(ROOT / "locales").items()
        }


@cache
def recipe() -> Recipe:
    """Built once in a process: its table joins the stand-in's others."""
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n# (\S+)\.py\n(.*?)```", page, re.DOTALL)
    assert tuple(path for path, _ in blocks) == FILES
    made: dict[str, ModuleType] = {}
    for path, text in blocks:
        made[path] = ModuleType(path.replace("/", "."))
        sys.modules[made[path].__name__] = made[path]
        exec(compile(text, f"{PAGE.name}:{path}.py", "exec"), made[path].__dict__)
    found = re.search(r"```po\n(.*?)```", page, re.DOTALL)
    assert found is not None
    catalogue = read_po(io.BytesIO(found[1].encode()), locale="en", abort_invalid=True)
    texts = {str(message.id): str(message.string) for message in catalogue if message.id}
    return Recipe(made["handlers/notices"].NOTICES, texts, made["sandbox/crm/groups/notices"].GROUP)
