"""The community, drawn where the backend has it: members, mentorship, bars, random coffee."""

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
    "COFFEE_ROUTES",
    "COFFEE_SCHEDULE",
    "MEMBERS",
    "MENTEES",
    "MENTORS",
    "PAIRS",
    "search_coffee",
]
