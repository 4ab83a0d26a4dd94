"""Experts: contract section 2.13. A public register: the backend asks for no token, so rights are checked before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from api.errors import Invalid, Wrong
from api.listing import Listing
from api.payload import without_nul
from api.source import FRESH, SCAN_AT_ONCE, Served
from api.values import required, same
from models.access import Caller
from models.common import Upload
from models.expert import Expert

LIST = "/api/v2/experts/"
ONE = "/api/v2/experts"
PLAIN = ("full_name", "specialization", "phone", "website", "city", "address")
ROWS = ("education", "experience")

_REFUSED_ROW = re.compile(r"^(education|experience)\.(\d+)(?:\.(\w+))?\n +(.+?)(?: \[type=|$)", re.MULTILINE)


class Experts(Served[Expert]):
    """Experts. The backend searches names and specializations, and keeps no order."""

    operations: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {
            "page": (f"GET {LIST}", f"GET {ONE}/search"),
            "get": (f"GET {ONE}/{{expert_id}}",),
            "create": (f"POST {LIST}",),
            "find_created": (f"GET {LIST}", f"GET {ONE}/{{expert_id}}"),
        }
    )
    model = Expert
    group = "experts"
    listings = (
        Listing(LIST, most=SCAN_AT_ONCE),
        Listing(f"{ONE}/search", search="search", most=SCAN_AT_ONCE),
    )
    card = f"{ONE}/{{id:d}}"

    def texts(self, record: Expert) -> Iterable[str | None]:
        """What the backend's search looks at too."""
        return (record.full_name, record.specialization)

    async def create(self, caller: Caller, values: Mapping[str, Any]) -> Expert:
        """The created expert; ``avatar`` among the values is an ``Upload``, stored and never given back."""
        required(values, "full_name", "specialization")
        plain = without_nul(values)
        form = {name: str(plain[name]) for name in PLAIN if plain.get(name)}
        # Both are mandatory; the document of the backend calls them otherwise than the backend does.
        form |= {name: json.dumps(plain.get(name) or [], ensure_ascii=False) for name in ROWS}
        avatar = values.get("avatar")
        files = (
            {"avatar": (avatar.name, avatar.content, avatar.content_type)}
            if isinstance(avatar, Upload)
            else None
        )
        try:
            return self.one(await self.write("POST", LIST, caller, data=form, files=files))
        except Invalid as refused:
            raise _placed(refused) from refused

    async def find_created(self, caller: Caller, values: Mapping[str, Any]) -> Expert | None:
        """The expert of the last hour that equals ``values``; rows of the list carry no times, cards do."""
        sent = without_nul(values)
        scan = await self.scan(caller)
        alike = [one for one in scan.items if all(same(getattr(one, name), sent.get(name)) for name in PLAIN)]
        for row in sorted(alike, key=lambda one: one.id, reverse=True):
            expert = await self.get(caller, row.id)
            young = expert.created_at is not None and expert.created_at >= self._now() - FRESH
            if young and all(len(getattr(expert, name)) == len(sent.get(name) or ()) for name in ROWS):
                return expert
        return None


def _placed(refused: Invalid) -> Invalid:
    """The refusal with its places: wrong rows are told as a sentence, unlike everywhere else in the backend."""
    found = [
        Wrong((rows, int(index), *([column] if column else [])), message)
        for rows, index, column, message in _REFUSED_ROW.findall(refused.detail)
    ]
    if not found:
        return refused
    return Invalid(found, call=refused.call, status=refused.status)
