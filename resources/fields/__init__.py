"""Fields: what a declaration's records are made of."""

from resources.fields.addresses import Addresses
from resources.fields.base import Field, FieldError, is_blank, short_code
from resources.fields.choice import Choice, Choices
from resources.fields.daily import TimeOfDay, Zone
from resources.fields.formatted import Formatted
from resources.fields.moment import Date, DateTime, days_later, moment_of, read_day, read_moment
from resources.fields.number import Flag, Number
from resources.fields.photo import Photo
from resources.fields.relation import Relation, Relations
from resources.fields.rows import Clock, Rows
from resources.fields.text import Email, Link, LongText, Phone, Text, masked_phone

__all__ = [
    "Addresses",
    "Choice",
    "Choices",
    "Clock",
    "Date",
    "DateTime",
    "Email",
    "Field",
    "FieldError",
    "Flag",
    "Formatted",
    "Link",
    "LongText",
    "Number",
    "Phone",
    "Photo",
    "Relation",
    "Relations",
    "Rows",
    "Text",
    "TimeOfDay",
    "Zone",
    "days_later",
    "is_blank",
    "masked_phone",
    "moment_of",
    "read_day",
    "read_moment",
    "short_code",
]
