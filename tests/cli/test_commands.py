import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import reelwise as package
from reelwise.artifacts.folder import read_model, write_model
from reelwise.data.downloads import PUBLISHED
from reelwise.errors import UsageError
from support.command_line import CommandLine, all_commands
from support.processes import environment
from support.tiny_recommender import tiny_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write_model(tmp_path / "tiny", tiny_model())
    return tmp_path / "tiny"


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(reelwise: CommandLine, command: tuple[str, ...]) -> None:
    outcome = reelwise(*command, "--help")
    assert outcome.code == 0
    assert f"Example: reelwise {' '.join(command)}" in outcome.out


def test_a_terminal_that_is_not_utf_8_shows_films_all_the_same(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "reelwise", "doctor"],
        cwd=tmp_path,
        env=environment(PYTHONIOENCODING="ascii", HF_HUB_OFFLINE="1"),
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in result.stderr
    assert b"installation" in result.stdout


def test_the_version(reelwise: CommandLine) -> None:
    assert reelwise("--version").out == f"reelwise {package.__version__}\n"


def test_what_cannot_be_meant_ends_with_2(reelwise: CommandLine) -> None:
    for wrong in (["nonsense"], ["train"], ["train", "--data", "x", "--epochs", "none"], ["recommend"]):
        assert reelwise(*wrong).code == 2


def test_a_package_that_is_not_installed_is_one_line(
    reelwise: CommandLine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    outcome = reelwise("recommend", "--all", "--out", "x.parquet", "--model", model)
    assert outcome.code == 1
    assert "needs the package polars" in outcome.err
    assert outcome.err.count("\n") == 1


def test_train_writes_a_model_and_says_how_good_it_is(reelwise: CommandLine, ratings_folder: Path) -> None:
    outcome = reelwise("train", "--data", ratings_folder, "--out", "here", "--factors", 4, "--threads", 2)
    assert outcome.code == 0
    assert "RMSE" in outcome.err
    assert "true stars within the stated margin" in outcome.err
    assert "Next: reelwise serve --model here" in outcome.err
    assert read_model(Path("here")).rating.P.shape == (40, 6)


def test_one_and_two_threads_and_two_runs_write_the_same_bytes(reelwise: CommandLine, ratings_folder: Path) -> None:
    for name, threads in (("one", 1), ("two", 2), ("again", 2)):
        assert reelwise("train", "--data", ratings_folder, "--out", name, "--threads", threads).code == 0
    for file in ("model_P.npy", "model_Q.npy"):
        assert len({(Path(name) / file).read_bytes() for name in ("one", "two", "again")}) == 1


def test_train_from_a_model_takes_in_new_ratings_and_says_that_nothing_is_measured(
    reelwise: CommandLine, ratings_folder: Path, tmp_path: Path
) -> None:
    assert reelwise("train", "--data", ratings_folder, "--out", "old", "--no-evaluate").code == 0
    ratings = (ratings_folder / "ratings.csv").read_text()
    for movie in range(1, 20):
        ratings += f"77,{movie},{5 if movie % 2 else 1},0\n"
    (tmp_path / "ratings.csv").write_text(ratings)
    outcome = reelwise("train", "--from", "old", "--data", tmp_path, "--out", "new")
    assert outcome.code == 0
    assert "not measured, because the model that this one was updated from has seen the ratings" in outcome.err
    assert "reelwise evaluate --data DIR" in outcome.err
    old, new = read_model(Path("old")), read_model(Path("new"))
    assert new.config.updated_from == old.description.revision
    assert list(new.users) == [*old.users, 77]
    assert re.search(f"updated from +revision {old.description.revision}", reelwise("info", "--model", "new").out)
    listed = reelwise("recommend", "--user", 77, "--model", "new", "-n", 3, "--rank-by", "stars", "--json").out
    assert all(film["movie_id"] % 2 for film in json.loads(listed))


def test_a_model_can_be_updated_in_its_place(reelwise: CommandLine, ratings_folder: Path) -> None:
    assert reelwise("train", "--data", ratings_folder, "--no-evaluate").code == 0
    before = read_model(Path("model")).description.revision
    assert reelwise("train", "--from", "model", "--data", ratings_folder).code == 0
    assert read_model(Path("model")).config.updated_from == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--factors", 4), "the old model's hyper-parameters are used"),
        (("--config", "found.json"), "the old model's hyper-parameters are used"),
        (("--no-taste",), "the old model's hyper-parameters are used"),
        (("--scale", "0:10"), "these ratings are on the scale 0 to 10, but the model is on 1 to 5"),
        ((), "does not say how it was trained"),
    ],
)
def test_what_cannot_be_updated_ends_with_2_and_one_line(
    reelwise: CommandLine, ratings_folder: Path, model: Path, arguments: tuple[object, ...], message: str
) -> None:
    start = model
    if "--scale" in arguments:
        start = Path("old")
        assert reelwise("train", "--data", ratings_folder, "--out", start, "--no-evaluate").code == 0
    outcome = reelwise("train", "--from", start, "--data", ratings_folder, "--out", "new", *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert not Path("new").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there are no ratings here"),
        ("", "the file is empty"),
        ("userId,movieId,rating,timestamp\n1,2,six,4\n", "ratings.csv line 2: rating is 'six'"),
        ("userId,movieId,rating,timestamp\n1,2,3.5\n", "ratings.csv line 2: 3 fields instead of 4"),
    ],
)
def test_bad_ratings_end_with_2_and_one_line_and_nothing_is_written(
    reelwise: CommandLine, tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "ratings.csv").write_text(content)
    outcome = reelwise("train", "--data", tmp_path)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert list(Path.cwd().iterdir()) == []


