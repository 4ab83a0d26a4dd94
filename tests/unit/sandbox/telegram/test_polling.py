"""getUpdates: confirmation, long polls, conflicts, filters."""

from __future__ import annotations

import asyncio


async def test_updates_stay_until_confirmed(api, alice):
    first = (await api.ok("getUpdates"))[0]
    assert first["message"]["text"] == "/start"
    assert first["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert first["message"]["from"]["language_code"] == "kk"
    assert await api.ok("getUpdates") == [first]
    second = await alice.send("more")
    assert [u["update_id"] for u in await api.ok("getUpdates", offset=first["update_id"] + 1)] == [second]
    assert [u["update_id"] for u in await api.ok("getUpdates")] == [second]
    assert await api.ok("getUpdates", offset=second + 1) == []


async def test_limits_and_negative_offsets(api, server, alice):
    for number in range(5):
        await alice.send(f"{number}")
    assert len(await api.ok("getUpdates", limit=2)) == 2
    last = await api.ok("getUpdates", offset=-1)
    assert [u["message"]["text"] for u in last] == ["4"]
    assert len(await api.ok("getUpdates")) == 1


async def test_a_long_poll_waits_and_wakes(api, server, alice):
    await api.ok("getUpdates", offset=10**9)
    poll = asyncio.create_task(api.ok("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    assert not poll.done()
    await alice.send("wake up")
    assert (await poll)[0]["message"]["text"] == "wake up"


async def test_gaps_in_the_numbers(api, server, alice):
    server.state.updates.skip(1000)
    await alice.send("after the gap")
    ids = [u["update_id"] for u in await api.ok("getUpdates")]
    assert ids[1] - ids[0] == 1001


async def test_a_second_poller_ends_the_first(api):
    first = asyncio.create_task(api("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(api("getUpdates", timeout=1))
    refused = await first
    assert refused["error_code"] == 409
    assert "terminated by other getUpdates request" in refused["description"]
    assert (await second)["ok"]


async def test_only_the_wanted_kinds_come(api, alice):
    await api.ok("getUpdates", offset=-1, allowed_updates=["callback_query"])
    assert await alice.send("unheard") == 0
    await alice.press("data", 1)
    kinds = [set(u) - {"update_id"} for u in await api.ok("getUpdates")]
    assert kinds == [{"message"}, {"callback_query"}]
    await api.ok("getUpdates", allowed_updates=[])
    assert await alice.send("heard") > 0


async def test_raw_and_repeated_updates(api, server, alice):
    start = (await api.ok("getUpdates"))[0]["update_id"]
    broken = server.push_raw({"message": {"no": "fields"}})
    server.push_raw({"update_id": 5_000_000, "unknown_kind": []})
    await alice.send("later")
    updates = await api.ok("getUpdates", offset=start + 1)
    assert updates[0] == {"update_id": broken, "message": {"no": "fields"}}
    assert [u["update_id"] for u in updates][1:] == [5_000_000, 5_000_001]
    await api.ok("getUpdates", offset=6_000_000)
    assert await server.redeliver(start, times=3) == []
    assert [u["update_id"] for u in await api.ok("getUpdates", offset=6_000_000)] == [start] * 3
    assert await api.ok("getUpdates", offset=6_000_000) == []


async def test_what_people_can_do(api, server, alice):
    ivan = server.person("Ivan", user_id=1002)
    await alice.forward("old text", sender=ivan.user)
    await alice.forward("old text", hidden_name="Somebody")
    await alice.send_via_bot("inline")
    await alice.edit(1, "/login ABC")
    alice.block()
    alice.unblock()
    await alice.press("x", 77)
    updates = (await api.ok("getUpdates"))[1:]
    messages = [u["message"] for u in updates if "message" in u]
    assert messages[0]["forward_origin"]["sender_user"] == ivan.user
    assert messages[1]["forward_origin"]["sender_user_name"] == "Somebody"
    assert messages[2]["via_bot"]["is_bot"]
    edited = next(u["edited_message"] for u in updates if "edited_message" in u)
    assert (edited["message_id"], edited["text"]) == (1, "/login ABC")
    statuses = [u["my_chat_member"]["new_chat_member"]["status"] for u in updates if "my_chat_member" in u]
    assert statuses == ["kicked", "member"]
    query = updates[-1]["callback_query"]
    assert query["message"] == {"chat": alice.chat.info, "message_id": 77, "date": 0}


async def test_groups_channels_and_anonymous_admins(api, server, alice):
    group = server.group("Team", members=[alice])
    await group.send(alice, "/login ABC")
    await group.send_anonymous("/login DEF")
    await group.send_as_bot("beep")
    channel = server.channel("News")
    await channel.post("post")
    updates = (await api.ok("getUpdates"))[1:]
    assert updates[0]["message"]["chat"] == {"id": group.id, "title": "Team", "type": "supergroup"}
    assert updates[1]["message"]["from"]["username"] == "GroupAnonymousBot"
    assert updates[1]["message"]["sender_chat"]["id"] == group.id
    assert updates[2]["message"]["from"]["is_bot"]
    assert "from" not in updates[3]["channel_post"]
    await api.ok("sendMessage", chat_id=group.id, text="polite")
    assert [m.text for m in group.bot_messages] == ["polite"]
    assert (
        await api.fails("deleteMessage", chat_id=group.id, message_id=1)
        == "Bad Request: message can't be deleted"
    )
