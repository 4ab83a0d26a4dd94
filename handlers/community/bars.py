"""Bars: two members who are never matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.community import Bars, Members
from handlers.community.shown import CODES
from locales.locale import Locale
from models.access import Module, Permission
from models.community import Bar
from resources.fields import DateTime, LongText, Relation
from resources.resource import READS, ListView, Op, Resource


def title(bar: Bar, locale: Locale) -> str:
    """``Aigerim Sapar ✕ Timur Pak``."""
    return " ✕ ".join(one.best(locale.language) for one in (bar.a_id, bar.b_id))


def check(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """A bar needs two."""
    first, second = values.get("a_id"), values.get("b_id")
    same = first is not None and second is not None and first["id"] == second["id"]
    return ("b_id", "match_bars.same") if same else None


BARS: Resource[Bar] = Resource(
    module=Module.COMMUNITY,
    key="match_bars",
    code=CODES["bars"],
    icon="🙅",
    model=Bar,
    source=Bars,
    needs={**READS, Op.CREATE: Permission.CREATE, Op.DELETE: Permission.DELETE},
    title=title,
    check=check,
    fields=(
        Relation(name="a_id", required=True, editable=False, lookup=Members),
        Relation(name="b_id", required=True, editable=False, lookup=Members),
        LongText(name="reason", editable=False, max_len=1000),
        DateTime(name="created_at", editable=False),
    ),
    list=ListView(line=title, everywhere=False),
    card=("a_id", "b_id", "created_at", "reason"),
    form=("a_id", "b_id", "reason"),
)
