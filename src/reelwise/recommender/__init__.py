"""The one object that the API, the command line and Python users hold."""

from reelwise.recommender.recommender import Match, Recommendation, Recommender

__all__ = ["Match", "Recommendation", "Recommender"]
