from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from reelwise.data.dataset import Dataset
from reelwise.data.interactions import Interactions
from reelwise.data.splitting import Viewers
from reelwise.data.types import Floats
from reelwise.errors import UsageError
from reelwise.evaluation import baselines
from reelwise.evaluation.by_id.measure_models import evaluate
from reelwise.evaluation.measures import MAE, MAP, NDCG, RMSE, Coverage, HitRate, Recall, StratifiedNDCG
from reelwise.evaluation.metrics import mae, rmse
from reelwise.evaluation.ranking import measure_ranker
from reelwise.evaluation.splitting import TestCase
from reelwise.models.base import Estimator
from reelwise.models.baselines.biases import Biases
from reelwise.models.baselines.ease import EASE
from reelwise.models.baselines.popularity import Popularity
from reelwise.models.queries import Queries
from support.models.checkerboard import checkerboard_dataset
from support.models.small_models import new_model

if TYPE_CHECKING:
    from reelwise.progress import FitProgress

DATA = checkerboard_dataset(users=80, movies=60)
TRAIN, TEST = DATA.split_ratings(test=0.2, seed=1)
REST, VIEWERS = DATA.split_users(test=20, given=3, seed=1)
RATING = new_model("matrix-factorization").fit(TRAIN)
RANKING = new_model("weighted-als").fit(REST)


class Oracle(Estimator):
    """Knows the colours."""

    def fit_rows(self, train: Interactions) -> None:
        self.movies = train.shape[1]

    def score(self, queries: Queries) -> Floats:
        liked = np.array([row[0] % 2 if len(row) else 0 for row in queries.picks()])
        scores: Floats = (liked[:, None] == np.arange(self.movies) % 2).astype(np.float32)
        return scores


def test_errors_are_those_of_all_ratings_held_out() -> None:
    found = evaluate(RATING, TEST)
    ratings = TEST.ratings.interactions()
    predicted = RATING.predict_rows(ratings.users, ratings.movies)  # type: ignore[attr-defined]
    assert found.value("RMSE") == rmse(predicted, ratings.stars)
    assert found.value("MAE") == mae(predicted, ratings.stars)
    assert found.title == f"{len(TEST.ratings):,} ratings held out, of checkerboard (test)"


def test_figures_of_viewers_are_those_of_the_rows() -> None:
    found = evaluate(RANKING, VIEWERS)
    queries = Queries.of_strangers(VIEWERS.shown)
    rows = measure_ranker(
        RANKING, TestCase(queries, VIEWERS.shown, VIEWERS.targets), REST.ratings.interactions()
    )  # fmt: skip
    assert found.value("NDCG@10") == rows.means()["ndcg"]
    assert found.value("Recall@10") == rows.means()["recall"]
    figure = found.figure("NDCG@10")
    assert figure.low is not None
    assert figure.high is not None
    assert figure.value is not None
    assert figure.low <= figure.value <= figure.high
    assert found.title == "20 people held out whole, 3 likes shown of each"


def test_baselines_by_name_learn_from_the_same_ratings() -> None:
    found = evaluate(RANKING, VIEWERS, [NDCG(5), Coverage(5)], baselines=["Popularity", "ease"])
    assert [figure.model for figure in found] == ["weighted-als"] * 2 + ["popularity"] * 2 + ["EASE"] * 2
    alone = evaluate(Popularity().fit(REST), VIEWERS, [NDCG(5)])
    assert found.value("NDCG@5", "popularity") == alone.value("NDCG@5")
    assert found.value("NDCG@5") > found.value("NDCG@5", "popularity")  # type: ignore[operator]
    assert found.remarks == ("Chosen for EASE: its defaults, since there are too few people to choose by.",)


@pytest.fixture(scope="module")
def crowd() -> tuple[Dataset, Viewers]:
    """So many people that some can be held out to choose by."""
    return checkerboard_dataset(users=320, movies=60, seed=2).split_users(test=20, given=3, seed=1)


