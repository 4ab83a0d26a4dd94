"""The command line: which command runs, and which exit code says what."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import checking
import composition
import main as module
from ingress import TokenRefused
from main import main, parse
from resources.registry import WrongDeclaration

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAE-a-secret-token-of-tests"


def python(*arguments: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """``main.py`` as a process of its own, with nobody's settings but these."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        env={**kept, **env}, cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["run", "worker", "check", "demo"])
def test_the_commands(command: str):
    assert parse([command]).command == command


def test_options_and_default():
    assert parse([]).command is None
    assert parse(["demo"]).port == 8090
    assert parse(["demo", "--port", "0"]).port == 0


def test_an_unknown_command_is_told(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        parse(["fly"])
    assert caught.value.code == 2
    assert "fly" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "worker", "check"])
def test_wrong_settings_are_all_listed_at_once(command: str, tmp_path: Path):
    secrets = {
        "TELEGRAM_BOT_TOKEN": "no-token-but-secret",
        "TELEGRAM_WEBHOOK_SECRET": "secret with spaces",
        "TELEGRAM_BOT_LINK_SECRET": "secret\tlink",
        "REDIS_URL": "mysql://user:password-secret@host",
        "SESSION_KEYS": "secret-key",
    }
    plain = {
        "TABYS_API_URL": "localhost", "TABYS_API_TIMEOUT": "0", "LOGIN_RATE_LIMIT": "many", "TIMEZONE": "Mars/Base",
        "HTTP_PORT": "99999", "LOG_LEVEL": "LOUD", "DEFAULT_LANGUAGE": "fr",
    }  # fmt: skip
    done = python(command, folder=tmp_path, **secrets, **plain)
    assert done.returncode == module.EXIT_WRONG_SETTINGS
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == "wrong settings:"
    assert {line.split()[0] for line in lines[1:]} == {*secrets, *plain}
    assert "Traceback" not in done.stderr
    for value in secrets.values():
        assert value not in done.stderr
    assert "password-secret" not in done.stderr


def test_nothing_set_at_all(tmp_path: Path):
    done = python(folder=tmp_path)
    assert done.returncode == module.EXIT_WRONG_SETTINGS
    assert "TELEGRAM_BOT_TOKEN is not set" in done.stderr


def test_settings_come_from_the_env_file_too(tmp_path: Path):
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKEN=wrong\nTIMEZONE=Mars/Base\n")
    done = python("check", folder=tmp_path, TIMEZONE="UTC")
    assert done.returncode == module.EXIT_WRONG_SETTINGS
    assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == ["TELEGRAM_BOT_TOKEN"]


# --- exit codes


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)


def answering(monkeypatch: pytest.MonkeyPatch, command: str, outcome: int | BaseException) -> None:
    async def run(_settings: object) -> int:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(checking if command == "check" else composition, command, run)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [([], "run"), (["run"], "run"), (["worker"], "work"), (["check"], "check")],
)
@pytest.mark.parametrize("code", [0, 1])
def test_the_command_says_the_code(
    monkeypatch: pytest.MonkeyPatch, set_up: None, arguments: list[str], name: str, code: int
):
    answering(monkeypatch, name, code)
    assert main(arguments) == code


def test_wrong_declarations_are_listed(
    monkeypatch: pytest.MonkeyPatch, set_up: None, capsys: pytest.CaptureFixture[str]
):
    answering(monkeypatch, "run", WrongDeclaration(["R001 one", "R002 two"]))
    assert main([]) == module.EXIT_WRONG_DECLARATION
    assert capsys.readouterr().err == "wrong declarations:\n  R001 one\n  R002 two\n"


def test_a_refused_token_is_one_line(
    monkeypatch: pytest.MonkeyPatch, set_up: None, capsys: pytest.CaptureFixture[str]
):
    answering(monkeypatch, "run", TokenRefused("401"))
    assert main([]) == module.EXIT_TOKEN_REFUSED
    assert capsys.readouterr().err == "Telegram refuses TELEGRAM_BOT_TOKEN\n"


def test_an_interrupt_is_a_good_end(monkeypatch: pytest.MonkeyPatch, set_up: None):
    answering(monkeypatch, "check", KeyboardInterrupt())
    assert main(["check"]) == 0


def test_the_codes_agree_with_those_of_the_check():
    assert checking.WRONG_DECLARATION == module.EXIT_WRONG_DECLARATION
    assert checking.TOKEN_REFUSED == module.EXIT_TOKEN_REFUSED
