"""Files in, immutable arrays out."""
