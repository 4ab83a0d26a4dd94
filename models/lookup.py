"""Rows of the lookups that other records point at: contract section 2.14."""

from __future__ import annotations

from models.common import Named


class Entry(Named):
    """A row of a lookup; an inactive one is still named, but cannot be picked any more."""

    is_active: bool = True


class Profession(Entry):
    """A profession; ``category`` is free text in Russian."""

    category: str | None = None


class Skill(Entry):
    """A skill; ``category`` is free text in Russian."""

    category: str | None = None


class Region(Entry):
    """A region."""


class City(Entry):
    """A city; the backend does not check that its region exists."""

    region_id: int | None = None
