"""Volunteers, their events and their status requirements, on recorded answers: contract 2.10."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Explained, Invalid, NotFound, OutOfReach, Refused, UnknownOutcome
from api.volunteers import StatusRequirements, VolunteerEvents, Volunteers
from models.volunteer import VolunteerStatus
from resources.queries import ListQuery
from tests.support.bots import ROOT

ADMIN = "/api/v2/admin/volunteer"
RECORDED = {
    one["name"]: one["response"]
    for one in json.loads((ROOT / "tests/data/contract/recordings/volunteers.json").read_text())
}
NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Almaty")
DEAD = httpx.Response(500, text="Internal Server Error")


def recorded(name: str) -> httpx.Response:
    response = RECORDED[name]
    return httpx.Response(response["status"], json=response.get("json"))


def person(number: int, **values: object) -> dict[str, object]:
    return {
        "id": number,
        "user_id": number,
        "full_name": f"Әсел {number}",
        "phone_number": "77010000001",
        "volunteer_status": "VOLUNTEER",
        "v_coins_balance": 5,
        "direction_id": 3,
        "created_at": "2026-11-21T10:24:16.177809+00:00",
        "total_earned": 5,
    } | values


def people(wire, amount: int, **more: httpx.Response) -> None:
    """A backend with so many volunteers, newest first, and other answers by the end of their path."""
    rows = [person(number) for number in range(amount, 0, -1)]

    def answer(request: httpx.Request) -> httpx.Response:
        for end, response in more.items():
            if request.url.path.endswith(end):
                return httpx.Response(
                    response.status_code, content=response.content, headers=response.headers
                )
        skip, limit = int(request.url.params["skip"]), int(request.url.params["limit"])
        page = rows[skip : skip + limit]
        return httpx.Response(200, json={"volunteers": page, "total": len(page)})

    wire.answers = answer


@pytest.fixture
def volunteers(wire) -> Volunteers:
    return Volunteers(wire.backend, timezone=ZONE, now=lambda: NOW, clock=lambda: 0.0)


@pytest.fixture
def events(wire) -> VolunteerEvents:
    return VolunteerEvents(wire.backend, timezone=ZONE, now=lambda: NOW)


async def test_recorded_rows_are_volunteers(wire, volunteers, admin):
    wire.says(recorded("volunteers"))
    page = await volunteers.page(admin, ListQuery(size=3))
    assert [one.id for one in page.items] == [3, 2, 1]
    first = page.items[0]
    assert (first.phone_number, first.direction_id) == ("+77010000006", "7")
    assert first.created_at == datetime(2026, 11, 21, 10, 24, 16, 177809, tzinfo=UTC)


async def test_q8_the_length_of_a_page_is_no_total(wire, volunteers, admin):
    people(wire, 30, overview=httpx.Response(500))
    page = await volunteers.page(admin, ListQuery(size=7))
    assert (len(page.items), page.has_next, page.total) == (7, True, None)


async def test_q8_the_sums_know_the_true_total(wire, volunteers, admin):
    figures = {"total_volunteers": 30, "volunteers_by_status": {"VOLUNTEER": 30}}
    people(wire, 30, overview=httpx.Response(200, json=figures))
    assert (await volunteers.page(admin, ListQuery(size=7))).total == 30
    narrowed = ListQuery(size=7, filters={"volunteer_status": "SUPERVISOR"})
    assert (await volunteers.page(admin, narrowed)).total is not None
    assert (await volunteers.page(admin, ListQuery(size=7, filters={"direction_id": "3"}))).total is None


async def test_status_and_direction_go_to_the_backend(wire, volunteers, admin):
    wire.says(recorded("volunteers filtered; quirk: total is the page length"))
    await volunteers.page(
        admin, ListQuery(filters={"volunteer_status": VolunteerStatus.VOLUNTEER, "direction_id": "1"})
    )
    asked = next(one for one in wire.asked if one.url.path.endswith("/volunteers"))
    assert asked.url.params["status_filter"] == "VOLUNTEER"
    assert asked.url.params["direction_id"] == "1"


async def test_q10_there_is_no_search_so_the_bot_looks_by_itself(wire, volunteers, admin):
    people(wire, 150)
    page = await volunteers.page(admin, ListQuery(search="асел 7", size=5))
    assert page.items[0].full_name == "Әсел 79"
    assert (page.scanned, page.complete) == (150, True)
    assert not any("search" in one.url.params for one in wire.asked)


async def test_a_volunteer_is_found_in_the_list(wire, volunteers, admin):
    people(wire, 300)
    assert (await volunteers.get(admin, 299)).id == 299
    assert len(wire.asked) == 1
    assert (await volunteers.get(admin, 2)).id == 2
    assert len(wire.asked) == 3


async def test_who_is_in_no_list_is_not_found(wire, volunteers, admin):
    people(wire, 300)
    with pytest.raises(NotFound):
        await volunteers.get(admin, 301)


@pytest.mark.parametrize(("number", "calls"), [(1100, 2), (200, 3), (5, 3)])
async def test_what_lies_deeper_than_a_thousand_is_opened_too(wire, volunteers, admin, number, calls):
    people(wire, 1200)
    assert (await volunteers.get(admin, number)).id == number
    assert len(wire.asked) == calls
    with pytest.raises(NotFound):
        await volunteers.get(admin, 1201)


async def test_deeper_than_ten_thousand_is_not_called_gone(wire, volunteers, admin):
    people(wire, 10_001)
    assert (await volunteers.get(admin, 2)).id == 2
    with pytest.raises(OutOfReach) as caught:
        await volunteers.get(admin, 1)
    assert caught.value.read == 10_000
    assert sum(int(one.url.params["limit"]) for one in wire.asked) == 20_000


async def test_an_update_goes_by_query(wire, volunteers, admin):
    wire.says(recorded("update volunteer (query parameters)"))
    found = await volunteers.update(admin, 1, {"full_name": "Әлия Қ. Тестбаева"})
    assert found.full_name == "Әлия Қ. Тестбаева"
    assert wire.asked[0].url.params["full_name"] == "Әлия Қ. Тестбаева"
    assert list(wire.asked[0].url.params) == ["full_name"]
    assert wire.asked[0].content == b""


async def test_a_balance_that_is_not_kept_is_told(wire, volunteers, admin):
    wire.says(recorded("quirk: balance of a volunteer without a balance row is silently not stored"))
    with pytest.raises(Explained) as caught:
        await volunteers.update(admin, 3, {"v_coins_balance": 50})
    assert caught.value.detail == "volunteers.no_balance"


async def test_coins_go_by_query_and_the_new_balance_comes_back(wire, volunteers, admin):
    people(wire, 3, coins=recorded("coins: add"))
    found = await volunteers.add_coins(admin, 1, {"amount": 25, "reason": "Белсенділік үшін"})
    sent = wire.asked[0].url.params
    assert (sent["amount"], sent["reason"], sent["type"]) == ("25", "Белсенділік үшін", "add")
    assert found.v_coins_balance == 225


async def test_too_few_coins_are_refused_with_the_reason(wire, volunteers, admin):
    wire.says(recorded("coins: not enough"))
    with pytest.raises(Refused) as caught:
        await volunteers.deduct_coins(admin, 1, {"amount": 99999, "reason": "x"})
    assert caught.value.detail == "Недостаточно V-coins"


@pytest.mark.parametrize("amount", [0, -1, None, "5"])
@pytest.mark.parametrize("deed", ["add_coins", "deduct_coins"])
async def test_a_negative_amount_which_the_backend_takes_is_never_sent(wire, volunteers, admin, deed, amount):
    with pytest.raises(Invalid):
        await getattr(volunteers, deed)(admin, 1, {"amount": amount, "reason": "x"})
    assert wire.asked == []


async def test_coins_that_were_paid_stay_paid_when_the_list_fails_afterwards(wire, volunteers, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"message": "ok", "new_balance": 7})
        return httpx.Response(500)

    wire.answers = answer
    assert await volunteers.add_coins(admin, 1, {"amount": 2, "reason": "x"}) is None


async def test_a_balance_is_opened_with_no_coins(wire, volunteers, admin):
    people(wire, 3, coins=recorded("work-around: a zero coin operation creates the balance row"))
    await volunteers.open_balance(admin, 3, {})
    assert wire.asked[0].url.params["amount"] == "0"


async def test_q10_the_leaderboard_has_pages_and_no_period(wire, volunteers, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        assert list(request.url.params) == ["limit"]
        rows = [
            {"position": number, "volunteer_id": number, "full_name": "x", "status": "VOLUNTEER"}
            for number in range(1, min(25, int(request.url.params["limit"])) + 1)
        ]
        return httpx.Response(200, json={"period": "month", "leaderboard": rows})

    wire.answers = answer
    second = await volunteers.leaders(admin, ListQuery(2, 10))
    assert [one.position for one in second.items] == list(range(11, 21))
    assert second.has_next
    assert not (await volunteers.leaders(admin, ListQuery(3, 10))).has_next


# --- events -----------------------------------------------------------------------------------------


def event(number: int = 1, **values: object) -> dict[str, object]:
    row = RECORDED["public events (active; default status filter upcoming)"]["json"]["events"][0]
    return {**row, "id": number} | values


def served(wire, *rows: dict[str, object], **more: httpx.Response) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            response = more[request.method.lower()]
            return httpx.Response(response.status_code, content=response.content, headers=response.headers)
        query = request.url.params
        skip, limit = int(query["skip"]), int(query["limit"])
        dated = [
            row
            for row in rows
            if query.get("date_from", "") <= str(row["event_date"]) <= query.get("date_to", "9")
        ]
        return httpx.Response(200, json={"total": len(dated), "events": dated[skip : skip + limit]})

    wire.answers = answer


async def test_the_public_list_has_a_true_total_and_all_states(wire, events, admin):
    served(wire, *(event(number) for number in range(1, 20)))
    page = await events.page(admin, ListQuery(size=7))
    assert (page.total, page.has_next) == (19, True)
    assert wire.asked[0].url.params["status"] == ""
    assert page.items[0].title_kz == "Сенбілік"
    assert page.items[0].direction_id == "5"


@pytest.mark.parametrize("size", [2, 3, 5, 7])
async def test_events_that_lie_ahead_come_first(wire, events, admin, size):
    past = [event(number, event_date=f"2026-0{number}-01T09:00:00") for number in range(1, 6)]
    ahead = [event(number, event_date=f"2027-0{number - 5}-01T09:00:00") for number in range(6, 12)]
    served(wire, *past, *ahead)
    seen, number = [], 1
    while True:
        page = await events.page(admin, ListQuery(number, size))
        seen += [one.id for one in page.items]
        assert page.total == 11
        if not page.has_next:
            break
        number += 1
    assert seen == [6, 7, 8, 9, 10, 11, 1, 2, 3, 4, 5]


async def test_an_event_ahead_is_opened_at_once_however_many_lie_behind(wire, events, admin):
    """The list begins with the oldest: what is newest would be past every bound first."""
    past = [event(number, event_date="2025-01-01T09:00:00") for number in range(1, 1301)]
    served(wire, *past, event(2000, event_date="2027-01-16T09:00:00"))
    assert (await events.get(admin, 2000)).id == 2000
    assert len(wire.asked) == 1
    assert (await events.get(admin, 1250)).id == 1250
    with pytest.raises(NotFound):
        await events.get(admin, 2001)


async def test_filters_of_events_go_to_the_backend(wire, events, admin):
    served(wire)
    page = await events.page(
        admin, ListQuery(filters={"status": "ongoing", "direction_id": "5", "period": "today"}, zone=ZONE)
    )
    sent = wire.asked[0].url.params
    assert (sent["status"], sent["direction_id"]) == ("ongoing", "5")
    # 1:30 in the morning of the 22nd in Almaty: its day began at 19:00 UTC.
    assert (sent["date_from"], sent["date_to"]) == ("2026-11-21T19:00:00", "2026-11-22T18:59:59")
    assert page.query.filters["period"] == "today"


async def test_missing_translations_are_looked_through(wire, events, admin):
    served(wire, event(1), event(2, title_kz=None, description_kz=None))
    page = await events.page(admin, ListQuery(filters={"missing": "kk"}))
    assert [one.id for one in page.items] == [2]


async def test_an_edit_sends_title_and_date_again(wire, events, admin):
    served(wire, event(), put=recorded("update event: fields left out keep their value"))
    await events.update(admin, 1, {"location": "Жеңіс саябағы"})
    body = json.loads(wire.asked[-1].content)
    assert body == {
        "title": event()["title"],
        "event_date": "2027-01-16T09:00:00",
        "location": "Жеңіс саябағы",
    }


async def test_a_group_link_is_replaced_by_nothing(wire, events, admin):
    """No list shows it, so an edit has nothing to empty; a null may pass for a field that was left out."""
    served(wire, event(), put=recorded("update event: fields left out keep their value"))
    found = await events.remove_link(admin, 1, {})
    assert json.loads(wire.asked[-1].content) == {
        "title": event()["title"], "event_date": "2027-01-16T09:00:00", "whatsapp_group_link": "",
    }  # fmt: skip
    assert found.id == 1


async def test_events_of_one_title_are_told_apart_by_their_day(wire, events, admin):
    served(
        wire,
        event(1, event_date="2027-01-16T20:30:00"),
        event(2, title_kz=None),
        event(3, title=None, title_kz=None),
    )
    found = {one.id: one.ref for one in (await events.page(admin, ListQuery())).items}
    # 1:30 in the morning of the 17th in Almaty.
    assert found[1].kk == "Сенбілік · 17.01.2027"
    assert (found[2].best("kk"), found[3].best("ru")) == (f"{event()['title']} · 16.01.2027", "#3")


async def test_a_direction_is_sent_as_number_and_an_emptied_number_as_zero(wire, events, admin):
    served(wire, event(), put=recorded("update event: fields left out keep their value"))
    await events.update(admin, 1, {"direction_id": "7", "v_coins_reward": None})
    body = json.loads(wire.asked[-1].content)
    assert (body["direction_id"], body["v_coins_reward"]) == (7, 0)


async def test_q7_a_title_cannot_be_emptied(wire, events, admin):
    with pytest.raises(Invalid):
        await events.update(admin, 1, {"title": None})
    assert wire.asked == []


async def test_a_created_event_is_read_back(wire, events, admin):
    served(wire, event(1), post=recorded("create event"))
    made = await events.create(admin, {"title": "Сенбілік", "event_date": "2027-01-16T14:00:00+05:00"})
    assert json.loads(wire.asked[0].content)["event_date"] == "2027-01-16T09:00:00"
    assert (made.id, made.status) == (1, "upcoming")


async def test_a_created_event_stands_also_when_it_cannot_be_read(wire, events, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        return recorded("create event") if request.method == "POST" else DEAD

    wire.answers = answer
    made = await events.create(
        admin, {"title": "Сенбілік", "event_date": "2027-01-16T09:00:00+00:00", "direction_id": "3"}
    )
    assert (made.id, made.title, made.direction_id) == (1, "Сенбілік", "3")


async def test_a_lost_create_is_found_by_its_minute_and_its_texts(wire, events, admin):
    values = {"title": event()["title"], "event_date": "2027-01-16T09:00:00+00:00", "direction_id": "5"}
    served(wire, event(1), event(2), event(3, title="Другое"))
    found = await events.find_created(admin, values)
    assert found.id == 2
    assert wire.asked[0].url.params["date_from"] == "2027-01-16T09:00:00"
    assert await events.find_created(admin, {**values, "title": "Нет такого"}) is None


async def test_a_deleted_event_is_gone(wire, events, admin):
    served(wire, event(1))
    with pytest.raises(NotFound):
        await events.get(admin, 2)


async def test_a_task_is_sent_without_what_was_skipped(wire, events, admin):
    served(wire, event(1), post=recorded("create task"))
    await events.add_task(admin, 1, {"task_title": "Фотоесеп", "task_v_coins_bonus": 5})
    assert wire.asked[0].url.path == f"{ADMIN}/events/1/tasks"
    assert json.loads(wire.asked[0].content) == {"title": "Фотоесеп", "v_coins_bonus": 5}


# --- what a status asks for -------------------------------------------------------------------------


@pytest.fixture
def requirements(wire) -> StatusRequirements:
    return StatusRequirements(wire.backend, timezone=ZONE)


ROWS = "status requirements (first read creates the defaults)"


async def test_an_edit_of_a_requirement_sends_the_coins_too(wire, requirements, admin):
    wire.says(recorded(ROWS), recorded("update status requirement"))
    row = await requirements.update(admin, 2, {"benefits_kz": None})
    assert wire.asked[-1].url.path == f"{ADMIN}/status-requirements/TEAM_LEADER"
    assert json.loads(wire.asked[-1].content) == {"v_coins_required": 150, "benefits_kz": ""}
    assert row.benefits_kz == ""


async def test_a_reset_finds_the_same_status_under_its_new_id(wire, requirements, admin):
    fresh = {
        "status_requirements": [
            {**row, "id": row["id"] + 4} for row in RECORDED[ROWS]["json"]["status_requirements"]
        ]
    }
    wire.says(recorded(ROWS), httpx.Response(200, json={"message": "ok"}), httpx.Response(200, json=fresh))
    row = await requirements.reset(admin, 2, {})
    assert (row.id, row.status) == (6, "TEAM_LEADER")


async def test_a_lost_answer_of_a_write_is_not_taken_for_done(wire, requirements, admin):
    wire.says(recorded(ROWS), DEAD)
    with pytest.raises(UnknownOutcome):
        await requirements.update(admin, 2, {"v_coins_required": 160})
