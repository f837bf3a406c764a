"""The built-in sample: real films and simulated viewers, for a first look without a network.

The films (`films.csv`) are facts written by hand; the viewers come out of a seeded generator and represent no one.
Everything served from this sample must be marked as simulated.
"""
