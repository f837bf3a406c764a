"""The words that say how to recommend."""

from typing import Literal

RankBy = Literal["stars", "taste"]
"""The order: best predicted stars first, or first what people with this taste watch and like."""

Strategy = Literal["profile", "blend"]
"""Who stands for somebody new: the one user who matches best, or all profiles, blended."""

Source = Literal["known user", "history", "profile", "blend", "popular", "similar", "new"]
"""What a recommendation came from."""

NewFilms = Literal["among", "only", "without"]
"""Where films go that the model has not learnt: among the others, on a list of their own, or nowhere."""

CountsAs = Literal["like", "dislike", "rating", "nothing", "excluded", "candidate", "asked about"]
"""What a film that was named counted as."""

FoundBy = Literal["id", "imdb", "tmdb", "title"]
"""What a film that was looked up was found by."""
