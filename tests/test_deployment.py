"""The files for running in production agree with the code, and with each other."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import yaml

from reelwise.cli import app
from reelwise.serving import create_app
from reelwise.serving.application import MAX_BODY_BYTES
from reelwise.serving.middleware import paths
from reelwise.serving.middleware.paths import body_limit
from reelwise.serving.run.protocol import LONGEST_HEAD
from reelwise.serving.run.workers import PATIENCE
from reelwise.settings import Settings
from support.running.command_line import get_command
from support.running.processes import environment

ROOT = Path(__file__).parents[1]
NAMES = ("Dockerfile", "compose.yaml", "deploy/Caddyfile", "deploy/reelwise@.service", "docs/guide/deploying.md")
FILES = {name: (ROOT / name).read_text(encoding="utf-8") for name in NAMES}
DOCKERFILE, COMPOSE, CADDYFILE, UNIT, PAGE = FILES.values()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
REPLICAS = {name: service for name, service in SERVICES.items() if name.startswith("replica-")}


def instructions(name: str) -> list[str]:
    """What follows `name` in the Dockerfile, each in one line."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.*)$", joined, flags=re.MULTILINE)


def commands() -> list[list[str]]:
    """Everything that is said to `reelwise` there, as words."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL))
    said = re.findall(r"^(?:.* )?(?:/opt/reelwise/bin/reelwise|reelwise|compose run --rm train) (.+)$", blocks, re.M)
    said = [line for line in said if line.split()[0] in get_command(app).commands]  # type: ignore[attr-defined]
    said += re.findall(r"^ExecStart=\S+ (.+)$", UNIT + PAGE, re.M)
    said_to_shells = [shlex.split(line.replace("%i", "8001")) for line in said]
    return said_to_shells + [json.loads(command) for command in instructions("CMD")]


@pytest.mark.parametrize("name", FILES)
def test_every_setting_exists(name: str) -> None:
    assert set(re.findall(r"(?:REELWISE|TMDB)_[A-Z_]+", FILES[name])) <= set(Settings.variables())


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_and_option_exists(words: list[str]) -> None:
    command, arguments = get_command(app), list(words)
    while below := getattr(command, "commands", None):
        command = below[arguments.pop(0)]
    command.make_context("reelwise", arguments)  # raises if an option is unknown or one that is needed is missing


def test_the_commands_of_all_files_were_found() -> None:
    assert len(commands()) >= 9
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["reelwise"]


def test_every_path_of_the_server_exists() -> None:
    paths = set(create_app(Settings(_env_file=None)).openapi()["paths"]) | {"/metrics"}
    for name, text in FILES.items():
        named = set(re.findall(r"(?<![\w/])(?:/health|/metrics|/api/v1)[\w/]*", text))
        assert named <= paths, name


def test_the_image_serves_without_the_packages_that_are_left_out(tiny_folder: Path) -> None:
    (pattern,) = re.findall(r'grep -vE "(.*)" requirements.txt', DOCKERFILE)
    pinned = (ROOT / "requirements.txt").read_text().splitlines()
    left_out = [line.split("==")[0] for line in pinned if re.search(pattern, line)]
    assert left_out == ["llvmlite", "numba", "polars-runtime-32", "polars"]
    script = f"""
import sys
sys.modules |= dict.fromkeys({[*left_out, "_polars_runtime_32"]!r})
from fastapi.testclient import TestClient
from reelwise.serving import create_app
with TestClient(create_app()) as client:
    print(client.get("/health/ready").status_code, client.get("/recommendations/8").status_code)
    print(client.post("/api/v1/recommendations", json={{"movie_ids": [1196]}}).status_code)
