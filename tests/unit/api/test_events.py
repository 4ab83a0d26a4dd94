"""The events source against a small backend that behaves as contract 2.4 says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Cause, Events, Forbidden, Invalid, NotFound, Unavailable, UnknownOutcome
from models.common import ModerationStatus, Upload
from models.event import EventFormat
from resources.queries import ListQuery

NOW = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
BASE = datetime(2026, 11, 21, 10, 0)
VALUES = {
    "title": "Форум 100%",
    "event_date": "2027-03-14T15:00:00+05:00",
    "location": "Қарағанды",
    "format": "Offline",
    "description": "Келіңіз",
}


def event(number: int, **values: object) -> dict[str, object]:
    """Event number n: created n minutes after the base, held n days after it."""
    return {
        "id": number,
        "title": f"Ёлка {number}",
        "event_date": (BASE + timedelta(days=number)).isoformat(),
        "location": "Қарағанды",
        "format": "Online" if number % 2 else "Offline",
        "description": "сипаттама",
        "event_photo": "/uploads/events/a.png",
        "created_at": (BASE + timedelta(minutes=number)).isoformat(),
        "moderation_status": ("pending", "approved", "rejected")[number % 3],
    } | values


@dataclass
class Crm:
    """Lists as the backend gives them; ``own`` are npo's records."""

    rows: list[dict[str, object]]
    own: set[int] = field(default_factory=set)
    npo: bool = False
    paths: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path.removeprefix("/api/v2/events/admin/"), request.url.params
        self.paths.append(path)
        if path == "moderation/stats":
            return httpx.Response(200, json=self._stats())
        rows = self._statuses(query) if path == "moderation/all-statuses" else self._list(query)
        skip, limit = int(query["skip"]), int(query["limit"])
        assert limit <= (100 if path.startswith("moderation") else 1000)
        return httpx.Response(200, json=rows[skip : skip + limit])

    def _statuses(self, query: httpx.QueryParams) -> list[dict[str, object]]:
        status = query.get("moderation_status")
        rows = [row for row in self.rows if status in (None, row["moderation_status"])]
        return sorted(rows, key=lambda row: str(row["created_at"]), reverse=True)

    def _list(self, query: httpx.QueryParams) -> list[dict[str, object]]:
        rows = [row for row in self.rows if not self.npo or row["id"] in self.own]
        rows = [row for row in rows if query.get("format") in (None, row["format"])]
        rows = [
            row
            for row in rows
            if query.get("from_date", "") <= str(row["event_date"]) <= query.get("to_date", "9")
        ]
        if search := query.get("search"):
            rows = [row for row in rows if search.replace("%", "").lower() in str(row["title"]).lower()]
        return sorted(rows, key=lambda row: str(row["event_date"]), reverse=True)

    def _stats(self) -> dict[str, int]:
        counts = {
            str(name): sum(row["moderation_status"] == name for row in self.rows) for name in ModerationStatus
        }
        return {"total": len(self.rows), **counts}


@pytest.fixture
def events(wire, clock) -> Events:
    return Events(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW, clock=clock)


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm([event(number) for number in range(1, 31)])
    return crm


def ids(page) -> list[int]:
    return [item.id for item in page.items]


def query(page: int = 1, size: int = 5, search: str = "", sort: str = "", **filters: str) -> ListQuery:
    return ListQuery(page=page, size=size, search=search, filters=filters, sort=sort)


async def test_plain_list_is_paged_by_the_backend(crm, events, admin):
    page = await events.page(admin, query(page=2))
    assert ids(page) == [25, 24, 23, 22, 21]
    assert (page.has_next, page.total, page.scanned, page.complete) == (True, 30, None, True)
    assert sorted(crm.paths) == ["list", "moderation/stats"]


async def test_last_page_has_no_next(crm, events, admin):
    page = await events.page(admin, query(page=6))
    assert (len(page.items), page.has_next, page.total) == (5, False, 30)


