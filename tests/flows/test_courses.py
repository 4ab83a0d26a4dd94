"""Courses in a person's hand: whole saves, damaged rows, chapters, categories, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from keyboards.callbacks import Go, Place, Press
from sandbox.crm.groups.course_tables import Course, CourseCategory, CourseCategoryLink, CourseChapter
from tests.flows.conftest import Stage
from tests.flows.hand import Hand
from tests.flows.pictures import picture
from tests.matrix.strict import LOCALES

READERS = ("government", "administrator", "super_admin")
WRITERS = ("administrator", "super_admin")
STRANGERS = ("client", "volunteer_admin", "msb", "npo")
KEPT = (
    "title", "description", "course_url", "language", "duration", "skills", "currency", "price", "is_free",
    "level", "video_preview", "invite_code", "is_popular", "rating", "views_count", "author_id", "moderation_status",
)  # fmt: skip


def courses(stage: Stage, **wanted: Any) -> list[dict[str, Any]]:
    """The courses with these values, by id."""
    return [
        one for one in stage.crm.rows(Course) if all(one[name] == value for name, value in wanted.items())
    ]


def course(stage: Stage, record_id: int) -> dict[str, Any] | None:
    return next(iter(courses(stage, id=record_id)), None)


def change(stage: Stage, record_id: int, **values: Any) -> None:
    """Somebody else writes into the course, past every form."""
    with stage.crm.room.db.session() as session:
        session.execute(update(Course).where(Course.id == record_id).values(**values))


def categories_of(stage: Stage, record_id: int) -> set[int]:
    return {one["category_id"] for one in stage.crm.rows(CourseCategoryLink) if one["course_id"] == record_id}


def whole(stage: Stage) -> dict[str, Any]:
    """A paid course with cover, level, preview and categories, stored as the web stores it."""
    found = next(
        one
        for one in courses(stage, is_free=False, moderation_status="approved")
        if one["level"] and categories_of(stage, one["id"])
    )
    cover = next(one["cover_image"] for one in courses(stage) if "обложка" in (one["cover_image"] or ""))
    change(stage, found["id"], cover_image=cover, video_preview="https://youtu.be/example")
    changed = course(stage, found["id"])
    assert changed is not None
    return changed


def rows(hand: Hand, code: str = "co") -> list[str]:
    """The labels of the list's rows."""
    return [
        button["text"]
        for row in hand.screen.keyboard
        for button in row
        if button.get("callback_data", "").startswith(f"cd{code}")
    ]


async def listed(hand: Hand) -> Hand:
    await hand.forge(Go(Press.LIST, "co").pack())
    return hand


async def edit(hand: Hand, record_id: int, field: str) -> None:
    await hand.open(record_id, "co")
    await hand.tap("card.edit", f"courses.field.{field}")


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", READERS)
async def test_who_may_read_sees_list_card_chapters_and_categories(stage: Stage, role: str):
    hand = await stage.hand(role)
    await hand.tap("🎓", "🎓 " + hand.t("courses.title"))
    assert hand.t("list.of_total", first="1", last="7", total="130") in hand.text
    assert hand.sees("list.new") == (role in WRITERS)
    await hand.open(1, "co")
    may = role in WRITERS
    for button in ("card.edit", "card.delete", "card.reject"):
        assert hand.sees(button) == may, button
    assert hand.sees("courses.action.repair") is False
    await hand.tap("course_chapters.title")
    assert len(rows(hand, "ch")) == sum(one["course_id"] == 1 for one in stage.crm.rows(CourseChapter))
    assert not hand.sees("list.new")
    await hand.tap("nav.home", "🎓", "course_categories.title")
    assert len(rows(hand, "cc")) == 7
    assert hand.sees("list.new") == may


@pytest.mark.parametrize("role", STRANGERS)
async def test_the_others_see_nothing_whatever_they_press(stage: Stage, role: str):
    hand = await stage.hand(role)
    assert "🎓" not in " ".join(hand.labels)
    child = Place(parent=1).pack()
    stage.crm.clear_requests()
    for go in (
        Go(Press.LIST, "co"), Go(Press.CARD, "co", 1), Go(Press.CREATE, "co"), Go(Press.EDIT, "co", 1),
        Go(Press.DELETE, "co", 1), Go(Press.DELETE_NOW, "co", 1), Go(Press.APPROVE, "co", 2),
        Go(Press.DEED, "co", 1, "rp"), Go(Press.LIST, "ch", view=child), Go(Press.CARD, "ch", 1, view=child),
        Go(Press.ACTION, "ch", 1, "ls", child), Go(Press.LIST, "cc"), Go(Press.CREATE, "cc"),
    ):  # fmt: skip
        assert await hand.forge(go.pack()) == hand.t("error.forbidden_toast"), go
    await hand.open(1, "co")
    assert not [one for one in stage.crm.requests if "courses" in one.path]


