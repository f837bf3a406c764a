"""How each library is fitted. A library is imported when it is asked for; only NumPy is needed besides.

Each function here brings the ratings into its library's own form, outside any clock, and returns a `Fit`.
"""

import importlib.metadata
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Task(NamedTuple):
    """What there is to fit: three parallel arrays; how many users and movies there are; the scale; a seed; threads."""

    users: Array
    movies: Array
    stars: Array
    shape: tuple[int, int]
    scale: tuple[float, float]
    seed: int
    threads: int


class Fitted(NamedTuple):
    """A model: `predict(users, movies)` gives stars, which may lie outside the scale.

    `visited` is how many ratings SGD went through, each time it did; 0 if it is not SGD.
    """

    predict: Callable[[Array, Array], Array]
    visited: int


Fit = Callable[[int | None], Fitted]  # given how many epochs or iterations; None: the library is to choose


def reelwise(task: Task, **settings: Any) -> Fit:
    """The rating model as `reelwise train` fits it: what is held out says how many epochs, then all is fitted."""
    from reelwise.data.interactions import Interactions, RatingScale
    from reelwise.data.splitting import hold_out
    from reelwise.evaluation.validation.measure_ratings import VALIDATION
    from reelwise.models.rating.epochs import Epoch
    from reelwise.models.rating.matrix_factorization import MatrixFactorization

    train = Interactions(task.users, task.movies, task.stars, task.shape, RatingScale(*task.scale))
    model = MatrixFactorization(seed=task.seed, threads=task.threads, **settings)

    def fit(epochs: int | None) -> Fitted:
        visited = 0

        def count(epoch: Epoch) -> None:
            nonlocal visited
            visited += epoch.ratings

        if epochs is None:
            rest, validation = hold_out(train, VALIDATION, task.seed)
            epochs = model.fit(rest, validation=validation, on_epoch=count).best_epoch
        model.fit(train, epochs=epochs, on_epoch=count)
        return Fitted(model.predict_rows, visited)

    fit(None)  # compiles
    return fit


def surprise(task: Task, algorithm: str = "SVD", **settings: Any) -> Fit:
    """One of Surprise's algorithms, by default SVD: SGD with biases, in one thread."""
    import surprise as library

    lines = zip(task.users.tolist(), task.movies.tolist(), task.stars.tolist(), [None] * len(task.stars), strict=True)
    trainset = library.Dataset(library.Reader(rating_scale=task.scale)).construct_trainset(list(lines))

    def fit(epochs: int | None) -> Fitted:
        by_sgd = {"n_epochs": epochs, "random_state": task.seed} if algorithm.startswith("SVD") else {}
        model = getattr(library, algorithm)(**by_sgd, **settings).fit(trainset)

        def predict(users: Array, movies: Array) -> Array:
            pairs = zip(users.tolist(), movies.tolist(), strict=True)
            return np.array([model.predict(user, movie).est for user, movie in pairs])

        return Fitted(predict, (epochs or 0) * len(task.stars))

    return fit


def libmf(task: Task, **settings: Any) -> Fit:
    """LIBMF: SGD without biases, in blocks that threads take without waiting for one another."""
    import libmf.mf as library

    lines = np.column_stack([task.users, task.movies, task.stars]).astype(np.float32)

    def fit(epochs: int | None) -> Fitted:
        # The binding's own defaults are an L1 penalty and no L2, LIBMF's the other way round.
        options = {"lambda_p1": 0.0, "lambda_q1": 0.0, "nr_iters": epochs, "nr_threads": task.threads, "quiet": True}
        model = library.MF(**options, **settings)
        model.fit(lines)

        def predict(users: Array, movies: Array) -> Array:  # the binding's own takes its pairs in another order
            P, Q = _padded(model.p_factors(), task.shape[0]), _padded(model.q_factors(), task.shape[1])
            return _dots(P[users], Q[movies], otherwise=task.stars.mean())

        return Fitted(predict, (epochs or 0) * len(task.stars))

    return fit


def cornac(task: Task, **settings: Any) -> Fit:
    """Cornac's MF: SGD with biases, threads without locks."""
    from cornac.data import Dataset
    from cornac.models import MF

    order = np.random.default_rng(task.seed).permutation(len(task.stars))  # as Cornac's own splits leave them
    entries = (task.users[order].astype(np.int64), task.movies[order].astype(np.int64), task.stars[order])
    train = Dataset(*task.shape, *({index: index for index in range(count)} for count in task.shape), entries)

    def fit(epochs: int | None) -> Fitted:
        np.random.seed(task.seed)  # noqa: NPY002  (its own `seed` would mean one thread)
        model = MF(max_iter=epochs, num_threads=task.threads, **settings).fit(train)

        def predict(users: Array, movies: Array) -> Array:
            biases: Array = model.global_mean + model.u_biases[users] + model.i_biases[movies]
            return biases + _dots(model.u_factors[users], model.i_factors[movies])

        return Fitted(predict, (epochs or 0) * len(task.stars))

    return fit


