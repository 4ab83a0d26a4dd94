"""nginx takes the configurations, and does what they say. Skipped where there is no nginx."""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from tests.support.ports import free_port

ROOT = Path(__file__).parents[3]
NGINX = ROOT / "deploy" / "nginx"
SECRET = "the-secret-of-this-test"
RESOLVING = (1, 27, 3)
"""The first nginx whose upstreams ask the resolver again; the image has it, a distribution may not."""


@pytest.fixture(scope="session")
def nginx() -> str:
    binary = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if binary is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs nginx: apt-get install nginx")
    return binary


def version(nginx: str) -> tuple[int, ...]:
    said = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr
    return tuple(map(int, re.findall(r"\d+", said.partition("/")[2])[:3]))


def certificate(folder: Path) -> None:
    """A certificate for this machine alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    (folder / "fullchain.pem").write_bytes(made)
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


class Upstream:
    """Answers with what it was told to, and counts."""

    def __init__(self) -> None:
        self.port = 0
        self.status = 200
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.raw_path)
        return web.Response(status=self.status)


@asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    one = Upstream()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", one.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.port = site._server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        await runner.cleanup()


def front(text: str, nginx: str, folder: Path, port: int, *bots: int) -> str:
    """The configuration for two bots, with this test's places and for this nginx."""
    certificate(folder)
    text = text.replace("/tmp/", f"{folder}/").replace("/etc/nginx/certs", str(folder))
    text = text.replace("listen 8443", f"listen 127.0.0.1:{port}")
    for name, bot in zip(("bot-a", "bot-b"), bots, strict=True):
        text = text.replace(f"{name}:8080", f"127.0.0.1:{bot}")
    if version(nginx) < RESOLVING:
        text = re.sub(r"(?m)^\s*(http2 on|resolver .*);$", "", text).replace(" resolve;", ";")
    return text


def begun(nginx: str, config: Path) -> subprocess.Popen[bytes]:
    checked = subprocess.run([nginx, "-t", "-c", config], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    words = [nginx, "-c", config, "-g", "daemon off;"]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@asynccontextmanager
async def serving(nginx: str, config: Path, port: int) -> AsyncIterator[None]:
    """nginx at work, in the foreground, with nothing but its own folder."""
    process = begun(nginx, config)
    try:
        for _ in range(200):
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            except OSError:
                await asyncio.sleep(0.02)
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)


async def test_a_bot_that_drains_or_is_gone_is_passed_over(nginx: str, tmp_path: Path):
    port = free_port()
    text = (NGINX / "nginx.conf").read_text()
    async with upstream() as one, upstream() as two:
        config = tmp_path / "nginx.conf"
        config.write_text(front(text, nginx, tmp_path, port, one.port, two.port))
        trusted = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
        trusted.check_hostname = False
        async with serving(nginx, config, port), aiohttp.ClientSession() as http:

            async def post() -> int:
                async with http.post(f"https://127.0.0.1:{port}/hook", json={}, ssl=trusted) as answer:
                    return answer.status

            assert {await post() for _ in range(4)} == {200}
            assert one.asked
            assert two.asked
            one.status = 503
            assert {await post() for _ in range(8)} == {200}
            two.status = 503
            assert await post() == 503
            async with http.post(
                f"https://127.0.0.1:{port}/hook", data=io.BytesIO(b"x" * 2**21), ssl=trusted
            ) as answer:
                assert answer.status == 413


BOT_ONLY = ("verify-otp", "restore-session", "logout")
SPELLINGS = (
    "/api/v1/telegram-auth/{}",
    "/api/v1/telegram-auth/{}/",
    "/api/v1/telegram-auth/{}?x=1",
    "//api/v1/telegram-auth/{}",
    "/api/./v1/telegram-auth/{}",
    "/x/../api/v1/telegram-auth/{}",
    "/api/v1/telegram%2Dauth/{}",
    "/api/v1%2Ftelegram-auth/{}",
)


async def test_what_the_backend_leaves_open_is_for_the_bot_alone(nginx: str, tmp_path: Path):
    port = free_port()
    async with upstream() as backend:
        for name in ("backend.conf", "bot-secret.conf"):
            text = (NGINX / name).read_text().replace("change-me", SECRET)
            text = text.replace("127.0.0.1:8000", f"127.0.0.1:{backend.port}")
            (tmp_path / name).write_text(text.replace("listen 8081", f"listen 127.0.0.1:{port}"))
        config = tmp_path / "nginx.conf"
        paths = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config.write_text(
            f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off; {paths} include backend.conf; }}\n"
        )
        async with serving(nginx, config, port), aiohttp.ClientSession() as http:

            async def post(path: str, secret: str | None) -> int:
                headers = {} if secret is None else {"X-Bot-Secret": secret}
                url = URL(f"http://127.0.0.1:{port}{path}", encoded=True)
                async with http.post(url, headers=headers) as answer:
                    return answer.status

            for path in (spelling.format(name) for spelling in SPELLINGS for name in BOT_ONLY):
                assert await post(path, None) == 403, path
                assert await post(path, "wrong") == 403, path
            assert backend.asked == []
            for name in BOT_ONLY:
                assert await post(SPELLINGS[0].format(name), SECRET) == 200
            assert await post("/api/v1/telegram-auth/sessions", None) == 200
            assert await post("/api/v2/events", None) == 200


def test_the_manual_shows_the_rule_as_it_is():
    manual = (ROOT / "docs" / "security.md").read_text()
    shown = re.search(r"```nginx\n(.*?)```", manual, re.DOTALL)
    assert shown is not None
    rule = re.search(r"    # Whom:.*?\n    }\n", (NGINX / "backend.conf").read_text(), re.DOTALL)
    assert rule is not None
    lines = [line.strip() for line in shown[1].splitlines() if line.strip()]
    assert [line.strip() for line in rule[0].splitlines() if line.strip()] == lines
