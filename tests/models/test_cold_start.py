"""What is expected of films without ratings, and how the first ones move them."""

from pathlib import Path

import numpy as np
import pytest

from reelwise.data.catalogue import Movie
from reelwise.errors import ModelError
from reelwise.models.cold_start import ColdStart, features_of
from reelwise.storage.arrays import ArrayFolder

EAST, NORTH = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)
CRIME = [Movie(n, f"Murder {n} ({1950 + n})", ("Crime",)) for n in range(40)]
FANTASY = [Movie(n, f"Dragon {n} ({1950 + n})", ("Fantasy",)) for n in range(40, 80)]
FILMS = [*CRIME, *FANTASY]


@pytest.fixture(scope="module")
def content() -> ColdStart:
    """Crime lies in the east, fantasy in the north."""
    Q = np.array([EAST] * len(CRIME) + [NORTH] * len(FANTASY), np.float32)
    fitted = ColdStart.fit(FILMS, Q, np.full(len(FILMS), 50), np.eye(2))
    assert fitted is not None
    return fitted


def test_a_film_is_expected_where_those_like_it_are(content: ColdStart) -> None:
    by_genre, by_word, other = content.expect(
        [Movie(1, "Nameless (1970)", ("Crime",)), Movie(2, "Dragon"), Movie(3, "Nameless")]
    )
    assert by_genre[0] > 0.8 > 0.2 > by_genre[1]
    assert by_word[1] > by_word[0]
    np.testing.assert_allclose(other, [0.5, 0.5], atol=1e-6)
    assert content.expect([]).shape == (0, 2)


def test_films_with_more_ratings_weigh_more() -> None:
    films = [Movie(n, f"A{n}", ("Crime",)) for n in range(60)]
    Q = np.array([EAST] * 30 + [NORTH] * 30, np.float32)
    even, uneven = (
        ColdStart.fit(films, Q, counts, np.eye(2)) for counts in (np.full(60, 9), np.array([900] * 30 + [1] * 30))
    )
    assert even is not None
    assert uneven is not None
    crime = [Movie(99, "B", ("Crime",))]
    np.testing.assert_allclose(even.expect(crime)[0], [0.5, 0.5], atol=1e-3)
    assert uneven.expect(crime)[0][0] > 0.7


def test_ratings_move_a_film_the_more_the_more_there_are(content: ColdStart) -> None:
    expected = content.expect([CRIME[0]])[0]
    few, many = (content.learn(expected, np.array([NORTH] * count), np.ones(count, np.float32)) for count in (1, 30))
    assert expected @ NORTH < few @ NORTH < many @ NORTH < 1.05
    unmoved = content.learn(expected, np.empty((0, 2), np.float32), np.empty(0, np.float32))
    np.testing.assert_allclose(unmoved, expected, atol=1e-6)


def test_what_is_known_of_a_film_is_named() -> None:
    found = features_of(Movie(1, "Dragon's War, The (1987)", ("War", "Fantasy")))
    names = {"genre war", "genre fantasy", "genres fantasy|war", "genre war 1980", "decade 1980", "word dragons"}
    assert names <= {*found}
    assert found["after 1980"] == pytest.approx(0.7)
    assert "after 1990" not in found
    assert features_of(Movie(1, "Untitled")) == {"word untitled": 1.0}


def test_nothing_is_learnt_where_films_have_nothing_in_common() -> None:
    films = [Movie(1, "Heat"), Movie(2, "Alien")]
    assert ColdStart.fit(films, np.eye(2, dtype=np.float32), np.array([1, 1]), np.eye(2)) is None


def test_it_comes_back_as_it_was_saved(content: ColdStart, tmp_path: Path) -> None:
    store = ArrayFolder(tmp_path)
    assert ColdStart.load(store, 2, 0) is None
    content.save(store)
    read = ColdStart.load(store, 2, 0)
    assert read is not None
    np.testing.assert_array_equal(read.expect(FILMS), content.expect(FILMS))
    with pytest.raises(ModelError):
        ColdStart.load(store, 3, 0)
    path = tmp_path / "content_features.npy"
    for features, fault in (
        (content.features.ids[::-1], "do not ascend"),
        (np.array([b"\xff%d" % number for number in range(9)]), "not UTF-8"),
    ):
        store.write("content_features", features)
        with pytest.raises(ModelError, match=f"{path}: .*{fault}"):
            ColdStart.load(store, 2, 0)


def test_keywords_and_descriptions_are_no_endless_features() -> None:
    words = [f"w{number}" for number in range(5000)]
    assert len(features_of(Movie(1, " ".join(words) + " (1990)", tuple(words)))) < 200
