"""The matrix of the contract, cell by cell."""

from __future__ import annotations

import pytest

from models.access import PUBLIC, SIGNED_IN, Module, Need, Permission, Principal, Role
from services import policy

TABLE = """
volunteers    | -    | RCUD | -    | -    | R | RCUDM | RCUDM
vacancies     | -    | -    | RCUD | -    | R | RCUDM | RCUDM
leisure       | -    | -    | RCUD | -    | R | RCUDM | RCUDM
projects      | -    | -    | -    | RCUD | R | RCUDM | RCUDM
events        | -    | -    | -    | RCUD | R | RCUDM | RCUDM
news          | -    | -    | -    | -    | R | RCUDM | RCUDM
users         | -    | -    | -    | -    | R | RCUDM | RCUDM
courses       | -    | -    | -    | -    | R | RCUDM | RCUDM
certificates  | -    | -    | -    | -    | R | RCUDM | RCUDM
experts       | -    | -    | -    | -    | R | RCUDM | RCUDM
resumes       | -    | -    | -    | -    | R | RCUDM | RCUDM
tech_tasks    | -    | -    | -    | -    | R | RCUDM | RCUDM
community     | -    | -    | -    | -    | R | RCUDM | RCUDM
broadcasts    | -    | -    | -    | -    | - | RCUDM | RCUDM
notifications | -    | -    | -    | -    | - | RCUDM | RCUDM
emails        | -    | -    | -    | -    | - | RCUDM | RCUDM
sessions      | -    | -    | -    | -    | - | RCUDM | RCUDM
analytics     | -    | -    | -    | -    | R | R     | R
admins        | -    | -    | -    | -    | - | -     | RCUDM
"""
LETTERS = dict(zip("RCUDM", Permission, strict=True))
CELLS = [
    (role, Module(cells[0]), {LETTERS[letter] for letter in cell.replace("-", "")})
    for cells in ([cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines())
    for role, cell in zip(Role, cells[1:], strict=True)
]


def admin(role: Role | None) -> Principal:
    return Principal(101, 7, role, "Ada")


def test_the_table_covers_everything() -> None:
    assert {(role, module) for role, module, _ in CELLS} == {
        (role, module) for role in Role for module in Module
    }


@pytest.mark.parametrize(("role", "module", "expected"), CELLS)
def test_each_cell(role: Role, module: Module, expected: set[Permission]) -> None:
    allowed = {one for one in Permission if policy.allows(admin(role), Need(one, module))}
    assert allowed == expected == set(policy.rights(admin(role)).get(module, ()))


@pytest.mark.parametrize("principal", [Principal(101), Principal(101, None, Role.SUPER_ADMIN), admin(None)])
def test_guests_and_unknown_roles_may_nothing(principal: Principal) -> None:
    assert not policy.rights(principal)
    assert not any(policy.allows(principal, Need(one, module)) for one in Permission for module in Module)


def test_the_two_marks() -> None:
    assert policy.allows(Principal(101), PUBLIC)
    assert not policy.allows(Principal(101), SIGNED_IN)
    assert policy.allows(admin(Role.CLIENT), SIGNED_IN)
    assert policy.allows(admin(None), SIGNED_IN)


@pytest.mark.parametrize("need", [Need(Permission.READ), Need(module=Module.EVENTS)])
@pytest.mark.parametrize("signed_in", [True, False])
def test_half_a_need_is_met_by_nobody(need: Need, signed_in: bool) -> None:
    half = Need(need.permission, need.module, signed_in)
    assert not policy.allows(admin(Role.SUPER_ADMIN), half)


def test_require_raises_what_allows_refuses() -> None:
    need = Need(Permission.MODERATE, Module.EVENTS)
    policy.require(admin(Role.ADMINISTRATOR), need)
    with pytest.raises(policy.Denied) as caught:
        policy.require(admin(Role.NPO), need)
    assert caught.value.need == need


def test_only_msb_and_npo_own_and_only_in_their_modules() -> None:
    owned = {(role, module) for role in Role for module in Module if policy.owns_only(admin(role), module)}
    assert owned == {
        (Role.MSB, Module.VACANCIES),
        (Role.MSB, Module.LEISURE),
        (Role.NPO, Module.PROJECTS),
        (Role.NPO, Module.EVENTS),
    }


@pytest.mark.parametrize("role", Role)
def test_the_matrix_cannot_be_changed_from_outside(role: Role) -> None:
    rights = policy.rights(admin(role))
    with pytest.raises(TypeError):
        rights[Module.NEWS] = frozenset(Permission)
