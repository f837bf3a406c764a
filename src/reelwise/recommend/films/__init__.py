"""Films that the models have not learnt: those that came since, and those that nobody rated."""
