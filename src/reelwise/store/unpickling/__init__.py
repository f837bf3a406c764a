"""Reading pickles without executing anything."""

from reelwise.store.unpickling.machine import read_pickle

__all__ = ["read_pickle"]
