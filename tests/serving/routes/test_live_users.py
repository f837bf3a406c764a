"""The server learns: what is told is in the next answer, of every process; what is erased is in none."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.model import Model
from reelwise.live.store import Store
from reelwise.recommend.recommender import Recommender
from reelwise.recommend.service import Service
from reelwise.serving import create_app
from reelwise.serving.replacing.warmup import warm
from reelwise.serving.state import server_state
from reelwise.settings import Settings
from support.models.checkerboard import checkerboard_dataset
from support.models.tiny_recommender import tiny_model, tiny_model_of_texts
from support.running.scraping import Scrape
from support.servers.stores import empty_postgres, postgres, store_address

__all__ = ["empty_postgres", "postgres", "store_address"]

V1 = "/api/v1"
ADMIN = {"X-API-Key": "open-sesame"}


@pytest.fixture(scope="module")
def folded_model() -> Model:
    """A trained model, into which histories fold: even users like even movies."""
    from reelwise.training.pipeline import TrainingSettings, train

    return train(checkerboard_dataset(), TrainingSettings(threads=1, evaluate=False))


def served(model: Model, address: str, **settings: Any) -> TestClient:
    return TestClient(create_app(Settings(store=address, admin_key="open-sesame", **settings), Recommender(model)))


@pytest.fixture
def clients(folded_model: Model, store_address: str) -> Iterator[tuple[TestClient, TestClient]]:
    """Two servers with the same model and store."""
    with served(folded_model, store_address) as one, served(folded_model, store_address) as other:
        yield one, other


@pytest.fixture
def client(tmp_path: Any) -> Iterator[TestClient]:
    """A server with the tiny model, into which no histories fold."""
    with served(tiny_model(), f"sqlite:///{tmp_path}/live.db") as client:
        yield client


def tell(client: TestClient, *events: dict[str, Any]) -> dict[str, Any]:
    response = client.post(f"{V1}/feedback", json={"events": events})
    assert response.status_code == 200, response.text
    verdict: dict[str, Any] = response.json()
    return verdict


def event(user: Any, movie: Any, kind: str = "rating", **more: Any) -> dict[str, Any]:
    return {"user_id": user, "movieId": movie, "type": kind} | more


def films(client: TestClient, user: Any, path: str = V1 + "/users/{}/recommendations", n: int = 100) -> list[Any]:
    response = client.get(path.format(user), params={"n": n})
    assert response.status_code == 200, response.text
    found = response.json()
    return [film["movieId"] for film in (found if isinstance(found, list) else found["recommendations"])]


def fixed(client: TestClient, user: Any) -> list[Any]:
    return films(client, user, "/recommendations/{}")


def test_a_new_user_is_known_from_the_first_event_to_every_server(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    assert one.get(f"{V1}/users/alice/recommendations").status_code == 404
    known = fixed(one, 1)
    for movie in (2, 4, 6):
        assert tell(one, event("alice", movie, stars=5)) == {"accepted": 1, "duplicates": 0, "rejected": []}
        assert movie not in films(other, "alice")
    assert tell(other, event("alice", 3, stars=1))["accepted"] == 1
    best = films(one, "alice", n=10)
    assert sum(movie % 2 == 0 for movie in best) >= 8
    assert fixed(one, 1) == known
    assert {film["movieId"] for film in one.get(f"{V1}/users/alice/history").json()} == {2, 3, 4, 6}


def test_what_a_known_user_does_is_in_the_next_list_and_prediction(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    user = 2
    first, *_ = fixed(one, user)
    assert one.put(f"{V1}/users/{user}/ratings/{first}", json={"stars": 5}).status_code == 200
    before = other.post(f"{V1}/predictions", json={"user_id": user, "movies": [first]}).json()["predictions"][0]
    assert one.put(f"{V1}/users/{user}/ratings/{first}", json={"stars": 1}).json()["stars"] == 1
    for client in clients:
        assert first not in fixed(client, user)
        assert first not in films(client, user)
        assert client.get(f"{V1}/users/{user}/ratings/{first}").json()["stars"] == 1
        after = client.post(f"{V1}/predictions", json={"user_id": user, "movies": [first]}).json()["predictions"][0]
        assert after["predicted_stars"] < before["predicted_stars"]
    assert other.delete(f"{V1}/users/{user}/ratings/{first}").status_code == 204
    assert one.get(f"{V1}/users/{user}/ratings/{first}").status_code == 404
    assert first in fixed(one, user)


def test_what_was_seen_or_hidden_never_comes_back(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    for user, kind in enumerate(("watched", "dislike", "hide", "like"), start=3):
        gone = films(one, user)[:3]
        tell(one, *[event(user, movie, kind) for movie in gone])
        for list_of in (films, fixed):
            assert not {*gone} & {*list_of(other, user)}, kind
            assert len(list_of(other, user)) > 0, kind


def test_what_was_shown_and_what_became_of_it_is_counted(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    assert one.get(f"{V1}/model").json()["shown"] == []
    tell(one, event("alice", 2, stars=5))
    lists = [one.get(f"{V1}/users/alice/recommendations", params={"balance": 0.25}).json()]
    lists += [one.post(f"{V1}/recommendations", json={"movie_ids": [2], "balance": 0}).json() for _ in range(2)]
    ids = [answer["recommendation_id"] for answer in lists]
    assert len({*ids}) == 3
    for answer in lists:
        films = [film["movieId"] for film in answer["recommendations"]]
        on_list = {"recommendation_id": answer["recommendation_id"]}
        verdict = tell(one, *[event("alice", film, "shown", position=at, **on_list) for at, film in enumerate(films)])
        assert verdict["accepted"] == 10
    tell(one, event("alice", films[0], "clicked", recommendation_id=ids[2]), event("alice", films[1], stars=5))
    model = other.get(f"{V1}/model").json()
    figures = {group["balance"]: group for group in model["shown"]}
    assert figures.keys() == {0.0, 0.25}
    assert {group["revision"] for group in model["shown"]} == {model["revision"]}
    assert (figures[0.0]["shown"], figures[0.0]["different_films"]) == (20, 10)
    assert (figures[0.0]["clicked"], figures[0.0]["watched"], figures[0.0]["liked"]) == (0.05, 0, 0.1)
    scrape = Scrape(other)
    assert scrape.total("reelwise_shown_films", balance="0", revision=model["revision"]) == 20
    assert scrape.total("reelwise_shown_different_films", balance="0.25") == 10
    assert scrape.total("reelwise_shown_share", balance="0", outcome="clicked") == 0.05
    held = other.get(f"{V1}/users/alice/export").json()["shown"]
    assert {film["recommendation_id"] for film in held} == {*ids}
    assert [film["movieId"] for film in held if film["clicked"]] == [films[0]]


def test_the_server_forgets_what_was_shown_long_ago(folded_model: Model, store_address: str) -> None:
    old = {"at": time.time() - 9 * 86400}
    with served(folded_model, store_address) as client:
        list_id = client.get(f"{V1}/users/3/recommendations").json()["recommendation_id"]
        tell(client, event(3, 1, "shown", recommendation_id=list_id, **old), event(3, 1, "like", **old))
        assert len(client.get(f"{V1}/users/3/export").json()["shown"]) == 1
    with served(folded_model, store_address, keep_days=8) as client:
        end = time.monotonic() + 20
        while client.get(f"{V1}/users/3/export").json()["shown"] and time.monotonic() < end:
            time.sleep(0.01)
        held = client.get(f"{V1}/users/3/export").json()
        assert (held["shown"], [one["type"] for one in held["events"]]) == ([], ["like"])


def test_what_was_merely_noticed_is_shown_again(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    for user, kind in enumerate(("watchlist", "shown", "clicked"), start=3):
        before = films(one, user)
        tell(one, *[event(user, movie, kind) for movie in before[:3]])
        assert films(other, user) == before, kind


def test_a_rating_of_the_data_can_be_taken_back(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    rated = one.get(f"{V1}/users/4/ratings").json()
    film = rated[0]["movieId"]
    assert one.delete(f"{V1}/users/4/ratings/{film}").status_code == 204
    assert [left["movieId"] for left in other.get(f"{V1}/users/4/ratings").json()] == [
        left["movieId"] for left in rated[1:]
    ]
    assert one.delete(f"{V1}/users/4/ratings/{film}").status_code == 404
    assert one.delete(f"{V1}/users/nobody/ratings/{film}").status_code == 404


def test_an_erased_user_is_gone_at_once(clients: tuple[TestClient, TestClient]) -> None:
    one, other = clients
    tell(one, event(5, 1, stars=3, event_id="e"), event("alice", 2, stars=3))
    some = [film["movieId"] for film in one.get(f"{V1}/users/5/history").json()][:20]
    held = other.get(f"{V1}/users/5/export").json()
    assert (held["event_ids"], len(held["events"]), len(held["trained"]) > 5) == (["e"], 1, True)
    assert one.post("/find_matching_user", json={"movie_ids": some}).json()["matched_user_id"] == 5
    for user in (5, "alice"):
        assert one.delete(f"{V1}/users/{user}", headers=ADMIN).status_code == 204
        assert other.delete(f"{V1}/users/{user}", headers=ADMIN).status_code == 404
    for client in clients:
        assert fixed(client, 5) == []
        for path in ("recommendations", "history", "ratings", "export"):
            assert client.get(f"{V1}/users/5/{path}").status_code == 404
        assert client.post(f"{V1}/predictions", json={"user_id": 5, "movies": [1]}).status_code == 404
        assert client.put(f"{V1}/users/5/ratings/1", json={"stars": 3}).status_code == 404
        assert client.post("/find_matching_user", json={"movie_ids": some}).json()["matched_user_id"] not in (5, None)
    (rejected,) = tell(one, event(5, 1, "like"))["rejected"]
    assert rejected == {"index": 0, "detail": "user 5 was erased"}


def test_each_event_gets_its_verdict(client: TestClient) -> None:
    told = [
        event("al", 1, stars=4, event_id="a"),
        event("al", 999, stars=4),
        event("al", "imdb:tt0999999", "like"),
        event("al", 296, stars=7),
        event("al", 296),
        event("al", 296, "like", stars=4),
        event("a\0l", 296, "like"),
        event("al", 1, stars=2, event_id="a"),
        event("al", "tmdb:680", "like"),
    ]
    verdict = tell(client, *told)
    assert (verdict["accepted"], verdict["duplicates"]) == (2, 1)
    assert [rejected["index"] for rejected in verdict["rejected"]] == [1, 2, 3, 4, 5, 6]
    details = [rejected["detail"] for rejected in verdict["rejected"]]
    assert "movie 999 is not in the data set" in details[0]
    assert "from 0.5 to 5" in details[2]
    held = client.get(f"{V1}/users/al/export").json()["events"]
    assert {(one["movieId"], one["type"], one["stars"]) for one in held} == {(1, "rating", 4.0), (296, "like", None)}


MISSHAPEN: list[dict[str, Any]] = [
    {},
    {"events": []},
    {"events": [event("al", 1, "like")] * 1001},
    {"events": [event("al", 1, "love")]},
    {"events": [event("", 1, "like")]},
    {"events": [event(True, 1, "like")]},
    {"events": [event("al", 1, stars="5")]},
    {"events": [event("al", 1, "like", at="2026-01-01T00:00:00")]},
    {"events": [event("al", 1, "like", event_id="")]},
    {"events": [event("al", 1, "like", position=-1)]},
    {"events": [event("al", 1, "like"), event("al", 1, "like", extra=1)]},
]


def test_a_batch_of_another_shape_is_refused_whole(client: TestClient) -> None:
    for body in MISSHAPEN:
        response = client.post(f"{V1}/feedback", json=body)
        assert response.status_code == 422, body
        assert response.headers["Content-Type"] == "application/problem+json", body
        assert client.get(f"{V1}/users/al/export").status_code == 404, body


def test_times_are_kept_and_the_newest_wins(client: TestClient) -> None:
    tell(client, event("al", 1, stars=5, at="2024-01-02T00:00:00+01:00"))
    tell(client, event("al", 1, stars=2, at=1_600_000_000))
    (kept,) = client.get(f"{V1}/users/al/export").json()["events"]
    assert (kept["stars"], kept["at"]) == (5.0, "2024-01-01T23:00:00Z")


def test_a_number_is_its_text_where_users_are_texts(tmp_path: Any) -> None:
    with served(tiny_model_of_texts(), f"sqlite:///{tmp_path}/live.db") as client:
        tell(client, event(7, "tt0000001", stars=1), event("7", "tt0000593", stars=5))
        assert [film["stars"] for film in client.get(f"{V1}/users/7/ratings").json()] == [5.0, 1.0]
        asked = {"user_id": 7, "movies": ["tt0000593"]}
        assert client.post(f"{V1}/predictions", json=asked).status_code == 200
        assert client.get(f"{V1}/users/u7/ratings").json() != []
        assert client.delete(f"{V1}/users/7", headers=ADMIN).status_code == 204
        assert client.get(f"{V1}/users/7/export").status_code == 404
        assert client.post(f"{V1}/predictions", json=asked).status_code == 404
        assert tell(client, event(7, "tt0000001", "like"))["rejected"][0]["detail"] == "user '7' was erased"


def test_a_model_is_served_whoever_of_its_users_was_erased(tmp_path: Any) -> None:
    model, address = tiny_model(), f"sqlite:///{tmp_path}/live.db"
    with served(model, address) as client:
        for user in model.users:
            assert client.delete(f"{V1}/users/{user}", headers=ADMIN).status_code == 204
            warm(Service(model, server_state(client.app).store))  # type: ignore[arg-type]
        assert client.post(f"{V1}/recommendations", json={"movie_ids": [296]}).status_code == 200


def test_a_slash_in_an_id_parts_nothing(client: TestClient) -> None:
    user = "a/b ü?"
    tell(client, event(user, 296, stars=4))
    path = f"{V1}/users/{quote(user, safe='')}"
    assert client.get(f"{path}/ratings/296").json()["stars"] == 4
    assert client.put(f"{path}/ratings/593", json={"stars": 3}).status_code == 200
    assert client.delete(f"{path}/ratings/593").status_code == 204
    assert client.get(f"{path}/export").json()["user_id"] == user
    assert client.delete(path, headers=ADMIN).status_code == 204
    assert client.get(f"{path}/export").status_code == 404


def test_a_text_that_reads_as_a_number_is_one_where_users_are_numbers(client: TestClient) -> None:
    assert tell(client, event("7", 2571, stars=1))["accepted"] == 1
    assert 2571 not in fixed(client, 7)
    assert {film["movieId"] for film in client.get(f"{V1}/users/7/ratings").json()} == {1, 296, 593, 7001, 2571}


def test_without_folding_in_a_new_user_is_a_blend_and_never_sees_what_was_rated(client: TestClient) -> None:
    tell(client, event("al", 1196, stars=5))
    assert films(client, "al")[0] == 2571
    tell(client, event("al", 2571, "hide"))
    assert 2571 not in films(client, "al")


def test_writing_asks_for_a_key_and_erasing_for_the_admin_s(tmp_path: Any) -> None:
    with served(tiny_model(), f"sqlite:///{tmp_path}/live.db", api_keys="open") as client:
        body = {"events": [event("al", 1, "like")]}
        assert client.post(f"{V1}/feedback", json=body).status_code == 401
        assert client.put(f"{V1}/users/al/ratings/1", json={"stars": 3}).status_code == 401
        key = {"X-API-Key": "open"}
        assert client.post(f"{V1}/feedback", json=body, headers=key).status_code == 200
        assert client.delete(f"{V1}/users/al").status_code == 401
        assert client.delete(f"{V1}/users/al", headers=key).status_code == 401
        assert client.delete(f"{V1}/users/al", headers=ADMIN).status_code == 204


def test_without_a_store_nothing_is_taken_and_all_else_is_as_it_was() -> None:
    with TestClient(create_app(Settings(admin_key="open-sesame"), Recommender(tiny_model()))) as client:
        for method, path, body in (
            ("POST", "feedback", {"events": [event(7, 1, "like")]}),
            ("PUT", "users/7/ratings/1", {"stars": 3}),
            ("DELETE", "users/7/ratings/1", None),
            ("DELETE", "users/7", None),
        ):
            response = client.request(method, f"{V1}/{path}", json=body, headers=ADMIN)
            assert response.status_code == 503
            assert "REELWISE_STORE" in response.json()["detail"]
        assert len(client.get(f"{V1}/users/7/ratings").json()) == 4
        assert len(client.get(f"{V1}/users/7/export").json()["trained"]) == 4


def test_where_the_store_is_away_films_are_recommended_by_the_model_and_readiness_says_so(tmp_path: Any) -> None:
    with served(tiny_model(), f"sqlite:///{tmp_path}/not there/live.db") as client:
        assert client.get("/health/live").status_code == 200
        ready = client.get("/health/ready").json()
        assert (ready["status"], ready["store"]) == ("OK", "unavailable")
        assert "unable to open" in ready["store_detail"]
        response = client.post(f"{V1}/feedback", json={"events": [event("al", 1, "like")]})
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert client.post(f"{V1}/recommendations", json={"movie_ids": [296]}).status_code == 200
        for method, path in (  # nobody knows yet who was erased
            ("GET", "/recommendations/7"),
            ("GET", f"{V1}/users/7/history"),
            ("GET", f"{V1}/users/alice/recommendations"),
            ("POST", "/find_matching_user"),
        ):
            response = client.request(method, path, json={"movie_ids": [296]} if method == "POST" else None)
            assert response.status_code == 503, path
        (tmp_path / "not there").mkdir()
        assert tell(client, event("al", 1, "like"))["accepted"] == 1
        assert len(fixed(client, 7)) > 0


def test_whom_another_process_erased_stays_unknown_when_the_store_goes_away(tmp_path: Any) -> None:
    path = tmp_path / "live.db"
    with served(tiny_model(), f"sqlite:///{path}") as client:
        store = server_state(client.app).store  # type: ignore[arg-type]
        assert store is not None
        with closing(Store(f"sqlite:///{path}")) as other:
            other.erase(7)
        end = time.monotonic() + 20
        while not store.was_erased(7) and time.monotonic() < end:  # nobody asks for user 7 meanwhile
            time.sleep(0.05)
        path.rename(tmp_path / "elsewhere.db")
        assert fixed(client, 7) == []
        assert client.get(f"{V1}/users/7/recommendations").status_code == 404
        assert client.get(f"{V1}/users/8/recommendations").status_code == 200


def test_digits_that_are_too_many_for_a_number_are_a_text(clients: tuple[TestClient, TestClient]) -> None:
    client, other = clients
    for user in (str(2**63), "9" * 40):
        address = f"{V1}/users/{user}"
        assert client.put(f"{address}/ratings/2", json={"stars": 5}).status_code == 200
        assert tell(client, event(user, 4, stars=5))["accepted"] == 1
        assert [rated["movieId"] for rated in other.get(f"{address}/ratings").json()] == [2, 4]
        assert other.get(f"{address}/export").json()["user_id"] == user
        assert other.delete(address, headers=ADMIN).status_code == 204
        assert client.get(f"{address}/ratings").status_code == 404
