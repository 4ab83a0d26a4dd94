"""Settings: read once by ``main.py``, which passes values on."""

from config.loading import DOTENV, Problem, WrongSettings, load, names
from config.settings import (
    AlertSettings,
    BackendSettings,
    HttpSettings,
    LimitSettings,
    LocaleSettings,
    LoggingSettings,
    OpsSettings,
    RedisSettings,
    Settings,
    TelegramSettings,
    TelemetrySettings,
)
from config.values import Rate

__all__ = [
    "DOTENV",
    "AlertSettings",
    "BackendSettings",
    "HttpSettings",
    "LimitSettings",
    "LocaleSettings",
    "LoggingSettings",
    "OpsSettings",
    "Problem",
    "Rate",
    "RedisSettings",
    "Settings",
    "TelegramSettings",
    "TelemetrySettings",
    "WrongSettings",
    "load",
    "names",
]
