"""leisure: places, tickets, promo, their categories and galleries (contract 2.8)."""

from fastapi import APIRouter

from sandbox.crm.groups.leisure.admin import add_admin_routes
from sandbox.crm.groups.leisure.forms import add_form_routes
from sandbox.crm.groups.leisure.kinds import PLACE, PROMO, TICKET, in_moderation
from sandbox.crm.groups.leisure.public import add_public_routes
from sandbox.crm.groups.leisure.seed import seed_leisure
from sandbox.crm.room import Group


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/leisure", tags=["leisure"])
    add_admin_routes(routes)
    add_public_routes(routes)
    add_form_routes(routes)
    return routes


GROUP = Group(
    router,
    moderated=(
        in_moderation(PLACE, "places"),
        in_moderation(TICKET, "tickets"),
        in_moderation(PROMO, "promo_actions"),
    ),
    seed=seed_leisure,
    upload_folders=("places", "tickets", "promo", "place_gallery", "ticket_gallery", "leisure_icons"),
)
