from tests.support.fixtures import calm_redis, hooked, nursery, own_redis, pair, polled, redis, seeded, shaky

__all__ = ["calm_redis", "hooked", "nursery", "own_redis", "pair", "polled", "redis", "seeded", "shaky"]
