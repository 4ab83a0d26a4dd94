"""The commands that the manual names can be typed: files, services, deployments and the bot's own words exist."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import main

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "docs" / "operations.md", ROOT / "docs" / "security.md", ROOT / "README.md")
VERBS = {"build", "exec", "up", "stop", "run", "restart", "logs"}
OTHERS = {"redis-cli", "python", "tar", "sh"}


def commands() -> list[str]:
    """Every command line in a block or between backticks."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        lines = [line.strip() for kind, block in blocks if not kind for line in block.splitlines()]
        lines += re.findall(r"`((?:docker|kubectl|python|make|kill|nginx) [^`]+)`", text)
        found += [
            part.strip() for line in lines for part in re.split(r"\s\|\s|\s<\s|\s>\s", line) if part.strip()
        ]
    return sorted(set(found))


def services(file: str) -> set[str]:
    return set(yaml.safe_load((ROOT / file).read_text())["services"])


def names(kind: str) -> set[str]:
    files = (ROOT / "deploy" / "kubernetes").glob("*.yaml")
    objects = [one for file in files for one in yaml.safe_load_all(file.read_text()) if one]
    return {one["metadata"]["name"] for one in objects if one["kind"] == kind}


def wrong(command: str) -> Iterator[str]:
    words = shlex.split(command.replace("$(date +%F)", "today"))
    if "compose" in words:
        yield from wrong_compose(words)
    if words[0] == "kubectl":
        yield from wrong_kubectl(words)
    for before, word in itertools.pairwise(words):
        if before.endswith("main.py"):
            try:
                main.parse([word])
            except SystemExit:
                yield f"main.py knows no {word}"
    if words[0] == "make" and not re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE):
        yield f"no target {words[1]}"


def wrong_compose(words: list[str]) -> Iterator[str]:
    rest = words[words.index("compose") + 1 :]
    file = "docker-compose.yml"
    if rest[:1] == ["-f"]:
        file, rest = rest[1], rest[2:]
    if not (ROOT / file).exists():
        yield f"no file {file}"
        return
    verb, *rest = rest
    if verb not in VERBS:
        yield f"compose knows no {verb}"
    skip = False
    for word in rest:
        if skip or word.startswith("-"):
            skip = word == "--entrypoint"
        elif word in OTHERS:
            return
        elif word not in services(file):
            yield f"{file} has no {word}"
            return
        elif verb in ("exec", "run"):
            return


def wrong_kubectl(words: list[str]) -> Iterator[str]:
    for word in words[1:]:
        kind, slash, name = word.partition("/")
        if (
            slash
            and kind in ("deployment", "deploy")
            and name not in names("Deployment")
            and "kubernetes" not in name
        ):
            yield f"no deployment {name}"
    for option in ("-k", "-f"):
        if option in words and (path := words[words.index(option) + 1]) != "-" and not (ROOT / path).exists():
            yield f"no {path}"
    if "secret" in words and words[words.index("generic") + 1] not in names("Secret"):
        yield "another secret"
    if "-n" in words and words[words.index("-n") + 1] not in names("Namespace"):
        yield "another namespace"


@pytest.mark.parametrize("command", commands())
def test_a_command_can_be_typed(command: str):
    assert not list(wrong(command))


def test_there_are_commands():
    assert len(commands()) > 25


@pytest.mark.parametrize(
    "command",
    [
        "docker compose -f docker-compose.prod.yml up -d bot-c",
        "docker compose -f compose.yml up -d",
        "docker compose exec bot python main.py chek",
        "kubectl -n tabys rollout undo deployment/tabys",
        "kubectl apply -k deploy/kube",
        "kubectl -n bot apply -f -",
        "make faster",
    ],
)
def test_a_wrong_one_is_found(command: str):
    assert list(wrong(command))


def test_files_of_deploy_that_are_named_exist():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"`(deploy/[\w./-]+)`", text))
    missing = {path for path in named if not (ROOT / path).exists()}
    # The certificate is the installation's own.
    assert missing <= {"deploy/nginx/certs/fullchain.pem"}
