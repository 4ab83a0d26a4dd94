"""community: members, mentorship and random coffee (docs/community-api.md), which the backend itself lacks today."""

from fastapi import APIRouter

from sandbox.crm.groups.community import coffee, imports, members, own, pairs, rounds, statistics
from sandbox.crm.groups.community.rights import Repeatable
from sandbox.crm.groups.community.seed import seed_community
from sandbox.crm.room import Group

PREFIX = "/api/v2/community"


def router() -> APIRouter:
    routes = APIRouter(prefix=PREFIX, tags=["community"], route_class=Repeatable)
    # Before the members, among whose paths theirs would be an id.
    statistics.add_to(routes)
    imports.add_to(routes)
    members.add_to(routes)
    own.add_to(routes)
    pairs.add_to(routes)
    coffee.add_to(routes)
    rounds.add_to(routes)
    return routes


GROUP = Group(router, seed=seed_community, extension="community")