async def test_government_writes_nothing_even_with_an_administrators_buttons(stage: Stage):
    administrator = await stage.hand("administrator", user_id=2001)
    government = await stage.hand("government", user_id=2002)
    waiting = courses(stage, moderation_status="pending")[0]
    await administrator.open(waiting["id"], "co")
    drawn = [
        administrator.data(button) for button in ("card.approve", "card.reject", "card.edit", "card.delete")
    ]
    await administrator.tap("card.delete")
    drawn.append(administrator.data("delete.confirm"))
    await listed(administrator)
    drawn.append(administrator.data("list.new"))
    change(stage, 3, is_free=None)
    await administrator.open(3, "co")
    drawn.append(administrator.data("courses.action.repair"))
    await administrator.forge(Go(Press.LIST, "cc").pack())
    drawn.append(administrator.data("list.new"))
    stage.crm.clear_requests()
    for data in drawn:
        assert await government.forge(data) == government.t("error.forbidden_toast"), data
    assert stage.writes() == []
    assert course(stage, waiting["id"]) == waiting


# --- lists --------------------------------------------------------------------------------------------------


async def test_q9_no_course_twice_although_others_write_meanwhile(stage: Stage):
    hand = await stage.hand("government")
    await listed(hand)
    ids: list[str] = []
    while True:
        ids += [
            button["callback_data"].split(".")[1]
            for row in hand.screen.keyboard
            for button in row
            if button.get("callback_data", "").startswith("cdco")
        ]
        # A view on the web page is a write, and moves the course elsewhere in the backend's list.
        for number in (1 + len(ids), 131 - len(ids)):
            if course(stage, number):
                change(stage, number, views_count=7, updated_at=stage.crm.rows(Course)[0]["created_at"])
        if not hand.sees("pager.next"):
            break
        await hand.tap("pager.next")
    assert len(ids) == len(set(ids)) == 130


async def test_filters_search_and_order(stage: Stage):
    hand = await stage.hand("government")
    await listed(hand)
    await hand.tap("list.filters", "choice.courses_language.en", "choice.courses_is_free.no", "list.show")
    wanted = courses(stage, language="en", is_free=False)
    assert (
        hand.t("list.of_total", first="1", last=str(min(7, len(wanted))), total=str(len(wanted))) in hand.text
    )
    await listed(hand)
    await hand.say("ораторское")
    assert rows(hand)
    assert all("Ораторское" in label for label in rows(hand))
    await listed(hand)
    await hand.say("каржы")
    assert rows(hand), "a category's name finds its courses, in Russian letters too"
    await listed(hand)
    await hand.tap("list.filters", "sort.title", "list.show")
    titles = [one["title"].strip() for one in courses(stage)]
    assert rows(hand)[0].lstrip("✅⏳⛔ ") in (*titles, hand.t("card.untitled"))


@pytest.mark.parametrize("language", LOCALES)
async def test_a_card_says_everything_and_counts_no_view(stage: Stage, language: str):
    found = whole(stage)
    hand = await stage.hand("government", language)
    await hand.open(found["id"], "co")
    for text in (
        found["title"], found["skills"], found["course_url"], found["invite_code"], found["currency"],
        hand.t(f"choice.courses_level.{found['level']}"), hand.t(f"choice.courses_language.{found['language']}"),
        hand.t("courses.paid"), hand.t("courses.field.categories"),
    ):  # fmt: skip
        assert text in hand.text, text
    assert hand.has_photo, "a cover with spaces and Cyrillic in its name"
    assert not [
        one
        for one in stage.crm.requests
        if one.method == "GET" and one.path == f"/api/v2/courses/{found['id']}"
    ]
    after = course(stage, found["id"])
    assert after is not None
    assert after["views_count"] == found["views_count"]


# --- create -------------------------------------------------------------------------------------------------


