"""``/start link_<TOKEN>``: an account of the site is linked with a chat, and every outcome is explained."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import partial
from unittest import mock

import pytest
import redis as redis_sync

import composition
from sandbox.crm.groups.user_telegram import BOT_SECRET, LinkToken, TelegramLink
from sandbox.crm.groups.users import User
from sandbox.crm.store import utc_now
from tests.flows.conftest import Stage
from tests.flows.hand import Hand

TOKEN = "Ab3-_kdj38KDJ3kdj39dkKDK3"
PATH = "/telegram/confirm-link$"


async def linking(stage: Stage, language: str = "en", login: str | None = None, user_id: int = 9200) -> Hand:
    """A guest (or an admin) of a bot that knows the secret."""
    if stage.env.get("TELEGRAM_BOT_LINK_SECRET") is None:
        stage.env["TELEGRAM_BOT_LINK_SECRET"] = BOT_SECRET
        await stage.restart()
    return await stage.hand(login, language, user_id=user_id)


def drawn(stage: Stage, token: str = TOKEN, minutes: float = 10, user: int = 0) -> int:
    """The site draws a link for one of its users; the user's id."""
    with stage.crm.room.db.session() as session:
        users = [one.id for one in session.query(User).order_by(User.id).limit(2)]
        session.add(
            LinkToken(token=token, user_id=users[user], expires_at=utc_now() + timedelta(minutes=minutes))
        )
    return users[user]


def links(stage: Stage) -> dict[str, int]:
    return {row["telegram_chat_id"]: row["user_id"] for row in stage.crm.rows(TelegramLink)}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("login", [None, "npo"])
async def test_a_link_is_confirmed(stage: Stage, language: str, login: str | None) -> None:
    hand = await linking(stage, language, login)
    user = drawn(stage)
    await hand.say(f"/start link_{TOKEN}")
    assert hand.t("link.done") in hand.text
    assert links(stage) == {"9200": user}
    sent = stage.crm.requests_to(PATH)[0]
    assert sent.json["telegram_chat_id"] == "9200"
    assert "authorization" not in {name.lower() for name in sent.headers}
    assert not any(TOKEN in str(message.text) for message in hand.person.messages), "the message is removed"


async def test_nothing_of_the_answer_is_kept_or_logged(stage: Stage) -> None:
    stage.env["LOG_LEVEL"] = "DEBUG"
    log = io.StringIO()
    with mock.patch.object(composition, "configure", partial(composition.configure, stream=log)):
        hand = await linking(stage)
    drawn(stage)
    issued: list[str] = []
    for_user = stage.crm.room.tokens.for_user

    def issue(user: int) -> str:
        issued.append(for_user(user))
        return issued[-1]

    with mock.patch.object(stage.crm.room.tokens, "for_user", issue):
        await hand.say(f"/start link_{TOKEN}")
    assert hand.t("link.done") in hand.text
    with redis_sync.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        stored = io.StringIO()
        for key in client.scan_iter():
            read = {"string": client.get, "hash": client.hgetall, "set": client.smembers}.get(
                client.type(key)
            )
            stored.write(f"{key} {read(key) if read else ''}\n")
    logged = log.getvalue()
    assert "user-telegram" in logged or "serving" in logged
    for secret in (*issued, TOKEN, BOT_SECRET):
        assert secret not in logged
        assert secret not in stored.getvalue()
    assert issued


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_what_does_not_work_is_explained(stage: Stage, language: str) -> None:
    hand = await linking(stage, language)
    drawn(stage, "expired-token-1", minutes=-1)
    for token, said in (
        ("expired-token-1", "expired"),
        ("unknown-token-1", "unknown"),
        ("short", "malformed"),
    ):
        await hand.say(f"/start link_{token}")
        assert hand.t(f"link.{said}") in hand.text, said
    drawn(stage, "first-token-123")
    drawn(stage, "other-token-123", user=1)
    await hand.say("/start link_first-token-123")
    await hand.say("/start link_other-token-123")
    assert hand.t("link.taken") in hand.text
    await hand.say("/start link_first-token-123")
    assert hand.t("link.already") in hand.text


@pytest.mark.parametrize(
    ("status", "said"), [(403, "not_set_up"), (422, "malformed"), (503, "unavailable"), (500, "unavailable")]
)
async def test_trouble_of_the_backend_is_told(stage: Stage, status: int, said: str) -> None:
    hand = await linking(stage)
    drawn(stage)
    stage.crm.faults.add("status", PATH, method="POST", status=status)
    await hand.say(f"/start link_{TOKEN}")
    assert hand.t(f"link.{said}") in hand.text
    stage.crm.faults.clear()
    await hand.say(f"/start link_{TOKEN}")
    assert hand.t("link.done") in hand.text, "nothing was spent"


async def test_without_a_secret_nothing_is_asked(stage: Stage) -> None:
    hand = await stage.hand(None, user_id=9200)
    await hand.say(f"/start link_{TOKEN}")
    assert hand.t("link.not_set_up") in hand.text
    assert stage.crm.requests_to(PATH) == []


async def test_a_wrong_secret_is_our_fault(stage: Stage) -> None:
    stage.env["TELEGRAM_BOT_LINK_SECRET"] = "wrong-secret-of-ours"
    await stage.restart()
    hand = await linking(stage)
    drawn(stage)
    await hand.say(f"/start link_{TOKEN}")
    assert hand.t("link.not_set_up") in hand.text


async def test_a_lost_answer_is_read_back(stage: Stage) -> None:
    hand = await linking(stage)
    drawn(stage)
    stage.crm.faults.add("reset", PATH, method="POST", after=True)
    await hand.say(f"/start link_{TOKEN}")
    assert hand.t("link.done") in hand.text
    assert len(stage.crm.requests_to(PATH)) == 1


async def test_tokens_cannot_be_guessed(stage: Stage) -> None:
    hand = await linking(stage)
    for number in range(7):
        await hand.say(f"/start link_guessed-token-{number}")
    assert len(stage.crm.requests_to(PATH)) == 5
    assert "Wait" in hand.text
    await hand.say(f"/login {stage.crm.otp('npo')}")
    assert hand.sees("menu.status"), "signing in is counted apart"


async def test_a_crowd_cannot_guess_either_and_logins_go_on(stage: Stage) -> None:
    for number in range(8):
        hand = await linking(stage, user_id=9300 + number)
        for guess in range(5):
            await hand.say(f"/start link_guess-{number}-{guess}-xyz")
    assert len(stage.crm.requests_to(PATH)) == 30
    boss = await stage.hand("administrator", user_id=9400)
    assert boss.sees("menu.status")
