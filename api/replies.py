"""Turns what came back over the wire, or did not, into an answer or one error of the tree."""

from __future__ import annotations

import email.utils
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic_core import from_json

from api.answer import Answer
from api.errors import (
    BackendError,
    BadAnswer,
    Broken,
    Cause,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Outdated,
    Refused,
    TooMany,
    Unavailable,
    UnknownOutcome,
    Wrong,
)
from api.transport import TooLarge

LONGEST_DETAIL = 500
GATEWAY = frozenset((502, 503, 504))
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def answer(response: httpx.Response, *, call: str, write: bool, raw: bool) -> Answer:
    """The answer of a 2xx; raises the error that any other status, or an unreadable body, stands for.

    A 401 that comes this far was answered to a call without a token.
    """
    status = response.status_code
    if not 200 <= status < 300:
        raise _refusal(response, call=call, write=write)
    if raw:
        return Answer(status, content=response.content, call=call, write=write)
    found = Answer(status, call=call, write=write)
    if not response.content:
        return found
    try:
        return Answer(status, from_json(response.content), call=call, write=write)
    except ValueError as error:
        raise found.bad(f"not JSON but {_kind(response)}") from error


def failure(error: httpx.TransportError, *, call: str, write: bool) -> BackendError:
    """The error for a call that brought no answer."""
    detail = type(error).__name__
    if isinstance(error, NOT_SENT):
        return Unavailable(Cause.CONNECT, detail, call=call)
    if isinstance(error, (TooLarge, httpx.DecodingError)):
        return (
            UnknownOutcome(Cause.ANSWER, str(error), call=call) if write else BadAnswer(str(error), call=call)
        )
    cause = Cause.TIMEOUT if isinstance(error, httpx.TimeoutException) else Cause.RESET
    return lost(cause, detail, call=call, write=write)


def lost(cause: Cause, detail: str, *, call: str, write: bool) -> BackendError:
    """The error for an answer that never came: for a write nobody knows what happened."""
    return UnknownOutcome(cause, detail, call=call) if write else Unavailable(cause, detail, call=call)


def _refusal(response: httpx.Response, *, call: str, write: bool) -> BackendError:
    status = response.status_code
    if status < 400:
        text = "a redirect, which is never followed"
        return (
            UnknownOutcome(Cause.ANSWER, text, call=call, status=status)
            if write
            else BadAnswer(text, call=call, status=status)
        )
    if status == 429:
        return TooMany(_retry_after(response), call=call, status=status)
    if status >= 500:
        return _server_fault(response, call=call, write=write)
    detail = _detail(response)
    if status == 422:
        return Invalid(_wrongs(detail), detail if isinstance(detail, str) else "", call=call, status=status)
    text = detail[:LONGEST_DETAIL] if isinstance(detail, str) else ""
    kind = {403: Forbidden, 404: NotFound, 409: Conflict, 412: Outdated}.get(status, Refused)
    return kind(text, call=call, status=status)


def _server_fault(response: httpx.Response, *, call: str, write: bool) -> BackendError:
    status = response.status_code
    if write:
        return UnknownOutcome(Cause.STATUS, "the backend failed", call=call, status=status)
    if status in GATEWAY:
        return Unavailable(Cause.STATUS, retry_after=_retry_after(response), call=call, status=status)
    return Broken("the backend failed", call=call, status=status)


def _detail(response: httpx.Response) -> Any:
    """``detail`` of the body; None when there is none (HTML of something in between, an empty body)."""
    try:
        body = from_json(response.content)
    except ValueError:
        return None
    return body.get("detail") if isinstance(body, dict) else None


def _wrongs(detail: Any) -> Iterator[Wrong]:
    for one in detail if isinstance(detail, list) else ():
        if isinstance(one, dict):
            place = one.get("loc")
            path = (
                tuple(part for part in place[1:] if isinstance(part, (str, int)))
                if isinstance(place, list)
                else ()
            )
            yield Wrong(path, str(one.get("msg", ""))[:LONGEST_DETAIL].removeprefix("Value error, "))


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _kind(response: httpx.Response) -> str:
    declared: str = response.headers.get("Content-Type", "nothing declared")
    return declared.partition(";")[0][:50]
