"""Measuring fitted models by ids: on ratings held out, or on people held out whole."""
