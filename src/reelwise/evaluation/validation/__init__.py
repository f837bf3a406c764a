"""What training measures, and chooses, on ratings and people held out."""
