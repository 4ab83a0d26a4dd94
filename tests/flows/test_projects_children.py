"""Participants and pictures of projects: seeing, adding, changing, deleting."""

from __future__ import annotations

import pytest

from keyboards.callbacks import Go, Press
from sandbox.crm.groups.projects import tables
from tests.flows.conftest import Stage
from tests.flows.pictures import picture
from tests.flows.projects_stage import (
    ROLES,
    child,
    drawn,
    of,
    opened,
    place,
    projects,
    voting,
    with_form,
)
from tests.matrix.strict import LOCALES
from tests.matrix.test_access import keyed

WRITERS = ("npo", "administrator", "super_admin")
READERS = (*WRITERS, "government")
NAMES = ("description", "description_ru", "photo_url", "video_url", "instagram_url", "facebook_url",
         "linkedin_url", "twitter_url")  # fmt: skip


def people(stage: Stage, project_id: int) -> list[dict]:
    return of(stage, tables.VotingParticipant, project_id)


def pictures(stage: Stage, project_id: int) -> list[dict]:
    return of(stage, tables.ProjectPicture, project_id)


def illustrated(stage: Stage, login: str = "") -> dict:
    """A project with pictures."""
    having = {row["project_id"] for row in stage.crm.rows(tables.ProjectPicture)}
    return next(row for row in projects(stage, login) if row["id"] in having)


# --- participants ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_what_with_participants(stage: Stage, role: str):
    row = voting(stage, "npo" if role == "npo" else "npo2", status="active")
    one = people(stage, row["id"])[0]
    hand = await stage.hand(role)
    stage.crm.clear_requests()
    await opened(hand, "pp", row["id"])
    assert hand.sees(one["name"]) == (role in READERS)
    assert any(go.op == Press.CREATE for go in drawn(hand)) == (role in WRITERS)
    await opened(hand, "pp", row["id"], one["id"])
    ops = {go.op for go in drawn(hand) if go.res == "pp"}
    assert (Press.EDIT in ops) == (Press.DELETE in ops) == (role in WRITERS)
    if role in WRITERS:
        return
    for go in (
        child("pp", row["id"], one["id"], Press.DELETE_NOW),
        child("pp", row["id"], 0, Press.CREATE),
        child("pp", row["id"], one["id"], Press.EDIT),
    ):
        said = await hand.forge(keyed(stage, hand, go))
        assert said == hand.t("error.forbidden_toast"), go
    assert stage.writes() == []
    assert one in people(stage, row["id"])
    if role not in READERS:
        assert [request for request in stage.crm.requests if "projects" in request.path] == []


async def test_participants_of_others_are_not_npos_to_see_or_touch(stage: Stage):
    hand = await stage.hand("npo")
    foreign, own = voting(stage, "npo2"), voting(stage, "npo")
    theirs = people(stage, foreign["id"])
    await opened(hand, "pp", foreign["id"])
    assert hand.t("error.gone") in hand.text
    assert not any(hand.sees(one["name"]) for one in theirs)
    # Somebody else's participant under one's own project: the backend's routes would not notice.
    for project_id in (foreign["id"], own["id"]):
        go = child("pp", project_id, theirs[0]["id"], Press.DELETE_NOW)
        await hand.forge(keyed(stage, hand, go))
    assert people(stage, foreign["id"]) == theirs


