"""The server object: start, stop, its direct helpers and its switches over HTTP."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sandbox.crm import CrmServer

ROOT = Path(__file__).parents[4]


async def sign_in(client: httpx.AsyncClient, code: str, telegram_id: str = "700000001") -> httpx.Response:
    body = {"otp_token": code, "telegram_user_id": telegram_id}
    return await client.post("/api/v1/telegram-auth/verify-otp", json=body)


async def profile(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/api/v2/admin/profile", headers={"Authorization": f"Bearer {token}"})


async def test_code_signs_in_and_the_token_works(crm: CrmServer, client: httpx.AsyncClient) -> None:
    answer = (await sign_in(client, crm.otp("npo"))).json()
    assert answer["admin_id"] == crm.admin_id("npo")
    assert (await profile(client, answer["access_token"])).json()["role"] == "npo"
    assert [session["telegram_user_id"] for session in crm.sessions()] == ["700000001"]


async def test_one_code_opens_one_session_however_many_try(crm: CrmServer, client: httpx.AsyncClient) -> None:
    code = crm.otp("npo")
    answers = await asyncio.gather(*(sign_in(client, code, str(700 + person)) for person in range(30)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 29


async def test_role_change_reaches_old_tokens(crm: CrmServer, client: httpx.AsyncClient) -> None:
    token = crm.token("npo")
    crm.set_role("npo", "government")
    assert (await profile(client, token)).json()["role"] == "government"


async def test_admin_without_a_role_burns_its_code(crm: CrmServer, client: httpx.AsyncClient) -> None:
    code = crm.otp("npo")
    crm.set_role("npo", None)
    assert (await sign_in(client, code)).status_code == 500
    crm.set_role("npo", "npo")
    assert (await sign_in(client, code)).json()["detail"] == "OTP token is invalid: already used"


async def test_expired_and_orphaned_tokens(crm: CrmServer, client: httpx.AsyncClient) -> None:
    token = crm.token("npo")
    crm.expire_tokens()
    assert (await profile(client, token)).json() == {"detail": "Токен истек"}
    token = crm.token("npo")
    assert (await profile(client, token)).status_code == 200
    crm.otp("npo")
    crm.delete_admin("npo")
    assert (await profile(client, token)).json() == {"detail": "Администратор не найден"}
    with pytest.raises(KeyError):
        crm.admin_id("npo")


async def test_requests_are_recorded(crm: CrmServer, client: httpx.AsyncClient) -> None:
    await client.get("/api/v2/events/?limit=5&search=", headers={"X-Request-Id": "r1", "Cookie": "no"})
    await sign_in(client, "AAAAAAAA")
    await client.get("/sandbox/state")
    await client.get("/", headers={"X-Sandbox-Page": "1"})
    first, second = crm.requests
    assert (first.method, first.path, first.query) == ("GET", "/api/v2/events/", {"limit": "5", "search": ""})
    assert first.headers["x-request-id"] == "r1"
    assert "cookie" not in first.headers
    assert second.json == {"otp_token": "AAAAAAAA", "telegram_user_id": "700000001"}
    assert (first.status, second.status) == (200, 401)
    assert crm.requests_to("verify-otp$", "POST") == [second]
    crm.clear_requests()
    assert crm.requests == []


async def test_switches_over_http(crm: CrmServer, client: httpx.AsyncClient) -> None:
    code = (await client.post("/sandbox/otp", json={"login": "npo"})).json()["otp_token"]
    assert (await sign_in(client, code)).status_code == 200
    token = (await client.post("/sandbox/token", json={"login": "npo"})).json()["access_token"]
    assert (await profile(client, token)).status_code == 200
    await client.post(
        "/sandbox/faults", json={"kind": "status", "path": "profile", "status": 502, "times": 2}
    )
    assert (await profile(client, token)).status_code == 502
    assert (await client.get("/sandbox/faults")).json()[0]["struck"] == 1
    assert (await client.delete("/sandbox/faults")).json() == {"cleared": 1}
    assert (await profile(client, token)).status_code == 200
    assert len((await client.get("/sandbox/requests")).json()) == 4
    assert (await client.delete("/sandbox/requests")).json() == {"cleared": 4}
    assert (await client.get("/sandbox/events")).json() == []
    await client.post("/sandbox/role", json={"login": "npo", "role": "msb"})
    assert crm.admin("npo").role == "msb"
    await client.post("/sandbox/expire-tokens")
    assert (await profile(client, token)).status_code == 401
    assert (await client.delete("/sandbox/admins/npo")).json() == {"deleted": "npo"}
    assert (await client.post("/sandbox/otp", json={"login": "npo"})).status_code == 404


async def test_bad_switches_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/sandbox/faults", json={"kind": "flood"})).status_code == 422
    assert (await client.post("/sandbox/faults", json={"kind": "hang", "path": "("})).status_code == 422
    assert (await client.post("/sandbox/role", json={"login": "npo", "role": "king"})).status_code == 422


@pytest.mark.parametrize("path", ["/sandbox", "/sandbox/"])
async def test_page_is_self_contained(client: httpx.AsyncClient, path: str) -> None:
    text = (await client.get(path)).text
    for test_id in ("generate-otp", "otp-code", "deep-link", "chat-link", "sessions", "role"):
        assert f'data-testid="{test_id}"' in text
    assert "src=" not in text
    assert "@import" not in text


async def test_sandbox_routes_stay_out_of_the_contract(client: httpx.AsyncClient) -> None:
    assert not [path for path in (await client.get("/openapi.json")).json()["paths"] if "sandbox" in path]


async def test_page_knows_where_the_chat_is() -> None:
    async with (
        CrmServer(seed=False, chat_url="http://127.0.0.1:1/chat", bot_username="other_bot") as crm,
        httpx.AsyncClient(base_url=crm.url) as client,
    ):
        state = (await client.get("/sandbox/state")).json()
    assert (state["chat_url"], state["bot_username"]) == ("http://127.0.0.1:1/chat", "other_bot")


async def test_two_servers_share_nothing(crm: CrmServer) -> None:
    async with CrmServer(seed=False) as other:
        assert other.url != crm.url
        other.add_admin("only_there", "npo")
        with pytest.raises(KeyError):
            crm.admin("only_there")


async def test_stop_leaves_nothing_and_start_works_again() -> None:
    crm = CrmServer(seed=False)
    await crm.stop()
    await crm.start()
    uploads, url = crm.room.uploads, crm.url
    await crm.stop()
    await crm.stop()
    assert not uploads.exists()
    with pytest.raises(RuntimeError):
        _ = crm.room
    await crm.start()
    assert crm.url == url
    await crm.stop()


async def test_taken_port_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        crm = CrmServer(seed=False, port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            await crm.start()


async def test_file_database_survives(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    async with CrmServer(path, uploads=tmp_path / "files") as crm:
        crm.set_role("npo", "msb")
        seeded = len(crm.events())
    async with CrmServer(path, uploads=tmp_path / "files") as crm:
        assert crm.admin("npo").role == "msb"
        assert len(crm.events()) == seeded
    assert (tmp_path / "files" / "events").is_dir()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_alone_and_stops_cleanly(number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-m", "sandbox.crm", "--port", "0", "--empty"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert process.stdout
        url = process.stdout.readline().split()[2]
        assert httpx.get(f"{url}/").json()["version"] == "2.0.0"
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, "")
