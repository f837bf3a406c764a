import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelwise.artifacts.folder import write_model
from reelwise.data.interactions import Interactions
from reelwise.evaluation import compare as comparison
from reelwise.evaluation.report import Comparison
from reelwise.progress import OnFit
from support.models.checkerboard import checkerboard
from support.models.small_comparison import small_comparison
from support.models.tiny_recommender import tiny_model
from support.running.command_line import CommandLine

pytestmark = pytest.mark.xdist_group("plots")

BASELINES = ("popularity", "biases", "user-kNN", "EASE")
KNOWN_USERS = ("ranking model", "rating model", *BASELINES)
SELECTIONS = ("blend by taste", "blend at balance 0", "blend by stars", "profile by stars", *BASELINES, "linear-for-n")


@pytest.fixture(scope="module")
def many_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ratings by enough users for selections."""
    folder = tmp_path_factory.mktemp("many")
    ratings = checkerboard(users=140, movies=110, seed=3)
    columns = ratings.interactions()
    rows = (
        f"{user + 1},{movie + 1},{stars}\n"
        for user, movie, stars in zip(columns.users, columns.movies, columns.stars, strict=True)
    )
    (folder / "ratings.csv").write_text("userId,movieId,rating\n" + "".join(rows))
    return folder


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with small_comparison():
        yield


def numbers(content: object) -> Iterator[float]:
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from numbers(part)
    elif isinstance(content, int | float):
        yield content


def test_json_is_all_there_is_on_stdout_and_every_figure_is_finite(
    reelwise: CommandLine, many_users: Path, tmp_path: Path
) -> None:
    outcome = reelwise("evaluate", "--data", many_users, "--json", "--plot", tmp_path / "picks.svg", "--seed", 7)
    assert outcome.code == 0

    def refuse(constant: str) -> float:
        raise AssertionError(constant)

    content = json.loads(outcome.out, parse_constant=refuse)
    assert content["settings"]["seed"] == 7
    assert set(content["known_users"]["figures"]) == set(KNOWN_USERS)
    assert set(content["selections"]["figures"]) == set(SELECTIONS)
    assert content["selections"]["picks"] == [1, 3, 5, 10, 20]
    assert len(list(numbers(content))) > 7 * 5 * 6
    drawn = (tmp_path / "picks.svg").read_text()
    assert all(f">{name}</text>" in drawn for name in SELECTIONS)
    assert f"The plot is in {tmp_path / 'picks.svg'}" in outcome.err


def test_every_recommender_has_its_row_and_too_few_users_are_named(
    reelwise: CommandLine, ratings_folder: Path, tmp_path: Path
) -> None:
    outcome = reelwise("evaluate", "--data", ratings_folder, "--threads", 2, "--plot", tmp_path / "picks.svg")
    assert outcome.code == 0
    stars, known_users, selections, histories, groups = outcome.out.strip().split("\n\n")
    for part, names in ((stars, ("rating model", "biases")), (known_users, KNOWN_USERS)):
        rows = [line for line in part.splitlines() if line.startswith(names)]
        assert len([row for row in rows if re.search(r"  \d\.\d\d\d", row)]) == len(names)
    assert "Chosen for EASE: λ = 10." in known_users
    assert selections.startswith("Selections\nNot measured: too few users have 30 likes or more")
    assert "Predicted stars of people who bring a history" in histories
    assert groups.startswith("Groups")
    assert "There is nothing to draw" in outcome.err
    assert not (tmp_path / "picks.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--plot", "picks.pdf"), "ends in .svg or .png"),
        (("--plot", "nowhere/picks.svg"), "there is no folder nowhere"),
        (("--scale", "5:1"), "the lowest stars must be below the highest"),
        (("--model", "nowhere"), "there is no such model folder"),
        (("--split", "time", "--plot", "picks.svg"), "--plot draws selections, which --split time does not measure"),
        (("--split", "time", "--engine", "spark"), "--split time goes with --engine local only"),
    ],
)
def test_invalid_options_end_with_2_before_any_work(
    reelwise: CommandLine, ratings_folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    outcome = reelwise("evaluate", "--data", ratings_folder, *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.out == ""


def test_after_one_moment_stars_are_measured_and_what_cannot_be_says_why(
    reelwise: CommandLine, tmp_path: Path, ratings_folder: Path
) -> None:
    lines = (f"{row % 12},{row // 12},{1 + row % 5},{row * 86_400}\n" for row in range(240))
    (tmp_path / "timed.csv").write_text("userId,movieId,rating,timestamp\n" + "".join(lines))
    outcome = reelwise("evaluate", "--data", tmp_path / "timed.csv", "--split", "time")
    assert outcome.code == 0
    assert "48 held-out ratings" in outcome.out
    assert "What was rated before 1970-07-12 00:00 is known" in " ".join(outcome.out.split())
    assert "there are too few newcomers" in " ".join(outcome.out.split())
    at_once = reelwise("evaluate", "--data", ratings_folder, "--split", "time")
    assert (at_once.code, "all ratings are of the same moment" in at_once.err) == (2, True)
    assert "add --data DIR" in reelwise("evaluate", "--split", "time").err


def test_without_matplotlib_it_says_how_to_install_it(
    reelwise: CommandLine, ratings_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    outcome = reelwise("evaluate", "--data", ratings_folder, "--plot", "picks.svg")
    assert outcome.code == 2
    assert 'python3 -m pip install "reelwise[plot]"' in outcome.err
    assert reelwise("evaluate", "--data", ratings_folder).code == 0


def test_a_model_shows_the_figures_that_it_was_trained_with(reelwise: CommandLine, many_users: Path) -> None:
    assert reelwise("train", "--data", many_users, "--factors", 4).code == 0
    shown, as_json = reelwise("evaluate"), reelwise("evaluate", "--model", "model", "--json")
    metrics = json.loads(Path("model/metrics.json").read_text())
    assert json.loads(as_json.out) == metrics
    assert f"{metrics['stars']['model']['rmse']:.4f}" in shown.out
    assert f"{metrics['stars']['interval']['0.90']:.1%} (90% interval)" in " ".join(shown.out.split())
    assert f"{metrics['selections']['blend']['mean_ndcg@10']:.3f}" in shown.out
    assert reelwise("evaluate", "--plot", "picks.svg").code == 2


def test_with_data_and_a_model_the_model_says_by_which_hyperparameters(
    reelwise: CommandLine, ratings_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[comparison.ComparisonSettings] = []
    compare = comparison.compare

    def spy(ratings: Interactions, settings: comparison.ComparisonSettings, on_step: OnFit) -> Comparison:
        used.append(settings)
        return compare(ratings, settings, on_step)

    monkeypatch.setattr(comparison, "compare", spy)
    assert reelwise("train", "--data", ratings_folder, "--factors", 3, "--no-evaluate").code == 0
    assert reelwise("evaluate", "--data", ratings_folder, "--model", "model").code == 0
    assert used[0].rating.factors == 3


def test_a_model_that_was_not_measured_has_no_figures(reelwise: CommandLine, tmp_path: Path) -> None:
    write_model(tmp_path / "tiny", tiny_model())
    outcome = reelwise("evaluate", "--model", tmp_path / "tiny")
    assert outcome.code == 2
    assert "add --data DIR to measure it now" in outcome.err
    assert reelwise("evaluate").code == 2


def test_options_that_only_measuring_takes_are_refused_without_data(
    reelwise: CommandLine, measured_folder: Path
) -> None:
    options = ("--scale", "1:10", "--columns", "user=x", "--seed", 3, "--threads", 2)
    said = reelwise.refusal("evaluate", "--model", measured_folder, *options)
    assert "--columns, --scale, --seed, --threads cannot be used without ratings to measure; add --data DIR" in said
