"""Who may do what: the backend's own permission table (contract 5.1) and its refusals, word for word."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer

from sandbox.crm.room import RoomDep
from sandbox.crm.store import BackendError
from sandbox.crm.tables import Admin
from sandbox.crm.tokens import TokenError

ROLES = ("client", "volunteer_admin", "msb", "npo", "government", "administrator", "super_admin")
MODULES = (
    "volunteers", "vacancies", "leisure", "projects", "events", "news", "users",
    "courses", "certificates", "experts", "resumes", "tech_tasks", "community",
)  # fmt: skip
ALL_RIGHTS = frozenset({"read", "create", "update", "delete"})
READ_ONLY = frozenset({"read"})
PERMISSIONS: dict[str, dict[str, frozenset[str]]] = {
    "client": {},
    "volunteer_admin": {"volunteers": ALL_RIGHTS},
    "msb": {"vacancies": ALL_RIGHTS, "leisure": ALL_RIGHTS},
    "npo": {"projects": ALL_RIGHTS, "events": ALL_RIGHTS},
    "government": dict.fromkeys(MODULES, READ_ONLY),
    "administrator": dict.fromkeys(MODULES, ALL_RIGHTS),
    "super_admin": dict.fromkeys(MODULES, ALL_RIGHTS),
}
OWN_ONLY = frozenset({"msb", "npo"})


def may(role: str | None, module: str, action: str) -> bool:
    return action in PERMISSIONS.get(role or "", {}).get(module, frozenset())


def own_only(admin: Admin) -> bool:
    """True when this admin sees and changes nothing but its own objects."""
    return admin.role in OWN_ONLY


async def signed_in(
    request: Request,
    room: RoomDep,
    _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> Admin:
    """The admin of the request as the database has it now; 403 without a token, 401 with a bad one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme or not token.strip():
        raise HTTPException(403, "Not authenticated")
    if scheme.lower() != "bearer":
        raise HTTPException(403, "Invalid authentication credentials")
    try:
        admin_id = room.tokens.admin_id(token.strip())
    except TokenError as refused:
        raise HTTPException(401, str(refused)) from None
    with room.db.session() as session:
        admin = session.get(Admin, admin_id)
    if admin is None:
        raise HTTPException(401, "Администратор не найден")
    return admin


SignedIn = Annotated[Admin, Depends(signed_in)]


async def end_user(
    room: RoomDep,
    token: Annotated[
        str | None, Depends(OAuth2PasswordBearer(tokenUrl="api/v2/auth/login", auto_error=False))
    ],
) -> int:
    """The id of the end user; 401 without a token or with an admin's, 500 with an unreadable or expired one."""
    challenge = {"WWW-Authenticate": "Bearer"}
    if not token:
        raise HTTPException(401, "Not authenticated", challenge)
    try:
        user_id = room.tokens.user_id(token)
    except TokenError as refused:
        raise BackendError(str(refused)) from None
    if user_id is None:
        raise HTTPException(401, "Невозможно проверить учетные данные", challenge)
    return user_id


EndUser = Annotated[int, Depends(end_user)]


class ModuleReader:
    """Dependency: the admin, when its role may read the module."""

    def __init__(self, module: str) -> None:
        self.module = module

    async def __call__(self, admin: SignedIn) -> Admin:
        if not may(admin.role, self.module, "read"):
            raise HTTPException(403, f"У вас нет доступа к модулю '{self.module}'")
        return admin


class Permitted:
    """Dependency: the admin, when its role may do the action (read, create, update, delete) in the module."""

    def __init__(self, module: str, action: str) -> None:
        self.module = module
        self.action = action

    async def __call__(self, admin: SignedIn) -> Admin:
        if not may(admin.role, self.module, self.action):
            raise HTTPException(
                403, f"У вас нет прав для выполнения действия '{self.action}' в модуле '{self.module}'"
            )
        return admin


class OneOf:
    """Dependency: the admin, when it has one of the roles."""

    def __init__(self, *roles: str) -> None:
        self.roles = roles

    async def __call__(self, admin: SignedIn) -> Admin:
        if admin.role not in self.roles:
            raise HTTPException(403, f"Доступ запрещен. Требуется одна из ролей: {', '.join(self.roles)}")
        return admin


def section_of_super_admin(admin: Admin) -> None:
    """403 for everybody else; called by the handler itself, so after its body was validated."""
    if admin.role != "super_admin":
        raise HTTPException(403, "У вас нет доступа к этому разделу")
