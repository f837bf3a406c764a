"""What TMDB tells of a film, through the server: reduced, in the reader's language, with where it can be watched."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from reelwise.errors import UsageError
from reelwise.serving import create_app
from reelwise.serving.posters import cache, tmdb
from reelwise.settings import Settings
from support.models.tiny_recommender import tiny_recommender
from support.servers.loopback import Fault
from support.servers.tmdb import KEY, TMDBServer

TOY_STORY, PULP_FICTION, WITHOUT_LINKS = 1, 296, 7001
DETAILS = "/api/v1/movies/{}/details"
SITE = "https://www.themoviedb.org/movie/680/watch?locale=DE"


def service(name: str, priority: int = 0) -> dict[str, Any]:
    return {"provider_name": name, "display_priority": priority, "logo_path": "/x.jpg", "provider_id": 1}


PULP: dict[str, Any] = {
    "id": 680,
    "overview": " Two hit men. ",
    "runtime": 154,
    "credits": {
        "cast": [{"name": f"Actor {n}", "order": n} for n in range(30)],
        "crew": [{"name": "Somebody", "job": "Editor"}, {"name": "Quentin Tarantino", "job": "Director"}],
    },
    "watch/providers": {
        "results": {
            "DE": {"link": SITE, "flatrate": [service("Second", 2), service("First", 1)], "buy": [service("Shop")]},
            "AT": {"link": "javascript:alert(1)", "rent": [service("Shop"), service("Shop", 3)]},
        }
    },
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TMDBServer]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with TMDBServer({862: None, 680: None}, {}) as server:
        monkeypatch.setattr(tmdb, "API", f"{server.url}/3")
        server.details = {(680, "en"): PULP, (680, "de"): PULP | {"overview": ""}}
        yield server


@pytest.fixture
def asking(server: TMDBServer) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(tmdb_api_key=KEY, country="at"), tiny_recommender())) as client:
        yield client


def test_a_film_is_told_of_with_where_it_can_be_watched(asking: TestClient, server: TMDBServer) -> None:
    told = asking.get(DETAILS.format(PULP_FICTION), params={"country": "DE"}).json()
    assert told == {
        "overview": "Two hit men.",
        "runtime": 154,
        "directors": ["Quentin Tarantino"],
        "actors": [f"Actor {n}" for n in range(6)],
        "country": "DE",
        "countries": ["AT", "DE"],
        "watch": {"link": SITE, "flatrate": ["First", "Second"], "free": [], "ads": [], "rent": [], "buy": ["Shop"]},
        "attribution": "This product uses the TMDB API but is not endorsed or certified by TMDB.",
        "watch_attribution": "Where to watch: data from JustWatch.",
    }
    asked = len(server.seen)
    austria = asking.get(DETAILS.format(PULP_FICTION)).json()  # what the server is set to
    assert (austria["country"], austria["watch"]["rent"], austria["watch"]["link"]) == ("AT", ["Shop"], None)
    assert asking.get(DETAILS.format(PULP_FICTION), params={"country": "fr"}).json()["watch"] is None
    assert len(server.seen) == asked  # kept for a day


def test_without_words_in_a_language_they_are_english(asking: TestClient, server: TMDBServer) -> None:
    told = asking.get(DETAILS.format(PULP_FICTION), headers={"Accept-Language": "de-AT"}).json()
    assert told["overview"] == "Two hit men."
    assert "language=de" in server.seen[0].path
    assert KEY in server.seen[0].path


def test_a_film_of_which_little_is_known_has_little_to_tell(asking: TestClient) -> None:
    told = asking.get(DETAILS.format(TOY_STORY)).json()
    assert (told["overview"], told["runtime"], told["directors"], told["countries"]) == ("", None, [], [])


def test_what_cannot_be_told_is_404(
    asking: TestClient, client: TestClient, server: TMDBServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "TMDB_API_KEY" in client.get(DETAILS.format(PULP_FICTION)).json()["detail"]
    assert asking.get(DETAILS.format(WITHOUT_LINKS)).status_code == 404
    monkeypatch.setattr(server, "films", {})
    assert asking.get(DETAILS.format(TOY_STORY)).status_code == 404
    assert asking.get(DETAILS.format(PULP_FICTION), params={"country": "Germany"}).status_code == 422


@pytest.mark.parametrize(
    "nonsense", [[], {"runtime": "long"}, {"watch/providers": {"results": {"DE": 7}}}, {"credits": {"cast": [{}]}}]
)
def test_what_makes_no_sense_is_404_for_a_day_and_others_are_told_of(
    asking: TestClient, server: TMDBServer, nonsense: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.details[680, "en"] = nonsense
    assert asking.get(DETAILS.format(PULP_FICTION)).status_code == 404
    assert asking.get(DETAILS.format(TOY_STORY)).status_code == 200
    server.details[680, "en"] = PULP
    assert asking.get(DETAILS.format(PULP_FICTION)).status_code == 404
    later = time.time() + cache.MAX_AGE_OF_NONE
    monkeypatch.setattr(time, "time", lambda: later)
    assert asking.get(DETAILS.format(PULP_FICTION)).status_code == 200


def test_odd_words_in_english_take_nothing_else_away(asking: TestClient, server: TMDBServer) -> None:
    server.faults.extend([Fault(), Fault(headers={"Content-Type": "text/html"})])
    told = asking.get(DETAILS.format(PULP_FICTION), headers={"Accept-Language": "de"})
    assert (told.status_code, told.json()["overview"], told.json()["runtime"]) == (200, "", 154)


def test_a_country_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"REELWISE_COUNTRY=Germany: a country is two letters, such as DE"):
        Settings(country="Germany")
