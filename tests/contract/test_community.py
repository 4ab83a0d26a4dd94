"""The extension's document is of today, what the stand-in serves, and what its page says."""

from __future__ import annotations

import json
import re

import httpx

from sandbox.crm import CrmServer
from sandbox.crm.groups.community import PREFIX
from tests.contract.community import document, text
from tests.support.bots import ROOT
from tests.support.contract import EXTENSION, OPENAPI

PAGE = ROOT / "docs" / "community-api.md"


def operations(paths: dict[str, dict[str, object]]) -> set[str]:
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_the_document_is_of_today():
    assert EXTENSION.read_text(encoding="utf-8") == text(), "run: python -m tests.contract.community"


async def test_the_stand_in_serves_it():
    async with CrmServer(seed=False) as crm, httpx.AsyncClient(base_url=crm.url) as client:
        served = (await client.get("/openapi.json")).json()["paths"]
    assert {path: one for path, one in served.items() if path.startswith(PREFIX)} == document()["paths"]


def test_it_has_36_operations_and_none_of_the_backends():
    found = operations(document()["paths"])
    assert len(found) == 36
    assert not found & operations(json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"])


def test_the_page_names_every_operation_and_no_other():
    named = set()
    for row in re.findall(r"^\| (`[^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        for methods, path in re.findall(r"`([A-Z/]+) (/[^`]+)`", row):
            named |= {f"{method} {PREFIX}{path}" for method in methods.split("/")}
    assert {_plain(one) for one in named} == {_plain(one) for one in operations(document()["paths"])}


def test_every_write_takes_a_key_and_every_change_a_version():
    for path, methods in document()["paths"].items():
        for method, one in methods.items():
            headers = {item["name"] for item in one.get("parameters", ()) if item["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (method != "get"), (method, path)
            assert ("If-Match" in headers) == (method == "patch"), (method, path)


def _plain(operation: str) -> str:
    return re.sub(r"\{\w+\}", "{}", operation)
