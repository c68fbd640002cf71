"""What kustomize makes of `k8s/`, held to Kubernetes' own schemas and to our rules of deployment."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from launcher.commands import secrets as secret_files
from launcher.commands.images import IMAGES
from launcher.servers.external_tools import tool
from launcher.servers.processes import PARTS, ROOT, key_settings
from launcher.servers.secrets import Keys
from tests.kubernetes.conftest import DEMO, Manifest, render

SECRETS = "/run/secrets/linli"


def of_kind(manifests: list[Manifest], *kinds: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] in kinds}


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The pod template of each workload, by the workload's name."""
    workloads = of_kind(manifests, "Deployment", "StatefulSet", "Job")
    return {name: each["spec"]["template"] for name, each in workloads.items()}


def containers(manifests: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Every container, each with the pod's spec."""
    for pod in pods(manifests).values():
        for container in pod["spec"]["containers"] + pod["spec"].get("initContainers", []):
            yield pod["spec"], container


def test_every_manifest_fits_the_schema_and_has_no_field_beside_it(file: Path) -> None:
    command = [tool("kubernetes-validate"), "--strict", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_misspelt_field_would_be_found(rendered: dict[str, Path], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(rendered["base"].read_text().replace("readOnlyRootFilesystem", "readonlyRootFilesystem", 1))
    command = [tool("kubernetes-validate"), "--strict", wrong]
    assert subprocess.run(command, capture_output=True, timeout=300, check=False).returncode != 0


def test_every_pod_keeps_to_the_restricted_standard(manifests: list[Manifest]) -> None:
    for pod, container in containers(manifests):
        own, shared = container["securityContext"], pod["securityContext"]
        assert shared["runAsNonRoot"] is True
        assert shared["runAsUser"] > 0
        assert shared["seccompProfile"] == {"type": "RuntimeDefault"}
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert not [volume for volume in pod.get("volumes", []) if "hostPath" in volume]


def test_the_namespace_enforces_the_standard_in_a_version_that_no_upgrade_of_the_cluster_changes(
    rendered: dict[str, Path],
) -> None:
    labels = yaml.safe_load(rendered["namespace"].read_text())["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert re.fullmatch(r"v1\.\d+", labels["pod-security.kubernetes.io/enforce-version"])


def test_deleting_an_overlay_leaves_the_namespace_and_the_volumes(manifests: list[Manifest]) -> None:
    assert not of_kind(manifests, "Namespace", "PersistentVolumeClaim")
    for each in of_kind(manifests, "StatefulSet").values():
        assert each["spec"]["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}


def test_whatever_is_applied_again_may_have_changed(manifests: list[Manifest]) -> None:
    assert not of_kind(manifests, "Job", "Pod"), "their templates cannot change (decision 0032)"


def test_an_image_is_of_a_registry_that_is_named_and_never_floats(demo: list[Manifest]) -> None:
    for _, container in containers(demo):
        registry, tag = container["image"].partition("/")[0], container["image"].rpartition(":")[2]
        assert registry in ("localhost", "docker.io"), container["image"]
        assert tag == "dev" if registry == "localhost" else re.match(r"\d+\.\d+\.\d+", tag), container["image"]


def test_an_overlay_of_the_demo_sets_the_tags_of_all_images(tree: Path) -> None:
    overlay = tree / DEMO.parent / "mine"
    overlay.mkdir()
    images = [{"name": f"localhost/linli/{each}", "newTag": "0.2.0"} for each in IMAGES]
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["../demo"], "images": images}))
    upgraded = list(yaml.safe_load_all(render(overlay)))
    ours = [container["image"] for _, container in containers(upgraded) if container["image"].startswith("localhost/")]
    assert {image.rpartition(":")[2] for image in ours} == {"0.2.0"}


def test_no_probe_starts_a_program_of_its_own_language(demo: list[Manifest]) -> None:
    executed = [
        container[probe]["exec"]["command"][0]
        for _, container in containers(demo)
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        if "exec" in container.get(probe, {})
    ]
    assert executed == ["bash"]


def test_secrets_made_again_change_no_manifest(tree: Path, rendered: dict[str, Path]) -> None:
    secret_files.make(tree / DEMO / "secrets")
    assert render(tree / DEMO) == rendered["overlays/demo"].read_text()


def test_what_has_a_new_name_with_each_version_can_be_pruned(demo: list[Manifest]) -> None:
    for name, each in of_kind(demo, "Secret", "ConfigMap").items():
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "linli", name


def test_no_pod_holds_the_operators_keys_until_somebody_asks_for_one(demo: list[Manifest]) -> None:
    operator = of_kind(demo, "Deployment")["operator"]
    assert operator["spec"]["replicas"] == 0
    shown = {each["value"] for each in operator["spec"]["template"]["spec"]["containers"][0]["env"]}
    files = {
        f"{SECRETS}/{name}"
        for name in next(
            each["data"] for name, each in of_kind(demo, "Secret").items() if name.startswith("linli-operator")
        )
    }
    assert {value for value in shown if value.startswith(SECRETS)} == files


def test_the_brokers_alarm_comes_before_the_limit_of_its_memory(demo: list[Manifest]) -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["rabbitmq"]
    limit = pods(demo)["rabbitmq"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    assert (limit, composed["mem_limit"]) == ("1Gi", "1g")
    settings = (ROOT / "deploy" / "broker" / "linli.conf").read_text()
    (alarm,) = re.findall(r"^vm_memory_high_watermark\.absolute = (\d+)MiB$", settings, re.MULTILINE)
    assert int(alarm) < 0.7 * 1024


def test_no_container_writes_its_root_or_holds_a_token_of_the_cluster(manifests: list[Manifest]) -> None:
    for pod, container in containers(manifests):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert pod["automountServiceAccountToken"] is False


def test_every_container_says_what_it_needs_and_may_take(manifests: list[Manifest]) -> None:
    for _, container in containers(manifests):
        resources = container["resources"]
        assert {"cpu", "memory"} <= resources["requests"].keys()
        assert "memory" in resources["limits"]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_probed_on_its_ops_port_and_is_there_twice(base: list[Manifest], part: str) -> None:
    deployment = of_kind(base, "Deployment")[part]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "ops"}
    # The gateway answers callers even while its broker is away (decision 0017).
    ready = "/readyz/serving" if part == "gateway" else "/readyz"
    assert container["readinessProbe"]["httpGet"] == {"path": ready, "port": "ops"}
    assert {"name": "ops", "containerPort": 9000} in container["ports"]
    assert deployment["spec"]["replicas"] == 2
    assert part in of_kind(base, "Service")
    assert part in of_kind(base, "ServiceAccount")
    assert part in of_kind(base, "PodDisruptionBudget")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_shown_its_own_keys_and_no_others(base: list[Manifest], part: str, tmp_path: Path) -> None:
    environment = {each["name"]: each["value"] for each in pods(base)[part]["spec"]["containers"][0]["env"]}
    shown = {name: value for name, value in environment.items() if name.endswith("_KEY_FILE")}
    expected = key_settings(part, Keys(tmp_path))
    assert shown == {name: f"{SECRETS}/{Path(file).name.removeprefix(f'{part}.')}" for name, file in expected.items()}


@pytest.mark.parametrize("part", PARTS)
def test_the_demo_gives_every_part_the_files_that_it_looks_for(demo: list[Manifest], part: str) -> None:
    pod = pods(demo)[part]["spec"]
    secret = next(volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume)
    files = {f"{SECRETS}/{name}" for name in of_kind(demo, "Secret")[secret]["data"]}
    looked_for = {each["value"] for each in pod["containers"][0]["env"] if each["name"].endswith("_FILE")}
    assert looked_for == files


def test_the_base_holds_no_secret(base: list[Manifest]) -> None:
    assert not of_kind(base, "Secret")


def test_the_gateway_serves_on_until_its_endpoint_is_gone(base: list[Manifest]) -> None:
    gateway = pods(base)["gateway"]["spec"]
    assert gateway["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"] >= 3
    assert gateway["terminationGracePeriodSeconds"] >= 35


def test_nothing_is_allowed_that_is_not_named(manifests: list[Manifest]) -> None:
    closed = of_kind(manifests, "NetworkPolicy")["nothing-by-default"]["spec"]
    assert closed == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_only_the_gateway_is_reached_from_outside(manifests: list[Manifest]) -> None:
    open_to_all = [
        policy["spec"]["podSelector"]
        for policy in of_kind(manifests, "NetworkPolicy").values()
        if any("from" not in rule for rule in policy["spec"].get("ingress", []))
    ]
    assert open_to_all == [{"matchLabels": {"app.kubernetes.io/name": "gateway"}}]
    assert {each["spec"].get("type", "ClusterIP") for each in of_kind(manifests, "Service").values()} == {"ClusterIP"}


@pytest.mark.parametrize("server", ["rabbitmq", "mongo"])
def test_the_demo_runs_the_servers_of_the_compose_file_in_the_same_way(demo: list[Manifest], server: str) -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][server]
    container = pods(demo)[server]["spec"]["containers"][0]
    assert container["image"] == composed["image"]
    assert container.get("args") == composed.get("command")
    assert {each["name"]: each["value"] for each in container["env"]} == composed["environment"]
