"""The users of the model and of the live store, and their feedback."""
