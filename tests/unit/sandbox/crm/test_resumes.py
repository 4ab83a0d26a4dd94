"""Resumes: what the recordings do not show."""

from datetime import date
from typing import Any

import httpx

from sandbox.crm import CrmServer
from sandbox.crm.groups import resume_tables as tables
from sandbox.crm.groups.lookup_tables import City, Profession, Skill
from sandbox.crm.store import Base, utc_now


def add(crm: CrmServer, *rows: Base) -> None:
    with crm.room.db.session() as session:
        session.add_all(rows)


def resume(**columns: Any) -> tables.Resume:
    common = {
        "user_id": 1,
        "profession_id": 1,
        "full_name": "x",
        "gender": "male",
        "city_id": 1,
        "phone_number": "x",
        "birth_date": date(2000, 1, 1),
        "citizenship": "x",
        "is_published": True,
    }
    return tables.Resume(**common | columns)


async def test_resumes_are_listed_by_their_last_change(crm: CrmServer, client: httpx.AsyncClient) -> None:
    now = utc_now()
    add(crm, resume(updated_at=now), resume(updated_at=now.replace(year=2020)), resume(is_published=False))
    add(crm, resume(is_active=False))
    listed = [row["id"] for row in (await client.get("/api/v2/resumes/")).json()]
    assert listed == [1, 2]
    everything = (await client.get("/api/v2/resumes/", params={"published_only": False})).json()
    assert {row["id"] for row in everything} == {1, 2, 3}


async def test_seed_holds_every_kind(seeded: CrmServer) -> None:
    rows = seeded.rows(tables.Resume)
    known = {table: {row["id"] for row in seeded.rows(table)} for table in (City, Profession, Skill)}
    assert len(rows) == 125
    assert {row["is_published"] for row in rows} == {row["is_active"] for row in rows} == {True, False}
    assert all(row["city_id"] in known[City] for row in rows)
    assert all(row["profession_id"] in known[Profession] for row in rows)
    assert all(row["skill_id"] in known[Skill] for row in seeded.rows(tables.ResumeSkill))
    assert any(row["about_me"] is None for row in rows)
    assert any(len(row["about_me"] or "") > 3000 for row in rows)
    async with httpx.AsyncClient(base_url=seeded.url) as client:
        for number in (1, 60, 125):
            assert (await client.get(f"/api/v2/resumes/{number}")).status_code == 200
