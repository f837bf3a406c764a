"""Reelwise recommends films by matrix factorisation."""

__version__ = "0.1.0"
