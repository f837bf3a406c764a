"""Knowledge of films beyond what the model has learnt."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from reelwise.artifacts.model import Model
from reelwise.data.likes import least_like
from reelwise.recommend.films.lately import Lately
from reelwise.recommend.films.titles import AllTitles
from reelwise.recommend.films.unlearnt import Unlearnt
from reelwise.recommend.naming.title_search import TitleSearch
from reelwise.recommend.users.matching import Matcher

if TYPE_CHECKING:
    from reelwise.live.store import Store


@dataclass(frozen=True)
class Since:
    """Knowledge of films beyond what the model has learnt.

    Attributes:
        films: those that it has not learnt.
        titles: rows and titles of films that came, or are called otherwise, since.
        indexed: how many films there are in the model's own title index.
        matcher: of the model's users, where there is one already.
        lately: what people of the live store liked lately; None without one.
    """

    films: Unlearnt
    titles: tuple[tuple[int, str], ...]
    indexed: int
    matcher: Matcher | None = None
    lately: Lately | None = None

    @classmethod
    def nothing(cls, model: Model, store: "Store | None" = None) -> Self:
        """That no film came since the model was trained."""
        lately = None if store is None else Lately(store, least_like(model.scale))
        return cls(Unlearnt.of(model), (), len(model.catalogue), lately=lately)

    def open_titles(self, path: Path) -> TitleSearch:
        """The search in the titles of all films, those in the model's own index and the others."""
        if not self.titles and not len(self.films.gone):
            return TitleSearch(path, self.indexed)
        return AllTitles(path, self.indexed, self.titles, self.films.gone.tolist())
