"""The stage of the flows, for what is checked on the running bot."""

from tests.flows.conftest import more_env, redis_url, seeded, stage, unhurried

__all__ = ["more_env", "redis_url", "seeded", "stage", "unhurried"]
