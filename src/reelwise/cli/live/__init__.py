"""Commands around the live store: its users, and updates of the model."""
