"""Projects, what belongs to them, their forms and what is sent in: contract section 2.7."""

from api.projects.fields import FormFields
from api.projects.gallery import Gallery
from api.projects.participants import Participants
from api.projects.projects import Projects
from api.projects.submissions import Submissions
from api.projects.templates import FormTemplates

__all__ = ["FormFields", "FormTemplates", "Gallery", "Participants", "Projects", "Submissions"]
