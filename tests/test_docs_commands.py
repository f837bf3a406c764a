"""Every command, request, path, setting and block of code on every page is one that exists."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import httpx2
import pytest
import typer.main
import yaml
from fastapi.testclient import TestClient

import reelwise as rw
from reelwise.cli import app
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_model
from support.models.trained import trained_once

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").glob("*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
COMMAND: Any = typer.main.get_command(app)
BESIDE = ("/metrics", "/mcp", "/docs", "/app", "/app/", "/app/model", "/openapi.json")  # what OpenAPI does not list

# What is not ours; whatever else stands in a shell block needs a check here.
PROGRAMS = {
    ".", "}", "echo", "export", "gh", "install", "jupyter", "litestream", "mv", "mypy", "npm", "npx",
    "openapi-python-client", "prek", "ruff", "systemctl",
}  # fmt: skip
MODULES = {"pytest", "venv"}
VARIABLES = {
    "FILMS_KEY",
    "REELWISE_FUZZ_SECONDS",
    "REELWISE_TEST_DATA",
    "REELWISE_TEST_LONG",
}  # of the guide's own site, and of our tests


@cache
def paths() -> dict[str, dict[str, Any]]:
    """What OpenAPI lists: of each path its methods."""
    return create_app(Settings(_env_file=None)).openapi()["paths"]  # type: ignore[no-any-return]


def blocks_of(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}(?: [^\n]*)?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands_of(block: str) -> Iterator[list[str]]:
    """The commands of a shell block as words, without the variables before them and the files they read and write."""
    pending = ""
    for line in block.splitlines(keepends=True):
        pending += line
        lexer = shlex.shlex(pending.replace("\\\n", " "), posix=True, punctuation_chars="&|;<>")
        lexer.whitespace_split = True
        try:
            tokens = [*lexer, ";"]
        except ValueError:  # a quotation goes on in the next line
            continue
        if pending.endswith("\\\n"):
            continue
        pending, words, is_file = "", list[str](), False
        for token in tokens:
            if token[0] in "<>":
                is_file = True
            elif set(token) <= {*"&|;"}:
                if words:
                    yield words
                words = []
            elif is_file:
                is_file = False
            elif words or not re.match(r"[A-Z_]+=", token):
                words.append(token)
    assert not pending.strip(), pending


def parse(words: list[str]) -> None:
    """As the command line does, without doing anything; raises where it would refuse."""
    command = COMMAND
    arguments = list(words)
    while below := getattr(command, "commands", None):
        command = below[arguments.pop(0)]
    command.make_context("reelwise", arguments)


def check(words: list[str], client: TestClient) -> None:
    program, *arguments = words
    if program.endswith("reelwise"):
        parse(arguments)
    elif program in ("python3", "/opt/reelwise/bin/python"):
        if arguments[0] == "-c":
            compile(arguments[1], "shown", "exec")
        elif arguments[:2] == ["-m", "reelwise"]:
            parse(arguments[2:])
        elif arguments[:2] == ["-m", "pip"]:
            check(arguments[1:], client)
        elif arguments[0] == "-m":
            assert arguments[1] in MODULES, words
        else:
            assert (ROOT / arguments[0]).exists(), words
    elif program == "pip":
        assert arguments[0] == "install", words
        named = [extra for word in arguments for found in re.findall(r"\[(.*)\]", word) for extra in found.split(",")]
        assert {*named} <= EXTRAS.keys(), words
    elif words[:2] == ["docker", "compose"]:
        services = yaml.safe_load(COMPOSE)["services"]
        assert any(word in (*services, "up", "build") for word in words), words
        if "run" in words and "--entrypoint" not in words:
            parse(words[words.index("train") + 1 :])
    elif program == "curl":
        ask(arguments, client)
    else:
        assert program in PROGRAMS or words[:2] in (["docker", "build"], ["docker", "run"]), words


def ask(arguments: list[str], client: TestClient) -> None:
    """What a page shows is understood: neither is the path unknown, nor the body refused."""
    options = dict(pairwise(arguments))
    url = urlsplit(next(word for word in arguments if word.startswith("http")))
    body, file = options.get("-d"), options.get("-F")
    method = options.get("-X") or options.get("--request") or ("POST" if body or file else "GET")
    assert method.lower() in operations(url.path), (method, url.path)
    if file is None:
        headers = {"X-API-Key": "open-sesame", "Content-Type": "application/json"}
        answer = client.request(method, f"{url.path}?{url.query}", content=body, headers=headers)
        assert answer.status_code not in (401, 403, 405, 422), answer.text


def operations(path: str) -> dict[str, Any]:
    """The methods of a path that is shown, with ids or names of parameters in the places of parameters."""
    matching = [methods for known, methods in paths().items() if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path)]
    return {method: operation for methods in matching for method, operation in methods.items()}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    store = f"sqlite:///{tmp_path_factory.mktemp('store') / 'live.db'}"
    settings = Settings(_env_file=None, store=store, admin_key="open-sesame")
    with TestClient(create_app(settings, rw.Recommender(tiny_model()))) as client:
        yield client


def test_commands_and_requests_are_understood(client: TestClient) -> None:
    for name, text in TEXTS.items():
        crontab = re.findall(r"^[\d*]+ [\d*]+ \* \* \*  cd \S+ && (.*)$", text, re.M)
        for block in [*blocks_of(text, "sh"), *crontab]:
            for words in commands_of(block.replace("secret() {", "")):
                try:
                    check(words, client)
                except (AssertionError, click.ClickException, KeyError, IndexError) as refused:
                    pytest.fail(f"{name}: {shlex.join(words)}: {refused!r}")


def test_commands_were_found() -> None:
    found = [words for text in TEXTS.values() for block in blocks_of(text, "sh") for words in commands_of(block)]
    assert sum(words[0] == "reelwise" for words in found) > 40
    assert sum(words[0] == "curl" for words in found) > 10
    assert [*commands_of('A=1 b "c\nd" | e > f; g \\\n h # i\nj < k && l\n')] == [
        ["b", "c\nd"],
        ["e"],
        ["g", "h"],
        ["j"],
        ["l"],
    ]


def test_commands_within_sentences_exist() -> None:
    for name, text in TEXTS.items():
        for line in re.findall(r"`(?:python3 -m )?reelwise ([^`]+)`", text.replace("\n", " ")):
            command = COMMAND
            words = line.split()
            while words and (below := getattr(command, "commands", None)) and not words[0].startswith("-"):
                assert words[0] in below, f"{name}: {line}"
                command = below[words.pop(0)]
            options = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
            named = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert named <= options | {"--help"}, f"{name}: {line}"


def test_paths_exist() -> None:
    ours = "api/v1|health|recommendations|find_matching_user|metrics|mcp|app"
    hosts = r"https?://(?:127\.0\.0\.1:8000|films\.example(?:\.org)?)"
    for name, text in TEXTS.items():
        for method, path in re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^\s`?]*)", text):
            known = operations(path) or operations(f"/api/v1{path}")
            assert method.lower() in known or path.startswith(BESIDE), f"{name}: {method} {path}"
        for path in re.findall(rf"(?:(?<![\w/.:…-])|{hosts})(/(?:{ours})(?:/[\w/{{}}]*)?)(?![\w.-])", text):
            whole = path.rstrip("/")
            begins = any(known.startswith(f"{whole}/") for known in paths())
            assert operations(path) or operations(whole) or begins or path.startswith(BESIDE), f"{name}: {path}"


def test_settings_and_variables_exist() -> None:
    known = VARIABLES | {*Settings.variables()} | {*re.findall(r"\$\{(\w+)", COMPOSE)}
    for name, text in TEXTS.items():
        named = {*re.findall(r"\b(?:REELWISE|TMDB)_[A-Z_]+[A-Z]\b", text)}
        for block in blocks_of(text, "sh"):
            named |= {*re.findall(r"\b([A-Z][A-Z_]{3,})=", block)}
        unknown = [variable for variable in named - known if not variable.startswith(("OTEL_", "FASTAPI_OTEL_"))]
        assert unknown == [], name


def test_blocks_can_be_read() -> None:
    for name, text in TEXTS.items():
        for kind, read, refusal in (("json", json.loads, ValueError), ("yaml", yaml.safe_load, yaml.YAMLError)):
            for block in blocks_of(text, kind):
                try:
                    read(block)
                except refusal as refused:
                    pytest.fail(f"{name}: {refused}")
        kinds = {*re.findall(r"^```(\S+)", text, re.M)}
        generated = {"py", "ts"} if name == "docs/guide/clients.md" else set()  # tests of clients check these
        unchecked = kinds - {"json", "python", "sh", "text", "yaml"} - generated
        assert not unchecked, f"{name} has a kind of block that nothing checks"


def test_names_in_python_exist() -> None:
    for name, text in TEXTS.items():
        for block in blocks_of(text, "python"):
            for node in ast.walk(ast.parse(block, name)):
                if isinstance(node, ast.ImportFrom) and not (node.module or "").endswith(".item_knn"):  # the page adds
                    module = import_module(node.module or "")
                    assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == [], name
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rw":
                    assert hasattr(rw, node.attr), f"{name}: rw.{node.attr}"


def run(name: str, names: dict[str, Any]) -> None:
    for block in blocks_of(TEXTS[name], "python"):
        exec(compile(block, name, "exec"), names)


@pytest.fixture
def model(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of the sample, as the folder `model` of an empty working directory."""
    monkeypatch.chdir(tmp_path)
    folder = trained_once(tmp_path_factory, "sample", rw.read_sample)
    (tmp_path / "model").symlink_to(folder, target_is_directory=True)
    return folder


