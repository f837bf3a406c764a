"""Reading pickles without executing anything."""

from reelwise.legacy.unpickling.machine import read_pickle

__all__ = ["read_pickle"]
