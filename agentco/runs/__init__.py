"""A piece of work as data: the run, its events and effects, what a model is told."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