def test_settings_of_baselines_by_name_are_chosen_on_other_people(
    crowd: tuple[Dataset, Viewers], monkeypatch: pytest.MonkeyPatch
) -> None:
    train, viewers = crowd
    monkeypatch.setattr(baselines, "EASE_FOR_SELECTIONS", (1e6, 30.0))  # the first is hardly more than popularity
    found = evaluate(Popularity().fit(train), viewers, [NDCG(5)], baselines=["ease"])
    assert found.remarks == ("Chosen for EASE: λ = 30, on 37 people of the training data.",)
    chosen = evaluate(EASE(regularisation=30.0).fit(train), viewers, [NDCG(5)])
    assert found.value("NDCG@5", "EASE") == chosen.value("NDCG@5")


def test_settings_are_chosen_on_likes_where_ratings_are_held_out(
    crowd: tuple[Dataset, Viewers], monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = crowd[0].split_ratings(test=0.1, seed=1)
    monkeypatch.setattr(baselines, "NEIGHBOURS", (1, 100))
    found = evaluate(Popularity().fit(train), test, [NDCG(5)], baselines=["user-kNN", "biases"])
    assert found.remarks == ("Chosen for user-kNN: 100 neighbours, on 300 people of the training data.",)
    assert found.value("NDCG@5", "user-kNN") > found.value("NDCG@5")  # type: ignore[operator]


def test_estimators_are_baselines_with_settings_of_their_own() -> None:
    found = evaluate(RANKING, VIEWERS, [NDCG(5)], baselines=["EASE", EASE(regularisation=5.0)])
    assert [figure.model for figure in found] == ["weighted-als", "EASE", "EASE (2)"]
    assert found.value("NDCG@5", "EASE") != found.value("NDCG@5", "EASE (2)")


def test_a_baseline_of_the_caller_s_is_left_as_it_is() -> None:
    mine = EASE(regularisation=5.0).fit(TRAIN)
    before = mine.trained_on
    found = evaluate(RANKING, VIEWERS, [NDCG(5)], baselines=[mine])
    assert mine.trained_on is before
    assert found.value("NDCG@5", "EASE") == evaluate(EASE(regularisation=5.0).fit(REST), VIEWERS, [NDCG(5)]).value(
        "NDCG@5"
    )


def test_models_of_stars_are_left_out_where_there_are_none() -> None:
    train, test = replace(DATA, implicit=True).split_ratings(0.2, seed=1)
    found = evaluate(EASE().fit(train), test, [NDCG(5)], baselines=["biases", Biases()])
    assert {figure.model for figure in found} == {"EASE"}
    assert [remark.partition(":")[0] for remark in found.remarks] == ["biases is left out", "biases (2) is left out"]
    assert "has no stars for biases to learn" in found.remarks[0]


def test_own_algorithms_are_measured_like_ours() -> None:
    found = evaluate({"oracle": Oracle().fit(REST), "als": RANKING}, VIEWERS, [Recall(30)])
    assert found.value("Recall@30", "oracle") == 1
    assert {figure.model for figure in found} == {"oracle", "als"}
    assert "Oracle" in repr(evaluate(Oracle().fit(REST), VIEWERS))


def test_rankings_are_of_held_out_likes_without_what_was_rated_in_training() -> None:
    found = evaluate(Oracle().fit(TRAIN), TEST, [Recall(60), NDCG(60)])
    assert found.value("Recall@60") == 1
    liked = TEST.ratings.by_user.stars >= 4
    assert 0 < liked.sum() < len(liked)


def test_a_table_shows_a_dash_where_a_model_predicts_no_stars() -> None:
    found = evaluate(RATING, TEST, [RMSE(), NDCG(10)], baselines=["popularity"])
    assert found.value("RMSE", "popularity") is None
    assert [line.split()[1] for line in repr(found).splitlines() if line.startswith("popularity")] == ["–"]
    with pytest.raises(UsageError, match=r"weighted-als ranks movies and predicts no stars, so there is no RMSE"):
        evaluate(RANKING, TEST, [RMSE()])


def test_a_baseline_that_cannot_be_fitted_is_left_out_with_the_reason() -> None:
    found = evaluate(RANKING, VIEWERS, [NDCG(5)], baselines=["linear-for-n", EASE()])
    assert {figure.model for figure in found} == {"weighted-als", "linear-for-n", "EASE"}
    few = replace(DATA, ratings=DATA.ratings.where(np.arange(len(DATA.ratings)) % 8 == 0))
    train, viewers = few.split_users(test=5, given=1, seed=1)
    found = evaluate(Popularity().fit(train), viewers, [NDCG(5)], baselines=["linear-for-n"])
    assert {figure.model for figure in found} == {"popularity"}
    assert "linear-for-n is left out: linear-for-n learns from users with more than 10 likes" in "".join(found.remarks)


def test_whoever_has_seen_the_test_is_told_on() -> None:
    seen, ranking = Biases().fit(DATA), new_model("weighted-als").fit(DATA)
    too_good, unlisted = "its figures are too good", "what it was trained on is never listed and counts as not found"
    for model, test, metrics, effect in (
        (seen, TEST, [RMSE()], too_good),
        (seen, TEST, [NDCG()], unlisted),
        (seen, TEST, [RMSE(), NDCG()], f"{too_good}, and {unlisted}"),
        (ranking, VIEWERS, [NDCG()], too_good),
    ):
        warning = f"Warning: {model.name} was trained on part of this test, so {effect}."
        assert evaluate(model, test, metrics).remarks[0] == warning
    assert "Warning" not in repr(evaluate(RATING, TEST)) + repr(evaluate(RANKING, VIEWERS))


def test_ratings_of_strangers_count_like_all_others() -> None:
    model = Biases().fit(REST)  # without the viewers
    found = evaluate(model, DATA)
    assert "are by users or of movies that biases does not know; they count, too" in " ".join(found.remarks)
    assert found.title.startswith(f"{len(DATA.ratings):,} ratings")


def of_movies_up_to(dataset: Dataset, highest: int) -> Dataset:
    ratings = dataset.ratings
    return replace(dataset, ratings=ratings.where(ratings.movies.ids[ratings.by_user.indices] <= highest).compact())


@pytest.mark.parametrize("train, test", [(REST, VIEWERS), (TRAIN, TEST)], ids=["people", "ratings"])  # noqa: PT006
def test_targets_that_a_model_does_not_know_count_as_not_found(train: Dataset, test: Any) -> None:
    small = Oracle().fit(of_movies_up_to(train, 30))
    metrics = [Recall(60), NDCG(60), StratifiedNDCG(60), Coverage(60)]
    found = evaluate({"all": Oracle().fit(train), "half": small}, test, metrics)
    if isinstance(test, Viewers):
        targets = [test.movies.ids[test.targets[row][0]] for row in range(len(test))]
    else:
        rows = test.ratings.by_user
        targets = [test.ratings.movies.ids[rows[row][0]][rows[row][1] >= 4] for row in range(len(rows))]
    shares = [np.mean(ids <= 30) for ids in targets if len(ids)]
    assert found.value("Recall@60", "half") == pytest.approx(np.mean(shares))
    assert found.value("Recall@60", "all") == 1
    assert found.value("NDCG@60", "half") < found.value("NDCG@60", "all")  # type: ignore[operator]
    assert found.value("StratifiedNDCG@60", "half") < found.value("StratifiedNDCG@60", "all")  # type: ignore[operator]
    assert found.value("Coverage@60", "half") == pytest.approx(30 / 60)
    assert any("half does not know; they count" in remark for remark in found.remarks)
    assert evaluate(small, test, metrics[:1]).value("Recall@60") == found.value("Recall@60", "half")


def test_the_same_people_are_asked_for_whichever_model_knows_them() -> None:
    few = Oracle().fit(replace(TRAIN, ratings=TRAIN.ratings.without_users(np.arange(40))))
    found = evaluate({"all": Oracle().fit(TRAIN), "few": few}, TEST, [Recall(60), HitRate(10)])
    assert found.value("Recall@60", "few") == found.value("Recall@60", "all") == 1  # a list of all that there is
    assert found.value("HitRate@10", "few") < found.value("HitRate@10", "all")  # type: ignore[operator]


METRICS = [NDCG(5), Recall(10), MAP(10), Coverage(10)]


@pytest.mark.parametrize("metrics", [[NDCG(10)], [NDCG(10), Recall(10)], METRICS], ids=len)
def test_tables_fit_a_terminal_of_eighty_columns_and_break_no_word(metrics: list[Any]) -> None:
    found = evaluate(RANKING, VIEWERS, metrics, baselines=["popularity", "linear-for-n"])
    text = repr(found)
    assert max(map(len, text.splitlines())) <= 80
    for name in ("weighted-als", "popularity", "linear-for-n"):
        assert f"{found.value('NDCG@10' if metrics is not METRICS else 'NDCG@5', name):.4f}" in text
        assert any(line.startswith(name) for line in text.splitlines())


def test_figures_are_rows_of_a_frame_and_a_table_in_a_notebook() -> None:
    found = evaluate(RANKING, VIEWERS, [NDCG(5), Coverage(5)])
    frame = found.to_polars()
    assert frame.columns == ["model", "metric", "value", "low", "high"]
    assert frame["low"].null_count() == 1
    assert frame["value"].to_list() == [figure.value for figure in found]
    shown = found._repr_html_()
    assert "<th>NDCG@5</th>" in shown
    assert f"{found.value('NDCG@5'):.4f}" in shown


def test_one_metric_and_one_baseline_need_no_list() -> None:
    found = evaluate(RANKING, VIEWERS, NDCG(5), baselines="popularity")
    assert [(figure.model, figure.metric) for figure in found] == [("weighted-als", "NDCG@5"), ("popularity", "NDCG@5")]


def test_progress_goes_from_model_to_model() -> None:
    steps: list[FitProgress] = []
    evaluate(RANKING, VIEWERS, [NDCG(5)], baselines=["popularity"], progress=steps.append)
    assert [(step.done, step.total, step.note) for step in steps] == [
        (0, 2, "weighted-als"), (1, 2, "popularity"), (2, 2, ""),
    ]  # fmt: skip


def test_what_was_not_measured_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="NDCG@7 of weighted-als was not measured; there are NDCG@5"):
        evaluate(RANKING, VIEWERS, [NDCG(5)]).value("NDCG@7")


