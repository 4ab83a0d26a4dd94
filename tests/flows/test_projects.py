"""Projects: finding, reading, making, changing, deciding, ending them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from handlers.projects import PROJECTS
from keyboards.callbacks import Go, Press
from sandbox.crm.groups.projects import tables
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.pictures import picture
from tests.flows.projects_stage import ROLES, drawn, of, project, projects, voting, with_form
from tests.matrix.strict import LOCALES
from tests.matrix.test_access import keyed

READERS = ("npo", "government", "administrator", "super_admin")
VALUES = {
    "title": "Жас <b>стартапшы</b> &",
    "title_ru": "Молодой стартапер",
    "description": "Бірінші абзац.\n\nЕкінші абзац.",
    "description_ru": "Первый абзац.",
    "author": "ҚБ «Жас Қанат»",
    "start_date": "25.12.2027 10:00",
    "end_date": "25.01.2028 18:30",
    "video_url": "youtube.com/watch?v=1",
}


def menu(hand: Hand) -> str:
    return f"🚀 {hand.t('projects.title')}"


async def listed(hand: Hand) -> Hand:
    await hand.forge(Go(Press.LIST, "pr").pack())
    return hand


async def fill(hand: Hand, kind: str = "application", photo: bytes | None = None, **changed: str) -> None:
    """Answers every step up to the summary."""
    for name in PROJECTS.form:
        assert hand.t(f"projects.field.{name}") in hand.text, hand.text
        if name == "project_type":
            await hand.tap(f"choice.projects.type.{kind}")
        elif name == "status":
            await hand.tap("choice.projects.status.active")
        elif name == "photo_url":
            if photo is None:
                await hand.tap("form.skip")
            else:
                await hand.person.send_photo(photo)
                await hand.person.settle()
        else:
            await hand.say({**VALUES, **changed}[name])


# --- finding and reading --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", READERS)
async def test_readers_see_what_is_theirs_to_see(stage: Stage, role: str):
    hand = await stage.hand(role)
    await hand.tap(menu(hand))
    shown = len(projects(stage, role if role == "npo" else ""))
    await hand.tap("list.filters", "choice.projects.type.voting", "list.show")
    wanted = projects(stage, role if role == "npo" else "", project_type="voting")
    assert shown > len(wanted) > 0
    cards = [go.id for go in drawn(hand) if go.op == Press.CARD]
    assert cards == [row["id"] for row in reversed(wanted)][: len(cards)]


@pytest.mark.parametrize("role", ["client", "volunteer_admin", "msb"])
async def test_others_see_nothing(stage: Stage, role: str):
    hand = await stage.hand(role)
    assert not hand.sees(hand.t("projects.title"))
    stage.crm.clear_requests()
    for go in (
        Go(Press.LIST, "pr"), Go(Press.CARD, "pr", 5), Go(Press.CREATE, "pr"), Go(Press.EDIT, "pr", 5),
        Go(Press.DELETE, "pr", 5), Go(Press.ACTION, "pr", 5, "st"), Go(Press.DEED, "pr", 5, "cm"),
    ):  # fmt: skip
        assert await hand.forge(go.pack()) == hand.t("error.forbidden_toast"), go
    assert [one for one in stage.crm.requests if "projects" in one.path] == []


async def test_npo_sees_no_project_of_others(stage: Stage):
    hand = await stage.hand("npo")
    foreign = projects(stage, "npo2")[0]
    await hand.open(foreign["id"], "pr")
    assert hand.t("error.gone") in hand.text
    assert foreign["title_ru"] not in hand.text
    stage.crm.clear_requests()
    for deed in ("av", "cm", "cx"):
        go = Go(Press.DEED_NOW, "pr", foreign["id"], deed)
        await hand.forge(keyed(stage, hand, go))
    await hand.forge(keyed(stage, hand, Go(Press.DELETE_NOW, "pr", foreign["id"])))
    await hand.forge(Go(Press.ACTION, "pr", foreign["id"], "st").pack())
    assert project(stage, foreign["id"]) == foreign
    assert [one.path for one in stage.crm.requests if one.path.endswith(("stats", "results"))] == []


async def test_moderation_list_of_npo_holds_its_own_only(stage: Stage):
    hand = await listed(await stage.hand("npo"))
    await hand.tap("list.filters", "choice.moderation_status.pending", "list.show")
    own = {row["id"] for row in projects(stage, "npo", moderation_status="pending")}
    cards = {go.id for go in drawn(hand) if go.op == Press.CARD}
    assert cards
    assert cards <= own
    assert not stage.crm.requests_to("all-statuses")


@pytest.mark.parametrize("language", LOCALES)
async def test_a_card_shows_everything(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    row = next(
        row
        for row in projects(stage, project_type="application", status="active")
        if row["video_url"] and len(row["description"]) < 400
    )
    await hand.open(row["id"], "pr")
    for text in (row["title"], row["title_ru"], row["author"], row["video_url"], row["description"][:40]):
        assert " ".join(text.split()) in hand.text, text
    assert hand.t("choice.projects.type.application") in hand.text
    assert hand.t("choice.projects.status.active") in hand.text
    assert "UTC+5" in hand.text
    assert hand.link() == f"https://t.me/tabys_sandbox_bot?start=pr_{row['id']}"


async def test_a_search_is_the_backends(stage: Stage):
    hand = await listed(await stage.hand("administrator"))
    await hand.say("наставничества")
    found = {row["id"] for row in projects(stage) if "наставничества" in row["title_ru"]}
    cards = {go.id for go in drawn(hand) if go.op == Press.CARD}
    assert cards
    assert cards <= found
    assert any(one.query.get("search") for one in stage.crm.requests_to("admin/list"))


async def test_a_kind_that_nobody_knows_is_shown_as_it_is(stage: Stage):
    hand = await stage.hand("administrator")
    odd = projects(stage, project_type="lottery")[0]
    await hand.open(odd["id"], "pr")
    assert "lottery" in hand.text
    for key in ("project_participants.title", "project_forms.title", "project_submissions.title"):
        assert not hand.sees(key)
    await hand.tap("projects.action.statistics")
    assert hand.t("projects.stats.none") in hand.text


# --- making and changing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "state", "status"), [
    ("npo", "pending", "draft"), ("administrator", "approved", "active"), ("super_admin", "approved", "active"),
])  # fmt: skip
async def test_a_new_project_from_the_first_step_to_its_card(
    stage: Stage, role: str, state: str, status: str
):
    hand = await listed(await stage.hand(role))
    await hand.tap("list.new")
    await fill(hand, photo=picture())
    assert hand.t("form.summary") in hand.text
    stage.crm.clear_requests()
    await hand.tap("form.save")
    made = projects(stage)[-1]
    assert {name: made[name] for name in ("title", "title_ru", "author", "description")} == {
        name: VALUES[name] for name in ("title", "title_ru", "author", "description")
    }
    assert (made["start_date"], made["end_date"]) == (
        datetime(2027, 12, 25, 5),
        datetime(2028, 1, 25, 13, 30),
    )
    assert (made["moderation_status"], made["status"]) == (state, status)
    assert made["photo_url"]
    assert hand.has_photo
    assert hand.t(f"choice.projects.status.{status}") in hand.text
    assert [one.path.rpartition("/")[2] for one in stage.writes()] == ["create", "upload-photo"]


@pytest.mark.parametrize("language", LOCALES)
async def test_an_end_before_the_start_is_asked_again(stage: Stage, language: str):
    hand = await listed(await stage.hand("administrator", language))
    await hand.tap("list.new")
    await fill(hand, end_date="25.12.2027 09:00")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("projects.error.dates") in hand.text
    assert hand.t("projects.field.end_date") in hand.text
    assert stage.writes() == []
    await hand.say("26.12.2027 09:00")
    await hand.tap("form.save")
    assert projects(stage)[-1]["end_date"] == datetime(2027, 12, 26, 4)


async def test_q7_an_edit_of_a_date_sends_a_text_along(stage: Stage):
    hand = await stage.hand("administrator")
    row = voting(stage, "npo2")
    await hand.open(row["id"], "pr")
    stage.crm.clear_requests()
    await hand.tap("card.edit", "projects.field.end_date")
    await hand.say((row["end_date"] + timedelta(days=400)).strftime("%d.%m.%Y 12:00"))
    await hand.tap("form.save")
    assert hand.toast == hand.t("done.saved")
    assert project(stage, row["id"])["end_date"] == (row["end_date"] + timedelta(days=400)).replace(
        hour=7, minute=0, second=0, microsecond=0
    )
    assert stage.writes()[0].json["author"] == row["author"]


async def test_an_edit_that_would_end_before_the_start_is_not_sent(stage: Stage):
    hand = await stage.hand("administrator")
    row = voting(stage)
    await hand.open(row["id"], "pr")
    await hand.tap("card.edit", "projects.field.end_date")
    stage.crm.clear_requests()
    await hand.say((row["start_date"] - timedelta(days=3)).strftime("%d.%m.%Y 12:00"))
    await hand.tap("form.save")
    assert hand.t("projects.error.dates") in hand.text
    assert stage.writes() == []


async def test_a_video_can_be_emptied(stage: Stage):
    hand = await stage.hand("administrator")
    row = next(row for row in projects(stage) if row["video_url"])
    await hand.open(row["id"], "pr")
    await hand.tap("card.edit", "projects.field.video_url", "form.clear", "form.save")
    assert not project(stage, row["id"])["video_url"]
    assert row["video_url"] not in hand.text


@pytest.mark.parametrize("name", ["author", "video_url", "end_date"])
async def test_q22_npo_is_warned_truly_whatever_it_edits(stage: Stage, name: str):
    hand = await stage.hand("npo")
    row = projects(stage, "npo", moderation_status="approved")[0]
    await hand.open(row["id"], "pr")
    await hand.tap("card.edit")
    assert hand.t("edit.remoderation") in hand.text
    await hand.tap(f"projects.field.{name}")
    await hand.say({"author": "Жаңа автор", "video_url": "youtu.be/x", "end_date": "1.5.2029 10:00"}[name])
    assert hand.t("edit.remoderation") in hand.text
    await hand.tap("form.save")
    assert project(stage, row["id"])["moderation_status"] == "pending"


async def test_an_administrators_edit_changes_no_moderation_and_warns_of_none(stage: Stage):
    hand = await stage.hand("administrator")
    row = projects(stage, "npo", moderation_status="approved")[0]
    await hand.open(row["id"], "pr")
    await hand.tap("card.edit")
    assert hand.t("edit.remoderation") not in hand.text
    await hand.tap("projects.field.author")
    await hand.say("Жаңа автор")
    await hand.tap("form.save")
    assert project(stage, row["id"])["moderation_status"] == "approved"


async def test_a_photo_is_replaced_and_npo_stays_approved(stage: Stage):
    """Photos go by a route that does not look at moderation: a warning would be untrue."""
    hand = await stage.hand("npo")
    row = next(row for row in projects(stage, "npo", moderation_status="approved") if row["photo_url"])
    await hand.open(row["id"], "pr")
    await hand.tap("card.edit", "projects.field.photo_url")
    assert not hand.sees("form.clear")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    assert hand.t("edit.remoderation") not in hand.text
    await hand.tap("form.save")
    now = project(stage, row["id"])
    assert now["photo_url"] != row["photo_url"]
    assert now["moderation_status"] == "approved"


async def test_the_kind_cannot_be_changed(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(voting(stage)["id"], "pr")
    await hand.tap("card.edit")
    assert not hand.sees("projects.field.project_type")
    assert not hand.sees("projects.field.status")


# --- states ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(("deed", "before", "after"), [
    ("complete", "active", "completed"), ("cancel", "active", "cancelled"), ("activate", "cancelled", "active"),
    ("to_draft", "active", "draft"),
])  # fmt: skip
async def test_states_are_changed_after_a_question(
    stage: Stage, language: str, deed: str, before: str, after: str
):
    hand = await stage.hand("administrator", language)
    row = projects(stage, project_type="application", status=before)[0]
    await hand.open(row["id"], "pr")
    stage.crm.clear_requests()
    await hand.tap(f"projects.action.{deed}")
    assert hand.t(f"projects.ask.{deed}") in hand.text
    assert stage.writes() == []
    await hand.tap(f"projects.action.{deed}")
    assert project(stage, row["id"])["status"] == after
    assert hand.toast == hand.t(f"projects.done.{deed}")
    assert hand.t(f"choice.projects.status.{after}") in hand.text
    assert not hand.sees(f"projects.action.{deed}")
    assert len(stage.writes()) == 1


async def test_government_changes_nothing(stage: Stage):
    hand = await stage.hand("government")
    row = projects(stage, project_type="application", status="active")[0]
    await hand.open(row["id"], "pr")
    for key in (
        "card.edit", "card.delete", "card.approve", "card.reject", "projects.action.complete",
        "projects.action.cancel", "projects.action.to_draft", "project_submissions.title", "project_forms.title",
        "project_fields.title",
    ):  # fmt: skip
        assert not hand.sees(key), key
    assert hand.sees("project_gallery.title")
    assert hand.sees("projects.action.statistics")
    stage.crm.clear_requests()
    for deed in ("cm", "cx", "dr"):
        said = await hand.forge(keyed(stage, hand, Go(Press.DEED_NOW, "pr", row["id"], deed)))
        assert said == hand.t("error.forbidden_toast")
    assert stage.writes() == []


@pytest.mark.parametrize("role", ["administrator", "super_admin"])
async def test_approval_makes_a_draft_running(stage: Stage, role: str):
    hand = await stage.hand(role)
    row = projects(stage, "npo", moderation_status="pending")[0]
    await hand.open(row["id"], "pr")
    await hand.tap("card.approve")
    now = project(stage, row["id"])
    assert (now["moderation_status"], now["status"]) == ("approved", "active")
    assert hand.t("choice.projects.status.active") in hand.text
    await hand.tap("card.reject")
    now = project(stage, row["id"])
    assert (now["moderation_status"], now["status"]) == ("rejected", "active")


async def test_npo_decides_nothing_although_the_backend_would_let_it(stage: Stage):
    hand = await stage.hand("npo")
    row = projects(stage, "npo", moderation_status="pending")[0]
    await hand.open(row["id"], "pr")
    assert not hand.sees("card.approve")
    said = await hand.forge(keyed(stage, hand, Go(Press.APPROVE, "pr", row["id"])))
    assert said == hand.t("error.forbidden_toast")
    assert project(stage, row["id"])["moderation_status"] == "pending"


# --- statistics --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_the_places_of_a_voting(stage: Stage, language: str):
    hand = await stage.hand("government", language)
    row = voting(stage, status="active")
    people = sorted(of(stage, tables.VotingParticipant, row["id"]), key=lambda one: -one["votes_count"])
    await hand.open(row["id"], "pr")
    await hand.tap("projects.action.statistics")
    total = sum(one["votes_count"] for one in people)
    assert hand.t("projects.stats.votes", n=total, count=str(total)) in hand.text
    leader = hand.t("projects.stats.leader", name=people[0]["name"], count=str(people[0]["votes_count"]))
    assert leader in hand.text
    assert f"1. {people[0]['name']}" in hand.text
    assert f"{100 * people[0]['votes_count'] / total:.1f}%" in hand.text
    assert "▓" in hand.text
    await hand.tap("nav.back")
    assert row["author"] in hand.text


async def test_the_figures_of_applications_say_what_they_count(stage: Stage):
    hand = await stage.hand("npo")
    row = next(row for row in projects(stage, "npo") if of(stage, tables.ProjectApplication, row["id"]))
    await hand.open(row["id"], "pr")
    await hand.tap("projects.action.statistics")
    assert hand.t("projects.stats.applications", n=4, count="4") in hand.text
    assert hand.t("projects.stats.without_form") in hand.text


# --- the end -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_a_delete_names_all_that_goes_and_the_next_click_works(stage: Stage, language: str):
    """After this delete the server drops the connection unannounced (contract Q6)."""
    hand = await stage.hand("administrator", language)
    row = with_form(stage)
    count = len(of(stage, tables.FormSubmission, row["id"]))
    await hand.open(row["id"], "pr")
    await hand.tap("card.delete")
    assert hand.t("projects.goes.submissions", n=count, count=str(count)) in hand.text
    await hand.tap("delete.confirm")
    assert project(stage, row["id"]) is None
    assert of(stage, tables.FormSubmission, row["id"]) == []
    assert hand.t("deleted.note", title=row["title" if language == "kk" else "title_ru"]) in hand.text or (
        language == "en"
    )
    await hand.tap("list.filters", "list.show")
    assert hand.t("error.title") not in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_q7_a_voting_with_stored_results_stays_and_it_is_said_why(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    kept = {row["project_id"] for row in stage.crm.rows(tables.VotingResult)}
    row = next(row for row in projects(stage, "npo") if row["id"] in kept)
    await hand.open(row["id"], "pr")
    await hand.tap("card.delete")
    assert hand.t("projects.impact_stored") in hand.text
    await hand.tap("delete.confirm")
    assert hand.t("projects.error.kept") in hand.text
    assert project(stage, row["id"]) == row
    await hand.tap("nav.back")
    assert row["author"] in hand.text


@pytest.mark.parametrize("role", ROLES)
async def test_only_who_may_can_delete(stage: Stage, role: str):
    hand = await stage.hand(role)
    row = next(
        row
        for row in projects(
            stage, "npo" if role == "npo" else "npo2", project_type="application", status="draft"
        )
    )
    await hand.open(row["id"], "pr")
    allowed = role in ("npo", "administrator", "super_admin")
    assert hand.sees("card.delete") == allowed
    await hand.forge(keyed(stage, hand, Go(Press.DELETE_NOW, "pr", row["id"])))
    assert (project(stage, row["id"]) is None) == allowed
