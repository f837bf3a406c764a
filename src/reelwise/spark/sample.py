"""Some users, whose ratings come to this process, where they can be split and measured as those of a small data set.

The cluster is then trained on all ratings but those of the sample that the split hides.
"""

from dataclasses import dataclass

import numpy as np

from reelwise.data.interactions import Interactions
from reelwise.data.types import Indices
from reelwise.spark.streaming import collect, create_frame
from reelwise.spark.tables import RatingTable

SAMPLE = 10_000  # users


@dataclass(frozen=True)
class Sample:
    """Some of the users.

    Attributes:
        table: the ratings of all users.
        users: int32, ascending: the rows of the sample's users in the table.
        ratings: the ratings of these, in the order of user, then movie; rows of users are places in `users`, those of
            movies are the table's.
    """

    table: RatingTable
    users: Indices
    ratings: Interactions

    @classmethod
    def draw(cls, table: RatingTable, seed: int, users: int = SAMPLE) -> "Sample":
        """At most `users` of the table's users, drawn at random."""
        drawn = np.random.default_rng(seed).choice(table.user_count, min(users, table.user_count), replace=False)
        rows = np.sort(drawn).astype(np.int32)
        wanted = create_frame(table.ratings.sparkSession, {"user": rows}).hint("broadcast")
        found = collect(table.ratings.join(wanted, "user").select("user", "movie", "stars"))
        order = np.lexsort((found["movie"], found["user"]))
        user_rows, movies, stars = (found[name][order] for name in ("user", "movie", "stars"))
        places = np.searchsorted(rows, user_rows).astype(np.int32)
        return cls(table, rows, Interactions(places, movies, stars, (len(rows), len(table.movies)), table.scale))

    def without_hidden(self, train: Interactions) -> RatingTable:
        """The table without the ratings of the sample that are not in `train`."""
        movies = len(self.table.movies)
        pairs, kept = (part.users.astype(np.int64) * movies + part.movies for part in (self.ratings, train))
        hidden = self.ratings.where(~np.isin(pairs, kept))
        rows = {"user": self.users[hidden.users], "movie": hidden.movies}
        return self.table.without(create_frame(self.table.ratings.sparkSession, rows))
