"""Legacy models, written as the early project's own scripts write them.

Training gives ids their rows and saves P, Q and the mappings without histories; preprocessing reads the ratings line by
line and adds `user_ratings` and `index_to_userId`. Ids are NumPy's numbers, indexes and stars are Python's.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reelwise.legacy.files import LegacyFiles

# User 9 rated nothing, and user 500 and movie 600 are unknown to the model.
RATINGS = [(3, 50, 4.5), (3, 10, 2.0), (20, 10, 5.0), (500, 10, 1.0), (7, 30, 3.0), (7, 50, 0.5), (3, 600, 4.0)]
USER_IDS, MOVIE_IDS = (3, 7, 9, 20), (10, 30, 40, 50)
P = np.array([[1.0, 0.5], [2.0, -0.25], [0.5, 1.0], [1.5, 1.0]])
Q = np.array([[2.0, 1.0], [1.0, 4.0], [2.5, -1.0], [0.5, 0.5]])


def legacy_mappings(
    user_ids: Sequence[int] = USER_IDS,
    movie_ids: Sequence[int] = MOVIE_IDS,
    ratings: Sequence[tuple[int, int, float]] | None = RATINGS,
) -> dict[str, Any]:
    """The mappings of rows in the order of the given ids; `ratings=None` means before preprocessing."""
    mappings: dict[str, Any] = {
        "userId_to_index": {user: index for index, user in enumerate(np.array(user_ids, np.int64))},
        "movieId_to_index": {movie: index for index, movie in enumerate(np.array(movie_ids, np.int64))},
        "index_to_movieId": dict(enumerate(np.array(movie_ids, np.int64))),
    }
    if ratings is not None:
        users, movies = mappings["userId_to_index"], mappings["movieId_to_index"]
        rated: dict[int, dict[int, float]] = {}
        for user, movie, stars in ratings:
            if user in users and movie in movies:
                rated.setdefault(users[user], {})[movies[movie]] = float(stars)
        mappings["user_ratings"] = rated
        mappings["index_to_userId"] = {index: user for user, index in users.items()}
    return mappings


def make_legacy_files(
    folder: Path,
    mappings: object = None,
    factors: tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]] = (P, Q),
) -> LegacyFiles:
    """The three files in `folder`, of the model above by default."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(("model_P.npy", "model_Q.npy"), factors, strict=True):
        np.save(folder / name, array)
    with (folder / "model_mappings.pkl").open("wb") as file:
        pickle.dump(legacy_mappings() if mappings is None else mappings, file)
    return LegacyFiles.in_folder(folder)


def legacy_recommendations(folder: Path, user_id: int) -> list[tuple[int, float]]:
    """What the early project's code would recommend: ids and scores, best first."""
    P, Q = np.load(folder / "model_P.npy"), np.load(folder / "model_Q.npy")
    mappings = pickle.loads((folder / "model_mappings.pkl").read_bytes())
    u = mappings["userId_to_index"][user_id]
    seen = mappings["user_ratings"].get(u, {})
    scores = [(m, np.dot(P[u], Q[m])) for m in range(len(Q)) if m not in seen]
    best = sorted(scores, key=lambda scored: scored[1], reverse=True)[:10]
    return [(int(mappings["index_to_movieId"][m]), float(score)) for m, score in best]
