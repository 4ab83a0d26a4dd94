"""What can be set from outside, one model per concern; every field carries its name in the environment.

A field's ``description`` says what is expected: it stands in the list of wrong settings and must agree with
``.env.example`` and ``docs/operations.md``, which a test compares by name and default.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretBytes, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.values import Rate, http_url, iana_zone, parse_keys, parse_rate, redis_url, sentry_dsn

TELEGRAM = "https://api.telegram.org"

HttpUrl = Annotated[str, AfterValidator(http_url)]
RateValue = Annotated[Rate, BeforeValidator(parse_rate)]
Port = Annotated[int, Field(ge=0, le=65535)]


def _shaped(pattern: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if re.fullmatch(pattern, value.get_secret_value(), re.ASCII) is None:
            raise ValueError("has the wrong shape")
        return value

    return AfterValidator(check)


def _redis_secret(url: SecretStr) -> SecretStr:
    return SecretStr(redis_url(url.get_secret_value()))


def _dsn(url: SecretStr) -> SecretStr:
    return SecretStr(sentry_dsn(url.get_secret_value()))


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class Concern(BaseSettings):
    """Settings of one concern. It reads what ``load`` gives it and nothing else."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The given values alone."""
        return (init_settings,)


class TelegramSettings(Concern):
    """The bot's account and how its updates arrive."""

    token: Annotated[SecretStr, _shaped(r"\d+:\S{8,}")] = Field(
        validation_alias="TELEGRAM_BOT_TOKEN",
        description="the token from @BotFather, like 123456789:AAE...",
    )
    api_url: HttpUrl = Field(
        TELEGRAM, validation_alias="TELEGRAM_API_URL", description="http(s)://host[:port] of a Bot API server"
    )
    webhook_url: HttpUrl | None = Field(
        None,
        validation_alias="TELEGRAM_WEBHOOK_URL",
        description="the public https:// address that Telegram calls; unset = long polling",
    )
    webhook_secret: Annotated[SecretStr, _shaped(r"[A-Za-z0-9_-]{1,256}")] | None = Field(
        None,
        validation_alias="TELEGRAM_WEBHOOK_SECRET",
        description="1-256 of A-Z a-z 0-9 _ -; required with TELEGRAM_WEBHOOK_URL",
    )

    @property
    def is_webhook(self) -> bool:
        """True when Telegram calls us, False when we ask."""
        return self.webhook_url is not None

    @property
    def webhook_path(self) -> str:
        """Path at which the webhook is served; ``/`` when the address has none."""
        return urlsplit(self.webhook_url or "").path or "/"


class BackendSettings(Concern):
    """The CRM's REST API."""

    url: HttpUrl = Field(
        "http://localhost:8000", validation_alias="TABYS_API_URL", description="http(s)://host[:port][/path]"
    )
    timeout: float = Field(
        30.0, validation_alias="TABYS_API_TIMEOUT", ge=1, le=300, description="seconds, 1 to 300"
    )
    link_secret: Annotated[SecretStr, _shaped(r"[\x21-\x7e]+")] | None = Field(
        None,
        validation_alias="TELEGRAM_BOT_LINK_SECRET",
        description="the backend's shared secret, printable ASCII without spaces",
    )


class RedisSettings(Concern):
    """Where sessions, drafts and limits are kept, for how long, and under which keys."""

    url: Annotated[SecretStr, AfterValidator(_redis_secret)] = Field(
        SecretStr("redis://localhost:6379/0"),
        validation_alias="REDIS_URL",
        description="redis[s]://[user:password@]host[:port][/db], "
        "redis[s]+sentinel://host:port,host:port/service[/db] or redis[s]+cluster://host:port,host:port",
    )
    session_ttl: int = Field(
        86400,
        validation_alias="REDIS_SESSION_TTL",
        ge=60,
        le=30 * 86400,
        description="seconds, 60 to 2592000",
    )
    session_keys: Annotated[tuple[SecretBytes, ...], BeforeValidator(parse_keys)] = Field(
        (),
        validation_alias="SESSION_KEYS",
        description="32-byte keys as hex or base64, comma-separated, newest first",
    )


class LimitSettings(Concern):
    """How much one person may ask for."""

    login: RateValue = Field(
        Rate(5), validation_alias="LOGIN_RATE_LIMIT", description="a rate like 5/min or 5"
    )
    guests: RateValue = Field(
        Rate(30), validation_alias="GENERAL_RATE_LIMIT", description="a rate like 30/min or 30"
    )
    admins: RateValue = Field(
        Rate(120), validation_alias="ADMIN_RATE_LIMIT", description="a rate like 120/min or 120"
    )


