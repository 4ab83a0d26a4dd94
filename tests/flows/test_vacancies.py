"""Vacancies by all seven roles: lists, cards, writing, decisions, trouble."""

from __future__ import annotations

from typing import Any

import pytest

from keyboards.callbacks import Go, Press
from models.access import Role
from sandbox.crm.groups.lookup_tables import City, Profession, Skill
from sandbox.crm.groups.vacancy_tables import Vacancy, VacancySkill
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.matrix.strict import LOCALES
from tests.matrix.test_access import drawn, keyed

READERS = ("msb", "government", "administrator", "super_admin")
WRITERS = ("msb", "administrator", "super_admin")
OTHERS = ("client", "volunteer_admin", "npo")
DESCRIPTION = {"description_kz": "Маман <b>керек</b> & тез", "description_ru": "Нужен специалист"}


def rows(stage: Stage, **wanted: Any) -> list[dict[str, Any]]:
    """The vacancies with these values, newest first."""
    found = [
        row for row in stage.crm.rows(Vacancy) if all(row[name] == value for name, value in wanted.items())
    ]
    return sorted(found, key=lambda row: (row["created_at"], row["id"]), reverse=True)


def one(stage: Stage, record_id: int) -> dict[str, Any]:
    """The vacancy as the CRM has it now."""
    return next(row for row in stage.crm.rows(Vacancy) if row["id"] == record_id)


def of(stage: Stage, login: str, **wanted: Any) -> list[dict[str, Any]]:
    """That admin's vacancies with these values."""
    return rows(stage, admin_id=stage.crm.admin_id(login), **wanted)


def skills(stage: Stage, record_id: int) -> set[int]:
    """Ids of the skills that the CRM keeps for the vacancy."""
    return {row["skill_id"] for row in stage.crm.rows(VacancySkill) if row["vacancy_id"] == record_id}


def lookup(stage: Stage, table: type[Any], name: str) -> dict[str, Any]:
    return next(row for row in stage.crm.rows(table) if row["name_ru"] == name)


def title(stage: Stage, row: dict[str, Any], language: str) -> str:
    """What the vacancy is called in that language."""
    professions = {profession["id"]: profession for profession in stage.crm.rows(Profession)}
    order = ("kz", "ru") if language == "kk" else ("ru", "kz")
    stored = next((row[f"title_{one}"].strip() for one in order if (row[f"title_{one}"] or "").strip()), "")
    profession = professions.get(row["profession_id"])
    made = [profession[f"name_{order[0]}"] if profession else "", row["company_name"] or ""]
    return stored or " · ".join(part for part in made if part) or f"#{row['id']}"


def listed(hand: Hand) -> list[int]:
    """Ids of the vacancies on the screen."""
    return [go.id for go in drawn(hand) if go.op == Press.CARD]


async def at_list(stage: Stage, login: str, language: str = "en", user_id: int = 2001) -> Hand:
    hand = await stage.hand(login, language, user_id=user_id)
    await hand.say("/menu")
    return await hand.tap(f"💼 {hand.t('vacancies.title')}")


# --- who sees what ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", READERS)
async def test_readers_list_what_is_theirs_to_see(stage: Stage, login: str):
    hand = await at_list(stage, login)
    expected = of(stage, "msb") if login == "msb" else rows(stage)
    assert listed(hand) == [row["id"] for row in expected[:7]]
    assert (f"{len(expected)}" in hand.text) is (login != "msb")
    assert hand.sees("list.new") is (login in WRITERS)
    shown = expected[0]
    await hand.open(shown["id"], "va")
    assert title(stage, shown, "en")[:40] in hand.text
    assert hand.sees("card.edit") is (login in WRITERS)
    assert hand.sees("card.delete") is (login in WRITERS)
    assert hand.sees("vacancies.action.deactivate") is (login in WRITERS)
    moderates = login in ("administrator", "super_admin")
    assert (hand.sees("card.approve") or hand.sees("card.reject")) is moderates


