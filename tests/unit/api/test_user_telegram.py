"""Linking as contract 2.14 records it; nothing of the answer is kept."""

from __future__ import annotations

import json

import httpx
import pytest

from api.errors import Conflict, Forbidden, Invalid, NotFound, Refused, UnknownOutcome
from api.user_telegram import UserTelegram
from tests.contract.recorded import recordings

CONFIRMS = [one for one in recordings("user-telegram") if one["request"]["path"].endswith("/confirm-link")]
RAISES = {400: Refused, 403: Forbidden, 404: NotFound, 409: Conflict, 422: Invalid}


@pytest.mark.parametrize("recorded", CONFIRMS, ids=lambda one: one["name"])
async def test_every_recorded_outcome(wire, recorded) -> None:
    reply = recorded["response"]
    wire.says(httpx.Response(reply["status"], json=reply["json"]))
    calling = UserTelegram(wire.backend).confirm("Tok_en-1234", 77, username="ann", first_name="Ann")
    if reply["status"] == 200:
        await calling
    else:
        with pytest.raises(RAISES[reply["status"]]) as caught:
            await calling
        assert caught.value.status == reply["status"]


async def test_the_secret_goes_along_and_no_admin_s_token(wire) -> None:
    wire.says(httpx.Response(200, json={"success": True, "message": "", "access_token": "jwt-of-the-user"}))
    await UserTelegram(wire.backend).confirm("Tok_en-1234", 77, first_name="Ә" * 400)
    request = wire.asked[0]
    assert request.headers["X-Bot-Secret"] == "secret"
    assert "authorization" not in request.headers
    body = json.loads(request.content)
    assert (body["token"], body["telegram_chat_id"], len(body["telegram_first_name"])) == (
        "Tok_en-1234",
        "77",
        255,
    )


async def test_a_lost_answer_is_never_repeated(wire) -> None:
    wire.says(httpx.ReadError("reset"))
    with pytest.raises(UnknownOutcome):
        await UserTelegram(wire.backend).confirm("Tok_en-1234", 77)
    assert len(wire.asked) == 1


@pytest.mark.parametrize("found", [True, False])
async def test_whether_a_chat_is_linked(wire, found: bool) -> None:
    wire.says(httpx.Response(200, json={"found": found, "access_token": "jwt-of-the-user"}))
    assert await UserTelegram(wire.backend).is_linked(77) is found
    assert wire.asked[0].url.path.endswith("/auto-auth/77")
