"""The unified queue: contract section 2.3."""

from __future__ import annotations

from models.common import Record, UtcDateTime


class Queued(Record):
    """One row of the queue; ``entity_type`` is event, vacancy, course, project, place, ticket or promo."""

    entity_type: str
    title: str | None = None
    created_at: UtcDateTime | None = None
    admin_id: int | None = None
