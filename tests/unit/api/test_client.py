"""The client: what goes out, what each answer means, how long a call may take."""

from __future__ import annotations

import asyncio
import json
from time import monotonic
from urllib.parse import parse_qsl

import httpx
import pytest

from api import (
    Backend,
    BadAnswer,
    Broken,
    Cause,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Outdated,
    Refused,
    SessionEnded,
    State,
    TooMany,
    Unavailable,
    UnknownOutcome,
    request_id,
    within,
)

PATH = "/api/v2/things"


def reply(status: int, body: object = None, **headers: str) -> httpx.Response:
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(
        status, headers={name.replace("_", "-"): text for name, text in headers.items()}, content=content
    )


async def read(wire, **options):
    return await wire.backend.call("GET", PATH, group="things", **options)


async def write(wire, **options):
    return await wire.backend.call("POST", PATH, group="things", **options)


async def test_answer_is_parsed(wire):
    wire.says(reply(200, {"a": ["ә"]}))
    answer = await read(wire)
    assert (answer.status, answer.json) == (200, {"a": ["ә"]})


async def test_a_field_of_a_form_can_be_repeated_with_and_without_a_file(wire):
    form = {"title": "Бір\n\nЕкі\x00", "categories": ["1", "2"]}
    await write(wire, data=form)
    plain = wire.asked[-1]
    assert plain.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(plain.content.decode()) == [
        ("title", "Бір\n\nЕкі"),
        ("categories", "1"),
        ("categories", "2"),
    ]
    await write(wire, data=form, files={"cover": ("мұқаба.png", b"\x89PNG", "image/png")})
    assert wire.asked[-1].headers["Content-Type"].startswith("multipart/form-data; boundary=")
    body = wire.asked[-1].content
    assert body.count(b'name="categories"') == 2
    assert 'filename="мұқаба.png"'.encode() in body
    assert b"\x00" not in body


async def test_empty_answer_is_none(wire):
    wire.says(httpx.Response(204))
    assert (await write(wire)).json is None


async def test_raw_answer_stays_bytes(wire):
    wire.says(httpx.Response(200, content=b"\x89PNG"))
    assert (await read(wire, raw=True)).content == b"\x89PNG"


async def test_parameters_that_are_none_stay_at_home(wire):
    await read(wire, params={"a": None, "search": "Қайта & %", "flag": True, "n": 0})
    assert (
        wire.asked[0].url.raw_path
        == b"/api/v2/things?search=%D2%9A%D0%B0%D0%B9%D1%82%D0%B0%20%26%20%25&flag=true&n=0"
    )


async def test_nul_characters_stay_at_home(wire):
    await write(wire, json={"a\0": ["b\0c", {"d": "\\u0000"}], "n": 1}, params={"q": "x\0y"})
    assert json.loads(wire.asked[0].content) == {"a": ["bc", {"d": "\\u0000"}], "n": 1}
    assert wire.asked[0].url.query == b"q=xy"


async def test_request_id_travels(wire):
    token = request_id.set("u-17")
    try:
        await read(wire)
    finally:
        request_id.reset(token)
    await read(wire, request_id="own")
    await read(wire)
    assert [request.headers.get("x-request-id") for request in wire.asked] == ["u-17", "own", None]


async def test_bot_secret_goes_only_where_it_is_asked_for(wire):
    await read(wire)
    await read(wire, as_bot=True)
    assert [request.headers.get("x-bot-secret") for request in wire.asked] == [None, "secret"]


@pytest.mark.parametrize(
    "path", ["api/v2/things", "@elsewhere.test/", "http://elsewhere.test/", ".elsewhere.test/"]
)
async def test_path_cannot_name_another_host(wire, admin, path):
    with pytest.raises(ValueError, match="slash"):
        await wire.backend.call("GET", path, group="things", caller=admin)
    assert wire.asked == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Refused),
        (403, Forbidden),
        (404, NotFound),
        (405, Refused),
        (409, Conflict),
        (413, Refused),
    ],
)
async def test_4xx_keeps_the_reason(wire, status, kind):
    wire.says(reply(status, {"detail": "Себебі"}))
    with pytest.raises(kind) as caught:
        await write(wire)
    assert type(caught.value) is kind
    assert (caught.value.detail, caught.value.status, caught.value.call) == ("Себебі", status, f"POST {PATH}")


