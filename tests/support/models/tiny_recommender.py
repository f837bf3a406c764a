"""A model so small that every answer can be worked out by hand: seven films, three users, one factor, two tastes.

Every row of P is 1, so every user's predicted stars for a film are the film's one number in Q.
"""

from dataclasses import replace

import numpy as np

from reelwise.artifacts.config import Config, DataSource, ModelCounts, PopularInfo, RankingModelInfo, RatingModelInfo
from reelwise.artifacts.model import Model
from reelwise.data.catalogue import Catalogue, Movie
from reelwise.data.interactions import MOVIELENS_SCALE
from reelwise.data.movie_stats import MovieStats
from reelwise.data.ratings import Ratings
from reelwise.data.vocabulary import Id, Vocabulary
from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.ranking.balance import fame_of
from reelwise.models.ranking.linear_part import LinearPart, in_steps
from reelwise.models.ranking.profiles import Profiles
from reelwise.models.ranking.weighted_als import WeightedALS
from reelwise.models.rating.matrix_factorization import MatrixFactorization
from reelwise.models.rating.uncertainty import Coefficients, Uncertainty
from reelwise.recommend.recommender import Recommender

FILMS = {  # id: (title, tmdbId, predicted stars)
    1: ("Toy Story (1995)", 862, 4.1234567),
    296: ("Pulp Fiction (1994)", 680, 5.4),  # off the scale
    593: ("Silence of the Lambs, The (1991)", 274, 4.0),
    1196: ("Star Wars: Episode V - The Empire Strikes Back (1980)", 1891, 3.75),
    2571: ("Matrix, The (1999)", 603, 4.25),
    7001: ("A Film Without Links (2001)", None, 3.0),
    7002: ("A Film That Nobody Rated (2002)", 99, None),
}

TAGS = {296: ("quirky", "Quentin Tarantino"), 2571: ("ダーク",)}
GENRES = {
    1: ("Animation", "Children", "Comedy"),
    296: ("Crime", "Drama"),
    593: ("Crime", "Thriller"),
    1196: ("Action", "Sci-Fi"),
    2571: ("Action", "Sci-Fi"),
}

# embeddings in the ranking model: the first number stands for crime, the second for science fiction
EMBEDDINGS = {1: (0.3, 0.2), 296: (1.0, 0.1), 593: (0.9, 0.0), 1196: (0.0, 0.9), 2571: (0.1, 1.0), 7001: (0.05, 0.05)}
TASTES = {7: (1.0, 0.0), 8: (0.4, 0.55), 9: (0.0, 1.0)}

# where films are on the map: crime in the east, science fiction in the north
MAP = {1: (0.3, 0.2), 296: (1.0, 0.1), 593: (0.9, 0.0), 1196: (-0.12345678, 0.9), 2571: (0.1, 1.0), 7001: (-1.0, -1.0)}

# how far errors spread: in stars for each user, and how many times as far on each film
SPREAD_OF_USERS = {7: 0.5, 8: 1.0, 9: 2.0}
SPREAD_OF_FILMS = {1: 0.8, 296: 1.0, 593: 1.0, 1196: 1.1, 2571: 1.0, 7001: 1.5}

ODD_MOVIES: dict[Id, str] = {  # in the same order
    1: "007", 296: "12", 593: "a b/c?&#", 1196: "a,b%2C'", 2571: "tt0114709", 7001: "é", 7002: "映画",
}  # fmt: skip
ODD_USERS: dict[Id, str] = {7: "7/7", 8: "a%2Fb", 9: "ü?"}

POPULAR = np.array([0.2, 0.1, 0.0, 0.4, 0.3, 1.0, 0.0], np.float32)  # a little-known film was liked most lately

HISTORIES = {  # user: {movie: stars}
    7: {1: 5.0, 296: 4.0, 593: 4.0, 7001: 2.0},
    8: {1: 3.0, 2571: 4.0},
    9: {1196: 4.0, 2571: 4.5},
}


