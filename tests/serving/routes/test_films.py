"""Films that come and go, and those that nobody rated: known at once to every server, with vectors of their own."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.folder import write_model
from reelwise.artifacts.model import Model
from reelwise.live import films as store_films
from reelwise.live.store import Store
from reelwise.recommend.films import live
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.settings import Settings
from reelwise.training.pipeline import TrainingSettings, train
from reelwise.training.refresh.promote import refresh
from support.models.checkerboard import checkerboard_dataset
from support.models.tiny_recommender import tiny_model_of_texts
from support.servers.stores import empty_postgres, postgres, store_address

__all__ = ["empty_postgres", "postgres", "store_address"]

V1 = "/api/v1"
ADMIN = {"X-API-Key": "open-sesame-2468"}
UNRATED = 31  # an odd film that nobody rated
NEW = {"title": "Tomorrow's Zebra", "year": 1990, "genres": ["Even"], "imdbId": "tt0099999", "tmdbId": 77}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model: even users like even films, which are of the genre Even."""
    folder = tmp_path_factory.mktemp("films") / "model"
    write_model(folder, train(checkerboard_dataset(), TrainingSettings(threads=1, evaluate=False)))
    return folder


def served(folder: Path, address: str) -> TestClient:
    settings = Settings(model=str(folder), store=address, admin_key="open-sesame-2468", watch=False)
    return TestClient(create_app(settings))


@pytest.fixture
def clients(folder: Path, store_address: str) -> Iterator[tuple[TestClient, TestClient]]:
    """Two servers with the same model and store."""
    with served(folder, store_address) as one, served(folder, store_address) as other:
        yield one, other


@pytest.fixture
def client(folder: Path, tmp_path: Path) -> Iterator[TestClient]:
    with served(folder, f"sqlite:///{tmp_path}/live.db") as client:
        yield client


def put(client: TestClient, movie: Any, film: dict[str, Any]) -> Any:
    response = client.put(f"{V1}/movies/{movie}", json=film, headers=ADMIN)
    assert response.status_code == 200, response.text
    return response.json()


def recommended(client: TestClient, user: Any, **params: Any) -> list[dict[str, Any]]:
    response = client.get(f"{V1}/users/{user}/recommendations", params={"n": 100, **params})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["recommendations"]
    return found


def of(films: list[dict[str, Any]], movie: Any) -> dict[str, Any]:
    (film,) = [film for film in films if film["movieId"] == movie]
    return film


def score(client: TestClient, user: Any, movie: Any, **params: Any) -> float:
    return float(of(recommended(client, user, **params), movie)["score"])


