"""What names of files say."""

import pytest

from reelwise.exports.values.names import kind_by_name

NAMES = {
    "watchlist": [
        "watchlist.csv", "WATCHLIST (2).csv", "my_watch-list.csv", "WatchList.csv", "wishlist.csv", "to-watch.csv",
        "films I want to watch.csv", "want-to-see.csv", "watchlist-nobody-2026-11-29-10-00-utc.csv",
        "watched/toWatch.csv", "watchlist/2026.csv", r"C:\exports\watchlist.csv",
    ],
    "watched": ["watched.csv", "seen.csv", "history.csv", "history-1.json", "NetflixViewingHistory.csv"],
    "dislike": ["dislikes.csv", "disliked.csv", "hated.csv", "likes/disliked.csv"],
    "like": ["likes.csv", "like.csv", "liked films.csv", "favourites.csv", "my-favorites.json", "likes/a.csv"],
    "listed": [
        "", "list.csv", "films.csv", "unliked.csv", "unloved.csv", "lists/movies-i-dont-like.csv", "I don't like.csv",
        "unseen.csv", "unwatched.csv", "not-seen.csv", "never-watched.csv", "lists/unseen-classics.csv",
        "most-wanted.csv", "most-loved.csv", "films-like-alien.csv", "american-history.csv", "seenu/list.csv",
        "history/list.csv", "unseen/list.csv", "watched/not-liked.csv",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for kind, names in NAMES.items() for name in names])
def test_whole_words_tell(name: str, kind: str) -> None:
    assert kind_by_name(name) == kind
