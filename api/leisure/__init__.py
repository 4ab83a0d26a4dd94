"""Leisure: places, tickets, promo, their categories and galleries (contract section 2.8)."""

from api.leisure.categories import LeisureCategories
from api.leisure.galleries import PlacePictures, TicketPictures
from api.leisure.places import Places
from api.leisure.promos import Promos
from api.leisure.tickets import Tickets

__all__ = ["LeisureCategories", "PlacePictures", "Places", "Promos", "TicketPictures", "Tickets"]
