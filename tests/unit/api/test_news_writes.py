"""What the news source writes, and what it makes of the recorded answers (contract 2.9 and section 4)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.errors import Explained, Forbidden, Invalid, NotFound, Refused, UnknownOutcome
from api.news import ADMIN, LENGTHS, WRITTEN, News
from models.common import ModerationStatus, Upload
from models.news import Shown
from resources.queries import Counts, ListQuery

RECORDINGS = Path(__file__).parents[2] / "data" / "contract" / "recordings" / "news.json"
RECORDED: list[dict[str, Any]] = json.loads(RECORDINGS.read_text())
NOW = datetime(2026, 11, 21, 10, 25, tzinfo=UTC)
PICTURE = Upload(b"\x89PNG", "photo.png", "image/png")


def recorded(name: str) -> httpx.Response:
    """The answer that the backend gave under that name."""
    answer = next(one["response"] for one in RECORDED if one["name"] == name)
    if answer.get("json") is None and "text" in answer:
        return httpx.Response(answer["status"], text=answer["text"])
    return httpx.Response(answer["status"], json=answer["json"])


@pytest.fixture
def news(wire) -> News:
    return News(wire.backend, timezone=ZoneInfo("Asia/Almaty"), now=lambda: NOW)


def asked(wire) -> list[str]:
    return [f"{one.method} {one.url.path}" for one in wire.asked]


def body(wire, number: int = -1) -> Any:
    return json.loads(wire.asked[number].content)


async def test_there_is_no_admin_detail_so_the_public_one_is_read(wire, news, admin):
    wire.says(recorded("public detail (any status)"))
    found = await news.get(admin, 3)
    assert (found.status, found.moderation_status) == ("scheduled", ModerationStatus.APPROVED)
    assert found.publish_at == datetime(2027, 2, 1, 6, tzinfo=UTC)
    assert asked(wire) == ["GET /api/v2/news/3"]
    wire.says(recorded("public detail: unknown"))
    with pytest.raises(NotFound):
        await news.get(admin, 999999)


async def test_counts_are_those_of_the_news(wire, news, admin):
    wire.says(recorded("stats"))
    assert await news.counts(admin) == Counts(5, 3, 2, 0)
    assert asked(wire) == [f"GET {ADMIN}/stats"]


async def test_every_recorded_list_is_read(wire, news, admin):
    wire.says(recorded("top by views"))
    assert [one.id for one in await news.top(admin, 2)] == [2]
    wire.says(recorded("categories of all items"))
    assert await news.categories(admin) == ("Мәдениет", "Жастар", "Спорт")
    wire.says(recorded("schedule status of a day"))
    schedule = await news.day(admin, date(2027, 2, 1))
    assert [slot.missing for slot in schedule.slots] == [2, 4, 3, 4]
    assert schedule.missing == 13
    assert schedule.slots[0].moment(schedule.day) == datetime(2027, 2, 1, 11, tzinfo=UTC)
    assert wire.asked[-1].url.params["target_date"] == "2027-02-01"


async def test_a_full_slot_misses_nothing(wire, news, admin):
    slot = {"time": "9:00", "required": 1, "scheduled": 4, "status": "ok"}
    wire.says(httpx.Response(200, json={"date": "2027-02-01", "slots": [slot, {**slot, "time": "noon"}]}))
    schedule = await news.day(admin, date(2027, 2, 1))
    assert schedule.missing == 0
    assert schedule.slots[0].moment(schedule.day) == datetime(2027, 2, 1, 9, tzinfo=UTC)
    assert schedule.slots[1].moment(schedule.day) is None


async def test_q11_a_new_article_waits_for_an_hour_in_naive_utc(wire, news, admin):
    wire.says(recorded("create scheduled; offset is converted to UTC"))
    values = {"title_ru": "Т", "status": "scheduled", "publish_at": "2027-02-01T11:00:00+05:00"}
    found = await news.create(admin, values)
    assert body(wire) == {**values, "publish_at": "2027-02-01T06:00:00"}
    assert found.shown is Shown.WAITS


async def test_q15_a_picture_is_uploaded_before_the_article_is_made(wire, news, admin):
    wire.says(
        httpx.Response(200, json={"file_path": "/uploads/images/1-photo.png"}), recorded("create published")
    )
    await news.create(admin, {"title_ru": "Т", "status": "published", "photo_url": PICTURE})
    assert asked(wire) == ["POST /api/v2/auth/upload-photo", f"POST {ADMIN}/"]
    assert body(wire)["photo_url"] == "/uploads/images/1-photo.png"


async def test_a_picture_that_cannot_be_uploaded_makes_no_article(wire, news, admin):
    wire.says(httpx.Response(400, json={"detail": "not an image"}))
    with pytest.raises(Refused):
        await news.create(admin, {"title_ru": "Т", "status": "draft", "photo_url": PICTURE})
    assert asked(wire) == ["POST /api/v2/auth/upload-photo"]


async def test_q15_an_article_gets_and_loses_its_picture(wire, news, admin):
    wire.says(httpx.Response(200, json={"file_path": "uploads/1.png"}), recorded("update"))
    assert await news.upload_photo(admin, 1, PICTURE) == "uploads/1.png"
    assert asked(wire) == ["POST /api/v2/auth/upload-photo", f"PUT {ADMIN}/1"]
    assert body(wire) == {"photo_url": "uploads/1.png"}
    wire.says(recorded("update"))
    await news.delete_photo(admin, 1)
    assert body(wire) == {"photo_url": None}


async def test_q17_the_backend_answers_500_to_a_long_title(wire, news, admin):
    wire.says(recorded("quirk: title longer than 255 is 500"))
    with pytest.raises(UnknownOutcome):
        await news.create(admin, {"title_ru": "т"})


@pytest.mark.parametrize(("name", "limit"), LENGTHS.items())
async def test_q17_what_no_column_holds_is_not_sent(wire, news, admin, name: str, limit: int):
    for write in (
        news.create(admin, {name: "т" * (limit + 1)}),
        news.update(admin, 1, {name: "т" * (limit + 1)}),
    ):
        with pytest.raises(Invalid) as caught:
            await write
        assert [wrong.field for wrong in caught.value.wrong] == [name]
    assert wire.asked == []
    wire.says(recorded("update"))
    await news.update(admin, 1, {name: "т" * limit})
    assert len(wire.asked) == 1


async def test_q17_a_stored_path_too_long_for_its_column_is_not_saved(wire, news, admin):
    wire.says(httpx.Response(200, json={"file_path": "/uploads/" + "я" * 500}))
    values = {"title_ru": "Т", "status": "draft", "photo_url": PICTURE}
    for write in (news.upload_photo(admin, 1, PICTURE), news.create(admin, values)):
        with pytest.raises(Invalid):
            await write
    assert asked(wire) == ["POST /api/v2/auth/upload-photo"] * 2


async def test_q7_an_empty_update_is_not_sent(wire, news, admin):
    wire.says(recorded("public detail (any status)"))
    assert (await news.update(admin, 3, {})).id == 3
    assert asked(wire) == ["GET /api/v2/news/3"]


async def test_q7_the_date_is_never_emptied(wire, news, admin):
    with pytest.raises(Invalid):
        await news.update(admin, 1, {"date": None})
    assert wire.asked == []


async def test_an_update_sends_just_what_changed(wire, news, admin):
    wire.says(recorded("update"))
    found = await news.update(admin, 1, {"title_ru": "Открылся коворкинг «Өріс»"})
    assert found.title_ru == "Открылся коворкинг «Өріс»"
    assert body(wire) == {"title_ru": "Открылся коворкинг «Өріс»"}


async def test_published_cannot_go_back_and_the_reason_is_told(wire, news, admin):
    wire.says(recorded("update: published cannot go back"))
    with pytest.raises(Explained) as caught:
        await news.update(admin, 2, {"status": "draft"})
    assert caught.value.detail == "news.error.published"


async def test_publish_now_takes_the_quiet_route(wire, news, admin):
    wire.says(recorded("publish now"))
    assert (await news.publish_now(admin, 1, {})).status == "published"
    assert asked(wire) == [f"POST {ADMIN}/1/publish-now"]
    wire.says(recorded("publish now: already published"))
    with pytest.raises(Explained):
        await news.publish_now(admin, 1, {})
    wire.says(recorded("publish now: unknown"))
    with pytest.raises(NotFound):
        await news.publish_now(admin, 1, {})


async def test_q20_announcing_takes_the_route_that_notifies(wire, news, admin):
    wire.says(recorded("update"))
    await news.announce(admin, 1, {})
    assert asked(wire) == [f"PUT {ADMIN}/1"]
    assert body(wire) == {"status": "published"}


async def test_q7_q11_a_schedule_is_sent_in_naive_utc_with_the_id_in_the_body(wire, news, admin):
    wire.says(recorded("schedule; news_id is mandatory but ignored"))
    found = await news.schedule(admin, 1, {"publish_at": "2027-02-01T16:10:00+05:00"})
    assert body(wire) == {"news_id": 1, "publish_at": "2027-02-01T11:10:00"}
    assert found.publish_at == datetime(2027, 2, 1, 11, 10, tzinfo=UTC)


async def test_q7_a_schedule_in_the_past_is_not_sent(wire, news, admin):
    for moment in ("2026-11-21T10:25:00+00:00", "2026-11-21T15:24:00+05:00"):
        with pytest.raises(Explained) as caught:
            await news.schedule(admin, 1, {"publish_at": moment})
        assert caught.value.detail == "field.error.past"
    assert wire.asked == []
    wire.says(recorded("schedule: already published"))
    with pytest.raises(Explained) as caught:
        await news.schedule(admin, 2, {"publish_at": "2027-02-01T11:10:00+00:00"})
    assert caught.value.detail == "news.error.published"


async def test_off_the_schedule_is_rejected_first_so_that_readers_never_see_the_draft(wire, news, admin):
    wire.says(recorded("reject"), recorded("update"))
    await news.unschedule(admin, 6, {})
    assert asked(wire) == [f"POST {ADMIN}/6/reject", f"PUT {ADMIN}/6"]
    assert body(wire) == {"status": "draft"}


async def test_q18_a_decision_is_one_call(wire, news, admin):
    wire.says(recorded("approve (becomes public at once, status stays draft)"))
    assert (await news.approve(admin, 6)).shown is Shown.DRAFT_PUBLIC
    wire.says(recorded("quirk: rejecting a published item"))
    assert (await news.reject(admin, 2)).shown is Shown.REJECTED_PUBLIC
    assert asked(wire) == [f"POST {ADMIN}/6/approve", f"POST {ADMIN}/2/reject"]


async def test_a_delete_that_found_nothing(wire, news, admin):
    wire.says(recorded("delete"))
    await news.delete(admin, 4)
    wire.says(recorded("delete: unknown"))
    with pytest.raises(NotFound):
        await news.delete(admin, 4)


async def test_no_token_is_no_right(wire, news, admin):
    wire.says(recorded(f"PUT {ADMIN}/{{id}}: no token"))
    with pytest.raises(Forbidden):
        await news.update(admin, 1, {"title": "x"})


# --- a lost answer --------------------------------------------------------------------------------------


def row(number: int, **values: Any) -> dict[str, Any]:
    made: dict[str, Any] = recorded("create draft (default)").json()
    return (
        made
        | {"id": number, "created_at": (NOW - timedelta(minutes=9)).replace(tzinfo=None).isoformat()}
        | values
    )


async def test_a_created_article_is_found_again_by_all_its_texts(wire, news, admin):
    rows = [row(7), row(8), row(9, title_ru="Другая"), row(10, category="Спорт")]
    wire.says(httpx.Response(200, json=rows))
    values = {name: row(7)[name] for name in WRITTEN if row(7)[name]}
    found = await news.find_created(admin, {**values, "status": "draft", "photo_url": PICTURE})
    assert found is not None
    assert found.id == 8
    assert await news.find_created(admin, {**values, "title_kz": None}) is None
    # What was not written is not there either.
    assert await news.find_created(admin, {"title_ru": values["title_ru"]}) is None


async def test_an_article_of_yesterday_is_not_the_one_just_made(wire, news, admin):
    wire.says(httpx.Response(200, json=[row(7, created_at="2026-11-20T10:24:14")]))
    values = {name: row(7)[name] for name in WRITTEN if row(7)[name]}
    assert await news.find_created(admin, values) is None


async def test_a_lost_decision_is_read_back(wire, news, admin):
    wire.says(
        httpx.Response(500, text="Internal Server Error"),
        httpx.Response(200, json=row(6, moderation_status="rejected")),
    )
    assert (await news.reject(admin, 6)).moderation_status is ModerationStatus.REJECTED


async def test_a_page_after_a_write_asks_for_the_total_anew(wire, news, admin):
    totals = [5, 6]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return recorded("update")
        if request.url.path.endswith("stats"):
            return httpx.Response(
                200, json={"total": totals.pop(0), "pending": 0, "approved": 0, "rejected": 0}
            )
        return httpx.Response(200, json=[row(number) for number in range(3)])

    wire.answers = answer
    assert (await news.page(admin, ListQuery(size=2))).total == 5
    assert (await news.page(admin, ListQuery(size=2))).total == 5
    await news.update(admin, 1, {"title": "x"})
    assert (await news.page(admin, ListQuery(size=2))).total == 6
