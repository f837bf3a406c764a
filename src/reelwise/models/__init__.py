"""The factorisations: arrays in, factors out. Nothing here knows ids, files or HTTP."""
