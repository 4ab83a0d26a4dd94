"""The projects source on recorded answers: contract 2.7 and its quirks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Explained, Forbidden, Invalid, NotFound, UnknownOutcome
from api.projects import Projects
from models.common import ModerationStatus, Upload
from resources.queries import ListQuery
from tests.unit.api.projects_crm import Crm, project, recorded

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
VALUES = {
    "title": "Жас стартапшы", "title_ru": "Молодой стартапер", "description": "Жоба", "description_ru": "Проект",
    "author": "ҚБ «Қоғам»", "project_type": "application",
    "start_date": "2026-11-01T05:00:00+05:00", "end_date": "2027-03-01T00:00:00+00:00",
}  # fmt: skip
ALL = {"skip": 0, "limit": 100}


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm()
    return crm


@pytest.fixture
def projects(wire) -> Projects:
    return Projects(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


def query(page: int = 1, size: int = 5, search: str = "", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters)


def ids(page: Any) -> list[int]:
    return [one.id for one in page.items]


async def test_recorded_rows_are_read(crm, projects, admin):
    crm.on("GET /admin/list", recorded("admin list (npo: own only)"))
    crm.on("GET /admin/moderation/stats", recorded("moderation stats"))
    page = await projects.page(admin, query())
    assert ids(page) == [3, 1]
    assert page.items[0].is_voting
    assert not page.items[0].takes_applications
    assert page.items[1].takes_applications
    assert page.items[1].start_date == datetime(2026, 11, 1, tzinfo=UTC)
    assert page.items[1].moderation_status is ModerationStatus.PENDING


async def test_status_type_and_search_are_the_backends(crm, projects, admin, wire):
    crm.on("GET /admin/list", recorded("admin list with filters"))
    page = await projects.page(admin, query(search="жоба", status="active", project_type="application"))
    params = dict(wire.asked[0].url.params)
    assert params == {
        "status": "active", "project_type": "application", "search": "жоба", "skip": "0", "limit": "6",
    }  # fmt: skip
    assert (ids(page), page.total, page.scanned) == ([2], 1, None)


async def test_q9_moderation_lists_have_no_order_so_they_are_read_through_and_put_in_order(
    crm, projects, admin
):
    rows = [
        project(number, created_at=f"2026-11-{day:02}T00:00:00") for number, day in ((1, 3), (2, 20), (3, 11))
    ]
    crm.on("GET /admin/moderation/all-statuses", rows)
    page = await projects.page(admin, query(moderation_status="pending"))
    assert (ids(page), page.total) == ([2, 3, 1], 3)


async def test_q9_the_many_approved_are_read_from_the_list_that_has_an_order(crm, projects, admin):
    rows = [project(9, moderation_status="approved"), project(8), project(7, moderation_status="approved")]
    crm.on("GET /admin/list", rows)
    assert ids(await projects.page(admin, query(moderation_status="approved"))) == [9, 7]
    assert set(crm.calls) == {"GET /admin/list"}


async def test_npo_never_reads_the_moderation_lists_which_show_everyones(crm, projects, npo):
    crm.on("GET /admin/list", [project(1), project(2, moderation_status="approved")])
    page = await projects.page(npo, query(moderation_status="pending"))
    assert ids(page) == [1]
    assert set(crm.calls) == {"GET /admin/list"}
    await projects.page(npo, query())
    assert "GET /admin/moderation/stats" not in crm.calls


async def test_records_without_a_language_are_found(crm, projects, admin):
    crm.on("GET /admin/list", [project(1), project(2, title_ru="", description_ru="")])
    assert ids(await projects.page(admin, query(missing="ru"))) == [2]
    assert ids(await projects.page(admin, query(missing="kk"))) == []


async def test_q7_both_dates_are_sent_without_an_offset(crm, projects, admin):
    crm.on(
        "POST /admin/create",
        httpx.Response(201, json=recorded("npo creates -> pending, status forced to draft")),
    )
    created = await projects.create(admin, VALUES)
    assert created.status == "draft"
    assert crm.bodies[0] == VALUES | {"start_date": "2026-11-01T00:00:00", "end_date": "2027-03-01T00:00:00"}


async def test_a_lost_create_is_found_by_its_values_even_as_another_status(crm, projects, npo):
    same = {name: VALUES[name] for name in VALUES if name not in ("start_date", "end_date")}
    row = project(9, **same, start_date="2026-11-01T00:00:00", end_date="2027-03-01T00:00:00")
    crm.on("GET /admin/list", [
        row | {"status": "draft", "created_at": "2026-11-21T10:25:00"},
        row | {"id": 8, "created_at": "2026-11-20T10:25:00"},
        row | {"id": 7, "created_at": "2026-11-21T10:29:00", "title": "другой"},
    ])  # fmt: skip
    found = await projects.find_created(npo, VALUES | {"status": "active"})
    assert found is not None
    assert found.id == 9
    assert await projects.find_created(npo, VALUES | {"title": "нет"}) is None


async def test_q7_an_update_without_a_text_sends_one_again_as_it_stands(crm, projects, admin):
    crm.on("GET /admin/1", project(1))
    crm.on("PUT /admin/1", project(1, end_date="2027-03-15T00:00:00"))
    await projects.update(admin, 1, {"end_date": "2027-03-15T05:00:00+05:00"})
    assert crm.bodies[-1] == {"end_date": "2027-03-15T00:00:00", "author": "ҚБ «Қоғам»"}
    crm.calls.clear()
    await projects.update(admin, 1, {"title": "Жаңа"})
    assert crm.calls == ["PUT /admin/1"]
    assert crm.bodies[-1] == {"title": "Жаңа"}


async def test_q7_the_text_that_is_sent_again_is_one_that_is_there(crm, projects, admin):
    crm.on("GET /admin/1", project(1, author="", title=""))
    crm.on("PUT /admin/1", project(1))
    await projects.update(admin, 1, {"video_url": "https://example.kz"})
    assert crm.bodies[-1] == {"video_url": "https://example.kz", "title_ru": "Молодой стартапер"}


async def test_null_is_ignored_so_a_video_is_emptied_with_an_empty_text(crm, projects, admin):
    crm.on("GET /admin/1", project(1))
    crm.on("PUT /admin/1", project(1, video_url=""))
    assert (await projects.update(admin, 1, {"video_url": None})).video_url is None
    assert crm.bodies[-1] == {"video_url": "", "author": "ҚБ «Қоғам»"}
    crm.on("PUT /admin/1", project(1, video_url="https://old.kz"))
    with pytest.raises(Invalid) as caught:
        await projects.update(admin, 1, {"video_url": None})
    assert (caught.value.wrong[0].field, caught.value.wrong[0].key) == ("video_url", "projects.error.stays")


@pytest.mark.parametrize("name", ["title", "author", "start_date", "status"])
async def test_what_must_be_there_cannot_be_emptied(crm, projects, admin, name):
    with pytest.raises(Invalid) as caught:
        await projects.update(admin, 1, {name: None})
    assert caught.value.wrong[0].field == name
    assert crm.calls == []


@pytest.mark.parametrize(
    ("deed", "status"),
    [("complete", "completed"), ("activate", "active"), ("cancel", "cancelled"), ("to_draft", "draft")],
)
async def test_q4_states_are_set_by_an_update(crm, projects, admin, deed, status):
    crm.on("GET /admin/1", project(1))
    crm.on("PUT /admin/1", project(1, status=status))
    changed = await getattr(projects, deed)(admin, 1, {})
    assert changed.status == status
    assert crm.bodies[-1] == {"status": status, "author": "ҚБ «Қоғам»"}


async def test_deleting(crm, projects, admin):
    crm.on("DELETE /admin/5", httpx.Response(204))
    await projects.delete(admin, 5)
    crm.on("DELETE /admin/5", 404)
    with pytest.raises(NotFound):
        await projects.delete(admin, 5)


async def test_q7_a_completed_voting_cannot_be_deleted_and_it_is_said_why(crm, projects, npo):
    crm.on("DELETE /admin/6", 500)
    crm.on("GET /admin/6", project(6, project_type="voting", status="completed"))
    with pytest.raises(Explained) as caught:
        await projects.delete(npo, 6)
    assert caught.value.detail == "projects.error.kept"


async def test_a_delete_that_worked_in_spite_of_its_500_worked(crm, projects, npo):
    crm.on("DELETE /admin/6", 500)
    crm.on("GET /admin/6", 404)
    await projects.delete(npo, 6)


@pytest.mark.parametrize("reading", [500, 403])
async def test_a_delete_that_cannot_be_read_back_stays_unknown(crm, projects, npo, reading, hurried):
    crm.on("DELETE /admin/6", 500)
    crm.on("GET /admin/6", reading)
    with pytest.raises(UnknownOutcome):
        await projects.delete(npo, 6)


async def test_a_lost_delete_is_left_to_whoever_asked(crm, projects, npo, wire):
    wire.says(httpx.ReadError("x"))
    with pytest.raises(UnknownOutcome):
        await projects.delete(npo, 6)
    assert len(wire.asked) == 1


async def test_approval_makes_a_draft_active(crm, projects, admin):
    crm.on("POST /admin/moderation/1/approve", recorded("approve (draft becomes active)"))
    approved = await projects.approve(admin, 1)
    assert (approved.moderation_status, approved.status) == ("approved", "active")
    crm.on("POST /admin/moderation/1/reject", recorded("reject (status stays active)"))
    rejected = await projects.reject(admin, 1)
    assert (rejected.moderation_status, rejected.status) == ("rejected", "active")


async def test_q15_photos_of_admin_routes_are_relative_and_of_uploads_absolute(crm, projects, admin):
    crm.on("GET /admin/1", recorded("the same field in the admin view is relative"))
    crm.on(
        "POST /1/upload-photo", recorded("upload photo (no authentication): absolute URL with a fixed host")
    )
    path = await projects.upload_photo(admin, 1, Upload(b"\x89PNG", "a.png", "image/png"))
    record = await projects.get(admin, 1)
    assert record.photo_url == path
    assert path.startswith("http://crm.test/uploads/projects/")
    assert b'name="file"; filename="a.png"' in crm.bodies[1]


@pytest.mark.parametrize("name", ["upload", "results", "figures"])
async def test_public_routes_are_asked_about_own_projects_only(crm, projects, npo, name):
    """The routes take no token: only the admin route tells whose project it is."""
    crm.on("GET /admin/2", 404)
    asking = {
        "upload": lambda: projects.upload_photo(npo, 2, Upload(b"x", "a.png", "image/png")),
        "results": lambda: projects.results(npo, 2),
        "figures": lambda: projects.figures(npo, 2),
    }[name]
    with pytest.raises(NotFound):
        await asking()
    assert crm.calls == ["GET /admin/2"]


async def test_a_photo_can_only_be_replaced(crm, projects, admin):
    with pytest.raises(Explained):
        await projects.delete_photo(admin, 1)
    assert crm.calls == []


async def test_results_of_a_voting(crm, projects, admin):
    crm.on("GET /admin/3", project(3, project_type="voting"))
    crm.on("GET /3/results", recorded("results"))
    crm.on("GET /3/stats", recorded("stats (voting): total_votes counts vote rows, results sum the counters"))
    results, figures = await projects.results(admin, 3), await projects.figures(admin, 3)
    assert [(one.position, one.votes_count, one.percentage) for one in results.results] == [
        (1, 7, "100.0%"), (2, 0, "0.0%"),
    ]  # fmt: skip
    assert (results.total_votes, figures.total_votes) == (7, 1)
    assert (figures.leading_participant.name, figures.leading_participant.votes) == ("Ерасыл", 7)


async def test_figures_of_applications(crm, projects, admin):
    crm.on("GET /admin/1", project(1))
    crm.on("GET /1/stats", recorded("stats (application): counts legacy applications, not form submissions"))
    figures = await projects.figures(admin, 1)
    assert (figures.total_applications, figures.pending_applications, figures.total_votes) == (1, 1, None)


async def test_what_goes_with_a_project(crm, projects, admin):
    crm.on("GET /admin/3", project(3, project_type="voting"))
    crm.on("GET /3", recorded("public detail (voting)"))
    found = await projects.belongings(admin, 3)
    assert (found.participants, found.pictures, found.submissions) == (2, 0, 0)
    crm.on("GET /admin/1", project(1))
    crm.on(
        "GET /1", recorded("public detail (application)") | {"gallery": [{"id": 1}], "applications_count": 4}
    )
    crm.on("GET /1/submissions", recorded("submissions"))
    found = await projects.belongings(admin, 1)
    assert (found.pictures, found.applications, found.submissions) == (1, 4, 2)


async def test_refusals_stay_refusals(crm, projects, npo):
    crm.on("GET /admin/list", 403)
    with pytest.raises(Forbidden):
        await projects.page(npo, query())
    crm.on("GET /admin/2", httpx.Response(404, json=recorded("admin detail of someone else")))
    with pytest.raises(NotFound):
        await projects.get(npo, 2)