@pytest.mark.parametrize(
    ("models", "test", "options", "message"),
    [
        (RANKING, VIEWERS, {"metrics": [RMSE()]}, "RMSE is of ratings held out; Dataset.split_ratings makes such"),
        (RANKING, VIEWERS, {"metrics": [NDCG]}, r"is not a metric; expected objects, such as NDCG\(\)"),
        (RANKING, VIEWERS, {"metrics": ["NDCG"]}, r"'NDCG' is not a metric; expected objects, such as NDCG\(10\)"),
        (RANKING, VIEWERS, {"metrics": NDCG}, r"is not a metric; expected objects, such as NDCG\(\)"),
        (RANKING, VIEWERS, {"metrics": None}, "None is not a metric"),
        (RANKING, VIEWERS, {"baselines": [5]}, "5 is not a baseline; expected names"),
        (RANKING, VIEWERS, {"baselines": None}, "None is not a baseline"),
        (RANKING, VIEWERS, {"baselines": EASE}, r"is not a baseline; .* such as EASE\(\)"),
        (None, VIEWERS, {}, "None is not an Estimator"),
        ("EASE", VIEWERS, {}, "'EASE' is not an Estimator"),
        (
            RANKING,
            [1, 2],
            {},
            "the test is a list; expected the result of Dataset.split_ratings or Dataset.split_users",
        ),
        (RANKING, VIEWERS, {"baselines": ["SVD"]}, "there is no model 'SVD'"),
        ([], VIEWERS, {}, "there is no model to measure"),
        ([RANKING, "EASE"], VIEWERS, {}, "'EASE' is not an Estimator"),
        (Popularity(), VIEWERS, {}, "this popularity model knows no ids; fit it to a Dataset first"),
        (RATING, replace(TEST, implicit=True), {"metrics": [MAE()]}, "MAE is of stars, and .* has none"),
    ],
)
def test_what_cannot_be_measured_is_refused(models: Any, test: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        evaluate(models, test, **options)


def test_stars_of_another_scale_are_refused() -> None:
    other = replace(TEST, ratings=replace(TEST.ratings, scale=type(TEST.ratings.scale)(0, 10)))
    with pytest.raises(UsageError, match=r"go from 0 to 10, but those that the model was fitted to go from 0.5 to 5"):
        evaluate(RATING, other)


def test_models_may_be_called_by_numbers() -> None:
    by_number: Any = {8: RANKING}
    assert evaluate(by_number, VIEWERS).columns["model"] == ["8", "8"]