async def test_4xx_of_something_in_between(wire):
    wire.says(httpx.Response(413, content=b"<html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(Refused) as caught:
        await write(wire)
    assert caught.value.detail == ""


async def test_422_names_fields(wire):
    complaints = [
        {"type": "missing", "loc": ["body", "title"], "msg": "Field required", "input": "typed text"},
        {"type": "value_error", "loc": ["body", "speakers", 0, "bio"], "msg": "Value error, too dull"},
        "odd",
    ]
    wire.says(reply(422, {"detail": complaints}))
    with pytest.raises(Invalid) as caught:
        await write(wire)
    assert [(one.field, one.path, one.message) for one in caught.value.wrong] == [
        ("title", ("title",), "Field required"),
        ("speakers", ("speakers", 0, "bio"), "too dull"),
    ]
    assert "typed text" not in str(caught.value)


async def test_422_may_be_a_sentence(wire):
    wire.says(reply(422, {"detail": "Эксперт бар"}))
    with pytest.raises(Invalid) as caught:
        await write(wire)
    assert (caught.value.wrong, caught.value.detail) == ((), "Эксперт бар")


async def test_500_breaks_a_read_and_leaves_a_write_unknown(wire):
    wire.says(httpx.Response(500, content=b"Internal Server Error"))
    with pytest.raises(Broken):
        await read(wire)
    with pytest.raises(UnknownOutcome) as caught:
        await write(wire)
    assert caught.value.cause is Cause.STATUS
    assert len(wire.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}),
        httpx.Response(200, content=b'{"a":'),
        httpx.Response(302, headers={"Location": "http://elsewhere.test/"}),
    ],
    ids=["html", "broken", "redirect"],
)
async def test_useless_answers(wire, answer):
    wire.says(answer)
    with pytest.raises(BadAnswer):
        await read(wire)
    with pytest.raises(UnknownOutcome):
        await write(wire)
    assert len(wire.asked) == 2


async def test_wrong_shapes_are_bad_answers(wire):
    wire.says(reply(200, {"rows": 1}))
    answer = await read(wire)
    for look in (answer.rows, lambda: answer.text("rows"), lambda: answer.part("none")):
        with pytest.raises(BadAnswer):
            look()


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("trouble", [httpx.ConnectError("x"), httpx.Response(503), httpx.Response(429)])
async def test_reads_try_three_times(wire, trouble):
    wire.says(trouble)
    with pytest.raises((Unavailable, TooMany)):
        await read(wire)
    assert len(wire.asked) == 3


@pytest.mark.usefixtures("hurried")
async def test_read_succeeds_at_last(wire):
    wire.says(httpx.ConnectTimeout("x"), httpx.Response(502), reply(200, []))
    assert (await read(wire)).json == []
    assert wire.observed == [("things", "GET", 200)]


@pytest.mark.usefixtures("hurried")
async def test_reset_read_is_tried_once_more_on_a_fresh_connection(wire):
    wire.says(httpx.ReadError("x"), reply(200, []))
    await read(wire)
    assert [request.extensions["fresh"] for request in wire.asked] == [False, True]
    wire.says(httpx.RemoteProtocolError("x"))
    with pytest.raises(Unavailable) as caught:
        await read(wire)
    assert caught.value.cause is Cause.RESET
    assert len(wire.asked) == 4


async def test_read_that_timed_out_is_not_repeated(wire):
    wire.says(httpx.ReadTimeout("x"))
    with pytest.raises(Unavailable):
        await read(wire)
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    "trouble", [httpx.ReadError("x"), httpx.ReadTimeout("x"), httpx.WriteError("x"), httpx.Response(503)]
)
async def test_write_that_may_have_been_sent_is_never_repeated(wire, trouble):
    wire.says(trouble)
    with pytest.raises(UnknownOutcome):
        await write(wire)
    assert len(wire.asked) == 1


@pytest.mark.usefixtures("hurried")
async def test_write_that_was_surely_not_sent_is_repeated(wire):
    wire.says(httpx.ConnectError("x"), reply(201, {"id": 1}))
    assert (await write(wire)).status == 201
    wire.says(httpx.ConnectError("x"))
    with pytest.raises(Unavailable) as caught:
        await write(wire)
    assert caught.value.cause is Cause.CONNECT


async def test_429_stops_a_write_with_the_seconds_to_wait(wire):
    wire.says(httpx.Response(429, headers={"Retry-After": "7"}))
    with pytest.raises(TooMany) as caught:
        await write(wire)
    assert (caught.value.retry_after, len(wire.asked)) == (7.0, 1)


async def test_429_without_seconds_stops_a_write_too(wire):
    wire.says(httpx.Response(429))
    with pytest.raises(TooMany):
        await write(wire)
    assert len(wire.asked) == 1


async def test_retry_after_beyond_the_deadline_gives_up_at_once(wire):
    wire.says(httpx.Response(503, headers={"Retry-After": "30"}))
    started = monotonic()
    with pytest.raises(Unavailable) as caught:
        await read(wire)
    assert (caught.value.retry_after, len(wire.asked)) == (30.0, 1)
    assert monotonic() - started < 3


