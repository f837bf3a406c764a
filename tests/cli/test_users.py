"""`reelwise users`, and training that leaves out those who were erased."""

import io
import json
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from reelwise.artifacts.model import Model
from reelwise.cli import quickstart
from reelwise.data.catalogue import Movie
from reelwise.data.readers.movielens import read_dataset
from reelwise.live import films
from reelwise.live.events import Event
from reelwise.live.films import KnownFilm
from reelwise.live.store import Store
from reelwise.recommend.recommender import Recommender
from reelwise.serving import create_app
from reelwise.settings import Settings
from support.running.command_line import CommandLine

ADDRESS = "sqlite:///live.db"


@pytest.fixture
def store(reelwise: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store in the working folder, that the settings name."""
    monkeypatch.setenv("REELWISE_STORE", ADDRESS)
    told = Store(ADDRESS)
    told.record([Event("alice", 296, "rating", 4.5, 0, "e-1"), Event(7, 2571, "hide")])
    told.close()


@pytest.mark.usefixtures("store")
def test_everything_held_is_shown_and_exported(reelwise: CommandLine, tiny_folder: Path) -> None:
    shown = reelwise("users", "show", "7", "--model", tiny_folder)
    assert "4 ratings in the model, 1 events in the store" in shown.err + shown.out
    assert "Pulp Fiction" in shown.out
    assert "hide" in shown.out
    assert "2571" in shown.out
    assert reelwise("users", "export", "alice", "--model", tiny_folder, "--out", "alice.json").code == 0
    held = json.loads(Path("alice.json").read_text())
    assert (held["user_id"], held["trained"], held["event_ids"]) == ("alice", [], ["e-1"])
    assert [(event["movieId"], event["stars"], event["at"]) for event in held["events"]] == [
        (296, 4.5, "1970-01-01T00:00:00Z")
    ]
    as_json = reelwise("users", "show", "alice", "--model", tiny_folder, "--json")
    assert json.loads(as_json.out) == held


@pytest.mark.usefixtures("store")
def test_an_export_is_what_http_answers(reelwise: CommandLine, tiny_folder: Path) -> None:
    exported = json.loads(reelwise("users", "export", "7", "--model", tiny_folder).out)
    with TestClient(create_app(Settings(store=ADDRESS, _env_file=None), Recommender.load(tiny_folder))) as client:
        assert client.get("/api/v1/users/7/export").json() == exported
    assert (exported["trained"][0]["title"], exported["events"][0]["movieId"]) == ("Toy Story (1995)", 2571)


@pytest.mark.usefixtures("store")
def test_an_erased_user_is_gone(reelwise: CommandLine, tiny_folder: Path) -> None:
    for user in ("7", "alice"):
        assert reelwise("users", "erase", user, "--yes", "--model", tiny_folder).code == 0
        assert "was erased" in reelwise.refusal("users", "show", user, "--model", tiny_folder)
    assert "knows user bo" in reelwise.refusal("users", "erase", "bo", "--yes", "--model", tiny_folder)


@pytest.mark.usefixtures("store")
def test_everybodys_ratings_are_exported_as_training_takes_them(reelwise: CommandLine, tiny_folder: Path) -> None:
    store = Store(ADDRESS)
    store.change(partial(films.put, film=KnownFilm(9001, 'Tomorrow, "Zebra" (2026)', ("Drama", "Sci-Fi"), 99999, None)))
    store.record([Event("alice", 9001, "rating", 3.5, 86_400_000_000), Event(8, 2571, "rating")])  # taken back
    store.erase(7)
    store.close()
    out = Path("out/ratings.parquet")
    for _ in range(2):  # over what was exported before
        done = reelwise("users", "export", "--all", "--model", tiny_folder, "--out", out)
        assert (done.code, done.out) == (0, "")
    dataset = read_dataset(out)
    users, movies = dataset.ratings.users, dataset.ratings.movies
    rows = dataset.ratings.interactions()
    given = zip(users.at(rows.users), movies.at(rows.movies), rows.stars.tolist(), strict=True)
    assert {(user, movie): stars for user, movie, stars in given} == {
        ("8", 1): 3.0, ("9", 1196): 4.0, ("9", 2571): 4.5, ("alice", 296): 4.5, ("alice", 9001): 3.5,
    }  # fmt: skip
    assert dataset.catalogue[9001] == Movie(9001, 'Tomorrow, "Zebra" (2026)', ("Drama", "Sci-Fi"), 99999, None)
    assert dataset.ratings.times is not None
    assert sorted({*dataset.ratings.times.tolist()}) == [0, 86_400_000_000]
    assert reelwise("train", "--data", out, "--out", "model", "--no-evaluate", "--factors", 2, "--epochs", 1).code == 0
    model = Model.load(Path("model"))
    assert "alice" in model.users
    assert {7, "7"}.isdisjoint(model.users)


@pytest.mark.usefixtures("store")
def test_an_export_says_who_and_where_and_keeps_off_other_films(reelwise: CommandLine, tiny_folder: Path) -> None:
    export = ["users", "export", "--model", tiny_folder]
    assert "name a user, or add --all" in reelwise.refusal(*export)
    assert "name a user, or add --all" in reelwise.refusal(*export, "alice", "--all")
    assert "--out FILE" in reelwise.refusal(*export, "--all")
    assert ".parquet" in reelwise.refusal(*export, "--all", "--out", "ratings.txt")
    assert "write .parquet" in reelwise.refusal(*export, "--all", "--out", "ratings.csv")
    Path("movies.csv").write_text("movieId,title\n1,Of Others\n")
    assert "films of other data" in reelwise.refusal(*export, "--all", "--out", "ratings.csv")
    assert not Path("ratings.csv").exists()


@pytest.mark.usefixtures("store")
def test_nobody_is_erased_without_being_asked_for(
    reelwise: CommandLine, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    asked = reelwise("users", "erase", "7", "--model", tiny_folder)
    assert (asked.code, "--yes skips this question" in asked.out + asked.err) == (1, True)
    assert reelwise("users", "show", "7", "--model", tiny_folder).code == 0


@pytest.mark.usefixtures("store")
def test_who_was_erased_gets_no_history_by_preprocess(reelwise: CommandLine, tiny_folder: Path) -> None:
    assert reelwise("users", "erase", "7", "--yes", "--model", tiny_folder).code == 0
    Path("new.csv").write_text("userId,movieId,rating\n8,296,5\n7,296,4\n")
    assert reelwise("preprocess", "--model", tiny_folder, "--ratings", "new.csv").code == 0
    histories = Model.load(tiny_folder).histories
    assert histories is not None
    assert histories.by_user.counts().tolist() == [0, 1, 0]


def test_without_a_store_it_says_how_to_name_one(reelwise: CommandLine, tiny_folder: Path) -> None:
    assert "--store" in reelwise.refusal("users", "show", "7", "--model", tiny_folder)
    assert "sqlite:///" in reelwise.refusal("users", "show", "7", "--model", tiny_folder, "--store", "live.db")


@pytest.mark.usefixtures("store")
def test_training_leaves_out_the_erased_whom_the_ratings_still_have(
    reelwise: CommandLine, ratings_folder: Path
) -> None:
    data: list[object] = ["--data", ratings_folder, "--out", "model"]
    anew = [*data, "--no-evaluate", "--factors", "2", "--epochs", "1"]
    assert reelwise("train", *anew).code == 0
    before = Model.load(Path("model"))
    erased = before.users[3]
    assert reelwise("users", "erase", str(erased), "--yes", "--model", "model").code == 0
    for arguments in (anew, [*data, "--from", "model"]):
        outcome = reelwise("train", *arguments)
        assert "Left out 1 users who were erased" in outcome.err + outcome.out
        model = Model.load(Path("model"))
        assert erased not in model.users
        assert len(model.users) == len(before.users) - 1 == len(model.rating.P)
        assert model.histories is not None
        assert len(model.histories.by_user) == len(model.users)


def test_quickstart_leaves_out_who_was_erased_from_its_own_store(
    reelwise: CommandLine, ratings_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelwise.serving.run.server.serve_model", lambda _: None)
    anew = ("quickstart", "--data", ratings_folder, "--port", 0)
    assert reelwise(*anew).code == 0
    erased = Model.load(Path("model")).users[3]
    assert reelwise("users", "erase", erased, "--yes", "--store", quickstart.STORE).code == 0
    assert "Left out 1 users who were erased" in reelwise(*anew).err
    assert erased not in Model.load(Path("model")).users


def test_a_store_that_is_not_there_is_told_and_not_made(
    reelwise: CommandLine, ratings_folder: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELWISE_STORE", "sqlite:///typo.db")
    for command in (
        ("train", "--out", "new", "--data", ratings_folder, "--no-evaluate"),
        ("preprocess", "--model", tiny_folder, "--ratings", ratings_folder),
    ):
        done = reelwise(*command)
        assert done.code == 0
        assert "typo.db yet, so that nobody is left out" in done.err
    assert not Path("typo.db").exists()


def test_a_wrong_address_of_a_store_is_told_before_ratings_are_read(
    reelwise: CommandLine, ratings_folder: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELWISE_STORE", "typo")
    for command in (
        ("train", "--out", "new", "--data", ratings_folder),
        ("train", "--out", "new", "--from", tiny_folder, "--data", ratings_folder),
        ("preprocess", "--model", tiny_folder, "--ratings", ratings_folder),
    ):
        refused = reelwise.refusal(*command)
        assert "this is not the address of a live store" in refused
        assert "Read " not in refused


def test_quickstart_has_a_store(reelwise: CommandLine, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from reelwise.serving.run import server

    served: list[Settings] = []
    monkeypatch.setattr(server, "serve_model", served.append)
    assert reelwise("quickstart", "--out", tiny_folder, "--port", "0").code == 0
    monkeypatch.setenv("REELWISE_STORE", ADDRESS)
    assert reelwise("quickstart", "--out", tiny_folder, "--port", "0").code == 0
    assert [settings.store.get_secret_value() for settings in served] == [quickstart.STORE, ADDRESS]


@pytest.mark.usefixtures("versions_known")
def test_the_doctor_looks_at_the_store(
    reelwise: CommandLine, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELWISE_STORE", "sqlite:///not-there/live.db")
    findings = json.loads(reelwise("doctor", "--json", "--model", tiny_folder).out)
    (found,) = [finding for finding in findings if finding["area"] == "live store"]
    assert (found["state"], "unable to open" in found["what"], bool(found["fix"])) == ("bad", True, True)
    Path("not-there").mkdir()
    findings = json.loads(reelwise("doctor", "--json", "--model", tiny_folder).out)
    assert [finding["state"] for finding in findings if finding["area"] == "live store"] == ["good"]


@pytest.mark.parametrize(
    "command",
    [("users", "erase", "7", "--yes"), ("users", "show", "7"), ("users", "export", "--all", "--out", "x/r.csv"),
     ("update",), ("rollback",)],
)  # fmt: skip
def test_a_store_that_is_not_there_is_refused_and_not_made(
    reelwise: CommandLine, tiny_folder: Path, command: tuple[str, ...]
) -> None:
    refused = reelwise.refusal(*command, "--model", tiny_folder, "--store", "sqlite:///typo.db")
    assert "typo.db: there is no such live store" in refused
    assert not Path("typo.db").exists()
