"""The names of the files of a model folder."""

_SKETCH = ("order", "place", "coordinates", "minus_lengths", "basis", "longest")
ARRAYS = (
    "user_ids", "movie_ids",
    "model_P", "model_Q", "rating_prior_Y", "rating_scaling", "rating_user_std", "rating_movie_std",
    "ranking_P", "ranking_Q", "ranking_fitted_movies", "ranking_average", "ranking_fame",
    "ranking_profile_users", "ranking_profile_partition", "ranking_profile_likes",
    "ranking_likers_offsets", "ranking_likers_profiles",
    "ranking_likelihood_movies", "ranking_likelihood_logarithms",
    "ranking_linear_picks", "ranking_linear_films", "ranking_linear_base", "ranking_linear_tables",
    "history_user_offsets", "history_user_movies", "history_user_stars",
    "history_movie_offsets", "history_movie_users", "history_movie_stars",
    "movie_fitted", "movie_counts", "movie_means",
    "movies_title_offsets", "movies_titles", "movies_years", "movies_genres", "movies_links",
    "movies_tag_offsets", "movies_tags",
    *(f"sketch_{model}_{name}" for model in ("rating", "ranking", "balanced") for name in _SKETCH),
    "map", "popular", "histogram",
    *(f"content_{name}" for name in ("features", "weights", "mean", "precision", "unrated")),
)  # fmt: skip

CARD = "README.md"
LARGEST_CARD = 1 << 20  # bytes

FILES = (
    *("config.json", "metrics.json", CARD, "movies.json", "titles.sqlite"),
    *(f"{name}.npy" for name in ARRAYS),
)
"""Every file that a model folder may hold; nothing else is read, fetched or published."""
