"""Who may do what: one pure function for drawing, serving and refusing (contract 5.1, stricter than 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.access import Module, Need, Permission, Principal, Role

_READ = frozenset({Permission.READ})
_RECORDS = frozenset({Permission.READ, Permission.CREATE, Permission.UPDATE, Permission.DELETE})
_ALL = frozenset(Permission)

_Rights = Mapping[Module, frozenset[Permission]]


NOBODY = Need(Permission.READ)
"""A permission without a module: what nobody declared is met by nobody."""


class Denied(Exception):
    """This principal may not do that."""

    def __init__(self, principal: Principal, need: Need) -> None:
        super().__init__(f"{principal.role or 'guest'} lacks {need.module}:{need.permission}")
        self.principal = principal
        self.need = need


class LookingOnly(Denied):
    """This principal only looks on as another role: nothing is written meanwhile."""


_CONTENT = (
    Module.VOLUNTEERS, Module.VACANCIES, Module.LEISURE, Module.PROJECTS, Module.EVENTS, Module.NEWS,
    Module.USERS, Module.COURSES, Module.CERTIFICATES, Module.EXPERTS, Module.RESUMES, Module.TECH_TASKS,
)  # fmt: skip
_OFFICE = (Module.BROADCASTS, Module.NOTIFICATIONS, Module.EMAILS, Module.SESSIONS, Module.COMMUNITY)


def _granted(modules: tuple[Module, ...], permissions: frozenset[Permission]) -> _Rights:
    return MappingProxyType(dict.fromkeys(modules, permissions))


_ADMINISTRATOR: _Rights = MappingProxyType({**_granted(_CONTENT + _OFFICE, _ALL), Module.ANALYTICS: _READ})

_MATRIX: Mapping[Role, _Rights] = MappingProxyType(
    {
        Role.VOLUNTEER_ADMIN: _granted((Module.VOLUNTEERS,), _RECORDS),
        Role.MSB: _granted((Module.VACANCIES, Module.LEISURE), _RECORDS),
        Role.NPO: _granted((Module.PROJECTS, Module.EVENTS), _RECORDS),
        Role.GOVERNMENT: _granted((*_CONTENT, Module.ANALYTICS, Module.COMMUNITY), _READ),
        Role.ADMINISTRATOR: _ADMINISTRATOR,
        Role.SUPER_ADMIN: MappingProxyType({**_ADMINISTRATOR, Module.ADMINS: _ALL}),
    }
)
_NOTHING: _Rights = MappingProxyType({})
_OWNERS = frozenset({Role.MSB, Role.NPO})


def rights(principal: Principal) -> _Rights:
    """Everything this principal may do, by module; empty for guests, clients and unknown roles."""
    if principal.is_guest or principal.role is None:
        return _NOTHING
    return _MATRIX.get(principal.role, _NOTHING)


def allows(principal: Principal, need: Need) -> bool:
    """True when ``need`` is met. A need that names only half of a right is met by nobody."""
    if need.module is None and need.permission is None:
        return not need.signed_in or not principal.is_guest
    if need.module is None or need.permission is None:
        return False
    return need.permission in rights(principal).get(need.module, frozenset())


def require(principal: Principal, need: Need) -> None:
    """Nothing; raises ``Denied``."""
    if not allows(principal, need):
        raise Denied(principal, need)


def require_write(principal: Principal, need: Need) -> None:
    """Nothing; raises ``Denied``, and ``LookingOnly`` for whoever only looks on as that role. Which permission is asked
    for says nothing about that: some lists are open to those alone who may change them."""
    require(principal, need)
    if principal.looking:
        raise LookingOnly(principal, need)


def sees_own(role: Role) -> bool:
    """True for a role that works with own records only."""
    return role in _OWNERS


def owns_only(principal: Principal, module: Module) -> bool:
    """True when this principal works with own records only: msb and npo, in their modules."""
    return principal.role in _OWNERS and module in rights(principal)
