"""The notebooks run from top to bottom, and what they say of their results is so."""

import ast
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import reelwise as rw
from support.files.real_data import FOLDER
from support.models.trained import trained_once
from support.systems.patience import long_test

NOTEBOOKS = sorted((Path(__file__).parents[1] / "docs/notebooks").glob("*.ipynb"))

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path: Path, kind: str) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def test_there_is_one_for_each_kind_of_reader() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["data-scientist", "site-developer", "student"]


@each_notebook
def test_it_is_kept_without_what_it_printed(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["metadata"]["kernelspec"]["name"]) == (4, "python3")
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@each_notebook
def test_its_links_lead_to_pages(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", "\n".join(cells_of(path, "markdown")))
    assert targets
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.fixture
def in_a_folder_with_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Real ratings where there are some, else the sample; and plots that nobody sees."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    monkeypatch.chdir(tmp_path)
    real = FOLDER / "ml-latest-small"
    monkeypatch.setattr(rw, "load_movielens", lambda name: rw.read_dataset(real) if real.is_dir() else rw.read_sample())
    yield
    pyplot.close("all")


def run(name: str) -> dict[str, Any]:
    """What a notebook has at its end; the last expression of each cell is shown, as Jupyter does."""
    (path,) = (path for path in NOTEBOOKS if path.stem == name)
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells_of(path, "code")):
        tree = ast.parse(cell)
        shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{name}, cell of code {number}", "exec"), names)
        if isinstance(shown, ast.Expr):
            value = eval(compile(ast.Expression(shown.value), f"{name}, cell of code {number}", "eval"), names)
            getattr(value, "_repr_html_", value.__repr__)()
    return names


@long_test
@pytest.mark.usefixtures("in_a_folder_with_data")
def test_what_the_student_sees() -> None:
    seen = run("student")
    without_factors = seen["rmse"](seen["plain"], seen["hidden"])
    assert seen["errors"][-1][1] < without_factors  # four numbers help
    by_heart = seen["factorise"](16, 0.1)[2][-1]
    assert by_heart[0] < seen["factorise"](1, 0.1)[2][-1][0]
    assert by_heart[1] > without_factors  # and sixteen without a penalty learn by heart
    assert seen["figures"].value("RMSE") < seen["figures"].value("RMSE", "biases")
    assert seen["matrix"] not in {film.movie for film in seen["mine"]}
    assert len(seen["mine"]) == 5


@long_test
@pytest.mark.usefixtures("in_a_folder_with_data")
def test_what_the_data_scientist_sees() -> None:
    seen = run("data-scientist")
    assert seen["stars"].value("RMSE") < seen["stars"].value("RMSE", "biases")
    assert 0.6 < (seen["off"] < seen["std"]).mean() < 0.8
    lists = seen["lists"]
    assert lists.value("NDCG@10", "matrix-factorization") < lists.value("NDCG@10", "popularity")  # a poor order
    assert lists.value("NDCG@10") > lists.value("NDCG@10", "popularity")
    assert lists.value("DistinctMovies@10") > 2 * lists.value("DistinctMovies@10", "popularity")
    assert seen["mine"].value("NDCG@10", "neighbours") > seen["mine"].value("NDCG@10", "popularity")
    assert seen["by_time"].value("RMSE") > seen["stars"].value("RMSE")  # it is harder


@pytest.mark.usefixtures("in_a_folder_with_data")
def test_what_the_site_developer_sees(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = rw.Recommender.load(trained_once(tmp_path_factory, "sample", rw.read_sample)).model
    monkeypatch.setattr(rw, "train", partial(lambda model, *_, **__: model, model))  # the same, once for all tests
    seen = run("site-developer")
    assert (seen["told"]["accepted"], seen["told"]["rejected"]) == (8, [])
    assert seen["again"] == {"accepted": 0, "duplicates": 3, "rejected": []}
    after = {film["movieId"] for film in seen["after"]["recommendations"]}
    assert len(after) == 5
    assert not after & {*seen["picks"], seen["loved"], seen["hidden"]}
    assert {each["name"] for film in seen["together"]["recommendations"] for each in film["members"]} == {"Ada", "Bo"}
    assert len(seen["held"]["events"]) >= 5
