"""A real redis-server on a port of its own, which a test may stop, freeze, kill and start again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from typing import Any

import pytest
import redis as redis_sync

from tests.support.ports import free_port


class RedisServer:
    """Keeps its port over restarts. ``aof`` makes it remember; without, a restart comes back empty."""

    def __init__(self, *, aof: bool = False) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            # On a bare laptop the rest still runs; where the result counts, a missing server is a failure.
            (pytest.fail if os.environ.get("CI") else pytest.skip)(
                "needs redis-server: apt-get install redis-server"
            )
        self._binary = binary
        self._aof = aof
        self._folder = tempfile.mkdtemp(prefix="redis-")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it answers."""
        words = [self._binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        words += [self._folder, "--appendonly", "yes" if self._aof else "no", "--appendfsync", "always"]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with self.client() as client:
            for _ in range(200):
                try:
                    client.ping()
                except (redis_sync.ConnectionError, redis_sync.BusyLoadingError):
                    time.sleep(0.02)
                else:
                    return
        raise TimeoutError("redis-server does not answer")

    def stop(self) -> None:
        """Connections are refused from now on. Repeating is harmless."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def pause(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on where it was frozen."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def client(self) -> redis_sync.Redis:
        """A client for looking and tampering; close it."""
        return redis_sync.Redis(port=self.port, decode_responses=True, socket_timeout=5)

    def dump(self) -> dict[str, Any]:
        """Every key with its value, whatever its type."""
        with self.client() as client:
            read = {
                "string": client.get,
                "hash": client.hgetall,
                "set": client.smembers,
                "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
                "list": lambda key: client.lrange(key, 0, -1),
                "stream": client.xrange,
            }
            kinds = {key: str(client.type(key)) for key in client.keys("*")}
            # A key may have run out since it was listed.
            return {key: read[kind](key) for key, kind in kinds.items() if kind in read}

    def holds(self, key: str) -> bool:
        """True when there is such a key."""
        with self.client() as client:
            return bool(client.exists(key))

    def flush(self) -> None:
        """Forgets everything."""
        with self.client() as client:
            client.flushall()

    def close(self) -> None:
        """Ends it for good."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