@pytest.mark.parametrize("login", OTHERS)
async def test_the_others_see_nothing_and_nothing_is_asked_for_them(stage: Stage, login: str):
    hand = await stage.hand(login)
    await hand.say("/menu")
    assert not hand.sees("vacancies.title")
    stage.crm.clear_requests()
    await hand.open(1, "va")
    await hand.forge(Go(Press.LIST, "va").pack())
    await hand.forge(Go(Press.TOOL, "va", arg="st").pack())
    await hand.forge(keyed(stage, hand, Go(Press.DEED_NOW, "va", 1, "de")))
    assert [request.path for request in stage.crm.requests if "vacanc" in request.path] == []


async def test_msb_is_not_shown_the_vacancy_of_another(stage: Stage):
    hand = await stage.hand("msb")
    foreign = of(stage, "administrator", is_active=True)[0]
    stage.crm.clear_requests()
    await hand.open(foreign["id"], "va")
    assert hand.t("error.gone") in hand.text
    assert (foreign["description_ru"] or "")[:30] not in hand.text
    asked = [request.path for request in stage.crm.requests if "vacancies" in request.path]
    assert [path for path in asked if "/admin/" not in path] == []
    assert [path for path in asked if "moderation" in path] == []


async def test_msb_finds_and_filters_own_ones_only(stage: Stage):
    hand = await at_list(stage, "msb")
    own = {row["id"] for row in of(stage, "msb")}
    stage.crm.clear_requests()
    await hand.tap("list.filters", "choice.moderation_status.pending", "list.show")
    assert listed(hand) == [row["id"] for row in of(stage, "msb", moderation_status="pending")[:7]]
    await hand.tap("list.filters", "choice.moderation_status.pending", "list.show")
    await hand.say("а")
    assert listed(hand)
    assert set(listed(hand)) <= own
    assert [one for one in stage.crm.requests if "moderation" in one.path and "vacancies" in one.path] == []


@pytest.mark.parametrize("role", Role, ids=str)
async def test_a_forged_deed_works_for_those_who_may(stage: Stage, role: Role):
    target = of(stage, "msb", is_active=True)[0]
    hand = await stage.hand(role.value)
    await hand.say("/menu")
    stage.crm.clear_requests()
    await hand.forge(keyed(stage, hand, Go(Press.DEED_NOW, "va", target["id"], "de")))
    may = role.value in WRITERS
    assert one(stage, target["id"])["is_active"] is not may
    assert len(stage.writes()) == int(may)


async def test_msb_cannot_forge_into_the_vacancy_of_another(stage: Stage):
    foreign = of(stage, "administrator", is_active=True)[0]
    hand = await stage.hand("msb")
    await hand.say("/menu")
    for press, argument in (
        (Press.DEED_NOW, "de"),
        (Press.DELETE_NOW, ""),
        (Press.APPROVE, ""),
        (Press.REJECT, ""),
    ):
        await hand.forge(keyed(stage, hand, Go(press, "va", foreign["id"], argument)))
    assert one(stage, foreign["id"]) == foreign


# --- lists ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_what_waits_is_listed_by_name(stage: Stage, language: str):
    """The moderation list names neither profession nor city: each row is completed."""
    hand = await at_list(stage, "administrator", language)
    await hand.tap("list.filters", "choice.moderation_status.pending", "list.show")
    expected = rows(stage, moderation_status="pending")
    assert listed(hand) == [row["id"] for row in expected[:7]]
    assert str(len(expected)) in hand.text
    for label, row in zip(hand.labels[:7], expected[:7], strict=True):
        assert label.startswith("⏳")
        assert title(stage, row, language)[:20] in label
    await hand.tap("pager.next")
    assert listed(hand) == [row["id"] for row in expected[7:14]]


async def test_those_off_the_site_are_marked(stage: Stage):
    hand = await at_list(stage, "government")
    await hand.tap("list.filters", "choice.vacancy_active.no", "list.show")
    assert listed(hand) == [row["id"] for row in rows(stage, is_active=False)[:7]]
    assert all("⏸" in label for label in hand.labels[: len(listed(hand))])


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("typed", ["тигинши", "ШВЕЯ"])
async def test_a_search_finds_professions_in_both_languages(stage: Stage, language: str, typed: str):
    hand = await at_list(stage, "administrator", language)
    await hand.say(typed)
    expected = rows(stage, profession_id=lookup(stage, Profession, "Швея")["id"])
    assert expected
    assert listed(hand) == [row["id"] for row in expected[:7]]