async def fill(hand: Hand, *, paid: bool) -> None:
    """Answers every step up to the summary."""
    await hand.say("Жаңа курс <b>&")
    await hand.say("Бірінші абзац.\n\nВторой абзац.")
    await hand.tap("choice.courses_language.kz", "choice.courses_level.expert")
    await hand.say("600")
    await hand.say("python, sql")
    await hand.say("example.kz/python")
    if paid:
        await hand.tap("courses.paid")
        await hand.say("15 000,50")
        await hand.tap("choice.courses_currency.USD")
        await hand.say(" python-2027 ")
    else:
        await hand.tap("courses.free")
    await hand.tap("☐ IT", "☐ Soft", "form.next")
    await hand.say("youtu.be/abc")
    await hand.person.send_photo(picture())
    await hand.person.settle()
    assert hand.t("form.summary") in hand.text, hand.text


@pytest.mark.parametrize(
    ("language", "role", "paid"), [("kk", "administrator", False), ("ru", "super_admin", True)]
)
async def test_a_new_course_is_made_with_one_write(stage: Stage, language: str, role: str, paid: bool):
    hand = await stage.hand(role, language)
    await listed(hand)
    await hand.tap("list.new")
    await fill(hand, paid=paid)
    stage.crm.clear_requests()
    await hand.tap("form.save")
    made = courses(stage)[-1]
    assert len(stage.writes()) == 1
    assert (made["title"], made["description"]) == ("Жаңа курс <b>&", "Бірінші абзац.\n\nВторой абзац.")
    assert (made["language"], made["level"], made["duration"]) == ("kz", "expert", 600)
    assert made["course_url"] == "https://example.kz/python"
    assert (made["is_free"], made["price"]) == ((False, 15000.5) if paid else (True, 0.0))
    assert (made["currency"], made["invite_code"]) == (("USD", "PYTHON-2027") if paid else ("KZT", None))
    assert made["video_preview"] == "https://youtu.be/abc"
    assert made["author_id"] == stage.crm.admin_id(role)
    assert made["cover_image"].startswith("uploads/courses/")
    names = {one["id"]: one["name"] for one in stage.crm.rows(CourseCategory)}
    assert {names[one] for one in categories_of(stage, made["id"])} == {"IT және цифрландыру", "Soft skills"}
    assert made["title"] in hand.text
    assert hand.has_photo
    assert ("PYTHON-2027" in hand.text) == paid


async def test_a_paid_course_without_a_code_is_not_sent(stage: Stage):
    hand = await stage.hand("administrator")
    await listed(hand)
    await hand.tap("list.new")
    await fill(hand, paid=False)
    await hand.tap("courses.field.is_free", "courses.paid")
    assert not hand.sees("form.save")
    await hand.tap("courses.field.price")
    await hand.say("500")
    await hand.tap("courses.field.currency", "choice.courses_currency.KZT")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("courses.check.code") in hand.text
    assert stage.writes() == []


# --- edit ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_q2_one_field_is_changed_and_all_others_stay(stage: Stage, language: str):
    before = whole(stage)
    marked = categories_of(stage, before["id"])
    stored = (stage.crm.room.uploads / before["cover_image"].removeprefix("uploads/")).read_bytes()
    hand = await stage.hand("administrator", language)
    await edit(hand, before["id"], "title")
    await hand.say("Жаңа атау & <i>")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    after = course(stage, before["id"])
    assert after is not None
    assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT} | {
        "title": "Жаңа атау & <i>"
    }
    assert categories_of(stage, before["id"]) == marked
    assert (stage.crm.room.uploads / after["cover_image"].removeprefix("uploads/")).read_bytes() == stored
    assert after["cover_image"].endswith("-обложка курса (1).png")
    assert [one.method for one in stage.writes()] == ["PUT"]
    assert "Жаңа атау & <i>" in hand.text
    assert hand.has_photo


async def test_values_of_every_kind_are_changed(stage: Stage):
    before = whole(stage)
    hand = await stage.hand("super_admin")
    for field, taps, typed, name, value in (
        ("level", ["choice.courses_level.beginner"], "", "level", "beginner"),
        ("duration", [], "45", "duration", 45),
        ("invite_code", [], "new-7", "invite_code", "NEW-7"),
        ("is_free", ["courses.free"], "", "is_free", True),
        ("video_preview", [], "youtu.be/other", "video_preview", "https://youtu.be/other"),
    ):
        await edit(hand, before["id"], field)
        await hand.tap(*taps)
        if typed:
            await hand.say(typed)
        await hand.tap("form.save")
        after = course(stage, before["id"])
        assert after is not None
        assert after[name] == value, field
        assert hand.sees("card.edit")


