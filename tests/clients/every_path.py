"""Call every path of `/api/v1` by the client that openapi-python-client generates: `every_path.py URL KEY VISITOR`."""

import io
import sys
from typing import TypeVar

from reelwise_client import AuthenticatedClient
from reelwise_client.api.movies import (
    delete_movie,
    get_movie,
    get_movie_details,
    get_movie_map,
    get_poster,
    list_movie_groups,
    list_new_movies,
    list_similar_movies,
    list_starter_movies,
    put_movie,
    resolve_movies,
    search_movies,
)
from reelwise_client.api.recommendations import (
    list_likely_seen,
    list_likely_seen_by_user,
    match_user,
    predict,
    recommend,
    recommend_to_user,
    recommend_together,
)
from reelwise_client.api.status import get_model, reload_model
from reelwise_client.api.users import (
    delete_rating,
    delete_user,
    export_user,
    get_notebook,
    get_rating,
    get_user_history,
    list_ratings,
    match_history,
    put_rating,
    send_feedback,
    send_notes,
)
from reelwise_client.models import (
    EventType,
    ExportForm,
    FeedbackBatch,
    FeedbackEvent,
    FeedbackVerdict,
    FilmDescription,
    FilmDetails,
    FilmInDetail,
    GivenFilm,
    GivenNote,
    GivenNotes,
    GroupMember,
    GroupRecommendationRequest,
    HeldAboutUser,
    History,
    LikelySeen,
    LookedUp,
    LookUp,
    MapOfFilms,
    MatchInDetail,
    ModelInDetail,
    ModelReloaded,
    NewFilms,
    Notebook,
    Picks,
    PosterWidth,
    Predicted,
    PredictionRequest,
    RankBy,
    RatedFilm,
    RatingBody,
    RecommendationRequest,
    Recommended,
    RecommendedTogether,
    StarsByMovie,
)
from reelwise_client.types import File

T = TypeVar("T")
EXPORT = b"Date,Name,Year,Letterboxd URI,Rating\n2024-01-02,Pulp Fiction,1994,https://boxd.it/a,4.5\n"


def expect(kind: type[T], answer: object) -> T:
    """The answer, which is what was asked for, and no problem."""
    assert isinstance(answer, kind), answer
    return answer


def movies(client: AuthenticatedClient) -> None:
    """What is under `movies`."""
    found = expect(list, search_movies.sync(client=client, q="pulp"))
    assert found[0].title == "Pulp Fiction (1994)"
    assert expect(list, list_starter_movies.sync(client=client, n=3))
    expect(list, list_movie_groups.sync(client=client))
    assert expect(MapOfFilms, get_movie_map.sync(client=client, n=5)).titles
    assert expect(FilmInDetail, get_movie.sync(296, client=client)).genres == ["Crime", "Drama"]
    assert expect(list, list_similar_movies.sync("tmdb:680", client=client))
    expect(FilmDetails, get_movie_details.sync(1, client=client, country="DE"))
    picture = expect(File, get_poster.sync(1, client=client, width=PosterWidth.W185))
    assert picture.payload.read(2) == b"\xff\xd8"
    looked_up = LookUp(movies=[FilmDescription(title="Toy Story", year=1995), FilmDescription(tmdb_id=680)])
    resolved = expect(LookedUp, resolve_movies.sync(client=client, body=looked_up)).movies
    assert [found.film and found.film.movie_id for found in resolved] == [1, 296]
    put = put_movie.sync_detailed(9001, client=client, body=GivenFilm(title="A New Film", genres=["Drama"], year=2026))
    assert put.status_code == 200, put.content
    expect(Recommended, list_new_movies.sync(client=client))
    assert delete_movie.sync_detailed(9001, client=client).status_code == 204


def recommendations(client: AuthenticatedClient) -> str:
    """What is under `recommendations`; the id of a list."""
    stars = StarsByMovie.from_dict({"593": 4.5, "tmdb:603": 2})
    liked = RecommendationRequest(movie_ids=[296, "imdb:tt0114709"], stars=stars, n=3, new_films=NewFilms.AMONG)
    answer = expect(Recommended, recommend.sync(client=client, body=liked))
    assert answer.recommendations
    assert answer.unknown_ids == ["imdb:tt0114709"]
    to_user = recommend_to_user.sync("8", client=client, rank_by=RankBy.STARS, genres=["Crime"])
    assert {film.movie_id for film in expect(Recommended, to_user).recommendations} <= {296, 593}
    group = GroupRecommendationRequest(members=[GroupMember(name="Ann", movie_ids=[296]), GroupMember(user_id=9)])
    together = expect(RecommendedTogether, recommend_together.sync(client=client, body=group))
    assert [member.name for member in together.members] == ["Ann", "member 2"]
    assert expect(MatchInDetail, match_user.sync(client=client, body=Picks(movie_ids=[2571]))).matched_user_id
    asked = PredictionRequest(user_id=8, movies=[296])
    assert expect(Predicted, predict.sync(client=client, body=asked)).predictions[0].predicted_stars > 4
    expect(LikelySeen, list_likely_seen.sync(client=client, body=RecommendationRequest(movie_ids=[296])))
    expect(LikelySeen, list_likely_seen_by_user.sync("8", client=client, n=2))
    return str(answer.recommendation_id)


def users(client: AuthenticatedClient, recommendation_id: str) -> None:
    """What is under `users`."""
    rated = expect(RatedFilm, put_rating.sync("alice", 296, client=client, body=RatingBody(stars=4.5)))
    assert rated.stars == 4.5
    assert expect(RatedFilm, get_rating.sync("alice", 296, client=client)).title == "Pulp Fiction (1994)"
    shown = FeedbackEvent(
        user_id="alice", movie_id=593, type_=EventType.SHOWN, recommendation_id=recommendation_id, position=0
    )
    verdict = expect(FeedbackVerdict, send_feedback.sync(client=client, body=FeedbackBatch(events=[shown])))
    assert (verdict.accepted, verdict.rejected) == (1, [])
    assert len(expect(list, list_ratings.sync("alice", client=client))) == 1
    assert len(expect(list, get_user_history.sync("8", client=client, limit=1))) == 1
    assert len(expect(HeldAboutUser, export_user.sync("alice", client=client)).events) == 2
    assert delete_rating.sync_detailed("alice", 296, client=client).status_code == 204
    for body in (File(io.BytesIO(EXPORT)), ExportForm(file=File(io.BytesIO(EXPORT), "ratings.csv", "text/csv"))):
        assert expect(History, match_history.sync(client=client, body=body)).matched[0].stars == 4.5
    assert delete_user.sync_detailed("alice", client=client).status_code == 204


def notebook(client: AuthenticatedClient, visitor: str) -> None:
    """What is under `me`."""
    given = GivenNotes(films=[GivenNote(movie_id=296, stars=4.0)])
    assert send_notes.sync_detailed(client=client, body=given, x_reelwise_user=visitor).status_code == 204
    kept = expect(Notebook, get_notebook.sync(client=client, x_reelwise_user=visitor))
    assert [film.stars for film in kept.films] == [4.0]


def status(client: AuthenticatedClient) -> None:
    """What is under `status`."""
    revision = expect(ModelInDetail, get_model.sync(client=client)).revision
    assert expect(ModelReloaded, reload_model.sync(client=client)).revision == revision


if __name__ == "__main__":
    url, key, visitor = sys.argv[1:]
    client = AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True)
    movies(client)
    users(client, recommendations(client))
    notebook(client, visitor)
    status(client)
