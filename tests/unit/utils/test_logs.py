import io
import json
import logging
import sys
import urllib.parse
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from utils import logs
from utils.logs import HIDDEN, Redaction
from utils.tracing import requested

BOT_TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz_12"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s1gn-ature_x"
FORMATS: tuple[Literal["json", "console"], ...] = ("json", "console")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level, hook = logging.root.handlers, logging.root.level, sys.excepthook
    yield
    logging.root.handlers, sys.excepthook = handlers, hook
    logging.root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def written(
    say: Any, secrets: tuple[str, ...] = (), level: str = "DEBUG", format: Literal["json", "console"] = "json"
) -> str:
    stream = io.StringIO()
    logs.configure(level, format, secrets, stream)
    say(structlog.get_logger())
    return stream.getvalue()


def test_a_line_is_json_with_its_bound_ids():
    def say(log: Any) -> None:
        logs.bind(update_id=7, user_id=42, op="list", error_id="ABCDEFGH")
        log.info("handled", ms=12)
        logs.unbind_all()
        log.info("after")

    first, second = (json.loads(line) for line in written(say).splitlines())
    timestamp = first.pop("timestamp")
    assert timestamp.endswith("Z")
    assert first == {
        "event": "handled",
        "level": "info",
        "ms": 12,
        "update_id": 7,
        "user_id": 42,
        "op": "list",
        "error_id": "ABCDEFGH",
    }
    assert set(second) == {"event", "level", "timestamp"}


def test_standard_loggers_take_the_same_way():
    def say(_log: Any) -> None:
        logs.bind(update_id=7)
        logging.getLogger("aiogram.event").warning("calling %s", f"https://x/bot{BOT_TOKEN}/getMe")

    line = json.loads(written(say))
    assert line["event"] == f"calling https://x/bot{HIDDEN}/getMe"
    assert (line["logger"], line["level"], line["update_id"]) == ("aiogram.event", "warning", 7)


@pytest.mark.parametrize("format", FORMATS)
def test_the_level_holds_for_both(format: Literal["json", "console"]):
    def say(log: Any) -> None:
        log.info("quiet")
        logging.getLogger("x").info("quiet")
        log.warning("loud")
        logging.getLogger("x").warning("loud")

    shown = written(say, level="WARNING", format=format)
    assert "quiet" not in shown
    assert shown.count("loud") == 2


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("foreign", [True, False])
def test_exception_text_is_cleaned(format: Literal["json", "console"], foreign: bool):
    def say(log: Any) -> None:
        try:
            try:
                raise ValueError(f"inner {JWT}")
            except ValueError as inner:
                raise RuntimeError(f"outer https://x/bot{BOT_TOKEN}/x my-secret") from inner
        except RuntimeError:
            (logging.getLogger("x") if foreign else log).exception("failed")

    shown = written(say, ("my-secret",), format=format)
    assert "RuntimeError: outer https" in shown
    assert not [
        secret for secret in (JWT, BOT_TOKEN, "my-secret", "eyJ") if secret in shown.replace("raise", "")
    ]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            f"POST https://api.telegram.org/bot{BOT_TOKEN}/getUpdates",
            f"POST https://api.telegram.org/bot{HIDDEN}/getUpdates",
        ),
        ("https://h/file/bot1:short/photos/a.jpg", f"https://h/file/bot{HIDDEN}/photos/a.jpg"),
        (f"token is {BOT_TOKEN}.", f"token is {HIDDEN}."),
        (f"got {JWT}, thanks", f"got {HIDDEN}, thanks"),
        ("/login ABCD2345", f"/login {HIDDEN}"),
        ("/login@tabys_bot abcd-2345", f"/login@tabys_bot {HIDDEN}"),
        ("/LOGIN  авсд 23 45\nnext", f"/LOGIN {HIDDEN}\nnext"),
        ("/start otp_ABCD2345", f"/start otp_{HIDDEN}"),
        ("typed ABCD2345 there", f"typed {HIDDEN} there"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {HIDDEN}"),
        ("{'Authorization': 'Basic YWJj'}", f"{{'Authorization': 'Basic {HIDDEN}'}}"),
        ("sent bearer abcdefgh", f"sent bearer {HIDDEN}"),
        ('{"access_token": "abc", "id": 1}', f'{{"access_token": "{HIDDEN}", "id": 1}}'),
        ("X-Bot-Secret: abc", f"X-Bot-Secret: {HIDDEN}"),
        ("redis://user:pass@host:6379/0", f"redis://user:{HIDDEN}@host:6379/0"),
        ("redis://:pass@host", f"redis://:{HIDDEN}@host"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, clean: str):
    assert Redaction(()).text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "/events page 2",
        "22345678",
        "2026-11-21T12:00:00Z",
        "http://host:8080/x",
        "login failed",
        "/bottom 1:2",
        "update 7 done",
    ],
)
def test_the_rest_stays_readable(text: str):
    assert Redaction(("a", "xyz")).text(text) == text


