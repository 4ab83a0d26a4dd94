"""130 demo broadcasts: in every status, for every audience, most of them with their deliveries."""

import random
from datetime import timedelta
from typing import Any

from sandbox.crm.groups.broadcasts.tables import Broadcast, Delivery
from sandbox.crm.groups.seeding import AWKWARD, store
from sandbox.crm.room import SeedContext

HOW_MANY = 130
AUTHORS = ("administrator", "super_admin", "administrator", "administrator2")
STATUSES = ("sent", "draft", "sent", "scheduled", "sent", "failed", "sent", "cancelled", "sent", "sending")
AUDIENCES = ("all_telegram_users", "admins_only", "by_role", "active_sessions")
TARGET_ROLES = ("npo", "msb", "volunteer_admin", None)
TEXTS = (
    ("Маңызды хабар 📣", "<b>Құрметті әріптестер!</b>\nЖұма күні сағат 15:00-де жиналыс өтеді &amp; шай болады."),
    ("Плановые работы", "В субботу с 22:00 до 02:00 портал будет <i>недоступен</i>. Сохраните черновики."),
    ("Есеп тапсыру мерзімі", "Тоқсандық есепті <u>айдың 25-іне дейін</u> жүктеңіз."),
    ("Обновление бота 🤖", "Появились кнопки модерации. Подробности: <a href=\"https://example.com\">инструкция</a>"),
    ("Мереке құтты болсын! 🎉", "Наурыз мерекесімен құттықтаймыз! 🌷"),
    ("Новые правила публикации", "<code>1.</code> Фото не меньше 800 px\n<code>2.</code> Тексты на двух языках"),
)  # fmt: skip
NOTICE = ("Уведомление о модерации", "🔔 Ожидают модерации: <b>12</b>\n• Мероприятия: 7\n• Проекты: 5")


def seed_broadcasts(context: SeedContext) -> None:
    # An own source: other groups' data stay the same when this one changes.
    source = random.Random(17)
    rows = [_broadcast(context, source, number) for number in reversed(range(HOW_MANY))]
    store(context, Broadcast, rows)
    store(
        context,
        Delivery,
        [
            {"broadcast_id": row["id"], "telegram_user_id": str(700000000 + place), "status": status}
            for row in rows
            for place, status in enumerate(_deliveries(row))
        ],
    )


def _broadcast(context: SeedContext, source: random.Random, number: int) -> dict[str, Any]:
    """`number` counts from the newest."""
    # The backend itself leaves a notice now and then; when nobody can be reached it stays a draft.
    by_itself = number % 16 == 5
    title, message = NOTICE if by_itself else TEXTS[number % len(TEXTS)]
    if number % 20 == 3 and number // 20 < len(AWKWARD):
        title, message = AWKWARD[number // 20]
    if number in (8, 70):
        message = "\n\n".join([message] * 45)
    status = ("sent" if number % 32 == 5 else "draft") if by_itself else STATUSES[number % len(STATUSES)]
    if status == "sending" and number > 20:
        status = "sent"
    audience = "admins_only" if by_itself else AUDIENCES[number // 2 % len(AUDIENCES)]
    created = context.now - timedelta(hours=19 * number + source.randrange(12), minutes=source.randrange(60))
    total = source.randrange(1, 12) if status in ("sent", "failed", "sending") else 0
    failed = source.randrange(0, 3) if status == "sent" and total > 3 else 0
    left = status in ("sent", "failed", "sending")
    sent_at = created + timedelta(minutes=5) if left else None
    # The backend never sends what is scheduled, so some dates are long past; none is so near that a bot that has
    # just been started would send it, or ask about it.
    days = source.choice((-30, -21, -12, 2, 5, 9, 14, 28))
    when = context.now + timedelta(days=days) if status == "scheduled" else None
    return {
        "id": HOW_MANY - number,
        "title": title[:255],
        "message": message,
        "target_audience": audience,
        "target_role": TARGET_ROLES[number // 8 % len(TARGET_ROLES)] if audience == "by_role" else None,
        "status": status,
        "total_recipients": total,
        "sent_count": total - failed if status == "sent" else 0,
        "delivered_count": 0,
        "read_count": 0,
        "failed_count": failed,
        "created_by": context.admin_ids["super_admin" if by_itself else AUTHORS[number % len(AUTHORS)]],
        "created_at": created,
        "scheduled_at": when,
        "sent_at": sent_at,
        "completed_at": sent_at + timedelta(seconds=total) if sent_at and status == "sent" else None,
    }


def _deliveries(row: dict[str, Any]) -> list[str]:
    """The states of its deliveries; a broadcast that failed or is on its way has them all pending."""
    sent, failed = row["sent_count"], row["failed_count"]
    return ["sent"] * sent + ["failed"] * failed + ["pending"] * (row["total_recipients"] - sent - failed)
