"""Single values as film sites write them: moments, numbers, words."""
