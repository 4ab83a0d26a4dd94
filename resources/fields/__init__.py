"""Fields: what a declaration's records are made of."""

from resources.fields.base import Field, FieldError, short_code
from resources.fields.choice import Choice
from resources.fields.moment import DateTime, days_later, moment_of, read_moment
from resources.fields.photo import Photo
from resources.fields.rows import Clock, Rows
from resources.fields.text import Link, LongText, Text

__all__ = [
    "Choice",
    "Clock",
    "DateTime",
    "Field",
    "FieldError",
    "Link",
    "LongText",
    "Photo",
    "Rows",
    "Text",
    "days_later",
    "moment_of",
    "read_moment",
    "short_code",
]
