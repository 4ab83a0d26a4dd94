"""Coming in and going out: commands, links, codes, the menu of commands."""

from __future__ import annotations

import pytest

from keyboards.callbacks import Go, Press
from sandbox.telegram import compose
from services import inbox
from tests.flows.conftest import Stage
from tests.matrix.strict import LOCALES, TEXTS

GUEST = ["start", "login", "help"]
ADMIN = ["menu", "approvals", "find", "admin", "drafts", "status", "settings", "help", "cancel", "logout"]


@pytest.mark.parametrize("language", LOCALES)
async def test_a_guest_is_told_how_to_get_in(stage: Stage, language: str):
    guest = await stage.hand(None, language)
    assert guest.t("welcome.title") in guest.text
    assert guest.t("welcome.step2") in guest.text
    assert [one["command"] for one in guest.person.commands] == GUEST
    await guest.tap("menu.help")
    assert guest.t("help.guest") in guest.text
    await guest.tap("nav.home")
    assert guest.t("welcome.title") in guest.text
    assert stage.crm.requests_to("/api/v2/events") == []


@pytest.mark.parametrize("language", LOCALES)
async def test_signing_in_and_out_changes_the_menus(stage: Stage, language: str):
    admin = await stage.hand("administrator", language)
    name = stage.crm.admin("administrator").name
    assert admin.t("login.done", name=name) in admin.text
    assert admin.t("role.administrator") in admin.text
    assert admin.sees(admin.events)
    assert [one["command"] for one in admin.person.commands] == ADMIN
    assert admin.person.commands[0]["description"] == TEXTS[language]("command.menu")
    await admin.tap("menu.status")
    assert name in admin.text
    await admin.tap("status.logout")
    assert admin.t("logout.title") in admin.text
    await admin.tap("nav.cancel")
    assert admin.sees(admin.events)
    await admin.tap("menu.status", "status.logout", "logout.confirm")
    assert admin.t("logout.done") in admin.text
    assert admin.t("welcome.title") in admin.text
    assert [one["command"] for one in admin.person.commands] == GUEST
    assert [one["is_active"] for one in stage.crm.sessions()] == [False]


async def test_a_code_works_as_command_as_link_and_bare(stage: Stage):
    ways = {
        1001: "/login {}",
        1002: "/start otp_{}",
        1003: "{}",
        1004: "/login   {}  ",
    }
    for user_id, way in ways.items():
        guest = await stage.hand(None, user_id=user_id)
        code = stage.crm.otp("administrator")
        await guest.say(way.format(code))
        assert guest.sees(guest.events), way
        assert not [message for message in guest.person.messages if code in message.text]


async def test_a_code_is_read_forgivingly(stage: Stage):
    guest = await stage.hand(None)
    code = stage.crm.otp("administrator").lower()
    await guest.say(f"/login {code[:4]}-{code[4:]}")
    assert guest.sees(guest.events)


async def test_wrong_codes_are_explained_and_removed(stage: Stage):
    guest = await stage.hand(None)
    await guest.say("/login")
    assert guest.t("login.how_to") in guest.text
    await guest.say("/login 123")
    assert guest.t("login.malformed") in guest.text
    assert stage.crm.requests_to("verify-otp") == []
    await guest.say("/login ABCDEFGH")
    assert guest.t("login.unknown") in guest.text
    code = stage.crm.otp("administrator")
    other = await stage.hand(None, user_id=2002)
    await other.say(f"/login {code}")
    await guest.say(f"/login {code}")
    assert guest.t("login.used") in guest.text
    assert [message.text for message in guest.person.messages if not message.from_bot] == []


async def test_a_client_gets_in_and_is_told_that_there_are_no_rights(stage: Stage):
    client = await stage.hand("client")
    assert client.t("login.client") in client.text
    assert client.t("menu.no_rights") in client.text
    assert not client.sees(client.events)
    await client.say("/status")
    assert client.t("role.client") in client.text


async def test_a_link_opens_a_card_or_says_why_not(stage: Stage):
    admin = await stage.hand("administrator")
    title = stage.event(42)["title"]
    await admin.say("/start ev_42")
    assert title in admin.text
    await admin.tap("nav.back")
    assert admin.t("events.title") in admin.text
    for payload in ("ev_", "ev_x", "zz_1", "ev_42_1", "hello", "ev_" + "9" * 30):
        await admin.say(f"/start {payload}")
        assert admin.t("start.unknown_link") in admin.text, payload
        assert admin.sees(admin.events)
    await admin.say("/start ev_999999")
    assert admin.t("error.gone") in admin.text


