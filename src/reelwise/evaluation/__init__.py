"""How good the recommendations are: protocols, metrics and the baselines to beat. Arrays in, figures out."""
