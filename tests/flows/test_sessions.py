"""Sessions: seen by administrators, ended at once; one's own by everybody."""

from __future__ import annotations

import pytest

from tests.flows.conftest import Stage
from tests.flows.hand import Hand


async def at_sessions(stage: Stage, login: str = "administrator", user_id: int = 8000) -> Hand:
    hand = await stage.hand(login, name="Boss", user_id=user_id)
    return await hand.tap("office.title", "sessions.title")


def active(stage: Stage) -> set[int]:
    return {int(row["telegram_user_id"]) for row in stage.crm.sessions() if row["is_active"]}


async def is_out(hand: Hand) -> bool:
    await hand.say("/status")
    return not hand.sees("status.logout")


@pytest.mark.parametrize("login", ["administrator", "super_admin"])
async def test_one_session_is_ended_at_once(stage: Stage, login: str) -> None:
    npo = await stage.hand("npo", user_id=8001, name="Nurlan")
    hand = await at_sessions(stage, login)
    await hand.tap("Нұрлан")
    assert "8001" in hand.text
    await hand.tap("sessions.action.revoke", "sessions.action.revoke")
    assert hand.toast == hand.t("sessions.done.revoke")
    assert hand.t("choice.session_where.ended") in hand.text
    assert active(stage) == {8000}
    await npo.forge("liev")
    assert npo.t("session.ended_title") in npo.text
    assert await is_out(npo)


async def test_the_token_lives_on_but_nobody_here_has_it(stage: Stage) -> None:
    npo = await stage.hand("npo", user_id=8001, name="Nurlan")
    hand = await at_sessions(stage)
    await hand.tap("Нұрлан", "sessions.action.revoke", "sessions.action.revoke")
    stage.crm.clear_requests()
    await npo.forge("liev")
    assert stage.crm.requests == [], "neither a token nor a restore was tried"


async def test_mine_is_marked_and_not_to_be_ended_here(stage: Stage) -> None:
    hand = await at_sessions(stage)
    await hand.tap("👉")
    assert hand.t("sessions.mine") in hand.text
    assert f"🚪 {hand.t('sessions.action.revoke')}" not in hand.labels
    await hand.forge("ddss.668.rv")
    assert hand.t("deed.not_now") in hand.text
    assert active(stage) == {8000}


async def test_all_of_a_role_all_of_an_admin_all_but_mine(stage: Stage) -> None:
    people = [
        await stage.hand(login, user_id=user_id, name=f"P{user_id}")
        for login, user_id in (
            ("npo", 8001),
            ("npo2", 8002),
            ("msb", 8003),
            ("government", 8004),
            ("msb", 8005),
        )
    ]
    hand = await at_sessions(stage)
    await hand.tap("sessions.action.many")
    assert f"{hand.t('sessions.all_but_mine')} (5)" in hand.labels
    await hand.tap(hand.t("sessions.of_role", role=hand.t("role.npo")))
    assert hand.t("sessions.ask_many", n=2) in hand.text
    await hand.tap(hand.t("sessions.end_many", n=2))
    assert hand.toast == hand.t("sessions.done_many", n=2)
    assert active(stage) == {8000, 8003, 8004, 8005}
    await hand.tap("Гүлнұр", "sessions.action.all_of_admin", hand.t("sessions.end_many", n=2))
    assert active(stage) == {8000, 8004}
    await hand.tap("sessions.action.many", "sessions.all_but_mine", hand.t("sessions.end_many", n=1))
    assert active(stage) == {8000}
    assert [await is_out(one) for one in people] == [True] * 5
    assert not await is_out(hand)


async def test_a_confirm_pressed_twice_ends_nothing_more(stage: Stage) -> None:
    await stage.hand("npo", user_id=8001)
    hand = await at_sessions(stage)
    await hand.tap("sessions.action.many", "sessions.all_but_mine")
    confirm = hand.data(hand.t("sessions.end_many", n=1))
    await hand.forge(confirm)
    await stage.hand("npo", user_id=8001)
    await hand.forge(confirm)
    assert active(stage) == {8000, 8001}, "who signed in after it stays"


async def test_an_unreachable_backend_ends_them_here_and_is_told_later(stage: Stage) -> None:
    npo = await stage.hand("npo", user_id=8001)
    hand = await at_sessions(stage)
    await hand.tap("sessions.action.many", "sessions.all_but_mine")
    stage.crm.faults.add("status", "/telegram-auth/sessions/", method="DELETE", status=503)
    await hand.tap(hand.t("sessions.end_many", n=1))
    assert await is_out(npo)


@pytest.mark.parametrize("login", ["government", "npo", "msb", "volunteer_admin", "client"])
async def test_other_roles_see_their_own_sessions_alone(stage: Stage, login: str) -> None:
    hand = await stage.hand(login, user_id=8000)
    await stage.hand("super_admin", user_id=8001)
    stage.crm.clear_requests()
    for data in ("liss", "cdss.669", "ddss.669.rv", "tlss..ma", "tlss..mao", "sxss..o"):
        said = await hand.forge(data)
        assert hand.t("error.forbidden_toast") in (said or hand.text), data
    assert stage.crm.requests_to("/telegram-auth/sessions") == []
    assert active(stage) == {8000, 8001}


async def test_another_session_of_my_own_is_ended_from_status(stage: Stage) -> None:
    old = await stage.hand("npo", user_id=8001, name="Old")
    hand = await stage.hand("npo", user_id=8000, name="New")
    stranger = await stage.hand("npo2", user_id=8002)
    await hand.say("/status")
    assert hand.t("mine.title") in hand.text
    ends = [label for label in hand.labels if label.startswith("End ")]
    assert len(ends) == 1, hand.labels
    await hand.tap(ends[0], "mine.confirm")
    assert await is_out(old)
    assert active(stage) == {8000, 8002}
    await hand.forge("en--.66a")
    assert hand.t("mine.gone") in hand.text
    assert not await is_out(stranger), "the address of somebody else's session does nothing"
