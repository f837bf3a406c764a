"""Updating a model from what users told: when, with what, measured beside the old one, promoted, taken back."""
