"""A real redis-server as a process of its own, nothing saved."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis as blocking

from tests.support.ports import free_port


@contextmanager
def redis_server(home: Path, *arguments: str, port: int = 0) -> Iterator[int]:
    """The port of a server that lives as long as this is entered."""
    port = port or free_port()
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("needs redis-server")
    basics = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    server = subprocess.Popen([binary, *arguments, *basics], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    with blocking.Redis(host="127.0.0.1", port=port) as client:
        while True:
            try:
                client.ping()
            except blocking.ConnectionError:
                assert time.monotonic() < deadline, "redis-server does not answer"
                time.sleep(0.02)
            else:
                return
