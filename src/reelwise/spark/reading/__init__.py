"""Ratings and films from wherever Spark can read, by the local reader's own functions."""
