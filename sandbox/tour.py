"""What the demo's page does for a newcomer: signs two people in as they would themselves, and lets somebody submit an
event through the CRM."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import aiohttp

from sandbox.crm import CrmServer
from sandbox.telegram import Person, TelegramServer

PEOPLE = ((1001, "administrator"), (1002, "super_admin"))
"""Whose chats decide, and as which admin."""
AUTHOR = "npo"
ALERTS_ON = "al--..on"
"""The address of the button that turns alerts on."""
EVENTS = (
    ("Жас волонтёрлер фестивалі", "Қарағанды, Орталық саябақ", "Жүз ерікті бір күнде қаланы көгалдандырады."),
    ("Хакатон «Город без барьеров»", "Астана, Astana Hub", "За двое суток команды соберут сервисы доступной среды."),
    ("«Кітап түні» әдеби кеші", "Алматы, Ұлттық кітапхана", "Жас ақындар өлең оқиды, кітап алмасады."),
    ("Мастер-класс по керамике", "Шымкент, Дом молодёжи", "Первая чашка своими руками, всё нужное на месте."),
)  # fmt: skip
PATIENCE = 15.0


class TourFailed(Exception):
    """A step did not work; the text says why."""


class Tour:
    """The steps; each may be taken again."""

    def __init__(self, crm: CrmServer, telegram: TelegramServer) -> None:
        self._crm = crm
        self._telegram = telegram
        self._numbers = count()

    async def people(self) -> dict[str, Sequence[str]]:
        """Both are signed in and want alerts; their names. Raises ``TourFailed``."""
        persons = self._telegram.persons
        try:
            for user_id, login in PEOPLE:
                await self._sign_in(persons[user_id], login)
        except TimeoutError as late:
            raise TourFailed(str(late)) from late
        return {"names": [str(persons[user_id].user["first_name"]) for user_id, _ in PEOPLE]}

    async def _sign_in(self, person: Person, login: str) -> None:
        if not person.chat.started:
            await person.start()
            await person.settle(PATIENCE)
        await person.send(f"/login {self._crm.otp(login)}")
        await person.settle(PATIENCE)
        await person.press(ALERTS_ON, person.last.id, timeout=PATIENCE, settle=True)

    async def event(self) -> dict[str, str]:
        """A new event waits in the CRM; its title and who submitted it. Raises ``TourFailed``."""
        number = next(self._numbers)
        title, location, description = EVENTS[number % len(EVENTS)]
        if number >= len(EVENTS):
            title = f"{title} – {number // len(EVENTS) + 1}"
        day = datetime.now(UTC) + timedelta(days=20 + number)
        form = {
            "title": title, "location": location, "description": description, "format": "Offline",
            "event_date": day.replace(hour=5, minute=0, second=0, microsecond=0).isoformat(),
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self._crm.token(AUTHOR)}", "X-Sandbox-Page": "1"}
        async with (
            aiohttp.ClientSession(self._crm.url, headers=headers) as http,
            http.post("/api/v2/events/admin/create", json=form) as answer,
        ):
            if answer.status != 201:
                raise TourFailed(f"{answer.status} {(await answer.text())[:200]}")
        return {"title": title, "who": self._crm.admin(AUTHOR).name}
