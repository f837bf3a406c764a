"""The recommender for Python: a trained model, ready to answer."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from reelwise.artifacts.folder import read_model
from reelwise.artifacts.model import Description, Model
from reelwise.data.vocabulary import Id
from reelwise.errors import ModelError, UsageError
from reelwise.recommend.choices import RankBy, Strategy
from reelwise.recommend.filters import Filters
from reelwise.recommend.resolve import MovieRef
from reelwise.recommend.results import Film, Match, RatedFilm, Recommendations
from reelwise.recommend.service import Request, Service
from reelwise.remote.addresses import is_folder, obtain_folder


class Recommender:
    """Answers from one model. Safe to share between threads: nothing in it changes.

    Example:
        >>> recommender = Recommender.load("model")
        >>> recommender.recommend(movies=["Alien", "Heat"])
        >>> recommender.similar("Alien")
    """

    def __init__(self, model: Model) -> None:
        self.service, self._address = Service(model), ""

    @classmethod
    def load(cls, model: Path | str) -> Self:
        """The recommender of a model: a folder, or an address such as `hf://owner/repo`, from where it is fetched.

        Raises:
            ModelError: Raised when the model is missing or invalid; it names file and fault.
            DownloadError: Raised when it cannot be fetched.
        """
        address = str(model)
        recommender = cls(read_model(obtain_folder(address)))
        recommender._address = str(Path(address).resolve()) if is_folder(address) else address
        return recommender

    def __repr__(self) -> str:
        return f"Recommender({self.model!r})"

    def __copy__(self) -> Self:
        return self  # nothing in it changes

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: by where its model is, and by the revision that must be there when it is unpickled."""
        if not self._address:
            raise UsageError(
                "this recommender's model is in memory alone, so that a pickle could not find it; write it with "
                "model.save(path), and take Recommender.load(path)"
            )
        return _load_again, (type(self), self._address, self.description.revision)

    @property
    def model(self) -> Model:
        """The model."""
        return self.service.model

    @property
    def description(self) -> Description:
        """What the model is: revision, data set, counts, when it was trained."""
        return self.model.description

    def recommend(
        self,
        user: Id | None = None,
        *,
        movies: Iterable[MovieRef] = (),
        stars: Mapping[Id, float] | None = None,
        disliked: Iterable[MovieRef] = (),
        exclude: Iterable[Id] = (),
        strategy: Strategy | None = None,
        rank_by: RankBy | None = None,
        filters: Filters | None = None,
        n: int | None = None,
        explained: bool = True,
    ) -> Recommendations:
        """Recommend to a known user, or to somebody who names films.

        The arguments are those of `reelwise.recommend.service.Request`; `n` is short for `Filters(n=n)`.

        Raises:
            UnknownUser: Raised when the model does not know the user.
            UnknownMovies: Raised when none of the films named is in the data set, or nothing is called like a title.
            UsageError: Raised when neither a user nor a film is named, or both; a value is invalid; or the model cannot
                do what is asked.
        """
        filters = filters or Filters()
        return self.service.recommend(
            Request(
                user=user,
                movies=_listed("movies", movies),
                stars=stars or {},
                disliked=_listed("disliked", disliked),
                exclude=_listed("exclude", exclude),
                strategy=strategy,
                rank_by=rank_by,
                filters=filters if n is None else filters._replace(n=n),
                explained=explained,
            )
        )

    def popular(
        self, *, exclude: Iterable[Id] = (), rank_by: RankBy | None = None, filters: Filters | None = None
    ) -> Recommendations:
        """What most people like, or without a ranking model what they give most stars."""
        return self.service.popular(
            Request(exclude=_listed("exclude", exclude), rank_by=rank_by, filters=filters or Filters())
        )

    def match(self, movies: Iterable[MovieRef]) -> Match:
        """The user who rated most of these movies; see `Service.match`."""
        return self.service.match(_listed("movies", movies))

    def similar(self, movie: MovieRef, n: int = 10) -> Recommendations:
        """Films that the same people like; see `Service.similar`."""
        return self.service.similar(movie, n)

    def history(self, user: Id, limit: int | None = None) -> list[RatedFilm]:
        """What a user rated, with the stars, most stars first; see `Service.history`."""
        return self.service.history(user, limit)

    def search(self, text: str, limit: int = 10) -> list[Film]:
        """The films whose titles fit `text`, best first; forgives typing errors, accents and a missing article."""
        return self.service.search(text, limit)

    def starter(self, n: int = 24) -> list[Film]:
        """Well-known films of every kind to start picking from, the best known first."""
        return self.service.starter(n)


def _load_again(kind: type[Recommender], address: str, revision: str) -> Recommender:
    """The recommender that was pickled.

    Raises:
        ModelError: Raised when another model is there now, or none.
    """
    recommender = kind.load(address)
    if recommender.description.revision != revision:
        raise ModelError(
            f"{address}: this recommender was pickled with revision {revision} of the model, and now revision "
            f"{recommender.description.revision} is there; load it instead of unpickling"
        )
    return recommender


def _listed(name: str, values: Iterable[Any]) -> list[Any]:
    """The values as a list, whole numbers of NumPy's as Python's own.

    Raises:
        UsageError: Raised when it is a single string, whose letters would be taken for values.
    """
    if isinstance(values, str | bytes):
        raise UsageError(f"{name} is the text {values!r}; expected a list, such as [{values!r}]")
    return [value.item() if hasattr(value, "item") else value for value in values]
