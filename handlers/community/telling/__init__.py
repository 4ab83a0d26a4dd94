"""Telling members of the community that they were matched, each in their own channel and language, each once."""

from collections.abc import Mapping

from handlers._engine.dispatch import PersonRoute
from handlers.community.telling import card
from handlers.community.telling.ordering import again, order, state, stop
from handlers.community.telling.report import READS
from handlers.community.telling.running import NEED, job, resume
from keyboards.callbacks import Press

__all__ = ["ROUTES", "card", "job", "order", "resume"]

ROUTES: Mapping[str, PersonRoute] = {
    Press.TELL_NOW: PersonRoute(card.tell_now, NEED),
    Press.TELL_STATE: PersonRoute(state, READS, shows=True),
    Press.TELL_STOP: PersonRoute(stop, NEED),
    Press.TELL_AGAIN: PersonRoute(again, NEED),
}
