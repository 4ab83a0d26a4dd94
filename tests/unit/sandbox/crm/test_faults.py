"""Every fault as a client sees it, and what it leaves behind."""

import asyncio
import time

import httpx
import pytest
from fastapi import APIRouter, Request

from sandbox.crm import CrmServer, Faults
from sandbox.crm.room import Group

NEW_EVENT = {
    "title": "Форум",
    "event_date": "2030-01-01T10:00:00",
    "location": "x",
    "format": "Online",
    "description": "x",
}


def signed(crm: CrmServer, login: str = "administrator") -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.token(login)}"}


async def test_500_is_plain_text(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("status", times=1)
    answer = await client.get("/")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("status", "kind"), [(502, "text/html"), (503, "text/html"), (429, "application/json")]
)
async def test_other_statuses(crm: CrmServer, client: httpx.AsyncClient, status: int, kind: str) -> None:
    crm.faults.add("status", status=status, retry_after=7)
    answer = await client.get("/")
    assert answer.status_code == status
    assert answer.headers["content-type"] == kind
    assert answer.headers["retry-after"] == "7"


async def test_delay_is_late_but_true(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("delay", delay=0.2)
    started = time.perf_counter()
    answer = await client.get("/")
    assert answer.json()["version"] == "2.0.0"
    assert time.perf_counter() - started >= 0.2


async def test_hang_never_answers_and_does_not_hold_up_the_stop(
    crm: CrmServer, client: httpx.AsyncClient
) -> None:
    crm.faults.add("hang")
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/", timeout=0.1)
    hanging = asyncio.create_task(client.get("/"))
    await asyncio.sleep(0.1)
    started = time.perf_counter()
    await crm.stop()
    assert time.perf_counter() - started < 1
    with pytest.raises(httpx.TransportError):
        await hanging


async def test_reset_comes_before_any_header(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("reset", times=1)
    with pytest.raises(httpx.ReadError):
        await client.get("/")
    assert (await client.get("/")).status_code == 200


async def test_cut_ends_in_the_middle_of_the_body(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("cut", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/")


async def test_html_broken_json_and_redirect(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("html", times=1)
    assert "<html>" in (await client.get("/")).text
    crm.faults.add("broken_json", times=1)
    with pytest.raises(ValueError, match="Unterminated"):
        (await client.get("/")).json()
    crm.faults.add("redirect", times=1, location="http://127.0.0.1:9/x")
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://127.0.0.1:9/x")


async def test_wrong_types_keep_the_structure(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("wrong_types", times=1)
    profile = (await client.get("/api/v2/admin/profile", headers=signed(crm))).json()
    assert profile["id"] == "seven"
    assert profile["name"] == 7
    assert profile["email"] == []


async def test_drip_is_slow_and_complete(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("drip", times=1, interval=0.001)
    assert (await client.get("/")).json()["version"] == "2.0.0"


@pytest.mark.parametrize("size", [1, 2, 10, 65_536, 65_540, 300_000])
async def test_huge_has_the_announced_size(crm: CrmServer, client: httpx.AsyncClient, size: int) -> None:
    crm.faults.add("huge", size=size)
    assert len((await client.get("/")).content) == size


async def test_huge_is_valid_json(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("huge", size=1_000_000)
    assert isinstance((await client.get("/")).json(), list)


async def test_lost_reply_carries_the_work_out(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("reset", "/admin/create$", after=True, times=1)
    with pytest.raises(httpx.TransportError):
        await client.post("/api/v2/events/admin/create", json=NEW_EVENT, headers=signed(crm))
    assert [event["title"] for event in crm.events()] == ["Форум"]


async def test_fault_before_the_work_prevents_it(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("status", "/admin/create$", status=503)
    answer = await client.post("/api/v2/events/admin/create", json=NEW_EVENT, headers=signed(crm))
    assert answer.status_code == 503
    assert crm.events() == []


async def test_work_done_answered_503(crm: CrmServer, client: httpx.AsyncClient) -> None:
    crm.faults.add("status", "/admin/create$", status=503, after=True)
    answer = await client.post("/api/v2/events/admin/create", json=NEW_EVENT, headers=signed(crm))
    assert answer.status_code == 503
    assert len(crm.events()) == 1


async def test_no_content_survives_a_delay(crm: CrmServer, client: httpx.AsyncClient) -> None:
    made = await client.post("/api/v2/events/admin/create", json=NEW_EVENT, headers=signed(crm))
    crm.faults.add("delay", delay=0.01)
    answer = await client.delete(f"/api/v2/events/admin/{made.json()['id']}", headers=signed(crm))
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_fault_added_last_wins_and_is_counted() -> None:
    faults = Faults()
    first = faults.add("status", "^/a")
    second = faults.add("hang", "^/a", times=1, method="get")
    assert faults.take("POST", "/a") is first
    assert faults.take("GET", "/a") is second
    assert faults.take("GET", "/a") is first
    assert faults.take("GET", "/b") is None
    assert (first.struck, second.struck) == (2, 1)
    faults.clear()
    assert faults.take("GET", "/a") is None


def test_unreadable_patterns_and_kinds_are_refused() -> None:
    with pytest.raises(Exception, match="unterminated"):
        Faults().add("status", "(")
    with pytest.raises(ValueError, match="kind"):
        Faults().add("flood")


async def test_connection_is_dropped_after_500_without_announcement() -> None:
    async with CrmServer(seed=False, drop_after_500=True) as crm:
        crm.add_admin("npo", "npo")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(crm.url.rpartition(":")[2]))
        path = f"/api/v2/events/admin/list?format=Hybrid HTTP/1.1\r\nAuthorization: Bearer {crm.token('npo')}"
        writer.write(f"GET {path}\r\nHost: x\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 2)
        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 500")
    assert answer.endswith(b"Internal Server Error")
    assert b"connection: close" not in answer.lower()


async def test_a_route_may_drop_its_connection() -> None:
    async def drop(request: Request) -> None:
        request.state.drop_connection = True

    routes = APIRouter()
    routes.get("/drop")(drop)
    async with CrmServer(seed=False, extra_groups=(Group(lambda: routes),)) as other:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(other.url.rpartition(":")[2]))
        writer.write(b"GET /drop HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 2)
        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"null")


async def test_connection_is_kept_after_500_by_default(crm: CrmServer) -> None:
    crm.faults.add("status", times=1)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(crm.url.rpartition(":")[2]))
    for expected in (b"500", b"200"):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert expected in await reader.readline()
        length = 0
        while (line := await reader.readline()).strip():
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
