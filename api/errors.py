"""What can go wrong with a call of the backend, as one tree.

    BackendError
    ├── SessionEnded      the login is over: 401 twice, or nothing left to restore
    ├── Forbidden         403: this role may not
    ├── NotFound          404: gone, or another admin's
    ├── Refused           400 and every other 4xx: the backend says why
    │   ├── Conflict      409
    │   │   └── Outdated  412: the record has another version than the one that was read
    │   ├── Explained     what the backend cannot do for a known reason
    │   └── CodeRefused   the one-time password is unknown, used, revoked or expired
    ├── Invalid           422: fields and what is wrong with each
    ├── TooMany           429: wait
    ├── Unavailable       the backend could not be reached or answers for nobody; surely nothing was changed
    ├── Broken            500 on a read
    ├── UnknownOutcome    a write that may or may not have happened
    ├── OutOfReach        the backend has no way to ask for it, and it is not among what could be read through
    └── BadAnswer         an answer that is not what the contract promises

``str(error)`` is for the log: it carries no token, no code and no body. What a person reads is made by the
views from the attributes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Cause(StrEnum):
    """How a call failed to get an answer; only ``CONNECT`` and ``OPEN`` prove that nothing was sent."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    RESET = "reset"
    STATUS = "status"
    ANSWER = "answer"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One complaint of a 422; ``path`` lacks its first part (body, query): ``("speakers", 0, "bio")``.

    ``key`` names the text that says it to a person, where it is the bot that complains.
    """

    path: tuple[str | int, ...]
    message: str
    key: str = ""

    @property
    def field(self) -> str:
        """Name of the field the complaint is about, ``""`` when it is about the whole body."""
        return str(self.path[0]) if self.path else ""


class BackendError(Exception):
    """Root of the tree. ``call`` is method and path, ``status`` the HTTP status where there was one."""

    def __init__(self, detail: str = "", *, call: str = "", status: int | None = None) -> None:
        self.detail = detail
        self.call = call
        self.status = status
        super().__init__(detail)

    def __str__(self) -> str:
        parts = (self.call, "" if self.status is None else str(self.status), self.detail)
        return ": ".join(part for part in parts if part) or type(self).__name__


class SessionEnded(BackendError):
    """Nobody is signed in any more."""


class Forbidden(BackendError):
    """The role may not do this; ``detail`` is the backend's sentence."""


class NotFound(BackendError):
    """The record is gone, never was, or belongs to another admin."""


class Refused(BackendError):
    """The backend refuses with a reason in ``detail``, fit to be shown once escaped."""


class Conflict(Refused):
    """What is asked collides with what is there."""


class Outdated(Conflict):
    """Somebody else changed the record since it was read; nothing was written."""


class Explained(Refused):
    """The backend cannot do it for a reason that its answer does not tell; ``detail`` is the key of the text that
    does. Nothing was changed."""


class CodeRefused(Refused):
    """A one-time password does not work; ``reasons`` out of unknown, used, revoked, expired."""

    def __init__(self, reasons: Iterable[str], *, call: str = "", status: int | None = None) -> None:
        self.reasons = frozenset(reasons)
        super().__init__(", ".join(sorted(self.reasons)), call=call, status=status)


class Invalid(BackendError):
    """Values the backend does not take. ``wrong`` may be empty: then ``detail`` is all there is."""

    def __init__(
        self, wrong: Iterable[Wrong] = (), detail: str = "", *, call: str = "", status: int | None = None
    ) -> None:
        self.wrong = tuple(wrong)
        # Only where, never what: the messages quote what the person typed.
        super().__init__(detail or ", ".join(one.field for one in self.wrong), call=call, status=status)


class TooMany(BackendError):
    """Too many calls; ``retry_after`` in seconds, None when the backend does not say."""

    def __init__(
        self, retry_after: float | None = None, *, call: str = "", status: int | None = None
    ) -> None:
        self.retry_after = retry_after
        super().__init__("too many calls", call=call, status=status)


class Unavailable(BackendError):
    """No useful answer, and nothing was changed. ``since`` is when this group of calls began to fail."""

    def __init__(
        self,
        cause: Cause,
        detail: str = "",
        *,
        retry_after: float | None = None,
        since: datetime | None = None,
        call: str = "",
        status: int | None = None,
    ) -> None:
        self.cause = cause
        self.retry_after = retry_after
        self.since = since
        super().__init__(detail or cause, call=call, status=status)


class Broken(BackendError):
    """The backend failed on a read (500): trying again does not help, contract Q7."""


class UnknownOutcome(BackendError):
    """A write was sent and its answer is lost or useless: read back before anything else."""

    def __init__(self, cause: Cause, detail: str = "", *, call: str = "", status: int | None = None) -> None:
        self.cause = cause
        super().__init__(detail or cause, call=call, status=status)


class OutOfReach(BackendError):
    """A record of a list without a route for one, not found among its first ``read``: it may well be there."""

    def __init__(self, read: int, *, call: str = "") -> None:
        self.read = read
        super().__init__(f"not among the first {read}", call=call)


class BadAnswer(BackendError):
    """HTML, broken JSON, wrong types, a redirect, or more bytes than anyone asked for."""
