"""The tools as assistants call them, through the SDK's own client, in memory. In the tiny model 296 is crime."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from reelwise.errors import ModelNotReady
from reelwise.recommend.service import Service
from support.files.exports import RATINGS
from support.models.tiny_recommender import tiny_model_without_stars, tiny_recommender

if TYPE_CHECKING:  # the SDK takes a second, of every process that collects tests
    from mcp.types import CallToolResult

TINY = tiny_recommender().service


def call(tool: str, service: Callable[[], Service] = lambda: TINY, **arguments: Any) -> "CallToolResult":
    from mcp import Client

    from reelwise.mcp.server import build_server

    async def ask() -> "CallToolResult":
        async with Client(build_server(service), raise_exceptions=True) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(ask)


def answer(tool: str, **arguments: Any) -> Any:
    """The structured answer, which the client has held against the tool's own schema."""
    called = call(tool, **arguments)
    assert not called.is_error, text_of(called)
    return called.structured_content


def text_of(called: "CallToolResult") -> str:
    (content,) = called.content
    assert content.type == "text"
    return content.text


def test_every_tool_says_what_it_is_for_and_that_it_only_reads() -> None:
    from mcp import Client

    from reelwise.mcp.server import TITLES, build_server

    async def list_them() -> None:
        async with Client(build_server(lambda: TINY)) as client:
            tools = (await client.list_tools()).tools
            assert [tool.name for tool in tools] == [*TITLES]
            for tool in tools:
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint
                assert tool.title
                assert tool.description
                assert tool.output_schema
                assert tool.input_schema["additionalProperties"] is False
            assert client.instructions
            assert "only\nread" in client.instructions

    anyio.run(list_them)


def test_find_a_film() -> None:
    assert [film["id"] for film in answer("find_film", title="matirx")["films"]] == [2571]
    assert text_of(call("find_film", title="matrix")).startswith("Matrix, The (1999) [id 2571]: Action, Sci-Fi; rated")
    assert text_of(call("find_film", title="qqqqqq")) == "No film is called anything like that."


def test_recommend_by_likes_dislikes_and_stars() -> None:
    found = answer("recommend_films", liked=["Pulp Fiction"], number=2)
    assert [film["id"] for film in found["films"]] == [593, 1]
    assert found["films"][0]["because_of"] == ["Pulp Fiction (1994)"]
    assert found["notes"] == ["Pulp Fiction matched Pulp Fiction (1994)"]
    first, *_ = text_of(call("recommend_films", liked=[296], number=1)).splitlines()
    assert first == (
        "1. Silence of the Lambs, The (1991) [id 593]: 4.00 ± 0.67 stars expected; because of Pulp Fiction (1994)"
    )
    by_stars = answer("recommend_films", stars={"The Matrix": 5, "Pulp Fiction": 1}, number=1)
    assert by_stars["films"][0]["id"] == 1196
    disliked = answer("recommend_films", liked=[2571], disliked=[296], leave_out=["Empire Strikes Back"])
    assert {film["id"] for film in disliked["films"]}.isdisjoint({296, 1196, 2571})


def test_filters_in_words_reach() -> None:
    assert [film["id"] for film in answer("recommend_films", year_max=1990)["films"]] == [1196]
    crime = answer("recommend_films", genres=["crime"], without_genres=["Drama"], balance=1)["films"]
    assert [film["id"] for film in crime] == [593]
    assert "No film matches the filters" in text_of(call("recommend_films", year_min=2020))


def test_explain() -> None:
    told = answer("explain_recommendation", film="silence of the lambs", liked=[296])
    assert told["place"] == 1
    assert told["shares"][0]["title"] == "Pulp Fiction (1994)"
    assert 0 < told["shares"][0]["share"] < 1
    assert "it is number 1." in text_of(call("explain_recommendation", film=593, liked=[296]))
    refused = call("explain_recommendation", film=296, liked=[296])
    assert refused.is_error
    assert "296 cannot be explained: it is among the films that were named" in text_of(refused)


def test_together() -> None:
    people = [{"name": "Ann", "liked": ["Pulp Fiction"]}, {"name": "Bo", "stars": {"The Matrix": 5}}]
    found = answer("recommend_together", people=people, number=1)
    (film,) = found["films"]
    assert [one["name"] for one in film["people"]] == ["Ann", "Bo"]
    assert film["people"][0]["because_of"] == "Pulp Fiction (1994)"
    assert "Ann: Pulp Fiction matched Pulp Fiction (1994)" in found["notes"]
    assert not answer("recommend_together", people=people, nobody_below=5)["films"]
    assert "Bo: name either a user" in text_of(call("recommend_together", people=[people[0], {"name": "Bo"}]))


def test_about_a_film() -> None:
    told = answer("about_film", film="pulp fiction", number=1)
    assert told["film"]["id"] == 296
    assert told["links"] == ["https://www.themoviedb.org/movie/680"]
    assert [film["id"] for film in told["similar"]] == [1]
    assert "The same people like:\nToy Story (1995) [id 1]" in text_of(call("about_film", film=296, number=1))


def test_a_history_is_read_from_text() -> None:
    told = answer("read_history", text=RATINGS, file_name="ratings.csv", number=2)
    assert told["source"] == "letterboxd"
    assert told["best"][0]["stars"] == max(film["stars"] for film in told["best"])
    assert len(told["suggestions"]) == 2
    assert {film["id"] for film in told["suggestions"]}.isdisjoint(film["id"] for film in told["best"])
    watched = call("read_history", text="Date,Name,Year,Letterboxd URI\n2024-01-02,Toy Story,1995,https://boxd.it/a\n")
    assert "Recommended" not in text_of(watched)
    assert "this file is not recognised" in text_of(call("read_history", text="Hello."))


def test_a_model_without_stars_has_none_to_tell() -> None:
    silent = Service(tiny_model_without_stars())
    told = call("recommend_films", lambda: silent, liked=[296], number=1)
    assert "stars" not in text_of(told)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("recommend_films", {"liked": ["Toy Stury Ninety"]}, "did you mean Toy Story (1995)?"),
        ("recommend_films", {"liked": [True, None]}, "liked.1"),
        ("recommend_films", {"number": 99}, "less than or equal to 50"),
        ("recommend_films", {"genre": ["Crime"]}, "Extra inputs are not permitted"),
        ("recommend_films", {"genres": ["Noir"]}, "no film has the genre 'noir'; choose one of"),
        ("recommend_films", {"liked": [1], "disliked": [1]}, "both as liked and as disliked"),
        ("recommend_films", {"stars": {"Toy Story": 9}}, "the rating scale is 0.5 to 5"),
        ("recommend_together", {"people": [{"name": "Ann", "liked": [1]}]}, "at least 2"),
        ("about_film", {"film": 424242}, "movie 424242 is not in the data set"),
        ("find_film", {}, "Field required"),
    ],
)
def test_what_cannot_be_meant_is_told(tool: str, arguments: dict[str, Any], message: str) -> None:
    called = call(tool, **arguments)
    assert called.is_error
    assert called.structured_content is None
    assert message in text_of(called)


def test_without_a_model_it_is_told_why() -> None:
    def service() -> Service:
        raise ModelNotReady("no model is loaded; train one with `reelwise train`")

    called = call("find_film", service, title="heat")
    assert called.is_error
    assert text_of(called).endswith("no model is loaded; train one with `reelwise train`")
