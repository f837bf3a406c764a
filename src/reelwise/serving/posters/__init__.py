"""Posters from TMDB, through this server: only if it has a key, and each fetched once and kept for a month."""

from reelwise.serving.posters.routes import router
from reelwise.serving.posters.tmdb import ATTRIBUTION, Posters

__all__ = ["ATTRIBUTION", "Posters", "router"]
