"""The pages under docs/ say what is true: their code runs, and what they name exists."""

import importlib
import importlib.util
import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi.testclient import TestClient

import reelwise
from reelwise.artifacts.files import FILES
from reelwise.artifacts.model import Model
from reelwise.data.sample.dataset import read_sample
from reelwise.models import registry
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.service import Service
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.models.trained import trained_once
from support.running.command_line import all_commands

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
VARIABLES = Settings.variables()
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks_of(text: str, kind: str) -> list[str]:
    """The content of each block of code of that kind."""
    return re.findall(rf"^```{re.escape(kind)}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def run_blocks(name: str) -> int:
    """Run the Python of a page from top to bottom; how many blocks there are."""
    blocks, names = blocks_of(text_of(name), "python"), dict[str, Any]()
    for block in blocks:
        exec(compile(block, f"docs/{name}", "exec"), names)
    return len(blocks)


@pytest.fixture
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check_figures(block: str, printed: str, tolerance: float) -> None:
    """Each line of a block is printed, its figures as nearly as they can be on any processor."""
    number = re.compile(r"\d+\.\d+")
    for line in filter(None, block.splitlines()):
        shape = f"({number.pattern})".join(map(re.escape, number.split(line)))
        same = re.search(shape, printed)
        assert same, line
        assert [*map(float, same.groups())] == pytest.approx([*map(float, number.findall(line))], abs=tolerance), line


def test_the_page_about_python_runs(
    in_an_empty_folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trained_once(tmp_path_factory, "sample", read_sample), in_an_empty_folder / "model")
    assert run_blocks("guide/python.md") >= 15
    printed = capsys.readouterr().out
    figures, recommended = blocks_of(text_of("guide/python.md"), "text")
    check_figures(figures, printed, tolerance=0.01)
    check_figures(recommended.splitlines()[0], printed, tolerance=0.1)
    assert "of the score is due to" in printed
    assert Model.load(in_an_empty_folder / "another-model").config.seed == 7


def test_four_tasks_are_done_in_fifteen_lines_each(
    in_an_empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample, page = read_sample(), text_of("guide/four-tasks.md")
    title_of = {film.movie_id: film.title for film in sample.catalogue}
    frame = sample.to_polars().filter(pl.col("user") <= 600)
    frame.select(
        who=pl.format("viewer {}", "user"),
        film=pl.col("movie").replace_strict(title_of),
        score=(2 * pl.col("rating")).cast(pl.Int64),
        when=pl.datetime(2024, 1, 1) + pl.duration(minutes=pl.int_range(pl.len())),
    ).write_csv("scores.csv")
    blocks = blocks_of(page, "python")
    assert len(blocks) == 4
    assert all(len(block.splitlines()) <= 15 for block in blocks)
    for block in blocks:
        names = dict[str, Any]()  # each is a file of its own
        exec(compile(block, "docs/guide/four-tasks.md", "exec"), names)
    printed = capsys.readouterr().out
    assert re.search(r"MeanStars  +0\.\d{4} \(0\.\d{3} – 0\.\d{3}\)", printed)
    assert "by 600 users" in printed
    assert re.search(r"Model\(frame: 600 users, .*; RMSE \d\.\d+, NDCG@10 0\.\d+", printed)
    assert len(re.findall(r"^\d\.\d\d ± \d\.\d\d  ", printed, re.M)) == 6
    lists = pl.read_parquet("lists.parquet")
    assert len(lists) == 6000
    assert lists["movie"].is_in([*title_of.values()]).all()
    with TestClient(names["app"]) as client:
        assert client.get("/api/v1/model").json()["counts"]["users"] == 600


def test_the_page_about_histories_runs(
    in_an_empty_folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained_once(tmp_path_factory, "sample", read_sample)
    (in_an_empty_folder / "model").symlink_to(folder, target_is_directory=True)
    model = Model.load(folder)
    assert run_blocks("guide/your-history.md") == 1
    alien, matrix = (model.catalogue[movie_id] for movie_id in (1214, 2571))
    assert (alien.title, matrix.title) == ("Alien (1979)", "Matrix, The (1999)")
    assert capsys.readouterr().out.splitlines() == [
        "History('letterboxd': 3 rating)",
        "{1214: 4.5, 2571: 5.0}",
        f"['A Film From Tomorrow'] {model.catalogue.years.max()}",
    ]
    check_questions_to_assistants(model)
    assert run_blocks("explanation/together.md") == 1
    assert re.search(r"^Bo \d\.\d+ \d\.\d\d ", capsys.readouterr().out, re.M)


def check_questions_to_assistants(model: Model) -> None:
    """Each call of the page about assistants is answered, over the protocol, with a film."""
    import anyio
    from mcp import Client

    from reelwise.mcp.server import TITLES, build_server

    calls = re.findall(r"^\| .+ \| `(\w+)\((.*)\)` \|$", text_of("guide/assistants.md"), re.M)
    assert len(calls) == 20
    assert {tool for tool, _ in calls} == TITLES.keys()

    async def ask() -> None:
        service = Service(model)
        async with Client(build_server(lambda: service)) as client:
            for tool, arguments in calls:
                found = await client.call_tool(tool, eval(f"dict({arguments})", {}))  # of our own page
                assert not found.is_error, (tool, arguments, found.content)
                assert re.search(r"\(\d{4}\) \[id \d+\]", str(found.content)), (tool, arguments, found.content)

    anyio.run(ask)


def test_the_page_about_data_runs(in_an_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = ("al,Alien,9,2026-11-29 12:00", "al,Heat,7,2026-11-29 12:05", "zoë,Alien,10,2026-11-30 09:00")
    (in_an_empty_folder / "ratings.csv").write_text(
        "\n".join(["user_id,title,score,rated_at", *rows]), encoding="utf-8"
    )
    assert run_blocks("reference/data.md") == 2
    printed = capsys.readouterr().out
    assert blocks_of(text_of("reference/data.md"), "text")[0] in printed
    assert printed.splitlines()[-1] == "1 2"


@pytest.fixture
def item_knn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model of the page about one's own, in the file and with the entry that the page says."""
    page = text_of("guide/your-own-model.md")
    (source,), (entry,) = (
        blocks_of(page, "python file=item_knn.py"),
        re.findall(r'^ +"(item-kNN)": "(.*)",$', page, re.M),
    )
    name = f"reelwise.models.{entry[1].partition(':')[0]}"
    (tmp_path / "item_knn.py").write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, tmp_path / "item_knn.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(registry.MODELS, *entry)
    spec.loader.exec_module(module)


@pytest.mark.usefixtures("item_knn", "in_an_empty_folder")
def test_the_page_about_one_s_own_model_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_blocks("guide/your-own-model.md") == 3
    printed = capsys.readouterr().out
    check_figures(blocks_of(text_of("guide/your-own-model.md"), "text")[-1], printed, tolerance=0.01)
    ndcg = {name: float(figure) for name, figure in re.findall(r"^(\S+) +(0\.\d{4}) \(", printed, re.M)}
    assert ndcg["item-kNN"] > ndcg["popularity"]
    assert "ItemKNN(damping=10.0) fitted to built-in sample" in printed


def test_rooms_import_from_those_below_alone_in_the_order_of_the_page_about_architecture() -> None:
    package, rooms = (
        ROOT / "src" / "reelwise",
        re.findall(r"^\| `(\w+)` \|", text_of("explanation/architecture.md"), re.M),
    )
    assert {*rooms} == {path.parent.name for path in package.glob("*/__init__.py")} | {"errors"}
    level = {room: rooms.index("spark") if room in ("serving", "legacy") else rooms.index(room) for room in rooms}
    for room in rooms:
        for path in [*(package / room).rglob("*.py"), *package.glob(f"{room}.py")]:
            imported = set(re.findall(r"(?:from|import) reelwise\.(\w+)", path.read_text(encoding="utf-8"))) - {room}
            assert [other for other in imported if level.get(other, -1) >= level[room]] == [], path


def test_every_function_of_the_page_about_architecture_exists() -> None:
    named = re.findall(r"`((?:\w+\.)+(?!py`)\w+)`", text_of("explanation/architecture.md"))
    assert len(named) >= 40
    for name in named:
        find(f"reelwise.{name}")


def find(name: str) -> Any:
    """The module, class or function of that dotted name."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(name)


def test_the_page_about_the_model_folder_names_every_file() -> None:
    page = text_of("reference/model-folder.md")
    assert [
        name for name in FILES if f"`{re.sub('sketch_(rating|balanced)', 'sketch_ranking', name)}`" not in page
    ] == []


def test_the_page_about_http_names_every_path_and_no_other() -> None:
    listed = re.findall(r"^\| `(GET|POST|PUT|DELETE) (/\S*)`", text_of("reference/http.md"), re.M)
    paths = create_app(Settings(_env_file=None)).openapi()["paths"]
    assert sorted(listed) == sorted((method.upper(), path) for path, methods in paths.items() for method in methods)


def test_the_page_about_python_names_every_method_of_the_recommender() -> None:
    page = text_of("reference/python.md")
    assert [name for name in vars(Recommender) if not name.startswith("_") and f"`{name}" not in page] == []


def test_the_page_about_python_names_whatever_the_front_door_has() -> None:
    page = text_of("reference/python.md")
    named = {*re.findall(r"`(\w+)", page)}
    assert {*reelwise.__all__} - named - {"__version__"} == set()


def test_the_page_about_python_tells_every_hyper_parameter_and_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \| (.*) \|$", text_of("reference/python.md"), re.M)
    told = {name: parameters for name, parameters in rows if "=" in parameters or parameters == "none"}
    expected = {}
    for name in registry.MODELS:
        kind = registry.model_class(name)
        defaults = [f"`{field.name}={field.default}`" for field in fields(kind.config_type)]
        expected[kind.__name__] = ", ".join(defaults) or "none"
    assert told == expected


def test_the_page_about_settings_lists_every_one_with_its_default() -> None:
    rows = [line for line in text_of("reference/settings.md").splitlines() if re.match(r"\| `[A-Z]", line)]
    defaults = {variable: f"`{field.default}` " if str(field.default) else "" for variable, field in VARIABLES.items()}
    assert rows == [
        f"| `{variable}` | {defaults[variable]}| {field.description} |" for variable, field in VARIABLES.items()
    ]


def test_the_page_about_securing_says_what_each_setting_is_against() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\S.*) \|$", text_of("guide/securing.md"), re.M)
    assert [variable for variable, _ in rows] == [*VARIABLES]


def test_every_command_has_its_row() -> None:
    rows = [line for line in text_of("reference/command-line.md").splitlines() if line.startswith("| `reelwise ")]
    for command in all_commands():
        row = next((row for row in rows if f"`reelwise {command[0]}" in row), None)
        assert row, command
        assert command[-1] in row


def test_links_lead_to_files_and_headings() -> None:
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    for page, text in texts.items():
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", text):
            found = (page.parent / target).resolve() if target else page
            assert found.exists(), f"{page}: {target}"
            assert page.parent == ROOT or found.is_relative_to(DOCS), f"{page}: {target} is not on the site"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", texts[found], re.M)
                names = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}
                assert anchor in names, f"{page}: {target}#{anchor}"


def test_the_index_links_every_page() -> None:
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+\.md)\)", text_of("index.md"))}
    assert {page.resolve() for page in DOCS.rglob("*.md")} - {(DOCS / "index.md").resolve()} <= linked


def test_benchmarks_that_are_named_exist() -> None:
    for page in PAGES:
        for script in re.findall(r"benchmarks/\w+\.py", page.read_text(encoding="utf-8")):
            assert (ROOT / script).exists(), f"{page}: {script}"
