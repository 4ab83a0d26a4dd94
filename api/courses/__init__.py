"""Courses, their categories and their chapters: contract section 2.6."""

from api.courses.categories import CourseCategories
from api.courses.chapters import Chapters
from api.courses.courses import Courses

__all__ = ["Chapters", "CourseCategories", "Courses"]