async def test_search_and_filters_go_to_the_backend(crm, events, admin):
    page = await events.page(admin, query(search=" ёлка 1 ", size=50, format="Online"))
    assert ids(page) == [] or all(item.format is EventFormat.ONLINE for item in page.items)
    page = await events.page(admin, query(search="лка 1", size=20, format="Online"))
    assert ids(page) == [19, 17, 15, 13, 11, 1]
    assert (page.total, page.has_next) == (6, False)
    assert "moderation/stats" not in crm.paths


async def test_narrowed_total_is_unknown_while_there_are_more(crm, events, admin):
    page = await events.page(admin, query(format="Online"))
    assert (page.has_next, page.total) == (True, None)


@pytest.mark.parametrize(
    ("period", "begin", "end"),
    [
        # It is 22 November, 01:30, a Sunday, in Almaty (UTC+5).
        ("upcoming", "2026-11-21T20:30:00", None),
        ("past", None, "2026-11-21T20:30:00"),
        ("today", "2026-11-21T19:00:00", "2026-11-22T18:59:59"),
        ("week", "2026-11-15T19:00:00", "2026-11-22T18:59:59"),
        ("month", "2026-10-31T19:00:00", "2026-11-30T18:59:59"),
    ],
)
async def test_periods_are_local_and_sent_as_naive_utc(crm, events, admin, wire, period, begin, end):
    await events.page(admin, query(period=period))
    params = wire.asked[0].url.params
    assert (params.get("from_date"), params.get("to_date")) == (begin, end)


async def test_nearest_is_the_earliest_first(crm, events, admin):
    page = await events.page(admin, query(sort="nearest", page=2))
    assert ids(page) == [6, 7, 8, 9, 10]
    assert (page.total, page.complete, page.scanned) == (30, True, 30)


async def test_nearest_says_when_it_could_not_see_all(crm, events, admin):
    crm.rows = [event(number, event_date=f"2027-01-01T00:00:00.{number:06}") for number in range(1, 1101)]
    page = await events.page(admin, query(sort="nearest"))
    assert (page.total, page.complete, page.scanned, page.has_next) == (None, False, 1000, True)
    assert ids(page)[0] == 101


async def test_newest_created_is_paged_by_the_backend_for_those_who_see_all(crm, events, admin):
    page = await events.page(admin, query(sort="created"))
    assert (ids(page), page.total, page.scanned) == ([30, 29, 28, 27, 26], 30, None)
    assert "list" not in crm.paths


async def test_newest_created_for_npo_is_sorted_by_the_bot(crm, events, npo):
    crm.npo, crm.own = True, {3, 5, 4}
    page = await events.page(npo, query(sort="created"))
    assert (ids(page), page.total) == ([5, 4, 3], 3)
    assert crm.paths == ["list"]


async def test_search_with_wildcards_is_literal(crm, events, admin):
    crm.rows = [event(1, title="Скидка 100%"), event(2, title="100 идей"), event(3, title="1000")]
    page = await events.page(admin, query(search="100%"))
    assert (ids(page), page.total, page.scanned) == ([1], 1, 3)


async def test_search_with_a_backslash_is_left_to_the_bot(crm, events, admin, wire):
    crm.rows = [event(1, title="a\\b"), event(2, title="ab")]
    assert ids(await events.page(admin, query(search="a\\b"))) == [1]
    assert "search" not in wire.asked[0].url.params


async def test_status_alone_is_paged_by_the_backend(crm, events, admin):
    page = await events.page(admin, query(moderation_status="pending"))
    assert (ids(page), page.has_next, page.total, page.scanned) == ([30, 27, 24, 21, 18], True, 10, None)
    assert page.items[0].moderation_status is ModerationStatus.PENDING


