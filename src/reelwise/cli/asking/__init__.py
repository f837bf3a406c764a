"""Commands that ask a model: recommend, match, predict."""
