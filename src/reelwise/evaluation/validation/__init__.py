"""Measuring and choosing, in training, on ratings and people held out."""
