"""Files of ratings, exports and models, made up or real."""
