"""The files that people export from film sites, read as rows; without a model or a catalogue."""
