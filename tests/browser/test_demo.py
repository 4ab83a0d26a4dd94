"""The demo in a real browser: what somebody sees who has just typed ``make demo``."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

from openpyxl import load_workbook
from PIL import Image, ImageDraw
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from locales.catalogue import Texts
from tests.browser.conftest import Demo, picture

CLICKABLE_WITHIN = 60.0
AIGERIM, IVAN, GRACE = 1001, 1002, 1003
"""Persons of the chat page; they read Kazakh, Russian and English."""
TITLE = "Жастар форумы «Болашақ»"
ALLOWED_WAIT = 15_000.0
SECONDS = 10.0
WINDOW_AND_FIVE = 15_000.0
"""Milliseconds in which a copy follows: those in which it can be undone, and a few more."""


class Crm:
    """The left half of the page: the stand-in of the CRM."""

    def __init__(self, page: Page) -> None:
        self.frame = page.frame_locator("iframe").first

    async def code_of(self, login: str) -> str:
        """A new one-time code of that admin."""
        await self.frame.get_by_test_id(f"admin-{login}").click()
        await expect(self.frame.get_by_test_id("otp-box")).to_be_hidden()
        await self.frame.get_by_test_id("generate-otp").click()
        await expect(self.frame.get_by_test_id("otp-box")).to_be_visible()
        code = self.frame.get_by_test_id("otp-code")
        await expect(code).to_have_text(re.compile(r"^[A-HJ-NP-Z2-9]{8}$"))
        return await code.inner_text()


class Chat:
    """One person's chat in the right half."""

    def __init__(self, frame: FrameLocator, person: int, texts: Texts) -> None:
        self.frame = frame
        self.texts = texts
        self.node = frame.get_by_test_id(f"chat-{person}")

    @property
    def last(self) -> Locator:
        """The newest message."""
        return self.node.get_by_test_id("message").last

    def says(self, key: str, **params: object) -> re.Pattern[str]:
        """Matches the text of ``key`` without its markup; a parameter that is not given matches anything."""
        return said(self.texts, key, **params)

    async def sees(self, key: str, **params: object) -> None:
        """Waits until the newest message says ``key``."""
        await expect(self.last).to_contain_text(self.says(key, **params))

    def button(self, key: str, **params: object) -> Locator:
        """The button with the text of ``key``."""
        # Before some labels stands an icon of the declaration.
        label = re.compile(rf"^(?:\S+ )?(?:{self.says(key, **params).pattern})$")
        return self.last.get_by_test_id("inline-button").filter(has_text=label)

    async def press(self, key: str, **params: object) -> None:
        """Taps the button with the text of ``key``."""
        await self.button(key, **params).click()

    async def tap(self, label: str | re.Pattern[str]) -> None:
        """Taps the first button whose label contains that."""
        await self.last.get_by_test_id("inline-button").filter(has_text=label).first.click()

    async def type(self, text: str) -> None:
        """Sends a message."""
        await self.node.get_by_test_id("message-input").fill(text)
        await self.node.get_by_test_id("send").click()

    async def command(self, name: str) -> None:
        """Chooses a command from the menu button."""
        await self.node.get_by_test_id("menu").click()
        await self.node.get_by_test_id(f"command-{name}").click()

    async def sign_in(self, code: str) -> None:
        """Presses START and sends the code."""
        await self.node.get_by_test_id("start").click()
        await self.sees("welcome.title")
        await self.type(code)
        await self.sees("login.done")
        # The message with the code is gone: what is left is what the bot says.
        await expect(self.node).not_to_contain_text(code)


def said(texts: Texts, key: str, **params: object) -> re.Pattern[str]:
    """The text of ``key`` as it stands on the screen, in any of its plural forms."""
    found = texts.texts[key]
    forms = found if isinstance(found, tuple) else (found,)
    return re.compile("|".join(_plain(form, params) for form in forms))


def _plain(text: str, params: dict[str, object]) -> str:
    text = re.sub(r"</?\w+>", "", text)
    parts = re.split(r"\{(\w+)\}", text)
    return "".join(
        re.escape(part) if number % 2 == 0 else re.escape(str(params[part])) if part in params else ".+?"
        for number, part in enumerate(parts)
    )


def poster(path: Path) -> Path:
    """A picture to send."""
    image = Image.new("RGB", (960, 540), "#0b7285")
    draw = ImageDraw.Draw(image)
    for number in range(6):
        left = 90 + number * 130
        draw.ellipse(
            (left, 150 + number * 18, left + 170, 320 + number * 18), fill=(255, 212 - number * 22, 59)
        )
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    path.write_bytes(buffer.getvalue())
    return path


async def opened(browser: Browser, demo: Demo, width: int, height: int) -> Page:
    """The demo's page, ready to be used."""
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.set_default_timeout(ALLOWED_WAIT)
    page = await context.new_page()
    await page.goto(demo.url)
    return page


