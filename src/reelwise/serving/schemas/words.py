"""The words of requests and answers. Each list of them has a name in the OpenAPI document, and so in clients, too."""

from typing import Literal

from typing_extensions import TypeAliasType

from reelwise.exports import history
from reelwise.live import events
from reelwise.recommend import choices

CountsAs = TypeAliasType("CountsAs", choices.CountsAs)
EventType = TypeAliasType("EventType", events.EventType)
FoundBy = TypeAliasType("FoundBy", choices.FoundBy)
NewFilms = TypeAliasType("NewFilms", choices.NewFilms)
PosterWidth = TypeAliasType("PosterWidth", Literal["w185", "w342", "w500"])
RankBy = TypeAliasType("RankBy", choices.RankBy)
RowForm = TypeAliasType("RowForm", history.Form)
RowKind = TypeAliasType("RowKind", history.Kind)
Source = TypeAliasType("Source", Literal["blend", "history", "known user", "new", "popular", "profile"])
StoreState = TypeAliasType("StoreState", Literal["OK", "unavailable"])
Strategy = TypeAliasType("Strategy", choices.Strategy)
