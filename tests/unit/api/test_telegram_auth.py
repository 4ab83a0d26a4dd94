"""Logins: contract 2.1, and the small calls about the signed-in admin."""

from __future__ import annotations

import json

import httpx
import pytest

from api import AdminAuth, BadAnswer, CodeRefused, Invalid, Moderation, TelegramAuth, UnknownOutcome, Uploads
from models.common import Upload

LOGIN = {"access_token": "jwt", "token_type": "bearer", "admin_id": 4, "admin_name": "Нұрлан", "role": "npo"}


def reply(status: int, body: object) -> httpx.Response:
    return httpx.Response(status, json=body)


@pytest.fixture
def auth(wire) -> TelegramAuth:
    return TelegramAuth(wire.backend)


async def test_verify_sends_digits_and_names(wire, auth):
    wire.says(reply(200, LOGIN | {"session_created": True}))
    login = await auth.verify("ZKYMZG2Y", 700000001, username="n" * 300, first_name="Нұрлан", last_name=None)
    assert (login.access_token, login.admin_id, login.role, login.session_created) == ("jwt", 4, "npo", True)
    sent = json.loads(wire.asked[0].content)
    assert sent["otp_token"] == "ZKYMZG2Y"
    assert sent["telegram_user_id"] == "700000001"
    assert len(sent["telegram_username"]) == 255
    assert "telegram_last_name" not in sent
    assert "authorization" not in wire.asked[0].headers
    assert "jwt" not in repr(login)


@pytest.mark.parametrize(
    ("detail", "reasons"),
    [
        ("Invalid OTP token", {"unknown"}),
        ("OTP token is invalid: already used", {"used"}),
        ("OTP token is invalid: already used, revoked, expired", {"used", "revoked", "expired"}),
        ("OTP token is invalid: moonstruck", {"unknown"}),
        ("something new", {"unknown"}),
    ],
)
async def test_refused_codes_say_why(wire, auth, detail, reasons):
    wire.says(reply(401, {"detail": detail}))
    with pytest.raises(CodeRefused) as caught:
        await auth.verify("ZKYMZG2Y", 1)
    assert caught.value.reasons == reasons
    assert "ZKYMZG2Y" not in str(caught.value)


@pytest.mark.parametrize(
    "trouble", [httpx.ReadError("x"), httpx.Response(500), httpx.Response(200, content=b"<html>")]
)
async def test_verify_whose_answer_is_lost_is_never_repeated(wire, auth, trouble):
    wire.says(trouble)
    with pytest.raises(UnknownOutcome):
        await auth.verify("ZKYMZG2Y", 1)
    assert len(wire.asked) == 1


@pytest.mark.usefixtures("hurried")
async def test_verify_that_was_not_sent_is_repeated(wire, auth):
    wire.says(httpx.ConnectError("x"), reply(200, LOGIN))
    assert (await auth.verify("ZKYMZG2Y", 1)).admin_id == 4


@pytest.mark.parametrize("identifier", [-100123, 10**20])
async def test_ids_of_no_person_stay_at_home(wire, auth, identifier):
    with pytest.raises(Invalid):
        await auth.restore(identifier)
    assert wire.asked == []


@pytest.mark.usefixtures("hurried")
async def test_restore_is_repeated_and_tells_when_there_is_nothing(wire, auth):
    wire.says(httpx.ReadError("x"), reply(200, LOGIN), reply(404, {"detail": "No active session"}))
    login = await auth.restore(1)
    assert login is not None
    assert login.session_created is False
    assert await auth.restore(1) is None


async def test_login_without_a_token_is_no_login(wire, auth):
    wire.says(reply(200, LOGIN | {"access_token": ""}))
    with pytest.raises(BadAnswer):
        await auth.restore(1)


async def test_logout_tells_whether_there_was_a_binding(wire, auth):
    wire.says(reply(200, {"success": True}), reply(404, {"detail": "No active session found"}))
    assert await auth.logout(1) is True
    assert await auth.logout(1) is False


async def test_sessions_and_revoke_carry_the_token(wire, auth, admin):
    row = {
        "telegram_user_id": "700",
        "admin_id": 1,
        "admin_name": "Ә",
        "admin_role": "npo",
        "is_active": True,
    }
    row |= {"created_at": "2026-11-21T10:24:13", "last_activity_at": "2026-11-21T10:24:13"}
    wire.says(reply(200, {"sessions": [row, {"odd": 1}], "total": 2}))
    sessions = await auth.sessions(admin)
    assert [session.telegram_user_id for session in sessions] == [700]
    wire.says(reply(200, {"success": True}))
    await auth.revoke(admin, 700)
    assert wire.asked[-1].url.path.endswith("/sessions/700")
    assert wire.asked[-1].headers["authorization"] == "Bearer old"


async def test_profile_and_pending_count(wire, admin):
    auth = AdminAuth(wire.backend)
    wire.says(
        reply(
            200,
            {"id": 1, "name": "Ә", "login": "a", "role": "npo", "created_at": "2026-11-21T10:24:11+00:00"},
        )
    )
    assert (await auth.profile(admin)).role == "npo"
    wire.says(reply(200, {"count": 3}), reply(200, {"count": "many"}))
    assert await auth.pending_count(admin) == 3
    with pytest.raises(BadAnswer):
        await auth.pending_count(admin)


async def test_moderation_stats(wire, admin):
    numbers = {"total": 3, "pending": 1, "approved": 2, "rejected": 0}
    wire.says(
        reply(200, {"events": numbers, "total_pending": 9}),
        reply(200, {"events": numbers, "total_pending": None}),
    )
    stats = await Moderation(wire.backend).stats(admin)
    assert (stats.pending, stats.entities["events"].approved) == (9, 2)
    with pytest.raises(BadAnswer):
        await Moderation(wire.backend).stats(admin)


async def test_uploads_give_the_stored_path(wire, admin):
    wire.says(reply(200, {"file_path": "/uploads/documents/a.pdf"}))
    uploads = Uploads(wire.backend)
    assert (
        await uploads.upload_photo(admin, Upload(b"x", "сурет.png", "image/png"))
        == "/uploads/documents/a.pdf"
    )
    assert (
        await uploads.upload_document(admin, Upload(b"x", "a.pdf", "application/pdf"))
        == "/uploads/documents/a.pdf"
    )
    assert 'filename="сурет.png"'.encode() in wire.asked[0].content
    assert wire.asked[1].url.path.endswith("upload-document")
