"""Certificates: what the recordings do not show."""

from datetime import date

import httpx
import pytest

from sandbox.crm import CrmServer
from sandbox.crm.groups.certificates import Certificate
from tests.unit.sandbox.crm.test_quirks import signed


def user(crm: CrmServer, number: int = 1) -> dict[str, str]:
    return {"Authorization": f"Bearer {crm.room.tokens.for_user(number)}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "1/download"),
        ("GET", "1/image"),
        ("GET", "2"),
        ("DELETE", "1"),
        ("POST", "1/revoke"),
        ("GET", ""),
    ],
)
async def test_certificates_break_for_end_users_and_are_closed_to_admins(
    crm: CrmServer, client: httpx.AsyncClient, method: str, path: str
) -> None:
    for owner in (1, 2):
        row = Certificate(user_id=owner, title="x", issue_date=date(2026, 1, 1), image_url="gone.png")
        with crm.room.db.session() as session:
            session.add(row)
    address = f"/api/v2/certificates/{path}"
    assert (await client.request(method, address, headers=user(crm))).status_code == 500
    refused = await client.request(method, address, headers=signed(crm, "super_admin"))
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


async def test_seed_holds_every_kind(seeded: CrmServer) -> None:
    rows = seeded.rows(Certificate)
    assert len(rows) == 120
    assert {row["status"] for row in rows} == {"active", "revoked"}
    assert all(any(row[name] is None for row in rows) for name in ("image_url", "file_url", "course_id"))
