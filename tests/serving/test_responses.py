from collections.abc import Sequence

from pydantic import TypeAdapter

from reelwise.recommend.results import Recommendation
from reelwise.serving.responses import films_response
from reelwise.serving.schemas.fixed import RecommendedMovie
from support.tiny_recommender import tiny_recommender


def test_the_answer_is_what_the_schema_declares() -> None:
    declared = TypeAdapter(list[RecommendedMovie])
    films: Sequence[Recommendation]
    for films in ([], tiny_recommender().recommend(8)):
        content = bytes(films_response(films).body)
        assert content == declared.dump_json(declared.validate_python(list(films), from_attributes=True), by_alias=True)
