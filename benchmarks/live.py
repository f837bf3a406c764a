"""Does learning from users pay? The last fifth of ml-latest-small's ratings, told to a server one by one, over HTTP.

    python3 benchmarks/live.py [--data DIR] [--threads 2] [--seed 42] [--balance B] [--sample 1]

A model is trained on all ratings before the moment that parts off the last fifth, and served with an empty live store.
Then every later rating is told in the order of time. Before each one with four stars or more: was the film among the
ten that its user would have been shown? And at the start of each sitting (an hour or more after the last rating): how
many of its likes are among the ten, and how far up (NDCG@10)?

Live is what the server answers to the user, and to somebody whom it does not know yet what most people like. Frozen is
the same model without a store; it leaves out what the user has rated since the training, too, or else only what the
training knew. Popular are the films with most ratings so far, of all time or of the last 365 days, but for those that
the user has rated. Intervals are the middle 95 % of 2,000 bootstrap samples of users. `--sample 10` replays one user in
ten.
"""

import os
import tempfile
from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from functools import cache, partial
from pathlib import Path

import httpx2
import numpy as np
import numpy.typing as npt

import servers
from common import create_parser, describe_versions
from reelwise.artifacts.folder import write_model
from reelwise.data.dataset import Dataset
from reelwise.data.likes import is_like
from reelwise.data.readers.movielens import read_dataset
from reelwise.data.vocabulary import Id
from reelwise.errors import UnknownUser
from reelwise.evaluation.metrics import Hits, ndcg
from reelwise.recommend.filters import Filters
from reelwise.recommend.request import Request
from reelwise.recommend.service import Service
from reelwise.training.pipeline import TrainingSettings, train

TEN, LONG = 10, 100
NO_FILM = 2**31 - 1  # whoever names that alone is shown what most people like
PAUSE, YEAR = 3600 * 1_000_000, 365 * 86400 * 1_000_000  # microseconds
SAMPLES = 2000

Figures = npt.NDArray[np.float64]


class Tally:
    """Sums and counts by user, of one way to make lists."""

    def __init__(self) -> None:
        self.sums: dict[int, float] = defaultdict(float)
        self.counts: dict[int, int] = defaultdict(int)

    def add(self, user: int, value: float) -> None:
        """Count a value of a user."""
        self.sums[user] += value
        self.counts[user] += 1

    def means(self, drawn: npt.NDArray[np.int64]) -> Figures:
        """The mean over all values, of each sample of users, shape (samples,)."""
        users = [*self.counts]
        sums, counts = np.array([self.sums[user] for user in users]), np.array([self.counts[user] for user in users])
        means: Figures = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
        return means


class Popular:
    """The films with most ratings so far, of all time or of the last year."""

    def __init__(self, movies: int, span: int | None) -> None:
        self._counts, self._span = np.zeros(movies, np.int64), span
        self._recent: deque[tuple[int, int]] = deque()

    def add(self, movie: int, at: int) -> None:
        """Count a rating; they come in the order of time."""
        self._counts[movie] += 1
        if self._span is not None:
            self._recent.append((at, movie))
            while self._recent[0][0] < at - self._span:
                self._counts[self._recent.popleft()[1]] -= 1

    def ten(self, rated: Collection[int]) -> list[int]:
        """The best known rows that were not rated."""
        counts = self._counts.copy()
        counts[list(rated)] = -1
        best: list[int] = np.argsort(-counts, kind="stable")[:TEN].tolist()
        return best


def main() -> None:
    """Replay and print."""
    parser = create_parser("Does learning from users pay?", "ml-latest-small")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--sample", type=int, default=1, help="Replay every so manieth user.")
    parser.add_argument("--balance", type=float, help="Of the lists, 0 to 1; by default the model's own.")
    options = parser.parse_args()
    filters = Filters(TEN, balance=options.balance)
    dataset = read_dataset(options.data)
    before, later = dataset.split_ratings(0.2, by="time")
    with tempfile.TemporaryDirectory() as folder:
        model = train(before, TrainingSettings(seed=options.seed, threads=options.threads))
        write_model(Path(folder) / "model", model)
        os.environ["REELWISE_STORE"] = f"sqlite:///{folder}/live.db"
        with servers.reelwise(Path(folder) / "model") as server, httpx2.Client(
            base_url=f"http://127.0.0.1:{server.port}", timeout=30
        ) as client:  # fmt: skip
            hits, sittings, newcomers = replay(client, Service(model), dataset, before, later, filters, options.sample)
    print(f"{dataset.name}; {describe_versions('sqlalchemy')}, seed {options.seed}")
    print(f"balance {model.balance if options.balance is None else options.balance:g}, every user of {options.sample}")
    likes = sum(hits["live"].counts.values())
    share = sum(hits["live"].counts[user] for user in newcomers) / likes
    people = len(hits["live"].counts)
    print(f"{len(later.ratings):,} later ratings; {likes:,} likes by {people} users, {share:.0%} of them by newcomers")
    show("hit@10 before each like", hits)
    show("NDCG@10 of each sitting's likes", sittings)


