import base64
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config import Rate, Settings, WrongSettings, load

ROOT = Path(__file__).parents[3]
TOKEN = "123456789:AAE-abcdefghijklmnop"
KEY = "0f" * 32


def settings(**env: str) -> Settings:
    return load({"TELEGRAM_BOT_TOKEN": TOKEN} | env, None)


def problems(**env: str) -> dict[str, str]:
    with pytest.raises(WrongSettings) as wrong:
        settings(**env)
    return {problem.name: problem.wrong for problem in wrong.value.problems}


def test_a_token_is_enough():
    given = settings()
    assert given.telegram.token.get_secret_value() == TOKEN
    assert given.telegram.api_url == "https://api.telegram.org"
    assert not given.telegram.is_webhook
    assert given.backend.url == "http://localhost:8000"
    assert given.backend.timeout == 30
    assert given.redis.url.get_secret_value() == "redis://localhost:6379/0"
    assert given.redis.session_ttl == 86400
    assert given.redis.session_keys == ()
    assert (given.limits.login, given.limits.guests, given.limits.admins) == (Rate(5), Rate(30), Rate(120))
    assert (given.http.port, given.ops.port) == (8080, 9090)
    assert (given.locale.language, given.locale.zone) == ("ru", "Asia/Almaty")
    assert (given.logging.effective_level, given.logging.format) == ("INFO", "json")
    assert given.alerts.every == 30


def test_everything_wrong_is_listed_at_once_in_the_order_of_the_example():
    wrong = problems(
        TELEGRAM_BOT_TOKEN="",
        TELEGRAM_WEBHOOK_URL="bot.example",
        TABYS_API_URL="ftp://crm",
        TABYS_API_TIMEOUT="soon",
        REDIS_URL="http://localhost",
        REDIS_SESSION_TTL="1.5",
        SESSION_KEYS="abcd",
        LOGIN_RATE_LIMIT="often",
        HTTP_PORT="99999",
        OPS_PORT="-1",
        LOG_LEVEL="LOUD",
        LOG_FORMAT="xml",
        DEBUG="perhaps",
        DEFAULT_LANGUAGE="de",
        TIMEZONE="Mars/Olympus",
        ALERTS_EVERY="0",
    )
    assert list(wrong) == [name for name in config.names() if name in wrong]
    assert len(wrong) == 17
    assert wrong["TELEGRAM_BOT_TOKEN"] == "is not set"
    assert "TELEGRAM_WEBHOOK_SECRET" in wrong


def test_each_problem_says_what_is_expected():
    with pytest.raises(WrongSettings, match=r"TELEGRAM_BOT_TOKEN has the wrong shape; expected: .*BotFather"):
        settings(TELEGRAM_BOT_TOKEN="x")


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=12).map(lambda text: "~" + text)
)
def test_wrong_values_are_never_repeated(value: str):
    names = [
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
        "SESSION_KEYS",
        "REDIS_URL",
        "TABYS_API_URL",
        "HTTP_PORT",
    ]
    with pytest.raises(WrongSettings) as wrong:
        load(dict.fromkeys(names, value), None)
    assert value.strip() not in f"{wrong.value} {wrong.value.problems!r} {wrong.value.__context__!r}"


def test_secrets_are_not_shown():
    given = settings(
        TELEGRAM_WEBHOOK_URL="https://bot.example/hook",
        TELEGRAM_WEBHOOK_SECRET="hook-secret",
        TELEGRAM_BOT_LINK_SECRET="link-secret",
        REDIS_URL="redis://user:p%40ss-word@redis:6379/0",
        SESSION_KEYS=KEY,
    )
    encoded = base64.b64encode(bytes.fromhex(KEY)).decode().rstrip("=")
    secrets = {TOKEN, "hook-secret", "link-secret", "p%40ss-word", "p@ss-word", KEY, encoded}
    assert set(given.secrets()) == secrets
    assert not [secret for secret in secrets if secret in repr(given)]


@pytest.mark.parametrize("url", ["https://bot.example/hook", "https://bot.example/hook/"])
def test_webhook(url: str):
    given = settings(TELEGRAM_WEBHOOK_URL=url, TELEGRAM_WEBHOOK_SECRET="abc")
    assert given.telegram.is_webhook
    assert given.telegram.webhook_url == "https://bot.example/hook"
    assert given.telegram.webhook_path == "/hook"


def test_webhook_without_a_path():
    given = settings(TELEGRAM_WEBHOOK_URL="https://bot.example", TELEGRAM_WEBHOOK_SECRET="abc")
    assert given.telegram.webhook_path == "/"


def test_telegram_itself_calls_https_only_but_a_server_of_ones_own_any():
    env = {"TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:8080/hook", "TELEGRAM_WEBHOOK_SECRET": "abc"}
    assert problems(**env) == {"TELEGRAM_WEBHOOK_URL": "is not https"}
    assert settings(**env, TELEGRAM_API_URL="http://127.0.0.1:8081").telegram.is_webhook


@pytest.mark.parametrize("secret", ["a b", "ключ", "x" * 257, "a\nb", "٣"])
def test_webhook_secret_has_telegrams_shape(secret: str):
    wrong = problems(TELEGRAM_WEBHOOK_URL="https://bot.example/hook", TELEGRAM_WEBHOOK_SECRET=secret)
    assert wrong == {"TELEGRAM_WEBHOOK_SECRET": "has the wrong shape"}


