"""From a data set to a model, and from a model to a newer one."""
