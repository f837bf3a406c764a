"""Files that are safe to read and never half written: plain arrays, JSON, and atomic replacement."""
