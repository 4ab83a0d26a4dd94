"""The modules of the CRM that this bot serves, in the order of the menu."""

from __future__ import annotations

from typing import Any

from handlers.admins import ADMINS
from handlers.audit import AUDIT
from handlers.broadcasts import BROADCASTS
from handlers.community import BARS, COFFEE_ROUNDS, COFFEE_SCHEDULE, MEMBERS, MENTEES, MENTORS, PAIRS
from handlers.courses import COURSE_CATEGORIES, COURSE_CHAPTERS, COURSES
from handlers.events import EVENTS
from handlers.experts import EXPERTS
from handlers.leisure import PLACES, PROMOS, TICKETS
from handlers.leisure_shared import CATEGORIES as LEISURE_CATEGORIES
from handlers.leisure_shared import PLACE_PHOTOS, TICKET_PHOTOS
from handlers.mailings import EMAILS, NOTIFICATIONS
from handlers.news import NEWS
from handlers.project_fields import QUESTIONS
from handlers.project_forms import FORMS
from handlers.project_gallery import GALLERY
from handlers.project_participants import PARTICIPANTS
from handlers.project_submissions import SUBMISSIONS
from handlers.projects import PROJECTS
from handlers.resumes import RESUMES
from handlers.sessions import SESSIONS
from handlers.tech_tasks import TECH_TASKS
from handlers.users import USERS
from handlers.vacancies import VACANCIES
from handlers.volunteer_applications import EVENT_APPLICATIONS, VOLUNTEER_APPLICATIONS
from handlers.volunteer_events import VOLUNTEER_EVENTS
from handlers.volunteer_promotions import PROMOTION_REQUESTS
from handlers.volunteer_reports import TASK_REPORTS
from handlers.volunteer_requirements import STATUS_REQUIREMENTS
from handlers.volunteer_shop import BENEFITS, PURCHASES
from handlers.volunteers import VOLUNTEERS
from resources.resource import Resource

RESOURCES: tuple[Resource[Any], ...] = (
    EVENTS, NEWS, VACANCIES,
    COURSES, COURSE_CATEGORIES, COURSE_CHAPTERS,
    PROJECTS, SUBMISSIONS, FORMS, QUESTIONS, PARTICIPANTS, GALLERY,
    VOLUNTEERS, VOLUNTEER_EVENTS, EVENT_APPLICATIONS, VOLUNTEER_APPLICATIONS, TASK_REPORTS, PURCHASES,
    BENEFITS, PROMOTION_REQUESTS, STATUS_REQUIREMENTS,
    PLACES, TICKETS, PROMOS, LEISURE_CATEGORIES, PLACE_PHOTOS, TICKET_PHOTOS,
    TECH_TASKS, EXPERTS, RESUMES, USERS,
    MEMBERS, MENTORS, MENTEES, PAIRS, BARS, COFFEE_ROUNDS, COFFEE_SCHEDULE,
    ADMINS, SESSIONS, AUDIT,
    BROADCASTS, NOTIFICATIONS, EMAILS,
)  # fmt: skip
