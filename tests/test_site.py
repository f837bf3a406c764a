"""The documentation is a site: every page has its place, every docstring can be read, every link leads somewhere."""

import logging
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

import reelwise
from support.systems.patience import long_test

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
PUBLIC = {*reelwise.__all__} - {"__version__"}
DOCSTRINGS = (DOCS / "reference/docstrings.md").read_text(encoding="utf-8")


def pages_of(entry: object) -> list[str]:
    """The pages below an entry of the navigation."""
    if isinstance(entry, str):
        return [entry]
    below = entry.values() if isinstance(entry, dict) else entry
    return [page for each in below for page in pages_of(each)]  # type: ignore[attr-defined]


def test_every_page_has_one_place_in_the_navigation() -> None:
    assert sorted(pages_of(CONFIG["nav"])) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def test_the_page_of_docstrings_has_every_public_name_once() -> None:
    assert sorted(re.findall(r"^::: reelwise\.(\w+)$", DOCSTRINGS, re.M)) == sorted(PUBLIC)


def test_docstrings_name_the_parameters_that_there_are(caplog: pytest.LogCaptureFixture) -> None:
    griffe = pytest.importorskip("griffe")
    with caplog.at_level(logging.WARNING):
        package = griffe.load("reelwise", search_paths=[ROOT / "src"], docstring_parser="google")
        read = 0
        for name in PUBLIC:
            found = package[name].final_target
            for each in (found, *found.all_members.values()):
                if each.docstring and not each.name.startswith("_"):
                    read += bool(each.docstring.parsed)
    assert read > 100
    assert [record.getMessage() for record in caplog.records if record.name == "griffe"] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with warnings as errors."""
    pytest.importorskip("zensical")
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, folder / "docs")
    shutil.copy(ROOT / "zensical.toml", folder)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


@long_test
def test_links_of_the_site_lead_to_files_and_anchors(site: Path) -> None:
    texts = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    anchors = {name: {*re.findall(r'\bid="?([^"\s>]+)', text)} for name, text in texts.items()}
    broken, followed = [], 0
    for name, text in texts.items():
        if name == "404.html":  # whose links begin where the site is put
            continue
        for link in re.findall(r'\b(?:href|src)="?([^"\s>]+)', text):
            target, anchor = urldefrag(urljoin(f"http://site/{name}", link))
            if not target.startswith("http://site/"):
                continue
            file = unquote(target.removeprefix("http://site/"))
            file = f"{file}index.html" if file.endswith("/") or not file else file
            followed += 1
            if not (site / file).exists() or (anchor and file in anchors and unquote(anchor) not in anchors[file]):
                broken.append(f"{name}: {link}")
    assert followed > 1000
    assert broken == []


@long_test
def test_the_site_has_the_docstrings_and_asks_no_other_site(site: Path) -> None:
    page = (site / "reference/docstrings/index.html").read_text(encoding="utf-8")
    assert {*re.findall(r'id="?reelwise\.(\w+)"?[ >]', page)} >= PUBLIC
    for path in site.rglob("*.html"):
        loaded = re.findall(r'<(?:script|img|link)\b[^>]*?(?:src|href)="?(https?:[^"\s>]+)', path.read_text("utf-8"))
        assert loaded == [], path
