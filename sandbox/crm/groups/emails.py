"""emails: letters to admins and to anybody (contract 2.12). The body is validated before the role is checked."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import select

from sandbox.crm.access import SignedIn
from sandbox.crm.groups.event_shapes import Email
from sandbox.crm.room import Group, RoomDep
from sandbox.crm.tables import Admin

SENDERS = ("super_admin", "administrator")


class SendEmailRequest(BaseModel):
    recipients: Annotated[list[Email], Field(min_length=1, max_length=100)]
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    body_html: Annotated[str, Field(min_length=1)]
    body_text: str | None = None


class SendEmailResponse(BaseModel):
    success: bool
    sent_count: int
    failed_count: int
    failed_emails: list[str] = []
    message: str


async def send_custom_email(body: SendEmailRequest, admin: SignedIn, room: RoomDep) -> SendEmailResponse:
    """A 200 also when nothing could be sent."""
    _only_senders(admin, "У вас нет прав для отправки email рассылок")
    failed = [
        address
        for address in body.recipients
        if not room.outside.send_mail(address, body.subject, body.body_html)
    ]
    sent = len(body.recipients) - len(failed)
    return SendEmailResponse(
        success=sent > 0,
        sent_count=sent,
        failed_count=len(failed),
        failed_emails=failed,
        message=f"Отправлено: {sent}, Ошибок: {len(failed)}",
    )


async def get_available_recipients(admin: SignedIn, room: RoomDep) -> dict[str, Any]:
    """Admins with an address; end users are not among them."""
    _only_senders(admin, "У вас нет прав для просмотра списка получателей")
    with room.db.session() as session:
        rows = session.scalars(select(Admin).where(Admin.email.is_not(None)).order_by(Admin.id))
        shown = [{"id": row.id, "name": row.name, "email": row.email, "role": row.role} for row in rows]
    return {"recipients": shown, "total": len(shown)}


async def send_test_email(admin: SignedIn, room: RoomDep) -> dict[str, Any]:
    _only_senders(admin, "У вас нет прав для отправки тестовых email")
    if not admin.email:
        raise HTTPException(400, "У вас не указан email адрес в профиле")
    if not room.outside.send_mail(admin.email, "Тест", "<p>Тест</p>"):
        # The one 500 of the backend that has a JSON detail.
        said = "500: Не удалось отправить тестовое письмо. Проверьте настройки SMTP."
        raise HTTPException(500, f"Ошибка при отправке тестового email: {said}")
    return {
        "success": True,
        "message": f"Тестовое письмо успешно отправлено на {admin.email}",
        "recipient": admin.email,
    }


def _only_senders(admin: Admin, refusal: str) -> None:
    if admin.role not in SENDERS:
        raise HTTPException(403, refusal)


def router() -> APIRouter:
    routes = APIRouter(prefix="/api/v2/admin/emails", tags=["emails"])
    routes.post("/send")(send_custom_email)
    routes.get("/recipients")(get_available_recipients)
    routes.post("/test")(send_test_email)
    return routes


GROUP = Group(router)
