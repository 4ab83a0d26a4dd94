"""Forms of application projects and what people send in with them: contract section 2.7."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from models.common import Record, UtcDateTime


class FormFieldType(StrEnum):
    """What is asked for; any other value is a 422."""

    TEXT = "text"
    TEXTAREA = "textarea"
    DROPDOWN = "dropdown"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    FILE = "file"
    DATE = "date"
    NUMBER = "number"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    RATING = "rating"
    CITY = "city"
    DISTRICT = "district"
    ADDRESS = "address"


class NewFieldType(StrEnum):
    """What a new question can be: cities and districts need lists that only the site's own builder makes."""

    TEXT = "text"
    TEXTAREA = "textarea"
    DROPDOWN = "dropdown"
    RADIO = "radio"
    CHECKBOX = "checkbox"
    NUMBER = "number"
    DATE = "date"
    FILE = "file"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    ADDRESS = "address"
    RATING = "rating"


OPTION_TYPES = frozenset((FormFieldType.DROPDOWN, FormFieldType.CHECKBOX, FormFieldType.RADIO))
"""Types that are answered by choosing among options."""
PERSONAL_TYPES = frozenset((FormFieldType.PHONE, FormFieldType.EMAIL, FormFieldType.ADDRESS))
"""Types whose answers reach a person."""


class FormField(Record):
    """A question of a form.

    The backend knows it by a text, ``field_id``; ``id`` is a number made of that text (``api.projects.fields``).
    ``options`` has one a line; they are the same in both languages.
    """

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {"kk": ("label_kz",), "ru": ("label_ru",)}

    field_id: str
    type: str
    label_kz: str = ""
    label_ru: str = ""
    placeholder_kz: str | None = None
    placeholder_ru: str | None = None
    hint_kz: str | None = None
    hint_ru: str | None = None
    required: bool = False
    options: str | None = None
    position: int = 1
    """Its place in the form, from 1."""
    last: bool = False
    """True when no question follows."""


class FormTemplate(Record):
    """The form of a project, and its only one: ``id`` is the project's."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    languages: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "kk": ("title_kz", "description_kz"),
        "ru": ("title_ru", "description_ru"),
    }

    title_kz: str
    title_ru: str
    description_kz: str | None = None
    description_ru: str | None = None
    is_active: bool = True
    questions: tuple[dict[str, Any], ...] = Field(default=(), alias="fields")
    created_at: UtcDateTime | None = None
    updated_at: UtcDateTime | None = None

    @property
    def asked(self) -> int:
        """How many questions it has."""
        return len(self.questions)


class SubmissionStatus(StrEnum):
    """What became of a submission."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Answer(BaseModel):
    """What somebody answered to one question; ``kind`` is the question's type, ``""`` when it is gone."""

    model_config = ConfigDict(frozen=True)

    label_kk: str = ""
    label_ru: str = ""
    kind: str = ""
    text: str = ""


class Submission(Record):
    """A form that somebody sent in. Its answers are filled on its card only: those by which one is reached are
    ``contacts``."""

    phone_number: str
    email: str | None = None
    applicant_name: str | None = None
    responses: dict[str, Any] = Field(default_factory=dict)
    status: str
    admin_comment: str | None = None
    reviewed_by: int | None = None
    reviewed_at: UtcDateTime | None = None
    submitted_at: UtcDateTime
    contacts: tuple[Answer, ...] = ()
    answers: tuple[Answer, ...] = ()

    @property
    def created_at(self) -> UtcDateTime:
        """When it was sent in."""
        return self.submitted_at


class DayCount(BaseModel):
    """Submissions of one day, ``YYYY-MM-DD``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    date: str
    count: int


class FieldCounts(BaseModel):
    """How often each answer was given to a question; ratings count by their number."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    field_label_kz: str = ""
    field_label_ru: str = ""
    type: str = ""
    value_counts: dict[str, int] = Field(default_factory=dict)


class FormAnalytics(BaseModel):
    """Figures over all submissions of a project."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    total_submissions: int
    pending_count: int = 0
    approved_count: int = 0
    rejected_count: int = 0
    submissions_over_time: tuple[DayCount, ...] = ()
    field_statistics: dict[str, FieldCounts] = Field(default_factory=dict)
    avg_submissions_per_day: float = 0.0
