"""Lists that belong to a record say to which: above their pages, in the names of saved views and of files."""

from __future__ import annotations

import pytest

from handlers.volunteer_applications import EVENT_APPLICATIONS
from keyboards.callbacks import Go, Press
from sandbox.crm.groups.volunteers.tables import VolunteerEvent
from tests.flows.conftest import Stage
from tests.flows.projects_stage import opened
from tests.flows.test_export import arrived, living
from tests.flows.test_projects_children import illustrated
from tests.flows.volunteering import under
from tests.matrix.strict import LOCALES
from views.fitting import label


@pytest.mark.parametrize("language", LOCALES)
async def test_a_list_says_whose_it_is(stage: Stage, language: str):
    project = illustrated(stage)
    hand = await stage.hand("administrator", language)
    await hand.open(project["id"], "pr")
    name = hand.text.splitlines()[0].partition(" ")[2]
    await opened(hand, "pg", project["id"])
    assert hand.text.splitlines()[0] == f"🖼 {hand.t('project_gallery.title')} · {label(name, 60)}"
    await hand.tap("list.select")
    assert label(name, 60) in hand.text.splitlines()[0]


async def test_pages_of_a_list_ask_for_its_owner_once(stage: Stage):
    event = stage.crm.rows(VolunteerEvent)[0]
    hand = await stage.hand("volunteer_admin")
    asked = []
    for _ in range(2):
        stage.crm.clear_requests()
        await hand.forge(Go(Press.LIST, EVENT_APPLICATIONS.code, view=under(event["id"])).pack())
        asked.append(len(stage.crm.requests))
    assert event["title"][:20] in hand.text
    assert asked[1] < asked[0]


async def test_a_list_whose_owner_cannot_be_read_says_its_number(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("handlers._engine.listing.OWNER_WITHIN", 0.0)
    project = illustrated(stage)
    hand = await stage.hand("administrator")
    await opened(hand, "pg", project["id"])
    assert hand.text.splitlines()[0] == f"🖼 {hand.t('project_gallery.title')} · #{project['id']}"


async def test_a_saved_view_says_whose_list_it_is(stage: Stage):
    project = illustrated(stage)
    hand = await stage.hand("administrator")
    await hand.open(project["id"], "pr")
    name = hand.text.splitlines()[0].partition(" ")[2]
    await opened(hand, "pg", project["id"])
    await hand.say("a")
    await hand.tap("views.save")
    assert f"{hand.t('project_gallery.title')} · {label(name, 24)} · «a»" in hand.text
    assert hand.sees(f"✓ {label(name, 24)} · «a»")


async def test_the_file_of_a_list_says_whose_it_is(stage: Stage):
    project = illustrated(stage)
    hand = await stage.hand("administrator")
    await hand.open(project["id"], "pr")
    name = label(hand.text.splitlines()[0].partition(" ")[2], 60)
    await opened(hand, "pg", project["id"])
    await hand.tap("export.button")
    assert name in hand.text
    await hand.tap("export.make")
    found = await arrived(hand)
    assert name in found.raw["caption"]
    assert found.document is not None
    assert found.document["file_name"].startswith(f"project-gallery-{project['id']}-")
    assert found.document["file_name"] in living(hand).text
