"""Alerts and dashboard ask for figures that there are, under the labels that they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from ingress.contract import Handled
from services.metrics import Metrics

ROOT = Path(__file__).parents[3]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "tabys-admin-bot.json"
OPERATIONS = ROOT / "docs" / "operations.md"

SCRAPED = {"job", "instance"}
"""Labels that Prometheus puts on everything."""
VALUES = {
    "outcome": {*(one.value for one in Handled), "failed", "cancelled", "late", "interrupted", "crashed"},
    "of": {"jobs", "jobs_running", "exports", "mailings", "decisions"},
}
SELECTOR = re.compile(r"\b((?:tabys|process)_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
GROUPED = re.compile(r"\bby\s*\(([^)]*)\)\s*\(")


def exported() -> dict[str, set[str]]:
    """Every name at /metrics with its labels, all figures having been used once."""
    metrics = Metrics()
    metrics.update("message", "done", 0.1)
    metrics.backend_call("events", "GET", 200, 0.1)
    metrics.bot_call("sendMessage", 429)
    metrics.breaker("events", "open")
    metrics.job("sweep_sessions", "done", 0.1)
    metrics.backlog({"jobs": 1})
    metrics.message_age(1.0)
    found: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def figures() -> set[str]:
    """The names as they were declared."""
    own = [name for name in exported() if name.startswith("tabys_") and not name.endswith("_created")]
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in own}


def alerts() -> list[tuple[str, str]]:
    """Name and question of every alert."""
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [(rule["alert"], rule["expr"]) for group in groups for rule in group["rules"]]


def panels() -> list[tuple[str, str]]:
    """Title and question of every panel."""
    board = json.loads(DASHBOARD.read_text())
    return [(one["title"], target["expr"]) for one in board["panels"] for target in one.get("targets", ())]


def wrong(question: str) -> Iterator[str]:
    known = exported()
    names = SELECTOR.findall(question)
    if not names:
        yield "asks for nothing"
    for name, matchers in names:
        if name not in known:
            yield f"{name} is not exported"
            continue
        for label, value in MATCHER.findall(matchers):
            if label not in known[name] | SCRAPED:
                yield f"{name} has no label {label}"
            if label in VALUES and not set(re.split(r"\|", value)) <= VALUES[label]:
                yield f"{label} is never {value}"
    for labels in GROUPED.findall(question):
        for label in (one.strip() for one in labels.split(",")):
            if not any(label in known.get(name, set()) | SCRAPED for name, _ in names):
                yield f"grouped by {label}, which nothing has"
    for opened, closed in ("()", "{}", "[]"):
        if question.count(opened) != question.count(closed):
            yield f"unbalanced {opened}"


@pytest.mark.parametrize(("name", "question"), [*alerts(), *panels()])
def test_a_question_can_be_answered(name: str, question: str):
    assert not list(wrong(question)), name


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("sum(rate(tabys_updates[1m]))", "tabys_updates is not exported"),
        ('tabys_backlog{kind="jobs"}', "tabys_backlog has no label kind"),
        ('tabys_backlog{of="work"}', "of is never work"),
        ('tabys_updates_total{outcome=~"failed|lost"}', "outcome is never failed|lost"),
        ("sum by (group) (tabys_sessions)", "grouped by group, which nothing has"),
        ("sum(tabys_sessions", "unbalanced ("),
        ("vector(1)", "asks for nothing"),
    ],
)
def test_the_search_finds_what_cannot_be_answered(question: str, said: str):
    assert said in list(wrong(question))


def test_no_label_of_ours_is_one_of_prometheus():
    assert not [name for name, labels in exported().items() if labels & SCRAPED]


def test_every_alert_says_what_is_wrong_and_the_manual_what_to_do():
    manual = OPERATIONS.read_text()
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert f"`{rule['alert']}`" in manual, rule["alert"]
    names = [name for name, _ in alerts()]
    assert len(set(names)) == len(names)
    assert not set(re.findall(r"`(Tabys[A-Z]\w+)`", manual)) - set(names)


def test_every_figure_is_in_the_manual_and_no_other():
    named = set(re.findall(r"`(tabys_\w+)`", OPERATIONS.read_text()))
    assert named == figures()


def test_every_figure_is_on_the_dashboard():
    asked = " ".join(question for _, question in panels())
    assert not [name for name in figures() if name not in asked]


def test_panels_do_not_lie_on_each_other():
    board = json.loads(DASHBOARD.read_text())
    cells = [
        (x, y)
        for one in board["panels"]
        for x in range(one["gridPos"]["x"], one["gridPos"]["x"] + one["gridPos"]["w"])
        for y in range(one["gridPos"]["y"], one["gridPos"]["y"] + one["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({one["id"] for one in board["panels"]}) == len(board["panels"])
