"""`reelwise train`, `reelwise quickstart` and `reelwise preprocess`."""

import json
import re
from pathlib import Path

import pytest

from reelwise.artifacts.model import Model
from support.files.contents import contents
from support.running.command_line import CommandLine


def test_a_model_is_written_with_how_good_it_is(reelwise: CommandLine, ratings_folder: Path) -> None:
    outcome = reelwise("train", "--data", ratings_folder, "--out", "here", "--factors", 4, "--threads", 2)
    assert outcome.code == 0
    assert "RMSE" in outcome.err
    assert "true stars within the stated margin" in outcome.err
    assert "Next: reelwise serve --model here" in outcome.err
    assert Model.load(Path("here")).rating.P.shape == (40, 6)


def test_one_and_two_threads_and_two_runs_write_the_same_bytes(reelwise: CommandLine, ratings_folder: Path) -> None:
    for name, threads in (("one", 1), ("two", 2), ("again", 2)):
        options = ("--out", name, "--threads", threads, "--no-evaluate")
        assert reelwise("train", "--data", ratings_folder, *options).code == 0
    for file in ("model_P.npy", "model_Q.npy"):
        assert len({(Path(name) / file).read_bytes() for name in ("one", "two", "again")}) == 1


def test_another_scale(reelwise: CommandLine, tmp_path: Path) -> None:
    rows = [f"{user},{movie},{1 + (user + movie) % 10}" for user in range(1, 9) for movie in range(1, 9)]
    (tmp_path / "ratings.csv").write_text("\n".join(["userId,movieId,rating", *rows]))
    for options, scale in (((), (1, 10)), (("--scale", "0:12"), (0, 12))):
        assert reelwise("train", "--data", tmp_path, "--no-taste", "--no-evaluate", *options).code == 0
        assert Model.load(Path("model")).config.rating_scale == scale
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,2,7\n1,3,2\n")
    assert "line 2: rating 7 lies outside 1 to 5 (for another scale add --scale" in reelwise.refusal(
        "train", "--data", tmp_path
    )
    for wrong in ("10", "5:1", "a:b"):
        assert "--scale is" in reelwise.refusal("train", "--data", tmp_path, "--scale", wrong)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there are no ratings here"),
        ("", "the file is empty"),
        ("userId,movieId,rating,timestamp\n1,2,six,4\n", "ratings.csv line 2: rating is 'six'"),
        ("userId,movieId,rating,timestamp\n1,2,3.5\n", "ratings.csv line 2: 3 fields instead of 4"),
    ],
)
def test_bad_ratings_are_one_line_and_nothing_is_written(
    reelwise: CommandLine, tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "ratings.csv").write_text(content)
    refusal = reelwise.refusal("train", "--data", tmp_path)
    assert message in refusal
    assert refusal.count("\n") == 1
    assert list(Path.cwd().iterdir()) == []


def test_bad_ratings_leave_the_old_model(reelwise: CommandLine, tmp_path: Path, tiny_folder: Path) -> None:
    before = contents(tiny_folder)
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,2,NaN\n")
    assert reelwise.refusal("train", "--data", tmp_path, "--out", tiny_folder)
    assert contents(tiny_folder) == before


