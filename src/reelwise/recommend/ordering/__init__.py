"""The order in which films are shown."""