def test_a_broken_data_set_leaves_the_old_model(reelwise: CommandLine, tmp_path: Path, model: Path) -> None:
    before = {file.name: file.read_bytes() for file in model.iterdir()}
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,2,NaN\n")
    assert reelwise("train", "--data", tmp_path, "--out", model).code == 2
    assert {file.name: file.read_bytes() for file in model.iterdir()} == before


def test_a_folder_that_is_no_model_is_not_overwritten(
    reelwise: CommandLine, ratings_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    outcome = reelwise("train", "--data", ratings_folder, "--out", tmp_path)
    assert outcome.code == 2
    assert "holds something that is no model" in outcome.err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_ctrl_c_leaves_the_old_model(
    reelwise: CommandLine, ratings_folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = (model / "model_P.npy").read_bytes()
    monkeypatch.setattr("reelwise.models.rating.stratified_sgd.StratifiedSGD.run_epoch", interrupted)
    outcome = reelwise("train", "--data", ratings_folder, "--out", model)
    assert outcome.code == 130
    assert "stopped; nothing is left half-written" in outcome.err
    assert (model / "model_P.npy").read_bytes() == before
    assert [path.name for path in model.parent.iterdir() if path.name.startswith(".")] == []


def test_another_scale(reelwise: CommandLine, tmp_path: Path) -> None:
    rows = [f"{user},{movie},{1 + (user + movie) % 10}" for user in range(1, 9) for movie in range(1, 9)]
    (tmp_path / "ratings.csv").write_text("\n".join(["userId,movieId,rating", *rows]))
    assert "say --scale LOW:HIGH" in reelwise("train", "--data", tmp_path).err
    assert reelwise("train", "--data", tmp_path, "--scale", "1:10").code == 0
    assert read_model(Path("model")).config.rating_scale == (1, 10)
    for wrong in ("10", "5:1", "a:b"):
        assert reelwise("train", "--data", tmp_path, "--scale", wrong).code == 2


def test_recommend_for_a_user(reelwise: CommandLine, model: Path) -> None:
    outcome = reelwise("recommend", "--user", 8, "--model", model, "-n", 2)
    assert [line.split()[0] for line in outcome.out.splitlines()] == ["stars", "3.75", "5.00"]
    assert outcome.out.splitlines()[1].startswith("3.75 ± 1.10  ")
    assert "Pulp Fiction (1994)" in outcome.out
    stranger = reelwise("recommend", "--user", 5, "--model", model)
    assert stranger.code == 2
    assert "does not know user 5" in stranger.err
    by_stars = reelwise("recommend", "--user", 8, "--model", model, "-n", 2, "--rank-by", "stars")
    assert [line.split()[0] for line in by_stars.out.splitlines()] == ["stars", "5.00", "4.00"]


def test_recommend_for_films(reelwise: CommandLine, model: Path) -> None:
    by_id = reelwise("recommend", "--movies", "1196,2571", "--model", model, "--json")
    by_title = reelwise("recommend", "--titles", "empire strikes bak; the matrix", "--model", model, "--json")
    assert [it["movie_id"] for it in json.loads(by_id.out)] == [1, 296, 593, 7001]
    assert by_title.out == by_id.out
    assert "the matrix: Matrix, The (1999)" in by_title.err


def test_recommend_for_everybody(reelwise: CommandLine, model: Path) -> None:
    outcome = reelwise("recommend", "--all", "--out", "all.parquet", "--model", model, "-n", 2)
    assert outcome.code == 0
    assert "6 recommendations for 3 users" in outcome.err
    frame = pl.read_parquet("all.parquet")
    assert frame.columns == ["userId", "movieId", "rank", "score", "predicted_stars"]
    assert frame.filter(pl.col("userId") == 8)["movieId"].to_list() == [1196, 296]
    assert [path.name for path in Path.cwd().iterdir()] == ["all.parquet"]


@pytest.mark.parametrize(
    "arguments", [("--all",), ("--out", "x.parquet"), ("--all", "--out", "x.parquet", "--user", 8)]
)
def test_everybody_needs_a_file_and_nobody_else(
    reelwise: CommandLine, model: Path, arguments: tuple[object, ...]
) -> None:
    outcome = reelwise("recommend", *arguments, "--model", model)
    assert outcome.code == 2
    assert "--all goes with --out FILE" in outcome.err


def test_a_file_that_cannot_be_written_is_told(reelwise: CommandLine, model: Path) -> None:
    outcome = reelwise("recommend", "--all", "--out", "nowhere/x.parquet", "--model", model)
    assert outcome.code == 2
    assert "nowhere/x.parquet cannot be written" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say either --user, or films"),
        (("--user", 8, "--movies", "1"), "say either --user, or films"),
        (("--movies", "1;2"), "expected ids with commas"),
        (("--movies", ","), "0 films are chosen"),
        (("--movies", ",".join(map(str, range(1, 22)))), "21 films are chosen"),
        (("--movies", "4,5"), "none of the movie ids 4, 5"),
        (("--titles", "zzzz qqqq"), "no film is called anything like 'zzzz qqqq'"),
    ],
)
def test_a_choice_that_cannot_be_meant(
    reelwise: CommandLine, model: Path, arguments: tuple[object, ...], message: str
) -> None:
    outcome = reelwise("recommend", *arguments, "--model", model)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.out == ""


