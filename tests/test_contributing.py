"""What contributors meet agrees with the project: workflows, forms, checks before a commit, pages."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs_of(path: Path) -> dict[str, dict[str, Any]]:
    jobs: dict[str, dict[str, Any]] = read(path)["jobs"]
    return jobs


@each_workflow
def test_actions_are_pinned_by_commit_and_say_which_version(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []
    assert len({*used}) == len({one.partition("@")[0] for one in used}), "one version of each"


@each_workflow
def test_jobs_may_do_no_more_than_they_need_and_end(path: Path) -> None:
    assert read(path)["permissions"] in ({}, {"contents": "read"})
    for name, job in jobs_of(path).items():
        assert job["timeout-minutes"] <= 45, name
        writes = {what for what, how in job.get("permissions", {}).items() if how == "write"}
        runs = [step for step in job["steps"] if "run" in step and "gh release" not in step["run"]]
        assert not (writes and runs), f"{name} runs commands and may write {writes}"
        checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_workflow_puts_what_others_write_into_a_shell() -> None:
    scripts = [
        step["run"] for path in WORKFLOWS for job in jobs_of(path).values() for step in job["steps"] if "run" in step
    ]
    assert [script for script in scripts if re.search(r"\$\{\{ *(github|inputs|steps)", script)] == []


def test_every_python_that_is_promised_is_tested_on_every_system() -> None:
    matrix = jobs_of(ROOT / ".github/workflows/ci.yml")["test"]["strategy"]["matrix"]
    promised = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert matrix["python"] == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"
    assert [system.partition("-")[0] for system in matrix["system"]] == ["ubuntu", "macos", "windows"]


def test_extras_that_are_installed_exist() -> None:
    texts = [path.read_text(encoding="utf-8") for path in [*WORKFLOWS, ROOT / "CONTRIBUTING.md", ROOT / "README.md"]]
    named = {extra for text in texts for extras in re.findall(r'"\.\[([\w,]+)\]"', text) for extra in extras.split(",")}
    assert {"docs", "test"} <= named <= PROJECT["optional-dependencies"].keys()


def test_the_release_publishes_without_a_token_what_was_built_and_attested() -> None:
    jobs = jobs_of(ROOT / ".github/workflows/release.yml")
    assert [jobs[name]["needs"] for name in ("attest", "pypi", "release")] == ["build", "attest", "pypi"]
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}
    assert jobs["pypi"]["environment"]["name"] == "pypi"
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    scripts = "\n".join(step.get("run", "") for step in jobs["build"]["steps"])
    assert (ROOT / re.findall(r"(\S+sbom\.py)", scripts)[0]).exists()
    assert "sha256sum" in scripts


@pytest.mark.parametrize("path", [path for path in FORMS if path.stem != "config"], ids=lambda path: path.stem)
def test_forms_ask_by_fields_of_their_own(path: Path) -> None:
    form = read(path)
    assert {"name", "description", "body"} <= form.keys()
    fields = [field["id"] for field in form["body"]]
    assert len(fields) == len(set(fields)) > 1
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def test_checks_before_a_commit_are_those_of_the_environment_or_pinned() -> None:
    (repository,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    for hook in repository["hooks"]:
        pins = hook.get("additional_dependencies", [])
        assert all(re.fullmatch(r"[\w-]+==[\d.]+", pin) for pin in pins), hook["id"]
        if hook["language"] == "system":
            assert any(
                needed.startswith(shlex.split(hook["entry"])[0]) for needed in PROJECT["optional-dependencies"]["test"]
            )


def test_the_citation_names_the_licence_of_the_project() -> None:
    citation = read(ROOT / "CITATION.cff")
    assert citation["license"] == PROJECT["license"].split()[0]  # that of the code
    assert citation["authors"] == [{"name": "The Reelwise authors"}]
