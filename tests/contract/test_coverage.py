"""Every operation of the backend is used, or left out for a reason; and the page that says so is of today."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.unusable import UNUSABLE
from handlers.modules import RESOURCES
from resources.resource import Resource
from tests.contract.coverage import NEVER, OTHERWISE, PAGE, extension, forbidden, operations, page, reason
from tests.support.used import used

KNOWN = {**operations(), **extension()}


def test_the_page_is_of_today():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.contract.coverage"


def test_the_contract_has_276_operations():
    assert len(operations()) == 276


def test_every_operation_is_used_or_left_out_for_a_reason():
    assert [one for one in KNOWN if one not in used() and reason(one) is None] == []


def test_nothing_is_used_that_must_not_be():
    assert [one for one in used() if forbidden(one) is not None] == []


def test_nothing_is_used_that_the_backend_does_not_have():
    assert [one for one in used() if one not in KNOWN] == []


def test_what_no_admin_can_use_is_in_the_contract():
    assert [one for one in UNUSABLE if one not in KNOWN] == []


@pytest.mark.parametrize("pattern", [*NEVER, *OTHERWISE])
def test_a_reason_fits_something(pattern: str):
    assert any(re.fullmatch(pattern, one) for one in KNOWN)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.key)
def test_every_list_of_a_source_is_declared(resource: Resource[Any]):
    listings = getattr(resource.source, "listings", ())
    declared = resource.source.operations["page"]
    assert [one.path for one in listings if f"GET {one.path}" not in declared] == []
