"""Ratings and models so small that their answers are known."""
