"""The words that say how to recommend."""

from typing import Literal

RankBy = Literal["stars", "taste"]
"""The order: best predicted stars first, or first what people with this taste watch and like."""

Strategy = Literal["profile", "blend"]
"""The stand-in for a person the model does not know: the one user who matches best, or all profiles, blended."""

Source = Literal["known user", "history", "profile", "blend", "popular", "similar", "new"]
"""The origin of a recommendation."""

NewFilms = Literal["among", "only", "without"]
"""The place of films that the model has not learnt: among the others, on a list of their own, or nowhere."""

CountsAs = Literal["like", "dislike", "rating", "nothing", "excluded", "candidate", "asked about"]
"""The role of a film that was named."""

FoundBy = Literal["id", "imdb", "tmdb", "title"]
"""The key by which a film was found."""