def test_ctrl_c_leaves_the_old_model(
    reelwise: CommandLine, ratings_folder: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = contents(tiny_folder)
    monkeypatch.setattr("reelwise.models.rating.stratified_sgd.StratifiedSGD.run_epoch", interrupted)
    outcome = reelwise("train", "--data", ratings_folder, "--out", tiny_folder)
    assert outcome.code == 130
    assert "stopped; nothing is left half-written" in outcome.err
    assert contents(tiny_folder) == before
    assert [path.name for path in tiny_folder.parent.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_is_no_model_is_not_overwritten(
    reelwise: CommandLine, ratings_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert "holds something that is not a model" in reelwise.refusal(
        "train", "--data", ratings_folder, "--out", tmp_path
    )
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


# Quickstart. ---------------------------------------------------------------------------------------------------------


def test_quickstart_serves_a_model_that_is_there(
    reelwise: CommandLine, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr("reelwise.serving.run.server.serve_model", lambda settings: served.append(settings.model))
    before = contents(tiny_folder)
    assert "There is a model in" in reelwise("quickstart", "--out", tiny_folder, "--port", 0).err
    assert served == [str(tiny_folder)]
    assert contents(tiny_folder) == before


def test_quickstart_trains_on_the_data_that_it_is_given(
    reelwise: CommandLine, ratings_folder: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelwise.serving.run.server.serve_model", lambda _: None)
    outcome = reelwise("quickstart", "--data", ratings_folder, "--out", tiny_folder, "--port", 0)
    assert outcome.code == 0
    assert "Next:" not in outcome.err  # it serves by itself
    assert Model.load(tiny_folder).config.dataset.name == "checkerboard"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("quickstart", "--columns", "user=who"), "--columns needs --data, whose columns it names"),
        (("train", "--data", "x.csv", "--holdout", 0.3, "--no-evaluate"), "--no-evaluate measures nothing"),
    ],
)
def test_options_without_effect_are_refused(reelwise: CommandLine, command: tuple[object, ...], message: str) -> None:
    assert message in reelwise.refusal(*command)


# From a model. -------------------------------------------------------------------------------------------------------


def test_new_ratings_are_taken_in_and_nothing_is_measured(
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
    old, new = Model.load(Path("old")), Model.load(Path("new"))
    assert new.config.updated_from == old.description.revision
    assert list(new.users) == [*old.users, 77]
    assert re.search(f"updated from +revision {old.description.revision}", reelwise("info", "--model", "new").out)
    listed = reelwise("recommend", "--user", 77, "--model", "new", "-n", 3, "--rank-by", "stars", "--json").out
    assert all(film["movie_id"] % 2 for film in json.loads(listed))


def test_a_model_can_be_updated_in_its_place(reelwise: CommandLine, ratings_folder: Path) -> None:
    assert reelwise("train", "--data", ratings_folder, "--no-evaluate").code == 0
    before = Model.load(Path("model")).description.revision
    scale = ("--scale", "0:10")
    refusal = reelwise.refusal("train", "--from", "model", "--data", ratings_folder, "--out", "new", *scale)
    assert "these ratings are on the scale 0 to 10, but the model is on 1 to 5" in refusal
    assert not Path("new").exists()
    assert reelwise("train", "--from", "model", "--data", ratings_folder).code == 0
    assert Model.load(Path("model")).config.updated_from == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--factors", 4), "the old model's hyper-parameters are used"),
        (("--config", "found.json"), "the old model's hyper-parameters are used"),
        (("--no-taste",), "the old model's hyper-parameters are used"),
        (("--holdout", 0.3), "--holdout cannot be combined with --from"),
        (("--no-evaluate",), "--no-evaluate cannot be combined with --from"),
        ((), "does not say how it was trained"),
    ],
)
def test_what_cannot_be_updated_is_refused(
    reelwise: CommandLine, ratings_folder: Path, tiny_folder: Path, arguments: tuple[object, ...], message: str
) -> None:
    assert message in reelwise.refusal(
        "train", "--from", tiny_folder, "--data", ratings_folder, "--out", "new", *arguments
    )
    assert not Path("new").exists()


def test_ratings_off_the_scale_of_the_model_are_refused_with_advice_that_works(
    reelwise: CommandLine, tiny_folder: Path
) -> None:
    Path("new.csv").write_text("userId,movieId,rating\n8,296,8\n")
    for named in (("preprocess", "--ratings", "new.csv", "--model"), ("train", "--data", "new.csv", "--from")):
        refusal = reelwise.refusal(*named, tiny_folder)
        assert "new.csv line 2: rating 8 lies outside 0.5 to 5, the scale that these stars must be on" in refusal
        assert "--scale" not in refusal


def test_preprocess_replaces_histories_and_reports_strangers(
    reelwise: CommandLine, tiny_folder: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.csv"
    new.write_text("userId,movieId,rating\n8,296,5\n8,4444,4\n77,296,4\n")
    before = contents(tiny_folder)
    outcome = reelwise("preprocess", "--model", tiny_folder, "--ratings", new)
    assert outcome.code == 0
    assert f"Read {new}: user from userId, movie from movieId, stars 0.5 to 5 from rating, no times." in outcome.err
    assert "1 ratings" in outcome.err
    assert "Left out 2 ratings, because the model does not know 1 users and 1 movies" in outcome.err
    assert "2 users of the model have no ratings now" in outcome.err
    assert "does not know user 7" in reelwise.refusal("recommend", "--user", 7, "--model", tiny_folder)
    after = contents(tiny_folder)
    assert all(after[file] == before[file] for file in ("model_P.npy", "model_Q.npy"))
    refreshed = Model.load(tiny_folder).histories
    assert refreshed is not None
    assert refreshed.by_user.counts().tolist() == [0, 1, 0]