def replay(
    client: httpx2.Client,
    frozen: Service,
    dataset: Dataset,
    before: Dataset,
    later: Dataset,
    filters: Filters,
    every: int,
) -> tuple[dict[str, Tally], dict[str, Tally], set[int]]:
    """Tell the later ratings in the order of time.

    Returns:
        Whether each like was in the ten; the NDCG@10 of each sitting; the users whom training did not know.
    """
    users, movies = dataset.ratings.users, dataset.ratings.movies
    old, new = before.ratings.interactions(), later.ratings.interactions()
    assert before.ratings.times is not None
    assert later.ratings.times is not None
    spans = {"popular of all time": None, "popular of the last 365 days": YEAR}
    popular = {name: Popular(len(movies), span) for name, span in spans.items()}
    trained: dict[int, set[int]] = defaultdict(set)
    for place in np.argsort(before.ratings.times, kind="stable").tolist():
        trained[int(old.users[place])].add(int(old.movies[place]))
        for counts in popular.values():
            counts.add(int(old.movies[place]), int(before.ratings.times[place]))
    since: dict[int, set[int]] = defaultdict(set)
    row = movies.row
    asked = {"n": TEN} | ({} if filters.balance is None else {"balance": filters.balance})
    by_training = cache(partial(_films, frozen, filters._replace(n=LONG)))

    def tens(user: int) -> dict[str, list[int]]:
        def rows(ids: Collection[Id]) -> list[int]:
            return [found for one in ids if (found := row(one)) is not None]

        user_id, rated = users[user], movies.at(np.array(sorted(since[user]), np.int64))
        response = client.get(f"/api/v1/users/{user_id}/recommendations", params=asked)
        if response.status_code == 404:
            response = client.post("/api/v1/recommendations", json={"movie_ids": [NO_FILM]} | asked)
        return {
            "live": rows([film["movieId"] for film in response.raise_for_status().json()["recommendations"]]),
            "frozen": rows(_without(frozen, filters, by_training(user_id), user_id, rated)),
            "frozen, by what training knew": rows(by_training(user_id)[:TEN]),
        } | {name: counts.ten(trained[user] | since[user]) for name, counts in popular.items()}

    hits, sittings = defaultdict[str, Tally](Tally), defaultdict[str, Tally](Tally)
    likes = is_like(new.stars, dataset.ratings.scale)
    order = np.argsort(later.ratings.times, kind="stable")
    ends = _sittings(new.users[order], later.ratings.times[order])
    for place, (event, sitting) in enumerate(zip(order.tolist(), ends, strict=True)):
        user, movie, at = int(new.users[event]), int(new.movies[event]), int(later.ratings.times[event])
        if user % every == 0:
            found = tens(user) if likes[event] or sitting else {}
            if sitting:
                wanted = {int(new.movies[one]) for one in order[sitting] if likes[one]}
                for name, ten in found.items() if wanted else ():
                    sittings[name].add(user, _ndcg(ten, wanted))
            if likes[event]:
                for name, ten in found.items():
                    hits[name].add(user, movie in ten)
            tell(client, users[user], movies[movie], float(new.stars[event]), at)
            since[user].add(movie)
        for counts in popular.values():
            counts.add(movie, at)
        if place % 2000 == 0:
            print(f"{place:,} of {len(order):,}", flush=True)
    return hits, sittings, {user for user in since if not trained[user]}


def _without(frozen: Service, filters: Filters, films: list[Id], user: Id, rated: list[Id]) -> list[Id]:
    """The ten without what was rated; asked for anew where so much was that too few of the long list are left."""
    left = [film for film in films if film not in {*rated}]
    return left[:TEN] if len(left) >= TEN else _films(frozen, filters, user, rated)


def _films(frozen: Service, filters: Filters, user: Id, rated: Sequence[Id] = ()) -> list[Id]:
    request = Request(user=user, exclude=rated, told=False, filters=filters, explained=False)
    try:
        return [film.movie_id for film in frozen.recommend(request)]
    except UnknownUser:
        return [film.movie_id for film in frozen.popular(request)]


def _sittings(users: npt.NDArray[np.int32], times: npt.NDArray[np.int64]) -> list[list[int]]:
    """For the first rating of each sitting the places of all of them, in the order of time; [] for every other one."""
    found: list[list[int]] = [[] for _ in users]
    begun: dict[int, tuple[int, int]] = {}
    for place, (user, at) in enumerate(zip(users.tolist(), times.tolist(), strict=True)):
        start, last = begun.get(user, (place, at - PAUSE))
        if at - last >= PAUSE:
            start = place
        found[start].append(place)
        begun[user] = start, at
    return found


def _ndcg(ten: list[int], wanted: set[int]) -> float:
    at = np.zeros((1, TEN), np.bool_)
    at[0, : len(ten)] = [movie in wanted for movie in ten]
    return float(ndcg(Hits(at, np.array([len(wanted)])))[0])


def tell(client: httpx2.Client, user: Id, movie: Id, stars: float, at: int) -> None:
    """Tell a rating."""
    event = {"user_id": user, "movieId": movie, "type": "rating", "stars": stars, "at": at / 1e6}
    answer = client.post("/api/v1/feedback", json={"events": [event]}).raise_for_status().json()
    if answer["accepted"] != 1:
        raise SystemExit(f"the server did not take {event}: {answer}")


def show(title: str, tallies: dict[str, Tally]) -> None:
    """Print each way, and how far live is ahead of it."""
    live = tallies["live"]
    people = len(live.counts)
    everybody = np.arange(people)[np.newaxis]
    drawn = np.random.default_rng(0).integers(people, size=(SAMPLES, people))
    print(f"\n{title} ({sum(live.counts.values()):,})")
    for name, tally in tallies.items():
        mean, ahead = tally.means(everybody)[0], live.means(everybody)[0] - tally.means(everybody)[0]
        line = f"  {name:<32}{mean:.3f}"
        if tally is not live:
            low, high = np.quantile(live.means(drawn) - tally.means(drawn), (0.025, 0.975))
            line += f"   live is ahead by {ahead:+.3f} [{low:+.3f}, {high:+.3f}], {1 + ahead / mean:.2f} times"
        print(line, flush=True)


if __name__ == "__main__":
    main()
