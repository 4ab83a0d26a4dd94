"""Reports, promotions, benefits and purchases, on recorded answers: contract 2.10."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Invalid, NotFound, Refused, UnknownOutcome
from api.volunteers import Benefits, PromotionRequests, Purchases, TaskReports
from models.common import Upload
from resources.queries import ListQuery
from tests.unit.api.test_volunteers import RECORDED, recorded

ZONE = ZoneInfo("Asia/Almaty")
ROOT = "/api/v2/admin/volunteer"
DEAD = httpx.Response(500, text="Internal Server Error")
BENEFIT = RECORDED["benefits (inactive ones too)"]["json"]["benefits"][1]


@pytest.fixture
def benefits(wire) -> Benefits:
    now = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
    return Benefits(wire.backend, timezone=ZONE, now=lambda: now)


@pytest.fixture
def reports(wire) -> TaskReports:
    return TaskReports(wire.backend, timezone=ZONE)


@pytest.fixture
def promotions(wire) -> PromotionRequests:
    return PromotionRequests(wire.backend, timezone=ZONE)


@pytest.fixture
def purchases(wire) -> Purchases:
    return Purchases(wire.backend, timezone=ZONE)


def sent(wire, place: int = -1) -> dict[str, object]:
    found: dict[str, object] = json.loads(wire.asked[place].content)
    return found


# --- reports ----------------------------------------------------------------------------------------


async def test_recorded_reports_have_their_photos(wire, reports, admin):
    wire.says(recorded("task reports"))
    first = (await reports.page(admin, ListQuery())).items[0]
    assert first.report_photo_url == "http://crm.test/uploads/task_reports/x.jpg"
    assert (first.report_status, first.task_v_coins) == ("pending", 5)


async def test_q8_reports_have_no_total_but_on_the_last_page(wire, reports, admin):
    wire.says(recorded("task reports"))
    assert (await reports.page(admin, ListQuery(size=2))).total is None
    assert wire.asked[0].url.params["limit"] == "3"


@pytest.mark.parametrize(("amount", "total"), [(60, 20), (1000, 334), (1001, None)])
async def test_reports_of_one_event_are_not_paged_by_the_backend(wire, reports, admin, amount, total):
    """It leaves the others out after it has cut the page: a short page says nothing about the next one."""
    row = RECORDED["task reports"]["json"]["reports"][0]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        skip, limit = int(asked["skip"]), int(asked["limit"])
        page = [row | {"id": number} for number in range(amount, 0, -1)][skip : skip + limit]
        found = [one for one in page if "event_id" not in asked or one["id"] % 3 == 1]
        return httpx.Response(200, json={"reports": found, "total": len(found)})

    wire.answers = answer
    filters = {"event_id": "5", "report_status": "pending"}
    page = await reports.page(admin, ListQuery(2, 7, filters=filters))
    first = amount - (amount - 1) % 3
    assert [one.id for one in page.items] == [first - 3 * place for place in range(7, 14)]
    assert (page.has_next, page.total, page.complete) == (True, total, total is not None)
    assert page.scanned == (None if page.complete else 1000)
    assert {one.url.params["status_filter"] for one in wire.asked} == {"pending"}
    last = await reports.page(admin, ListQuery(3, 7, filters=filters))
    assert (len(last.items), last.has_next) == ((6, False) if amount == 60 else (7, True))


async def test_a_report_is_accepted_with_a_body_also_without_a_comment(wire, reports, admin):
    wire.says(recorded("approve report"), recorded("task reports"))
    await reports.accept(admin, 1, {})
    assert sent(wire, 0) == {"admin_comment": None}


async def test_a_decided_report_is_refused_with_the_reason(wire, reports, admin):
    wire.says(recorded("approve report again"))
    with pytest.raises(Refused, match="Отчёт уже обработан"):
        await reports.accept(admin, 1, {})


async def test_a_report_is_rejected_with_a_comment_only(wire, reports, admin):
    with pytest.raises(Invalid):
        await reports.refuse(admin, 2, {"comment": ""})
    assert wire.asked == []
    wire.says(recorded("reject report"), recorded("task reports"))
    await reports.refuse(admin, 2, {"comment": "Фото анық емес"})
    assert sent(wire, 0) == {"admin_comment": "Фото анық емес"}


# --- promotions -------------------------------------------------------------------------------------


async def test_recorded_promotions_are_flat(wire, promotions, admin):
    wire.says(recorded("promotion requests (no paging)"))
    page = await promotions.page(admin, ListQuery(size=2))
    first = page.items[0]
    assert (first.id, first.volunteer_name, first.current_status) == (3, "Әлия Қ. Тестбаева", "VOLUNTEER")
    assert (page.total, page.has_next) == (3, True)
    assert (await promotions.get(admin, 1)).id == 1
    with pytest.raises(NotFound):
        await promotions.get(admin, 77)


async def test_a_promotion_is_approved_with_a_body_also_an_empty_one(wire, promotions, admin):
    wire.says(recorded("approve promotion"), recorded("promotion requests (no paging)"))
    await promotions.accept(admin, 1, {})
    assert wire.asked[0].content == b"{}"
    wire.says(recorded("approve promotion"), recorded("promotion requests (no paging)"))
    await promotions.accept(admin, 1, {"praise": "Лайықты"})
    assert sent(wire, 2) == {"admin_comment": "Лайықты"}


async def test_a_promotion_is_rejected_with_a_comment_only(wire, promotions, admin):
    with pytest.raises(Invalid):
        await promotions.refuse(admin, 2, {})
    assert wire.asked == []


# --- benefits ---------------------------------------------------------------------------------------


async def test_an_update_sends_all_fields_of_a_benefit(wire, benefits, admin):
    wire.says(recorded("benefits (inactive ones too)"), recorded("update benefit replaces every field"))
    await benefits.update(admin, 1, {"v_coins_cost": 70})
    kept = ("title", "title_kz", "description", "description_kz", "min_status", "category", "icon_url")
    assert sent(wire) == {name: BENEFIT[name] for name in kept} | {"v_coins_cost": 70, "stock_limit": 10}


async def test_an_update_fills_the_stock(wire, benefits, admin):
    rows = {"benefits": [{**BENEFIT, "stock_available": 2}], "total": 1}
    wire.says(httpx.Response(200, json=rows), recorded("update benefit replaces every field"))
    assert (await benefits.update(admin, 1, {"title": "Жаңа"})).stock_available == 10


async def test_a_deleted_benefit_counts_as_gone_when_the_answer_is_lost(wire, benefits, admin):
    rows = {"benefits": [{**BENEFIT, "is_active": False}], "total": 1}
    wire.says(DEAD, httpx.Response(200, json=rows))
    await benefits.delete(admin, 1)
    wire.says(DEAD, recorded("benefits (inactive ones too)"))
    with pytest.raises(UnknownOutcome):
        await benefits.delete(admin, 1)


async def test_a_lost_create_finds_the_benefit(wire, benefits, admin):
    wire.says(recorded("benefits (inactive ones too)"))
    values = {name: BENEFIT[name] for name in ("title", "description", "v_coins_cost", "stock_limit")}
    assert (await benefits.find_created(admin, values)).id == 1
    assert await benefits.find_created(admin, {**values, "v_coins_cost": 61}) is None


async def test_a_created_benefit_stands_also_when_it_cannot_be_read(wire, benefits, admin):
    wire.says(recorded("create benefit: minimal"), DEAD)
    values = {"title": "Хат", "description": "Рекомендация", "v_coins_cost": 100, "min_status": "VOLUNTEER"}
    made = await benefits.create(admin, values)
    assert (made.id, made.title, made.is_active) == (2, "Хат", True)


async def test_a_picture_is_uploaded_first_and_then_named(wire, benefits, admin):
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("upload-photo"):
            return httpx.Response(200, json={"file_path": "/uploads/a.png"})
        return recorded("benefits (inactive ones too)")

    wire.answers = answer
    assert await benefits.upload_photo(admin, 1, Upload(b"x", "a.png", "image/png")) == "/uploads/a.png"
    assert sent(wire)["icon_url"] == "/uploads/a.png"
    await benefits.delete_photo(admin, 1)
    assert sent(wire)["icon_url"] is None


# --- purchases --------------------------------------------------------------------------------------


async def test_q8_purchases_have_no_total(wire, purchases, admin):
    wire.says(recorded("purchases"))
    page = await purchases.page(admin, ListQuery(size=2))
    assert (page.total, page.has_next) == (None, True)
    assert page.items[0].volunteer_phone == "+77010000001"


async def test_a_purchase_is_completed_by_the_route_that_checks(wire, purchases, admin):
    wire.says(recorded("complete purchase"), recorded("purchases"))
    await purchases.complete(admin, 1, {"note": "Берілді"})
    assert (wire.asked[0].method, wire.asked[0].url.path) == ("POST", f"{ROOT}/purchases/1/complete")
    assert wire.asked[0].url.params["admin_notes"] == "Берілді"


async def test_a_cancel_needs_a_reason(wire, purchases, admin):
    with pytest.raises(Invalid):
        await purchases.cancel(admin, 2, {})
    wire.says(recorded("cancel purchase"), recorded("purchases"))
    await purchases.cancel(admin, 2, {"reason": "Қоймада жоқ"})
    assert sent(wire, 0) == {"reason": "Қоймада жоқ"}


async def test_a_completed_purchase_cannot_be_cancelled(wire, purchases, admin):
    wire.says(recorded("cancel a completed purchase"))
    with pytest.raises(Refused, match="Нельзя отменить"):
        await purchases.cancel(admin, 1, {"reason": "x"})
