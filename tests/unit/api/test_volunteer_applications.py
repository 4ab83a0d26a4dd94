"""Applications and the roll call: what pays each time, what is 500, what is left out. Contract 2.10, Q7, Q18."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Explained, NotFound, UnknownOutcome
from api.volunteers import Applications, EventApplications
from resources.queries import ListQuery
from tests.unit.api.test_volunteers import RECORDED, recorded

ZONE = ZoneInfo("Asia/Almaty")


@dataclass
class Crm:
    """The applications' routes. ``orphans`` are those of deleted volunteers: a page that holds one is a 500."""

    rows: list[dict[str, object]]
    orphans: set[int] = field(default_factory=set)
    whole: bool = False
    """True when the list fails wherever the orphan stands."""
    poor: set[int] = field(default_factory=set)
    """Those of volunteers without a balance."""
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path, query = request.url.path, request.url.params
        if request.method == "PATCH":
            return self._attendance(int(path.split("/")[-2]), query["attended"])
        if request.method == "POST":
            return httpx.Response(200, json={"message": "ok"})
        if "/events/" in path:
            return self._of_event(query)
        rows = [row for row in self.rows if query.get("status") in (None, row["status"])]
        page = rows[int(query["skip"]) : int(query["skip"]) + int(query["limit"])]
        if any(row["id"] in self.orphans for row in (self.rows if self.whole else page)):
            return httpx.Response(500, text="Internal Server Error")
        return httpx.Response(200, json={"applications": page, "total": len(page)})

    def _of_event(self, query: httpx.QueryParams) -> httpx.Response:
        rows = [
            {
                "application_id": row["id"],
                "volunteer": {"id": 9, "name": row["volunteer_name"], "status": "VOLUNTEER"},
                "applied_role": row["role"],
                "status": row["status"],
                "attended": row["attended"],
                "report_submitted": False,
                "created_at": row["created_at"],
            }
            for row in self.rows
            if row["id"] not in self.orphans and query.get("status_filter") in (None, row["status"])
        ]
        return httpx.Response(200, json={"applications": rows})

    def _attendance(self, number: int, attended: str) -> httpx.Response:
        if number in self.poor:
            return httpx.Response(500, text="Internal Server Error")
        row = next(row for row in self.rows if row["id"] == number)
        row["attended"], row["missed"] = attended == "true", attended != "true"
        level = "green" if row["attended"] else "yellow"
        return httpx.Response(
            200, json={"message": "ok", "attended": row["attended"], "warning_level": level}
        )


def row(number: int, status: str = "approved") -> dict[str, object]:
    recorded_row = RECORDED["applications"]["json"]["applications"][0]
    return {**recorded_row, "id": number, "volunteer_name": f"Ерлан {number}", "status": status}


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([row(number) for number in range(60, 0, -1)])
    return crm


@pytest.fixture
def applications(wire) -> Applications:
    return Applications(wire.backend, timezone=ZONE)


@pytest.fixture
def roll(wire) -> EventApplications:
    return EventApplications(wire.backend, timezone=ZONE).under(4)


def ids(items: Iterable) -> list[int]:
    return [one.id for one in items]


async def test_recorded_rows_are_applications(wire, applications, admin):
    wire.says(recorded("applications"))
    page = await applications.page(admin, ListQuery(size=3))
    first = page.items[0]
    assert (first.applied_role, first.status, first.missed) == ("VOLUNTEER", "pending", False)
    assert first.volunteer_phone == "+77010000006"
    assert page.total == 3


async def test_recorded_rows_of_an_event_are_flat(wire, roll, admin):
    wire.says(recorded("applications of an event"))
    first = (await roll.page(admin, ListQuery())).items[0]
    assert (first.id, first.volunteer_id, first.volunteer_name) == (1, 1, "Әлия Қ. Тестбаева")
    assert first.volunteer_status == "VOLUNTEER"


async def test_q7_an_application_of_a_deleted_volunteer_is_left_out(crm, applications, admin):
    crm.orphans = {58}
    page = await applications.page(admin, ListQuery(size=7))
    assert ids(page.items) == [60, 59, 57, 56, 55, 54]
    assert (page.note, page.has_next) == ("volunteer_applications.left_out", True)


