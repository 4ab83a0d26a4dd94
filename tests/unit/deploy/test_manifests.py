"""What is deployed agrees with the code: settings, ports, probes, users, the drain."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

import config
import main
from config import load
from ingress.drain import DRAIN_SECONDS
from ingress.ops import Ops
from services.metrics import Metrics

ROOT = Path(__file__).parents[3]
KUBERNETES = ROOT / "deploy" / "kubernetes"
COMPOSE = sorted(ROOT.glob("docker-compose*.yml"))
EXIT_WITHIN = 25
USER = 10001
SECRETS = {
    "TELEGRAM_BOT_TOKEN": "123456789:AAE-abcdefghijklmnop",
    "TELEGRAM_WEBHOOK_SECRET": "hook-secret",
    "REDIS_URL": "redis+sentinel://:password@sentinel:26379/tabys",
    "SESSION_KEYS": "ab" * 32,
}
NEEDED = set(SECRETS)


def documents() -> list[dict[str, Any]]:
    """Every object of every manifest."""
    return [
        one
        for file in sorted(KUBERNETES.glob("*.yaml"))
        for one in yaml.safe_load_all(file.read_text())
        if one
    ]


def objects(kind: str) -> list[dict[str, Any]]:
    return [one for one in documents() if one["kind"] == kind]


def the(kind: str) -> dict[str, Any]:
    (found,) = objects(kind)
    return found


def pods() -> dict[str, dict[str, Any]]:
    """The pod of each Deployment, by its name."""
    return {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in objects("Deployment")}


def containers() -> list[Any]:
    return [pytest.param(pod["containers"][0], id=name) for name, pod in pods().items()]


def paths() -> set[str]:
    """What the operators' port answers."""
    return {str(route.resource.canonical) for route in Ops(Metrics(), {}).app().router.routes()}


