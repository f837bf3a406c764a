"""Servers of others, on loopback."""
