"""What the volunteers' operations take, and who may call them."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Body, Depends
from pydantic import BaseModel

from sandbox.crm.access import ModuleReader, Permitted
from sandbox.crm.tables import Admin

Reader = Annotated[Admin, Depends(ModuleReader("volunteers"))]
Creator = Annotated[Admin, Depends(Permitted("volunteers", "create"))]
Editor = Annotated[Admin, Depends(Permitted("volunteers", "update"))]
Remover = Annotated[Admin, Depends(Permitted("volunteers", "delete"))]
FreeJson = Annotated[dict[str, Any], Body()]


class EventCreate(BaseModel):
    title: str
    title_kz: str | None = None
    description: str | None = None
    description_kz: str | None = None
    event_date: datetime
    location: str | None = None
    direction_id: int | None = None
    v_coins_reward: int = 10
    photo_bonus: int = 5
    whatsapp_group_link: str | None = None
    required_volunteers: int = 0
    required_team_leaders: int = 0
    required_supervisors: int = 0


class TaskCreate(BaseModel):
    title: str
    description: str | None = None
    for_role: str = "ALL"
    is_required: bool = True
    v_coins_bonus: int = 0


class BenefitCreate(BaseModel):
    title: str
    title_kz: str | None = None
    description: str
    description_kz: str | None = None
    v_coins_cost: int
    min_status: str = "VOLUNTEER"
    category: str | None = None
    stock_limit: int | None = None
    icon_url: str | None = None


class ApproveReportRequest(BaseModel):
    admin_comment: str | None = None


class RejectReportRequest(BaseModel):
    admin_comment: str


class CancelPurchaseRequest(BaseModel):
    reason: str


class StatusRequirementUpdate(BaseModel):
    v_coins_required: int
    benefits_ru: str | None = None
    benefits_kz: str | None = None


def zoned(moment: datetime | None) -> str | None:
    """As text with +00:00, as most times of this group are shown."""
    return moment.replace(tzinfo=UTC).isoformat() if moment else None
