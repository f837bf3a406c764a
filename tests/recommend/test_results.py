from typing import Any

import polars as pl
import pytest

from reelwise import Recommender
from reelwise.recommend.results import Prediction
from support.models.tiny_recommender import tiny_recommender

FILMS = tiny_recommender().recommend(movies=[296], n=3)


def test_a_result_reads_as_a_table() -> None:
    lines = repr(FILMS).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"{FILMS[0].predicted_stars:.2f} ± {FILMS[0].stars_margin:.2f}  {FILMS[0].title}")
    unsure = tiny_recommender(with_spread=False).recommend(movies=[296], n=1)
    assert repr(unsure).startswith(f" {unsure[0].predicted_stars:.2f}  {unsure[0].title}")
    assert repr(tiny_recommender().recommend(movies=[7002], strategy="profile")).splitlines() == [
        "no recommendations",
        "(A Film That Nobody Rated (2002) is ignored: nobody rated it)",
    ]


def test_a_notebook_gets_a_table_with_escaped_titles() -> None:
    table = FILMS._repr_html_()
    assert table.count("<tr>") == 4
    assert "<script" not in table


def test_it_behaves_as_a_list() -> None:
    assert list(FILMS)[1:] == list(FILMS[1:])
    assert FILMS[0] in FILMS


def test_data_frames() -> None:
    frame = FILMS.to_polars()
    assert frame["movie_id"].to_list() == [film.movie_id for film in FILMS]
    assert frame.schema["reasons"] == pl.List(pl.String)


def test_a_frame_has_the_same_columns_of_the_same_types_with_no_rows() -> None:
    recommender = tiny_recommender()
    two, members = [1, 296], [{"movies": [1]}, {"movies": [296]}]
    answers: list[tuple[Any, Any]] = [
        (recommender.recommend(movies=two, only=two), recommender.recommend(movies=two)),
        (recommender.predict(movies=[99999], liked=two), recommender.predict(movies=[2571], liked=two)),
        (recommender.recommend_together(members, only=two), recommender.recommend_together(members)),
    ]
    for nothing, some in answers:
        assert (len(nothing), len(some) > 0) == (0, True)
        assert nothing.to_polars().schema == some.to_polars().schema
        pytest.importorskip("pandas")
        assert [*nothing.to_pandas().columns] == some.to_polars().columns


def test_a_column_has_its_type_where_all_of_it_is_missing() -> None:
    frame = tiny_recommender(with_spread=False).recommend(movies=[296]).to_polars()
    assert frame["stars_margin"].null_count() == len(frame) > 0
    assert frame.schema["stars_margin"] == pl.Float64
    assert pl.Null not in frame.dtypes


def test_the_package_offers_the_recommender() -> None:
    import reelwise

    assert Recommender is reelwise.Recommender
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = reelwise.nothing


@pytest.mark.parametrize(
    ("stars", "margin", "text"),
    [(4.316, 0.614, "4.32 ± 0.61"), (4.0, None, "4.00"), (92.69, 19.86, "93 ± 20"), (92.69, None, "93")],
)
def test_digits_that_mean_nothing_are_not_shown(stars: float, margin: float | None, text: str) -> None:
    assert Prediction(1, "Alien (1979)", stars, margin).format_stars() == text
