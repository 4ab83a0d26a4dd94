"""What is installed is what was looked at: pinned, hashed, from nowhere in particular; the container writes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-telemetry.txt", "requirements-demo.txt", "requirements-dev.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_and_hashed_and_names_no_index(name: str):
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links|--trusted-host|file:", text)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    assert len(blocks) > 10
    for block in blocks:
        first = block.splitlines()[0]
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^\s;\\]+", first), first
        assert "--hash=sha256:" in block, first


def test_the_makefile_installs_only_with_hashes():
    """But for the tool that makes the lock files, which nothing runs that is delivered."""
    installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert len(installs) > 1
    assert [line for line in installs if "--require-hashes" not in line and line.split()[-1] != "uv"] == []


def test_the_container_runs_as_nobody_and_writes_nothing():
    docker = (ROOT / "Dockerfile").read_text()
    user = re.findall(r"(?m)^USER (\d+):(\d+)$", docker)
    assert user
    assert all(int(uid) >= 1000 and int(gid) >= 1000 for uid, gid in user)
    assert "--require-hashes" in docker
    services = yaml.safe_load((ROOT / "docker-compose.prod.yml").read_text())["services"]
    for name, service in services.items():
        assert service.get("read_only") is True, name
        assert service.get("cap_drop") == ["ALL"], name
        assert "no-new-privileges:true" in service.get("security_opt", []), name


def test_only_the_rooms_of_the_application_enter_the_image():
    lines = (ROOT / ".dockerignore").read_text().split()
    assert lines[lines.index("*") :][0] == "*"
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert not allowed & {".env", "tests", "sandbox", ".git", "deploy"}
