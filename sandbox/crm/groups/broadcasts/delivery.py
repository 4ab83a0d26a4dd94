"""Sending a broadcast in the background, as far as the sandbox goes: rows change, no Telegram is called."""

import asyncio
import html
import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox.crm.groups.broadcasts.tables import Broadcast, Delivery
from sandbox.crm.room import Room
from sandbox.crm.store import utc_now
from sandbox.crm.tables import Admin, TelegramSession

# Between two messages, in seconds.
PAUSE = 0.05
PREFIX = "📢 <b>Объявление от администрации</b>\n\n"
LONGEST_MESSAGE = 4096
TAG = re.compile(r"<(/?)([a-z-]+)[^<>]*>")
KNOWN_TAGS = frozenset(
    ("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "span",
     "tg-spoiler", "tg-emoji")
)  # fmt: skip


def recipients(session: Session, broadcast: Broadcast) -> list[str]:
    """Telegram ids of the active admin sessions in the audience; end users are never among them."""
    chosen = select(TelegramSession.telegram_user_id).join(Admin).where(TelegramSession.is_active)
    if broadcast.target_audience == "admins_only":
        chosen = chosen.where(Admin.role != "client")
    elif broadcast.target_audience == "by_role":
        chosen = chosen.where(Admin.role == broadcast.target_role)
    return list(session.scalars(chosen.order_by(TelegramSession.telegram_user_id)))


async def deliver(room: Room, broadcast_id: int) -> None:
    """Goes through what is still pending; without a bot token the broadcast just fails."""
    if not room.outside.telegram:
        with room.db.session() as session:
            session.get_one(Broadcast, broadcast_id).status = "failed"
        return
    sent = failed = 0
    for delivery_id in _pending(room, broadcast_id):
        if PAUSE and sent + failed:
            await asyncio.sleep(PAUSE)
        if room.faults.closing.is_set():
            return
        with room.db.session() as session:
            delivery = session.get(Delivery, delivery_id)
            if delivery is None:
                return
            broadcast = session.get_one(Broadcast, broadcast_id)
            reached = readable(broadcast.message) and delivery.telegram_user_id not in room.outside.blocked
            delivery.status = "sent" if reached else "failed"
            sent, failed = sent + reached, failed + (not reached)
    with room.db.session() as session:
        done = session.get(Broadcast, broadcast_id)
        if done:
            # What an earlier run counted is overwritten, also by zeros.
            done.status, done.completed_at = "sent", utc_now()
            done.sent_count, done.failed_count = sent, failed


def readable(message: str) -> bool:
    """Whether Telegram would take the message as HTML: known tags, well nested, not too long."""
    text = PREFIX + message
    open_tags: list[str] = []
    for closing, name in TAG.findall(text):
        if name not in KNOWN_TAGS:
            return False
        if not closing:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    plain = html.unescape(TAG.sub("", text))
    units = len(plain.encode("utf-16-le")) // 2
    return not open_tags and "<" not in TAG.sub("", text) and units <= LONGEST_MESSAGE


def _pending(room: Room, broadcast_id: int) -> list[int]:
    waiting = select(Delivery.id).where(Delivery.broadcast_id == broadcast_id, Delivery.status == "pending")
    with room.db.session() as session:
        return list(session.scalars(waiting.order_by(Delivery.id)))