def cmfrec(task: Task, **settings: Any) -> Fit:
    """Cmfrec's CMF without side information: ALS with biases."""
    from cmfrec import CMF
    from scipy.sparse import coo_matrix  # type: ignore[import-untyped]

    matrix = coo_matrix((task.stars, (task.users, task.movies)), shape=task.shape)

    def fit(epochs: int | None) -> Fitted:
        model = CMF(niter=epochs, nthreads=task.threads, random_state=task.seed, **settings).fit(matrix)
        return Fitted(model.predict, 0)

    return fit


def myfm(task: Task, *, who_rated_what: bool = False, **settings: Any) -> Fit:
    """MyFM: Bayesian matrix factorisation by Gibbs sampling, the mean of many models; in one thread.

    With `who_rated_what` each user has the movies that they rated as features, too, and each movie its users: SVD++ in
    both directions (Rendle, Zhang, Koren, "On the Difficulty of Evaluating Baselines", 2019).
    """
    from myfm import MyFMRegressor, RelationBlock
    from scipy.sparse import csr_matrix, diags, hstack, identity

    rated = csr_matrix((np.ones(len(task.users)), (task.users, task.movies)), shape=task.shape)
    features, groups = [], []
    for side in (rated, rated.T):
        parts = [identity(side.shape[0])]
        if who_rated_what:
            counts = np.asarray(side.sum(axis=1)).ravel()
            parts.append(diags(np.maximum(counts, 1) ** -0.5) @ side)
        features.append(hstack(parts).tocsr())
        groups += [part.shape[1] for part in parts]

    def blocks(*sides: Array) -> list[Any]:
        return [RelationBlock(rows.astype(np.int64), of) for rows, of in zip(sides, features, strict=True)]

    train, stars = blocks(task.users, task.movies), task.stars.astype(np.float64)

    def fit(epochs: int | None) -> Fitted:
        model = MyFMRegressor(random_seed=task.seed, **settings)
        model.fit(None, stars, X_rel=train, n_iter=epochs, group_shapes=groups)
        return Fitted(lambda users, movies: model.predict(None, blocks(users, movies)), 0)

    return fit


def spark(task: Task, **settings: Any) -> Fit:
    """Spark's ALS on this machine: without biases."""
    from pyspark.ml.recommendation import ALS
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master(f"local[{task.threads}]").config("spark.driver.memory", "4g").getOrCreate()
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        np.savetxt(file.name, np.column_stack([task.users, task.movies, task.stars]), "%g", ",")
        ratings = session.read.csv(file.name, "user int, item int, rating float").cache()
        ratings.count()

    def rows(frame: Any, count: int) -> Array:
        collected = frame.collect()
        factors = np.full((count, len(collected[0].features)), np.nan)
        factors[[row.id for row in collected]] = [row.features for row in collected]
        return factors

    def fit(epochs: int | None) -> Fitted:
        model = ALS(maxIter=epochs or 0, seed=task.seed, **settings).fit(ratings)

        def predict(users: Array, movies: Array) -> Array:
            P, Q = rows(model.userFactors, task.shape[0]), rows(model.itemFactors, task.shape[1])
            return _dots(P[users], Q[movies], otherwise=task.stars.mean())

        return Fitted(predict, 0)

    return fit


def _padded(factors: Array, count: int) -> Array:
    """Factors with a row for everybody; LIBMF's end after the last who has a rating."""
    return np.pad(factors, ((0, count - len(factors)), (0, 0)), constant_values=np.nan)


def _dots(P: Array, Q: Array, otherwise: float = 0.0) -> Array:
    """The dot products of rows; `otherwise` for those who have no rating, whose factors are NaN."""
    dots: Array = np.einsum("nf,nf->n", P, Q)
    return np.where(np.isnan(dots), otherwise, dots)


LIBRARIES: dict[str, tuple[str, Callable[..., Fit]]] = {  # each with the package that it comes from
    "reelwise": ("reelwise", reelwise),
    "surprise": ("scikit-surprise", surprise),
    "libmf": ("libmf", libmf),
    "cornac": ("cornac", cornac),
    "cmfrec": ("cmfrec", cmfrec),
    "myfm": ("myfm", myfm),
    "spark": ("pyspark", spark),
}


def version(library: str) -> str:
    """The package and its version, and for LIBMF how it was built."""
    package = importlib.metadata.distribution(LIBRARIES[library][0])
    built = ""
    if library == "libmf":
        (binary,) = (file for file in package.files or () if file.suffix == ".so")
        fast = b"GOMP_parallel" in Path(str(package.locate_file(binary))).read_bytes()
        built = ", built with AVX and OpenMP" if fast else ", built without AVX: a fraction of its speed"
    return f"{package.name} {package.version}{built}"
