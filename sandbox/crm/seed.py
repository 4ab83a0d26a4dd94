"""Demo data: the same every time but for the dates, which lie around now. All people are invented."""

import random
from datetime import timedelta

from sqlalchemy import func, select

from sandbox.crm.passwords import hash_password
from sandbox.crm.room import Room, SeedContext
from sandbox.crm.store import utc_now
from sandbox.crm.tables import Admin

PASSWORD = "sandbox"
# login, role, name, approval status, reason
ADMINS = (
    ("super_admin", "super_admin", "Айгүл Серікбаева", "approved", None),
    ("administrator", "administrator", "Данияр Омаров", "approved", None),
    ("government", "government", "Сәуле Тілеубекова", "approved", None),
    ("npo", "npo", "Нұрлан Әбдіқадыр", "approved", None),
    ("msb", "msb", "Гүлнұр Бекенова", "approved", None),
    ("volunteer_admin", "volunteer_admin", "Ерасыл Жандосұлы", "approved", None),
    ("client", "client", "Алина Ковалёва", "approved", None),
    ("npo2", "npo", "Мәдина Бірлікқызы", "approved", None),
    ("administrator2", "administrator", "Светлана Петренко", "approved", None),
    ("newcomer", "npo", "Қоғамдық қор «Жас Өркен»", "pending", None),
    (
        "refused",
        "msb",
        "ТОО «Өрлеу & Даму» <МСБ>",
        "rejected",
        "Құжаттар толық емес / Неполный пакет документов",
    ),
)


def seed_room(room: Room) -> None:
    """Fills an empty database; one that already holds admins is left as it is."""
    # A fixed source of randomness keeps tests and screenshots the same from run to run.
    source = random.Random(20_26)
    now = utc_now().replace(minute=0, second=0, microsecond=0)
    with room.db.session() as session:
        if session.scalar(select(func.count()).select_from(Admin)):
            return
        password_hash = hash_password(PASSWORD)
        admins = [
            Admin(
                login=login,
                role=role,
                name=name,
                email=f"{login.replace('_', '.')}@example.com" if approval == "approved" else None,
                password_hash=password_hash,
                approval_status=approval,
                approval_reason=reason,
                approved_at=None if approval == "pending" else now - timedelta(days=100),
                approved_by=None if approval == "pending" else 1,
                created_at=now - timedelta(days=120 - position),
            )
            for position, (login, role, name, approval, reason) in enumerate(ADMINS)
        ]
        session.add_all(admins)
        session.flush()
        context = SeedContext(
            session=session,
            random=source,
            now=now,
            uploads=room.uploads,
            admin_ids={admin.login or "": admin.id for admin in admins},
        )
        for group in room.groups:
            if group.seed:
                group.seed(context)
