"""Tickets: contract section 2.8."""

from __future__ import annotations

from types import MappingProxyType
from typing import ClassVar

from api.leisure.columns import TICKET, Columns
from api.leisure.content import ADMIN, PromotedSource, lists_of, newest_first, operations_of
from models.leisure import RelatedType, Ticket


class Tickets(PromotedSource[Ticket]):
    """The tickets source. One order more: ``nearest``, earliest event first."""

    model = Ticket
    columns: ClassVar[Columns] = TICKET
    related_type: ClassVar[str] = RelatedType.TICKET
    listings = lists_of("tickets", "status", search="search")
    moderation = f"{ADMIN}/tickets/moderation"
    stats = f"{ADMIN}/tickets/moderation/stats"
    orders = MappingProxyType(
        {
            "": newest_first,
            "created": newest_first,
            "nearest": lambda ticket: (ticket.event_date, ticket.id),
        }
    )
    operations = operations_of("tickets", "ticket", promos_count=(f"GET {ADMIN}/promo/list",))
