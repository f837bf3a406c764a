"""The one object that the API, the command line and Python users hold."""

from reelwise.recommender.ranking import Wishes
from reelwise.recommender.recommender import Recommender
from reelwise.recommender.results import Because, Match, Recommendation, Recommendations

__all__ = ["Because", "Match", "Recommendation", "Recommendations", "Recommender", "Wishes"]
