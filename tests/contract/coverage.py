"""``python -m tests.contract.coverage`` writes docs/backend-coverage.md: each operation of the backend, and the screens
that use it or the reason why nothing does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.unusable import UNUSABLE, Why
from handlers.modules import RESOURCES
from models.access import Module
from tests.support.bots import ROOT
from tests.support.contract import EXTENSION, OPENAPI
from tests.support.used import used

PAGE = ROOT / "docs" / "backend-coverage.md"

WHY: Mapping[Why, str] = {
    Why.END_USER: "no admin can use it: it takes users of the site and refuses admins (Q4)",
    Why.NOBODY: "nobody can use it: it refuses admins and breaks for everybody else (Q4, Q5)",
    Why.SHADOWED: "nobody can reach it: another operation answers at its address (Q5)",
}

NEVER: Mapping[str, str] = {
    r"POST /api/v2/admin/analytics/\w+/log": "writes into the statistics, for anybody without a token",
    r"POST /api/v2/(vacancies/parser|parser/news)/submit": "for the parsers of other sites",
    r"POST /api/v2/events/\{event_id\}/participate": "a visitor of the site registers",
    r"POST /api/v2/experts/\{expert_id\}/collaborate": "a visitor of the site asks an expert",
    r"POST /api/v2/projects/\{project_id\}/(applications|form/(submit|upload-file))": "a visitor of the site applies",
    r"POST /api/v2/news/\{id\}/increment-view": "counts a reader of the site",
    r"PATCH /api/v2/courses/\{course_id\}/status": "writes a state that nothing reads, for anybody without a token",
    r"(POST|DELETE) /api/v2/resumes/(professions|regions|cities|skills)(/\{profession_id\})?": (
        "changes what all records point at, for anybody without a token"
    ),
    r"POST /api/v2/admin/(register|login)": "registration and password stay on the site; the bot takes one-time codes",
    r"PUT /api/v2/admin/change-password": "a password is not typed into a chat",
    r".* /api/v1/telegram-auth/(generate-otp|revoke-otp|my-otps)": "the site makes the codes that the bot takes",
}
"""What the bot must not call (contract section 7) or has no business calling, and why; patterns of operations."""

OTHERWISE: Mapping[str, str] = {
    r"GET /api/v2/(events|vacancies|projects|courses|news|tech-tasks)/(new|search|recommended|popular|most-searched"
    r"|free|\{\w+\})?": "public twin of what admins read",
    r"GET /api/v2/(projects/active/voting|courses/moderation/pending)": "public twin of what admins read",
    r"GET /api/v2/leisure/(tickets|places|promo)(/\{\w+\})?": "public twin of what admins read",
    r"GET /api/v2/leisure/search": "public twin of what admins search",
    r"PUT /api/v2/leisure/(tickets|places|promo)/\{\w+\}": "public twin of what admins edit, open to anybody",
    r"GET /api/v2/admin/pending/count": "counted from the list, which the screen reads anyway",
    r"GET .*/(moderation/)?pending": "part of the list of all states",
    r"GET /api/v2/admin/news/(drafts|scheduled)": "part of the list of all states",
    r"GET /api/v2/volunteer/(directions|status-info)": "lists that never change; the bot's texts have them",
    r"GET /api/v2/resumes/\{resume_id\}/(education|work-experience|skills)": "part of the card",
    r"GET /api/v2/resumes/professions/search": "the bot searches the lookup it keeps, in every spelling",
    r"GET /api/v2/resumes/regions": "no screen names a region",
    r"PATCH /api/v2/admin/volunteer/purchases/\{purchase_id\}/complete": "its POST twin checks the state and notifies",
    r"POST /api/v2/auth/upload-document": "no screen takes a document",
    r"(GET|PUT) /api/v2/admin/profile": "who is signed in comes with the session; the profile is kept on the site",
    r"POST /api/v2/auth/upload-photo": "planned: pictures of modules that are not on the menu yet",
    r"GET /api/v1/moderation/recent": "dies on untitled vacancies (Q1), and deep pages are unreliable",
    r"POST /api/v2/admin/emails/test": "a letter to oneself is the real one, sent as to everybody else",
    r"GET /api/v2/admin/analytics/dashboard": "planned: the statistics' screen",
    r".* /api/v2/community/(me(/.*)?|coffee/groups/.*)": "a member's own; this bot speaks with administrators",
    r"POST /api/v2/community/members/import(/\{token\}/revert)?": "no screen takes a list of members",
    r"POST /api/v2/community/mentorship/pairs": "planned: the suggestions for a mentee",
}
"""Why an operation is not used, where nothing uses it; the first pattern that fits."""

AREAS: Mapping[Module, str] = {
    Module.VACANCIES: "/vacancies/",
    Module.COURSES: "/courses/",
    Module.PROJECTS: "/projects/",
    Module.LEISURE: "/leisure/",
    Module.NEWS: "/news/",
    Module.VOLUNTEERS: "/volunteer/",
}
"""Part of the paths of modules that may not be on the menu yet."""


def operations(document: Path = OPENAPI) -> dict[str, str]:
    """Operation -> its group, in the order of the backend's document."""
    paths: dict[str, Any] = json.loads(document.read_text(encoding="utf-8"))["paths"]
    return {
        f"{method.upper()} {path}": one["tags"][0]
        for path, methods in paths.items()
        for method, one in methods.items()
    }


def extension() -> dict[str, str]:
    """The same of what a backend may offer beside its own."""
    return operations(EXTENSION)


def forbidden(operation: str) -> str | None:
    """Why the bot never calls it; None when it may."""
    if operation in UNUSABLE:
        return WHY[UNUSABLE[operation].why]
    return _fitting(NEVER, operation)


def reason(operation: str) -> str | None:
    """Why nothing uses it; None when nobody said."""
    served = {resource.module for resource in RESOURCES}
    for module, area in AREAS.items():
        if area in operation and module not in served and forbidden(operation) is None:
            return "planned: its module is not on the menu yet"
    return forbidden(operation) or _fitting(OTHERWISE, operation)


def _fitting(reasons: Mapping[str, str], operation: str) -> str | None:
    return next((why for pattern, why in reasons.items() if re.fullmatch(pattern, operation)), None)


def page() -> str:
    """The whole page."""
    known, more, places = operations(), extension(), used()
    called, further = (sum(operation in places for operation in one) for one in (known, more))
    return "\n".join([
        "# What the bot uses of the backend",
        "",
        f"The backend's document has {len(known)} operations; the bot calls {called} of them. This page is made",
        "from the code by `python -m tests.contract.coverage`; a test fails while it is out of date, or while an",
        "operation is neither used nor left out for a reason. Q1 to Q22 are quirks of the backend.",
        "",
        f"The last group is an [extension](community-api.md) of {len(more)} operations that a backend may have or not;",
        f"the bot calls {further} of them where they are there.",
        *_tables({**known, **more}, places),
        "",
    ])  # fmt: skip


def _tables(known: Mapping[str, str], places: Mapping[str, str]) -> Iterator[str]:
    for group in dict.fromkeys(known.values()):
        members = [operation for operation, one in known.items() if one == group]
        count = sum(operation in places for operation in members)
        yield from (
            "",
            f"## {group}: {count} of {len(members)}",
            "",
            "| Operation | Used by, or why not |",
            "|---|---|",
        )
        for operation in members:
            text = places.get(operation) or f"– {reason(operation) or 'NO REASON'}"
            yield f"| `{operation}` | {text} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
