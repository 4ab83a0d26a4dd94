"""What was sent in to projects, on recorded answers: contract 2.7, Q7, Q15."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from api import Explained, NotFound, UnknownOutcome
from api.projects import Submissions
from api.projects.sheet import harmless
from api.projects.submissions import since
from resources.queries import ListQuery
from tests.unit.api.projects_crm import Crm, project, recorded

ZONE = ZoneInfo("Asia/Almaty")


@pytest.fixture
def crm(wire) -> Crm:
    crm = wire.answers = Crm()
    crm.on("GET /admin/1", project(1))
    crm.on("GET /1/submissions", recorded("submissions"))
    crm.on("GET /1/submissions/1", recorded("submission detail"))
    crm.on("GET /1/form-template", recorded("form template (no authentication)"))
    return crm


@pytest.fixture
def submissions(wire) -> Submissions:
    return Submissions(wire.backend, timezone=ZONE).under(1)


def query(search: str = "", **filters: str) -> ListQuery:
    return ListQuery(size=5, search=search, filters=filters)


def sent_in(**values: Any) -> dict[str, Any]:
    return recorded("submission detail") | values


async def test_the_list_has_a_true_total(crm, submissions, npo):
    page = await submissions.page(npo, query())
    assert ([one.id for one in page.items], page.total, page.has_next) == ([2, 1], 2, False)
    assert crm.calls == ["GET /admin/1", "GET /1/submissions"]


async def test_status_search_and_period_are_the_backends(crm, submissions, npo, wire):
    crm.on("GET /1/submissions", recorded("submissions filtered"))
    page = await submissions.page(npo, query(search="әлия", status="pending", period="week"))
    params = dict(wire.asked[1].url.params)
    begin = datetime.fromisoformat(params.pop("start_date")).replace(tzinfo=UTC).astimezone(ZONE)
    assert params == {"status": "pending", "search": "әлия", "skip": "0", "limit": "5"}
    assert (begin.hour, begin.minute) == (0, 0)
    assert datetime.now(ZONE).date() - begin.date() == timedelta(days=6)
    assert (page.total, page.scanned) == (1, None)


def test_periods_end_today_in_the_persons_zone():
    today = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    assert since("today", ZONE) == today
    assert since("month", ZONE) == today - timedelta(days=29)
    with pytest.raises(NotFound):
        since("year", ZONE)


@pytest.mark.parametrize("name", ["page", "get", "accept", "decline", "analytics", "export"])
async def test_q7_the_project_is_asked_for_first_since_a_foreign_one_is_a_500(crm, submissions, npo, name):
    for reply in (404, project(1, project_type="voting")):
        crm.calls.clear()
        crm.on("GET /admin/1", reply)
        with pytest.raises(NotFound):
            await {
                "page": lambda: submissions.page(npo, query()),
                "get": lambda: submissions.get(npo, 1),
                "accept": lambda: submissions.accept(npo, 1, {}),
                "decline": lambda: submissions.decline(npo, 1, {}),
                "analytics": lambda: submissions.analytics(npo),
                "export": lambda: submissions.export(npo),
            }[name]()
        assert crm.calls == ["GET /admin/1"]


async def test_answers_stand_under_the_words_of_the_form(crm, submissions, npo):
    found = await submissions.get(npo, 1)
    assert [(one.label_kk, one.label_ru, one.text) for one in found.answers] == [
        ("Тәжірибе", "Опыт", "2+"), ("Идея", "Идея", "Экологиялық стартап ♻️"),
    ]  # fmt: skip


async def test_answers_of_every_kind_become_text(crm, submissions, npo):
    answers = {
        "f-exp": ["a", "b"], "f-idea": "", "gone": "https://api.tabys.example/uploads/forms/1.pdf", "yes": True,
        "number": 3, "nested": {"a": 1, "b": None}, "null": None,
    }  # fmt: skip
    crm.on("GET /1/submissions/1", sent_in(responses=answers))
    found = await submissions.get(npo, 1)
    assert [(one.label_ru, one.text) for one in found.answers] == [
        ("Опыт", "a, b"), ("gone", "http://crm.test/uploads/forms/1.pdf"), ("yes", "✓"),
        ("number", "3"), ("nested", "a: 1"),
    ]  # fmt: skip


async def test_answers_without_a_form_are_shown_by_their_names(crm, submissions, npo):
    crm.on("GET /1/form-template", 404)
    crm.on("PUT /1/form-template", 404)
    assert [one.label_kk for one in (await submissions.get(npo, 1)).answers] == ["f-exp", "f-idea"]


async def test_a_decision_with_a_comment(crm, submissions, npo):
    crm.on("PUT /1/submissions/1/status", recorded("approve a submission (notifies the user)"))
    await submissions.accept(npo, 1, {"admin_comment": "Құттықтаймыз! 🎉"})
    assert crm.bodies[-1] == {"status": "approved", "admin_comment": "Құттықтаймыз! 🎉"}
    await submissions.decline(npo, 1, {})
    assert crm.bodies[-1] == {"status": "rejected"}


async def test_a_comment_on_the_decision_before_does_not_stay(crm, submissions, npo):
    crm.on("GET /1/submissions/1", sent_in(status="rejected", admin_comment="не хватает документа"))
    crm.on("PUT /1/submissions/1/status", recorded("approve a submission (notifies the user)"))
    await submissions.accept(npo, 1, {})
    assert crm.bodies[-1] == {"status": "approved", "admin_comment": ""}


async def test_a_submission_of_another_project_is_not_found(crm, submissions, npo):
    crm.on("GET /1/submissions/9", httpx.Response(404, json=recorded("submission detail: unknown")))
    with pytest.raises(NotFound):
        await submissions.accept(npo, 9, {})
    assert crm.writes == []


async def test_a_lost_decision_stays_unknown(crm, submissions, npo):
    crm.on("PUT /1/submissions/1/status", 500)
    with pytest.raises(UnknownOutcome):
        await submissions.accept(npo, 1, {})


async def test_analytics(crm, submissions, npo):
    crm.on("GET /1/analytics", recorded("form analytics"))
    found = await submissions.analytics(npo)
    assert (found.total_submissions, found.approved_count, found.avg_submissions_per_day) == (2, 1, 2.0)
    assert found.field_statistics["f-exp"].value_counts == {"2+": 1, "0-1": 1}
    assert [(one.date, one.count) for one in found.submissions_over_time] == [("2026-11-21", 2)]


async def test_the_export_gets_a_byte_order_mark(crm, submissions, npo, wire):
    text = recorded("export (always CSV, UTF-8 without BOM)")
    crm.on("POST /1/submissions/export", httpx.Response(200, text=text, headers={"Content-Type": "text/csv"}))
    content = await submissions.export(npo, "approved")
    assert content.startswith(b"\xef\xbb\xbfID,Submission Date")
    assert "Әлия <b>Тестбаева</b> & К,+77010000001" in content.decode()
    assert wire.asked[-1].url.params["status"] == "approved"


async def test_q7_nothing_to_export_is_a_500_and_is_said_in_words(crm, submissions, npo):
    crm.on("POST /1/submissions/export", 500)
    with pytest.raises(Explained) as caught:
        await submissions.export(npo)
    assert caught.value.detail == "project_submissions.error.nothing"


async def test_what_strangers_sent_in_is_no_formula(crm, submissions, npo):
    text = 'ID,Name,Идея\r\n1,"=HYPERLINK(""http://x"")","a\nb"\r\n'
    crm.on("POST /1/submissions/export", httpx.Response(200, text=text))
    assert b"\"'=HYPERLINK(" in await submissions.export(npo)
    assert [harmless(cell) for cell in ("+77010000001", "-1", "@a", "-=1", "", "a=b")] == [
        "+77010000001", "-1", "'@a", "'-=1", "", "a=b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    [
        " =cmd|'/c calc'!A1", "\n=1+1", "\r\n@SUM(A1)", "\t+cmd", "\u00a0=1", "＝1+1", "－cmd()", "＋cmd()",
        "＠SUM(A1)", "  ＝1", "\n",
    ],
)  # fmt: skip
async def test_no_formula_hides_behind_blanks_or_wide_signs(crm, submissions, npo, cell):
    """The same rule as for the bot's own tables."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow(["1", cell])
    crm.on("POST /1/submissions/export", httpx.Response(200, content=out.getvalue().encode()))
    table = (await submissions.export(npo)).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(table, newline=""))) == ["1", f"'{cell}"]
