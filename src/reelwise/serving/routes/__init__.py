"""The paths, by topic."""
