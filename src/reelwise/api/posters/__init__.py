"""Posters from TMDB, through this server: only if it has a key, and each fetched once and kept for a month."""

from reelwise.api.posters.routes import router
from reelwise.api.posters.tmdb import ATTRIBUTION, Posters

__all__ = ["ATTRIBUTION", "Posters", "router"]
