"""The community, drawn where the backend has it: members, mentorship, bars."""

from handlers.community.bars import BARS
from handlers.community.boards import MENTEES, MENTORS
from handlers.community.members import MEMBERS
from handlers.community.pairs import PAIRS

__all__ = ["BARS", "MEMBERS", "MENTEES", "MENTORS", "PAIRS"]
