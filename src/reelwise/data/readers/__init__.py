"""Ratings and films in files, in whatever layout they come."""
