"""The files of an early project, read, written and refreshed."""