def test_every_manifest_is_applied_but_the_template():
    listed = set(yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"])
    files = {file.name for file in KUBERNETES.glob("*.yaml")}
    assert listed == files - {"kustomization.yaml", "secret.template.yaml"}
    apart = ("Namespace", "Kustomization")
    assert {one["metadata"]["namespace"] for one in documents() if one["kind"] not in apart} == {"tabys"}


def test_every_setting_that_is_named_exists_and_all_together_are_right():
    settings, secret = the("ConfigMap")["data"], the("Secret")["stringData"]
    assert {*settings, *secret} <= set(config.names())
    assert set(secret) >= NEEDED
    assert not set(settings) & set(secret)
    given = load({**settings, **SECRETS}, None)
    assert given.telegram.is_webhook


def test_no_secret_has_a_value_and_none_is_in_the_config():
    assert set(the("Secret")["stringData"].values()) == {""}
    given = load({**the("ConfigMap")["data"], **SECRETS}, None)
    shown = str(the("ConfigMap"))
    assert not [one for one in given.secrets() if one in shown]


def test_every_pod_gets_the_settings_and_the_secret():
    names = {the("ConfigMap")["metadata"]["name"], the("Secret")["metadata"]["name"]}
    for pod in pods().values():
        given = {next(iter(one.values()))["name"] for one in pod["containers"][0]["envFrom"]}
        assert given == names
        # A Service's variables would otherwise meet the settings' names.
        assert pod["enableServiceLinks"] is False


@pytest.mark.parametrize("container", containers())
def test_ports_are_those_of_the_settings(container: dict[str, Any]):
    given = load({**the("ConfigMap")["data"], **SECRETS}, None)
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert ports["ops"] == given.ops.port
    assert ports.get("http", given.http.port) == given.http.port
    assert given.ops.host == given.http.host == "0.0.0.0"


@pytest.mark.parametrize("container", containers())
def test_probes_ask_what_is_answered(container: dict[str, Any]):
    for name, path in (
        ("startupProbe", "/livez"),
        ("livenessProbe", "/livez"),
        ("readinessProbe", "/readyz"),
    ):
        asked = container[name]["httpGet"]
        assert (asked["path"], asked["port"]) == (path, "ops")
        assert path in paths()


@pytest.mark.parametrize("container", containers())
def test_containers_may_do_nothing_they_need_not(container: dict[str, Any]):
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert [one["mountPath"] for one in container["volumeMounts"]] == ["/tmp"]
    assert container["args"][0] in ("run", "worker")
    assert main.parse(container["args"]).command == container["args"][0]


def test_pods_run_as_the_user_of_the_image():
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert user is not None
    for pod in pods().values():
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True
        assert (context["runAsUser"], context["runAsGroup"]) == (int(user[1]), int(user[2])) == (USER, USER)
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", ["tabys-admin-bot", "tabys-admin-worker"])
def test_a_pod_has_time_to_finish(name: str):
    pod = pods()[name]
    hook = (
        pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", [""])[-1]
    )
    pause = int((re.search(r"sleep\((\d+)\)", hook) or [0, 0])[1])
    assert pod["terminationGracePeriodSeconds"] >= pause + EXIT_WITHIN
    assert DRAIN_SECONDS < EXIT_WITHIN


def test_memory_is_what_was_measured_and_some():
    report = (ROOT / "benchmarks" / "results.md").read_text()
    rows = [row.split("|") for row in report.splitlines() if row.startswith("| bot, ")]
    measured = max(int(row[-3]) for row in rows if row[-3].strip().isdigit() and int(row[-3]) > 100)
    for container in (pod["containers"][0] for pod in pods().values()):
        resources = container["resources"]
        asked, most = (int(resources[one]["memory"].removesuffix("Mi")) for one in ("requests", "limits"))
        assert measured * 1.1 < asked
        # Two files and a chart at once, 100 MB each.
        assert measured + 300 < most
        assert "cpu" not in resources["limits"]


def test_two_bots_are_replaced_one_after_the_other_and_one_always_stays():
    bot = next(one for one in objects("Deployment") if one["metadata"]["name"] == "tabys-admin-bot")
    labels = bot["spec"]["template"]["metadata"]["labels"]
    assert bot["spec"]["replicas"] == 2
    assert bot["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    budget = the("PodDisruptionBudget")["spec"]
    assert budget["minAvailable"] == 1
    assert budget["selector"]["matchLabels"] == bot["spec"]["selector"]["matchLabels"] == labels
    assert the("Service")["spec"]["selector"] == labels


def test_the_way_in_is_the_webhooks_alone():
    url = urlsplit(the("ConfigMap")["data"]["TELEGRAM_WEBHOOK_URL"])
    spec = the("Ingress")["spec"]
    (rule,) = spec["rules"]
    (path,) = rule["http"]["paths"]
    assert (rule["host"], path["path"], path["pathType"]) == (url.hostname, url.path, "Exact")
    assert spec["tls"][0]["hosts"] == [url.hostname]
    service = the("Service")
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]
    assert (
        [one["name"] for one in service["spec"]["ports"]]
        == [path["backend"]["service"]["port"]["name"]]
        == ["http"]
    )
    assert (
        "http_503"
        in the("Ingress")["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-next-upstream"]
    )


def test_the_operators_port_is_open_to_monitoring_alone():
    given = load({**the("ConfigMap")["data"], **SECRETS}, None)
    policy = the("NetworkPolicy")["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    by_port = {one["ports"][0]["port"]: one["from"] for one in policy["ingress"]}
    assert set(by_port) == {given.http.port, given.ops.port}
    assert by_port[given.ops.port] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    ]
    labels = [one["spec"]["template"]["metadata"]["labels"].items() for one in objects("Deployment")]
    assert all(policy["podSelector"]["matchLabels"].items() <= one for one in labels)


def test_the_backend_may_be_reached_and_nothing_else_inside():
    url = urlsplit(the("ConfigMap")["data"]["TABYS_API_URL"])
    assert url.hostname is not None
    namespace = url.hostname.split(".")[1]
    allowed = {
        (to["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], port["port"])
        for rule in the("NetworkPolicy")["spec"]["egress"]
        for to in rule["to"]
        if "namespaceSelector" in to
        for port in rule["ports"]
    }
    assert (namespace, url.port) in allowed
    (outside,) = [
        to["ipBlock"]
        for rule in the("NetworkPolicy")["spec"]["egress"]
        for to in rule["to"]
        if "ipBlock" in to
    ]
    refused = [ipaddress.ip_network(one) for one in outside["except"]]
    for inside in ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "100.100.0.1"):
        assert any(ipaddress.ip_address(inside) in one for one in refused), inside


@pytest.mark.parametrize("one", objects("Deployment"), ids=lambda one: one["metadata"]["name"])
def test_figures_are_fetched_where_they_are(one: dict[str, Any]):
    notes = one["spec"]["template"]["metadata"]["annotations"]
    assert notes["prometheus.io/path"] in paths()
    assert notes["prometheus.io/port"] == the("ConfigMap")["data"]["OPS_PORT"]


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_compose_files_agree_with_the_code(file: Path):
    services = yaml.safe_load(file.read_text())["services"]
    bots = {name: one for name, one in services.items() if one.get("image") == "tabys-admin-bot"}
    assert bots
    for name, one in bots.items():
        assert set(one["environment"]) <= set(config.names()), name
        assert main.parse(one["command"]).command in ("run", "worker")
        assert int(one["stop_grace_period"].removesuffix("s")) > EXIT_WITHIN
        assert not one.get("ports")
    for name, one in services.items():
        assert one["read_only"] is True, name
        assert one["tmpfs"] == ["/tmp"], name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["restart"] == "unless-stopped", name
        assert one["mem_limit"], name
        assert one["logging"]["options"]["max-size"], name


def test_only_the_proxy_is_reached_from_outside():
    services = yaml.safe_load((ROOT / "docker-compose.prod.yml").read_text())["services"]
    assert [name for name, one in services.items() if one.get("ports")] == ["nginx"]
    upstream = re.findall(r"server (bot-\w+):(\d+)", (ROOT / "deploy/nginx/nginx.conf").read_text())
    assert upstream == [
        (name, one["environment"]["HTTP_PORT"]) for name, one in services.items() if name.startswith("bot-")
    ]
