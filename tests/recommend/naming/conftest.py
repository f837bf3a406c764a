from pathlib import Path

import numpy as np
import pytest

from reelwise.artifacts.title_index import write_title_index
from reelwise.data.catalogue import Catalogue
from reelwise.data.readers.films import read_movies
from reelwise.recommend.naming.title_search import TitleSearch
from support.files.real_data import real_data


@pytest.fixture(scope="session")
def all_films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, TitleSearch]:
    """87,585 films, and their titles' index: who is better known is not there, but got the earlier id."""
    films = read_movies(real_data("ml-32m-catalogue"))
    path = Path(tmp_path_factory.mktemp("all"), "titles.sqlite")
    write_title_index(path, films.titles.strings(), 100_000 // np.arange(1, len(films) + 1))
    return films, TitleSearch(path, len(films))
