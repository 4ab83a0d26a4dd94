"""Addresses of photos, contract Q15, and what may be fetched."""

from __future__ import annotations

import httpx
import pytest

from api import Backend, BadAnswer

FORMS = {
    "": "",
    "/uploads/events/a.png": "http://crm.test/uploads/events/a.png",
    "uploads/courses/1-Мой файл.png": "http://crm.test/uploads/courses/1-%D0%9C%D0%BE%D0%B9%20%D1%84%D0%B0%D0%B9%D0%BB.png",
    "https://api.tabys.example/uploads/p/a.png": "http://crm.test/uploads/p/a.png",
    "https://api.tabys.example/uploads/p/ә б.png": "http://crm.test/uploads/p/%D3%99%20%D0%B1.png",
    "https://api.tabys.example.evil/a.png": "https://api.tabys.example.evil/a.png",
    "certificates/7/a.pdf": "http://crm.test/uploads/certificates/7/a.pdf",
    "https://cdn.test/a b.png": "https://cdn.test/a b.png",
    "/uploads/a%20b.png": "http://crm.test/uploads/a%20b.png",
    "/uploads/100%.png": "http://crm.test/uploads/100%25.png",
    "/uploads/what?#.png": "http://crm.test/uploads/what%3F%23.png",
    "//evil.test/a.png": "http://crm.test//evil.test/a.png",
    "httpfoo/a.png": "http://crm.test/httpfoo/a.png",
}


@pytest.mark.parametrize(("value", "url"), FORMS.items())
def test_every_form_becomes_absolute(wire, value, url):
    assert wire.backend.absolute(value) == url


@pytest.mark.parametrize("value", FORMS)
def test_absolute_stays_as_it_is(wire, value):
    once = wire.backend.absolute(value)
    assert wire.backend.absolute(once) == once


def test_base_may_have_a_path_and_a_slash():
    backend = Backend("https://host.test/crm/", transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    assert backend.absolute("/uploads/a.png") == "https://host.test/crm/uploads/a.png"


async def test_own_file_is_fetched_without_a_token(wire):
    wire.says(httpx.Response(200, content=b"\x89PNG"))
    assert await wire.backend.fetch_own("/uploads/events/a.png") == b"\x89PNG"
    assert "authorization" not in wire.asked[0].headers
    assert wire.asked[0].extensions["body_cap"] == 10 * 1024 * 1024


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://crm.test.evil/uploads/a.png",
        "http://crm.test@evil.test/uploads/a.png",
        "/api/v2/admin/profile",
        "/uploads/../api/v2/events/",
        "/uploads/%2e%2e/api/v2/events/",
        "",
    ],
)
async def test_nothing_else_is_fetched(wire, url):
    with pytest.raises(BadAnswer):
        await wire.backend.fetch_own(url)
    assert wire.asked == []
