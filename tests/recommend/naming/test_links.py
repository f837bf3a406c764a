import numpy as np

from reelwise.recommend.naming.links import LinkIndex
from reelwise.recommend.naming.references import SiteNumber

LINKS = LinkIndex(np.array([[114709, 862], [0, 0], [133093, 603], [99, 603]]), np.array([5, 9, 3, 7]))


def test_a_film_is_found_by_its_number() -> None:
    assert [LINKS.row(SiteNumber("imdb", number)) for number in (114709, 133093, 99)] == [0, 2, 3]
    assert LINKS.row(SiteNumber("tmdb", 862)) == 0


def test_of_several_films_with_one_number_the_best_known_is_meant() -> None:
    assert LINKS.row(SiteNumber("tmdb", 603)) == 3


def test_no_film_has_a_number_that_is_unknown() -> None:
    unknown = [SiteNumber("imdb", 0), SiteNumber("imdb", 1), SiteNumber("tmdb", 10**18), SiteNumber("tmdb", 114709)]
    assert [LINKS.row(number) for number in unknown] == [None] * 4
    assert LinkIndex(np.zeros((0, 2), np.int64), np.zeros(0, np.int64)).row(SiteNumber("imdb", 1)) is None
