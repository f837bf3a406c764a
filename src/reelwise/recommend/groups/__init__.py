"""Recommending to several people at once: who they are, and what is said of each film to each."""