async def test_a_search_finds_companies_and_texts_of_the_other_language(stage: Stage):
    hand = await at_list(stage, "administrator")
    await hand.say("орлеу")
    assert listed(hand) == [row["id"] for row in rows(stage, company_name="ТОО «Өрлеу & Даму»")[:7]]
    await hand.say("тәлімгер")
    assert listed(hand) == [row["id"] for row in rows(stage) if "тәлімгер" in row["description_kz"]][:7]


# --- cards ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_a_card_shows_what_no_single_route_knows(stage: Stage, language: str):
    with_skills = {row["vacancy_id"] for row in stage.crm.rows(VacancySkill)}
    row = next(
        row
        for row in rows(stage, is_active=True, title_kz=None)
        if row["id"] in with_skills and row["contact_phone"] and row["salary_min"] and row["city_id"]
        and row["profession_id"] and row["work_type"] == "вахта" and len(row["description_kz"]) < 300
    )  # fmt: skip
    hand = await stage.hand("administrator", language)
    await hand.open(row["id"], "va")
    assert title(stage, row, language) in hand.text
    suffix = "kz" if language == "kk" else "ru"
    wanted = skills(stage, row["id"])
    for skill in (one for one in stage.crm.rows(Skill) if one["id"] in wanted):
        assert skill[f"name_{suffix}"] in hand.text
    city = next(one for one in stage.crm.rows(City) if one["id"] == row["city_id"])
    assert city[f"name_{suffix}"] in hand.text
    assert "₸" in hand.text
    assert "вахта" in hand.text
    assert hand.t("vacancies.on_site") in hand.text
    assert row["description_kz"] in hand.text
    assert row["contact_phone"] not in hand.text
    await hand.tap("card.reveal")
    assert row["contact_phone"] in hand.text


async def test_unknown_skills_are_told_to_be_unknown(stage: Stage):
    hand = await stage.hand("government")
    await hand.open(rows(stage, is_active=False)[0]["id"], "va")
    assert hand.t("choice.vacancy_skills.hidden") in hand.text
    assert hand.t("vacancies.off_site") in hand.text


async def test_a_card_without_names_and_skills_is_still_a_card(stage: Stage):
    row = rows(stage, is_active=True)[2]
    hand = await stage.hand("administrator")
    stage.crm.faults.add("status", "/resumes/", status=503)
    stage.crm.faults.add("status", "/vacancies/$", status=503)
    await hand.open(row["id"], "va")
    assert hand.t("choice.vacancy_skills.unread") in hand.text
    assert f"#{row['city_id']}" in hand.text


async def test_applications_are_not_drawn(stage: Stage):
    """Nobody can read them."""
    hand = await stage.hand("super_admin")
    await hand.open(1, "va")
    assert [go for go in drawn(hand) if go.op == Press.ACTION] == []


# --- writing ----------------------------------------------------------------------------------------------


async def pick(hand: Hand, typed: str, label: str) -> None:
    """Finds one of the lookup by typing, and takes it."""
    await hand.say(typed)
    await hand.tap(label)


async def fill(hand: Hand, language: str) -> None:
    """Answers the steps of a new vacancy, each found in another spelling than it is stored in."""
    kk = language == "kk"
    assert hand.t("vacancies.hint.profession_id") in hand.text
    await pick(hand, "азирлеу", "Әзірлеуші" if kk else "Разработчик")
    await hand.say("«Өрлеу» <ЖШС>")
    await pick(hand, "приозер", "Приозерск" if kk else "Приозёрск")
    await hand.tap("choice.vacancy_employment.full_time", "choice.vacancy_work.remote")
    await hand.say(DESCRIPTION["description_kz"])
    await hand.say(DESCRIPTION["description_ru"])
    await hand.say("hr@example.kz")
    await hand.say("8 701 123-45-67")
    await hand.say("250 000")
    await hand.say("400000")
    await hand.say("0")
    await hand.tap("form.skip", "form.skip")
    await pick(hand, "python", "☐ Python")
    await hand.say("вёрстка" if not kk else "беттеу")
    await hand.tap("☐ Веб-беттеу" if kk else "☐ Веб-вёрстка")
    await hand.tap("form.next")
    await hand.say("25.12.2030")
    assert hand.t("form.summary") in hand.text


