"""What the backend has and no admin can use, whatever the role: contract Q4 and Q5."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Why(StrEnum):
    """Why no admin can use an operation."""

    END_USER = "end_user"
    """It takes the tokens of the site's users and refuses those of admins."""
    NOBODY = "nobody"
    """It looks for a flag that does not exist, or breaks: nobody gets through."""
    SHADOWED = "shadowed"
    """Another operation answers at its address."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """One such operation. Texts: ``unusable.what.<what>`` and ``unusable.why.<why>``."""

    what: str
    why: Why


def _all(what: str, why: Why, *operations: str) -> dict[str, Unusable]:
    return dict.fromkeys(operations, Unusable(what, why))


UNUSABLE: Mapping[str, Unusable] = MappingProxyType(
    _all(
        "certificates", Why.NOBODY,
        "GET /api/v2/certificates/", "POST /api/v2/certificates/",
        "DELETE /api/v2/certificates/{certificate_id}", "POST /api/v2/certificates/{certificate_id}/revoke",
    )
    | _all(
        "vacancy_applications", Why.NOBODY,
        "GET /api/v2/vacancies/{vacancy_id}/applications",
        "PATCH /api/v2/vacancies/{vacancy_id}/applications/{application_id}",
    )
    | _all(
        "vacancy_switch", Why.NOBODY,
        "POST /api/v2/vacancies/{vacancy_id}/activate", "POST /api/v2/vacancies/{vacancy_id}/deactivate",
    )
    | _all("vacancy_summary", Why.NOBODY, "GET /api/v2/vacancies/stats/summary")
    | _all("vacancy_search", Why.NOBODY, "GET /api/v2/vacancies/search")
    | _all("project_decisions", Why.NOBODY, "PUT /api/v2/projects/applications/{application_id}/status")
    | _all(
        "certificate_files", Why.END_USER,
        "GET /api/v2/certificates/{certificate_id}", "GET /api/v2/certificates/{certificate_id}/download",
        "GET /api/v2/certificates/{certificate_id}/image",
    )
    | _all("project_applications", Why.END_USER, "GET /api/v2/projects/{project_id}/applications")
    | _all("project_completion", Why.END_USER, "POST /api/v2/projects/{project_id}/complete")
    | _all("expert_requests", Why.END_USER, "PUT /api/v2/experts/{request_id}/status")
    | _all("volunteer_event", Why.END_USER, "GET /api/v2/volunteer/events/{event_id}")
    | _all("project_search", Why.SHADOWED, "GET /api/v2/projects/search")
    | _all("active_applications", Why.SHADOWED, "GET /api/v2/projects/active/applications")
    | _all("resume_search", Why.SHADOWED, "GET /api/v2/resumes/search")
)  # fmt: skip
"""Operation as in the backend's document -> what it would do, and why it does not."""


def by_reason(offers: Callable[[str], bool]) -> dict[Why, tuple[str, ...]]:
    """What no admin can use of that which the backend ``offers``, by reason, each thing once."""
    found: dict[Why, dict[str, None]] = {}
    for operation, one in UNUSABLE.items():
        if offers(operation):
            found.setdefault(one.why, {})[one.what] = None
    return {why: tuple(whats) for why, whats in found.items()}