async def test_the_cover_is_replaced_and_taken_away_alone(stage: Stage):
    before = whole(stage)
    hand = await stage.hand("administrator")
    await edit(hand, before["id"], "cover_image")
    await hand.person.send_photo(picture("JPEG"))
    await hand.person.settle()
    await hand.tap("form.save")
    after = course(stage, before["id"])
    assert after is not None
    assert after["cover_image"] not in (None, before["cover_image"])
    assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}
    await edit(hand, before["id"], "cover_image")
    await hand.tap("form.clear", "form.save")
    after = course(stage, before["id"])
    assert after is not None
    assert after["cover_image"] is None
    assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}


@pytest.mark.parametrize("language", LOCALES)
async def test_a_cover_that_is_lost_is_told_and_nothing_is_wiped(stage: Stage, language: str):
    lost = next(one for one in courses(stage) if "lost" in (one["cover_image"] or "") and one["title"])
    hand = await stage.hand("administrator", language)
    await edit(hand, lost["id"], "title")
    await hand.say("Жаңа")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("courses.error.cover_lost") in hand.text
    assert stage.writes() == []
    assert course(stage, lost["id"]) == lost


async def test_a_course_becomes_paid_step_by_step(stage: Stage):
    free = next(
        one
        for one in courses(stage, is_free=True, price=0.0, invite_code=None, cover_image=None)
        if one["title"]
    )
    hand = await stage.hand("administrator")
    await edit(hand, free["id"], "is_free")
    await hand.tap("courses.paid", "form.save")
    assert hand.t("courses.check.price") in hand.text
    await edit(hand, free["id"], "price")
    await hand.say("500")
    await hand.tap("form.save")
    await edit(hand, free["id"], "is_free")
    await hand.tap("courses.paid", "form.save")
    assert hand.t("courses.check.code") in hand.text
    await edit(hand, free["id"], "invite_code")
    await hand.say("free-1")
    await hand.tap("form.save")
    await edit(hand, free["id"], "is_free")
    await hand.tap("courses.paid", "form.save")
    after = course(stage, free["id"])
    assert after is not None
    assert (after["is_free"], after["price"], after["invite_code"]) == (False, 500.0, "FREE-1")


# --- damaged ------------------------------------------------------------------------------------------------


def damage(stage: Stage) -> dict[str, Any]:
    """A course that another client saved without saying whether it is free, as that leaves it."""
    found = next(one for one in courses(stage, moderation_status="pending", is_free=False) if one["title"])
    change(stage, found["id"], is_free=None, cover_image=None, level=None)
    return found


@pytest.mark.parametrize("language", LOCALES)
async def test_q2_a_damaged_course_is_seen_explained_and_repaired(stage: Stage, language: str):
    found = damage(stage)
    marked = categories_of(stage, found["id"])
    hand = await stage.hand("administrator", language)
    await listed(hand)
    assert "⚠️" in rows(hand)[0]
    assert hand.t("list.of_total", first="1", last="7", total="130") in hand.text
    await hand.open(found["id"], "co")
    assert found["title"] in hand.text
    assert hand.t("courses.damage") in hand.text
    await hand.tap("courses.action.repair")
    await hand.say("Жөнделген курс")
    await hand.say("Сипаттама")
    await hand.tap("choice.courses_language.ru", "choice.courses_level.advanced")
    await hand.say("90")
    await hand.say("smm")
    await hand.say("example.kz/smm")
    await hand.tap("courses.free")
    await hand.tap("form.skip")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert "Жөнделген курс" in hand.text
    after = course(stage, found["id"])
    assert after is not None
    assert (after["title"], after["is_free"], after["level"], after["duration"]) == (
        "Жөнделген курс",
        True,
        "advanced",
        90,
    )
    assert after["invite_code"] == found["invite_code"]
    assert categories_of(stage, found["id"]) == marked
    assert len(stage.writes()) == 1
    assert not hand.sees("courses.action.repair")
    assert "⚠️" not in hand.text


async def test_q1_a_damaged_course_that_no_list_names_is_found_by_its_id(stage: Stage):
    found = whole(stage)
    change(stage, found["id"], is_free=None)
    hand = await stage.hand("government")
    await listed(hand)
    name = f"⚠️ #{found['id']}"
    assert rows(hand)[0].endswith(name)
    await hand.tap(name)
    assert hand.t("courses.damage") in hand.text
    assert not hand.sees("courses.action.repair")