@pytest.mark.parametrize(("login", "language"), [*zip(WRITERS, LOCALES, strict=True)])
async def test_a_new_vacancy_from_the_first_step_to_its_card(stage: Stage, login: str, language: str):
    hand = await at_list(stage, login, language)
    await hand.tap("list.new")
    await fill(hand, language)
    stage.crm.clear_requests()
    await hand.tap("form.save")
    made = rows(stage)[0]
    assert made["profession_id"] == lookup(stage, Profession, "Разработчик")["id"]
    assert made["city_id"] == lookup(stage, City, "Приозёрск")["id"]
    assert (made["employment_type"], made["work_type"]) == ("full_time", "remote")
    assert {name: made[name] for name in DESCRIPTION} == DESCRIPTION
    assert (made["salary_min"], made["salary_max"], made["experience_years"]) == (250000, 400000, 0)
    assert made["contact_phone"] == "+77011234567"
    assert str(made["deadline"]) == "2030-12-25"
    assert skills(stage, made["id"]) == {lookup(stage, Skill, one)["id"] for one in ("Python", "Веб-вёрстка")}
    assert made["admin_id"] == stage.crm.admin_id(login)
    assert made["moderation_status"] == ("pending" if login == "msb" else "approved")
    assert (hand.t("created.pending") in hand.text) is (login == "msb")
    profession = "Әзірлеуші" if language == "kk" else "Разработчик"
    assert f"{profession} · «Өрлеу» <ЖШС>" in hand.text
    assert "Python" in hand.text
    (sent,) = [one for one in stage.writes() if one.path.endswith("/create")]
    assert (sent.json["title_kz"], sent.json["title_ru"]) == (
        "Әзірлеуші · «Өрлеу» <ЖШС>",
        "Разработчик · «Өрлеу» <ЖШС>",
    )


async def test_a_retired_profession_is_not_offered(stage: Stage):
    hand = await at_list(stage, "msb")
    await hand.tap("list.new")
    await hand.say("Кассир")
    assert not hand.sees("Кассир") or all("✕" in label for label in hand.labels if "Кассир" in label)


async def test_a_profession_that_retired_meanwhile_is_asked_again(stage: Stage):
    hand = await at_list(stage, "msb")
    await hand.tap("list.new")
    await fill(hand, "en")
    chosen = lookup(stage, Profession, "Разработчик")["id"]
    with stage.crm.room.db.session() as session:
        session.get_one(Profession, chosen).is_active = False
    before = len(rows(stage))
    await hand.tap("form.save")
    assert hand.t("vacancies.hint.profession_id") in hand.text
    assert len(rows(stage)) == before


async def test_an_upper_bound_below_the_lower_one_is_asked_again(stage: Stage):
    row = next(row for row in of(stage, "msb") if row["salary_min"] and row["salary_max"])
    hand = await stage.hand("msb")
    await hand.open(row["id"], "va")
    await hand.tap("card.edit", "vacancies.field.salary_max")
    await hand.say("1")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("vacancies.wrong_salary") in hand.text
    assert stage.writes() == []
    await hand.say(str(row["salary_min"] + 1))
    await hand.tap("form.save")
    assert one(stage, row["id"])["salary_max"] == row["salary_min"] + 1


async def test_what_contradicts_itself_in_the_crm_can_be_mended(stage: Stage):
    row = next(
        row
        for row in rows(stage)
        if row["salary_min"] and row["salary_max"] and row["salary_min"] > row["salary_max"]
    )
    hand = await stage.hand("administrator")
    await hand.open(row["id"], "va")
    await hand.tap("card.edit", "vacancies.field.company_name")
    await hand.say("ТОО «Жаңа»")
    await hand.tap("form.save")
    assert one(stage, row["id"])["company_name"] == "ТОО «Жаңа»"