def test_match(reelwise: CommandLine, model: Path) -> None:
    assert (
        "User 7 rated 3 of these films, 4.33 stars" in reelwise("match", "--movies", "1,296,593", "--model", model).out
    )
    found = json.loads(reelwise("match", "--movies", "2571", "--model", model, "--json").out)
    assert found == {"user_id": 9, "match_count": 1, "average_rating": 4.5, "unknown_ids": []}
    assert "Nobody rated any of these films." in reelwise("match", "--movies", "7002", "--model", model).out


def test_info(reelwise: CommandLine, model: Path) -> None:
    assert "not measured" in reelwise("info", "--model", model).out
    assert json.loads(reelwise("info", "--model", model, "--json").out)["config"]["seed"] == 0
    outcome = reelwise("info")
    assert outcome.code == 2
    assert "model: there is no such model folder" in outcome.err


def test_the_model_of_the_environment_is_used(
    reelwise: CommandLine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELWISE_MODEL", str(model))
    assert reelwise("info").code == 0


def test_preprocess_replaces_histories_and_reports_strangers(
    reelwise: CommandLine, model: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.csv"
    new.write_text("userId,movieId,rating\n8,296,5\n8,4444,4\n77,296,4\n")
    factors = [(model / f"model_{name}.npy").read_bytes() for name in "PQ"]
    outcome = reelwise("preprocess", "--model", model, "--ratings", new)
    assert outcome.code == 0
    assert "1 ratings" in outcome.err
    assert "Left out 2 ratings, because the model does not know 1 users and 1 movies" in outcome.err
    assert [(model / f"model_{name}.npy").read_bytes() for name in "PQ"] == factors
    refreshed = read_model(model).histories
    assert refreshed is not None
    assert refreshed.by_user.counts().tolist() == [0, 1, 0]


def test_data_list_names_every_set(reelwise: CommandLine) -> None:
    out = reelwise("data", "list").out
    assert all(dataset.name in out for dataset in PUBLISHED)


def test_data_info(reelwise: CommandLine, ratings_folder: Path) -> None:
    out = reelwise("data", "info", ratings_folder).out
    assert "31, of which 30 are rated" in out
    assert "Film 1" in out


def test_data_get_says_what_is_wrong(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reelwise("data", "get", "ml-7").code == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody answers there
        monkeypatch.setenv("REELWISE_DATA_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        outcome = reelwise("data", "get", "ml-100k")
    assert outcome.code == 1
    assert "could not reach" in outcome.err
    assert not (Path("data") / "ml-100k").exists()


@pytest.mark.parametrize("command", ["serve", "quickstart"])
def test_a_port_that_is_taken_is_told_before_any_work(reelwise: CommandLine, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        outcome = reelwise(command, "--port", taken.getsockname()[1])
    assert outcome.code == 2
    assert "choose another with --host or --port" in outcome.err
    assert list(Path.cwd().iterdir()) == []


def test_quickstart_serves_a_model_that_is_there(
    reelwise: CommandLine, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr("reelwise.serving.run.server.serve_model", lambda settings: served.append(settings.model))
    before = (model / "config.json").read_bytes()
    assert "There is a model in" in reelwise("quickstart", "--out", model, "--port", 0).err
    assert served == [str(model)]
    assert (model / "config.json").read_bytes() == before


def test_quickstart_trains_on_the_data_that_it_is_given(
    reelwise: CommandLine, ratings_folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelwise.serving.run.server.serve_model", lambda _: None)
    assert reelwise("quickstart", "--data", ratings_folder, "--out", model, "--port", 0).code == 0
    assert read_model(model).config.dataset.name == "checkerboard"


def test_a_bad_setting_is_one_line(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELWISE_PORT", "many")
    outcome = reelwise("serve")
    assert outcome.code == 2
    assert "REELWISE_PORT=many" in outcome.err
    assert UsageError.__name__ not in outcome.err
