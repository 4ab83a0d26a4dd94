"""The judge of what the bot sends: it accepts what the backend accepted, and finds what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.crm.room import RecordedRequest
from tests.contract.recorded import CONTRACT
from tests.support.openapi import misfits

EVENTS = "/api/v2/events/admin"
JSON = {"content-type": "application/json"}
EVENT = {
    "title": "x", "event_date": "2027-01-01T10:00:00", "location": "y", "format": "Online", "description": "z",
}  # fmt: skip


def asked(
    method: str, path: str, query: dict[str, str] | None = None, json: Any = None, form: tuple[str, ...] = ()
) -> RecordedRequest:
    headers = (
        JSON if json is not None else {"content-type": "multipart/form-data; boundary=x"} if form else {}
    )
    return RecordedRequest(method=method, path=path, query=query or {}, headers=headers, json=json, form=form)


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (asked("GET", f"{EVENTS}/lists"), "path parameter 'event_id': 'lists' is not of type 'integer'"),
        (asked("GET", "/api/v2/evnts/admin/list"), "no such operation"),
        (asked("PATCH", f"{EVENTS}/list"), "no such operation"),
        (asked("GET", f"{EVENTS}/list", {"serch": "x"}), "unknown query parameter 'serch'"),
        (asked("GET", f"{EVENTS}/list", {"limit": "many"}), "parameter 'limit'"),
        (asked("GET", f"{EVENTS}/list", {"limit": "1001"}), "1001 is greater than the maximum of 1000"),
        (asked("GET", f"{EVENTS}/list", {"from_date": "25.12.2026"}), "parameter 'from_date'"),
        (asked("GET", "/api/v2/resumes/professions/search"), "no query parameter 'query'"),
        (asked("POST", f"{EVENTS}/create", json=EVENT | {"titel": "x"}), "'titel' was unexpected"),
        (asked("POST", f"{EVENTS}/create", json=EVENT | {"event_date": "tomorrow"}), "event_date"),
        (asked("POST", f"{EVENTS}/create", json=EVENT | {"format": "Hybrid"}), "'Hybrid'"),
        (
            asked("POST", f"{EVENTS}/create", json={name: EVENT[name] for name in EVENT if name != "title"}),
            "'title' is a required property",
        ),
        (
            asked("POST", f"{EVENTS}/create", json=EVENT | {"programs": [{"time": "10:00"}]}),
            "'10:00' is not of type 'integer'",
        ),
        (asked("POST", f"{EVENTS}/create"), "no body"),
        (asked("POST", f"{EVENTS}/create", form=("title",)), "takes no form"),
        (asked("POST", f"{EVENTS}/moderation/1/reject", json={"reason": "x"}), "takes no JSON"),
        (asked("POST", "/api/v2/auth/upload-photo", form=("photo",)), "unknown field 'photo'"),
        (asked("POST", "/api/v2/auth/upload-photo", form=("photo",)), "no field 'file'"),
        (asked("POST", "/api/v2/auth/upload-photo", json={}), "takes no JSON"),
    ],
)
def test_what_is_wrong_is_found(request_: RecordedRequest, complaint: str):
    assert any(complaint in found for found in misfits([request_])), misfits([request_])


@pytest.mark.parametrize(
    "request_",
    [
        asked("GET", f"{EVENTS}/list", {"skip": "0", "limit": "8", "format": "Online"}),
        asked("POST", f"{EVENTS}/create", json=EVENT | {"programs": [{"time": 600, "description": "x"}]}),
        asked("POST", "/api/v2/experts/", form=("full_name", "specialization", "education", "experience")),
        asked("GET", "/openapi.json"),
        asked("GET", "/"),
        asked("GET", "/uploads/events/a-1.png"),
    ],
)
def test_what_is_right_is_let_through(request_: RecordedRequest):
    assert misfits([request_]) == []


def test_a_complaint_is_made_once():
    wrong = asked("GET", f"{EVENTS}/list", {"serch": "x"})
    assert len(misfits([wrong, wrong])) == 1


def accepted(*, ignored: bool) -> list[Any]:
    """Every recorded request that the backend answered with success, as the bot would have sent it; those that carry
    what it ignores, as their names say, apart."""
    found = []
    for file in sorted(Path(CONTRACT / "recordings").glob("*.json")):
        for one in json.loads(file.read_text(encoding="utf-8")):
            sent = one["request"]
            if one["response"]["status"] >= 300 or sent["method"] in ("HEAD", "OPTIONS"):
                continue
            if ("ignored" in one["name"] or "not supported" in one["name"]) is not ignored:
                continue
            form = (*sent.get("form", {}), *(part["field"] for part in sent.get("files", ())))
            query = {name: _spelled(value) for name, value in sent["query"].items()}
            request = asked(sent["method"], sent["path"], query, sent.get("json"), form)
            found.append(pytest.param(request, id=f"{file.stem}: {one['name']}"))
    return found


def _spelled(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("request_", accepted(ignored=False))
def test_what_the_backend_took_is_let_through(request_: RecordedRequest):
    assert misfits([request_]) == []


def test_what_the_backend_took_and_ignored_is_found():
    found = [one.values[0].path for one in accepted(ignored=True) if misfits([one.values[0]])]
    assert {path.split("/")[3] for path in found} >= {"admin", "auth", "events", "projects", "vacancies"}
