"""Folding histories of any length into both models, without training them again."""
