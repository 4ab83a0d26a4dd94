"""The community's sources: what is sent, what comes back, and who may be the same person."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.community import Bars, Cities, Coffee, CoffeeRounds, Members, Mentees, Mentors, Pairs
from api.community.base import flat, nested
from api.community.members import same_address, similar
from api.context import operation_key
from api.errors import Conflict, Explained, Invalid, NotFound, Outdated, OutOfReach
from models.common import Ref
from models.community import Member
from resources.queries import ListQuery

ROOT = "/api/v2/community"
ZONE = ZoneInfo("Asia/Almaty")
SECRETS = {
    "groups": [],
    "skipped": [],
    "seed": 7,
    "status": "committed",
    "created_at": "2026-11-21T10:00:00Z",
}


def member(number: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "id": number, "full_name": f"Member {number}", "status": "pending", "version": 3,
        "coffee": {"enabled": True, "frequency": "weekly", "paused_until": None},
        "mentorship": {"role": "mentor", "topics": ["IT"], "capacity": 2, "languages": ["kk"]},
        "notify": {"announcements": True, "events": False, "matches": True},
        "created_at": "2026-11-21T10:00:00Z",
    } | values  # fmt: skip


def paged(*rows: dict[str, Any], total: int | None = None) -> httpx.Response:
    return httpx.Response(200, json={"items": rows, "total": len(rows) if total is None else total})


def made(kind: Any, wire: Any) -> Any:
    return kind(wire.backend, timezone=ZONE)


def body(wire: Any) -> Any:
    return json.loads(wire.asked[-1].content)


# --- shapes -----------------------------------------------------------------------------------------------


def test_the_groups_of_a_member_are_laid_flat_and_back():
    row = flat(member())
    assert (row["coffee_enabled"], row["mentorship_topics"], row["notify_events"]) == (True, ["IT"], False)
    assert "coffee" not in row
    assert nested({"coffee_enabled": False, "coffee_paused_until": None, "city": "x"}) == {
        "coffee": {"enabled": False, "paused_until": None}, "city": "x",
    }  # fmt: skip


@pytest.mark.parametrize("row", [None, [], "x", {}, {"coffee": None}, {"coffee": {}}])
def test_what_is_no_member_is_left_alone(row: Any):
    flat(row)


def test_lists_that_are_null_are_empty():
    row = flat(member(mentorship={"role": "none", "topics": None, "capacity": None, "languages": None}))
    assert Member.model_validate(row).mentorship_topics == ()


# --- members ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (ListQuery(), {"sort": "-created_at"}),
        (ListQuery(sort="name"), {"sort": "full_name"}),
        (ListQuery(sort="first"), {"sort": "created_at"}),
        (ListQuery(search="Аида"), {"q": "Аида"}),
        (
            ListQuery(
                filters={"status": "pending", "segment": "npo", "level": "senior", "coffee_enabled": "no"}
            ),
            {"status": "pending", "segment": "npo", "level": "senior", "coffee": "false"},
        ),
        (ListQuery(filters={"mentorship_role": "mentee"}), {"mentorship_role": "mentee"}),
        (ListQuery(page=3), {"skip": "14", "limit": "7"}),
    ],
)
async def test_the_backend_narrows_searches_orders_and_pages(
    wire, admin, query: ListQuery, sent: dict[str, str]
):
    wire.says(paged(member(), total=40))
    page = await made(Members, wire).page(admin, query)
    asked = dict(wire.asked[0].url.params)
    assert sent.items() <= asked.items()
    assert (len(wire.asked), page.total, page.scanned) == (1, 40, None)


async def test_a_city_is_named_by_a_number_of_its_own(wire, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/stats"):
            return httpx.Response(200, json={"by_city": {"Астана": 2, "": 9, "Қарағанды": 7}})
        return paged(member())

    wire.answers = answer
    cities = made(Cities, wire)
    found = await cities.page(admin, ListQuery())
    assert [city.name for city in found.items] == ["Қарағанды", "Астана"]
    assert [city.name for city in (await cities.page(admin, ListQuery(search="караг"))).items] == [
        "Қарағанды"
    ]
    city = found.items[0]
    assert (await cities.get(admin, city.id)).ref.best("ru") == "Қарағанды"
    assert len([one for one in wire.asked if one.url.path.endswith("/stats")]) == 1
    members = made(Members, wire)
    query = ListQuery(filters={"city": str(city.id)})
    page = await members.page(admin, query)
    assert wire.asked[-1].url.params["city"] == "Қарағанды"
    assert page.query == query
    nowhere = await members.page(admin, ListQuery(filters={"city": "5"}))
    assert (nowhere.items, nowhere.total) == ([], 0)
    with pytest.raises(NotFound):
        await cities.get(admin, 5)


async def test_a_change_says_which_version_it_was_made_on(wire, admin):
    wire.says(httpx.Response(200, json=member(city="Астана", version=4)))
    values = {"city": "Астана", "mentorship_topics": None, "coffee_enabled": False}
    found = await made(Members, wire).update(admin, 1, values, version=3)
    assert (found.city, found.version) == ("Астана", 4)
    assert wire.asked[0].method == "PATCH"
    assert wire.asked[0].headers["If-Match"] == "3"
    assert body(wire) == {"city": "Астана", "mentorship": {"topics": []}, "coffee": {"enabled": False}}
    await made(Members, wire).update(admin, 1, {"city": None})
    assert "If-Match" not in wire.asked[-1].headers


async def test_a_change_of_another_version_is_outdated(wire, admin):
    wire.says(httpx.Response(412, json={"detail": "changed meanwhile"}))
    with pytest.raises(Outdated):
        await made(Members, wire).update(admin, 1, {"city": "x"}, version=3)


@pytest.mark.parametrize("name", ["full_name", "language", "channel", "coffee_frequency", "mentorship_role"])
async def test_what_must_not_be_empty_is_not_sent(wire, admin, name: str):
    with pytest.raises(Invalid) as caught:
        await made(Members, wire).update(admin, 1, {name: None})
    assert [one.field for one in caught.value.wrong] == [name]
    assert wire.asked == []


@pytest.mark.parametrize(
    ("deed", "verb", "values", "sent"),
    [
        ("accept", "approve", {}, b""),
        ("refuse", "reject", {"reason": "Имя"}, {"reason": "Имя"}),
        ("block", "block", {"reason": "Спам"}, {"reason": "Спам"}),
        ("unblock", "unblock", {}, b""),
    ],
)
async def test_deeds(wire, admin, deed: str, verb: str, values: dict[str, str], sent: Any):
    wire.says(httpx.Response(200, json=member(status="approved")))
    found = await getattr(made(Members, wire), deed)(admin, 5, values)
    assert found.status == "approved"
    assert wire.asked[0].url.path == f"{ROOT}/members/5/{verb}"
    assert (json.loads(wire.asked[0].content) if sent else wire.asked[0].content) == sent


@pytest.mark.parametrize("deed", ["refuse", "block"])
async def test_no_reason_is_no_deed(wire, admin, deed: str):
    with pytest.raises(Invalid):
        await getattr(made(Members, wire), deed)(admin, 5, {"reason": " ".strip()})
    assert wire.asked == []


@pytest.mark.parametrize("deed", ["accept", "refuse"])
async def test_who_comes_second_is_told_so(wire, admin, deed: str):
    detail = {"message": "Already approved", "decided_by_name": "Айгүл"}
    wire.says(httpx.Response(409, json={"detail": detail}))
    with pytest.raises(Explained) as caught:
        await getattr(made(Members, wire), deed)(admin, 5, {"reason": "x"})
    assert caught.value.detail == "members.decided"


async def test_figures_and_what_waits(wire, admin):
    wire.says(httpx.Response(200, json={
        "by_status": {"pending": 2}, "registrations": [{"date": "2026-11-21", "started": 3}],
        "funnel": [{"step": "name", "reached": 3, "left": 1, "median_seconds": None}],
    }))  # fmt: skip
    found = await made(Members, wire).figures(admin, "7d")
    assert wire.asked[0].url.params["period"] == "7d"
    assert (found.by_status, found.registrations[0].date) == ({"pending": 2}, date(2026, 11, 21))
    wire.says(paged(member(), total=12))
    assert await made(Members, wire).waiting(admin) == 12
    assert dict(wire.asked[-1].url.params) == {"status": "pending", "limit": "1"}


# --- the same person twice --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Айгерім Сапарова", "Айгерим Сапарова"),
        ("Наталья Семёнова", "Семенова  Наталья"),
        ("Қайрат Әлімжанов", "Кайрат Алимжанов"),
        ("Серик Ахметов", "Серик Ахмедов"),
    ],
)
def test_names_of_one_person(one: str, other: str):
    assert similar(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Айгерім Сапарова", "Әсел Сапарова"),
        ("Ерлан Жұмабеков", "Ерлан Нұрпейісов"),
        ("", ""),
        ("Ян Ли", "Ия Ни"),
    ],
)
def test_names_of_two(one: str, other: str):
    assert not similar(one, other)


def test_addresses():
    assert same_address("A@example.com", "a@EXAMPLE.com")
    assert not same_address(None, None)
    assert not same_address("", "")


async def test_twins_are_found_by_address_and_by_name(wire, admin):
    me = Member.model_validate(flat(member(1, full_name="Айгерім Сапарова", email="a@example.com")))

    def answer(request: httpx.Request) -> httpx.Response:
        if "@" in request.url.params["q"]:
            return paged(
                member(1, full_name="Айгерім Сапарова", email="a@example.com"),
                member(9, full_name="Other Name", email="A@example.com"),
                member(8, full_name="No", email="aa@example.com"),
            )
        return paged(
            member(7, full_name="Айгерим Сапарова"),
            member(6, full_name="Болат Сапаров"),
            member(1, full_name="x"),
        )

    wire.answers = answer
    twins = await made(Members, wire).alike(admin, me)
    assert [(twin.member.id, twin.same_email) for twin in twins] == [(9, True), (7, False)]
    # The word that is searched by is looked for in all its spellings.
    assert {one.url.params["q"] for one in wire.asked} == {"a@example.com", "С_п_р_в_"}


async def test_nobody_is_like_a_member_without_a_name(wire, admin):
    assert await made(Members, wire).alike(admin, Member(id=1)) == []
    assert wire.asked == []


# --- keys -------------------------------------------------------------------------------------------------


async def test_every_write_has_a_key_of_its_own(wire, admin):
    wire.says(httpx.Response(200, json=member()))
    members = made(Members, wire)
    for _ in range(2):
        await members.accept(admin, 5, {})
    first, second = (one.headers["Idempotency-Key"] for one in wire.asked)
    assert first != second


async def test_a_button_pressed_again_sends_the_same_key(wire, admin):
    wire.says(httpx.Response(200, json=member()))
    members = made(Members, wire)
    pressed = operation_key.set("kkkkkkkkkkkkkk")
    try:
        for record_id in (5, 5, 6):
            await members.accept(admin, record_id, {})
    finally:
        operation_key.reset(pressed)
    first, again, other = (one.headers["Idempotency-Key"] for one in wire.asked)
    assert first == again != other
    assert "kkk" not in first


async def test_reads_have_none(wire, admin):
    wire.says(paged())
    await made(Members, wire).page(admin, ListQuery())
    assert "Idempotency-Key" not in wire.asked[0].headers


# --- mentorship -------------------------------------------------------------------------------------------


async def test_boards_narrow_and_their_rows_have_no_route(wire, admin):
    wire.says(paged(member(1, active=1, free=2)))
    page = await made(Mentors, wire).page(admin, ListQuery(filters={"available": "yes"}, search="a"))
    assert dict(wire.asked[0].url.params) == {"available": "true", "q": "a", "skip": "0", "limit": "7"}
    assert (page.items[0].active, page.items[0].free) == (1, 2)
    mentee = member(2, waiting_since="2026-11-01T10:00:00Z", mentor_id=None)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/members/2"):
            return httpx.Response(200, json=mentee)
        assert request.url.params["q"] == "Member 2"
        return paged(member(22, full_name="Member 22"), mentee)

    wire.answers = answer
    found = await made(Mentees, wire).get(admin, 2)
    assert (found.id, found.waiting_since.month) == (2, 11)


async def test_who_left_the_board_is_gone(wire, admin):
    wire.answers = lambda request: (
        httpx.Response(200, json=member(2)) if request.url.path.endswith("/2") else paged(member(22))
    )
    with pytest.raises(NotFound):
        await made(Mentors, wire).get(admin, 2)


async def test_all_are_read_a_hundred_at_a_time(wire, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        skip = int(request.url.params["skip"])
        return paged(*(member(number) for number in range(skip, min(skip + 100, 230))), total=230)

    wire.answers = answer
    assert len(await made(Mentors, wire).with_room(admin)) == 230
    assert {one.url.params["available"] for one in wire.asked} == {"true"}
    assert len(await made(Mentees, wire).without_mentor(admin)) == 230
    assert wire.asked[-1].url.params["unmatched"] == "true"


PAIR = {
    "id": 3, "mentor": member(1), "mentee": member(2), "status": "active", "note": None,
    "created_at": "2026-11-21T10:00:00Z", "created_by": 2, "ended_at": None, "end_reason": None, "notified_at": None,
}  # fmt: skip


async def test_a_pair_is_made_of_two_by_name_and_found_again(wire, admin):
    wire.says(httpx.Response(201, json=PAIR))
    pairs = made(Pairs, wire)
    values = {"mentor_id": {"id": 1, "kk": "a", "ru": "a"}, "mentee_id": {"id": 2, "kk": None, "ru": None}}
    pair = await pairs.create(admin, values, key="k")
    assert body(wire) == {"mentor_id": 1, "mentee_id": 2}
    assert (pair.mentor_id, pair.mentee.full_name) == (Ref(id=1, kk="Member 1", ru="Member 1"), "Member 2")
    wire.says(paged(PAIR))
    assert (await pairs.find_created(admin, values)).id == 3
    asked = dict(wire.asked[-1].url.params)
    assert asked | {"mentor_id": "1", "mentee_id": "2", "status": "active"} == asked
    wire.says(paged())
    assert await pairs.find_created(admin, values) is None


async def test_a_pair_ends_and_is_told(wire, admin):
    wire.says(httpx.Response(200, json=PAIR | {"status": "ended", "end_reason": "x"}))
    pairs = made(Pairs, wire)
    assert (await pairs.end(admin, 3, {"reason": "x"})).end_reason == "x"
    assert (wire.asked[-1].url.path, body(wire)) == (f"{ROOT}/mentorship/pairs/3/end", {"reason": "x"})
    await pairs.notified(admin, 3)
    assert wire.asked[-1].url.path == f"{ROOT}/mentorship/pairs/3/notified"
    with pytest.raises(Invalid):
        await pairs.end(admin, 3, {})


async def test_a_full_mentor_is_a_conflict(wire, admin):
    wire.says(httpx.Response(409, json={"detail": "Mentor has no free place"}))
    with pytest.raises(Conflict, match="no free place"):
        await made(Pairs, wire).create(admin, {"mentor_id": 1, "mentee_id": 2})


async def test_a_pair_is_looked_for_in_its_list(wire, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        skip = int(request.url.params["skip"])
        return paged(*(PAIR | {"id": number} for number in range(skip + 1, skip + 101)), total=5000)

    wire.answers = answer
    assert (await made(Pairs, wire).get(admin, 205)).id == 205
    assert len(wire.asked) == 3
    with pytest.raises(OutOfReach):
        await made(Pairs, wire).get(admin, 1205)
    wire.says(paged(PAIR))
    with pytest.raises(NotFound):
        await made(Pairs, wire).get(admin, 4)


async def test_bars(wire, admin):
    bar = {
        "id": 4,
        "a": member(1),
        "b": member(2),
        "reason": None,
        "created_at": "2026-11-21T10:00:00Z",
        "created_by": 2,
    }
    wire.says(httpx.Response(201, json=bar))
    bars = made(Bars, wire)
    values = {"a_id": {"id": 2, "kk": "b", "ru": "b"}, "b_id": {"id": 1, "kk": "a", "ru": "a"}, "reason": "x"}
    assert (await bars.create(admin, values)).a_id.id == 1
    assert body(wire) == {"a_id": 2, "b_id": 1, "reason": "x"}
    wire.says(paged(bar))
    assert await bars.all(admin) == {(1, 2)}
    assert (await bars.find_created(admin, values)).id == 4
    assert (await bars.get(admin, 4)).b_id.ru == "Member 2"
    wire.says(httpx.Response(204))
    await bars.delete(admin, 4)
    assert (wire.asked[-1].method, wire.asked[-1].url.path) == ("DELETE", f"{ROOT}/matching/bars/4")


# --- coffee -----------------------------------------------------------------------------------------------


async def test_the_schedule_is_put_whole(wire, admin):
    kept = {
        "enabled": True, "weekdays": [0], "time": "10:00", "timezone": "Asia/Almaty", "lookback_weeks": 8,
        "odd_policy": "trio", "holidays": ["2027-01-01"], "cooldown_minutes": 60,
    }  # fmt: skip
    wire.says(httpx.Response(200, json=kept | {"next_run_at": "2026-11-23T05:00:00Z", "last_run_at": None}))
    coffee = made(Coffee, wire)
    assert (await coffee.schedule(admin)).holidays == (date(2027, 1, 1),)
    found = await coffee.reschedule(admin, {"weekdays": [0, 3]})
    assert (wire.asked[-1].method, body(wire)) == ("PUT", kept | {"weekdays": [0, 3]})
    assert found.next_run_at.hour == 5


async def test_candidates_and_history_come_whole(wire, admin):
    wire.says(paged(member(1, frequency="weekly", last_matched_at=None, skipped_last=True)))
    coffee = made(Coffee, wire)
    [one] = await coffee.candidates(admin, date(2026, 11, 23))
    assert (one.skipped_last, one.notify_matches) == (True, True)
    assert dict(wire.asked[0].url.params) == {"on": "2026-11-23"}
    group = {"round_id": 1, "at": "2026-11-21T10:00:00Z", "member_ids": [1, 2]}
    wire.says(httpx.Response(200, json={"groups": [group]}))
    assert (await coffee.history(admin, 500))[0].member_ids == (1, 2)
    assert wire.asked[-1].url.params["weeks"] == "104"


async def test_a_round_is_committed_told_and_taken_back(wire, admin):
    wire.says(httpx.Response(201, json={"id": 9, **SECRETS}))
    rounds = made(CoffeeRounds, wire)
    await rounds.commit(
        admin, [(1, 2), (3, 4, 5)], skipped=(6,), seed=7, planned_for=date(2026, 11, 23), key="k"
    )
    assert body(wire) == {
        "groups": [[1, 2], [3, 4, 5]], "skipped": [6], "seed": 7, "planned_for": "2026-11-23",
    }  # fmt: skip
    first = wire.asked[-1].headers["Idempotency-Key"]
    await rounds.commit(admin, [(1, 2)], key="k")
    assert wire.asked[-1].headers["Idempotency-Key"] == first
    await rounds.told(admin, 9, 4, "telegram")
    assert (wire.asked[-1].url.path, body(wire)) == (
        f"{ROOT}/coffee/rounds/9/groups/4/notified", {"channel": "telegram"},
    )  # fmt: skip
    await rounds.roll_back(admin, 9, {"reason": "x"})
    assert (wire.asked[-1].url.path, body(wire)) == (f"{ROOT}/coffee/rounds/9/rollback", {"reason": "x"})
