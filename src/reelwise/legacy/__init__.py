"""The files of an early project, imported and exported."""
