"""What no admin can use is named once per reason, and only where the backend has it."""

from __future__ import annotations

from api.unusable import UNUSABLE, Why, by_reason
from services.checks import Mark, unusable


def test_each_thing_is_named_once_under_its_reason():
    found = by_reason(lambda _: True)
    assert set(found) == set(Why)
    assert "certificates" in found[Why.NOBODY]
    assert "resume_search" in found[Why.SHADOWED]
    assert all(len(whats) == len(set(whats)) for whats in found.values())
    assert {one.what for one in UNUSABLE.values()} == {what for whats in found.values() for what in whats}


def test_what_the_backend_lacks_is_not_named():
    assert by_reason(lambda _: False) == {}
    assert by_reason(lambda operation: operation == "GET /api/v2/resumes/search") == {
        Why.SHADOWED: ("resume_search",)
    }


def test_the_check_tells_it_without_calling_it_wrong():
    lines = unusable(frozenset(UNUSABLE))
    assert {line.mark for line in lines} == {Mark.OK}
    assert any("certificates" in line.found and "error" in line.found for line in lines)
    assert unusable(None) == []
