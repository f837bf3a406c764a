"""`reelwise tune` searches, goes on, and `reelwise train --config` takes what it found."""

import json
from pathlib import Path

import pytest

from reelwise.artifacts.model import Model
from reelwise.evaluation.tuning import Search, Tuned
from reelwise.models.config import MatrixFactorizationConfig
from support.running.command_line import CommandLine

pytestmark = pytest.mark.xdist_group("searches")


def test_what_is_found_is_trained_with(reelwise: CommandLine, ratings_folder: Path) -> None:
    tuned = reelwise("tune", "--data", ratings_folder, "--attempts", 3, "--threads", 1)
    assert (tuned.code, tuned.out) == (0, "tuned.json\n")
    assert "on test ratings" in tuned.err
    assert tuned.err.count(" done ") + tuned.err.count(" stopped ") == 3
    chosen = json.loads(Path("tuned.json").read_text())["rating"] | {"factors": 5}
    Path("mine.json").write_text(json.dumps({"rating": chosen}))
    trained = reelwise("train", "--data", ratings_folder, "--config", "mine.json", "--epochs", 2, "--no-evaluate")
    assert trained.code == 0
    used = Model.load(Path("model")).rating.config
    assert (used.factors, used.epochs) == (5, 2)  # an option wins over the file
    assert used.movie_regularisation == chosen["movie_regularisation"]


def test_a_second_call_goes_on(reelwise: CommandLine, ratings_folder: Path) -> None:
    reelwise("tune", "--data", ratings_folder, "--attempts", 2, "--out", "a.json")
    again = reelwise("tune", "--data", ratings_folder, "--attempts", 3, "--out", "a.json")
    assert "a.journal holds 2 attempts on these ratings; going on from there." in again.err
    assert json.loads(Path("a.json").read_text())["tuned"]["trials"] == 3


def test_a_wrong_place_is_refused_before_any_work(reelwise: CommandLine, ratings_folder: Path) -> None:
    outcome = reelwise("tune", "--data", ratings_folder, "--out", "nowhere/a.json")
    assert outcome.code == 2
    assert "nowhere/a.json cannot be written (there is no folder nowhere); name another file" in outcome.err
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--out", "a.journal"), "--out and --journal are both a.journal; name another file"),
        (("--out", "a.json", "--journal", "a.json"), "--out and --journal are both a.json; name another file"),
        (("--out", "mine.csv"), "--out is mine.csv, which holds something other than settings; name another file"),
        (("--data", "mine.csv"), "mine.csv says who watched what and has no stars for matrix-factorization to learn"),
    ],
)
def test_nothing_but_settings_is_written_over_and_stars_are_needed(
    reelwise: CommandLine, ratings_folder: Path, options: tuple[str, ...], message: str
) -> None:
    Path("mine.csv").write_text("userId,movieId\n1,2\n")
    assert message in reelwise.refusal("tune", "--data", ratings_folder, "--attempts", 1, *options)
    assert Path("mine.csv").read_text() == "userId,movieId\n1,2\n"
    assert [path.name for path in Path.cwd().iterdir()] == ["mine.csv"]


def test_invalid_settings_are_refused(reelwise: CommandLine, ratings_folder: Path) -> None:
    Path("bad.json").write_text('{"rating": {"factors": 0}}')
    outcome = reelwise("train", "--data", ratings_folder, "--config", "bad.json")
    assert outcome.code == 2
    assert outcome.err.endswith("reelwise: bad.json: rating: factors is 0; expected 1 to 10000\n")


def test_a_search_that_ends_where_it_began_says_so(reelwise: CommandLine, ratings_folder: Path) -> None:
    outcome = reelwise("tune", "--data", ratings_folder, "--attempts", 1)
    assert (outcome.code, outcome.out) == (0, "tuned.json\n")
    assert "Nothing better than the defaults was found: their RMSE on test ratings is " in outcome.err
    assert "Next:" not in outcome.err


@pytest.mark.parametrize(
    ("test_rmse", "default", "is_better"),
    [(0.7, 0.8, True), (0.80001, 0.8, False), (0.9, 0.8, False), (9.98, 10.02, True), (10.3, 9.9, False)],
)
def test_what_is_not_better_is_not_advised(
    reelwise: CommandLine,
    ratings_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    test_rmse: float,
    default: float,
    is_better: bool,
) -> None:
    found = Tuned(MatrixFactorizationConfig(factors=7), 0.7, test_rmse, default, 1)
    monkeypatch.setattr(Search, "run", lambda *_: found)
    said = reelwise("tune", "--data", ratings_folder, "--attempts", 1).err
    assert ("Next: reelwise train" in said, "Nothing better than the defaults" in said) == (is_better, not is_better)
