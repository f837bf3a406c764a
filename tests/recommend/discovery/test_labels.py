"""Groups are called what people would call them."""

import pytest

from reelwise.recommend.discovery.labels import label_cluster


@pytest.mark.parametrize(
    ("genres", "first", "last", "name"),
    [
        (["Sci-Fi", "Thriller"], 1990, 1990, "Science fiction and thrillers of the 1990s"),
        (["Comedy", "Romance"], None, None, "Romantic comedies"),
        (["Romance", "Comedy"], 1980, 1990, "Romantic comedies of the 1980s and 1990s"),
        (["Animation", "Children's"], None, None, "Animation for the whole family"),
        (["Drama"], None, 1960, "Dramas of the 1960s and before"),
        (["Nordic Noir"], 2000, 2000, "Nordic noir of the 2000s"),
    ],
)
def test_a_name_is_made_of_genres_and_decades(
    genres: list[str], first: int | None, last: int | None, name: str
) -> None:
    assert label_cluster(genres, first, last) == name