async def test_q2_a_damaged_course_is_not_edited_piece_by_piece(stage: Stage):
    found = damage(stage)
    hand = await stage.hand("administrator")
    await edit(hand, found["id"], "title")
    await hand.say("Жаңа")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("courses.error.damaged") in hand.text
    assert stage.writes() == []


async def test_q2_a_damaged_course_can_be_deleted(stage: Stage):
    found = damage(stage)
    hand = await stage.hand("super_admin")
    await hand.open(found["id"], "co")
    await hand.tap("card.delete", "delete.confirm")
    assert course(stage, found["id"]) is None


# --- decisions and deletes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize(("button", "word"), [("card.approve", "approved"), ("card.reject", "rejected")])
async def test_a_decision_reaches_the_crm(stage: Stage, role: str, button: str, word: str):
    hand = await stage.hand(role)
    waiting = courses(stage, moderation_status="pending")[0]
    await hand.open(waiting["id"], "co")
    stage.crm.clear_requests()
    await hand.tap(button)
    after = course(stage, waiting["id"])
    assert after is not None
    assert after["moderation_status"] == word
    assert after["status"] == waiting["status"]
    assert hand.t("stamp.you") in hand.text
    assert len(stage.writes()) == 1


@pytest.mark.parametrize("language", LOCALES)
async def test_a_delete_names_what_goes_with_it(stage: Stage, language: str):
    hand = await stage.hand("administrator", language)
    chapters = [one for one in stage.crm.rows(CourseChapter) if one["course_id"] == 1]
    await hand.open(1, "co")
    await hand.tap("card.delete")
    count = len(chapters)
    assert hand.t("courses.chapters", n=count, count=str(count)) in hand.text
    assert hand.t("delete.warning") in hand.text
    data, message = hand.data("delete.confirm"), hand.screen.id
    stage.crm.clear_requests()
    await hand.tap("delete.confirm")
    assert course(stage, 1) is None
    assert not [one for one in stage.crm.rows(CourseChapter) if one["course_id"] == 1]
    await hand.person.press(data, message, settle=True)
    assert [(one.method, one.path) for one in stage.writes()] == [("DELETE", "/api/v2/courses/1")]


# --- chapters and categories --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
async def test_chapters_and_lessons_are_browsed(stage: Stage, language: str):
    hand = await stage.hand("government", language)
    await hand.open(1, "co")
    card = hand.seen()
    await hand.tap("course_chapters.title")
    chapters = hand.seen()
    assert "Глава 2. Практика" in " ".join(hand.labels)
    await hand.tap("Глава 2. Практика")
    assert hand.t("course_chapters.field.lessons") in hand.text
    assert "1. Танысу" in hand.text
    await hand.tap("course_chapters.action.lessons")
    assert hand.t("courses.answers", n=3, count="3") in hand.text
    seen = hand.text
    while hand.sees("pager.next"):
        await hand.tap("pager.next")
        seen += hand.text
    assert "Первые шаги" in seen
    assert "✓" in seen
    await hand.tap("nav.back", "nav.back")
    assert hand.seen() == chapters
    await hand.tap("nav.back")
    assert hand.seen() == card


@pytest.mark.parametrize("role", WRITERS)
async def test_a_category_is_created_once_and_can_be_picked(stage: Stage, role: str):
    hand = await stage.hand(role)
    await hand.tap("🎓", "course_categories.title", "list.new")
    await hand.say("Дизайн")
    await hand.tap("form.skip", "form.save")
    assert stage.crm.rows(CourseCategory)[-1]["name"] == "Дизайн"
    await hand.tap("nav.home", "🎓", "course_categories.title", "list.new")
    await hand.say("дизайн")
    await hand.tap("form.skip")
    stage.crm.clear_requests()
    await hand.tap("form.save")
    assert hand.t("course_categories.error.exists") in hand.text
    assert stage.writes() == []
    await hand.tap("nav.cancel")
    free = next(one for one in courses(stage, cover_image=None, is_free=True) if one["title"])
    await edit(hand, free["id"], "categories")
    await hand.say("дизайн")
    await hand.tap("☐ Дизайн", "form.review", "form.save")
    assert 8 in categories_of(stage, free["id"])
