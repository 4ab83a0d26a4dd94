"""From the environment and ``.env`` to ``Settings``, or to the list of everything that is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_type_hints

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.settings import TELEGRAM, Concern, Settings

C = TypeVar("C", bound=Concern)

DOTENV = Path(".env")

_EXTRAS = {"SENTRY_DSN": "sentry_sdk", "OTEL_EXPORTER_OTLP_ENDPOINT": "opentelemetry.sdk.trace"}
"""Settings that need packages which are not always there."""

_WRONG = {
    "missing": "is not set",
    "string_too_short": "is empty",
    "int_parsing": "is not a whole number",
    "float_parsing": "is not a number",
    "bool_parsing": "is neither true nor false",
    "literal_error": "is none of the choices",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}


class Problem(NamedTuple):
    """One wrong setting; never carries its value, which may be a secret."""

    name: str
    wrong: str
    expected: str

    def __str__(self) -> str:
        return f"{self.name} {self.wrong}; expected: {self.expected}"


class WrongSettings(Exception):
    """Settings cannot be used; ``problems`` has all of them, in the order of ``.env.example``."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("wrong settings:\n" + "\n".join(f"  {problem}" for problem in problems))


def load(env: Mapping[str, str] | None = None, env_file: Path | str | None = DOTENV) -> Settings:
    """The settings of ``env`` (None: of the process) laid over ``env_file``, which may be absent.

    Empty values count as unset, unknown names are ignored. Raises ``WrongSettings`` with every problem.
    """
    values = _read(env_file) | dict(os.environ if env is None else env)
    values = {name: value for name, value in values.items() if value.strip()}
    problems: list[Problem] = []
    models = get_type_hints(Settings)
    concerns: dict[str, Any] = {name: _concern(model, values, problems) for name, model in models.items()}
    problems += _together(concerns, values)
    if problems:
        raise WrongSettings(sorted(problems, key=lambda problem: names().index(problem.name)))
    return Settings(**concerns)


def names() -> list[str]:
    """Every variable's name, in the order of the concerns."""
    hints = get_type_hints(Settings)
    return [
        str(field.validation_alias)
        for concern in fields(Settings)
        for field in hints[concern.name].model_fields.values()
    ]


def _read(env_file: Path | str | None) -> dict[str, str]:
    if env_file is None:
        return {}
    return {name: value for name, value in dotenv_values(env_file).items() if value is not None}


def _concern(model: type[C], values: Mapping[str, str], problems: list[Problem]) -> C | None:
    expected = {str(field.validation_alias): field.description or "" for field in model.model_fields.values()}
    try:
        return model.model_validate({name: values[name].strip() for name in expected if name in values})
    except ValidationError as error:
        for details in error.errors(include_url=False, include_input=False):
            name = str(details["loc"][0])
            problems.append(Problem(name, _wrong(details), expected[name]))
        return None


def _wrong(details: ErrorDetails) -> str:
    """Our own reason as it was raised; pydantic's in fewer words."""
    if details["type"] == "value_error":
        return str(details["ctx"]["error"])
    return _WRONG.get(details["type"], "has the wrong form")


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _together(concerns: Mapping[str, Any], values: Mapping[str, str]) -> list[Problem]:
    """What is wrong only in combination; a concern that is wrong already is not judged again."""
    problems = []
    telegram, http, ops = concerns["telegram"], concerns["http"], concerns["ops"]
    problems += [
        Problem(name, f"is set, but {package} is not installed", "the packages of requirements-telemetry.txt")
        for name, package in _EXTRAS.items()
        if name in values and not _is_installed(package)
    ]
    if "TELEGRAM_WEBHOOK_URL" in values and "TELEGRAM_WEBHOOK_SECRET" not in values:
        problems.append(
            Problem(
                "TELEGRAM_WEBHOOK_SECRET",
                "is not set although TELEGRAM_WEBHOOK_URL is",
                "1-256 of A-Z a-z 0-9 _ -",
            )
        )
    if telegram and telegram.api_url == TELEGRAM and (telegram.webhook_url or "https:").startswith("http:"):
        problems.append(
            Problem("TELEGRAM_WEBHOOK_URL", "is not https", "an https:// address: Telegram calls no other")
        )
    if http and ops and http.port == ops.port != 0:
        problems.append(
            Problem("OPS_PORT", "is the same as HTTP_PORT", "another port: metrics are not public")
        )
    return problems
