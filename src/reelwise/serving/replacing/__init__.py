"""Replacing the model while the server answers from the old one."""