async def test_q7_pages_without_such_a_row_say_nothing(crm, applications, admin):
    crm.orphans = {58}
    page = await applications.page(admin, ListQuery(page=3, size=7))
    assert (len(page.items), page.note) == (7, "")


async def test_q7_a_search_goes_round_the_row_too(crm, applications, admin):
    crm.orphans = {58, 3}
    page = await applications.page(admin, ListQuery(search="ерлан", size=100))
    assert set(ids(page.items)) == set(range(1, 61)) - {58, 3}
    assert page.note


async def test_q7_a_card_is_found_beside_the_row(crm, applications, admin):
    crm.orphans = {58}
    assert (await applications.get(admin, 57)).id == 57
    with pytest.raises(NotFound):
        await applications.get(admin, 999)


async def test_q7_a_list_that_fails_wherever_the_row_stands_is_explained(crm, applications, admin):
    crm.orphans, crm.whole = {1}, True
    for attempt in (applications.page(admin, ListQuery(size=7)), applications.get(admin, 57)):
        with pytest.raises(Explained) as caught:
            await attempt
        assert caught.value.detail == "volunteer_applications.unreadable"
    # Given up, not asked for each row of a thousand.
    assert len(crm.asked) < 200


async def test_the_roll_call_knows_misses_and_phones_from_the_other_list(crm, roll, admin):
    crm.rows[0]["missed"] = True
    page = await roll.page(admin, ListQuery(size=7))
    assert page.items[0].missed
    assert not page.items[0].may_miss
    assert page.items[0].may_come
    assert page.items[0].volunteer_phone == "+77010000006"
    assert (page.total, page.has_next) == (60, True)


async def test_the_roll_call_works_while_the_other_list_is_500(crm, roll, admin):
    crm.orphans, crm.whole = {1}, True
    page = await roll.page(admin, ListQuery(size=7))
    assert page.items[0].missed is None
    assert page.items[0].may_miss
    assert page.total == 59


async def test_a_volunteer_who_is_gone_leaves_a_nameless_row(wire, roll, admin):
    gone = {"application_id": 5, "volunteer": None, "status": "approved", "attended": False}
    wire.says(httpx.Response(200, json={"applications": [gone]}))
    found = await roll.get(admin, 5)
    assert (found.volunteer_name, found.volunteer_id) == (None, None)


async def test_presence_tells_the_warning_level(crm, roll, admin):
    missed = await roll.missed(admin, 60, {})
    assert (missed.attended, missed.missed, missed.warning_level) == (False, True, "yellow")
    came = await roll.came(admin, 60, {})
    assert (came.attended, came.warning_level) == (True, "green")
    assert [one.url.params["attended"] for one in crm.asked if one.method == "PATCH"] == ["false", "true"]


async def test_q7_presence_without_a_balance_is_explained(crm, roll, applications, admin):
    crm.poor = {60}
    for source in (roll, applications):
        with pytest.raises(Explained) as caught:
            await source.came(admin, 60, {})
        assert caught.value.detail == "event_applications.no_balance"


async def test_q7_a_500_that_marked_all_the_same_counts_as_marked(crm, roll, admin):
    crm.poor = {60}
    crm.rows[0]["attended"] = True
    assert (await roll.came(admin, 60, {})).attended


async def test_presence_whose_answer_is_lost_otherwise_stays_unknown(crm, roll, wire, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            raise httpx.ReadTimeout("slow")
        return crm(request)

    wire.answers = answer
    with pytest.raises(UnknownOutcome):
        await roll.came(admin, 60, {})


async def test_a_reason_goes_by_query_and_may_be_left_out(crm, applications, admin):
    await applications.refuse(admin, 60, {"reason": "Орын жоқ"})
    await applications.refuse(admin, 60, {})
    first, second = (one for one in crm.asked if one.method == "POST")
    assert first.url.params["reason"] == "Орын жоқ"
    assert "reason" not in second.url.params


async def test_the_filter_goes_to_both_lists(crm, applications, roll, admin):
    crm.rows += [row(100, "pending")]
    narrowed = ListQuery(filters={"status": "pending"})
    assert ids((await applications.page(admin, narrowed)).items) == [100]
    assert ids((await roll.page(admin, narrowed)).items) == [100]
