from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.crm import CrmServer

ROLES = ("super_admin", "administrator", "government", "npo", "msb", "volunteer_admin", "client")


@pytest.fixture
async def crm() -> AsyncIterator[CrmServer]:
    """A running sandbox with one admin per role and nothing else."""
    async with CrmServer(seed=False) as server:
        for role in ROLES:
            server.add_admin(role, role)
        yield server


@pytest.fixture
async def seeded() -> AsyncIterator[CrmServer]:
    async with CrmServer() as server:
        yield server


@pytest.fixture
async def client(crm: CrmServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=crm.url, timeout=5) as opened:
        yield opened
