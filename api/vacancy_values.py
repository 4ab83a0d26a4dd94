"""What is sent of a vacancy, and what the backend would answer 500 or a misleading 404 to (contract 2.5, Q7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from api.errors import BackendError, Invalid, NotFound, Wrong
from api.lookups import Professions, Skills
from api.values import required, sendable
from models.access import Caller
from models.common import Ref

NEVER_EMPTY = (
    "profession_id", "city_id", "description_kz", "description_ru", "employment_type", "work_type",
    "contact_email", "is_active",
)  # fmt: skip

REFUSALS = MappingProxyType({"Профессия": "profession_id", "Город": "city_id"})
"""How the 404 of an unknown or inactive profession or city begins; the vacancy itself is there."""


async def body_of(caller: Caller, values: Mapping[str, Any], skills: Skills) -> dict[str, Any]:
    """The values as the backend takes them; ``Invalid`` for what it answers 500 to."""
    required(values, *NEVER_EMPTY)
    body = sendable(values)
    for name in ("profession_id", "city_id"):
        if name in body and body[name] < 1:
            raise Invalid((Wrong((name,), "unknown"),))
    if "required_skills" in body:
        body["required_skills"] = body["required_skills"] or []
        await _check_skills(caller, body["required_skills"], skills)
    return body


async def titles_of(caller: Caller, values: Mapping[str, Any], professions: Professions) -> dict[str, str]:
    """Titles of profession and company: the backend insists on them, and throws them away."""
    ref = Ref.model_validate(values["profession_id"])
    if not (ref.kk or ref.ru):
        ref = (await professions.named(caller, [ref.id]))[ref.id]
    company = values.get("company_name")
    names = {"title_kz": ref.best("kk"), "title_ru": ref.best("ru")}
    return {title: " · ".join(part for part in (name, company) if part) for title, name in names.items()}


@contextmanager
def lookups_refused() -> Iterator[None]:
    """Turns the 404 of a lookup into a complaint about its field: that the vacancy is gone would be untrue."""
    try:
        yield
    except NotFound as error:
        for begin, name in REFUSALS.items():
            if error.detail.startswith(begin):
                raise Invalid((Wrong((name,), error.detail),)) from error
        raise


async def _check_skills(caller: Caller, ids: Iterable[int], skills: Skills) -> None:
    for one in ids:
        try:
            await skills.get(caller, one)
        except NotFound as error:
            raise Invalid((Wrong(("required_skills",), "unknown"),)) from error
        except BackendError:
            # Whether it exists cannot be asked now; the backend will tell in its way.
            return