async def test_status_with_search_is_scanned_and_folds_letters(crm, events, admin):
    page = await events.page(admin, query(search="ЕЛКА 3", moderation_status="pending"))
    assert (ids(page), page.total, page.scanned, page.complete) == ([30, 3], 2, 10, True)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"format": "Online"}, [27, 21, 15, 9, 3]),
        ({"sort": "nearest"}, [3, 6, 9, 12, 15]),
        ({"period": "past"}, []),
        ({"period": "upcoming"}, [30, 27, 24, 21, 18]),
    ],
)
async def test_status_with_anything_else_is_scanned(crm, events, admin, options, expected):
    page = await events.page(admin, query(moderation_status="pending", **options))
    assert (ids(page), page.scanned) == (expected, 10)


async def test_scan_is_bounded_and_says_so(crm, events, admin):
    crm.rows = [
        event(number, moderation_status="pending", created_at=f"2026-01-01T00:00:00.{number:06}")
        for number in range(1200)
    ]
    page = await events.page(admin, query(search="ёлка", moderation_status="pending"))
    assert (page.scanned, page.complete, page.total, page.has_next) == (1000, False, None, True)
    assert len(crm.paths) == 10


async def test_scan_asks_for_no_more_than_there_is(crm, events, admin):
    crm.rows = [event(number, moderation_status="pending") for number in range(150)]
    page = await events.page(admin, query(search="ёлка", moderation_status="pending"))
    assert (page.scanned, page.complete, page.total) == (150, True, 150)
    assert len(crm.paths) <= 4


async def test_event_that_moves_while_scanning_is_shown_once(crm, events, admin, wire):
    crm.rows = [event(number, moderation_status="pending") for number in range(150)]

    def answer(request: httpx.Request) -> httpx.Response:
        reply = crm(request)
        crm.rows.append(event(1000 + len(crm.rows), moderation_status="pending"))
        return reply

    wire.answers = answer
    page = await events.page(admin, query(search="ёлка", moderation_status="pending", size=500))
    assert len(ids(page)) == len(set(ids(page)))


async def test_npo_sees_only_its_own_of_a_status(crm, events, npo):
    crm.npo, crm.own = True, {3, 4, 6}
    page = await events.page(npo, query(moderation_status="pending"))
    assert (ids(page), page.total) == ([6, 3], 2)
    crm.own = set()
    assert ids(await events.page(npo, query(moderation_status="pending"))) == []


async def test_npo_gets_no_total_of_all_owners(crm, events, npo):
    crm.npo, crm.own = True, set(range(1, 9))
    page = await events.page(npo, query())
    assert (page.has_next, page.total) == (True, None)
    assert "moderation/stats" not in crm.paths


async def test_totals_are_kept_for_a_while_and_dropped_by_own_writes(crm, events, admin, clock, wire):
    for _ in range(2):
        await events.page(admin, query())
    assert crm.paths.count("moderation/stats") == 1
    clock.now += 16
    await events.page(admin, query())
    assert crm.paths.count("moderation/stats") == 2
    wire.says(httpx.Response(204))
    await events.delete(admin, 1)
    wire.answers = crm
    await events.page(admin, query())
    assert crm.paths.count("moderation/stats") == 3


async def test_list_survives_without_its_total(crm, events, admin, wire):
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.path.endswith("stats") else crm(request)

    wire.answers = answer
    page = await events.page(admin, query())
    assert (len(page.items), page.total) == (5, None)


async def test_lagging_total_never_contradicts_the_rows(crm, events, admin):
    await events.page(admin, query())
    crm.rows += [event(number) for number in range(31, 41)]
    page = await events.page(admin, query(page=7))
    assert (page.total, page.has_next, page.last) == (36, True, 35)


async def test_bad_row_does_not_hide_the_others(crm, events, admin):
    crm.rows = [event(number, title=None if number == 9 else "ok") for number in range(1, 11)]
    page = await events.page(admin, query())
    assert (ids(page), page.has_next) == ([10, 8, 7, 6], True)


async def test_refusal_stays_a_refusal(events, npo, wire):
    wire.says(httpx.Response(403, json={"detail": "У вас нет доступа"}))
    with pytest.raises(Forbidden):
        await events.page(npo, query())


