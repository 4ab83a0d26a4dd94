"""What a person sees of the backend's quirks (contract section 4), each by its number.

Q1   unified queue fails             test_quirks, test_approvals, test_courses, test_statistics
Q2   course updates do damage        test_courses
Q3   500 although it worked          test_vacancies
Q4   routes no admin can use         test_quirks
Q5   unreachable search routes       test_quirks
Q6   dropped connections             test_quirks
Q7   valid looking input is a 500    test_news, test_projects, test_projects_children,
                                     test_projects_forms, test_volunteer_events
Q8   no totals                       test_quirks, test_leisure_promos
Q9   lists without an order          test_quirks, test_courses
Q10  filters that are ignored        test_quirks
Q11  dates and time zones            test_leisure, test_leisure_promos, test_news
Q12  tokens and stale roles          test_quirks
Q13  restore by a bare id            test_quirks
Q14  enum text in reasons            test_quirks
Q15  files and photos                test_news
Q16  raw content                     test_quirks
Q17  lengths                         test_news
Q18  repeatable effects              test_news, test_volunteer_shop
Q19  rights nobody enforces          test_leisure, test_leisure_shared, test_news
Q20  who is notified                 test_quirks
Q21  answers nobody declared         test_quirks
Q22  decided again after an edit     test_leisure, test_projects, test_vacancies
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from api.unusable import UNUSABLE
from handlers.modules import RESOURCES
from keyboards.callbacks import Go, Place, Press
from resources.resource import Op, Resource
from sandbox.crm.groups.event_tables import Event
from sandbox.crm.groups.expert_tables import Expert
from sandbox.crm.groups.leisure.tables import Place as PlaceRow
from sandbox.crm.groups.leisure.tables import Promo
from sandbox.crm.groups.news_tables import News
from sandbox.crm.groups.projects.tables import Project
from sandbox.crm.groups.resume_tables import Resume
from sandbox.crm.groups.users import User
from sandbox.crm.groups.vacancy_tables import Vacancy
from sandbox.crm.groups.volunteers.tables import Volunteer
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.test_export import arrived, content
from tests.flows.test_news import asked
from tests.matrix.strict import LOCALES
from tests.matrix.test_access import drawn, keyed

HOME = Path(__file__).parent
ROOT = HOME.parent.parent
NUMBERS = range(1, 23)
BY_CODE = {resource.code: resource for resource in RESOURCES}


def shown(hand: Hand, code: str) -> list[int]:
    """Ids of the records on the page, in order."""
    return [go.id for go in drawn(hand) if go.op == Press.CARD and go.res == code]


def at(code: str, **chosen: str) -> str:
    """The address of a list with these filters."""
    filters = BY_CODE[code].list.filters
    assert set(chosen) <= {one.name for one in filters}
    options = tuple(1 + one.options.index(chosen[one.name]) if one.name in chosen else 0 for one in filters)
    return Go(Press.LIST, code, view=Place(options=options).pack()).pack()


def change(stage: Stage, table: Any, record_id: int, **columns: Any) -> None:
    """Writes columns of a row, past the CRM."""
    with stage.crm.room.db.session() as session:
        session.execute(update(table).where(table.id == record_id).values(**columns))


async def answered(stage: Stage, path: str, login: str) -> int:
    """The status that the CRM itself answers that admin with."""
    return (await asked(stage, path, login)).status_code


def to(stage: Stage, path: str) -> list[Any]:
    return stage.crm.requests_to(path)


# --- Q1, Q4, Q5: routes that fail or cannot be used -------------------------------------------------------


async def test_q1_what_waits_is_counted_and_listed_though_the_unified_queue_fails(stage: Stage):
    """The screen of the unified queue belongs to a later issue: here are the menu and the module's own list."""
    waiting = [row for row in stage.crm.rows(Vacancy) if row["moderation_status"] == "pending"]
    assert all(row["title_kz"] is row["title_ru"] is None for row in waiting)
    for query in ("", "?entity_type=vacancy"):
        assert await answered(stage, f"/api/v1/moderation/queue{query}", "administrator") == 500
    hand = await stage.hand("administrator")
    await hand.say("/menu")
    await hand.tap(f"💼 {hand.t('vacancies.title')} ⏳ {len(waiting)}", "list.filters")
    await hand.tap("choice.moderation_status.pending", "list.show")
    found = shown(hand, "va")
    newest = sorted(waiting, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    assert found == [row["id"] for row in newest[:7]]
    assert hand.t("list.of_total", first="1", last="7", total=str(len(waiting))) in hand.text
    assert not any("#" in label for label in hand.labels)


@pytest.mark.parametrize("language", LOCALES)
async def test_q4_a_super_admin_reads_what_nobody_can_use_and_why(stage: Stage, language: str):
    boss = await stage.hand("super_admin", language)
    await boss.say("/status")
    assert boss.t("unusable.title") in boss.text
    for one in UNUSABLE.values():
        assert boss.t(f"unusable.what.{one.what}") in boss.text
        assert boss.t(f"unusable.why.{one.why}") in boss.text
    other = await stage.hand("administrator", language, user_id=2002)
    await other.say("/status")
    assert other.t("status.title") in other.text
    assert other.t("unusable.title") not in other.text


async def test_q4_no_button_leads_to_what_nobody_can_use(stage: Stage):
    hand = await stage.hand("super_admin")
    unusable = {
        (method, re.compile(re.sub(r"\{\w+\}", r"[^/]+", path) + "$"))
        for method, path in (operation.split() for operation in UNUSABLE)
        # The search routes have tests of their own, below.
        if not path.endswith("/search")
    }
    active = next(row["id"] for row in stage.crm.rows(Vacancy) if row["is_active"])
    running = next(row["id"] for row in stage.crm.rows(Project) if row["status"] == "active")
    stage.crm.clear_requests()
    looks = (Press.ACTION, Press.DEED, Press.LIST)
    for code, record_id in (("va", active), ("pr", running), ("ex", 1), ("ve", 1)):
        await hand.open(record_id, code)
        for go in drawn(hand):
            if go.res and go.op in (*looks, Press.DEED_NOW):
                await hand.forge(go.pack())
            if go.op == Press.DEED and not BY_CODE[code].deed(go.arg).fields:
                await hand.forge(keyed(stage, hand, Go(Press.DEED_NOW, code, record_id, go.arg)))
    sent = [(one.method, one.path) for one in stage.crm.requests]
    assert ("PUT", f"/api/v2/vacancies/admin/{active}") in sent
    assert [
        one for one in sent if any(one[0] == verb and path.match(one[1]) for verb, path in unusable)
    ] == []


async def test_q4_the_check_before_the_start_says_it_too(stage: Stage):
    done = await asyncio.create_subprocess_exec(
        sys.executable, "main.py", "check", cwd=ROOT, env=stage.env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await done.communicate()
    lines = [line for line in out.decode().splitlines() if "unusable" in line]
    assert len(lines) == len({one.why for one in UNUSABLE.values()}), out.decode()
    for one in UNUSABLE.values():
        assert one.what.replace("_", " ") in "".join(lines)


SEARCHED: dict[str, tuple[type[Any], str, str, str]] = {
    "pr": (Project, "title", "/api/v2/projects/search?q=x", "administrator"),
    "rs": (Resume, "full_name", "/api/v2/resumes/search?query=x", "government"),
    "va": (Vacancy, "company_name", "/api/v2/vacancies/search", "msb"),
}


@pytest.mark.parametrize("code", SEARCHED)
async def test_q5_a_search_finds_although_its_route_cannot_be_reached(stage: Stage, code: str):
    table, column, route, login = SEARCHED[code]
    assert await answered(stage, route, login) in (422, 500)
    own = stage.crm.admin_id(login)
    rows = [row for row in stage.crm.rows(table) if login != "msb" or row["admin_id"] == own]
    wanted = next(row for row in rows if row[column])
    change(stage, table, wanted["id"], **{column: "Zhuldyz-77 Qala"})
    hand = await stage.hand(login)
    await hand.forge(at(code))
    stage.crm.clear_requests()
    await hand.say("zhuldyz-77")
    assert shown(hand, code) == [wanted["id"]]
    assert to(stage, "/search") == []


# --- Q6: dropped connections ------------------------------------------------------------------------------


async def test_q6_the_click_after_a_500_works(stage: Stage):
    stage.crm.room.drop_after_500 = True
    hand = await stage.hand("administrator")
    waiting = [row["id"] for row in stage.crm.rows(Vacancy) if row["moderation_status"] == "pending"]
    for record_id in waiting[:3]:
        await hand.open(record_id, "va")
        stage.crm.clear_requests()
        await hand.tap("card.reject")
        assert [one.status for one in to(stage, "/reject$")] == [500]
        assert hand.toast == hand.t("done.rejected")
        await hand.tap("nav.back")
        assert len(shown(hand, "va")) == 7


async def test_q6_a_read_on_a_dropped_connection_is_made_again_unseen(stage: Stage):
    hand = await stage.hand("administrator")
    stage.crm.faults.add("status", "/events/admin/1$", status=500, times=1)
    await hand.open(1)
    assert hand.t("error.backend") in hand.text
    # The backend closes the connection after its 500, which shows when it is used again.
    stage.crm.faults.add("reset", "/events/admin/1$", times=1)
    stage.crm.clear_requests()
    await hand.tap("error.retry")
    assert hand.t("error.title") not in hand.text
    assert hand.sees("card.edit")
    assert len(to(stage, "/events/admin/1$")) == 2


async def test_q6_the_click_after_a_deleted_project_works(stage: Stage):
    hand = await stage.hand("administrator")
    plain = [row["id"] for row in stage.crm.rows(Project) if row["project_type"] == "application"]
    for record_id in reversed(plain):
        await hand.open(record_id, "pr")
        await hand.tap("card.delete", "delete.confirm")
        if record_id not in {row["id"] for row in stage.crm.rows(Project)}:
            break
    assert hand.toast == hand.t("done.deleted")
    assert len(shown(hand, "pr")) == 7
    await hand.tap("pager.next")
    assert len(shown(hand, "pr")) == 7


# --- Q8, Q9, Q10: totals, order, filters ------------------------------------------------------------------


async def walked(hand: Hand, code: str) -> list[int]:
    """Ids of all pages, in order; each page says where it stands and whether more follow."""
    seen = shown(hand, code)
    first = 1
    while hand.sees("pager.next"):
        assert hand.t("list.more", first=str(first), last=str(len(seen))) in hand.text
        first = len(seen) + 1
        await hand.tap("pager.next")
        seen += shown(hand, code)
    assert hand.t("list.all", first=str(first), last=str(len(seen))) in hand.text
    assert hand.t("list.more", first=str(first), last=str(len(seen))) not in hand.text
    return seen


async def test_q8_without_a_total_more_is_promised_until_the_end(stage: Stage):
    hand = await stage.hand("msb")
    await hand.forge(at("va"))
    own = [row for row in stage.crm.rows(Vacancy) if row["admin_id"] == stage.crm.admin_id("msb")]
    newest = sorted(own, key=lambda row: (row["created_at"], row["id"]), reverse=True)
    assert await walked(hand, "va") == [row["id"] for row in newest]


async def test_q8_a_total_that_is_the_length_of_a_page_is_not_believed(stage: Stage):
    hand = await stage.hand("government")
    await hand.forge(at("vo", direction_id="1"))
    wanted = {row["id"] for row in stage.crm.rows(Volunteer) if row["direction_id"] == 1}
    assert len(wanted) > 7
    seen = await walked(hand, "vo")
    assert len(seen) == len(set(seen))
    assert set(seen) == wanted


async def test_q9_each_of_an_unordered_list_is_seen_once_although_others_write(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.forge(at("pl", moderation_status="pending"))
    wanted = [row["id"] for row in stage.crm.rows(PlaceRow) if row["moderation_status"] == "pending"]
    latest = max(row["updated_at"] for row in stage.crm.rows(PlaceRow))
    seen = shown(hand, "pl")
    while hand.sees("pager.next"):
        # The backend gives at the end what was written last.
        change(stage, PlaceRow, seen[len(seen) // 2], updated_at=latest)
        change(stage, PlaceRow, wanted[len(seen) % len(wanted)], updated_at=latest)
        await hand.tap("pager.next")
        seen += shown(hand, "pl")
    assert sorted(seen) == sorted(wanted)


@pytest.mark.parametrize(("login", "code", "table"), [("npo", "pr", Project), ("msb", "pm", Promo)])
async def test_q10_a_state_that_the_list_does_not_know_is_filtered(
    stage: Stage, login: str, code: str, table: type[Any]
):
    own = [row for row in stage.crm.rows(table) if row["admin_id"] == stage.crm.admin_id(login)]
    wanted = {row["id"] for row in own if row["moderation_status"] == "rejected"}
    assert 0 < len(wanted) < len(own)
    hand = await stage.hand(login)
    await hand.forge(at(code, moderation_status="rejected"))
    seen = shown(hand, code)
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        seen += shown(hand, code)
    assert set(seen) == wanted
    assert len(seen) == len(wanted)


IGNORED: dict[str, tuple[type[Any], str]] = {"us": (User, "full_name"), "vo": (Volunteer, "full_name")}


@pytest.mark.parametrize("code", IGNORED)
async def test_q10_a_search_that_the_backend_ignores_is_done(stage: Stage, code: str):
    table, column = IGNORED[code]
    change(stage, table, 5, **{column: "Zhuldyz 97%_Qala"})
    hand = await stage.hand("government")
    await hand.forge(at(code))
    for typed in ("ZHULDYZ", "97%", "%_q"):
        await hand.say(typed)
        assert hand.t("list.searched", text=typed) in hand.text
        assert shown(hand, code) == [5], typed
    await hand.say("z%a")
    assert shown(hand, code) == []
    assert hand.t("list.nothing_found") in hand.text


@pytest.mark.parametrize(("code", "table", "column"), [("pr", Project, "title"), ("ex", Expert, "full_name")])
async def test_q10_wildcards_of_the_backends_search_are_text(
    stage: Stage, code: str, table: type[Any], column: str
):
    change(stage, table, 5, **{column: "Алға 97%_Qala"})
    hand = await stage.hand("government")
    await hand.forge(at(code))
    for typed in ("97%", "%_q"):
        await hand.say(typed)
        assert shown(hand, code) == [5], typed
    await hand.say("а%q")
    assert shown(hand, code) == []


# --- Q12, Q13: tokens and identities ----------------------------------------------------------------------


async def test_q12_a_role_taken_away_refuses_the_save_and_redraws(stage: Stage):
    hand = await stage.hand("administrator")
    before = stage.event(1)
    await hand.open(1)
    await hand.tap("card.edit", "events.field.location")
    await hand.say("Elsewhere")
    stage.crm.set_role("administrator", "government")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("error.forbidden") in hand.text
    assert [one for one in stage.writes() if one.status < 400] == []
    assert stage.event(1) == before
    await hand.open(1)
    assert before is not None
    assert before["location"] in hand.text
    assert not hand.sees("card.edit")
    assert not hand.sees("card.delete")


async def test_q12_one_new_token_is_enough_for_all_that_a_screen_asks(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.say("/menu")
    menu = hand.text
    for press in (Go(Press.MENU), Go(Press.CARD, "pr", 1), Go(Press.LIST, "va")):
        stage.crm.expire_tokens()
        stage.crm.clear_requests()
        await hand.forge(press.pack())
        assert hand.t("error.title") not in hand.text
        assert hand.t("session.ended_title") not in hand.text
        renewed = to(stage, "restore-session")
        assert len(renewed) <= 1
        refused = [one for one in stage.crm.requests if one.status == 401]
        assert bool(refused) is bool(renewed)
    await hand.tap("nav.home")
    assert hand.text == menu


async def test_q13_only_the_senders_own_id_is_ever_asked_for(stage: Stage):
    other = await stage.hand("super_admin", user_id=2222)
    hand = await stage.hand("npo", user_id=2001)
    guest = await stage.hand(None, user_id=2003)
    stage.crm.clear_requests()
    for person in (hand, guest):
        for typed in (
            "2222", "/start 2222", "/login 2222", "/login AAAA2222", "/find 2222", "/status 2222",
            '{"telegram_user_id": "2222"}', "restore-session telegram_user_id=2222", "/logout 2222",
        ):  # fmt: skip
            stage.crm.expire_tokens()
            await person.say(typed)
        for press in (Press.LOGOUT, Press.STATUS, Press.MENU, Press.SIGN_OUT):
            await person.forge(Go(press, id=2222, arg="2222").pack())
    bound = [one for one in stage.crm.requests if "telegram-auth" in one.path and one.method == "POST"]
    assert {one.path.rpartition("/")[2] for one in bound} >= {"restore-session", "logout", "verify-otp"}
    asked_for = [str(one.json["telegram_user_id"]) for one in bound if "telegram_user_id" in one.json]
    assert set(asked_for) <= {"2001", "2003"}
    assert "2001" in asked_for
    still = {row["telegram_user_id"] for row in stage.crm.sessions() if row["is_active"]}
    assert "2222" in still
    await other.say("/menu")
    assert other.t("role.super_admin") in other.text


# --- Q14, Q16: what the backend's texts hold ----------------------------------------------------------------


async def saved_location(hand: Hand) -> None:
    """Changes where the first event takes place."""
    await hand.open(1)
    await hand.tap("card.edit", "events.field.location")
    await hand.say("Elsewhere")
    await hand.tap("form.save")


@pytest.mark.parametrize(
    "reason",
    [
        "File type not allowed. Allowed: {'.png', '<b>.jpg</b>'} & \"x\"",
        "Cannot update broadcast with status BroadcastStatus.FAILED",
    ],
)
async def test_q14_a_reason_of_the_crm_is_shown_as_it_stands(stage: Stage, reason: str):
    """The screens of broadcasts, whose reasons hold enums, belong to a later issue."""
    hand = await stage.hand("administrator")
    stage.crm.faults.add("status", "/events/admin/1$", method="PUT", status=400, body=_detail(reason))
    await saved_location(hand)
    assert hand.t("error.refused", reason=reason) in hand.text
    assert hand.sees("nav.home")


@pytest.mark.parametrize("language", ["en", "kk"])
async def test_q14_a_refusal_is_told_in_the_persons_language(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    told = "У вас нет прав для выполнения действия 'update' в модуле 'events'"
    stage.crm.faults.add("status", "/events/admin/1$", method="PUT", status=403, body=_detail(told))
    await saved_location(hand)
    assert hand.t("error.forbidden") in hand.text
    assert "У вас нет прав" not in hand.text
    assert "'update'" not in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_q14_states_are_words_of_the_persons_language(stage: Stage, language: str):
    hand = await stage.hand("government", language)
    leader = next(row for row in stage.crm.rows(Volunteer) if row["volunteer_status"] == "TEAM_LEADER")
    await hand.open(leader["id"], "vo")
    assert leader["full_name"] in hand.text
    assert hand.t("choice.volunteers_status.TEAM_LEADER") in hand.text
    assert "TEAM_LEADER" not in hand.text
    await hand.open(1)
    stored = stage.event(1)
    assert stored is not None
    assert hand.t(f"choice.format.{stored['format']}") in hand.text


def _detail(reason: str) -> str:
    escaped = reason.replace('"', '\\"')
    return f'{{"detail": "{escaped}"}}'


RAW = {
    "markup": "<b>&amp;</b> & <script> 'x' </a> zz77",
    "emoji": "👨‍👩‍👧‍👦" * 40 + " zz77",
    "long": "ә" * 20_000 + " zz77",
}


@pytest.mark.parametrize("kind", RAW)
async def test_q16_a_raw_title_is_text_in_the_list_and_on_the_card(stage: Stage, kind: str):
    title = RAW[kind]
    change(stage, Event, 1, title=title)
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    await hand.say("zz77")
    assert shown(hand, "ev") == [1]
    row = hand.labels[0]
    assert row.partition(" · ")[2].startswith(title[:12])
    await hand.tap(row)
    assert title[:40] in hand.text
    assert hand.sees("card.edit")
    await hand.tap("card.delete")
    assert title[:12] in hand.text
    await hand.tap("delete.confirm")
    assert hand.t("error.title") not in hand.text
    assert title[:12] in hand.text
    assert stage.event(1) is None


async def test_q16_what_has_no_title_is_still_opened(stage: Stage):
    change(stage, Event, 1, title="", location="zz77")
    change(stage, News, 1, title=None, title_kz=None, title_ru=None)
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    await hand.open(1)
    assert hand.t("card.untitled") in hand.text
    await hand.open(1, "nw")
    assert hand.t("error.title") not in hand.text
    assert hand.text.splitlines()[0].strip()
    assert hand.sees("card.edit")


async def test_q16_a_file_of_raw_titles_has_a_caption_that_is_text(stage: Stage):
    title = RAW["markup"]
    change(stage, Event, 1, title=title)
    hand = await stage.hand("administrator")
    await hand.tap(hand.events)
    await hand.say("<b>&amp;</b>")
    await hand.tap("export.button", "export.make")
    message = await arrived(hand)
    assert "<b>&amp;</b>" in message.text
    book = load_workbook(io.BytesIO(content(stage, message)))
    assert title in [cell.value for row in book.worksheets[0].iter_rows() for cell in row]


# --- Q20, Q21 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_q20_that_readers_are_notified_is_said_before(stage: Stage, language: str):
    draft = next(
        row["id"]
        for row in stage.crm.rows(News)
        if row["status"] == "draft" and row["moderation_status"] == "pending"
    )
    hand = await stage.hand("administrator", language)
    await hand.open(draft, "nw")
    stage.crm.clear_requests()
    assert hand.t("news.shown.draft") in hand.text
    assert hand.sees("card.approve")
    await hand.tap("news.action.announce")
    assert hand.t("news.ask.announce") in hand.text
    await hand.tap("nav.cancel")
    await hand.tap("news.action.publish_now")
    assert hand.t("news.ask.publish_now") in hand.text
    assert stage.writes() == []
    texts = {hand.t(f"news.ask.{name}") for name in ("announce", "publish_now")}
    assert len(texts) == 2


DECIDED = [resource for resource in RESOURCES if Op.MODERATE in resource.needs]
NOTIFYING = {"events", "vacancies", "courses", "projects", "news"}


@pytest.mark.parametrize("resource", DECIDED, ids=lambda resource: resource.key)
async def test_q20_an_approval_that_notifies_says_so(stage: Stage, resource: Resource[Any]):
    hand = await stage.hand("administrator")
    await hand.forge(at(resource.code, moderation_status="pending"))
    row = next(go for go in drawn(hand) if go.op == Press.CARD)
    said = hand.t("card.announces")
    await hand.forge(row.pack())
    assert (said in hand.text) == (resource.key in NOTIFYING)
    reader = await stage.hand("government")
    await reader.forge(row.pack())
    assert said not in reader.text
    await hand.forge(replace(row, op=Press.SELECT, id=0).pack())
    await hand.forge(replace(row, op=Press.TICK).pack())
    await hand.forge(Go(Press.BULK, resource.code, arg="ap", view=row.view).pack())
    assert (said in hand.text) == (resource.key in NOTIFYING)
    await hand.forge(row.pack())
    await hand.tap("card.approve")
    assert said not in hand.text


UNDECLARED: dict[int, tuple[str | None, str]] = {
    403: ("У вас нет доступа к модулю 'projects'", "error.forbidden"),
    404: ("Not Found", "error.gone"),
    405: ("Method Not Allowed", "error.not_offered"),
    500: (None, "error.backend"),
}


@pytest.mark.parametrize("status", UNDECLARED)
@pytest.mark.parametrize("language", LOCALES)
async def test_q21_an_undeclared_answer_is_told_in_our_words(stage: Stage, status: int, language: str):
    said, key = UNDECLARED[status]
    body = None if said is None else _detail(said)
    hand = await stage.hand("administrator", language)
    stage.crm.faults.add("status", "/projects/admin/1$", status=status, body=body)
    await hand.open(1, "pr")
    assert hand.t(key) in hand.text
    assert (said or "Internal Server Error") not in hand.text
    assert hand.sees("nav.home") or hand.sees("menu.settings")
    stage.crm.faults.clear()
    await hand.open(1, "pr")
    assert hand.sees("card.edit")


@pytest.mark.parametrize("status", [status for status in UNDECLARED if status < 500])
async def test_q21_an_undeclared_refusal_of_a_write_changes_nothing(stage: Stage, status: int):
    said, key = UNDECLARED[status]
    hand = await stage.hand("administrator")
    before = stage.event(1)
    stage.crm.faults.add("status", "/events/admin/1$", method="PUT", status=status, body=_detail(said or ""))
    await saved_location(hand)
    assert hand.t(key) in hand.text
    assert str(said) not in hand.text
    assert stage.event(1) == before


async def test_q21_a_done_write_whose_answer_lacks_everything_counts_as_done(stage: Stage):
    hand = await stage.hand("administrator")
    stage.crm.faults.add("status", "/events/admin/1$", method="PUT", status=200, body="{}", after=True)
    await saved_location(hand)
    assert "Elsewhere" in hand.text
    assert hand.t("error.title") not in hand.text
    stored = stage.event(1)
    assert stored is not None
    assert stored["location"] == "Elsewhere"


@pytest.mark.parametrize(
    ("path", "press"),
    [
        ("/admin/volunteer/volunteers$", Go(Press.LIST, "vo")),
        ("/vacancies/admin/list$", Go(Press.LIST, "va")),
        ("/places/list$", Go(Press.LIST, "pl")),
        ("/auth/users$", Go(Press.LIST, "us")),
    ],
    ids=lambda one: one.res if isinstance(one, Go) else "",
)
@pytest.mark.parametrize("body", ["[]", "{}", "null", '"text"', '[{"id": "x"}]'])
async def test_q21_an_answer_without_the_promised_fields_is_no_crash(
    stage: Stage, path: str, press: Go, body: str
):
    hand = await stage.hand("super_admin")
    stage.crm.faults.add("status", path, status=200, body=body)
    await hand.forge(press.pack())
    empty = hand.t(f"{BY_CODE[press.res].key}.empty")
    assert hand.t("error.backend") in hand.text or empty in hand.text
    assert hand.t("error.unexpected") not in hand.text
    assert hand.sees("nav.home")
    stage.crm.faults.clear()
    await hand.forge(press.pack())
    assert len(shown(hand, press.res)) == 7


# --- this file --------------------------------------------------------------------------------------------


def kept() -> dict[int, set[str]]:
    """Quirk -> the files with flow tests of that name."""
    found: dict[int, set[str]] = defaultdict(set)
    for file in HOME.glob("test_*.py"):
        for number in re.findall(r"^async def test_q(\d+)_\w", file.read_text("utf-8"), re.MULTILINE):
            found[int(number)].add(file.stem)
    return found


def test_every_quirk_has_a_flow_of_its_name():
    assert set(kept()) == set(NUMBERS)


def test_the_table_above_names_the_files_with_the_flows():
    parts = re.split(r"^\s*Q(\d+)", __doc__ or "", flags=re.MULTILINE)[1:]
    rows = zip(parts[::2], parts[1::2], strict=True)
    table = {int(number): set(re.findall(r"\btest_\w+", row)) for number, row in rows}
    assert table == kept()
