"""The least that FastAPI can do: ten films through their response model, without middleware and without a model.

`benchmarks/serving.py` serves it beside Reelwise, to see what a request costs at the least.
"""

from fastapi import FastAPI

from reelwise.serving.schemas.fixed import RecommendedMovie

FILM = {"movie_id": 1214, "title": "Alien (1979)", "predicted_stars": 4.5, "tmdb_id": 348}
TEN_FILMS = [RecommendedMovie.model_validate(FILM)] * 10

app = FastAPI()


@app.get("/constant")
async def constant() -> list[RecommendedMovie]:
    """Ten films."""
    return TEN_FILMS
