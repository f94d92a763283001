"""A piece of work as data: the run, its events and effects, what a model is told."""
