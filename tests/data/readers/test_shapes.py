"""Every shape of ratings that the docs list is read as meant, or refused with a message that says what to do."""

import re
from pathlib import Path

import numpy as np
import pytest

from reelwise.data.dataset import Dataset
from reelwise.errors import DataError
from support.files.shapes import READ, REFUSED, Row, Shape

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "data.md"


def rows_of(dataset: Dataset) -> list[Row]:
    ratings = dataset.ratings
    columns = ratings.interactions()
    times = [None] * len(ratings) if ratings.times is None else (ratings.times / 1e6).tolist()
    users, movies = ratings.users.at(columns.users), ratings.movies.at(columns.movies)
    return list(zip(users, movies, columns.stars.tolist(), times, strict=True))


@pytest.mark.parametrize("shape", READ, ids=lambda shape: shape.what)
def test_read_as_meant(shape: Shape, tmp_path: Path) -> None:
    dataset = shape.open(tmp_path)
    assert rows_of(dataset) == shape.rows
    assert shape.says in dataset.understood
    assert dataset.implicit == ("no column of stars" in dataset.understood)


@pytest.mark.parametrize("shape", READ, ids=lambda shape: shape.what)
def test_what_was_read_goes_out_as_a_frame_and_comes_back(shape: Shape, tmp_path: Path) -> None:
    dataset = shape.open(tmp_path)
    again = Dataset.from_frame(dataset.to_polars(), scale=None if dataset.implicit else dataset.ratings.scale)
    assert rows_of(again) == rows_of(dataset)
    assert again.implicit == dataset.implicit
    np.testing.assert_array_equal(again.ratings.by_movie.indices, dataset.ratings.by_movie.indices)


@pytest.mark.parametrize("shape", REFUSED, ids=lambda shape: shape.what)
def test_refused_with_what_to_do(shape: Shape, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape(shape.refusal)) as refused:
        shape.open(tmp_path)
    assert "\n" not in str(refused.value)


def test_the_docs_list_these_shapes_and_no_others() -> None:
    tables = re.findall(r"^\| shape \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE.read_text(encoding="utf-8"), re.M)
    listed = [[row.split(" | ")[0].removeprefix("| ") for row in table.splitlines()] for table in tables]
    assert listed == [[shape.what for shape in READ], [shape.what for shape in REFUSED]]
