"""Who is signed in, what they may do, and how the systems behind are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from api.unusable import by_reason
from handlers._engine import mine
from handlers._engine.dispatch import PersonRoute
from handlers._engine.welcome import welcome
from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import PUBLIC, Module, Permission
from services import policy
from utils.html import Html, bold, lines
from views.fitting import TEXT_LIMIT, fit
from views.screen import Outcome, Screen


async def open_status(ctx: Context, go: Go | None = None) -> Outcome:
    """Session, role, rights, since, expires; backend and what it lacks (for super admins by name)."""
    if ctx.principal.is_guest or ctx.session is None:
        return Outcome(welcome(ctx, ctx.html("status.guest")))
    session = ctx.session
    ends = min(session.ends_at, ctx.now + ctx.app.idle_ttl)
    facts = [
        _fact(ctx, "status.name", session.admin_name),
        _fact(
            ctx, "status.role", ctx.t(f"role.{ctx.principal.role}") if ctx.principal.role else session.role
        ),
        _fact(ctx, "status.since", ctx.locale.moment(datetime.fromtimestamp(session.created_at, UTC))),
        _fact(ctx, "status.expires", ctx.locale.moment(datetime.fromtimestamp(ends, UTC))),
    ]
    others = await mine.others(ctx)
    rows: tuple[Row, ...] = (
        (Button(ctx.t("status.refresh"), Go(Press.STATUS)), Button(ctx.t("status.logout"), Go(Press.LOGOUT))),
        *mine.buttons(ctx, others),
        navigation(ctx.locale, Go(Press.MENU)),
    )
    text = lines(
        bold(ctx.t("status.title")),
        "",
        *facts,
        *mine.told(ctx, others),
        "",
        bold(ctx.t("status.rights")),
        *_rights(ctx),
        "",
        *await _systems(ctx),
    )
    return Outcome(Screen(fit(text, TEXT_LIMIT), rows))


def _fact(ctx: Context, key: str, value: str) -> Html:
    return Html(f"{bold(ctx.t(key))}: ") + value


def _rights(ctx: Context) -> list[Html | str]:
    """What the role may do, modules with equal rights together."""
    groups: dict[str, list[str]] = {}
    for module, granted in policy.rights(ctx.principal).items():
        verbs = ", ".join(ctx.t(f"right.{permission}") for permission in Permission if permission in granted)
        own = f" ({ctx.t('status.own_only')})" if policy.owns_only(ctx.principal, module) else ""
        groups.setdefault(verbs + own, []).append(ctx.t(f"module.{module}"))
    found: list[Html | str] = [Html(f"{bold(', '.join(names))}: ") + verbs for verbs, names in groups.items()]
    return found or [ctx.html("menu.no_rights")]


async def _systems(ctx: Context) -> list[Html | str]:
    capabilities = ctx.app.capabilities
    alive = await capabilities.backend_alive()
    facts: list[Html | str] = [
        _fact(ctx, "status.backend", ctx.t("status.backend_ok" if alive else "status.backend_down"))
    ]
    if capabilities.checked_at is not None:
        since = datetime.now(UTC) - capabilities.checked_at
        minutes = int(since / timedelta(minutes=1))
        ago = ctx.t("status.minutes_ago", n=minutes) if minutes else ctx.t("status.just_now")
        facts.append(_fact(ctx, "status.checked", ago))
    missing = sorted(capabilities.missing())
    if not missing:
        facts.append(ctx.html("status.complete"))
    elif _sees_all(ctx):
        facts += [ctx.html("status.missing", n=len(missing)), *[f"• {name}" for name in missing[:20]]]
    return facts + (_unusable(ctx) if _sees_all(ctx) else [])


def _sees_all(ctx: Context) -> bool:
    return bool(policy.rights(ctx.principal).get(Module.ADMINS))


def _unusable(ctx: Context) -> list[Html | str]:
    """What people look for in the bot because the CRM has it, and why it is not there."""
    found = [
        f"• {ctx.t(f'unusable.why.{why}')}: {', '.join(ctx.t(f'unusable.what.{what}') for what in whats)}."
        for why, whats in by_reason(ctx.app.capabilities.offers).items()
    ]
    return ["", bold(ctx.t("unusable.title")), *found] if found else []


ROUTES: Mapping[str, PersonRoute] = {Press.STATUS: PersonRoute(open_status, PUBLIC, shows=True)}
