"""Commands about what users told: who they are, and updating the model from it."""