async def test_q22_a_salary_keeps_the_approval_and_a_description_does_not(stage: Stage):
    row = next(row for row in of(stage, "msb", moderation_status="approved") if row["salary_min"])
    hand = await stage.hand("msb")
    await hand.open(row["id"], "va")
    await hand.tap("card.edit", "vacancies.field.salary_min")
    stage.crm.clear_requests()
    await hand.say("100")
    await hand.tap("form.save")
    assert [request.json for request in stage.writes()] == [{"salary_min": 100}]
    assert one(stage, row["id"])["moderation_status"] == "approved"
    await hand.tap("card.edit", "vacancies.field.description_kz")
    await hand.say("Жаңа сипаттама")
    assert hand.t("edit.remoderation") in hand.text
    await hand.tap("form.save")
    assert one(stage, row["id"])["moderation_status"] == "pending"
    assert hand.t("choice.moderation_status.pending") in hand.text


async def test_skills_are_replaced_as_a_whole(stage: Stage):
    row = next(row for row in rows(stage, is_active=True) if len(skills(stage, row["id"])) == 2)
    hand = await stage.hand("administrator")
    await hand.open(row["id"], "va")
    await hand.tap("card.edit", "vacancies.field.required_skills")
    await hand.say("docker")
    docker = lookup(stage, Skill, "Docker")["id"]
    assert docker not in skills(stage, row["id"])
    await hand.tap("☐ Docker", "form.review", "form.save")
    assert len(skills(stage, row["id"])) == 3
    assert docker in skills(stage, row["id"])
    assert "Docker" in hand.text


@pytest.mark.parametrize(("login", "language"), [*zip(WRITERS, LOCALES, strict=True)])
async def test_off_the_site_and_back(stage: Stage, login: str, language: str):
    row = of(stage, "msb", is_active=True)[0]
    hand = await stage.hand(login, language)
    await hand.open(row["id"], "va")
    stage.crm.clear_requests()
    await hand.tap("vacancies.action.deactivate")
    assert hand.toast == hand.t("vacancies.done.deactivate")
    assert hand.t("vacancies.off_site") in hand.text
    assert not hand.sees("vacancies.action.deactivate")
    assert one(stage, row["id"])["is_active"] is False
    await hand.tap("vacancies.action.activate")
    assert hand.toast == hand.t("vacancies.done.activate")
    assert hand.t("vacancies.on_site") in hand.text
    assert one(stage, row["id"])["is_active"] is True
    assert [(request.method, request.json) for request in stage.writes()] == [
        ("PUT", {"is_active": False}),
        ("PUT", {"is_active": True}),
    ]
    # Neither of them is a change that moderation looks at.
    assert one(stage, row["id"])["moderation_status"] == row["moderation_status"]


async def test_a_deed_whose_answer_is_lost_is_read_back(stage: Stage):
    row = of(stage, "msb", is_active=True)[0]
    hand = await stage.hand("msb")
    await hand.open(row["id"], "va")
    stage.crm.faults.add("reset", f"admin/{row['id']}$", method="PUT", after=True, times=1)
    await hand.tap("vacancies.action.deactivate")
    assert hand.t("vacancies.off_site") in hand.text
    assert one(stage, row["id"])["is_active"] is False


@pytest.mark.parametrize(("login", "language"), [*zip(WRITERS, LOCALES, strict=True)])
async def test_a_deletion_says_that_it_only_switches_off(stage: Stage, login: str, language: str):
    row = of(stage, "msb", is_active=True)[0]
    hand = await stage.hand(login, language)
    await hand.open(row["id"], "va")
    await hand.tap("card.delete")
    assert hand.t("vacancies.impact") in hand.text
    assert hand.t("delete.warning") not in hand.text
    await hand.tap("delete.soft")
    assert hand.toast == hand.t("done.deleted")
    assert one(stage, row["id"])["is_active"] is False
    await hand.open(row["id"], "va")
    await hand.tap("vacancies.action.activate")
    assert one(stage, row["id"])["is_active"] is True