class HttpSettings(Concern):
    """The port for the outside: webhook and Mini App."""

    host: str = Field(
        "0.0.0.0",  # noqa: S104 - reached from outside the container
        validation_alias="HTTP_HOST",
        min_length=1,
        description="an address of this host",
    )
    port: Port = Field(8080, validation_alias="HTTP_PORT", description="a port, 1 to 65535; 0 = any free one")


class OpsSettings(Concern):
    """The port for operators: liveness, readiness, metrics."""

    host: str = Field(
        "127.0.0.1", validation_alias="OPS_HOST", min_length=1, description="an address of this host"
    )
    port: Port = Field(9090, validation_alias="OPS_PORT", description="a port, 1 to 65535; 0 = any free one")


class LoggingSettings(Concern):
    """How much is logged and in what form."""

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = (
        Field("INFO", validation_alias="LOG_LEVEL", description="DEBUG, INFO, WARNING, ERROR or CRITICAL")
    )
    format: Annotated[Literal["json", "console"], BeforeValidator(_lower)] = Field(
        "json", validation_alias="LOG_FORMAT", description="json or console"
    )
    debug: bool = Field(False, validation_alias="DEBUG", description="true or false")

    @property
    def effective_level(self) -> str:
        """The level in force: DEBUG=true wins over LOG_LEVEL."""
        return "DEBUG" if self.debug else self.level


class TelemetrySettings(Concern):
    """Where errors and spans are sent, if anywhere; each needs its optional packages."""

    sentry_dsn: Annotated[SecretStr, AfterValidator(_dsn)] | None = Field(
        None,
        validation_alias="SENTRY_DSN",
        description="http(s)://key@host[/path]/project of a Sentry server; "
        "needs the packages of requirements-telemetry.txt",
    )
    otlp_endpoint: HttpUrl | None = Field(
        None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="http(s)://host[:port] of an OpenTelemetry collector that speaks OTLP over HTTP; "
        "needs the packages of requirements-telemetry.txt",
    )


class LocaleSettings(Concern):
    """Language before a person has chosen one, and the clock that times are shown in."""

    language: Annotated[Literal["kk", "ru", "en"], BeforeValidator(_lower)] = Field(
        "ru", validation_alias="DEFAULT_LANGUAGE", description="kk, ru or en"
    )
    zone: Annotated[str, AfterValidator(iana_zone)] = Field(
        "Asia/Almaty", validation_alias="TIMEZONE", description="an IANA time zone such as Asia/Almaty"
    )


class AlertSettings(Concern):
    """How soon admins hear of what waits for them."""

    every: int = Field(30, validation_alias="ALERTS_EVERY", ge=1, le=3600, description="seconds, 1 to 3600")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was set, checked."""

    telegram: TelegramSettings
    backend: BackendSettings
    redis: RedisSettings
    limits: LimitSettings
    http: HttpSettings
    ops: OpsSettings
    logging: LoggingSettings
    telemetry: TelemetrySettings
    locale: LocaleSettings
    alerts: AlertSettings

    def secrets(self) -> tuple[str, ...]:
        """Every value that no log line may carry, the password inside ``REDIS_URL`` among them."""
        found: list[str] = []
        for concern in fields(self):
            for value in dict(getattr(self, concern.name)).values():
                found += _revealed(value)
        login = self.redis.url.get_secret_value().partition("://")[2].rpartition("@")[0]
        password = login.partition(":")[2]
        found += [password, unquote(password)]
        if self.telemetry.sentry_dsn is not None:
            found.append(urlsplit(self.telemetry.sentry_dsn.get_secret_value()).username or "")
        return tuple(dict.fromkeys(secret for secret in found if secret))


def _revealed(value: Any) -> list[str]:
    if isinstance(value, SecretStr):
        # An address is no secret as a whole; what is secret in it is taken out of it above.
        return [] if "://" in value.get_secret_value() else [value.get_secret_value()]
    if isinstance(value, tuple):
        raw = [key.get_secret_value() for key in value if isinstance(key, SecretBytes)]
        return [written for key in raw for written in (key.hex(), base64.b64encode(key).decode().rstrip("="))]
    return []
