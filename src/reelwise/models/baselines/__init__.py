"""The models to beat: simple, well known, and each in its textbook form."""
