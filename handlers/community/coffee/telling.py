"""Where a round hands its people over to be told."""

from __future__ import annotations

from handlers._engine.own import RecordContext
from handlers.community import telling
from handlers.community.telling.kinds import COFFEE
from locales.locale import Locale
from middlewares.context import App, Context
from models.community import CoffeeRound
from services.sessions import Session
from views.screen import Outcome


async def order_telling(app: App, round_id: int, session: Session, locale: Locale) -> bool:
    """True: the people of a round that ran by itself are being told from now on, however often it is ordered. What
    became of it goes to the admins who asked for reports, whoever's session it is told with."""
    reports = tuple(await app.coffee_runs.subscribers())
    await telling.order(app, COFFEE, round_id, 0, 0, locale.language, str(locale.zone), reports=reports)
    return True


async def show_telling(own: RecordContext) -> Outcome:
    """How the people of a round are told, or the button that has them told."""
    return await telling.card.show(own, COFFEE)


async def telling_mark(ctx: Context, one: CoffeeRound) -> str:
    """Whether they were told, and how many could not be."""
    return await telling.card.mark(ctx, COFFEE, one.id)