async def test_card_has_absolute_photos(events, admin, wire):
    speaker = {"first_name": "Е", "last_name": "С", "photo_url": "uploads/a b.png"}
    wire.says(httpx.Response(200, json=event(1, speakers=[speaker], event_photo="")))
    card = await events.get(admin, 1)
    assert (card.event_photo, card.speakers[0].photo_url) == (None, "http://crm.test/uploads/a%20b.png")
    assert card.event_date == datetime(2026, 11, 22, 10, tzinfo=UTC)


async def test_foreign_card_is_not_found(events, npo, wire):
    wire.says(
        httpx.Response(404, json={"detail": "Мероприятие не найдено или у вас нет прав на его просмотр"})
    )
    with pytest.raises(NotFound):
        await events.get(npo, 2)


async def test_dates_are_sent_as_naive_utc(events, admin, wire):
    wire.says(httpx.Response(201, json=event(1)))
    await events.create(admin, VALUES)
    await events.update(admin, 1, {"event_date": "2027-03-14T10:00:00Z"})
    assert json.loads(wire.asked[0].content) == VALUES | {"event_date": "2027-03-14T10:00:00"}
    assert json.loads(wire.asked[1].content) == {"event_date": "2027-03-14T10:00:00"}


async def test_a_speaker_always_has_a_description(events, admin, wire):
    """``bio`` is required and no null: without it the whole event is a 422."""
    wire.says(httpx.Response(201, json=event(1)))
    names = {"first_name": "Айгерім", "last_name": "Сапар"}
    speakers = [names, {**names, "bio": None}, {**names, "bio": "модератор"}]
    await events.create(admin, VALUES | {"speakers": speakers})
    sent = json.loads(wire.asked[0].content)["speakers"]
    assert [one["bio"] for one in sent] == ["", "", "модератор"]
    assert all(one.items() >= names.items() for one in sent)


@pytest.mark.parametrize("wrong", [{"title": None}, {"format": "Hybrid"}, {"event_date": "14.03.2027"}])
async def test_values_that_break_the_backend_stay_at_home(events, admin, wire, wrong):
    with pytest.raises(Invalid) as caught:
        await events.update(admin, 1, wrong)
    assert caught.value.wrong[0].field == next(iter(wrong))
    with pytest.raises(Invalid):
        await events.create(admin, VALUES | wrong)
    assert wire.asked == []


async def test_lost_writes_stay_unknown(events, admin, wire):
    wire.says(httpx.ReadError("x"))
    for write in (
        events.create(admin, VALUES),
        events.update(admin, 1, {"title": "x"}),
        events.delete(admin, 1),
    ):
        with pytest.raises(UnknownOutcome):
            await write
    assert len(wire.asked) == 3


async def test_created_but_unreadable_is_unknown(events, admin, wire):
    wire.says(httpx.Response(201, json={"id": "?"}))
    with pytest.raises(UnknownOutcome) as caught:
        await events.create(admin, VALUES)
    assert caught.value.cause is Cause.ANSWER


@pytest.mark.parametrize(("verb", "status"), [("approve", "approved"), ("reject", "rejected")])
async def test_decision_answered_with_500_is_read_back(events, admin, wire, verb, status):
    wire.says(httpx.Response(500), httpx.Response(200, json=event(1, moderation_status=status)))
    decided = await getattr(events, verb)(admin, 1)
    assert decided.moderation_status == status
    wire.says(httpx.Response(500), httpx.Response(200, json=event(1, moderation_status="pending")))
    with pytest.raises(UnknownOutcome):
        await getattr(events, verb)(admin, 1)
    wire.says(httpx.ReadTimeout("x"))
    with pytest.raises(UnknownOutcome):
        await getattr(events, verb)(admin, 1)


