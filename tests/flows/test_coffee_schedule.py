"""Random coffee's schedule, edited field by field."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.flows.coffee_stage import (
    ZONE,
    opened,
    set_schedule,
    settings,
)
from tests.flows.conftest import Stage
from tests.flows.hand import Hand

# --- the schedule -----------------------------------------------------------------------------------------


async def change(hand: Hand, name: str) -> Hand:
    """At the question for one field."""
    await hand.tap("card.edit", f"coffee_schedule.field.{name}")
    return hand


async def test_what_an_administrator_changes_the_government_sees(stage: Stage):
    hand = await opened(await stage.hand("administrator"))
    await hand.tap("coffee_rounds.action.schedule")
    await change(hand, "weekdays")
    await hand.tap("choice.coffee_weekday.2", "choice.coffee_weekday.4", "choice.coffee_weekday.0")
    await hand.tap("form.review", "form.save")
    assert settings(stage)["weekdays"] == [2, 4]
    await change(hand, "time")
    await hand.say("25:61")
    assert hand.t("field.error.clock") in hand.text
    await hand.say("9.30")
    await hand.tap("form.save")
    await change(hand, "timezone")
    await hand.say("Atlantis")
    assert hand.t("field.error.zone") in hand.text
    await hand.say("tashkent")
    await hand.tap("form.save")
    await change(hand, "timezone")
    await hand.tap("Asia/Aqtau", "form.save")
    await change(hand, "lookback_weeks")
    await hand.say("53")
    assert "52" in hand.text
    await hand.say("0")
    await hand.tap("form.save")
    await change(hand, "odd_policy")
    await hand.tap("choice.coffee_odd.skip", "form.save")
    await change(hand, "cooldown_minutes")
    await hand.say("15")
    await hand.tap("form.save")
    kept = settings(stage)
    wanted = {
        "weekdays": [2, 4], "time": "09:30", "timezone": "Asia/Aqtau", "lookback_weeks": 0, "odd_policy": "skip",
        "cooldown_minutes": 15, "enabled": True,
    }  # fmt: skip
    assert {name: kept[name] for name in wanted} == wanted
    other = await stage.hand("government", "ru", name="Berik", user_id=4100)
    await other.say("/menu")
    await other.tap("module.community", "coffee_schedule.title")
    assert "Среда, Пятница" in other.text
    assert "09:30" in other.text
    assert other.t("choice.coffee_odd.skip") in other.text


async def test_holidays_are_typed_as_people_write_days(stage: Stage):
    hand = await stage.hand("super_admin")
    past = (datetime.now(ZONE) - timedelta(days=30)).date().isoformat()
    set_schedule(stage, holidays=[past])
    await hand.open(1, "cs")
    await change(hand, "holidays")
    year = datetime.now(ZONE).year + 1
    await hand.say(f"16.12.{year}\n{year}-03-08")
    await hand.tap("form.review", "form.save")
    assert settings(stage)["holidays"] == [f"{year}-03-08", f"{year}-12-16"]
    assert f"8 March {year}" in hand.text
    await change(hand, "holidays")
    await hand.say("yesterday-ish")
    assert hand.t("field.error.date") in hand.text


async def test_switching_it_off_leaves_no_next_run(stage: Stage):
    hand = await stage.hand("administrator")
    await hand.open(1, "cs")
    assert hand.t("coffee_schedule.field.next_run_at") in hand.text
    await change(hand, "enabled")
    await hand.tap("coffee.off", "form.save")
    assert settings(stage)["enabled"] is False
    assert hand.t("coffee_schedule.field.next_run_at") not in hand.text