def test_the_python_of_the_readme_and_of_the_model_folder_runs(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rw, "load_movielens", lambda name: rw.read_sample())
    run("README.md", {})
    printed = capsys.readouterr().out
    assert re.search(r"^matrix-factorization +0\.\d+ +0\.\d+$", printed, re.M)
    assert "because of" in printed
    run("docs/reference/model-folder.md", {})
    assert 0 < float(capsys.readouterr().out) < 6


def test_the_backend_of_the_guide_is_answered(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(_env_file=None, store=f"sqlite:///{tmp_path / 'live.db'}", api_keys="right")
    monkeypatch.setenv("FILMS_KEY", "right")
    with TestClient(create_app(settings, rw.Recommender.load(model))) as inside:

        def connected(base_url: str, headers: dict[str, str], timeout: float) -> TestClient:
            inside.headers.update(headers)
            inside.base_url = httpx2.URL(base_url.replace("https://films.example", "http://testserver"))
            return inside

        monkeypatch.setattr(httpx2, "Client", connected)
        names: dict[str, Any] = {}
        run("docs/guide/site.md", names)
        assert len(names["shown"]["recommendations"]) == 10
        after = names["films_for"]("u4711", [593])
        assert 296 not in {film["movieId"] for film in after["recommendations"]}
        events = inside.get("/users/u4711/export").json()["events"]
        assert {event["type"] for event in events} >= {"rating"}
