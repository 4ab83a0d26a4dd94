"""Admin tokens (contract Q12)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

ALGORITHM = "HS256"
TELEGRAM_LIFETIME = timedelta(hours=24)
LOGIN_LIFETIME = timedelta(minutes=3_000_000)


class TokenError(Exception):
    """Its text is the `detail` of the 401."""


class Tokens:
    """Issues and reads JWTs. The role inside is decoration: the database is asked at each request."""

    def __init__(self, secret: str = "sandbox-only-secret-not-for-production-use") -> None:
        self._secret = secret
        self._serial = 0
        self._expired_up_to = 0

    def for_telegram(self, admin_id: int, role: str | None) -> str:
        return self._issue({"admin_id": admin_id, "user_type": "admin", "role": role}, TELEGRAM_LIFETIME)

    def for_login(self, admin_id: int) -> str:
        return self._issue({"admin_id": str(admin_id), "user_type": "admin"}, LOGIN_LIFETIME)

    def for_user(self, user_id: int) -> str:
        """A token of an end user, which no admin route accepts."""
        return self._issue({"sub": str(user_id), "user_type": "user"}, TELEGRAM_LIFETIME)

    def already_expired(self, admin_id: int, role: str | None) -> str:
        return self._issue({"admin_id": admin_id, "user_type": "admin", "role": role}, -timedelta(minutes=5))

    def expire_all(self) -> None:
        """Everything issued so far counts as expired from now on."""
        self._expired_up_to = self._serial

    def admin_id(self, token: str) -> int:
        """The admin behind a token; TokenError with the backend's words otherwise."""
        try:
            claims: dict[str, Any] = jwt.decode(token, self._secret, algorithms=[ALGORITHM])
        except jwt.ExpiredSignatureError:
            raise TokenError("Токен истек") from None
        except jwt.InvalidTokenError:
            raise TokenError("Недействительный токен") from None
        if int(claims.get("jti", 0)) <= self._expired_up_to:
            raise TokenError("Токен истек")
        if claims.get("user_type") != "admin" or not str(claims.get("admin_id", "")).isdigit():
            raise TokenError("Недействительный токен")
        return int(claims["admin_id"])

    def user_id(self, token: str) -> int | None:
        """The end user behind a token; None for an admin's token, TokenError when it is malformed or expired."""
        try:
            claims: dict[str, Any] = jwt.decode(token, self._secret, algorithms=[ALGORITHM])
        except jwt.InvalidTokenError:
            raise TokenError("unreadable token") from None
        if int(claims.get("jti", 0)) <= self._expired_up_to:
            raise TokenError("expired token")
        return int(claims["sub"]) if claims.get("user_type") == "user" else None

    def _issue(self, claims: dict[str, Any], lifetime: timedelta) -> str:
        # The number is the sandbox's own: it tells expire_all() which tokens came before it.
        self._serial += 1
        payload = claims | {"exp": datetime.now(UTC) + lifetime, "jti": str(self._serial)}
        return jwt.encode(payload, self._secret, algorithm=ALGORITHM)
