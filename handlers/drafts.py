"""Forms that were left: open one again or throw it away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from handlers._engine.dispatch import PersonRoute
from keyboards.buttons import Button, Row, navigation
from keyboards.callbacks import Go, Press
from middlewares.context import Context
from models.access import SIGNED_IN
from utils.html import bold, lines
from views.form import draft_label
from views.screen import Outcome, Screen


async def open_drafts(ctx: Context, go: Go | None = None) -> Outcome:
    """This admin's drafts, the last touched first."""
    found = await ctx.app.drafts.list(ctx.person.id, ctx.principal.admin_id or 0)
    rows: list[Row] = []
    for draft in found:
        resource = ctx.app.registry.by_code.get(draft.resource)
        if resource is None:
            continue
        when = ctx.locale.short(datetime.fromtimestamp(draft.touched_at, UTC))
        name = f"{draft_label(resource, draft, ctx.locale)} · {when}"
        rows.append(
            (
                Button(name, Go(Press.DRAFT, resource.code, view=draft.id)),
                Button("🗑", Go(Press.DISCARD, resource.code, view=draft.id)),
            )
        )
    rows.append(navigation(ctx.locale, Go(Press.MENU)))
    text = ctx.html("drafts.some" if found else "drafts.none")
    return Outcome(Screen(lines(bold(ctx.t("drafts.title")), "", text), tuple(rows)))


ROUTES: Mapping[str, PersonRoute] = {Press.DRAFTS: PersonRoute(open_drafts, SIGNED_IN, shows=True)}
