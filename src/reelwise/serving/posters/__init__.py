"""Posters and details from TMDB, through this server: only if it has a key, fetched once and kept for a while."""

from typing import TYPE_CHECKING

from reelwise.serving.posters.routes import ATTRIBUTION, router

if TYPE_CHECKING:
    from reelwise.serving.posters.tmdb import Posters
    from reelwise.settings import Settings

__all__ = ["ATTRIBUTION", "open_posters", "router"]


def open_posters(settings: "Settings") -> "Posters | None":
    """The posters of a server; None if it has no key, and so needs no client."""
    key = settings.tmdb_api_key.get_secret_value().strip()
    if not key:
        return None
    from reelwise.serving.posters.tmdb import Posters

    return Posters(key)