async def test_only_votings_lead_to_participants(stage: Stage):
    hand = await stage.hand("administrator")
    row = with_form(stage)
    await hand.open(row["id"], "pr")
    assert not hand.sees("project_participants.title")
    await opened(hand, "pp", row["id"])
    assert hand.t("error.gone") in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_a_participant_is_added_and_seen(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = voting(stage, "npo", status="active")
    await hand.open(row["id"], "pr")
    await hand.tap("project_participants.title", "list.new")
    await hand.say("Ерасыл <b>&")
    typed = {"description": "Сипаттама", "description_ru": "Описание", "instagram_url": "instagram.com/e"}
    for name in NAMES:
        assert hand.t(f"project_participants.field.{name}") in hand.text
        if name == "photo_url":
            await hand.person.send_photo(picture())
            await hand.person.settle()
        elif name in typed:
            await hand.say(typed[name])
        else:
            await hand.tap("form.skip")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    made = people(stage, row["id"])[-1]
    assert (made["name"], made["description"], made["description_ru"], made["instagram_url"]) == (
        "Ерасыл <b>&", "Сипаттама", "Описание", "https://instagram.com/e",
    )  # fmt: skip
    assert made["photo_url"]
    assert hand.has_photo
    assert hand.t("done.created") == hand.toast
    assert [one.path.rpartition("/")[2] for one in stage.writes()] == ["participants", "upload-photo"]
    assert made["votes_count"] == 0


async def test_a_participant_is_changed_and_its_votes_are_not(stage: Stage):
    hand = await stage.hand("npo")
    row = voting(stage, "npo", status="active")
    before = people(stage, row["id"])[0]
    await opened(hand, "pp", row["id"], before["id"])
    await hand.tap("card.edit")
    assert not hand.sees("project_participants.field.votes_count")
    assert not hand.sees("project_participants.field.description_ru")
    await hand.tap("project_participants.field.name")
    await hand.say("Жаңа ат")
    await hand.tap("form.save")
    after = people(stage, row["id"])[0]
    assert after == before | {"name": "Жаңа ат"}


async def test_nothing_that_is_drawn_changes_votes(stage: Stage):
    """The public routes for votes are never called, whatever a writer presses on the card."""
    hand = await stage.hand("super_admin")
    row = voting(stage, status="active")
    votes = stage.crm.rows(tables.Vote)
    one = people(stage, row["id"])[0]
    for go in drawn(await opened(hand, "pp", row["id"], one["id"])):
        if go.op not in (Press.MENU, Press.LIST):
            await opened(hand, "pp", row["id"], one["id"])
            await hand.forge(go.pack())
    assert stage.crm.rows(tables.Vote) == votes
    assert people(stage, row["id"])[0]["votes_count"] == one["votes_count"]
    assert not [request for request in stage.crm.requests if "vote" in request.path]


async def test_a_participant_is_deleted(stage: Stage):
    hand = await stage.hand("npo")
    row = voting(stage, "npo", status="active")
    one = people(stage, row["id"])[0]
    await opened(hand, "pp", row["id"], one["id"])
    await hand.tap("card.delete")
    assert one["name"] in hand.text
    await hand.tap("delete.confirm")
    assert one["id"] not in [other["id"] for other in people(stage, row["id"])]
    assert hand.t("project_participants.title") in hand.text


@pytest.mark.parametrize("language", LOCALES)
async def test_q7_a_participant_with_stored_results_stays_and_it_is_said_why(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    kept = stage.crm.rows(tables.VotingResult)[0]
    before = people(stage, kept["project_id"])
    await opened(hand, "pp", kept["project_id"], kept["participant_id"])
    await hand.tap("card.delete", "delete.confirm")
    assert hand.t("project_participants.error.kept") in hand.text
    assert people(stage, kept["project_id"]) == before


async def test_a_link_leads_to_a_participant(stage: Stage):
    hand = await stage.hand("administrator")
    row = voting(stage)
    one = people(stage, row["id"])[0]
    await opened(hand, "pp", row["id"], one["id"])
    link = hand.link()
    await hand.say("/menu")
    await hand.say(f"/start {link.partition('start=')[2]}")
    assert one["name"] in hand.text


# --- gallery -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_what_with_pictures(stage: Stage, role: str):
    row = illustrated(stage, "npo" if role == "npo" else "npo2")
    one = pictures(stage, row["id"])[0]
    hand = await stage.hand(role)
    await opened(hand, "pg", row["id"])
    assert any(go.op == Press.CARD and go.res == "pg" for go in drawn(hand)) == (role in READERS)
    assert any(go.op == Press.CREATE for go in drawn(hand)) == (role in WRITERS)
    await opened(hand, "pg", row["id"], one["id"])
    assert any(go.op == Press.DELETE for go in drawn(hand)) == (role in WRITERS)
    assert not any(go.op == Press.EDIT for go in drawn(hand))
    await hand.forge(keyed(stage, hand, child("pg", row["id"], one["id"], Press.DELETE_NOW)))
    assert (one in pictures(stage, row["id"])) == (role not in WRITERS)


async def test_pictures_of_others_are_not_npos_to_touch(stage: Stage):
    hand = await stage.hand("npo")
    foreign, own = illustrated(stage, "npo2"), illustrated(stage, "npo")
    theirs = pictures(stage, foreign["id"])
    for project_id in (foreign["id"], own["id"]):
        await hand.forge(keyed(stage, hand, child("pg", project_id, theirs[0]["id"], Press.DELETE_NOW)))
    assert pictures(stage, foreign["id"]) == theirs


@pytest.mark.parametrize("language", LOCALES)
async def test_a_picture_is_added_and_deleted(stage: Stage, language: str):
    hand = await stage.hand("npo", language)
    row = projects(stage, "npo")[0]
    count = len(pictures(stage, row["id"]))
    await hand.open(row["id"], "pr")
    await hand.tap("project_gallery.title", "list.new")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    await hand.say("Сурет <1> & фото")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    made = pictures(stage, row["id"])[-1]
    assert (made["description"], len(pictures(stage, row["id"]))) == ("Сурет <1> & фото", count + 1)
    assert hand.has_photo
    assert "Сурет <1> & фото" in hand.text
    assert [one.path.rpartition("/")[2] for one in stage.writes()] == ["upload-gallery"]
    await hand.tap("card.delete", "delete.confirm")
    assert len(pictures(stage, row["id"])) == count
    assert hand.t("project_gallery.title") in hand.text


async def test_a_picture_whose_answer_was_lost_is_not_added_twice(stage: Stage):
    hand = await stage.hand("npo")
    row = projects(stage, "npo")[0]
    count = len(pictures(stage, row["id"]))
    await opened(hand, "pg", row["id"])
    await hand.tap("list.new")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    await hand.say("Сурет")
    stage.crm.faults.add("reset", "upload-gallery", after=True, times=1)
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert len(pictures(stage, row["id"])) == count + 1
    assert len(stage.writes()) == 1
    assert hand.toast == hand.t("done.created")
    assert hand.has_photo


async def test_without_a_parent_an_address_of_a_child_is_old(stage: Stage):
    hand = await stage.hand("administrator")
    stage.crm.clear_requests()
    for code in ("pp", "pg", "pt", "pf", "ps"):
        await hand.forge(Go(Press.LIST, code).pack())
        assert hand.t("stale.screen") in hand.text
    assert not [one for one in stage.crm.requests if "projects" in one.path and "stats" not in one.path]
    assert place(7) != place(8)