def test_a_film_is_known_to_every_server_at_once(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    assert other.get(f"{V1}/movies/500").status_code == 404
    film = put(one, 500, NEW)
    assert (film["title"], film["year"]) == ("Tomorrow's Zebra (1990)", 1990)
    assert (film["ratings"], film["mean_stars"]) == (0, None)
    for client in clients:
        for name in ("500", "imdb:tt0099999", "tmdb:77"):
            assert client.get(f"{V1}/movies/{name}").json() == film | {"stars_distribution": [], "tags": []}
        assert [found["movieId"] for found in client.get(f"{V1}/movies", params={"q": "zebra"}).json()] == [500]
        resolved = client.post(f"{V1}/movies/resolve", json={"movies": [{"title": "Tomorrow's Zebra"}]}).json()
        assert resolved["movies"][0]["film"]["movieId"] == 500
        shown = of(recommended(client, 2), 500)
        assert shown["source"] == "new"
        assert (shown["predicted_stars"], shown["stars_margin"]) == (None, None)
        assert score(client, 2, 500) > 2 * abs(score(client, 1, 500))
        assert 500 in {film["movieId"] for film in client.get(f"{V1}/movies/new").json()["recommendations"]}


def test_the_fixed_paths_show_no_new_films(client: TestClient) -> None:
    put(client, 500, NEW)
    for order in ("stars", "taste"):
        wanted: dict[str, Any] = {"n": 100, "rank_by": order}
        films = client.get("/recommendations/2", params=wanted).json()
        films += client.post("/recommendations_from_selection", json={"movie_ids": [2]}, params=wanted).json()
        assert {500, UNRATED} & {film["movieId"] for film in films} == set()


@pytest.fixture
def followed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rating of a new film counts for the next list."""
    monkeypatch.setattr(live, "_SHARE", math.inf)


@pytest.mark.usefixtures("followed_at_once")
def test_more_like_this_knows_new_films(client: TestClient) -> None:
    def alike(movie: int) -> list[int]:
        response = client.get(f"{V1}/movies/{movie}/similar", params={"n": 100})
        assert response.status_code == 200, response.text
        return [film["movieId"] for film in response.json()]

    put(client, 500, NEW)
    found = alike(500)
    assert len(found) >= 5
    assert {movie % 2 for movie in found[:5]} == {0}  # those of the genre Even
    assert alike(UNRATED)
    assert {500, UNRATED}.isdisjoint({*found, *alike(2)})  # nobody can say so yet
    for user in range(2, 60, 2):
        assert client.put(f"{V1}/users/{user}/ratings/500", json={"stars": 5}).status_code == 200
    assert 500 in alike(2)[:10]
    assert 500 not in alike(500)
    assert client.delete(f"{V1}/movies/500", headers=ADMIN).status_code == 204
    assert 500 not in alike(2)


@pytest.mark.usefixtures("followed_at_once")
def test_ratings_give_a_new_film_a_vector_of_its_own(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    put(one, 500, NEW)
    before = score(other, 1, 500)
    for user in (*range(3, 20, 2), "al", "bobby"):
        for movie in (1, 3, 5):
            one.put(f"{V1}/users/{user}/ratings/{movie}", json={"stars": 5})
        response = one.put(f"{V1}/users/{user}/ratings/500", json={"stars": 5})
        assert response.status_code == 200
    for client in clients:
        assert score(client, 1, 500) > before + 0.1
        film = client.get(f"{V1}/movies/500").json()
        assert (film["ratings"], film["mean_stars"]) == (11, 5.0)
        assert 500 not in {film["movieId"] for film in recommended(client, "al")}
        assert of(recommended(client, 1), 500)["predicted_stars"] is None
    assert other.delete(f"{V1}/users/al", headers=ADMIN).status_code == 204
    assert one.get(f"{V1}/movies/500").json()["ratings"] == 10


def test_following_ratings_takes_a_part_of_the_time_and_films_are_known_at_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_SHARE", 1e-9)  # what was followed now is followed again in years
    put(client, 500, NEW)
    client.put(f"{V1}/users/3/ratings/500", json={"stars": 5})
    before = client.get(f"{V1}/movies/500").json()["ratings"]
    client.put(f"{V1}/users/5/ratings/500", json={"stars": 5})
    assert client.get(f"{V1}/movies/500").json()["ratings"] == before
    put(client, 501, NEW)
    assert client.get(f"{V1}/movies/501").status_code == 200
    assert client.get(f"{V1}/movies/500").json()["ratings"] == 2


@pytest.mark.usefixtures("followed_at_once")
def test_a_list_of_new_films_alone(client: TestClient) -> None:
    put(client, 500, NEW)
    put(client, 501, {"title": "Tomorrow's Gnu (1991)", "genres": ["Odd"]})
    films = recommended(client, 2, new_films="only")
    assert {film["movieId"] for film in films} == {500, 501, UNRATED}
    assert films[0]["movieId"] == 500
    assert {film["source"] for film in films} == {"new"}
    before = films[0]["score"]
    for user in range(4, 12, 2):
        client.put(f"{V1}/users/{user}/ratings/500", json={"stars": 5})
    assert score(client, 2, 500, new_films="only") > 2 * before
    assert {film["movieId"] for film in recommended(client, 2, new_films="without")} & {500, 501, UNRATED} == set()
    body = {"movie_ids": [2, 4], "new_films": "only", "exclude_ids": [UNRATED], "genres": ["Odd"]}
    found = client.post(f"{V1}/recommendations", json=body).json()["recommendations"]
    assert [film["movieId"] for film in found] == [501]
    assert client.get(f"{V1}/users/2/recommendations", params={"new_films": "some"}).status_code == 422


def test_ratings_of_a_film_that_went_stay_and_can_be_taken_back(client: TestClient) -> None:
    assert client.put(f"{V1}/users/al/ratings/2", json={"stars": 5}).status_code == 200
    rated = client.get(f"{V1}/users/4/ratings").json()[0]["movieId"]
    films = {"al": 2, "4": rated}
    loved = client.post(f"{V1}/match", json={"movie_ids": [6]}).json()["also_loved"][0]["movieId"]
    for movie in {*films.values(), loved}:
        assert client.delete(f"{V1}/movies/{movie}", headers=ADMIN).status_code == 204
    reasons = {one["movieId"] for film in recommended(client, 4) for one in film["reasons"]}
    assert reasons
    assert rated not in reasons
    also = client.post(f"{V1}/match", json={"movie_ids": [6]}).json()["also_loved"]
    assert also
    assert loved not in [film["movieId"] for film in also]
    for user, movie in films.items():
        address = f"{V1}/users/{user}/ratings"
        assert movie in [film["movieId"] for film in client.get(address).json()]
        assert client.get(f"{address}/{movie}").status_code == 200
        assert client.delete(f"{address}/{movie}").status_code == 204
        assert client.get(f"{address}/{movie}").status_code == 404
        assert movie not in [film["movieId"] for film in client.get(address).json()]


def test_map_and_page_follow_the_films(client: TestClient) -> None:
    drawn = client.get(f"{V1}/movies/map")
    put(client, 500, NEW)
    assert client.get("/app/film/500").status_code == client.get("/app/film/2").status_code == 200
    assert client.delete(f"{V1}/movies/2", headers=ADMIN).status_code == 204
    assert client.get("/app/film/2").status_code == 404
    again = client.get(f"{V1}/movies/map", headers={"If-None-Match": drawn.headers["ETag"]})
    assert again.status_code == 200
    assert (2 in drawn.json()["movie_ids"], 2 in again.json()["movie_ids"]) == (True, False)


def test_a_group_that_may_see_new_films_alone_is_told_that_they_are_not_learnt_yet(client: TestClient) -> None:
    put(client, 500, NEW)
    body = {"members": [{"movie_ids": [2]}, {"user_id": 4}], "only_ids": [500]}
    found = client.post(f"{V1}/groups/recommendations", json=body).json()
    (named,) = found["named"]
    assert (found["recommendations"], named["movieId"], named["counts_as"], named["why"]) == (
        [], 500, "nothing", "nobody rated it",
    )  # fmt: skip


def test_a_film_that_goes_is_gone_everywhere(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    gone = recommended(other, 2)[0]["movieId"]
    title = other.get(f"{V1}/movies/{gone}").json()["title"]
    put(one, 500, NEW)
    for movie in (gone, 500):
        assert one.delete(f"{V1}/movies/{movie}", headers=ADMIN).status_code == 204
        assert other.delete(f"{V1}/movies/{movie}", headers=ADMIN).status_code == 404
        for client in clients:
            assert client.get(f"{V1}/movies/{movie}").status_code == 404
            assert movie not in {film["movieId"] for film in recommended(client, 2)}
            assert movie not in {film["movieId"] for film in client.get("/recommendations/2?n=100").json()}
            assert movie not in {film["movieId"] for film in client.get(f"{V1}/movies/starter").json()}
            assert client.put(f"{V1}/users/2/ratings/{movie}", json={"stars": 3}).status_code == 404
    for client in clients:
        assert gone not in {film["movieId"] for film in client.get(f"{V1}/movies", params={"q": title}).json()}
    assert put(other, 500, NEW)["movieId"] == 500
    assert one.get(f"{V1}/movies/500").status_code == 200


def test_a_film_of_the_model_can_be_corrected(client: TestClient) -> None:
    before = client.get(f"{V1}/movies/2").json()
    film = put(client, 2, {"title": "The Quagga", "year": 1951, "genres": ["Even", "Western"]})
    assert (film["title"], film["year"], film["genres"]) == ("The Quagga (1951)", 1951, ["Even", "Western"])
    assert (film["ratings"], film["mean_stars"]) == (before["ratings"], before["mean_stars"])
    assert client.get(f"{V1}/movies", params={"q": "quagga"}).json()[0]["movieId"] == 2


def test_what_was_named_or_rated_is_not_shown(client: TestClient) -> None:
    put(client, 500, NEW)
    for body in ({"movie_ids": [2, 500]}, {"movie_ids": [2], "exclude_ids": [500]}, {"movie_ids": [500]}):
        answer = client.post(f"{V1}/recommendations", json=body | {"n": 100}).json()
        assert 500 not in {film["movieId"] for film in answer["recommendations"]}
        assert answer["unknown_ids"] == []
    (named,) = client.post(f"{V1}/recommendations", json={"movie_ids": [500]}).json()["named"]
    assert (named["counts_as"], named["why"]) == ("nothing", "nobody rated it")


def test_the_next_update_learns_new_films_and_forgets_those_that_went(folder: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/live.db"
    with served(folder, address) as client:
        put(client, 500, NEW)
        put(client, 501, {"title": "Tomorrow's Gnu", "genres": ["Odd"]})
        client.delete(f"{V1}/movies/3", headers=ADMIN)
        for user in range(1, 21):
            client.put(f"{V1}/users/{user}/ratings/500", json={"stars": 5 if user % 2 == 0 else 1})
    copy = tmp_path / "model"
    write_model(copy, Model.load(folder))
    store = Store(address)
    assert refresh(copy, store, threads=1) is not None
    store.close()
    model = Model.load(copy)
    rows = {movie: model.movies.row(movie) for movie in (3, 500, 501)}
    assert rows[3] is None
    assert model.fitted[rows[500]]
    assert not model.fitted[rows[501]]
    assert model.catalogue[500].title == "Tomorrow's Zebra (1990)"
    with served(copy, address) as client:
        assert of(recommended(client, 22), 500)["source"] == "known user"
        assert of(recommended(client, 21), 501)["source"] == "new"


@pytest.mark.parametrize(
    ("title", "year", "kept"),
    [
        ("Blade Runner 2049", 2017, "Blade Runner 2049 (2017)"),
        ("Foo (2101)", 2101, "Foo (2101)"),
        ("Foo 1984", None, "Foo 1984"),
    ],
)
def test_the_year_of_a_title_stands_in_brackets(client: TestClient, title: str, year: int | None, kept: str) -> None:
    film = put(client, 500, {"title": title, "year": year})
    assert (film["title"], film["year"]) == (kept, year)


@pytest.mark.usefixtures("followed_at_once")
def test_a_rating_that_is_taken_back_while_it_is_counted_leaves_what_was_expected(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(client, 500, NEW)
    before = score(client, 1, 500)
    assert client.put(f"{V1}/users/al/ratings/500", json={"stars": 5}).status_code == 200
    monkeypatch.setattr(store_films, "ratings_of", lambda *_, **__: [])
    assert score(client, 1, 500) == pytest.approx(before)


def test_what_is_no_film_is_refused(client: TestClient) -> None:
    refused: list[tuple[Any, dict[str, Any]]] = [
        (500, {}),
        (500, {"title": ""}),
        (500, {"title": "A", "year": 1700}),
        (500, {"title": "A (1990)", "year": 1991}),
        (500, {"title": "A", "genres": [""]}),
        (500, {"title": "A", "genres": ["a\x1b[2J"]}),
        (500, {"title": "A\nB"}),
        (500, {"title": "A", "more": 1}),
        ("imdb:tt0000001", {"title": "A"}),
        ("abc", {"title": "A"}),
        (2**31, {"title": "A"}),
    ]
    for movie, film in refused:
        assert client.put(f"{V1}/movies/{movie}", json=film, headers=ADMIN).status_code == 422, (movie, film)
        assert client.get(f"{V1}/movies", params={"q": "A"}).status_code == 200


def test_only_the_admin_s_key_opens_and_without_a_store_nothing_is_kept(client: TestClient, folder: Path) -> None:
    for method, body in (("PUT", NEW), ("DELETE", None)):
        assert client.request(method, f"{V1}/movies/2", json=body).status_code == 401
        with TestClient(create_app(Settings(admin_key="open-sesame-2468"), Recommender.load(folder))) as without:
            answer = without.request(method, f"{V1}/movies/2", json=body, headers=ADMIN)
            assert answer.status_code == 503
            assert "REELWISE_STORE" in answer.json()["detail"]


def test_ids_are_texts_where_those_of_the_model_are(tmp_path: Path) -> None:
    settings = Settings(store=f"sqlite:///{tmp_path}/live.db", admin_key="open-sesame-2468")
    with TestClient(create_app(settings, Recommender(tiny_model_of_texts()))) as client:
        assert put(client, "zebra", NEW)["movieId"] == "zebra"
        assert client.get(f"{V1}/movies/zebra").json()["title"] == "Tomorrow's Zebra (1990)"
        assert client.put(f"{V1}/movies/imdb:tt1", json=NEW, headers=ADMIN).status_code == 422


def test_where_the_store_is_away_films_are_as_they_were(folder: Path, tmp_path: Path) -> None:
    with served(folder, f"sqlite:///{tmp_path}/not there/live.db") as client:
        assert client.put(f"{V1}/movies/500", json=NEW, headers=ADMIN).status_code == 503
        assert client.get(f"{V1}/movies/2").status_code == 200
        (tmp_path / "not there").mkdir()
        assert put(client, 500, NEW)["movieId"] == 500