async def test_a_deletion_without_an_answer_counts_when_it_was_done(stage: Stage):
    row = of(stage, "administrator", is_active=True)[0]
    hand = await stage.hand("administrator")
    await hand.open(row["id"], "va")
    await hand.tap("card.delete")
    stage.crm.faults.add("reset", f"admin/{row['id']}$", method="DELETE", after=True, times=1)
    await hand.tap("delete.soft")
    assert hand.toast == hand.t("done.deleted")
    assert one(stage, row["id"])["is_active"] is False


async def test_a_create_without_an_answer_is_not_made_twice(stage: Stage):
    hand = await at_list(stage, "msb")
    await hand.tap("list.new")
    await fill(hand, "en")
    before = len(rows(stage))
    stage.crm.faults.add("reset", "admin/create$", after=True, times=1)
    await hand.tap("form.save")
    assert len(rows(stage)) == before + 1
    assert "Разработчик · «Өрлеу» <ЖШС>" in hand.text
    assert hand.t("created.pending") in hand.text


async def test_a_copy_begins_with_the_values(stage: Stage):
    row = next(
        row for row in of(stage, "msb") if row["company_name"] and row["employment_type"] and row["work_type"]
    )
    hand = await stage.hand("msb")
    await hand.open(row["id"], "va")
    await hand.tap("card.duplicate")
    assert row["company_name"] in hand.text
    assert hand.t("form.summary") in hand.text


# --- decisions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(
    ("login", "button", "word"),
    [("administrator", "card.reject", "rejected"), ("super_admin", "card.approve", "approved")],
)
async def test_q3_a_decision_is_told_as_it_is(
    stage: Stage, language: str, login: str, button: str, word: str
):
    row = rows(stage, moderation_status="pending")[0]
    hand = await stage.hand(login, language)
    await hand.open(row["id"], "va")
    stage.crm.clear_requests()
    await hand.tap(button)
    assert hand.toast == hand.t(f"done.{word}")
    assert hand.t(f"choice.moderation_status.{word}") in hand.text.splitlines()[1]
    assert title(stage, row, language)[:40] in hand.text
    assert one(stage, row["id"])["moderation_status"] == word
    assert len(stage.writes()) == 1


async def test_q3_many_are_rejected_together(stage: Stage):
    hand = await at_list(stage, "administrator")
    await hand.tap(
        "list.filters", "choice.moderation_status.pending", "list.show", "list.select", "bulk.page"
    )
    wanted = [row["id"] for row in rows(stage, moderation_status="pending")[:7]]
    await hand.tap(hand.t("bulk.reject", n=7))
    await hand.tap(hand.t("bulk.reject", n=7))
    assert hand.t("bulk.done_reject", n=7) in hand.text
    assert {one(stage, number)["moderation_status"] for number in wanted} == {"rejected"}


# --- statistics -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("login", "language"), [*zip(READERS, ("kk", "ru", "en", "kk"), strict=True)])
async def test_statistics_count_what_is_on_the_site(stage: Stage, login: str, language: str):
    hand = await at_list(stage, login, language)
    place = hand.seen()
    await hand.tap("vacancies.action.statistics")
    active = rows(stage, is_active=True)
    name = "name_kz" if language == "kk" else "name_ru"
    for table, column in ((Profession, "profession_id"), (City, "city_id")):
        names = {row["id"]: row[name] for row in stage.crm.rows(table)}
        counts = {one: sum(row[column] == one for row in active) for one in names}
        most = max(counts.values())
        assert any(
            f"{'▓' * 10} {most}" in line and line.endswith(names[one])
            for line in hand.text.splitlines()
            for one in names
            if counts[one] == most
        )
    waiting = f"{hand.t('choice.moderation_status.pending')}: {len(rows(stage, moderation_status='pending'))}"
    # The counters are those of everyone, which msb is not to see.
    assert (waiting in hand.text) is (login != "msb")
    await hand.tap("nav.back")
    assert hand.seen() == place
