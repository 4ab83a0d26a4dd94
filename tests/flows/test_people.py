"""Users, experts, resumes, tech tasks: what each role may do with them, from the menu to the CRM."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from handlers.experts import EXPERTS
from handlers.resumes import RESUMES
from handlers.tech_tasks import TECH_TASKS
from handlers.users import USERS
from keyboards.callbacks import Go, Press
from resources.resource import Resource
from sandbox.crm.groups.expert_tables import Expert, ExpertEducation, ExpertExperience
from sandbox.crm.groups.lookup_tables import City, Profession, Skill
from sandbox.crm.groups.resume_tables import Resume, ResumeSkill
from sandbox.crm.groups.tech_task_seed import CROWDED
from sandbox.crm.groups.tech_task_tables import SolutionFile, TechTask, TechTaskFile, TechTaskSolution
from sandbox.crm.groups.users import User
from services.keys import AuditKey
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.pictures import picture
from tests.matrix.strict import LOCALES

ALL = (USERS, EXPERTS, RESUMES, TECH_TASKS)
SHUT_OUT = ("client", "volunteer_admin", "msb", "npo")
READERS = ("government", "administrator", "super_admin")


def calls(stage: Stage) -> list[Any]:
    """What was asked of these modules."""
    return [
        one
        for one in stage.crm.requests
        if any(part in one.path for part in ("/auth/users", "/experts", "/resumes", "/tech-tasks"))
    ]


def rows(hand: Hand, resource: Resource[Any]) -> list[str]:
    """The texts of the records on the page."""
    return [
        button["text"]
        for row in hand.screen.keyboard
        for button in row
        if button.get("callback_data", "").startswith(f"{Press.CARD}{resource.code}")
    ]


async def listed(stage: Stage, resource: Resource[Any], login: str, language: str = "en") -> Hand:
    hand = await stage.hand(login, language)
    return await hand.tap(f"{resource.key}.title")


@pytest.mark.parametrize("login", SHUT_OUT)
async def test_others_see_nothing_and_reach_nothing(stage: Stage, login: str):
    hand = await stage.hand(login)
    for resource in ALL:
        assert not hand.sees(f"{resource.key}.title")
    stage.crm.clear_requests()
    for resource in ALL:
        for press, record_id, arg in (
            (Press.LIST, 0, ""), (Press.CARD, 1, ""), (Press.REVEAL, 1, ""), (Press.CREATE, 0, ""),
            (Press.DELETE_NOW, 1, ""), (Press.ACTION, 1, "so"), (Press.READ, 1, ""),
        ):  # fmt: skip
            await hand.forge(Go(press, resource.code, record_id, arg).pack())
        await hand.open(1, resource.code)
    assert calls(stage) == []


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("resource", ALL, ids=lambda one: one.key)
async def test_a_reader_opens_list_and_card(stage: Stage, resource: Resource[Any], language: str):
    hand = await listed(stage, resource, "government", language)
    assert len(rows(hand, resource)) == 7
    assert not hand.sees("list.new")
    page = hand.seen()
    # What is ticked can be taken along as a file, and nothing else.
    await hand.tap("list.select", "bulk.page")
    assert not hand.sees(hand.t("bulk.delete", n=7))
    assert not hand.sees(hand.t("bulk.approve", n=7))
    await hand.tap("bulk.none", "nav.back")
    assert hand.seen() == page
    await hand.tap(rows(hand, resource)[0])
    for write in ("card.edit", "card.delete", "card.duplicate", "card.approve"):
        assert not hand.sees(write)
    await hand.tap("nav.back")
    assert hand.seen() == page


@pytest.mark.parametrize("login", READERS)
async def test_forged_writes_are_refused_where_nothing_can_be_written(stage: Stage, login: str):
    hand = await stage.hand(login)
    stage.crm.clear_requests()
    unwritten: tuple[Resource[Any], ...] = (USERS, RESUMES)
    for resource in unwritten:
        for press in (Press.CREATE, Press.EDIT, Press.DELETE, Press.DELETE_NOW, Press.APPROVE, Press.REJECT):
            await hand.forge(Go(press, resource.code, 1).pack())
    if login == "government":
        for code in (EXPERTS.code, TECH_TASKS.code):
            for press in (Press.CREATE, Press.DELETE, Press.DELETE_NOW):
                await hand.forge(Go(press, code, 1).pack())
    assert stage.writes() == []


# --- users -----------------------------------------------------------------------------------------------


def user(stage: Stage, number: int) -> dict[str, Any]:
    return next(one for one in stage.crm.rows(User) if one["id"] == number)


async def test_contacts_of_a_user_are_shown_when_asked_for_and_that_is_noted(stage: Stage):
    hand = await stage.hand("government")
    wanted = user(stage, 15)
    await hand.open(15, "us")
    assert wanted["full_name"] in hand.text
    assert wanted["phone_number"] not in hand.text
    assert wanted["email"] not in hand.text
    assert "7 700 ••• •• 15" in hand.text
    assert hand.t("choice.users_type.organization") in hand.text
    await hand.tap("card.reveal")
    assert wanted["phone_number"] in hand.text
    assert wanted["email"] in hand.text
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        entries = [fields["entry"] for _, fields in client.xrange(AuditKey.name)]
    assert any('"reveal"' in entry and '"users"' in entry and "15" in entry for entry in entries)
    assert not any(wanted["phone_number"] in entry for entry in entries)


async def test_a_user_without_a_profile_has_a_title_that_reaches_nobody(stage: Stage):
    hand = await stage.hand("administrator")
    nameless = next(one for one in stage.crm.rows(User) if one["full_name"] is None)
    await hand.open(nameless["id"], "us")
    assert nameless["phone_number"] not in hand.text
    assert hand.text.splitlines()[0] == f"👤 7 700 ••• •• {nameless['phone_number'][-2:]}"


async def test_users_by_state_and_kind(stage: Stage):
    hand = await listed(stage, USERS, "super_admin")
    await hand.tap("list.filters", "choice.users_status.blocked", "list.show")
    blocked = [one for one in stage.crm.rows(User) if one["status"] == "blocked"]
    assert [row.startswith("⛔") for row in rows(hand, USERS)] == [True] * len(blocked)
    asked = [one.query for one in calls(stage)]
    assert asked[-1]["status_filter"] == "BLOCKED"
    await hand.tap("list.filters", "choice.users_type.organization", "list.show")
    both = [one for one in blocked if one["user_type"] == "organization"]
    assert len(rows(hand, USERS)) == len(both) > 0


async def test_a_user_is_found_by_phone_however_it_is_typed(stage: Stage):
    hand = await listed(stage, USERS, "administrator")
    await hand.say("8 (700) 000 00 42")
    assert len(rows(hand, USERS)) == 1
    await hand.tap(rows(hand, USERS)[0], "card.reveal")
    assert "77000000042" in hand.text
    await hand.tap("nav.back")
    assert len(rows(hand, USERS)) == 1


async def test_a_user_too_far_down_is_not_said_to_be_gone(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("api.users.READ_AT_MOST", 20)
    monkeypatch.setattr("api.users.AT_ONCE", 10)
    hand = await stage.hand("administrator")
    await hand.open(50, "us")
    assert hand.t("error.out_of_reach", count="20") in hand.text
    await hand.open(9999, "us")
    assert hand.t("error.out_of_reach", count="20") in hand.text


# --- experts ---------------------------------------------------------------------------------------------


async def fill(hand: Hand, *, avatar: bool) -> None:
    for text in ("Сәуле <PhD> & Ко", "Психология", "8 701 000 00 00", "example.kz", "Қарағанды"):
        await hand.say(text)
    await hand.tap("form.skip")
    await hand.say("ҚарТУ")
    assert hand.t("experts.education.unclear") in hand.text
    await hand.say("2010–06.2014 ҚарТУ — Психология\n2020 Пример-университет")
    await hand.tap("form.next")
    await hand.say("2019-2015 Орталық — психолог")
    assert hand.t("experts.period.backwards") in hand.text
    await hand.say("09.2015 — Орталық — Психолог")
    await hand.tap("form.next")
    if avatar:
        await hand.person.send_photo(picture())
        await hand.person.settle()
    else:
        await hand.tap("form.skip")


@pytest.mark.parametrize(("login", "language"), [("administrator", "kk"), ("super_admin", "ru")])
async def test_a_new_expert_with_education_experience_and_photo(stage: Stage, login: str, language: str):
    hand = await listed(stage, EXPERTS, login, language)
    await hand.tap("list.new")
    await fill(hand, avatar=True)
    assert hand.t("form.summary") in hand.text
    stage.crm.clear_requests()
    await hand.tap("form.save")
    made = stage.crm.rows(Expert)[-1]
    assert (made["full_name"], made["phone"], made["website"], made["city"], made["address"]) == (
        "Сәуле <PhD> & Ко", "+77010000000", "https://example.kz", "Қарағанды", None,
    )  # fmt: skip
    assert made["avatar_url"]
    studies = [one for one in stage.crm.rows(ExpertEducation) if one["expert_id"] == made["id"]]
    assert [
        (one["university"], one["specialization"], f"{one['start_date']:%m.%Y}", one["end_date"])
        for one in studies
    ][1:] == [("Пример-университет", None, "01.2020", None)]
    assert f"{studies[0]['end_date']:%m.%Y}" == "06.2014"
    jobs = [one for one in stage.crm.rows(ExpertExperience) if one["expert_id"] == made["id"]]
    assert [(one["company_name"], one["position"], f"{one['start_date']:%m.%Y}") for one in jobs] == [
        ("Орталық", "Психолог", "09.2015")
    ]
    assert [one.path for one in stage.writes()] == ["/api/v2/experts/"]
    now = hand.t("experts.period.now")
    assert f"2010 – 06.2014 · ҚарТУ — Психология\n2020 – {now} · Пример-университет" in hand.text
    assert f"09.2015 – {now} · Орталық — Психолог" in hand.text
    # The CRM never gives the picture back.
    assert not hand.has_photo
    assert not hand.sees("card.edit")
    assert not hand.sees("card.delete")


async def test_an_expert_saved_twice_is_one(stage: Stage):
    hand = await listed(stage, EXPERTS, "administrator")
    await hand.tap("list.new")
    await fill(hand, avatar=False)
    save = hand.data("form.save")
    before = len(stage.crm.rows(Expert))
    await hand.tap("form.save")
    await hand.forge(save)
    assert len(stage.crm.rows(Expert)) == before + 1


async def test_experts_are_searched_by_the_crm(stage: Stage):
    hand = await listed(stage, EXPERTS, "government")
    await hand.say("логопед")
    found = [one for one in stage.crm.rows(Expert) if "Логопед" in one["specialization"]]
    # A name as long as the row leaves no room for anything else.
    assert all("Логопед" in row or row.endswith("…") for row in rows(hand, EXPERTS))
    assert len(rows(hand, EXPERTS)) == min(7, len(found))


async def test_contacts_of_an_expert_are_public(stage: Stage):
    hand = await stage.hand("government")
    await hand.open(3, "ex")
    assert "+77004000002" in hand.text
    assert not hand.sees("card.reveal")


# --- resumes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_a_resume_in_words(stage: Stage, language: str):
    hand = await stage.hand("government", language)
    wanted = stage.crm.rows(Resume)[13]
    names = "name_kz" if language == "kk" else "name_ru"
    by_id = {
        table: {one["id"]: one[names] for one in stage.crm.rows(table)} for table in (Profession, City, Skill)
    }
    await hand.open(wanted["id"], "rs")
    assert wanted["full_name"] in hand.text
    assert by_id[Profession][wanted["profession_id"]] in hand.text
    assert by_id[City][wanted["city_id"]] in hand.text
    assert hand.t(f"choice.resumes_gender.{wanted['gender']}") in hand.text
    assert wanted["phone_number"] not in hand.text
    await hand.tap("card.reveal")
    assert wanted["phone_number"] in hand.text
    if hand.sees("card.read"):
        await hand.tap("card.read")
        pages = hand.text
        while hand.sees("pager.next"):
            await hand.tap("pager.next")
            pages += hand.text
    else:
        pages = hand.text
    skills = [one for one in stage.crm.rows(ResumeSkill) if one["resume_id"] == wanted["id"]]
    assert skills
    for skill in skills:
        assert by_id[Skill][skill["skill_id"]] in pages
    assert hand.t("resumes.now") in pages


async def test_unpublished_resumes_are_marked_and_can_be_picked_out(stage: Stage):
    hand = await listed(stage, RESUMES, "administrator")
    assert any(row.startswith("🔒") for row in rows(hand, RESUMES))
    await hand.tap("list.filters", "choice.resumes_published.no", "list.show")
    assert all(row.startswith("🔒") for row in rows(hand, RESUMES))
    await hand.tap(rows(hand, RESUMES)[0])
    assert hand.t("resumes.seen.no") in hand.text
    await hand.tap("nav.back", "list.filters", "choice.resumes_published.yes", "list.show")
    assert not any(row.startswith("🔒") for row in rows(hand, RESUMES))
    assert calls(stage)[-1].query["published_only"] == "true"


@pytest.mark.parametrize("language", LOCALES)
async def test_resumes_are_narrowed_to_a_profession_and_a_city(stage: Stage, language: str):
    hand = await listed(stage, RESUMES, "government", language)
    named = {
        name: {one["id"]: one for one in stage.crm.rows(table) if one["is_active"]}
        for name, table in (("profession", Profession), ("city", City))
    }
    wanted = next(
        one
        for one in stage.crm.rows(Resume)
        if all(one[f"{name}_id"] in found for name, found in named.items())
    )
    for name, found in named.items():
        row = found[wanted[f"{name}_id"]]
        text = row["name_kz"] if language == "kk" else row["name_ru"]
        caption = hand.t(f"filter.resumes_{name}")
        await hand.tap("list.filters", caption[0].upper() + caption[1:])
        await hand.say(text)
        await hand.tap(text)
        assert hand.sees(f"✕ {text}")
    pair = ("profession_id", "city_id")
    asked = [one.query for one in calls(stage) if one.path.endswith("/resumes/")][-1]
    assert [asked[name] for name in pair] == [str(wanted[name]) for name in pair]
    fitting = [
        one["full_name"].strip()
        for one in stage.crm.rows(Resume)
        if all(one[name] == wanted[name] for name in pair)
    ]
    assert rows(hand, RESUMES)
    assert all(any(name in row for name in fitting) for row in rows(hand, RESUMES))


async def test_a_resume_is_found_by_name(stage: Stage):
    hand = await listed(stage, RESUMES, "super_admin")
    wanted = stage.crm.rows(Resume)[20]
    await hand.say(wanted["full_name"])
    assert all(wanted["full_name"] in row for row in rows(hand, RESUMES))
    assert rows(hand, RESUMES)


# --- tech tasks ------------------------------------------------------------------------------------------


def task(stage: Stage, number: int) -> dict[str, Any] | None:
    return next((one for one in stage.crm.rows(TechTask) if one["id"] == number), None)


async def test_tech_tasks_by_category_and_state_with_their_total(stage: Stage):
    hand = await listed(stage, TECH_TASKS, "government")
    assert hand.t("list.of_total", first="1", last="7", total="130") in hand.text
    await hand.tap(
        "list.filters", "choice.tech_tasks_category.web", "choice.tech_tasks_status.completed", "list.show"
    )
    wanted = [
        one for one in stage.crm.rows(TechTask) if one["category"] == "web" and one["status"] == "completed"
    ]
    assert len(rows(hand, TECH_TASKS)) == len(wanted)
    await hand.tap("list.filters", "choice.tech_tasks_category.other", "list.show")
    wanted = [
        one for one in stage.crm.rows(TechTask) if one["category"] == "Басқа" and one["status"] == "completed"
    ]
    assert len(rows(hand, TECH_TASKS)) == len(wanted) > 0


@pytest.mark.parametrize("language", LOCALES)
async def test_solutions_page_and_tell_that_there_are_others(stage: Stage, language: str):
    hand = await stage.hand("government", language)
    await hand.open(CROWDED, "tt")
    card = hand.seen()
    await hand.tap("tech_tasks.action.solutions")
    assert hand.t("tech_tasks.only_first", n=50) in hand.text
    assert "ұсыныс.pdf" in hand.text
    assert "<прототип>" in hand.text
    pages = 1
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        pages += 1
    assert pages == 10
    assert "50. " in hand.text
    await hand.tap("nav.back")
    assert hand.seen() == card


async def test_contacts_of_a_task_are_masked(stage: Stage):
    hand = await stage.hand("administrator")
    wanted = task(stage, 7)
    assert wanted is not None
    await hand.open(7, "tt")
    assert wanted["contact_phone"] not in hand.text
    await hand.tap("card.reveal")
    assert wanted["contact_phone"] in hand.text


@pytest.mark.parametrize("login", ["administrator", "super_admin"])
async def test_a_delete_says_what_goes_along_and_takes_it(stage: Stage, login: str):
    hand = await stage.hand(login)
    offered = [one for one in stage.crm.rows(TechTaskSolution) if one["tech_task_id"] == CROWDED]
    await hand.open(CROWDED, "tt")
    await hand.tap("card.delete")
    assert hand.t("tech_tasks.impact.solutions", n=55, count="55") in hand.text
    shown = {one["id"] for one in offered[:50]}
    files = [one for one in stage.crm.rows(SolutionFile) if one["solution_id"] in shown]
    own = [one for one in stage.crm.rows(TechTaskFile) if one["task_id"] == CROWDED]
    count = len(files) + len(own)
    assert hand.t("tech_tasks.impact.files", n=count, count=f"{count}+") in hand.text
    assert task(stage, CROWDED) is not None
    stage.crm.clear_requests()
    now = hand.data("delete.confirm")
    await hand.tap("delete.confirm")
    await hand.forge(now)
    assert task(stage, CROWDED) is None
    assert [one.path for one in stage.writes()] == [f"/api/v2/tech-tasks/admin/{CROWDED}"]


def audited(stage: Stage) -> list[str]:
    """What the audit has, oldest first."""
    with redis.Redis.from_url(stage.redis_url, decode_responses=True) as client:
        return [fields["entry"] for _, fields in client.xrange(AuditKey.name)]


@pytest.mark.parametrize("many", [False, True], ids=("one", "ticked"))
async def test_the_audit_of_a_delete_has_no_contacts(stage: Stage, many: bool):
    hand = await stage.hand("administrator")
    wanted = task(stage, 7)
    assert wanted is not None
    if many:
        await hand.forge(Go(Press.TICK, "tt", 7).pack())
        await hand.tap(hand.t("bulk.delete", n=1), hand.t("bulk.delete", n=1))
    else:
        await hand.open(7, "tt")
        await hand.tap("card.delete", "delete.confirm")
    assert task(stage, 7) is None
    entry = next(one for one in audited(stage) if '"delete"' in one)
    assert wanted["contact_phone"] not in entry
    assert wanted["contact_email"] is None or wanted["contact_email"] not in entry
    assert "•••" in entry


async def test_a_hidden_task_says_that_its_own_files_cannot_be_counted(stage: Stage):
    hidden = next(
        one
        for one in stage.crm.rows(TechTask)
        if not one["is_active"]
        and not any(solution["tech_task_id"] == one["id"] for solution in stage.crm.rows(TechTaskSolution))
    )
    hand = await stage.hand("administrator")
    await hand.open(hidden["id"], "tt")
    assert hand.t("tech_tasks.seen.no") in hand.text
    await hand.tap("card.delete")
    assert hand.t("tech_tasks.impact.unseen") in hand.text


# --- what nobody can use ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_the_super_admin_is_told_what_no_admin_can_use(stage: Stage, language: str):
    hand = await stage.hand("super_admin", language)
    await hand.tap("menu.status")
    assert hand.t("unusable.title") in hand.text
    for why in ("end_user", "nobody", "shadowed"):
        assert hand.t(f"unusable.why.{why}") in hand.text
    assert hand.t("unusable.what.certificates") in hand.text


async def test_others_are_not(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.tap("menu.status")
    assert hand.t("unusable.title") not in hand.text
