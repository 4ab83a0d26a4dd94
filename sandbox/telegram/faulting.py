"""What each fault does to a call."""

from __future__ import annotations

import asyncio
import json

from sandbox.telegram.errors import ApiError
from sandbox.telegram.faults import Fault

Refusal = tuple[int, bytes, str, bool]
"""HTTP status, body, content type, and whether the connection is reset instead."""

HANG_SECONDS = 3_600.0
_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body></html>\r\n"


async def before_faults(faults: list[Fault]) -> Refusal | None:
    """Waits out latencies; the refusal when a fault keeps the call from being performed."""
    for fault in faults:
        if fault.kind == "latency" and not fault.after:
            await asyncio.sleep(fault.seconds)
    return await _refusal(faults, after=False)


async def after_faults(faults: list[Fault]) -> Refusal | None:
    """The refusal when the performed call's answer is lost; latencies after the work are waited out."""
    for fault in faults:
        if fault.kind == "latency" and fault.after:
            await asyncio.sleep(fault.seconds)
    return await _refusal(faults, after=True)


async def _refusal(faults: list[Fault], *, after: bool) -> Refusal | None:
    for fault in faults:
        if fault.after != after or fault.kind == "latency":
            continue
        return await _produce(fault)
    return None


async def _produce(fault: Fault) -> Refusal:
    if fault.kind == "hang":
        await asyncio.sleep(HANG_SECONDS)
        return 504, b"", "text/plain", True
    if fault.kind == "reset":
        return 0, b"", "text/plain", True
    if fault.kind == "empty":
        return 200, b"", "application/json", False
    if fault.kind == "bad_gateway":
        return 502, _GATEWAY, "text/html", False
    problem = _problem(fault)
    return problem.code, json.dumps(problem.payload()).encode(), "application/json", False


def _problem(fault: Fault) -> ApiError:
    if fault.kind == "flood":
        seconds = max(int(fault.seconds), 1)
        return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
    if fault.kind == "conflict":
        reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
        return ApiError(409, f"Conflict: {reason}")
    if fault.kind == "unauthorized":
        return ApiError(401, "Unauthorized")
    return ApiError(500, "Internal Server Error")