def chat_frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe").nth(1)


async def create_event(npo: Chat, photo: Path) -> None:
    """Fills in the form step by step and saves it."""
    await npo.press("list.new")
    await npo.sees("events.hint.title")
    await npo.type(TITLE)
    await npo.sees("events.hint.event_date")
    await npo.tap("›")
    await npo.tap(re.compile(r"^15$"))
    await npo.tap("10:00")
    await npo.sees("events.hint.format")
    await npo.press("choice.format.Offline")
    await npo.sees("events.hint.location")
    await npo.type("Астана, Мәңгілік Ел 55")
    await npo.sees("events.hint.description")
    await npo.type("Жас көшбасшылар кездеседі.\n\nКіру тегін, орын шектеулі.")
    await npo.sees("events.hint.event_photo")
    await npo.node.get_by_test_id("photo-input").set_input_files(photo)
    await npo.sees("events.hint.programs")
    await npo.type("10:00 Тіркелу\n11:00 Ашылу")
    await npo.press("form.next")
    await npo.sees("events.hint.speakers")
    await npo.press("form.skip")
    await npo.sees("form.summary")


async def test_two_persons_work_side_by_side(
    demo: Demo, browser: Browser, texts: dict[str, Texts], tmp_path: Path
) -> None:
    """An NGO makes an event, an administrator finds it among what waits, approves it and deletes it."""
    page = await opened(browser, demo, 1440, 900)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    crm, frame = Crm(page), chat_frame(page)
    npo, boss = Chat(frame, AIGERIM, texts["kk"]), Chat(frame, IVAN, texts["ru"])

    await expect(crm.frame.get_by_test_id("admin-npo")).to_be_enabled()
    await expect(npo.node.get_by_test_id("start")).to_be_enabled()
    took = time.monotonic() - demo.started
    assert took < CLICKABLE_WITHIN, f"clickable after {took:.1f} s"

    await npo.sign_in(await crm.code_of("npo"))
    await boss.sign_in(await crm.code_of("administrator"))
    await expect(crm.frame.get_by_test_id("sessions")).to_contain_text("npo")
    await expect(crm.frame.get_by_test_id(f"revoke-{IVAN}")).to_be_visible()

    await npo.tap(texts["kk"]("events.title"))
    await npo.press("list.filters")
    await npo.sees("list.filters_title")
    await npo.press("choice.period.upcoming")
    await expect(npo.button("choice.period.upcoming")).to_have_text(re.compile("^●"))
    await npo.press("list.show")
    await npo.sees("choice.period.upcoming")

    await create_event(npo, poster(tmp_path / "poster.jpg"))
    await picture(page, "form")
    await npo.press("form.save")
    await npo.sees("created.pending")
    await expect(npo.last).to_contain_text(TITLE)
    await expect(npo.last.locator("img.photo")).to_be_visible()

    await boss.command("menu")
    await boss.tap(texts["ru"]("events.title"))
    await boss.press("list.filters")
    await boss.press("choice.moderation_status.pending")
    await boss.press("list.show")
    await boss.sees("choice.moderation_status.pending")
    await boss.tap(TITLE)
    await boss.sees("choice.moderation_status.pending")
    await picture(page, "demo")
    await boss.press("card.approve")
    await boss.sees("choice.moderation_status.approved")
    await expect(boss.button("card.approve")).to_have_count(0)

    await boss.press("card.delete")
    await boss.sees("delete.warning")
    await boss.press("delete.confirm")
    await boss.sees("deleted.note", title=TITLE)
    await expect(boss.last.get_by_test_id("inline-button").filter(has_text=TITLE)).to_have_count(0)
    # Every press was answered: nothing turns any more.
    await expect(frame.locator(".key.waiting")).to_have_count(0)
    assert not errors


async def test_one_hand(demo: Demo, browser: Browser, texts: dict[str, Texts], tmp_path: Path) -> None:
    """On a phone's width: one half at a time, everything reachable, nothing wider than the screen."""
    page = await opened(browser, demo, 390, 844)
    crm, frame = Crm(page), chat_frame(page)
    code = await crm.code_of("government")
    await fits(page, "crm")
    await page.get_by_role("button", name="Chat", exact=True).click()
    await frame.get_by_test_id(f"person-tab-{GRACE}").click()
    reader = Chat(frame, GRACE, texts["en"])
    await reader.sign_in(code)
    # Who may only read is offered nothing else.
    await reader.tap(texts["en"]("events.title"))
    await reader.sees("list.of_total")
    await expect(reader.button("list.new")).to_have_count(0)
    await picture(page, "phone-list")
    await reader.last.get_by_test_id("inline-button").first.click()
    await expect(reader.button("events.action.participants")).to_be_visible()
    await expect(reader.button("card.approve")).to_have_count(0)
    await picture(page, "phone-card")
    await fits(page, "chat")
    await reader.press("nav.back")
    await reader.tap(texts["en"]("export.button"))
    await reader.press("export.make")
    file = reader.node.get_by_test_id("document")
    await expect(file).to_contain_text(".xlsx")
    async with page.expect_download() as downloading:
        await file.click()
    found = await (await downloading.value).path()
    (sheet,) = load_workbook(found.rename(tmp_path / "events.xlsx")).worksheets
    assert sheet.cell(1, 2).value == texts["en"]("events.field.title")
    assert sheet.max_row > 100


