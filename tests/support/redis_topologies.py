"""A real Sentinel and a real Cluster on this machine, whose masters a test may kill."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis as redis_sync
from redis.sentinel import Sentinel

from tests.support.ports import free_port

SLOTS = 16384
SERVICE = "tabys"


class _Servers:
    """redis-server processes, ended together."""

    def __init__(self) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(
                "needs redis-server: apt-get install redis-server"
            )
        self._binary = str(binary)
        self._home = Path(tempfile.mkdtemp(prefix="redis-"))
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def begin(self, *words: str, port: int = 0) -> int:
        """The port of a new server; returns when it answers."""
        port = port or free_port()
        home = self._home / str(port)
        home.mkdir()
        first = [word for word in words if not word.startswith("--") and word.endswith(".conf")]
        rest = [word for word in words if word not in first]
        basics = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
        # Redis takes what follows an option as its value: flags without one come last.
        self._running[port] = subprocess.Popen(
            [self._binary, *first, *basics, *rest], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with self.node(port) as client:
            waited(lambda: _answers(client), "redis-server does not answer")
        return port

    def node(self, port: int) -> redis_sync.Redis:
        """A client of that one; close it."""
        return redis_sync.Redis(port=port, decode_responses=True, socket_timeout=5)

    def kill(self, port: int) -> None:
        """kill -9."""
        process = self._running.pop(port)
        process.kill()
        process.wait(10)

    def close(self) -> None:
        for port in list(self._running):
            self.kill(port)
        shutil.rmtree(self._home, ignore_errors=True)


class Sentineled:
    """A master with two replicas, watched by three Sentinels."""

    kind = "sentinel"

    def __init__(self) -> None:
        self._servers = _Servers()
        self._sentinels: list[int] = []
        self._master = 0

    def start(self) -> None:
        """Returns when the replicas follow and the Sentinels know them."""
        self._master = self._servers.begin()
        replicas = [self._servers.begin("--replicaof", f"127.0.0.1 {self._master}") for _ in range(2)]
        for _ in range(3):
            port = free_port()
            config = self._servers._home / f"sentinel-{port}.conf"
            config.write_text(
                f"sentinel monitor {SERVICE} 127.0.0.1 {self._master} 2\n"
                f"sentinel down-after-milliseconds {SERVICE} 1000\n"
                f"sentinel failover-timeout {SERVICE} 4000\n"
            )
            self._sentinels.append(self._servers.begin(str(config), "--sentinel", port=port))
        for port in replicas:
            with self._servers.node(port) as client:
                waited(partial(_follows, client), "no replica follows")
        for port in self._sentinels:
            with self._servers.node(port) as client:
                waited(partial(_knows_all, client), "the Sentinels do not know each other")

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}"

    def client(self) -> Any:
        """A client of the master; close it."""
        port = self.master()
        return self._servers.node(port)

    def master(self) -> int:
        """The port of the master that the Sentinels name."""
        found = Sentinel([("127.0.0.1", port) for port in self._sentinels], socket_timeout=1)
        try:
            return int(found.discover_master(SERVICE)[1])
        finally:
            for one in found.sentinels:
                one.close()

    def kill_master(self, _key: str = "") -> None:
        """The master is gone at once; another is chosen."""
        self._servers.kill(self.master())

    def close(self) -> None:
        self._servers.close()


class Clustered:
    """Three masters, a replica each."""

    kind = "cluster"

    def __init__(self) -> None:
        self._servers = _Servers()
        self._ports: list[int] = []

    def start(self) -> None:
        """Returns when every slot is served and every replica follows."""
        buses: dict[int, int] = {}
        for _ in range(6):
            bus = free_port()
            words = ("--cluster-enabled", "yes", "--cluster-port", str(bus), "--cluster-node-timeout", "1500")
            buses[self._servers.begin(*words)] = bus
        self._ports = list(buses)
        masters, replicas = self._ports[:3], self._ports[3:]
        with contextlib.ExitStack() as stack:
            nodes = {port: stack.enter_context(self._servers.node(port)) for port in self._ports}
            step = SLOTS // 3 + 1
            for number, port in enumerate(masters):
                last = min(SLOTS, (number + 1) * step) - 1
                nodes[port].execute_command("CLUSTER", "ADDSLOTSRANGE", number * step, last)
            for port in self._ports[1:]:
                nodes[self._ports[0]].execute_command("CLUSTER", "MEET", "127.0.0.1", port, buses[port])
            for node in nodes.values():
                waited(partial(_says, node, "cluster_known_nodes", "6"), "the nodes do not meet")
            for master, replica in zip(masters, replicas, strict=True):
                name = nodes[master].execute_command("CLUSTER", "MYID")
                waited(partial(_done, nodes[replica], "CLUSTER", "REPLICATE", name), "no replica is taken")
            for node in nodes.values():
                waited(partial(_says, node, "cluster_state", "ok"), "the cluster does not form")
            for port in replicas:
                waited(partial(_follows, nodes[port]), "no replica follows")

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self._ports)

    def client(self) -> Any:
        """A client of the whole; close it."""
        return redis_sync.RedisCluster(
            startup_nodes=[redis_sync.cluster.ClusterNode("127.0.0.1", port) for port in self._ports],
            decode_responses=True,
        )

    def holder(self, key: str) -> int:
        """The port of the master that holds the key."""
        with self.client() as client:
            return int(client.get_node_from_key(key).port)

    def kill_master(self, key: str = "jobs") -> None:
        """The master that holds the key is gone at once; its replica takes over."""
        self._servers.kill(self.holder(key))

    def close(self) -> None:
        self._servers.close()


Topology = Sentineled | Clustered


def waited(holds: Callable[[], Any], otherwise: str, seconds: float = 30) -> None:
    """Returns when ``holds``; AssertionError when it does not in time."""
    limit = time.monotonic() + seconds
    while True:
        with contextlib.suppress(redis_sync.RedisError, KeyError):
            if holds():
                return
        assert time.monotonic() < limit, otherwise
        time.sleep(0.05)


def _answers(client: redis_sync.Redis) -> bool:
    return bool(client.ping())


def _done(node: redis_sync.Redis, *words: str) -> bool:
    return bool(node.execute_command(*words))


def _follows(node: redis_sync.Redis) -> bool:
    return bool(node.info()["master_link_status"] == "up")


def _says(node: redis_sync.Redis, name: str, value: str) -> bool:
    return _info(node)[name] == value


def _info(node: redis_sync.Redis) -> dict[str, str]:
    found = node.execute_command("CLUSTER", "INFO")
    if isinstance(found, dict):
        return {str(name): str(value) for name, value in found.items()}
    return dict(line.split(":", 1) for line in str(found).split())


def _knows_all(sentinel: redis_sync.Redis) -> bool:
    state = sentinel.sentinel_master(SERVICE)
    return int(state["num-other-sentinels"]) == 2 and int(state["num-slaves"]) == 2
