"""From a trained model to answers: who is asked for, which films, in which order, and why."""
