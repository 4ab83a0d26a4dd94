"""What the demo data of several groups has in common: who created it, when, and what became of it."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from sandbox.crm.posters import save_poster
from sandbox.crm.room import SeedContext
from sandbox.crm.store import Base

# Content of a checked role waits for approval; what others create is approved at once.
STATES = ("pending", "approved", "pending", "approved", "rejected", "approved", "pending", "approved")
CHECKED = ("npo", "npo2", "newcomer", "msb", "refused")
PICTURES = 3
# A word that no line break helps, markup, entities, a family of joined emoji, stray white space.
AWKWARD = (
    ("<b>Қалың</b> тақырып & <i>көлбеу</i>", "<b>Жирный</b> заголовок & <i>курсив</i>"),
    ("<script>alert('CRM')</script>", "</pre></code>Закрыли лишнее <a href='https://example.com'>тут</a>"),
    ("AT&amp;T &lt;кездесу&gt; «R&D» 5 > 3", "100% скидка: _не_ *шутка* [и](ссылка) `код` ~~нет~~"),
    ("👨‍👩‍👧‍👦🏳️‍🌈👩🏽‍🚀 Отбасы күні 🇰🇿", "Семейный день 👨‍👩‍👧‍👦🇰🇿👩🏽‍🤝‍👨🏻"),
    ("Ұзақ" * 60, "Длинное" * 36),
    ("  Бос   орын\tжәне\nжаңа жол  ", "  Пробелы   внутри\tи\nперевод строки  "),
)


def store(context: SeedContext, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """All rows in one statement."""
    # Without this option each pattern of nulls becomes a statement of its own.
    context.session.execute(insert(table), rows, execution_options={"render_nulls": True})


def provenance(
    context: SeedContext, source: random.Random, number: int, owners: Sequence[str | None]
) -> dict[str, Any]:
    """The columns that tell owner and moderation; `number` counts from the newest entry."""
    owner = owners[number % len(owners)]
    checked = owner in CHECKED
    state = STATES[number // 2 % len(STATES)] if checked else ("approved", "rejected")[number % 29 == 11]
    created = context.now - timedelta(hours=11 * number + source.randrange(11), minutes=source.randrange(60))
    judged = None if state == "pending" else created + timedelta(hours=source.randrange(1, 30) * checked)
    owner_id = context.admin_ids[owner] if owner else None
    return {
        "admin_id": owner_id,
        "created_at": created,
        "moderation_status": state,
        "moderated_at": judged,
        "moderated_by": None
        if judged is None
        else context.admin_ids["administrator"]
        if checked
        else owner_id,
        "moderation_comment": None,
        "is_admin_created": not checked and owner is not None,
    }


def pictures(context: SeedContext, folder: str) -> list[str]:
    """Paths of a few posters in that folder of the uploads."""
    target = context.uploads / folder
    target.mkdir(parents=True, exist_ok=True)
    for number in range(PICTURES):
        save_poster(target / f"demo-{number}.jpg", number, "TABYS")
    return [f"/uploads/{folder}/demo-{number}.jpg" for number in range(PICTURES)]


def picture_for(number: int, paths: list[str], folder: str) -> str | None:
    """Every third entry has a picture; one in forty points to a file that is lost, one to another site."""
    if number % 40 == 13:
        return f"/uploads/{folder}/lost-{number}.jpg"
    if number % 40 == 27:
        return "https://example.com/poster.jpg"
    return paths[number // 3 % len(paths)] if number % 3 == 0 else None