async def test_a_link_is_no_way_around_the_rights(stage: Stage):
    guest = await stage.hand(None)
    await guest.say("/start ev_42")
    assert guest.t("start.sign_in_first") in guest.text
    client = await stage.hand("client", user_id=2002)
    await client.say("/start ev_42")
    assert client.t("error.forbidden") in client.text
    foreign = stage.events_of("npo2")[0]["id"]
    npo = await stage.hand("npo", user_id=2003)
    await npo.open(foreign)
    assert npo.t("error.gone") in npo.text
    assert stage.event(foreign)["title"] not in npo.text
    assert stage.crm.requests_to("/api/v2/events/admin/42$") == []


async def test_every_command_answers_and_goes_away(stage: Stage):
    admin = await stage.hand("administrator")
    shown = {
        "/menu": "menu.hint",
        "/find": "find.question",
        "/drafts": "drafts.none",
        "/status": "status.rights",
        "/settings": "settings.zone",
        "/help": "help.how",
        "/cancel": "form.nothing_to_cancel",
        "/menu@tabys_sandbox_bot": "menu.hint",
        "/MENU": "menu.hint",
        "/start": "menu.hint",
    }
    for command, key in shown.items():
        await admin.say(command)
        assert admin.t(key) in admin.text, command
        assert len(admin.person.messages) == 1, command
    await admin.say("/nonsense")
    assert admin.t("start.unknown_command", name="nonsense") in admin.text
    await admin.say("/logout")
    assert admin.t("logout.done") in admin.text


async def test_commands_for_admins_are_refused_to_guests(stage: Stage):
    guest = await stage.hand(None)
    for command in ("/find x", "/drafts", "/settings"):
        await guest.say(command)
        assert guest.t("session.needed") in guest.text, command
    for command in ("/status", "/menu", "/logout", "/cancel"):
        await guest.say(command)
        assert guest.t("welcome.title") in guest.text, command


async def test_help_names_what_this_role_can_do(stage: Stage):
    government = await stage.hand("government")
    await government.say("/help")
    assert f"{government.t('events.title')}: {government.t('verb.list')}\n" in government.text + "\n"
    npo = await stage.hand("npo", user_id=2002)
    await npo.tap("menu.help")
    assert npo.t("verb.create") in npo.text
    assert npo.t("verb.moderate") not in npo.text


async def test_status_names_rights_and_the_crm(stage: Stage):
    npo = await stage.hand("npo")
    await npo.tap("menu.status")
    assert npo.t("status.own_only") in npo.text
    assert npo.t("module.events") in npo.text
    assert npo.t("module.news") not in npo.text
    assert npo.t("status.backend_ok") in npo.text
    assert npo.t("status.complete") in npo.text


async def test_status_says_when_the_crm_is_away(stage: Stage):
    admin = await stage.hand("administrator")
    stage.crm.faults.add("reset")
    await admin.tap("menu.status")
    assert admin.t("status.backend_down") in admin.text


async def test_what_cannot_be_read_is_said_kindly(stage: Stage):
    admin = await stage.hand("administrator")
    place = {"location": {"latitude": 51.1, "longitude": 71.4}}
    compose.deliver(stage.telegram.state, admin.person.chat, place, admin.person.user)
    await admin.person.settle()
    assert admin.t("start.unreadable") in admin.text
    assert admin.sees(admin.events)


async def test_another_admin_of_the_same_account_is_warned(stage: Stage):
    """In the language of whoever reads it, not of whoever signs in."""
    first = await stage.hand("administrator", user_id=2001)
    await stage.hand("administrator", "kk", name="Boris", user_id=2002)
    await first.person.settle()
    assert first.t("login.other_session", name="Boris") in [
        message.text for message in first.person.bot_messages
    ]


async def test_an_ended_binding_is_one_clear_screen(stage: Stage):
    admin = await stage.hand("administrator")
    stage.crm.delete_admin("administrator")
    await admin.tap(admin.events)
    assert admin.t("session.ended_title") in admin.text
    assert [one["command"] for one in admin.person.commands] == GUEST
    await admin.tap("login.how")
    assert admin.t("help.guest") in admin.text


@pytest.mark.parametrize("forged", ["zzzz", Go(Press.CARD, "zz", 1).pack()])
async def test_a_session_that_ended_is_told_where_an_address_leads_nowhere(
    stage: Stage, forged: str, monkeypatch: pytest.MonkeyPatch
):
    """The menu is drawn in answer to it, and asks the CRM itself once its counts are no longer fresh."""
    monkeypatch.setattr(inbox, "COUNTED_FOR", 0.0)
    admin = await stage.hand("administrator")
    stage.crm.delete_admin("administrator")
    await admin.forge(forged)
    assert admin.t("session.ended_title") in admin.text
    assert [one["command"] for one in admin.person.commands] == GUEST