def test_named_values_are_hidden_whatever_they_are():
    event = {
        "headers": {"X-Bot-Secret": 5, "Authorization": ["x"]},
        "access_token": "x",
        "password": None,
        "code": 7,
    }
    assert Redaction(())(None, "info", event) == {
        "headers": {"X-Bot-Secret": HIDDEN, "Authorization": HIDDEN},
        "access_token": HIDDEN,
        "password": None,
        "code": 7,
    }


def test_objects_are_shown_as_text_without_their_secrets():
    class Holder:
        def __repr__(self) -> str:
            return "Holder('my-sec\\'ret')"

    loop: list[Any] = []
    loop.append(loop)
    clean = Redaction(("my-sec'ret",))(None, "info", {"a": Holder(), "b": b"my-sec'ret", "c": loop, "d": {1}})
    assert "sec" not in str(clean)
    assert json.dumps(clean)


def test_what_nobody_caught_is_logged_clean(capsys: pytest.CaptureFixture[str]):
    def say(_log: Any) -> None:
        try:
            raise ValueError(BOT_TOKEN)
        except ValueError as error:
            sys.excepthook(ValueError, error, error.__traceback__)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    line = json.loads(written(say))
    assert line["level"] == "critical"
    assert f"ValueError: {HIDDEN}" in line["exception"]
    assert BOT_TOKEN not in "".join(capsys.readouterr())


# Not words that a line has anyway, which would be hidden in our own text too.
SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=8, max_size=40).filter(
    lambda secret: len(set(secret)) > 4 and not secret.isspace() and secret not in HIDDEN
)


def holding(secret: str) -> st.SearchStrategy[Any]:
    leaves = st.sampled_from(
        [
            secret,
            f"a {secret} b",
            {secret: 1},
            [secret],
            (secret,),
            secret.encode(),
            ValueError(secret),
            f"{secret}{secret}",
        ]
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1), st.dictionaries(st.just("k"), inner, min_size=1)
        ),
        max_leaves=6,
    )


@settings(max_examples=60)
@given(st.data())
def test_no_given_secret_survives(data: st.DataObject):
    secret = data.draw(SECRETS)
    value = data.draw(holding(secret))

    def say(log: Any) -> None:
        log.debug("event " + secret, value=value, url="https://x/" + urllib.parse.quote(secret, safe=""))
        logging.getLogger("x").debug("foreign %s %r", secret, value)
        try:
            raise RuntimeError(value)
        except RuntimeError:
            log.exception("failed")

    for format in FORMATS:
        shown = written(say, (secret,), format=format)
        forms = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], urllib.parse.quote(secret, safe="")}
        for form in forms:
            assert form not in shown


@given(
    st.from_regex(r"[1-9][0-9]{5,10}:[A-Za-z0-9_-]{30,40}", fullmatch=True),
    st.from_regex(r"eyJ[A-Za-z0-9_-]{10,30}\.[A-Za-z0-9_-]{10,30}\.[A-Za-z0-9_-]{10,30}", fullmatch=True),
    st.from_regex(r"[A-HJ-NP-Z][A-HJ-NP-Z2-9]{7}", fullmatch=True),
    st.sampled_from(["{}", "x {} y", "'{}'", '{{"a": "{}"}}', "Bearer {}", "/login {}", "\n{}\n"]),
)
def test_no_token_jwt_or_code_survives(token: str, jwt: str, code: str, frame: str):
    redaction = Redaction(())
    assert token not in redaction.text(f"https://t/bot{token}/m")
    for secret in (token, jwt, code):
        event = {"event": frame.format(secret), "nested": [{"x": frame.format(secret)}]}
        assert secret not in str(redaction(None, "debug", event))


def test_every_line_carries_the_id_of_what_it_belongs_to():
    def say(log: Any) -> None:
        log.info("before")
        with requested("7") as own:
            log.info(own)
            logging.getLogger("x").warning(own)
        log.info("after")

    before, ours, theirs, after = (json.loads(line) for line in written(say).splitlines())
    assert ours["request_id"] == ours["event"] == theirs["request_id"] == theirs["event"]
    assert "request_id" not in {*before, *after}


def test_errors_are_reported_as_they_happened_and_nothing_else_is():
    reported = []

    def say(log: Any) -> None:
        log.warning("quiet")
        log.error("loud", token=BOT_TOKEN)
        logging.getLogger("x").critical("theirs")
        try:
            raise ValueError("x")
        except ValueError:
            log.exception("crashed")

    stream = io.StringIO()
    logs.configure(
        "DEBUG", "json", (), stream, report=lambda level, event: reported.append((level, dict(event)))
    )
    say(structlog.get_logger())
    assert [(level, event["event"]) for level, event in reported] == [
        ("error", "loud"),
        ("fatal", "theirs"),
        ("error", "crashed"),
    ]
    assert BOT_TOKEN not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 4
