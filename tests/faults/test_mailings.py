"""A bot that is killed while it sends to many: another one goes on, and no batch goes out twice."""

from __future__ import annotations

from collections import Counter

from keyboards.callbacks import Go, Press
from sandbox.crm.groups.notifications import Notification
from sandbox.crm.groups.users import User
from services.keys import MailingKey
from tests.support.stage import Stage, until

SEND = "/api/v2/notifications/admin/send"
TITLE = "Title of this test"


async def ordered(stage: Stage):
    """A person who has just sent a notification to all users; its first batch is on its way."""
    person = await stage.signed_in("administrator")
    await person.press(Go(Press.CREATE, "nt").pack(), person.last.id, timeout=10, settle=True)
    for text in (TITLE, TITLE, "Text", "Text"):
        await person.send(text)
        await person.settle(10)
    for label in ("All users", "👁 Preview and count"):
        await person.click(label, timeout=10)
    stage.crm.faults.add("delay", SEND, delay=4.0)
    (label,) = [one for row in person.last.buttons for one in row if one.startswith("📤")]
    await person.click(label, timeout=10, settle=False)
    await until(lambda: stage.crm.requests_to(SEND))
    return person


def told(stage: Stage) -> Counter[int]:
    """How many notifications each user got."""
    return Counter(one["user_id"] for one in stage.crm.rows(Notification) if one["title_ru"] == TITLE)


def many_users(stage: Stage) -> None:
    """So many that one batch does not do."""
    with stage.crm.room.db.session() as session:
        pattern = session.get_one(User, 1)
        columns = [one.key for one in User.__table__.columns]
        values = {name: getattr(pattern, name) for name in columns}
        for number in range(1000, 1450):
            session.add(User(**values | {"id": number, "phone_number": f"+7701{number:07d}"}))


async def test_killed_in_the_middle_of_a_batch_no_user_gets_it_twice(pair: Stage):
    many_users(pair)
    async with pair.bot(0) as first:
        await pair.registered()
        person = await ordered(pair)
        async with pair.bot(1):
            await first.kill()
            pair.crm.faults.clear()
            with pair.redis.client() as client:
                # The dead one's lease runs out.
                client.hset(MailingKey(person.id).name, "until", "0")
                client.hset(MailingKey(person.id).name, "asked", "0")
            await until(lambda: "May have been sent" in person.last.text, 40)
            text = person.last.text
    active = [one["id"] for one in pair.crm.rows(User) if one["status"].lower() == "active"]
    counted = told(pair)
    assert set(counted) <= set(active)
    assert set(counted.values()) == {1}
    assert sorted(counted) == sorted(active)
    assert f"Sent: {len(active) - 200}" in text
    assert "nobody knows: 200" in text
