"""What ``main.py check`` finds out, as lines of a table: judged here, asked for by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from api.errors import BackendError
from api.extensions import left_out
from api.unusable import Why, by_reason
from services.chain import Verdict
from services.chain import Why as ChainBreak

PROBE_SECONDS = 3.0
OLDEST_REDIS = (6, 2)
"""The first version that hands over the jobs of a crashed worker (XAUTOCLAIM)."""
CLOCK_SECONDS = 5.0
RECENT_SECONDS = 3600.0
"""How long ago a failed delivery of the webhook is still news."""

WHY: Mapping[Why, str] = {
    Why.END_USER: "refuses admins, takes users of the site",
    Why.NOBODY: "answers everybody with an error",
    Why.SHADOWED: "another operation answers at its address",
}


BROKEN: Mapping[ChainBreak, str] = {
    ChainBreak.CHANGED: "is not what was written",
    ChainBreak.MISSING: "does not follow the one before: some were taken out or put in",
    ChainBreak.HEAD_CUT: "is the first one, but those before it were taken out",
    ChainBreak.TAIL_CUT: "was written and is not there any more, nor is what came after it",
    ChainBreak.RESEALED: "is not what was signed after it was written",
    ChainBreak.FORGED: "has a seal that this bot did not sign",
}


class Mark(StrEnum):
    """How bad it is; only ``FAIL`` keeps the bot from working."""

    OK = "ok"
    WARN = "warning"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Line:
    """One finding about one subject."""

    subject: str
    mark: Mark
    found: str


Lines = list[Line]


def table(lines: Iterable[Line]) -> str:
    """The lines under each other, in three columns, with their number of failures and warnings below."""
    lines = list(lines)
    width = max((len(line.subject) for line in lines), default=0)
    rows = [f"{line.mark:<7}  {line.subject:<{width}}  {line.found}".rstrip() for line in lines]
    counts = {mark: sum(line.mark is mark for line in lines) for mark in Mark}
    verdict = "cannot work" if counts[Mark.FAIL] else "can work"
    rows += ["", f"{verdict}: {counts[Mark.FAIL]} failed, {counts[Mark.WARN]} warnings"]
    return "\n".join(rows) + "\n"


def works(lines: Iterable[Line]) -> bool:
    """True when nothing failed."""
    return all(line.mark is not Mark.FAIL for line in lines)


async def probe(
    subject: str, ask: Callable[[], Awaitable[Lines]], mark: Mark = Mark.FAIL, seconds: float = PROBE_SECONDS
) -> Lines:
    """What ``ask`` found; one line with ``mark`` when it raises or takes longer than ``seconds``."""
    task = asyncio.ensure_future(ask())
    # Waited for from outside: what swallows its cancellation holds nobody up.
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        return [Line(subject, mark, f"no answer in {seconds:g} s")]
    error = task.exception()
    if error is None:
        return task.result()
    # Of other errors only their kind: their text may carry an address with a password or a token.
    return [Line(subject, mark, str(error) if isinstance(error, BackendError) else type(error).__name__)]


def settings(values: Mapping[str, tuple[str | None, bool]]) -> Lines:
    """A line per setting: name -> (its value, None for a secret; whether it was set)."""
    lines = []
    for name, (value, was_set) in values.items():
        shown = ("hidden" if was_set else "") if value is None else value
        found = " ".join(part for part in ("set" if was_set else "default", shown) if part)
        lines.append(Line(name, Mark.OK, found))
    return lines


def redis(info: Mapping[str, Any] | None, seconds: float) -> Lines:
    """Judges INFO (``redis_version``, ``aof_enabled``, ``maxmemory_policy``), None when it is refused."""
    if info is None:
        return [Line("redis", Mark.WARN, f"{_ms(seconds)}; version and persistence unknown: INFO is refused")]
    version = str(info.get("redis_version", "unknown"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    lines = [Line("redis", Mark.OK, f"version {version}, {_ms(seconds)}")]
    if numbers and numbers < OLDEST_REDIS:
        lines.append(Line("redis version", Mark.FAIL, "older than 6.2: background work needs XAUTOCLAIM"))
    if not info.get("aof_enabled"):
        lines.append(Line("redis persistence", Mark.WARN, "AOF is off: a restart loses sessions and drafts"))
    policy = info.get("maxmemory_policy", "unknown")
    if policy != "noeviction":
        lines.append(
            Line(
                "redis memory",
                Mark.WARN,
                f"maxmemory-policy {policy}: use noeviction, or sessions may vanish",
            )
        )
    return lines


def telegram(username: str, seconds: float) -> Line:
    """The token works."""
    return Line("telegram", Mark.OK, f"@{username}, {_ms(seconds)}")


def webhook(info: Mapping[str, Any], wanted: str | None, now: float) -> Lines:
    """Judges getWebhookInfo against the address that is ``wanted``, None for polling."""
    registered = info.get("url") or ""
    waiting = info.get("pending_update_count") or 0
    if wanted is None:
        mode = "polling"
        wrong = "a webhook is registered: removed at the next start" if registered else ""
    else:
        mode = "webhook"
        wrong = (
            ""
            if registered == wanted
            else "another address is registered"
            if registered
            else "not registered"
        )
        wrong += ": set at the next start" if wrong else ""
    found = f"{mode}, {waiting} updates waiting"
    lines = [Line("updates", Mark.WARN, f"{found}; {wrong}") if wrong else Line("updates", Mark.OK, found)]
    failed_at = info.get("last_error_date")
    if registered and isinstance(failed_at, int) and now - failed_at < RECENT_SECONDS:
        reason = str(info.get("last_error_message", ""))
        lines.append(
            Line("updates", Mark.WARN, f"Telegram could not deliver {now - failed_at:.0f} s ago: {reason}")
        )
    return lines


def backend(version: object, seconds: float) -> Line:
    """The backend answers."""
    return Line("backend", Mark.OK, f"version {version or 'unknown'}, {_ms(seconds)}")


def operations(
    needed: Mapping[str, frozenset[str]], offered: frozenset[str] | None, essential: frozenset[str]
) -> Lines:
    """A line per module whether the backend ``offered`` what it needs; None: its list could not be read.

    A module without one of its operations goes without; without an ``essential`` one nobody can sign in.
    """
    if offered is None:
        return [Line("operations", Mark.WARN, "assumed: the backend's /openapi.json could not be read")]
    lines = []
    for module, wanted in needed.items():
        missing = sorted(wanted - offered)
        if wanted and wanted == left_out(wanted, offered):
            lines.append(Line(f"operations {module}", Mark.OK, "none: this backend has no such extension"))
            continue
        if not missing:
            lines.append(Line(f"operations {module}", Mark.OK, f"{len(wanted)}, from /openapi.json"))
        for operation in missing:
            mark = Mark.FAIL if operation in essential else Mark.WARN
            lines.append(Line(f"operations {module}", mark, f"missing: {operation}"))
    return lines


def unusable(offered: frozenset[str] | None) -> Lines:
    """A line per reason why no admin can use operations that the backend has: nothing is wrong with this side."""
    found = {} if offered is None else by_reason(offered.__contains__)
    return [
        Line("unusable", Mark.OK, f"{WHY[why]}: {', '.join(what.replace('_', ' ') for what in whats)}")
        for why, whats in found.items()
    ]


def clock(whose: str, header: str | None, asked: float, answered: float) -> Line:
    """Judges our clock by a ``Date`` header; epoch seconds before and after the question."""
    subject = f"clock against {whose}"
    try:
        theirs = parsedate_to_datetime(header or "")
    except ValueError:
        return Line(subject, Mark.WARN, "unknown: no Date in the answer")
    # Whole seconds, cut off: on the average half a second has passed since.
    moment = theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp() + 0.5
    off = (asked + answered) / 2 - moment
    if abs(off) <= CLOCK_SECONDS:
        return Line(subject, Mark.OK, f"within {CLOCK_SECONDS:g} s")
    fast = "ahead" if off > 0 else "behind"
    return Line(subject, Mark.WARN, f"{abs(off):.0f} s {fast}: codes and sessions may seem expired")


def declarations(count: int, problems: Iterable[str]) -> Lines:
    """A line per problem, or how many resources are declared."""
    wrong = [Line("declarations", Mark.FAIL, problem) for problem in problems]
    return wrong or [Line("declarations", Mark.OK, f"{count} resources")]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def audit(verdict: Verdict) -> Lines:
    """Whether the audit is what was written; the first entry that does not hold is named."""
    broken = verdict.broken
    if broken is not None:
        at = f" of {_instant(broken.key)}" if broken.key else ""
        return [Line("audit", Mark.FAIL, f"entry {broken.number}{at}: {BROKEN[broken.why]}")]
    facts = [f"{verdict.entries} entries, chain unbroken", f"{verdict.seals} seals hold"]
    if verdict.unchained:
        facts.append(f"{verdict.unchained} from before the chain")
    if verdict.foreign:
        facts.append(f"{verdict.foreign} seals of an earlier key, which cannot be verified")
    return [Line("audit", Mark.OK, ", ".join(facts))]


def _instant(key: str) -> str:
    """When a stream's entry was written, from its id."""
    milliseconds = key.partition("-")[0]
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