"""
    settings = environment(REELWISE_MODEL=str(tiny_folder))
    done = subprocess.run([sys.executable, "-c", script], env=settings, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["200"] * 3


def test_images_are_pinned() -> None:
    assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-[a-z]+", instructions("ARG")[0])
    stages = {re.split(r" AS ", line)[1] for line in instructions("FROM")}
    assert {line.split()[0] for line in instructions("FROM")} <= {"${PYTHON}", *stages}
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    assert all(re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", image) for image in images)
    installs = [line for line in instructions("RUN") if " install " in line and "pip" in line]
    assert all("--no-deps" in line for line in installs)


def test_the_image_is_not_root_and_starts_without_a_shell() -> None:
    (user,) = instructions("USER")
    assert int(user.split(":")[0]) > 0
    last = DOCKERFILE.rpartition("FROM base AS ")[2]
    assert last.startswith("serve\n")
    probe = json.loads(re.findall(r"^HEALTHCHECK .*CMD\s+(.*)$", DOCKERFILE.replace("\\\n", " "), re.M)[0])
    assert probe[:2] == ["python", "-c"]
    compile(probe[2], "the health check", "exec")
    assert ":8000/health/ready" in probe[2]
    assert "REELWISE_INSECURE=" not in "".join(instructions("ENV"))


def test_the_image_is_made_of_files_that_exist_and_reach_the_builder() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [line.split()[:-1] for line in instructions("COPY") if not line.startswith("--from")]
    assert {file for files in copied for file in files} == let_in
    assert all((ROOT / file).exists() for file in let_in)


def test_replicas_are_reached_through_the_proxy_alone() -> None:
    inside = yaml.safe_load(COMPOSE)["networks"]["inside"]
    assert inside["internal"] is True
    assert len(REPLICAS) == 2
    for replica in REPLICAS.values():
        assert "ports" not in replica
        assert replica["networks"] == ["inside"]
        assert replica["environment"]["REELWISE_TRUSTED_PROXIES"] == inside["ipam"]["config"][0]["subnet"]
        assert "REELWISE_INSECURE" not in replica["environment"]
        Settings(_env_file=None, trusted_proxies=replica["environment"]["REELWISE_TRUSTED_PROXIES"])
    (asked,) = re.findall(r"reverse_proxy (.*) \{", CADDYFILE)
    assert asked.split() == [f"{name}:{replica['environment']['REELWISE_PORT']}" for name, replica in REPLICAS.items()]


def test_replicas_may_write_nothing_but_scratch_files_and_read_what_training_writes() -> None:
    (trained,) = [command for command in instructions("CMD") if "train" in command]
    for replica in REPLICAS.values():
        assert replica["read_only"] is True
        assert replica["volumes"] == ["models:/models:ro"]
        assert replica["environment"]["REELWISE_MODEL"] == json.loads(trained)[-1]
    assert SERVICES["train"]["volumes"][0] == "models:/models"
    assert SERVICES["train"]["profiles"] == ["train"]


def test_the_store_is_reached_from_inside_alone_and_by_all_who_need_it() -> None:
    store = SERVICES["store"]
    assert "ports" not in store
    assert store["networks"] == ["inside"]
    user, password = (store["environment"][f"POSTGRES_{name}"] for name in ("USER", "PASSWORD"))
    for service in (*REPLICAS.values(), SERVICES["train"]):
        address = service["environment"]["REELWISE_STORE"]
        assert (
            address
            == f"postgresql+psycopg://{user}:{password[:-1]}:?add a line POSTGRES_PASSWORD=… to .env}}@store/{user}"
        )
        assert "inside" in service["networks"]
        Settings(_env_file=None, store=address)
    assert f"{store['volumes'][0].partition(':')[0]}" in yaml.safe_load(COMPOSE)["volumes"]


def test_the_proxy_knows_the_limits_of_the_replicas() -> None:
    assert re.findall(r"(?:max_size|request_buffers) (\d+)KiB", CADDYFILE) == [str(MAX_BODY_BYTES // 1024)] * 2
    kinds = re.findall(r"@\w+ path ((?:/\S+ ?)+)\n", CADDYFILE)[:2]
    limits = [{body_limit(path, 0) for path in kind.split()} for kind in kinds]
    assert [{int(size) << 20} for size in re.findall(r"max_size (\d+)MiB", CADDYFILE)] == limits
    assert {path for kind in kinds for path in kind.split()} == {*paths._BODIES}
    assert re.findall(r"max_header_size (\d+)KiB", CADDYFILE) == [str(LONGEST_HEAD // 1024)]
    (idle,) = re.findall(r"keepalive (\d+)s", CADDYFILE)
    assert int(idle) < uvicorn.Config("").timeout_keep_alive


@pytest.mark.skipif(shutil.which("caddy") is None, reason="takes Caddy")
@pytest.mark.parametrize("address", [":80", "films.example"])
def test_caddy_finds_nothing_wrong_with_its_file(tmp_path: Path, address: str) -> None:
    there = environment(SITE_ADDRESS=address, XDG_DATA_HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))
    said = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    needed = re.findall(r"takes Caddy (\d+)\.(\d+) or later, for (\w+)", CADDYFILE)
    lines = CADDYFILE.splitlines(keepends=True)
    for *version, word in needed:  # an older one, such as Debian 12 has, takes all the rest
        if tuple(map(int, re.findall(r"\d+", said)[:2])) < tuple(map(int, version)):
            lines = [line for line in lines if not line.strip().startswith(word)]
    file = tmp_path / "Caddyfile"
    file.write_text("".join(lines))
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(file)]
    done = subprocess.run(command, env=there, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not formatted" not in done.stderr
    assert needed


def test_no_service_takes_all_memory_or_processes_of_the_machine() -> None:
    for service in SERVICES.values():
        assert re.fullmatch(r"\d+[mg]|\$\{\w+:-\d+g\}", service["mem_limit"])
        assert 0 < service["pids_limit"] <= 512
    assert re.findall(r"^(?:MemoryMax=\d+G|TasksMax=\d+)$", UNIT, re.M) == ["MemoryMax=2G", "TasksMax=256"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="takes systemd")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "reelwise@.service"
    unit.write_text(UNIT.replace("/opt/reelwise/bin/reelwise", sys.executable))
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert [line for line in said.splitlines() if line.startswith(("reelwise@", str(unit)))] == []


def test_the_bill_of_materials_names_every_package_and_its_licence(tmp_path: Path) -> None:
    bill, licences = tmp_path / "sbom.json", tmp_path / "licences.md"
    command = [sys.executable, "deploy/sbom.py", "--out", str(bill), "--licences", str(licences)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M)
    components = json.loads(bill.read_text())["components"]
    names = {re.sub("[-_.]+", "-", one["name"]).lower() for one in components}
    assert names == {"reelwise", *(re.sub("[-_.]+", "-", name).lower() for name in pinned)}
    assert all(one["licenses"] and one["purl"].startswith("pkg:pypi/") for one in components)
    assert len(licences.read_text().splitlines()) == len(components) + 2


def test_whoever_stops_a_server_waits_longer_than_it_waits_for_requests() -> None:
    (patience,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.M)
    waits = [patience, *(replica["stop_grace_period"].rstrip("s") for replica in REPLICAS.values())]
    assert all(int(wait) > PATIENCE for wait in waits)


def test_the_unit_is_no_user_that_could_do_harm() -> None:
    lines = UNIT.splitlines()
    for line in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="):
        assert line in lines
    assert "ExecReload=/bin/kill -HUP $MAINPID" in lines


def test_the_deployment_for_kubernetes_is_like_the_image() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    pod = yaml.safe_load(block)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsUser"] == int(instructions("USER")[0].split(":")[0])
    assert pod["terminationGracePeriodSeconds"] > PATIENCE + container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert [port["containerPort"] for port in container["ports"]] == [int(instructions("EXPOSE")[0])]
    assert container["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": 8000}
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/models", "/tmp"}
