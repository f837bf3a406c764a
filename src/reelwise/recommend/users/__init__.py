"""The users: whom the model knows, whom the live store has heard of, and what they tell."""
