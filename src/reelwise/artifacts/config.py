"""`config.json` of a model folder: what the model is and how it came to be."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from reelwise.data.interactions import LARGEST_STARS, RatingScale
from reelwise.errors import ModelError
from reelwise.models.config import BlendConfig, MatrixFactorizationConfig, WeightedALSConfig
from reelwise.models.fold_in.config import FoldInConfig
from reelwise.models.rating.uncertainty import Coefficients
from reelwise.storage.json_files import read_json, validate

FORMAT_VERSION: Literal[2] = 2
_MOST_SHOWN = 100  # characters of a wrong value

Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Exponent = Annotated[float, Field(ge=-50, le=50)]
Number = Annotated[int, Field(ge=0, le=2**63 - 1)]
RowCount = Annotated[int, Field(gt=0, le=2**31 - 1)]  # rows are int32


class Part(BaseModel):
    """A part of what JSON files hold: frozen, and all numbers finite."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class DataSource(Part):
    """Where ratings came from.

    Attributes:
        name: what the data set is called.
        sha256: that of the ratings file.
        movielens: whether the ratings are one of GroupLens' MovieLens data sets, whose terms hold.
        simulated: whether the viewers are simulated.
        implicit: whether it was only known who watched or liked what; then no stars are predicted.
    """

    name: Text
    sha256: Text
    movielens: bool = False
    simulated: bool = False
    implicit: bool = False


class ModelCounts(Part):
    """How many there are: users, movies with and without ratings, movies with some, ratings, and profiles."""

    users: RowCount
    movies: RowCount
    rated_movies: RowCount
    ratings: Number
    profiles: Number = 0


class RatingModelInfo(Part):
    """How the rating model was made.

    Attributes:
        engine: what fitted it: this package's own SGD, Apache Spark, or an early project that it was imported from.
        hyperparameters: of the SGD; None for other engines.
        spark: hyper-parameters on Spark.
        epochs_run: how many epochs it was fitted for; None where that was not recorded.
        coefficients: how the standard deviation of errors follows from residuals; None where that was not measured.
    """

    engine: Literal["sgd", "spark", "legacy"] = "sgd"
    hyperparameters: MatrixFactorizationConfig | None = None
    spark: Annotated[dict[Text, Finite], Field(max_length=50)] = {}
    epochs_run: Number | None = None
    coefficients: Coefficients | None = None

    def describe(self) -> str:
        """The engine and its hyper-parameters in one line."""
        values = {**(vars(self.hyperparameters) if self.hyperparameters else {}), **self.spark}
        return ", ".join([self.engine, *(f"{name} {value:g}" for name, value in values.items() if value is not None)])


class RankingModelInfo(Part):
    """How the ranking model was made, how newcomers are blended with it, and how lists are balanced by default.

    `balance` is 0 to 1, from well-known films to hidden ones; 0 where nothing was measured to choose it by.
    """

    hyperparameters: WeightedALSConfig
    blend: BlendConfig
    iterations_run: Number | None = None
    balance: Annotated[float, Field(ge=0, le=1)] = 0.0


class FoldInUncertaintyInfo(Part):
    """How sure predicted stars are for people who are folded in; see `reelwise.models.fold_in.uncertainty`.

    Attributes:
        coefficients: b0, b1 and b2.
        noise: the variance of the errors for users the model knows, on normalised stars.
    """

    coefficients: tuple[Exponent, Exponent, Exponent]
    noise: Annotated[float, Field(gt=0, le=LARGEST_STARS**2)]


class FoldInInfo(Part):
    """How people who bring a history are folded in, and how sure their predicted stars are.

    Attributes:
        settings: how they are folded in.
        uncertainty: how sure predicted stars are; None where that was not measured.
    """

    settings: FoldInConfig
    uncertainty: FoldInUncertaintyInfo | None = None


class PopularInfo(Part):
    """The films shown to a newcomer, where what was popular lately suits newcomers best.

    Attributes:
        model: the baseline that says what was popular.
        hyperparameters: its own.
    """

    model: Literal["popular-lately", "popular-decayed"]
    hyperparameters: Annotated[dict[Text, Finite], Field(max_length=10)]

    def describe(self) -> str:
        """The baseline and its hyper-parameters in a few words."""
        return ", ".join([self.model, *(f"{name} {value:g}" for name, value in self.hyperparameters.items())])


class Config(Part):
    """The content of `config.json`.

    Attributes:
        dataset: what the models were fitted to.
        histories: where the histories came from; None where they were left out.
        fold_in: how histories are folded in; None where that was not measured, and the defaults hold.
        popular: what newcomers are shown; None where that follows from the ranking model.
        updated_from: the revision of the model that this one was updated from, if it was.
        ratings_since: how many ratings updates have taken in since it was trained from scratch.
        sha256: the digest of each file beside it that is checked.
    """

    format_version: Literal[2] = FORMAT_VERSION
    reelwise_version: Text
    dataset: DataSource
    histories: DataSource | None
    counts: ModelCounts
    rating_scale: tuple[Finite, Finite]
    rating_model: RatingModelInfo
    ranking_model: RankingModelInfo | None = None
    fold_in: FoldInInfo | None = None
    popular: PopularInfo | None = None
    seed: Number
    trained_at: Text
    updated_from: Text | None = None
    ratings_since: Number = 0
    sha256: Annotated[dict[Text, Sha256], Field(max_length=200)] = {}

    @property
    def scale(self) -> RatingScale:
        """The rating scale."""
        return RatingScale(*self.rating_scale)

    @model_validator(mode="after")
    def _can_recommend(self) -> Self:
        low, high = self.rating_scale
        if not -LARGEST_STARS < low < high < LARGEST_STARS:
            raise ValueError(f"{low:g} to {high:g} is not a rating scale")
        if self.dataset.implicit and self.ranking_model is None:
            raise ValueError("implicit feedback without a ranking model leaves nothing to order films by")
        return self


def read_config(path: Path) -> Config:
    """Read and check `config.json`.

    Raises:
        ModelError: Raised when it is missing or invalid; it names the file and what is wrong.
    """
    content = read_json(path)
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        is_newer = isinstance(version, int) and version > FORMAT_VERSION
        remedy = "install a newer Reelwise" if is_newer else "train the model again"
        shown = repr(version)[:_MOST_SHOWN]
        raise ModelError(f"{path}: format_version is {shown}, but this Reelwise reads {FORMAT_VERSION}; {remedy}")
    return validate(Config, path, content)
