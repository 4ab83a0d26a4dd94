"""The community, drawn where the backend has it: members, mentorship, bars, random coffee."""

from handlers.community import feedback, mentorship, telling
from handlers.community.bars import BARS
from handlers.community.boards import MENTEES, MENTORS
from handlers.community.coffee import COFFEE_ROUNDS, COFFEE_SCHEDULE
from handlers.community.coffee import ROUTES as COFFEE_ROUTES
from handlers.community.coffee import search as search_coffee
from handlers.community.members import MEMBERS
from handlers.community.pairs import PAIRS

__all__ = [
    "BARS",
    "COFFEE_ROUNDS",
    "COFFEE_SCHEDULE",
    "MEMBERS",
    "MENTEES",
    "MENTORS",
    "PAIRS",
    "RESOURCES",
    "ROUTES",
    "search_coffee",
]

ROUTES = {**telling.ROUTES, **feedback.ROUTES}
"""Screens that belong to no list of the community."""
RESOURCES = {**mentorship.RESOURCES, **COFFEE_ROUTES}
"""Presses on its lists that the engine does not know."""