async def taken(page: Page, step: str) -> None:
    """Takes a step of the tour and waits until it is done."""
    await page.get_by_test_id(f"tour-{step}").click()
    await expect(page.get_by_test_id(f"tour-{step}")).to_be_enabled()
    await expect(page.get_by_test_id("tour-said")).not_to_have_class(re.compile("bad"))


def copies(chat: Chat, title: str) -> Locator:
    """The messages of a chat that name a record."""
    return chat.node.get_by_test_id("message").filter(has_text=title)


async def test_alerts_arrive_and_copies_follow(demo: Demo, browser: Browser, texts: dict[str, Texts]) -> None:
    """Two taps: both hear of what somebody submitted; what one decides is seen in the other's chat."""
    page = await opened(browser, demo, 1440, 900)
    frame = chat_frame(page)
    ann, ivan = Chat(frame, AIGERIM, texts["kk"]), Chat(frame, IVAN, texts["ru"])
    await taken(page, "people")
    await ann.sees("alerts.all_kinds")
    await ivan.sees("alerts.all_kinds")
    began = time.monotonic()
    await taken(page, "event")
    told = await page.get_by_test_id("tour-said").inner_text()
    title = told[told.index("“") + 1 : told.index("”")]
    for chat in (ann, ivan):
        await expect(copies(chat, title)).to_have_count(1)
        await expect(copies(chat, title).get_by_test_id("inline-button").first).to_be_visible()
    assert time.monotonic() - began < SECONDS, "an alert of the demo comes within seconds"
    await picture(page, "alerts")
    approve = ivan.says("card.approve")
    await copies(ivan, title).get_by_test_id("inline-button").filter(has_text=approve).click()
    await ivan.sees("approvals.approved", title=title)
    # Once it can no longer be undone, the other's copy tells who approved it, and asks for nothing more.
    decided = copies(ann, title).filter(has_text=ann.says("approvals.was.approved"))
    await expect(decided).to_have_count(1, timeout=WINDOW_AND_FIVE)
    await expect(
        decided.get_by_test_id("inline-button").filter(has_text=ann.says("card.approve"))
    ).to_have_count(0)
    await expect(frame.locator(".key.waiting")).to_have_count(0)


async def test_on_a_phone_the_other_chat_counts_what_is_new(
    demo: Demo, browser: Browser, texts: dict[str, Texts]
) -> None:
    page = await opened(browser, demo, 390, 844)
    frame = chat_frame(page)
    await taken(page, "people")
    badge = frame.get_by_test_id(f"unread-{IVAN}")
    for person in (IVAN, AIGERIM):
        await frame.get_by_test_id(f"person-tab-{person}").click()
        await expect(frame.get_by_test_id(f"unread-{person}")).to_be_hidden()
    await expect(badge).to_be_hidden()
    await taken(page, "event")
    await expect(Chat(frame, AIGERIM, texts["kk"]).last).to_contain_text(texts["kk"]("alerts.why"))
    await expect(badge).to_have_text("1")
    await fits(page, "chat")
    await frame.get_by_test_id(f"person-tab-{IVAN}").click()
    await expect(badge).to_be_hidden()


async def test_the_tour_speaks_three_languages(demo: Demo, browser: Browser) -> None:
    for width, height in ((1440, 900), (390, 844)):
        page = await opened(browser, demo, width, height)
        seen = set()
        for language in ("kk", "ru", "en"):
            await page.locator(f"[data-language={language}]").click()
            await expect(page.locator("html")).to_have_attribute("lang", language)
            words = await page.locator("header").inner_text()
            assert words not in seen
            seen.add(words)
            assert "undefined" not in words
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def fits(page: Page, title: str) -> None:
    """Fails when that half of the page has to be scrolled sideways."""
    element = await page.locator(f"iframe[title={title} i]").element_handle()
    frame = await element.content_frame() if element is not None else None
    assert frame is not None
    assert await frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_ctrl_c_ends_it(demo: Demo) -> None:
    """Everything stops by itself, with exit code 0 and without a word of trouble."""
    assert demo.stop() == 0
    output = "".join(demo.output)
    assert "Traceback" not in output, output
    assert "error" not in output.lower(), output