def test_a_webhook_needs_a_secret():
    wrong = problems(TELEGRAM_WEBHOOK_URL="https://bot.example/hook")
    assert list(wrong) == ["TELEGRAM_WEBHOOK_SECRET"]


def test_one_port_for_both_would_publish_the_metrics():
    assert list(problems(HTTP_PORT="9090")) == ["OPS_PORT"]
    assert settings(HTTP_PORT="0", OPS_PORT="0").ops.port == 0


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("5/min", Rate(5)),
        ("5", Rate(5)),
        (" 120 / MIN ", Rate(120)),
    ],
)
def test_rates(written: str, rate: Rate):
    assert settings(LOGIN_RATE_LIMIT=written).limits.login == rate


@pytest.mark.parametrize(
    "written", ["0", "0/min", "-5", "5/h", "2/s", "5/week", "five", "5/", "5.5/min", "/min"]
)
def test_wrong_rates(written: str):
    assert list(problems(LOGIN_RATE_LIMIT=written)) == ["LOGIN_RATE_LIMIT"]


def test_session_keys_in_every_spelling():
    raw = bytes(range(224, 256))
    plain, urlsafe = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    for written in (raw.hex(), raw.hex().upper(), plain, urlsafe, plain.rstrip("="), urlsafe.rstrip("=")):
        keys = settings(SESSION_KEYS=f"{KEY}, {written},").redis.session_keys
        assert [key.get_secret_value() for key in keys] == [bytes.fromhex(KEY), raw]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("abcd", "key 1 has 3 bytes"),
        (f"{KEY},{KEY[:-2]}", "key 2 has 46 bytes"),
        (f"{KEY},***", "key 2 is neither hex nor base64"),
        (f"{KEY},{KEY}", "names the same key twice"),
    ],
)
def test_wrong_session_keys(written: str, reason: str):
    assert problems(SESSION_KEYS=written) == {"SESSION_KEYS": reason}


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost:6379/3",
        "rediss://user:pass@redis.example:6380/0",
        "redis://:pa/ss@host:1".replace("/ss", "%2Fss"),
        "redis://[::1]:6379/0",
        "redis+sentinel://a:26379,b:26379/main",
        "rediss+sentinel://:pass@a:26379,b:26379/main/2?timeout=1",
        "redis+cluster://a:7000,b:7001",
    ],
)
def test_redis_addresses(url: str):
    assert settings(REDIS_URL=url).redis.url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "redis://",
        "redis://host:port",
        "redis://host:0",
        "redis://a,b",
        "redis://host/zero",
        "redis://host/0/1",
        "redis+sentinel://a:26379",
        "redis+sentinel://a:26379/main/x",
        "unix:///run/redis",
    ],
)
def test_wrong_redis_addresses(url: str):
    assert list(problems(REDIS_URL=url)) == ["REDIS_URL"]


@pytest.mark.parametrize(
    "url",
    [
        "crm",
        "//crm",
        "http://",
        "http://crm:port",
        "http://c rm",
        "http://crm?x=1",
        "http://crm#x",
        "http://u@crm",
    ],
)
def test_wrong_addresses(url: str):
    assert list(problems(TABYS_API_URL=url)) == ["TABYS_API_URL"]


@pytest.mark.parametrize("name", ["TIMEZONE"])
@pytest.mark.parametrize("zone", ["Asia", "../etc/passwd", "/etc/localtime", "Almaty"])
def test_wrong_zones(name: str, zone: str):
    assert list(problems(**{name: zone})) == [name]


def test_debug_wins_over_the_level():
    given = settings(DEBUG="true", LOG_LEVEL="error", LOG_FORMAT="CONSOLE")
    assert (given.logging.level, given.logging.effective_level) == ("ERROR", "DEBUG")
    assert given.logging.format == "console"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / ".env"
    file.write_text(f"TELEGRAM_BOT_TOKEN={TOKEN}\nHTTP_PORT=1111\nOPS_PORT=2222\nUNKNOWN=1\n# x\nDEBUG=\n")
    assert load({"HTTP_PORT": "3333"}, file).http.port == 3333
    monkeypatch.setenv("OPS_PORT", "4444")
    given = load(None, file)
    assert (given.http.port, given.ops.port) == (1111, 4444)
    assert load({"TELEGRAM_BOT_TOKEN": TOKEN}, tmp_path / "absent").http.port == 8080


def test_settings_cannot_be_changed():
    with pytest.raises(Exception, match="frozen"):
        settings().http.port = 1  # type: ignore[misc]


def documented(pattern: str, text: str) -> dict[str, str]:
    return {name: default.strip() for name, default in re.findall(pattern, text, re.MULTILINE)}


def test_the_example_documents_every_setting_with_its_default():
    text = (ROOT / ".env.example").read_text()
    example = documented(r"^([A-Z_]+)=(.*)$", text)
    assert set(example) == set(config.names())
    assert load({"TELEGRAM_BOT_TOKEN": TOKEN}, None) == load({**example, "TELEGRAM_BOT_TOKEN": TOKEN}, None)
    for name in example:
        before = text.split(f"\n{name}=")[0]
        assert "#" in before, name


def test_the_operations_page_documents_every_setting_with_its_default():
    text = (ROOT / "docs/operations.md").read_text()
    table = documented(r"^\| `([A-Z_]+)` \| ([^|]*) \|", text)
    example = documented(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text())
    assert set(table) == set(example)
    for name, default in example.items():
        assert (f"`{default}`" if default else "–") == table[name], name