def tiny_model(simulated: bool = False, with_taste: bool = True, with_spread: bool = True) -> Model:
    """The tables above as a model; without the ranking model, or without how sure it is, if so asked."""
    lines = np.array([(user, movie, stars) for user, rated in HISTORIES.items() for movie, stars in rated.items()])
    user_ids, movie_ids, stars = lines.T
    catalogue = Catalogue.of(
        Movie(movie, title, GENRES.get(movie, ()), tmdb_id=tmdb, tags=TAGS.get(movie, ()))
        for movie, (title, tmdb, _) in FILMS.items()
    )
    histories = Ratings.from_columns(
        user_ids.astype(np.int64), movie_ids.astype(np.int64), stars.astype(np.float32), movies=catalogue.movies
    )
    source = DataSource(name="tiny", sha256="0" * 64, movielens=not simulated, simulated=simulated)
    ranking = _ranking(histories) if with_taste else None
    return Model(
        config=Config(
            reelwise_version="0",
            dataset=source,
            histories=source,
            counts=ModelCounts(
                users=len(histories.users),
                movies=len(catalogue),
                rated_movies=len(EMBEDDINGS),
                ratings=len(histories),
                profiles=len(TASTES) if with_taste else 0,
            ),
            rating_scale=MOVIELENS_SCALE,
            rating_model=RatingModelInfo(coefficients=Coefficients(0.0, 1.0, 1.0) if with_spread else None),
            ranking_model=RankingModelInfo(hyperparameters=ranking.config, blend=BlendConfig()) if ranking else None,
            seed=0,
            trained_at="2026-01-01T00:00:00+00:00",
        ),
        metrics=None,
        users=histories.users,
        catalogue=catalogue,
        rating=_rating(with_spread),
        ranking=ranking,
        histories=histories,
        fitted=histories.by_movie.counts() > 0,
        stats=MovieStats.measure(histories.by_movie),
        map=np.array([MAP.get(movie, (0, 0)) for movie in FILMS], np.float32) if with_taste else None,
    )


def tiny_model_of_texts(odd: bool = False) -> Model:
    """The tiny model with texts for ids: user 7 is "u7", movie 1 is "tt0000001"; or each as odd as an id may be."""
    model = tiny_model()
    users = Vocabulary.of([ODD_USERS[user] if odd else text_of_user(user) for user in HISTORIES])
    catalogue = Catalogue.of(
        movie._replace(movie_id=ODD_MOVIES[movie.movie_id] if odd else text_of_movie(movie.movie_id))
        for movie in model.catalogue
    )
    assert model.histories is not None
    histories = replace(model.histories, users=users, movies=catalogue.movies)
    return replace(model, users=users, catalogue=catalogue, histories=histories)


def tiny_model_without_stars() -> Model:
    """The tiny model as if it were only known who watched what."""
    model = tiny_model()
    source = model.config.dataset.model_copy(update={"implicit": True})
    return replace(model, config=model.config.model_copy(update={"dataset": source, "histories": source}))


def with_balance(model: Model, balance: float) -> Model:
    """The model as if training had chosen that balance for its lists by taste."""
    if model.config.ranking_model is None:
        return model
    info = model.config.ranking_model.model_copy(update={"balance": balance})
    return replace(model, config=model.config.model_copy(update={"ranking_model": info}))


def complete_tiny_model() -> Model:
    """The tiny model with all that a model can have: a balance, and a linear part of two crime films."""
    model = with_balance(tiny_model(), 0.4)
    assert model.ranking is not None
    model.ranking.linear = LinearPart(
        np.array([1]), np.array([1, 2], np.int32), np.array([[0.3, 0.2]], np.float32), in_steps(np.eye(2))[None]
    )
    return model


def with_popular_lately(model: Model) -> Model:
    """The same model where somebody of whom nothing is known is shown what was popular lately."""
    info = PopularInfo(model="popular-lately", hyperparameters={"days": 30.0})
    return replace(model, popular=POPULAR, config=model.config.model_copy(update={"popular": info}))


def text_of_user(user: Id) -> str:
    """The id of a user of `tiny_model` in `tiny_model_of_texts`."""
    return f"u{user}"


def text_of_movie(movie: Id) -> str:
    """The id of a movie likewise."""
    return f"tt{movie:07}"


def _rating(with_uncertainty: bool) -> MatrixFactorization:
    model = MatrixFactorization(MatrixFactorizationConfig())
    model.P = np.ones((len(HISTORIES), 1), np.float32)
    model.Q = np.array([[stars or 0] for _, _, stars in FILMS.values()], np.float32)
    if with_uncertainty:
        of_films = [SPREAD_OF_FILMS.get(movie, 1.0) for movie in FILMS]
        model.uncertainty = Uncertainty(
            np.array([*SPREAD_OF_USERS.values()], np.float32), np.array(of_films, np.float32)
        )
    return model


def _ranking(histories: Ratings) -> WeightedALS:
    model = WeightedALS(WeightedALSConfig(factors=2), seed=0)
    model.P = np.array([*TASTES.values()], np.float32)
    model.Q = np.array([EMBEDDINGS.get(movie, (0, 0)) for movie in FILMS], np.float32)
    model.fitted_movies = len(EMBEDDINGS)
    model.fame = fame_of(histories.by_movie.counts())
    model.profiles = Profiles.choose(model.P, model.Q[model.Q.any(axis=1)], histories.interactions(), BlendConfig(), 0)
    return model


def tiny_recommender(simulated: bool = False, with_taste: bool = True, with_spread: bool = True) -> Recommender:
    """A recommender whose answers are known."""
    return Recommender(tiny_model(simulated, with_taste, with_spread))


REVISION = tiny_model().description.revision