async def test_retry_after_inside_the_deadline_is_waited_for(wire):
    wire.says(httpx.Response(503, headers={"Retry-After": "1"}), reply(200, []))
    started = monotonic()
    await read(wire)
    assert monotonic() - started >= 1


async def test_retry_after_as_a_date(wire):
    wire.says(httpx.Response(503, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}))
    with pytest.raises(Unavailable) as caught:
        await read(wire)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 3600


async def test_retry_after_that_is_nonsense_is_ignored(wire):
    wire.says(httpx.Response(429, headers={"Retry-After": "soon"}))
    with pytest.raises(TooMany) as caught:
        await write(wire)
    assert caught.value.retry_after is None


class Hanging(httpx.AsyncBaseTransport):
    """A backend that never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError


async def test_deadline_ends_a_read_and_leaves_a_write_unknown():
    backend = Backend("http://crm.test", transport=Hanging())
    started = monotonic()
    with pytest.raises(Unavailable) as caught:
        await backend.call("GET", PATH, group="things", deadline=0.05)
    assert caught.value.cause is Cause.TIMEOUT
    with pytest.raises(UnknownOutcome):
        await backend.call("PUT", PATH, group="things", deadline=0.05)
    assert monotonic() - started < 3


async def test_calls_of_a_click_share_its_time():
    backend = Backend("http://crm.test", transport=Hanging())
    started = monotonic()
    with within(0.1):
        for _ in range(3):
            with pytest.raises(Unavailable):
                await backend.call("POST", PATH, group="things", write=False)
        # No time left: a write is not even sent, so its outcome is known.
        with pytest.raises(Unavailable):
            await backend.call("POST", PATH, group="things")
    assert monotonic() - started < 3


async def test_timeout_caps_the_deadline():
    backend = Backend("http://crm.test", transport=Hanging(), timeout=0.05)
    with pytest.raises(Unavailable):
        await backend.call("GET", PATH, group="things", deadline=60)


async def test_open_breaker_answers_at_once_and_spares_other_groups(wire):
    wire.says(httpx.ReadTimeout("x"))
    for _ in range(5):
        with pytest.raises(Unavailable):
            await read(wire)
    asked = len(wire.asked)
    started = monotonic()
    with pytest.raises(Unavailable) as caught:
        await read(wire)
    assert monotonic() - started < 0.05
    assert caught.value.cause is Cause.OPEN
    assert caught.value.retry_after is not None
    assert caught.value.since is not None
    assert len(wire.asked) == asked
    wire.says(reply(200, []))
    await wire.backend.call("GET", "/api/v2/others", group="others")
    assert wire.backend.breakers == {"things": State.OPEN, "others": State.CLOSED}


async def test_every_call_is_observed_once(wire):
    wire.says(reply(404, {"detail": "x"}), httpx.ReadTimeout("x"))
    with pytest.raises(NotFound):
        await read(wire)
    with pytest.raises(UnknownOutcome):
        await write(wire)
    assert wire.observed == [("things", "GET", 404), ("things", "POST", "UnknownOutcome")]


async def test_openapi_lists_operations(wire):
    wire.says(reply(200, {"paths": {"/a/{id}": {"get": {}, "delete": {}, "parameters": []}, "/b": None}}))
    assert await wire.backend.openapi() == {"GET /a/{id}", "DELETE /a/{id}"}
    wire.says(reply(200, []))
    with pytest.raises(BadAnswer):
        await wire.backend.openapi()


async def test_alive(wire):
    wire.says(reply(200, {"version": "2.0.0"}), httpx.ReadTimeout("x"))
    assert await wire.backend.alive() is True
    assert await wire.backend.alive() is False


async def test_error_texts_carry_no_secrets(wire, admin):
    admin.token = "jwt-secret"
    wire.says(reply(403, {"detail": "Нет"}))
    with pytest.raises(Forbidden) as caught:
        await wire.backend.call("POST", PATH, group="things", caller=admin, json={"otp_token": "ABCDEFGH"})
    assert str(caught.value) == f"POST {PATH}: 403: Нет"
    assert str(SessionEnded()) == "SessionEnded"


async def test_headers_go_along_and_a_412_is_told_from_other_conflicts(wire):
    wire.says(reply(412, {"detail": "changed"}))
    with pytest.raises(Outdated, match="changed"):
        await wire.backend.call("PATCH", "/a", group="g", json={}, headers={"If-Match": "3"})
    assert wire.asked[0].headers["If-Match"] == "3"
    assert wire.asked[0].headers["Content-Type"] == "application/json"