async def test_created_event_is_found_again(events, admin, wire):
    same = VALUES | {"event_date": "2027-03-14T10:00:00"}
    rows = [
        event(1, **same, created_at="2026-11-21T18:00:00"),
        event(2, **same, created_at="2026-11-21T20:29:00"),
        event(3, **same, created_at="2026-11-21T20:28:00"),
        event(4, **same | {"title": "другой"}, created_at="2026-11-21T20:29:30"),
    ]
    wire.answers = lambda request: httpx.Response(
        200, json=rows if request.url.path.endswith("list") else rows[1]
    )
    found = await events.find_created(admin, VALUES | {"title": "Форум\0 100%"})
    assert found is not None
    assert found.id == 2
    assert wire.asked[0].url.params["from_date"] == "2027-03-14T09:59:00"
    del rows[1:]
    assert await events.find_created(admin, VALUES) is None


def beside_its_card(wire, answer: httpx.Response) -> None:
    """Whatever else is asked about event 1 is answered so; its card is this admin's to see."""

    def answers(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v2/events/admin/1":
            return httpx.Response(200, json=event(1))
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    wire.answers = answers


def calls(wire) -> list[str]:
    return [f"{one.method} {one.url.path.removeprefix('/api/v2/events/')}" for one in wire.asked]


async def test_photo_goes_under_a_name_the_backend_takes(events, admin, wire):
    beside_its_card(wire, httpx.Response(200, json={"photo_url": "/uploads/events/a.png"}))
    photo = Upload(b"\x89PNG", "афиша", "image/png")
    assert await events.upload_photo(admin, 1, photo) == "/uploads/events/a.png"
    assert b'name="file"; filename="photo.png"' in wire.asked[1].content
    await events.delete_photo(admin, 1)
    assert calls(wire) == ["GET admin/1", "POST 1/upload-photo", "GET admin/1", "DELETE 1/photo"]
    with pytest.raises(Invalid):
        await events.upload_photo(admin, 1, Upload(b"x", "a.png", "image/tiff"))


def participant(number: int) -> dict[str, object]:
    row = {
        "id": number,
        "event_id": 1,
        "first_name": "Ә",
        "last_name": "Т",
        "company_name": "Қ",
        "email": "a@b.kz",
    }
    return row | {"registration_id": "x", "created_at": "2026-11-21T10:24:14"}


@pytest.mark.parametrize("name", ["participants", "participants_count", "upload_photo", "delete_photo"])
async def test_routes_without_a_token_are_never_asked_about_somebody_elses_event(events, npo, wire, name):
    """Nobody else would look whose event it is: contract 2.4 and section 7."""
    wire.says(httpx.Response(404, json={"detail": "не найдено или у вас нет прав на просмотр"}))
    with pytest.raises(NotFound):
        await {
            "participants": lambda: events.participants(npo, 1, query()),
            "participants_count": lambda: events.participants_count(npo, 1),
            "upload_photo": lambda: events.upload_photo(npo, 1, Upload(b"\x89PNG", "a.png", "image/png")),
            "delete_photo": lambda: events.delete_photo(npo, 1),
        }[name]()
    assert calls(wire) == ["GET admin/1"]


async def test_participants_are_ordered_within_the_page(events, admin, wire):
    beside_its_card(wire, httpx.Response(200, json=[participant(number) for number in (5, 3, 4, 1)]))
    page = await events.participants(admin, 1, query(size=3))
    assert (ids(page), page.has_next, page.total) == ([3, 4, 5], True, None)
    assert wire.asked[1].url.params["limit"] == "4"


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1000, "1000"), (1001, "1000+")])
async def test_participants_are_counted_up_to_a_bound(events, admin, wire, count, shown):
    beside_its_card(wire, httpx.Response(200, json=[{}] * count))
    assert str(await events.participants_count(admin, 1)) == shown


async def test_unreachable_backend_is_unavailable(events, admin, wire, hurried):
    wire.says(httpx.ConnectError("x"))
    with pytest.raises(Unavailable):
        await events.page(admin, query())
