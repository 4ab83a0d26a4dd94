"""Volunteers: contract section 2.10."""

from api.volunteers.applications import Applications, EventApplications
from api.volunteers.events import VolunteerEvents
from api.volunteers.people import Volunteers
from api.volunteers.promotions import PromotionRequests
from api.volunteers.reports import TaskReports
from api.volunteers.requirements import StatusRequirements
from api.volunteers.shop import Benefits, Purchases

__all__ = [
    "Applications",
    "Benefits",
    "EventApplications",
    "PromotionRequests",
    "Purchases",
    "StatusRequirements",
    "TaskReports",
    "VolunteerEvents",
    "Volunteers",
]
