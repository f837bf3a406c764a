"""The built-in sample: real films and simulated viewers, for a first look without a network.

The films (`films.csv`) are facts written by hand; the viewers come out of a seeded generator and stand for nobody.
Whatever is served from this sample must be marked as simulated.
"""

from typing import Final

from reelwise.data.sample.films import SampleFilm, sample_films
from reelwise.data.sample.viewers import SimulatedRatings, simulate_ratings

NAME: Final = "built-in sample"

__all__ = ["NAME", "SampleFilm", "SimulatedRatings", "sample_films", "simulate_ratings"]
