"""The stage of the flows, for what is checked on the running bot."""

from tests.flows.conftest import redis_url, seeded, stage, unhurried

__all__ = ["redis_url", "seeded", "stage", "unhurried"]
