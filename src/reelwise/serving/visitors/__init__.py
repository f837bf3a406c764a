"""Visitors whom a site vouches for: their notebooks are kept in the live store instead of on their devices."""

from reelwise.serving.visitors.routes import router
from reelwise.serving.visitors.tokens import Visitors

__all__ = ["Visitors", "router"]
