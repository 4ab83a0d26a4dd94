from tests.support.fixtures import calm_redis, hooked, nursery, polled, redis, seeded

__all__ = ["calm_redis", "hooked", "nursery", "polled", "redis", "seeded"]
