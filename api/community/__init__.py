"""The community, where the backend has it: members, mentorship, random coffee."""

from api.community.cities import Cities
from api.community.coffee import Coffee, CoffeeRounds
from api.community.feedback import CoffeeFeedback
from api.community.members import Members, Twin
from api.community.mentorship import Bars, FreeMentors, Mentees, Mentors, Pairs, WaitingMentees
from api.community.plan import CoffeePlans

__all__ = [
    "Bars",
    "Cities",
    "Coffee",
    "CoffeeFeedback",
    "CoffeePlans",
    "CoffeeRounds",
    "FreeMentors",
    "Members",
    "Mentees",
    "Mentors",
    "Pairs",
    "Twin",
    "WaitingMentees",
]
