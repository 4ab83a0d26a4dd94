"""Addresses of pictures come from whoever writes into the CRM: the bot fetches nothing it should not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from sandbox.crm.groups.event_tables import Event
from tests.flows.pictures import picture
from tests.support.stage import Stage, open_card


@dataclass
class Site:
    """A site on this machine; ``seen`` are the paths that were asked for."""

    port: int = 0
    seen: list[str] = field(default_factory=list)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A neighbour that nobody outside may reach: a metadata service, an admin's router."""
    found = Site()

    async def answer(request: web.BaseRequest) -> web.Response:
        found.seen.append(request.path)
        return web.Response(body=picture(), content_type="image/png")

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0).start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


def _illustrated(stage: Stage, number: int, url: str) -> None:
    with stage.crm.room.db.session() as session:
        session.get_one(Event, number).event_photo = url


SPELLINGS = (
    "http://127.0.0.1:{port}/a.png",
    "http://localhost:{port}/b.png",
    "http://127.1:{port}/c.png",
    "http://2130706433:{port}/d.png",
    "http://0x7f.0.0.1:{port}/e.png",
    "http://0.0.0.0:{port}/f.png",
    "http://[::ffff:127.0.0.1]:{port}/g.png",
    "http://user@127.0.0.1:{port}/h.png",
    "//127.0.0.1:{port}/i.png",
    "http://backend@127.0.0.1:{port}/j.png#.example.org",
    "http://169.254.169.254/latest/meta-data/k.png",
    "http://10.0.0.1/l.png",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/m.png",
    "http://127.0.0.1:{port}\\@example.org/n.png",
)


async def test_no_address_inside_is_ever_fetched(polled: Stage, site: Site):
    async with polled.bot_here() as log:
        ann = await polled.signed_in("administrator")
        for number, spelling in enumerate(SPELLINGS, 1):
            url = spelling.format(port=site.port)
            _illustrated(polled, number, url)
            await open_card(ann, number)
            assert polled.event(number)["title"][:20] in ann.last.text, (url, ann.last)
            assert "photo" not in ann.last.raw, url
        # Telegram is not made to fetch it for us, either.
        sent = [str(call.params) for call in polled.telegram.calls.of("sendPhoto")]
        sent += [str(call.params) for call in polled.telegram.calls.of("editMessageMedia")]
        assert [one for one in sent if f":{site.port}" in one] == []
    assert site.seen == []
    assert "Traceback" not in log.getvalue()


async def test_the_pictures_of_the_backend_itself_are_shown(polled: Stage):
    """What makes the test above mean something: a good address does become a picture."""
    async with polled.bot_here():
        ann = await polled.signed_in("administrator")
        number = next(event["id"] for event in polled.crm.events() if event["event_photo"])
        await open_card(ann, number)
        assert "photo" in ann.last.raw, ann.last
