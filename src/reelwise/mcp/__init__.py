"""Tools for assistants, by the Model Context Protocol; they only read."""
