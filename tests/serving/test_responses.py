from pydantic import TypeAdapter

from reelwise.serving.responses import films_response
from reelwise.serving.schemas.fixed import RecommendedMovie
from support.models.tiny_recommender import tiny_recommender


def test_the_answer_is_what_the_schema_declares() -> None:
    declared = TypeAdapter(list[RecommendedMovie])
    films = [*tiny_recommender().recommend(8)]
    for some in (films, []):
        content = bytes(films_response(some).body)
        assert content == declared.dump_json(declared.validate_python(some, from_attributes=True), by_alias=True)
